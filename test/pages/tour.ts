/**
 * Writes `docs/tour.md`: every page in its states, drawn with the sample cast, on a phone and on a desk, light and dark.
 * `bun test/pages/tour.ts`, or with parts of names for these pages alone; the pictures it does not take stay as they are.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { launchChromium } from '../support/chromium.ts'
import { boardCases } from './board-cases.ts'
import { BOARD_STATES, boardStatePages } from './board-states.ts'
import { galleryPages } from './cast.ts'
import { deskPages, driverBoards } from './desk-cases.ts'
import { driverCases } from './driver-cases.ts'
import { bringCars, fleet, serveCases } from './driver-gallery.ts'
import { serveGallery } from './serve.ts'
import { APP_PAGES, serveApp } from './tour-app.ts'
import { JUDGED } from './tour-judged.ts'

const DOCS = new URL('../../docs/', import.meta.url).pathname
const PICTURES = `${DOCS}tour/`
const SIZES = [
  { name: 390, width: 390, height: 844 },
  { name: 1440, width: 1440, height: 900 },
] as const
const LOOKS = ['light', 'dark'] as const
/** What a page looks like is told by half of its pixels; the folder has to stay under 7 MB. */
const WIDTHS = { 390: 300, 1440: 720 } as const
/** By size and look. */
const ALL = ['390-light', '390-dark', '1440-light', '1440-dark']
/** Riders and drivers have a phone. */
const PHONE_FIRST = ['390-light', '390-dark', '1440-light']
const PHONE = ['390-light', '390-dark']
/** What a driver sees on a wide screen is told by these. */
const WIDE_DRIVER = [
  'driver-off',
  'driver-waiting',
  'driver-offer',
  'driver-ride-en-route',
  'driver-earnings',
]
/** Of what a press brings one of each tells the rest. */
const ONE_OF_EACH = ['1440-light', '390-dark']
/** On the page, pixels: the four of a state stand in one row. */
const SHOWN = { 390: 120, 1440: 280 } as const
const WEBP = { quality: 52, effort: 6, smartSubsample: true } as const
/** Streets are drawn a moment after the page. */
const DRAWN_MS = 350
/** On a busy machine. */
const PICTURE_MS = 60_000

interface Chapter {
  readonly title: string
  readonly names: readonly string[]
  /** Where its pages are, for a look: a driver's page says itself whether it is night. */
  readonly url: (name: string, look: (typeof LOOKS)[number]) => string
  readonly taken: (name: string) => readonly string[]
  /** What is pressed there before. */
  readonly reach?: (name: string, page: Page) => Promise<unknown> | undefined
}

/** Every chapter at one size in one look, in one window: its files are fetched once. */
async function tour(browser: Browser, size: (typeof SIZES)[number], look: (typeof LOOKS)[number]) {
  const context = await browser.newContext({
    viewport: { width: size.width, height: size.height },
    colorScheme: look,
    reducedMotion: 'reduce',
    geolocation: { latitude: 40.7388, longitude: -73.9867, accuracy: 6 },
    permissions: ['geolocation'],
  })
  // These pages have no server behind them that would take positions.
  await context.route('**/api/v1/positions', async (route) => {
    const { pings } = route.request().postDataJSON() as { pings: { seq: number }[] }
    await route.fulfill({ json: { seq: pings.at(-1)?.seq ?? 0, refused: {}, pings: [] } })
  })
  const page = await context.newPage()
  for (const { names, url, taken, reach } of chapters) {
    for (const name of names.filter(isWanted)) {
      if (!taken(name).includes(`${size.name}-${look}`)) continue
      // Each has a fix of its own moment, as a phone has: one that grew old is what a driver is warned of.
      await context.setGeolocation({ latitude: 40.7388, longitude: -73.9867, accuracy: 6 })
      await page.goto(url(name, look))
      await page.evaluate(bringRidersCar, CAR)
      // The board's cars come by its socket, which these pages have not.
      if (name.startsWith('board')) await page.evaluate(bringCars, fleet())
      await reach?.(name, page)
      await take({ name, page }, size, look)
    }
  }
  await context.close()
  await app?.shoot(browser, { ...size, look }, (shot) => take(shot, size, look))
}

/** Where the rider's car is, by the state of the ride. */
const CAR = {
  assigned: { lat: 40.7262, lng: -73.9932, headingDeg: 24 },
  en_route: { lat: 40.7281, lng: -73.9946, headingDeg: 24 },
  arrived: { lat: 40.7329, lng: -73.9911, headingDeg: 24 },
  in_progress: { lat: 40.7561, lng: -73.9769, headingDeg: 29 },
}

/** Runs in the page: what the page's line would tell of the car. */
function bringRidersCar(cars: Record<string, object>): void {
  const state = document.getElementById('ride-status')?.dataset.state ?? ''
  const car = cars[state]
  const age = document.querySelector<HTMLElement>('#car-age .age')
  if (car === undefined || age === null) return
  const ageMs = Number(age.dataset.now) - Number(age.dataset.seen)
  document.dispatchEvent(
    new CustomEvent('live:message', { detail: { type: 'car', ...car, ageMs, etaS: null } }),
  )
}

async function take(
  { name, page }: { readonly name: string; readonly page: Page },
  size: (typeof SIZES)[number],
  look: (typeof LOOKS)[number],
): Promise<void> {
  await page.waitForTimeout(DRAWN_MS)
  const picture = await page.screenshot({ timeout: PICTURE_MS })
  await sharp(picture)
    .resize({ width: WIDTHS[size.name] })
    .webp(WEBP)
    .toFile(`${PICTURES}${fileOf(name, size.name, look)}`)
}

function fileOf(name: string, size: number, look: string): string {
  return `${name.replaceAll(/[^a-z0-9]+/gi, '-')}-${size}-${look}.webp`
}

function ofDriver(name: string): readonly string[] {
  return WIDE_DRIVER.includes(name) ? PHONE_FIRST : PHONE
}

/** Some cases are answers to htmx: a part of a page, and no page. */
function withoutFragments(all: readonly Chapter[]): Chapter[] {
  return all.map((chapter) => ({
    ...chapter,
    names: chapter.names.filter((name) => !name.includes('(htmx)')),
  }))
}

type Told = Pick<Chapter, 'title' | 'names' | 'taken'>

/** The pictures of a page, in the order they stand in. */
function pictures({ taken }: Told, name: string) {
  return SIZES.flatMap((size) => LOOKS.map((look) => ({ size, look }))).filter(({ size, look }) =>
    taken(name).includes(`${size.name}-${look}`),
  )
}

function markdown(chapters: readonly Told[]): string {
  const picture = (name: string, size: (typeof SIZES)[number], look: string) =>
    `<img src="tour/${fileOf(name, size.name, look)}" width="${SHOWN[size.name]}" alt="${name}, ${size.width} pixels wide, ${look}">`
  const section = (chapter: Told, name: string) =>
    `### ${name.replaceAll('-', ' ')}\n\n${JUDGED[name] === undefined ? '' : `${JUDGED[name]}\n\n`}${pictures(
      chapter,
      name,
    )
      .map(({ size, look }) => picture(name, size, look))
      .join('\n')}\n`
  const text = chapters.map(
    (chapter) => `## ${chapter.title}\n\n${chapter.names.map((name) => section(chapter, name)).join('\n')}`,
  )
  return `# A tour of the pages\n\nEvery page in its states with a sample cast, 390 and 1440 pixels wide, light and dark; less of them where the rest says nothing new. Taken by \`bun test/pages/tour.ts\`. Each was looked at beside the design’s screens; what stands out, and what was repaired, stands above its pictures (\`test/pages/tour-judged.ts\`).\n\n${text.join('\n')}`
}

const gallery = serveGallery()
const byDay = serveCases(driverCases(false))
const byNight = serveCases(driverCases(true))
const desk = { ...boardCases(), ...driverBoards(), ...deskPages() }
const board = serveCases({ ...desk, ...boardStatePages() })
const states = new Map(BOARD_STATES.map((state) => [state.name, state]))
const chapters: readonly Chapter[] = withoutFragments([
  {
    ...{ title: 'The rider', names: Object.keys(galleryPages), taken: () => PHONE_FIRST },
    url: (name) => `${gallery.url}${name}`,
  },
  {
    ...{ title: 'The driver', names: Object.keys(driverCases(false)), taken: ofDriver },
    url: (name, look) => `${(look === 'dark' ? byNight : byDay).url.href}${name}`,
  },
  {
    ...{ title: 'The desk', names: Object.keys(desk), taken: () => ALL },
    url: (name) => `${board.url.href}${name}`,
  },
  {
    ...{ title: 'The desk, as it is pressed', names: [...states.keys()], taken: () => ONE_OF_EACH },
    url: (name) => `${board.url.href}${states.get(name)?.on}`,
    reach: (name, page) => states.get(name)?.reach(page),
  },
])

const wanted = process.argv.slice(2)
const isWanted = (name: string) => wanted.length === 0 || wanted.some((part) => name.includes(part))
mkdirSync(PICTURES, { recursive: true })
/** Started only where one of its pages is wanted. */
const app = APP_PAGES.some(isWanted) ? await serveApp(isWanted) : null
const browser = await launchChromium()
try {
  await Promise.all(SIZES.flatMap((size) => LOOKS.map((look) => tour(browser, size, look))))
  const all: Told[] = [...chapters, { title: 'Accounts and the office', names: APP_PAGES, taken: () => ALL }]
  const files = all.flatMap((chapter) =>
    chapter.names.flatMap((name) =>
      pictures(chapter, name).map(({ size, look }) => fileOf(name, size.name, look)),
    ),
  )
  for (const file of readdirSync(PICTURES)) if (!files.includes(file)) rmSync(`${PICTURES}${file}`)
  await Bun.write(`${DOCS}tour.md`, markdown(all))
} finally {
  await browser.close()
  await Promise.all([gallery.stop(), byDay.stop(true), byNight.stop(true), board.stop(true), app?.stop()])
}
// The database of the tests is kept warm for a next suite, which would keep this program alive.
process.exit(0)
