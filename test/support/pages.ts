/** Real pages in a real browser: somebody's window, what went wrong in it, and pictures of it. */
import { afterEach, expect } from 'bun:test'
import { mkdirSync } from 'node:fs'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import type { LatLng } from '../../src/engine/units.ts'
import type { AppWorld, Person } from './app-world.ts'
import { axeFaults } from './page-checks.ts'

const OUTPUT = new URL('../output/journey/', import.meta.url).pathname
/** Pictures are for people who look: `PICTURES=1 bun test …`. No test waits for one otherwise. */
const PICTURES = process.env.PICTURES === '1'

export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
}
export const DESK: BrowserContextOptions = { viewport: { width: 1440, height: 900 } }

export interface Window {
  readonly context: BrowserContext
  readonly page: Page
  /** Errors, refused policies and failed requests so far. */
  readonly mistakes: string[]
  go(path: string): Promise<void>
  /** Kept under test/output/journey when pictures are asked for. @param afterMs for what moves to come to rest on it */
  picture(name: string, afterMs?: number): Promise<void>
}

/**
 * Windows for the tests of one suite: each closes after the test that opened it, which fails when something went wrong
 * in one of them, or on our side.
 * @param at asked at each window, since browser and world are there only when the suite has begun
 */
export function makeWindows(at: () => { readonly browser: Browser; readonly world: AppWorld }) {
  const open: Window[] = []
  afterEach(async () => {
    const mistakes = open.flatMap((made) => made.mistakes)
    for (const { context } of open.splice(0)) await context.close()
    expect(mistakes).toEqual([])
    expect(at().world.lines).toEqual([])
  })
  return async (
    person: Person | null,
    options: Parameters<typeof openWindow>[3],
    /** Where it is another one than the suite's. */
    world = at().world,
  ): Promise<Window> => {
    const { browser } = at()
    const made = await openWindow(browser, world, person, options)
    open.push(made)
    return made
  }
}

/** A window of `person`, signed in; `null` for nobody. */
export async function openWindow(
  browser: Browser,
  world: AppWorld,
  person: Person | null,
  options: BrowserContextOptions & { at?: LatLng } = {},
): Promise<Window> {
  const { at, ...rest } = options
  const origin = person?.client.origin ?? world.stranger.origin
  const context = await browser.newContext({
    ...rest,
    colorScheme: 'light',
    locale: 'en-US',
    ...(at && {
      geolocation: { latitude: at.lat, longitude: at.lng, accuracy: 8 },
      permissions: ['geolocation'],
    }),
  })
  context.setDefaultTimeout(20_000)
  if (person !== null) {
    // A window has a session of its own: the cast's may have been renewed in another one, and an old cookie ends its
    // session.
    const { cookie } = await world.auth.mintSession(person.identityId)
    const [name = '', value = ''] = cookie.split(/=(.*)/s)
    await context.addCookies([{ name, value, url: origin, httpOnly: true, sameSite: 'Lax' }])
  }
  const page = await context.newPage()
  const mistakes: string[] = []
  page.on('pageerror', (error) => void mistakes.push(`error: ${error.message}`))
  page.on('console', (message) => {
    // A refusal is an answer; the browser reports it as if a file were missing.
    if (/responded with a status of 4/.test(message.text())) return
    if (message.type() === 'error' || message.type() === 'warning')
      mistakes.push(`console: ${message.text()} ${message.location().url}`)
  })
  page.on('response', (response) => {
    const missing = response.status() === 404 && response.url().includes('/assets/')
    if (response.status() >= 500 || missing) mistakes.push(`${response.status()}: ${response.url()}`)
  })
  const waitForURL = page.waitForURL.bind(page)
  page.waitForURL = (...wanted) => waitForURL(...wanted).catch((error) => tellWhere(page, error))
  if (PICTURES) mkdirSync(OUTPUT, { recursive: true })
  return {
    context,
    page,
    mistakes,
    go: async (path) => void (await page.goto(`${origin}${path}`)),
    picture: async (name, afterMs = 0) => {
      // Chromium refuses one now and then while a page is being replaced.
      const take = () => page.screenshot({ path: `${OUTPUT}${name}.png` })
      if (!PICTURES) return
      await page.waitForTimeout(afterMs)
      await take().catch(take)
    },
  }
}

/** A press that led nowhere is understood by what the page says instead. @throws always, with that in its words */
async function tellWhere(page: Page, error: Error): Promise<never> {
  const said = await page.evaluate(() => {
    const words = (selector: string) =>
      [...document.querySelectorAll(selector)].map((element) => element.textContent?.trim())
    return {
      address: location.href,
      headings: words('h1'),
      alerts: words('[role=alert], [data-toast], .did-you-mean'),
      waiting: words('[data-waiting]'),
      focused: document.activeElement?.outerHTML.slice(0, 120),
      loadedMs: Math.round(performance.now()),
    }
  })
  throw new Error(`${error.message}\ninstead: ${JSON.stringify(said)}`, { cause: error })
}

/**
 * One window in which many pages are looked at in turn: what they share, the browser has read by then.
 * @returns `show` goes to the next address and answers with what goes wrong there, which grows while the page stays
 */
export async function openGallery(browser: Browser, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ ...options, serviceWorkers: 'block' })
  const page = await context.newPage()
  let mistakes: string[] = []
  page.on('pageerror', (error) => void mistakes.push(`error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') mistakes.push(`console: ${message.text()}`)
  })
  return {
    page,
    async show(url: string): Promise<readonly string[]> {
      mistakes = []
      await page.goto(url)
      return mistakes
    },
    close: () => context.close(),
  }
}

/** A picture of the page as it is, and nothing found on it by axe. */
export async function expectAccessible({ page, picture }: Window, name: string): Promise<void> {
  await picture(name)
  expect([name, await axeFaults(page)]).toEqual([name, []])
}

/** The same, and nothing wider than the screen. */
export async function expectWellLaidOut(window: Window, name: string): Promise<void> {
  await expectAccessible(window, name)
  const wider = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
  expect([name, await window.page.evaluate(wider)]).toEqual([name, 0])
}
