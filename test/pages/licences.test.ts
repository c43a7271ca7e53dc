/** A licence handed in and looked at, in a real browser: files chosen, what axe finds. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import { type AppWorld, startApp, TIMES_SQUARE } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { DESK, expectWellLaidOut, makeWindows, PHONE } from '../support/pages.ts'
import { jpeg } from '../support/pictures.ts'
import { describeWith } from '../support/servers.ts'

describeWith('chromium', 'a licence in its real pages', () => {
  let world: AppWorld
  let browser: Browser
  const window = makeWindows(() => ({ browser, world }))
  beforeAll(async () => {
    world = await startApp({ running: false })
    const { identityId } = world.canal.driver
    await world.db.deleteFrom('licences').where('identity_id', '=', identityId).execute()
    browser = await launchChromium()
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await world?.stop()
  })

  test('from two pictures on a phone to going online, with an approval in between', async () => {
    const phone = await window(world.canal.driver, { ...PHONE, at: TIMES_SQUARE })
    await phone.go('/driver')
    await phone.page.getByRole('link', { name: 'Open licence' }).click()
    await expectWellLaidOut(phone, '90-licence-none')
    const buffer = Buffer.from(await jpeg({ width: 860, height: 540 }))
    for (const side of ['Front', 'Back'])
      await phone.page
        .getByLabel(side, { exact: true })
        .setInputFiles({ name: 'x.jpg', mimeType: 'image/jpeg', buffer })
    await phone.page.getByRole('button', { name: 'Send pictures' }).click()
    await phone.page.getByText('What it says').waitFor()
    await expectWellLaidOut(phone, '91-licence-words')
    await phone.page.getByLabel('Name, as on the licence').fill('Bo Erik Lindqvist')
    await phone.page.getByLabel('Licence number').fill('T204 4567')
    await phone.page.getByLabel('Country').selectOption('US')
    await phone.page.getByLabel('Class').fill('E')
    await phone.page.getByLabel('Issued on').fill('2024-01-15')
    await phone.page.getByLabel('Expires on').fill('2020-01-15')
    await phone.page.getByRole('button', { name: 'Hand in for review' }).click()
    await phone.page.getByText('It cannot end before it was issued').waitFor()
    await expectWellLaidOut(phone, '92-licence-mistake')
    await phone.page.getByLabel('Expires on').fill('2099-01-15')
    await phone.page.getByRole('button', { name: 'Hand in for review' }).click()
    await phone.page.getByText('Waiting for review').waitFor()
    await expectWellLaidOut(phone, '93-licence-waiting')

    const desk = await window(world.canal.admin, DESK)
    await desk.go('/admin/licences')
    await expectWellLaidOut(desk, '94-licence-queue')
    await desk.page.getByRole('link', { name: /Bo Lindqvist/ }).click()
    await desk.page.getByText('check the middle name').waitFor()
    const shown = () => [...document.querySelectorAll('img')].map((image) => image.naturalWidth)
    await desk.page.waitForFunction(() => [...document.images].every((image) => image.complete))
    expect(await desk.page.evaluate(shown)).toEqual([860, 860])
    await expectWellLaidOut(desk, '95-licence-review')
    await desk.page.getByRole('button', { name: 'Approve' }).click()
    await desk.page.getByText('Nothing to look at.').waitFor()

    await phone.go('/driver')
    await phone.page.getByRole('button', { name: /Go online/ }).click()
    await phone.page.getByText('Online').first().waitFor()
  }, 90_000)
})
