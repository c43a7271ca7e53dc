/** A real browser for the tests: the system's Chromium, driven by playwright-core. */
import { type Browser, chromium } from 'playwright-core'
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

/**
 * Chromium, busy, now and then never says that a window is closed: one in sixty whose page sent something just before,
 * with nothing left of the page's process. The window is gone, so that nothing is lost by not waiting any longer.
 */
const CLOSED_WITHIN_MS = 3_000

/** @throws when this machine has no Chromium; suites guard with `describeWith('chromium', …)` */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findServer('chromium')
  if (executablePath === null) throw new Error('no Chromium on this machine')
  const launched = chromium.launch({
    ...{ executablePath, args: [...FLAGS], headless: true, timeout: BROWSER_TIMEOUT_MS },
  })
  return notWaitedFor(await launched)
}

/** The browser and its windows as they are, but for how long their closing is waited for. */
function notWaitedFor(browser: Browser): Browser {
  const [newContext, close] = [browser.newContext.bind(browser), browser.close.bind(browser)]
  browser.newContext = async (options) => {
    const context = await newContext(options)
    const closeContext = context.close.bind(context)
    context.close = (reason) => Promise.race([closeContext(reason), Bun.sleep(CLOSED_WITHIN_MS)])
    return context
  }
  browser.close = (reason) => Promise.race([close(reason), Bun.sleep(CLOSED_WITHIN_MS)])
  return browser
}
