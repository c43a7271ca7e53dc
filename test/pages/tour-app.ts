/** Pages that only the whole app has, for the tour: one world, each page prepared as the walk prepares it. */
import type { Browser, Page } from 'playwright-core'
import { allUses } from '../slices/uses/all.ts'
import { makeWalk, type UserRole } from '../slices/uses/walk.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { openWindow } from '../support/pages.ts'
import { pingAt } from '../support/ride-steps.ts'

/** By the name of the picture: the route, in the order of the tour. What needs a ride under way comes last. */
const PAGES = {
  'account-profile': '/account/profile',
  'account-security': '/account/security',
  'account-devices': '/account/devices',
  'account-notifications': '/account/notifications',
  'account-privacy': '/account/privacy',
  'account-places': '/account/places',
  'office-start': '/admin',
  'office-people': '/admin/people',
  'office-person': '/admin/people/:id',
  'office-company': '/admin/companies/:id',
  'office-hours': '/admin/regions/:id/duty',
  'office-busy': '/admin/regions/:id/surge',
  'office-fleet': '/admin/fleet',
  'office-car': '/admin/vehicles/:id',
  'office-zones': '/admin/zones',
  'office-zone': '/admin/zones/:id',
  'office-prices': '/admin/tariffs',
  'office-price-draft': '/admin/regions/:id/tariffs/:class',
  'office-price-preview': '/admin/regions/:id/tariffs/:class/preview',
  'office-audit': '/admin/audit',
  'office-licences': '/admin/licences',
  'office-licence': '/admin/licences/:id',
  'licence-driver': '/driver/licence',
  'case-report': '/rides/:id/cases/:kind',
  'safety-rider': '/rides/:id/safety',
  'share-link': '/s/:token',
} as const
type Name = keyof typeof PAGES

export interface Shot {
  readonly name: string
  readonly page: Page
}

async function drive(world: AppWorld): Promise<void> {
  await world.canal.driver.client.done('POST', '/api/v1/positions', { pings: [pingAt(world)] })
}

/** The names of the chapter. */
export const APP_PAGES = Object.keys(PAGES) as readonly Name[]

/**
 * Start the app and prepare the pages that `wanted` names.
 * @returns `shoot` opens each of them in a window of that size and look; `stop` in the end
 */
export async function serveApp(wanted: (name: string) => boolean) {
  const world = await startApp({ running: false, passwords: true, places: true })
  const uses = await allUses(await makeWalk(world))
  const prepared: { readonly name: Name; readonly path: string; readonly by: UserRole | null }[] = []
  for (const name of APP_PAGES.filter(wanted)) {
    const { path, by = 'rider' } = await uses[`GET ${PAGES[name]}`]!()
    prepared.push({ name, path, by: name === 'share-link' ? null : by })
  }
  return {
    async shoot(
      browser: Browser,
      how: { readonly width: number; readonly height: number; readonly look: 'light' | 'dark' },
      take: (shot: Shot) => Promise<void>,
    ): Promise<void> {
      const { width, height, look } = how
      for (const [by, pages] of Map.groupBy(prepared, (one) => one.by)) {
        const person = by === null ? null : by === 'platform' ? world.platform : world.canal[by]
        const window = await openWindow(browser, world, person, {
          viewport: { width, height },
          reducedMotion: 'reduce',
        })
        await window.page.emulateMedia({ colorScheme: look })
        for (const { name, path } of pages) {
          // Who follows a ride sees a car that is heard.
          if (name === 'share-link') await drive(world)
          await window.go(path)
          await take({ name, page: window.page })
        }
        await window.context.close()
      }
    },
    stop: () => world.stop(),
  }
}
