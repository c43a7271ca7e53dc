/** Profile, letters, privacy, leaving and what was deleted, in a real browser: nothing for axe to find, and keys alone do. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { linkTo } from '../support/letters.ts'
import { axeFaults } from '../support/page-checks.ts'
import { describeWith } from '../support/servers.ts'

describeWith('chromium', 'profile, privacy and leaving in their real pages', () => {
  let world: AppWorld
  let browser: Browser
  beforeAll(async () => {
    world = await startApp({ running: false })
    browser = await launchChromium()
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await world?.stop()
  })

  const key = () => ({ key: crypto.randomUUID() })

  async function open(person: Person, options: { scripts?: boolean } = {}): Promise<[BrowserContext, Page]> {
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      javaScriptEnabled: options.scripts ?? true,
    })
    const [name = '', value = ''] = person.client.session!.cookie.split(/=(.*)/s)
    await context.addCookies([{ name, value, url: person.client.origin }])
    return [context, await context.newPage()]
  }

  test('axe finds nothing on any of these pages, filled, empty and refused', async () => {
    const { admin, rider, otherDriver } = world.canal
    const mover = await world.newRider('Mona Mover')
    await mover.client.form('/account/email', { ...key(), email: 'mona@new.example' })
    const step = await linkTo(world.db, 'mona@new.example')
    const pages: [Person, string][] = [
      [rider, '/account/profile?saved=name'],
      [otherDriver, '/account/notifications'],
      [rider, '/account/privacy'],
      [rider, '/account/deletion'],
      [rider, '/goodbye'],
      [rider, step],
      [rider, `/account-back/${'x'.repeat(43)}`],
      [admin, '/admin/deleted'],
      [admin, '/admin/fleet'],
      [admin, `/admin/deletion/vehicle/${otherDriver.vehicleId}`],
    ]
    const found: string[] = []
    async function look(page: Page, path: string): Promise<void> {
      found.push(...(await axeFaults(page)).map((fault) => `${path}: ${fault}`))
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      if (width > 390) found.push(`${path}: ${width} px wide`)
    }
    for (const [person, path] of pages) {
      const [context, page] = await open(person)
      await page.goto(`${person.client.origin}${path}`)
      await look(page, path)
      await context.close()
    }
    // Refused: the mistake stands at its field.
    const [context, page] = await open(rider)
    await page.goto(`${rider.client.origin}/account/profile`)
    await page.fill('#field-phone', '12')
    await page.click('button:has-text("Save telephone")')
    await page.waitForSelector('#field-phone-error')
    await look(page, 'a refused telephone')
    await context.close()
    await admin.client.form(`/admin/deletion/vehicle/${otherDriver.vehicleId}`, { ...key(), reason: 'sold' })
    const [office, list] = await open(admin)
    await list.goto(`${admin.client.origin}/admin/deleted`)
    await look(list, 'something deleted')
    await office.close()
    expect(found).toEqual([])
  }, 90_000)

  test('with scripts off and keys alone a switch is set and an account deleted', async () => {
    const person = await world.newRider('Keya Keys')
    const [context, page] = await open(person, { scripts: false })
    await page.goto(`${person.client.origin}/account/privacy`)
    await page.focus('#switch-full_name_to_drivers')
    await page.keyboard.press('Space')
    await page.focus('button:has-text("Save privacy")')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/account/privacy?saved=privacy')
    expect(await page.isChecked('#switch-full_name_to_drivers')).toBe(true)
    await page.focus('a:has-text("Delete my account")')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/account/deletion')
    await page.focus('button:has-text("Delete my account")')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/goodbye')
    expect(await page.textContent('h1')).toBe('Your account is deleted')
    await page.goto(`${person.client.origin}/account/privacy`)
    expect(page.url()).toContain('/sign-in')
    await context.close()
  }, 60_000)
})
