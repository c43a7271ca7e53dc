import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import { eventually } from '../contract/eventually.ts'
import { type AppWorld, BRYANT_PARK, PASSWORD, startApp, TIMES_SQUARE } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { DESK, expectWellLaidOut, openWindow, PHONE, type Window } from '../support/pages.ts'
import { askRide, assign, type DriverAnswer, goOnline, takeSteps } from '../support/ride-steps.ts'
import { describeWith } from '../support/servers.ts'
import { isShared } from '../support/two-processes.ts'

describeWith('chromium', 'a whole ride through the real pages', () => {
  let world: AppWorld
  let browser: Browser
  const open: Window[] = []
  beforeAll(async () => {
    world = await startApp({ places: true, passwords: true, offerTtlS: 30 })
    browser = await launchChromium()
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await world?.stop()
  })
  beforeEach(() => void open.splice(0))

  async function window(
    ...[person, options]: [Parameters<typeof openWindow>[2], Parameters<typeof openWindow>[3]]
  ) {
    const made = await openWindow(browser, world, person, options)
    open.push(made)
    return made
  }

  /** Nothing complained in any window, nor on the server. */
  async function allWell(closing = true): Promise<void> {
    expect(open.flatMap(({ mistakes }) => mistakes)).toEqual([])
    expect(world.lines).toEqual([])
    if (closing) for (const { context } of open) await context.close()
  }

  test('a rider asks, a driver comes, the desk watches, and a receipt is left', async () => {
    const { canal } = world
    const driver = await window(canal.driver, { ...PHONE, at: BRYANT_PARK })
    const rider = await window(canal.rider, PHONE)
    const desk = await window(canal.dispatcher, DESK)

    await desk.go('/board')
    await driver.go('/driver')
    await driver.picture('01-driver-off')
    await driver.page.getByRole('button', { name: /Go online/ }).click()
    await driver.page.locator('[data-shift="on"]').waitFor()
    await driver.page.locator('#gps[data-tone="ok"]').waitFor()
    await driver.picture('02-driver-waiting')

    await rider.go('/')
    await rider.picture('03-landing')
    await rider.page.locator('#field-from').fill('times squ')
    await rider.page.locator('#from-suggestions [data-label]').first().waitFor()
    await rider.picture('04-suggestions')
    await rider.page.locator('#from-suggestions [data-label]').first().click()
    await rider.page.locator('#field-to').fill('strand book')
    await rider.page.locator('#to-suggestions [data-label]').first().click()
    await rider.page.getByRole('button', { name: 'See prices' }).click()
    await rider.page.waitForURL('**/quotes/*')
    await rider.picture('06-quotes')
    await rider.page.locator('#ask').click()
    await rider.page.waitForURL('**/rides/*')
    await rider.picture('07-searching')
    const { pickup } = await canal.rider.client.done<{ pickup: { lat: number; lng: number } }>(
      'GET',
      `/api/v1${new URL(rider.page.url()).pathname}`,
    )

    const accept = driver.page.getByRole('button', { name: /Accept/ })
    await accept.waitFor()
    await driver.picture('08-offer')
    await desk.picture('09-board-queue')
    await accept.click()
    await driver.page.getByRole('button', { name: /Set off/ }).waitFor()
    await driver.picture('10-assigned')
    await rider.page.getByText('Bo L.').first().waitFor()
    await rider.picture('11-rider-assigned')
    await driver.page.waitForTimeout(500)
    await driver.page.getByRole('button', { name: /Set off/ }).click()
    const arrived = driver.page.getByRole('button', { name: /I’ve arrived/ })
    await arrived.waitFor()
    await driver.context.setGeolocation({ latitude: 40.756, longitude: -73.9848, accuracy: 8 })
    await driver.picture('12-en-route')
    await desk.page.locator('#board-table a[data-ride]').first().click()
    await desk.page.locator('#ride-title').waitFor()
    await desk.picture('13-board-pane')
    await rider.picture('14-rider-coming', 1_200)
    await driver.context.setGeolocation({ latitude: pickup.lat, longitude: pickup.lng, accuracy: 8 })
    await driver.page.waitForTimeout(600)
    await arrived.click()
    const board = driver.page.getByRole('button', { name: /Passenger on board/ })
    await board.waitFor()
    await driver.picture('15-arrived')
    await rider.picture('16-rider-arrived')
    await driver.page.waitForTimeout(500)
    await board.click()
    const complete = driver.page.getByRole('button', { name: /Complete ride/ })
    await complete.waitFor()
    await driver.picture('17-on-board')
    await rider.picture('18-rider-on-board')
    await desk.picture('19-board-on-board', 2_500)
    await driver.context.setGeolocation({ latitude: 40.745, longitude: -73.988, accuracy: 8 })
    await driver.page.waitForTimeout(600)
    await complete.click()
    await driver.picture('20-complete-asks', 600)
    await driver.page.getByRole('button', { name: 'Yes' }).click()
    await driver.page.locator('[data-ended]').waitFor()
    await driver.picture('21-driver-ended')
    await rider.page.getByRole('link', { name: /See the receipt/ }).waitFor()
    await rider.picture('22-rider-ended')
    await rider.page.getByRole('link', { name: /See the receipt/ }).click()
    await rider.page.getByRole('heading', { name: 'Receipt' }).waitFor()
    await rider.picture('23-receipt')
    await rider.go('/rides')
    await rider.picture('24-rides')
    await driver.page.locator('[data-next]').click()
    await driver.page.waitForTimeout(300)
    await driver.go('/driver/earnings')
    await driver.picture('25-earnings')
    await desk.picture('26-board-ended')
    await canal.driver.client.done('DELETE', '/api/v1/driver/shift')
    await allWell()
  }, 120_000)

  test('with scripts asking is one page: places of one’s own, prices at once, and each wish asks anew', async () => {
    const rider = await world.newRider('Tove Calder')
    const save = { to: 'Strand Bookstore', to_lat: '40.7333', to_lng: '-73.9909', kind: 'home', name: '' }
    await rider.client.form('/account/places', { ...save, key: crypto.randomUUID() })
    const shown = await window(rider, PHONE)
    const { page, go, picture } = shown
    await go('/request')
    // Nothing but the sheet is drawn anew.
    await page.evaluate(() => Object.assign(window, { isSamePage: true }))
    await page.getByRole('button', { name: 'Here' }).click()
    await page.getByText('Location is not allowed for this page.').waitFor()
    await picture('50-location-denied')
    await page.locator('#field-from').fill('times squ')
    await page.locator('#from-suggestions [data-label]', { hasText: 'Times Square' }).first().click()
    await page.getByRole('link', { name: 'Home' }).click()
    await page.waitForURL('**/quotes/*')
    await page.locator('.fare-row').first().waitFor()
    await expectWellLaidOut(shown, 'the prices on the same page')
    await page.locator('.needs summary').click()
    await page.getByLabel('Child seat').check()
    await page.getByText('Only cars with a child seat.').waitFor()
    await picture('51-prices-with-needs')
    await page.locator('.needs summary').click()
    const before = page.url()
    await page.getByLabel('Seats', { exact: true }).selectOption('4')
    await page.waitForURL((url) => url.href !== before)
    expect(await page.locator('.fare-row').count()).toBeLessThan(3)
    await page.locator('input[name=when][value=later]').check()
    await page.getByText('The price is promised now.').waitFor()
    await page.locator('input[name=when][value=now]').check()
    await page.locator('#ask', { hasText: 'Ask for' }).waitFor()
    await page.getByRole('button', { name: 'Tell me when' }).first().click()
    await page.getByText(/We write to you once a/).waitFor()
    expect(await page.evaluate(() => 'isSamePage' in window)).toBe(false)
    await page.getByRole('link', { name: 'Change' }).click()
    await page.waitForURL('**/request?*')
    expect(await page.locator('#field-to').inputValue()).toBe('Strand Bookstore')
    await page.goBack()
    await page.locator('.fare-row').first().waitFor()
    await page.locator('#ask').click()
    await page.waitForURL('**/rides/*')
    await page.getByText('Request sent').waitFor()
    // Nobody is left waiting for the tests that come.
    await page.getByRole('link', { name: 'Stop looking' }).click()
    await page.locator('button[data-busy="Cancelling…"]').click()
    await page.locator('#ride-status[data-state=cancelled]').waitFor()
    await allWell()
  }, 60_000)

  test('a visitor without scripts sees prices, signs in, asks, follows the ride and stops it', async () => {
    const { page, picture, go } = await window(null, { ...PHONE, javaScriptEnabled: false })
    await go('/')
    await page.locator('#field-from').fill('times squ')
    await page.locator('#field-to').fill('Strand Bookstore')
    await page.getByRole('button', { name: 'See prices' }).click()
    const times = page.getByRole('link', { name: /Times Square/ }).first()
    await times.waitFor()
    await picture('30-did-you-mean')
    await times.click()
    await page.getByRole('button', { name: 'See prices' }).click()
    await page.waitForURL('**/quotes/*')
    await picture('31-quotes-without-script')
    await page.getByRole('link', { name: 'Sign in to ask' }).click()
    await page.locator('input[name=email]').fill(world.canal.otherRider.email)
    await page.locator('input[name=password]').fill('not the one')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await picture('32-sign-in-refused')
    expect(await page.getByRole('alert').count()).toBe(1)
    await page.locator('input[name=password]').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('**/quotes/*')
    // Nobody is on shift, so that the request stays one.
    await page.getByRole('button', { name: /Ask for Standard/ }).click()
    await page.waitForURL('**/rides/*')
    expect(await page.locator('h1').first().textContent()).toContain('Finding a driver')
    await picture('33-searching-without-script')
    await page.getByRole('link', { name: 'Stop looking' }).click()
    await picture('34-stop-looking')
    await page.locator('button[data-busy="Cancelling…"]').click()
    await page.waitForURL(/rides\/[0-9a-f-]+$/)
    await picture('35-cancelled')
    expect(await page.locator('#ride-status').getAttribute('data-state')).toBe('cancelled')
    await allWell()
  }, 60_000)

  test('the desk assigns by keyboard, takes off and cancels; the driver declines, and closes a no-show', async () => {
    const { canal } = world
    const before = await world.db.selectFrom('tariffs').selectAll().execute()
    for (const { created_at, created_by, published_at, published_by, withdrawn_at, ...row } of before)
      await world.db
        .insertInto('tariffs')
        .values({
          ...{ ...row, id: world.random.uuid(), state: 'published', version: row.version! + 1 },
          ...{ no_show_after_s: 2, rules: JSON.stringify(row.rules), withdrawn_by: undefined },
        })
        .execute()
    const rider = await world.newRider('Noor Haddad')
    const driver = await window(canal.otherDriver, { ...PHONE, at: TIMES_SQUARE })
    const desk = await window(canal.dispatcher, DESK)
    const press = (name: RegExp | string) => driver.page.getByRole('button', { name }).click({ delay: 20 })
    await driver.go('/driver')
    await press(/Go online/)
    await driver.page.locator('#gps[data-tone="ok"]').waitFor()
    await desk.go('/board')
    await desk.page.locator('.top').getByText('1 free').waitFor()

    await askRide(rider, 'two suitcases')
    const decline = driver.page.getByRole('button', { name: 'Decline' })
    await decline.waitFor()
    await decline.click()
    await driver.page.getByText(/Online since/).waitFor()
    await desk.page.locator('.queue-card').waitFor()
    await desk.page.keyboard.press('j')
    await desk.page.keyboard.press('Enter')
    await desk.page.locator('#assign').waitFor()
    await desk.page.keyboard.press('1')
    await desk.picture('40-board-candidates')
    await desk.page.keyboard.press('Enter')
    await driver.page.getByRole('button', { name: /I’ve arrived/ }).waitFor()
    await desk.page.getByRole('button', { name: 'Unassign' }).waitFor()
    await driver.picture('41-driver-given')

    await desk.page.getByRole('button', { name: 'Unassign' }).click()
    await desk.picture('42-unassign-dialog')
    await desk.page.locator('dialog[open] .button-danger').click()
    await desk.page.locator('#assign').waitFor()
    await driver.page.getByText(/Online since/).waitFor()
    await desk.page.locator('.pane-more summary').click()
    await desk.page.getByRole('button', { name: 'Cancel ride' }).click()
    await desk.page.locator('dialog[open] .button-danger').click()
    await desk.page.locator('#board-ride .badge', { hasText: 'Cancelled' }).waitFor()
    await desk.picture('43-board-cancelled')
    await desk.page.keyboard.press('Escape')
    await desk.page.getByText('No ride is chosen.').waitFor()

    const { id } = await askRide(rider)
    await press(/Accept/)
    // The car stands at the pickup: there is nothing to set off for.
    await driver.page.getByRole('button', { name: /I’ve arrived/ }).waitFor()
    // The page takes two presses within 400 ms for one.
    await driver.page.waitForTimeout(450)
    await press(/I’ve arrived/)
    await driver.page.locator('#no-show summary').click()
    await driver.picture('44-no-show')
    await driver.page.waitForTimeout(450)
    await press('Close as no-show')
    await driver.page.locator('[data-ended]').waitFor()
    await driver.picture('45-no-show-closed')
    const { state } = await rider.client.done<{ state: string }>('GET', `/api/v1/rides/${id}`)
    expect(state).toBe('no_show')
    await allWell()
  }, 90_000)

  test('the desk opens a ride that nobody took, and sees why on one page', async () => {
    const { uptown } = world
    await goOnline(world, uptown.driver, TIMES_SQUARE)
    const ride = await askRide(uptown.rider)
    let offerId: string | undefined
    await eventually('the driver is asked', async () => {
      offerId = (await uptown.driver.client.done<DriverAnswer>('GET', '/api/v1/driver')).offer?.id
      return offerId !== undefined
    })
    await uptown.driver.client.done('POST', `/api/v1/offers/${offerId}/decline`)

    const desk = await window(uptown.dispatcher, DESK)
    const { page } = desk
    await desk.go(`/board?ride=${ride.id}`)
    await page.getByRole('link', { name: 'See why' }).click()
    await page.waitForURL('**/trace')
    // The looks come within seconds, and the page shows them by itself.
    const why = page.locator('.trace-why')
    await why.getByText(/one driver was asked \(1 declined\); otherwise every free car near/).waitFor()
    await page.locator('.trace-map .map-ready').waitFor()
    await expectWellLaidOut(desk, '46-trace-newest')

    await page.getByRole('link', { name: /Chose 811/ }).click()
    await page.waitForURL(/[?]at=\d+/)
    await page.getByRole('heading', { name: /811, cost \d+/ }).waitFor()
    expect(await page.locator('.trace-row').count()).toBe(1)
    await page.locator('.trace-map .map-pin-from').waitFor()
    await expectWellLaidOut(desk, '47-trace-offer')
    await page.locator('.funnel-free').click()
    await page.locator('.funnel-free[aria-current]').waitFor()
    await page.goBack()
    await page.locator('.funnel-free:not([aria-current])').waitFor()
    const download = page.waitForEvent('download')
    await page.getByText('Export').click()
    await page.getByRole('link', { name: /CSV/ }).click()
    expect((await download).suggestedFilename()).toMatch(/^trace-HC-\d+\.csv$/)

    const phone = await window(uptown.dispatcher, PHONE)
    await phone.go(`/board/rides/${ride.id}/trace`)
    await expectWellLaidOut(phone, '48-trace-phone')
    await uptown.rider.client.done('POST', `/api/v1/rides/${ride.id}/cancellation`, { feeMinor: 0 })
    await uptown.driver.client.done('DELETE', '/api/v1/driver/shift')
    await allWell()
  }, 60_000)

  test('a rider shares a ride in one press; who has the link follows the car, with scripts and without, to its end', async () => {
    const { canal } = world
    await goOnline(world, canal.driver)
    const { id } = await askRide(canal.rider)
    await assign(canal, id)
    await takeSteps(canal.driver, id, 1)
    const rider = await window(canal.rider, PHONE)
    await rider.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await rider.go(`/rides/${id}`)
    await rider.page.getByRole('button', { name: 'Share this ride' }).click()
    const end = rider.page.getByRole('button', { name: 'Stop sharing' })
    await end.waitFor()
    const link = await rider.page.locator('#share-url').inputValue()
    await eventually(
      'the link is in the clipboard',
      async () => (await rider.page.evaluate(() => navigator.clipboard.readText())) === link,
    )
    await rider.picture('60-sharing')

    const { pathname } = new URL(link)
    const watcher = await window(null, PHONE)
    const plain = await window(null, { ...DESK, javaScriptEnabled: false })
    for (const { page, go } of [watcher, plain]) {
      await go(pathname)
      expect(await page.locator('h1').textContent()).toMatch(/^(Pickup in|Nearly at)/)
      expect(await page.locator('.plate').count()).toBe(1)
    }
    await watcher.page.locator('.map-ready').waitFor()
    await watcher.picture('61-shared')
    await plain.picture('62-shared-without-script')
    for (const step of ['arrive', 'board'])
      await canal.driver.client.done('POST', `/api/v1/rides/${id}/steps`, { step })
    // Without a press of anybody's: the page asks by itself.
    await watcher.page.locator('#shared-ride[data-state="in_progress"]').waitFor()
    await watcher.picture('63-shared-on-board')
    await plain.go(pathname)
    expect(await plain.page.locator('#shared-ride').getAttribute('data-state')).toBe('in_progress')
    await allWell(false)

    await end.click()
    await rider.page.getByRole('button', { name: 'Share this ride' }).waitFor()
    await watcher.page.getByRole('heading', { name: 'This link has ended' }).waitFor()
    await plain.go(pathname)
    expect(await plain.page.locator('h1').textContent()).toBe('This link has ended')
    await plain.picture('64-link-ended')
    await canal.driver.client.done('POST', `/api/v1/rides/${id}/steps`, { step: 'finish' })
    await canal.driver.client.done('DELETE', '/api/v1/driver/shift')
    for (const { context } of open) await context.close()
  }, 60_000)

  test('who signs in lands where their work is, and what is not there says so', async () => {
    const { canal } = world
    // Where several processes serve a company, staff add a second factor before they work.
    const board = isShared() ? '/account/security' : '/board'
    for (const [person, path] of [
      [canal.rider, '/'],
      [canal.driver, '/driver'],
      [canal.dispatcher, board],
      [canal.admin, board],
    ] as const) {
      const { page, go } = await window(null, DESK)
      await go('/sign-in')
      await page.locator('input[name=email]').fill(person.email)
      await page.locator('input[name=password]').fill(PASSWORD)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL((url) => url.pathname === path)
    }
    await allWell(false)
    const [rider] = open
    await rider!.go('/rides/00000000-0000-4000-8000-000000000000')
    await rider!.picture('50-not-there')
    await rider!.go('/board')
    await rider!.picture('51-not-yours')
    expect(await rider!.page.locator('h1').textContent()).toBe('Not yours to open')
    for (const { context } of open) await context.close()
  }, 60_000)
})
