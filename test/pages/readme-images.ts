/**
 * Takes the pictures of the README from a running demo: `bun test/pages/readme-images.ts http://localhost:3000 ./data`.
 * A person's session each, through the pages' own buttons.
 */
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { launchChromium } from '../support/chromium.ts'

const [address = 'http://localhost:3000', dataDir = './data'] = process.argv.slice(2)
const passwords = (await Bun.file(join(dataDir, 'demo-sign-ins.json')).json()) as Record<string, string>
const browser = await launchChromium()

const FLATIRON = { latitude: 40.7411, longitude: -73.9897, accuracy: 8 }
/** The map has slid into place and the first positions are drawn. */
const SETTLED_MS = 2_500

async function signedIn(
  email: string,
  size: { width: number; height: number },
  colorScheme: 'light' | 'dark',
) {
  const context = await browser.newContext({
    viewport: size,
    colorScheme,
    permissions: ['geolocation'],
    geolocation: FLATIRON,
  })
  const page = await context.newPage()
  await page.goto(`${address}/sign-in`)
  await page.fill('input[name=email]', email)
  await page.fill('input[name=password]', passwords[email] ?? '')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL((url) => url.pathname !== '/sign-in')
  return page
}

async function take(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(SETTLED_MS)
  await page.screenshot({ path: new URL(`../../docs/images/${name}.png`, import.meta.url).pathname })
}

async function choose(page: Page, field: 'from' | 'to', words: string): Promise<void> {
  await page.fill(`#field-${field}`, words)
  await page.waitForSelector(`#${field}-option-0`)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
}

const PHONE = { width: 390, height: 844 }
const driver = await signedIn('bo@demo.honeycab', PHONE, 'dark')
await driver.goto(`${address}/driver`)
if ((await driver.locator('text=Go online').count()) > 0) await driver.click('text=Go online')
await driver.waitForTimeout(SETTLED_MS)

const rider = await signedIn('ada@demo.honeycab', PHONE, 'light')
await rider.goto(`${address}/request`)
await choose(rider, 'from', 'Flatiron Building')
await choose(rider, 'to', 'Guggenheim Museum')
await rider.click('text=See prices')
await rider.waitForURL(/\/quotes\//)
await take(rider, 'rider-prices')
await rider.click('#ask')
await driver.waitForSelector('[data-state=offer]', { timeout: 20_000 })
await driver.screenshot({ path: new URL('../../docs/images/driver-offer.png', import.meta.url).pathname })
// The next one asked is a simulated driver, who comes from further away than the next corner.
await driver.click('text=Decline')
await rider.waitForSelector('#ride-status[data-state=en_route]', { timeout: 60_000 })
await take(rider, 'rider-track')

const desk = await signedIn('ines@demo.honeycab', { width: 1440, height: 900 }, 'light')
await desk.goto(`${address}/board`)
await desk.waitForTimeout(SETTLED_MS)
await desk.locator('#board-queue a, #board-table .row-link').first().click()
await take(desk, 'board')
await browser.close()
