/**
 * Every page there is, walked by machine: each GET route of the permission table is opened by who uses it, in a company
 * whose people, cars and places have the longest names, and in one that has nothing yet. A new route is walked because
 * it is in the table.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { PERMISSIONS, type Permission } from '../../src/web/permissions.ts'
import { allUses } from '../slices/uses/all.ts'
import { makeWalk, type Use, type UserRole, type Uses } from '../slices/uses/walk.ts'
import { type AppWorld, type Crew, type Person, startApp } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { axeFaults, deadControls, sidewaysFaults } from '../support/page-checks.ts'
import { openWindow, PHONE, type Window } from '../support/pages.ts'
import { describeWith } from '../support/servers.ts'

/** GET routes that are no pages: what they answer is for programs, for other pages, or a file. */
const NO_PAGES: readonly RegExp[] = [
  /^\/(api|live|assets|avatars|uploads|health)\//,
  /^\/(favicon\.ico|worker\.js|metrics|places|rider\.webmanifest|driver\.webmanifest)$/,
  /\.(csv|pdf)$/,
  /\/export$|^\/s\/:token\/live$/,
  /^\/board\/(queue|table|callers|rides\/:id|drivers\/:id)$/,
]
const isPage = ({ method, path }: Permission) =>
  method === 'GET' && !NO_PAGES.some((pattern) => pattern.test(path))
const ROUTES = PERMISSIONS.filter(isPage)
/** Lists and desks: what is about one thing has it, and settings are never empty. */
const canBeEmpty = ({ about, who, path }: Permission) =>
  about === undefined && who !== 'anyone' && (who !== 'signed_in' || /^\/(rides|account\/places)$/.test(path))
/** Riders' and drivers' pages; the parts page shows what only pages with scripts use. */
const needsNoScript = ({ path }: Permission) => !/^\/(board|admin|design)\b/.test(path)
/** Pages that one address shows in more states than its use does: as whom, where. */
const MORE: readonly (readonly [name: string, as: (world: AppWorld) => Person | null, path: string])[] = [
  ['landing, signed in', ({ canal }) => canal.rider, '/'],
  ['request, signed in', ({ canal }) => canal.rider, '/request'],
  ['nothing found', ({ canal }) => canal.admin, '/admin/people?q=nobody-like-this'],
  ['no entry found', ({ canal }) => canal.admin, '/admin/audit?text=nothing-like-this'],
  ['rides of the wrong state', ({ canal }) => canal.rider, '/rides?show=cancelled'],
  ['zones of all', ({ platform }) => platform, '/admin/zones'],
  ['codes of all', ({ platform }) => platform, '/admin/promos'],
  ['prices of all', ({ platform }) => platform, '/admin/tariffs'],
  ['companies of all', ({ platform }) => platform, '/admin/companies'],
  ['not there', () => null, '/nowhere'],
  ['not there, signed in', ({ canal }) => canal.rider, `/rides/${crypto.randomUUID()}`],
  ['of another role', ({ canal }) => canal.rider, '/board'],
  ['cannot be read', () => null, '/request?from_lat=north'],
]

/** Without spaces where names have none, and as long as they may be where they have. */
const LONGEST = {
  person:
    'Hubert Blaine Wolfeschlegelsteinhausenbergerdorff the Third of the Upper Hohenzollern-Sigmaringen Family',
  company: 'Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch and Surrounding Valleys Cab Company',
  place:
    'Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch Railway Station, Station Road Corner, Platform 2',
  makeModel: 'Mercedes-Benz Sprinter Transfer 519 CDI extra long 4x4',
} as const

/** The rules whose answer another theme can change. */
const OF_COLOURS = ['color-contrast'] as const
const PAGE_MS = 60_000

describeWith('chromium', 'every page, whoever looks at it', () => {
  let world: AppWorld
  let browser: Browser
  let uses: Uses
  const windows = new Map<string, Promise<Window>>()
  beforeAll(async () => {
    world = await startApp({ running: false, passwords: true, places: true })
    uses = await allUses(await makeWalk(world))
    await nameEverything()
    browser = await launchChromium()
  }, 2 * BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await world?.stop()
  })

  /** Somebody's window; its scripts can be off. */
  function windowOf(person: Person | null, { scripts = true } = {}): Promise<Window> {
    const name = `${person?.email} ${scripts}`
    const options: BrowserContextOptions = {
      ...{ viewport: PHONE.viewport!, hasTouch: true, reducedMotion: 'reduce', javaScriptEnabled: scripts },
    }
    const made = windows.get(name) ?? openWindow(browser, world, person, options)
    windows.set(name, made)
    return made
  }

  async function nameEverything(): Promise<void> {
    const { db } = world
    const { companyId, driver, otherDriver } = world.canal
    await db.updateTable('companies').set({ name: LONGEST.company }).where('id', '=', companyId).execute()
    await db
      .updateTable('regions')
      .set({ name: LONGEST.company })
      .where('company_id', '=', companyId)
      .execute()
    for (const { identityId } of Object.values(world.canal).filter(isPerson))
      await db.updateTable('identities').set({ name: LONGEST.person }).where('id', '=', identityId).execute()
    await db
      .updateTable('drivers')
      .set({ name: LONGEST.person })
      .where('company_id', '=', companyId)
      .execute()
    for (const [n, { driverId, vehicleId }] of [driver, otherDriver].entries()) {
      const call_sign = `WWWWWWWWWWW${n}`
      await db.updateTable('drivers').set({ call_sign }).where('id', '=', driverId).execute()
      const car = {
        plate: `WWWW WWWW WWWW ${n}`,
        make_model: LONGEST.makeModel,
        colour: 'champagne metallic',
      }
      await db.updateTable('vehicles').set(car).where('id', '=', vehicleId).execute()
    }
    await letShadowDecide()
    await world.companies.reload()
    await world.fleet.reload()
  }

  /** A region with another policy in shadow, and a day of figures. */
  async function letShadowDecide(): Promise<void> {
    const { companyId, regionId } = world.canal
    const shadow_policy = JSON.stringify({ kind: 'nearest', radiusM: 4_000 })
    await world.db.updateTable('regions').set({ shadow_policy }).where('id', '=', regionId).execute()
    const figures = {
      ...{ ticks: 4_012, waiting: 10_230, changed: 1_204, live_rides: 2_811, live_eta_s: 562_200 },
      ...{ live_cost_s: 14_900_000, live_ms: 2_407, shadow_rides: 2_790, shadow_eta_s: 613_800 },
      ...{ shadow_cost_s: 15_322_000, shadow_ms: 1_804 },
    }
    const starts_at = new Date(world.clock.nowMs())
    await world.db
      .insertInto('shadow_quarters')
      .values({ company_id: companyId, region_id: regionId, starts_at, ...figures })
      .execute()
  }

  const personOf = (by: UserRole): Person => (by === 'platform' ? world.platform : world.canal[by])

  /** The page of a use, as whoever it is for: who is signed in is led away from the doors to it. */
  async function visit(row: Permission, use: Use, how?: { scripts: boolean }): Promise<Window> {
    const isDoor = row.who === 'anyone' && (use.by === undefined || use.status === 303)
    return go(isDoor ? null : personOf(use.by ?? 'rider'), use.path, how)
  }

  async function go(person: Person | null, path: string, how?: { scripts: boolean }): Promise<Window> {
    const long = { pickup_label: LONGEST.place, dropoff_label: LONGEST.place }
    await world.db.updateTable('rides').set(long).where('company_id', '=', world.canal.companyId).execute()
    const window = await windowOf(person, how)
    await window.page.setViewportSize(PHONE.viewport!)
    await window.go(path)
    return window
  }

  /** All that is wrong with the page in this window. */
  async function faultsOf({ page, mistakes }: Window): Promise<string[]> {
    await page.evaluate(openDetails)
    const light = await axeFaults(page)
    await page.emulateMedia({ colorScheme: 'dark' })
    const dark = (await axeFaults(page, OF_COLOURS)).map((fault) => `dark, ${fault}`)
    await page.emulateMedia({ colorScheme: 'light' })
    return [
      ...light,
      ...dark,
      ...(await sidewaysFaults(page)),
      ...mistakes.splice(0).filter((said) => !isQuietAlarm(said)),
    ]
  }

  for (const row of ROUTES)
    test(
      `${row.path}`,
      async () => {
        const use = await uses[`GET ${row.path}`]!()
        const window = await visit(row, use)
        expect(await isWhole(window.page)).toBe(true)
        expect(await faultsOf(window)).toEqual([])
      },
      PAGE_MS,
    )

  for (const [name, as, path] of MORE)
    test(
      name,
      async () => {
        const window = await go(as(world), path)
        expect(await isWhole(window.page)).toBe(true)
        expect(await faultsOf(window)).toEqual([])
      },
      PAGE_MS,
    )

  for (const row of ROUTES.filter(canBeEmpty))
    test(
      `${row.path}, with nothing there yet`,
      async () => {
        const { by = 'rider', path } = await uses[`GET ${row.path}`]!()
        const { page } = await go(by === 'platform' ? world.platform : world.uptown[by], path)
        expect(await isWhole(page)).toBe(true)
        expect([...(await axeFaults(page)), ...(await sidewaysFaults(page))]).toEqual([])
      },
      PAGE_MS,
    )

  for (const row of ROUTES.filter(needsNoScript))
    test(
      `${row.path}, with scripts off, has nothing to press that needs one`,
      async () => {
        const { page } = await visit(row, await uses[`GET ${row.path}`]!(), { scripts: false })
        expect(await deadControls(page)).toEqual([])
      },
      PAGE_MS,
    )

  test(
    'what stands in no page is none',
    async () => {
      const wrong: string[] = []
      for (const row of PERMISSIONS.filter(({ method }) => method === 'GET')) {
        if (isPage(row)) continue
        const use = await uses[`GET ${row.path}`]!()
        const answer = await personOf(use.by ?? 'rider').client.get(use.path)
        if ((await answer.text()).startsWith('<!doctype html>') && answer.status === 200) wrong.push(row.path)
      }
      expect(wrong).toEqual([])
    },
    PAGE_MS,
  )
})

/** A call for help sounds, and a browser keeps it silent on a page nobody has touched. */
function isQuietAlarm(said: string): boolean {
  return said.includes('AudioContext was not allowed to start')
}

/** Runs in the page: what is folded is looked at, too. */
function openDetails(): void {
  for (const one of document.querySelectorAll<HTMLDetailsElement>('details:not(.menu)')) one.open = true
}

/** Whether it is a document with a heading and one main part, and not a fragment of one or a bare error. */
function isWhole(page: Page): Promise<boolean> {
  return page.evaluate(
    () =>
      document.title !== '' &&
      document.querySelectorAll('main').length === 1 &&
      document.querySelector('h1') !== null,
  )
}

function isPerson(value: Crew[keyof Crew]): value is Crew['rider'] {
  return typeof value === 'object'
}
