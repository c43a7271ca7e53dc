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

/** @throws when this machine has no Chromium; suites guard with `describeWith('chromium', …)` */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findServer('chromium')
  if (executablePath === null) throw new Error('no Chromium on this machine')
  return chromium.launch({ executablePath, args: [...FLAGS], headless: true, timeout: BROWSER_TIMEOUT_MS })
}
