import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { manualClock } from '../../src/io/clock.ts'
import { createLog } from '../../src/io/log.ts'
import { workOnImports } from '../../src/places/import-runs.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { keptLetter } from '../support/mail.ts'
import { DESK, expectWellLaidOut, makeWindows, PHONE } from '../support/pages.ts'
import { askPrices, askRide } from '../support/ride-steps.ts'
import { describeWith } from '../support/servers.ts'

describeWith('chromium', 'the back office in its real pages', () => {
  let world: AppWorld
  let browser: Browser
  const window = makeWindows(() => ({ browser, world }))
  beforeAll(async () => {
    world = await startApp({ running: false })
    await askRide(world.canal.rider, 'so that she is a rider of theirs')
    browser = await launchChromium()
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await world?.stop()
  })

  test('on a phone the row of its parts begins where one is', async () => {
    const office = await window(world.canal.admin, PHONE)
    await office.go('/admin/audit')
    const link = office.page.locator('.settings-nav [aria-current="page"]')
    const box = (await link.boundingBox())!
    expect(box.x).toBeGreaterThanOrEqual(0)
    expect(box.x + box.width).toBeLessThanOrEqual(office.page.viewportSize()!.width)
  })

  /** Press Tab until the focus is on what has these words. */
  async function tabTo(page: Page, words: string): Promise<void> {
    // Of several windows only the one in front has the keyboard for certain.
    await page.bringToFront()
    for (let n = 0; n < 120; n++) {
      await page.keyboard.press('Tab')
      const on = await page.evaluate(() => {
        const element = document.activeElement as HTMLInputElement | null
        return `${element?.labels?.[0]?.textContent ?? ''} ${element?.textContent ?? ''}`
      })
      if (on.includes(words)) return
    }
    throw new Error(`"${words}" is not reached by keyboard`)
  }

  test('an admin bans somebody by keyboard alone; the mistake before it is said at its field', async () => {
    const office = await window(world.canal.admin, PHONE)
    const { page } = office
    await office.go(`/admin/people/${world.canal.otherDriver.identityId}`)
    await expectWellLaidOut(office, '80-person')
    await tabTo(page, 'Reason, in words')
    await page.keyboard.type('no')
    await tabTo(page, 'Ban Cy Duval')
    await page.keyboard.press('Enter')
    await page.getByText('Say why, in a few words.').waitFor()
    await expectWellLaidOut(office, '81-ban-refused')
    await tabTo(page, 'Reason, in words')
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('no licence was shown')
    await tabTo(page, 'Ban Cy Duval')
    await page.keyboard.press('Enter')
    await page.getByText('Banned. They are told by letter.').waitFor()
    await expectWellLaidOut(office, '82-banned')
    await page.getByText('no licence was shown').first().waitFor()
  }, 60_000)

  test('an admin looks through a rider’s eyes and comes back', async () => {
    const office = await window(world.canal.admin, DESK)
    const { page } = office
    await office.go('/admin/people?q=ada')
    await expectWellLaidOut(office, '83-people')
    await page.getByRole('link', { name: 'Ada Okafor' }).click()
    await page.getByLabel('Why').fill('She cannot find her receipt')
    await page.getByRole('button', { name: 'Look as Ada Okafor' }).click()
    await page.getByText('You look through the eyes of').waitFor()
    await office.go('/rides')
    await expectWellLaidOut(office, '84-eyes')
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.waitForURL('**/admin/people/**')
    expect(await page.getByText('You look through the eyes of').count()).toBe(0)
  }, 60_000)

  test('a zone is drawn by pressing the map, its corner dragged, its mistake shown; another by keyboard alone', async () => {
    const office = await window(world.canal.admin, DESK)
    const { page } = office
    await office.go('/admin/zones')
    await page.getByRole('link', { name: 'Draw a zone' }).click()
    const map = page.locator('.zone-map .map')
    const says = page.locator('[data-zone-says]')
    const { x, y, width, height } = (await map.boundingBox())!
    const at = (right: number, down: number) => [x + width * right, y + height * down] as const
    const corners = [at(0.3, 0.3), at(0.7, 0.3), at(0.7, 0.7), at(0.3, 0.7)]
    for (const [n, corner] of corners.entries()) {
      // Two presses within half a second would be one of the map's own.
      await page.waitForFunction(
        (so) => document.querySelectorAll('.zone-handle:not(.zone-handle-middle)').length === so,
        n,
      )
      await page.mouse.click(...corner)
    }
    await says.getByText('4 corners').waitFor()
    // The second corner, dragged across the opposite edge.
    const drag = async (from: readonly [number, number], to: readonly [number, number]) => {
      await page.mouse.move(...from)
      await page.mouse.down()
      await page.mouse.move(...to, { steps: 5 })
      await page.mouse.up()
    }
    await drag(at(0.7, 0.3), at(0.2, 0.5))
    await says.getByText('It crosses itself').waitFor()
    await expectWellLaidOut(office, '98-zone-crossing')
    await page.getByLabel('Name', { exact: true }).fill('Midtown')
    await page.getByRole('button', { name: 'Save the zone' }).click()
    await page.getByText('The outline crosses or touches itself near').waitFor()
    await expectWellLaidOut(office, '98-zone-refused')
    // Shown again it fills the map, so the corner is put back by its numbers.
    await page
      .getByRole('combobox', { name: 'Corner' })
      .or(page.getByLabel('Corner', { exact: true }))
      .selectOption('1')
    await page.getByLabel('Latitude').fill('40.77')
    await page.getByLabel('Latitude').press('Enter')
    await page.getByLabel('Longitude').fill('-73.96')
    await page.getByLabel('Longitude').press('Enter')
    await says.getByText('4 corners').waitFor()
    await page.getByRole('button', { name: 'Save the zone' }).click()
    await page.getByText('The zone is drawn. It counts from now on.').waitFor()
    const { admin, regionId } = world.canal
    expect(world.companies.zones(regionId).map(({ name }) => name)).toEqual(['Midtown'])

    const phone = await window(admin, PHONE)
    await phone.go(`/admin/regions/${regionId}/zones/new`)
    await tabTo(phone.page, 'Add corners')
    await phone.page.locator('.zone-map .map').focus()
    // The map moves under its middle by 80 pixels, and takes no key while it does.
    for (const [key, n] of [
      ['ArrowRight', 1],
      ['ArrowDown', 2],
      ['ArrowLeft', 3],
    ] as const) {
      await phone.page.keyboard.press('Enter')
      await phone.page.waitForFunction(
        (so) => document.querySelectorAll('.zone-handle:not(.zone-handle-middle)').length === so,
        n,
      )
      const before = await phone.page.locator('.zone-handle-chosen').boundingBox()
      await phone.page.keyboard.press(key)
      await phone.page.waitForFunction((from) => {
        const now = document.querySelector('.zone-handle-chosen')?.getBoundingClientRect()
        return now !== undefined && (Math.abs(now.x - from.x) >= 80 || Math.abs(now.y - from.y) >= 80)
      }, before!)
    }
    await phone.page.locator('[data-zone-says]').getByText('3 corners').waitFor()
    await tabTo(phone.page, 'Corner after it')
    await phone.page.keyboard.press('Enter')
    await phone.page.locator('[data-zone-says]').getByText('4 corners').waitFor()
    await tabTo(phone.page, 'Remove corner')
    await phone.page.keyboard.press('Enter')
    await phone.page.locator('[data-zone-says]').getByText('3 corners').waitFor()
    await tabTo(phone.page, 'Name')
    await phone.page.keyboard.type('Garment corner')
    await tabTo(phone.page, 'Save the zone')
    await phone.page.keyboard.press('Enter')
    await phone.page.getByText('The zone is drawn. It counts from now on.').waitFor()
    await expectWellLaidOut(phone, '98-zone-phone')
    expect(world.companies.zones(regionId).map(({ name }) => name)).toEqual(['Garment corner', 'Midtown'])
  }, 120_000)

  test('an admin draws an airport zone, publishes a tariff from a date, and the next quote shows its line with the reason', async () => {
    // Nine in the morning there; nobody has to wait for noon.
    const clock = manualClock(Date.UTC(2026, 10, 21, 14))
    const world = await startApp({ clock })
    await using _ = { [Symbol.asyncDispose]: () => world.stop() }
    const { admin, rider, regionId } = world.canal
    await askRide(rider, 'a ride to preview')
    const office = await window(admin, DESK, world)
    const { page } = office
    await office.go(`/admin/regions/${regionId}/zones/new`)
    // The seaplanes land at the foot of Wall Street; the corners as the map hands them out.
    await page.getByText('As coordinates or GeoJSON').click()
    await page
      .getByLabel('Corners')
      .fill('40.7060, -74.0130\n40.7060, -74.0095\n40.7085, -74.0095\n40.7085, -74.0130')
    await page.locator('[data-zone-says]').getByText('4 corners, 8').waitFor()
    await page.getByLabel('Name', { exact: true }).fill('Wall Street airport')
    await page.getByLabel('Airport', { exact: true }).check()
    await page.getByRole('button', { name: 'Save the zone' }).click()
    await page.getByText('The zone is drawn.').waitFor()
    await office.go('/admin/tariffs')
    await expectWellLaidOut(office, '99-tariffs')
    await page.getByRole('link', { name: 'Draft a change: Standard' }).click()
    await page.getByRole('button', { name: 'Add times' }).click()
    const times = page.locator('[data-rows="schedule"] fieldset')
    await times.getByLabel('Name').fill('Night')
    await times.getByLabel('From').fill('22:00')
    await times.getByLabel('Until').fill('06:00')
    await times.getByLabel('Percent more').fill('a quarter')
    await page.getByRole('button', { name: 'Add a rule' }).click()
    const rule = page.locator('[data-rows="zones"] fieldset')
    await rule.getByLabel('Name').fill('Airport fee')
    await rule.getByLabel('Zone', { exact: true }).selectOption({ label: 'Wall Street airport' })
    await rule.getByLabel('Amount').fill('5.25')
    // Taken up and left again: nothing of it is kept.
    await page.getByRole('button', { name: 'Add a rule' }).click()
    await page.getByRole('button', { name: 'Remove: Rule by zone, row 2' }).click()
    await page.getByRole('button', { name: 'Save and see what it changes' }).click()
    await page.getByText('Percent more, such as 25; -10 for less.').waitFor()
    await expectWellLaidOut(office, '99-tariff-refused')
    await times.getByLabel('Percent more').fill('25')
    await page.getByRole('button', { name: 'Save and see what it changes' }).click()
    await page
      .getByText('New: Airport fee: $5.25 for rides that begin or end in Wall Street airport.')
      .waitFor()
    await page.getByText('Airport fee +$5.25 · New York sales tax').first().waitFor()
    await expectWellLaidOut(office, '99-tariff-preview')
    await page.getByLabel('From a day and time').check()
    await page.getByLabel('Day', { exact: true }).fill('2026-11-21')
    await page.getByLabel('Time', { exact: true }).fill('12:00')
    await page.getByRole('button', { name: 'Publish' }).click()
    await page.getByText('Published. Prices follow it').waitFor()
    await page.getByText('to come').first().waitFor()

    const fee = async () => {
      const { id } = await askPrices(rider)
      const page = await (await rider.client.get(`/quotes/${id}`)).text()
      return page.includes('Airport fee')
    }
    clock.advance(3 * 3_600_000 - 1)
    expect(await fee()).toBe(false)
    clock.advance(1)
    expect(await fee()).toBe(true)
    const phone = await window(rider, PHONE, world)
    const prices = await askPrices(rider)
    await phone.go(`/quotes/${prices.id}`)
    await phone.page.getByText('What the price contains').click()
    await phone.page.getByText('where the ride begins or ends').first().waitFor()
    await phone.page.getByText('$5.25').first().waitFor()
    await expectWellLaidOut(phone, '99-quote-phone')
    const small = await window(admin, PHONE, world)
    for (const [name, path] of [
      ['99-tariffs-phone', '/admin/tariffs'],
      ['99-tariff-draft-phone', `/admin/regions/${regionId}/tariffs/standard`],
    ] as const) {
      await small.go(path)
      await expectWellLaidOut(small, name)
    }
  }, 120_000)

  test('a list of places is sent, watched while it is read, and removed', async () => {
    const office = await window(world.platform, PHONE)
    const { page } = office
    await office.go('/admin/places')
    await expectWellLaidOut(office, '99-places-empty')
    const csv = 'name,kind,lat,lng\nBee Hotel,hotel,40.75,-73.98\nNowhere,park,91,1\n'
    await page
      .getByLabel('File', { exact: true })
      .setInputFiles({ name: 'p.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
    await page.getByLabel('Name of this list').fill('Hotels')
    await page.getByText('Leave out rows that are no places').click()
    await page.getByRole('button', { name: 'Bring it in' }).click()
    await page.getByText('Waits for its turn').waitFor()
    await expectWellLaidOut(office, '99-places-waiting')
    await workOnImports({ ...world, log: createLog('silent') })
    // The page asks for itself again, and finds the report.
    await page.getByText('These places are in the list').waitFor()
    await page.getByText('row 3 lies at latitude 91').waitFor()
    await expectWellLaidOut(office, '99-places-report')
    const desk = await window(world.platform, DESK)
    await desk.go('/admin/places?q=bee+hotel')
    await desk.page.getByText('hotel', { exact: true }).first().waitFor()
    await desk.page.locator('summary', { hasText: 'Remove' }).click()
    await expectWellLaidOut(desk, '99-places-desk')
    await desk.page.getByRole('button', { name: 'Remove Hotels' }).click()
    await desk.page.getByText('The places are removed.').waitFor()
  }, 60_000)

  test('letters that were not sent: empty and full, and one opened by keyboard alone', async () => {
    const { companyId, admin } = world.canal
    const sizes = [
      ['phone', PHONE],
      ['desk', DESK],
    ] as const
    await world.db.deleteFrom('notices').execute()
    for (const [size, options] of sizes) {
      const office = await window(admin, options)
      for (const [name, path] of [
        ['92-outbox-empty', '/outbox'],
        ['93-mail-empty', '/admin/mail'],
        ['94-mail-none-waiting', '/admin/mail?state=waiting'],
      ] as const) {
        await office.go(path)
        await expectWellLaidOut(office, `${name}-${size}`)
      }
    }
    const long = `${'very-long-'.repeat(6)}@a-domain-with-a-long-name.example`
    const kept = { to: long, name: 'Ada Okafor', link: '/verify/the-token' }
    await keptLetter(world, kept)
    await world.db
      .updateTable('notices')
      .set({ state: 'dead', company_id: companyId, error: `550 5.1.1 ${long}: nobody here`, tries: 7 })
      .where('id', '=', await keptLetter(world, kept))
      .execute()
    for (const [size, options] of sizes) {
      const visitor = await window(null, options)
      await visitor.go('/outbox')
      await expectWellLaidOut(visitor, `95-outbox-${size}`)
      await tabTo(visitor.page, 'Confirm your e-mail address')
      await visitor.page.keyboard.press('Enter')
      await visitor.page.getByRole('link', { name: 'Confirm my address' }).waitFor()
      await expectWellLaidOut(visitor, `96-letter-${size}`)
      await tabTo(visitor.page, 'All letters')
      await tabTo(visitor.page, 'Confirm my address')
      const office = await window(admin, options)
      await office.go('/admin/mail')
      await expectWellLaidOut(office, `97-mail-${size}`)
    }
    const { page, go } = await window(admin, DESK)
    await go('/admin/mail')
    await page.getByRole('button', { name: 'Try again' }).waitFor()
    await tabTo(page, 'Try again')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/admin/mail?again=1')
  }, 120_000)
})
