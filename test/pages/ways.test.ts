/** Another way in the real pages: rider and driver, live, and with scripts off. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { destination } from '../../src/engine/geo.ts'
import { type AppWorld, BRYANT_PARK, startApp, TIMES_SQUARE } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { DESK, expectWellLaidOut, makeWindows, PHONE } from '../support/pages.ts'
import { askRide, assign, goOnline, pingAt, takeSteps } from '../support/ride-steps.ts'
import { describeWith } from '../support/servers.ts'

/** The only stop of the ride is on the page's map, under its number. */
async function expectMark(page: Page): Promise<void> {
  await page.locator('.map-stop').first().waitFor()
  expect(await page.locator('.map-stop').allTextContents()).toEqual(['1'])
}

describeWith('chromium', 'another way in the real pages', () => {
  let world: AppWorld
  let browser: Browser
  const window = makeWindows(() => ({ browser, world }))
  beforeAll(async () => {
    world = await startApp({ places: true })
    browser = await launchChromium()
    await goOnline(world, world.canal.driver)
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await world?.stop()
  })

  test(
    'the rider sees the price, the driver agrees, and both go on to the new place',
    async () => {
      const { canal } = world
      const { id } = await askRide(canal.rider)
      await assign(canal, id)
      await takeSteps(canal.driver, id, 3)
      await canal.driver.client.done('POST', '/api/v1/positions', { pings: [pingAt(world, TIMES_SQUARE)] })
      const rider = await window(canal.rider, PHONE)
      const driver = await window(canal.driver, PHONE)
      await rider.go(`/rides/${id}`)
      await driver.go('/driver')
      const before = await rider.page.locator('.to-row').textContent()
      expect(before).toContain('Wall Street')

      await rider.page.getByRole('link', { name: 'Change', exact: true }).click()
      await rider.page.getByRole('heading', { name: 'Where to instead?' }).waitFor()
      await expectWellLaidOut(rider, 'way-form')
      await rider.page.fill('#field-to', 'Guggenheim Museum')
      await rider.page.keyboard.press('Tab')
      await rider.page.getByRole('button', { name: 'See the new price' }).click()
      await rider.page.waitForURL(/\/changes\//)
      await expectWellLaidOut(rider, 'way-offer')
      expect(await rider.page.locator('h1').textContent()).toMatch(
        /Guggenheim Museum saves [\d.]+ km: \$[\d.]+ becomes \$[\d.]+\.$/,
      )
      await rider.page.getByRole('button', { name: 'Change it' }).click()
      await rider.page.locator('.way-asked').waitFor()
      await expectWellLaidOut(rider, 'way-asked')

      const card = driver.page.locator('section.join', { hasText: 'wants to go elsewhere' })
      await card.waitFor()
      await expectWellLaidOut(driver, 'way-driver-asked')
      await card.getByRole('button', { name: 'Agree' }).click()
      await driver.page.locator('h1.bar-where', { hasText: 'Guggenheim Museum' }).waitFor()
      await expectWellLaidOut(driver, 'way-driver-agreed')
      // The page is loaded anew, so that its map leads there too.
      await rider.page.locator('.way-told', { hasText: 'agreed' }).waitFor()
      await rider.page.locator('.to-row', { hasText: 'Guggenheim Museum' }).waitFor()
      await rider.page.waitForFunction(
        () => JSON.parse(document.querySelector('.map')?.getAttribute('data-map') ?? '{}').to?.lat > 40.78,
      )
      await expectWellLaidOut(rider, 'way-agreed')

      await canal.driver.client.done('POST', `/api/v1/rides/${id}/steps`, { step: 'finish' })
      await rider.page.getByText('You are there').waitFor()
      await rider.page.getByRole('link', { name: 'See the receipt' }).click()
      await rider.page.getByText('Agreed at').waitFor()
      await expectWellLaidOut(rider, 'way-receipt')
      const wide = await window(canal.rider, DESK)
      await wide.go(`/rides/${id}/receipt`)
      await expectWellLaidOut(wide, 'way-receipt-wide')
    },
    BROWSER_TIMEOUT_MS,
  )

  test(
    'a stop is chosen while typing, and stands on the map of rider, driver and desk',
    async () => {
      const { canal } = world
      await canal.driver.client.done('POST', '/api/v1/positions', { pings: [pingAt(world, TIMES_SQUARE)] })
      const rider = await window(canal.rider, PHONE)
      await rider.go('/request')
      await rider.page.locator('.more-stops summary').click()
      const choose = async (field: string, words: string, place: string) => {
        await rider.page.locator(`#field-${field}`).fill(words)
        // What answered the words before is not to be pressed any more.
        const list = rider.page.locator(`#${field}-suggestions:not([data-stale])`)
        await list.locator('[data-label]', { hasText: place }).first().click()
      }
      await choose('stop1', 'guggen', 'Guggenheim Museum')
      await expectWellLaidOut(rider, 'stop-chosen')
      expect(await rider.page.locator('input[name=stop1_lat]').inputValue()).toMatch(/^40\.78/)
      await expectMark(rider.page)
      // Other words are another place, or none yet.
      await rider.page.locator('#field-stop1').fill('guggenheim')
      expect(await rider.page.locator('.map-stop').count()).toBe(0)
      await choose('stop1', 'guggen', 'Guggenheim Museum')
      await choose('from', 'times squ', 'Times Square')
      await choose('to', 'strand', 'Strand Bookstore')
      // A row is open for another stop, so that the prices wait to be asked for.
      await rider.page.getByRole('button', { name: 'See prices' }).click()
      await rider.page.waitForURL('**/quotes/*')
      await expectMark(rider.page)
      await rider.page.locator('#ask').click()
      await rider.page.waitForURL('**/rides/*')
      const id = rider.page.url().split('/').pop()!
      await assign(canal, id)
      await takeSteps(canal.driver, id, 3)
      await expectMark(rider.page)

      const driver = await window(canal.driver, PHONE)
      await driver.go('/driver')
      await expectMark(driver.page)
      const desk = await window(canal.dispatcher, DESK)
      await desk.go(`/board?ride=${id}`)
      await expectMark(desk.page)
      const stop = desk.page.locator('.pane-way p', { hasText: 'Guggenheim Museum' })
      await stop.waitFor()
      await desk.picture('stop-desk')

      await driver.page.getByRole('button', { name: 'I’m at stop 1' }).click()
      await stop.getByText('waits here').waitFor()
      await driver.page.getByRole('button', { name: 'Go on' }).click()
      for (const { page } of [rider, driver, desk]) await page.locator('.map-stop-passed').waitFor()
      await expectWellLaidOut(rider, 'stop-passed')
      await expectWellLaidOut(driver, 'stop-passed-driver')
      await expectWellLaidOut(desk, 'stop-passed-desk')
      await canal.driver.client.done('POST', `/api/v1/rides/${id}/steps`, { step: 'finish' })
    },
    BROWSER_TIMEOUT_MS,
  )

  test(
    'all of it works with scripts off, refused plainly',
    async () => {
      const { canal } = world
      const { id } = await askRide(canal.rider)
      await assign(canal, id)
      const rider = await window(canal.rider, { ...PHONE, javaScriptEnabled: false })
      const driver = await window(canal.driver, { ...PHONE, javaScriptEnabled: false })
      await rider.go(`/rides/${id}/change`)
      await rider.page.fill('#field-to', 'Broadway')
      await rider.page.getByRole('button', { name: 'See the new price' }).click()
      await rider.page.getByText('Did you mean').waitFor()
      await rider.page.locator('.did-you-mean a').first().click()
      await rider.page.getByRole('button', { name: 'See the new price' }).click()
      await rider.page.getByRole('button', { name: 'Change it' }).click()
      await rider.page.getByText('Asking Bo L.').waitFor()

      await driver.go('/driver')
      await driver.page.getByRole('button', { name: 'Refuse' }).click()
      await driver.page.getByText('knows that you cannot').waitFor()
      await rider.go(`/rides/${id}`)
      expect(await rider.page.locator('.way-told').textContent()).toMatch(
        /Bo L\. cannot drive to .*It stays Wall Street at \$/s,
      )
      // Asked once more, and taken back before there is an answer.
      const { quoteId } = await canal.rider.client.done<{ quoteId: string }>(
        ...(['POST', `/api/v1/rides/${id}/change-quotes`] as const),
        { to: { ...destination(BRYANT_PARK, 90, 900), label: 'First Avenue' } },
      )
      await rider.go(`/rides/${id}/changes/${quoteId}`)
      await rider.page.getByRole('button', { name: 'Change it' }).click()
      await rider.page.getByRole('button', { name: 'Keep the old one' }).click()
      await rider.page.getByText('You took it back').waitFor()
      await driver.go('/driver')
      await driver.page.getByText('took it back').waitFor()
      expect((await canal.rider.client.get(`/rides/${id}/changes/${quoteId}`)).status).toBe(200)
    },
    BROWSER_TIMEOUT_MS,
  )
})
