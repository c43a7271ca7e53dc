/** A real browser for the tests: the system's Chromium, driven by playwright-core. */
import { type Browser, type BrowserContext, chromium } from 'playwright-core'
import { findServer } from './servers.ts'

/** Starting a browser on a busy machine; give `beforeAll` this much. */
export const BROWSER_TIMEOUT_MS = 60_000

/**
 * The sandbox needs a user of its own, which root in a container has not; the rest keeps the browser from
 * talking to the outside while a test counts requests.
 */
export const FLAGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A busy Chromium now and then never says that a window has closed; nobody waits for that longer. */
const CLOSED_WITHIN_MS = 3_000

/** @throws when this machine has no Chromium; suites guard with `describeWith('chromium', …)` */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findServer('chromium')
  if (executablePath === null) throw new Error('no Chromium on this machine')
  const browser = await chromium.launch({
    ...{ executablePath, args: [...FLAGS], headless: true, timeout: BROWSER_TIMEOUT_MS },
  })
  const open = browser.newContext.bind(browser)
  browser.newContext = async (options) => closingInTime(await open(options))
  return browser
}

function closingInTime(context: BrowserContext): BrowserContext {
  const close = context.close.bind(context)
  // What fails once nobody waits any more is the end of the browser, which closes it, too.
  context.close = (options) => Promise.race([close(options).catch(() => {}), Bun.sleep(CLOSED_WITHIN_MS)])
  return context
}
