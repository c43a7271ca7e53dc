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
import { multiplyRide } from '../support/many-rides.ts'
import { axeFaults, deadControls, sidewaysFaults, wear } from '../support/page-checks.ts'
import { openWindow, PHONE, type Window } from '../support/pages.ts'
import { askRide } from '../support/ride-steps.ts'
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
  about === undefined &&
  who !== 'anyone' &&
  (who !== 'signed_in' || /^\/(rides|cases|account\/places)$/.test(path))
/** Riders' and drivers' pages; the parts page shows what only pages with scripts use. */
const needsNoScript = ({ path }: Permission) => !/^\/(board|admin|design)\b/.test(path)
/** Pages that one address shows in more states than its use does: as whom, where, and what is done before. */
const MORE: readonly (readonly [
  name: string,
  as: (world: AppWorld) => Person | null,
  path: string,
  prepare?: (world: AppWorld) => Promise<void>,
])[] = [
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
  ['too many rides of one', ({ canal }) => canal.rider, '/rides', manyRides],
  ['too many rides for the desk', ({ canal }) => canal.dispatcher, '/board?show=ended'],
  ['too many rides of a driver', ({ canal }) => canal.driver, '/driver/earnings'],
]

/** Pages with a line of their own. */
const LIVE: readonly (readonly [
  name: string,
  as: (world: AppWorld) => Person,
  path: (world: AppWorld) => Promise<string>,
])[] = [
  [
    'a ride',
    ({ canal }) => canal.rider,
    async ({ canal, limits }) => {
      await limits.forgive('rides_person', canal.rider.identityId)
      return `/rides/${(await askRide(canal.rider)).id}`
    },
  ],
  ['the driver’s page', ({ canal }) => canal.driver, async () => '/driver'],
  ['the board', ({ canal }) => canal.dispatcher, async () => '/board'],
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
interface Tab {
  readonly page: Page
  readonly mistakes: string[]
}
interface Seen {
  readonly faults: string[]
  /** With scripts off. */
  readonly dead: string[]
}

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
  function windowOf(person: Person | null, { scripts }: { readonly scripts: boolean }): Promise<Window> {
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

  /** For whom the page of a use is: who is signed in is led away from the doors to it. */
  function viewerOf(row: Permission, use: Use): Person | null {
    const isDoor = row.who === 'anyone' && (use.by === undefined || use.status === 303)
    return isDoor ? null : personOf(use.by ?? 'rider')
  }

  async function open(person: Person | null, path: string, { scripts = true } = {}): Promise<Window> {
    const window = await windowOf(person, { scripts })
    await window.page.setViewportSize(PHONE.viewport!)
    await window.go(path)
    return window
  }

  /** All that is wrong with the page in this window. */
  async function faultsOf({ page, mistakes }: Tab): Promise<string[]> {
    const whole = (await isWhole(page)) ? [] : ['it is no whole page']
    await page.evaluate(openDetails)
    const light = await axeFaults(page)
    await wear(page, 'dark')
    const dark = (await axeFaults(page, OF_COLOURS)).map((fault) => `dark, ${fault}`)
    await wear(page, 'light')
    return [
      ...whole,
      ...light,
      ...dark,
      ...(await sidewaysFaults(page)),
      ...mistakes.splice(0).filter((said) => !isQuietAlarm(said)),
    ]
  }

  async function longNames(): Promise<void> {
    const long = { pickup_label: LONGEST.place, dropoff_label: LONGEST.place }
    await world.db.updateTable('rides').set(long).where('company_id', '=', world.canal.companyId).execute()
  }

  /** A page of the walk. */
  interface Walked {
    readonly name: string
    readonly open: () => Promise<{ readonly tab: Tab; readonly plain?: Tab }>
    readonly look: (tab: Tab) => Promise<string[]>
  }
  const pages: Walked[] = [
    ...ROUTES.map((row) => ({
      name: row.path,
      async open() {
        const use = await uses[`GET ${row.path}`]!()
        await longNames()
        const person = viewerOf(row, use)
        const tab = await open(person, use.path)
        return needsNoScript(row) ? { tab, plain: await open(person, use.path, { scripts: false }) } : { tab }
      },
      look: faultsOf,
    })),
    ...MORE.map(([name, as, path, prepare]) => ({
      name,
      async open() {
        await prepare?.(world)
        await longNames()
        return { tab: await open(as(world), path) }
      },
      look: faultsOf,
    })),
    ...ROUTES.filter(canBeEmpty).map((row) => ({
      name: `${row.path}, with nothing there yet`,
      async open() {
        const { by = 'rider', path } = await uses[`GET ${row.path}`]!()
        return { tab: await open(by === 'platform' ? world.platform : world.uptown[by], path) }
      },
      look: async ({ page }: Tab) => [
        ...((await isWhole(page)) ? [] : ['it is no whole page']),
        ...(await axeFaults(page)),
        ...(await sidewaysFaults(page)),
      ],
    })),
  ]

  const walked = new Map<number, Promise<Seen>>()
  /** What one page shows, prepared and opened once for all the tests that ask of it. */
  function walk(n: number): Promise<Seen> {
    const seen = walked.get(n) ?? see(pages[n]!)
    walked.set(n, seen)
    return seen
  }

  async function see({ open, look }: Walked): Promise<Seen> {
    const { tab, plain } = await open()
    const faults = await look(tab)
    return { faults, dead: plain === undefined ? [] : await deadControls(plain.page) }
  }

  for (const [n, { name }] of pages.entries())
    test(
      name,
      async () => {
        expect((await walk(n)).faults).toEqual([])
      },
      PAGE_MS,
    )

  for (const [n, row] of ROUTES.entries())
    if (needsNoScript(row))
      test(
        `${row.path}, with scripts off, has nothing to press that needs one`,
        async () => {
          expect((await walk(n)).dead).toEqual([])
        },
        PAGE_MS,
      )

  for (const [name, as, path] of LIVE)
    test(
      `${name}, without network, says so on a page that can be read`,
      async () => {
        const person = as(world)
        const window = await openWindow(browser, world, person, { ...PHONE, reducedMotion: 'reduce' })
        await window.go(await path(world))
        await window.page.locator('#live-state').waitFor({ state: 'hidden' })
        await window.context.setOffline(true)
        await window.page.locator('#live-state').waitFor({ state: 'visible' })
        expect(await window.page.locator('#live-state').textContent()).toMatch(/Not live|No network/)
        // That it cannot be reached is what the browser's console is full of.
        expect(await faultsOf({ page: window.page, mistakes: [] })).toEqual([])
        await window.context.close()
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

/** One of the rides that the rider has had, as many as nobody reads to the end. */
async function manyRides({ db, canal }: AppWorld): Promise<void> {
  const { id } = await db
    .selectFrom('rides')
    .select('id')
    .where('rider_id', '=', canal.rider.identityId)
    .where('state', '=', 'completed')
    .orderBy('ended_at', 'desc')
    .executeTakeFirstOrThrow()
  await multiplyRide(db, id, { times: 300, names: { 1: LONGEST.person } })
}

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
