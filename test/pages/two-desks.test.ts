/** Two dispatchers on one ride, each in a browser of their own. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import type { LatLng } from '../../src/engine/units.ts'
import { type AppWorld, type Person, startApp, TIMES_SQUARE, WALL_STREET } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { DESK, expectWellLaidOut, openWindow } from '../support/pages.ts'
import { askRide, assign, type DriverAnswer, goOnline, pingAt } from '../support/ride-steps.ts'
import { describeWith } from '../support/servers.ts'

describeWith('chromium', 'two dispatchers on one ride', () => {
  let world: AppWorld
  let browser: Browser
  beforeAll(async () => {
    // The matcher asks only who stands at the pickup; its offers stay open for as long as a slow browser may need.
    world = await startApp({ radiusM: 1, offerTtlS: 120, uptownHost: null, sharing: true })
    browser = await launchChromium()
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await world?.stop()
  })

  test(
    'with scripts off a ride is taken off its driver and cancelled, each question asked',
    async () => {
      const { canal } = world
      const { id } = await askRide(canal.rider)
      await goOnline(world, canal.driver)
      await assign(canal, id)
      const { page, go, context } = await openWindow(browser, world, canal.dispatcher, {
        ...DESK,
        javaScriptEnabled: false,
      })
      await go(`/board?ride=${id}`)
      await page.getByRole('button', { name: 'Unassign' }).click()
      await page.locator('dialog[open] .button-danger').click()
      await page.locator('#board-ride .badge', { hasText: 'unassigned' }).waitFor()
      await page.locator('.pane-more summary').click()
      await page.getByRole('button', { name: 'Cancel ride' }).click()
      await page.locator('dialog[open] [command="close"]').click()
      expect(await page.locator('dialog[open]').count()).toBe(0)
      await page.getByRole('button', { name: 'Cancel ride' }).click()
      await page.locator('dialog[open] .button-danger').click()
      await page.locator('#board-ride .badge', { hasText: 'Cancelled' }).waitFor()
      await context.close()
      await canal.driver.client.call('DELETE', '/api/v1/driver/shift')
    },
    BROWSER_TIMEOUT_MS,
  )

  test(
    'see each other, cannot undo each other by accident, and each takes back their own',
    async () => {
      const { canal } = world
      const { id } = await askRide(canal.rider)
      await goOnline(world, canal.driver)
      const ines = await openWindow(browser, world, canal.dispatcher, DESK)
      const max = await openWindow(browser, world, canal.admin, DESK)
      await ines.go(`/board?ride=${id}`)
      await max.go(`/board?ride=${id}`)
      await max.page.getByText(`${canal.dispatcher.name} has it open too.`).waitFor()
      await ines.page.getByText(`${canal.admin.name} has it open too.`).waitFor()

      // Ines is asked whether to cancel when Max gives the ride away.
      await ines.page.locator('.pane-more summary').click()
      await ines.page.getByRole('button', { name: 'Cancel ride' }).click()
      await max.page.locator('#assign').waitFor()
      await max.page.keyboard.press('Enter')
      const undo = max.page.locator('#board-undo form')
      await undo.getByText('given to 204.').waitFor()
      await ines.page.locator('dialog[open] .button-danger').click()
      const notice = ines.page
        .getByRole('alert')
        .getByText(/gave this ride to 204 .* ago\. Your choice was not used\./)
      await notice.waitFor()
      expect(await notice.textContent()).toStartWith(canal.admin.name)

      // Max takes it back by one key; Ines's pane follows by itself.
      await max.page.bringToFront()
      await max.page.keyboard.press('u')
      await max.page.locator('#board-ride .badge', { hasText: 'unassigned' }).waitFor()
      await ines.page.locator('#board-ride .badge', { hasText: 'unassigned' }).waitFor()
      await undo.waitFor({ state: 'detached' })

      await ines.page.bringToFront()
      await ines.page.locator('[data-act="edit"]').click()
      await ines.page.getByRole('heading', { name: /^Change HC-/ }).waitFor()
      await expectWellLaidOut(ines, 'desk-edit')
      await max.page.getByText(`${canal.dispatcher.name} is changing this ride.`).waitFor()
      await ines.page.getByLabel('Note for the driver').fill('By the blue door')
      await ines.page.getByRole('button', { name: 'Save name and note' }).click()
      await ines.page.getByText('“By the blue door”').waitFor()
      await max.page.getByText('“By the blue door”').waitFor()
      await canal.dispatcher.client.done('POST', `/api/v1/board/rides/${id}/cancellation`, {
        reason: 'the next part of the test',
      })
      for (const { context, mistakes } of [ines, max]) {
        // The refusal is an answer like any other; the browser writes its status down all the same.
        expect(mistakes.filter((mistake) => !mistake.includes('409'))).toEqual([])
        await context.close()
      }
    },
    BROWSER_TIMEOUT_MS,
  )

  test(
    'two desks and a driver with the matcher’s offer in the same instant: one has it, and both pages say who',
    async () => {
      const { canal } = world
      const { driver, otherDriver, dispatcher, admin } = canal
      const { id } = await askRide(canal.rider)
      const [ines, max] = [
        await openWindow(browser, world, dispatcher, DESK),
        await openWindow(browser, world, admin, DESK),
      ]
      for (const desk of [ines, max]) await desk.go(`/board?ride=${id}`)
      await driver.client.call('DELETE', '/api/v1/driver/shift')
      await goOnline(world, driver, TIMES_SQUARE)
      const offerOf = async () => (await driver.client.done<DriverAnswer>('GET', '/api/v1/driver')).offer
      let offer = await offerOf()
      while (offer?.rideId !== id) {
        await Bun.sleep(50)
        offer = await offerOf()
      }
      await goOnline(world, otherDriver)
      for (const { page } of [ines, max])
        await page.locator('#assign input[data-call-sign="163"]').check({ force: true })

      // Each press waits for the others on its way, so that all three arrive together.
      const together = Promise.withResolvers<void>()
      let arrived = 0
      const arrive = () => {
        arrived += 1
        if (arrived === 2) together.resolve()
        return together.promise
      }
      for (const { page } of [ines, max]) {
        await page.route(`**/board/rides/${id}/assignment`, async (route) => {
          await arrive()
          await route.continue()
        })
        await page.locator('button[form="assign"]').click()
      }
      const taken = together.promise.then(() =>
        driver.client.call('POST', `/api/v1/offers/${offer.id}/acceptance`, {}),
      )
      const driverHasIt = (await taken).ok
      const chips = [ines, max].map(({ page }) => page.locator('.driver-chip .driver-link'))
      for (const chip of chips) await chip.waitFor()
      const [one, other] = await Promise.all(chips.map((chip) => chip.textContent()))
      expect(one).toBe(other)
      expect(one).toStartWith(driverHasIt ? '204' : '163')
      const notices = [ines, max].map(({ page }) =>
        page.getByRole('alert').getByText(/ ago\. Your choice was not used\./),
      )
      // Whoever was too late reads who was first; whose choice it was can take it back.
      if (driverHasIt)
        for (const notice of notices)
          expect(await notice.textContent()).toMatch(
            /^204 took this ride .* ago\. Your choice was not used\.$/,
          )
      else {
        const { actor_id } = await world.db
          .selectFrom('ride_events')
          .select('actor_id')
          .where('ride_id', '=', id as never)
          .where('type', '=', 'assign')
          .executeTakeFirstOrThrow()
        const [late, first] =
          actor_id === dispatcher.identityId ? [notices[1]!, dispatcher] : [notices[0]!, admin]
        expect(await late.textContent()).toMatch(
          new RegExp(`^${first.name} gave this ride to 163 .* ago\\. Your choice was not used\\.$`),
        )
      }
      // What was refused stays to be read, however often the pane is drawn anew.
      const read = await Promise.all(notices.map((notice) => notice.count()))
      const has = driverHasIt ? driver : otherDriver
      for (const step of ['set_off', 'arrive'])
        await has.client.done('POST', `/api/v1/rides/${id}/steps`, { step })
      for (const { page } of [ines, max])
        await page.locator('#board-ride .badge', { hasText: 'Waiting' }).waitFor()
      expect(await Promise.all(notices.map((notice) => notice.count()))).toEqual(read)
      for (const { context, mistakes } of [ines, max]) {
        expect(mistakes).toEqual([])
        await context.close()
      }
    },
    BROWSER_TIMEOUT_MS,
  )

  test(
    'who goes over to another company’s desk in the same browser: a board that is open stays its own company’s, lets nothing through and says so',
    async () => {
      const { canal, uptown } = world
      const made = await world.auth.createPerson({
        ...{ name: 'Dido Both', email: 'dido@demo.honeycab', password: null },
        memberships: [canal, uptown].map(({ companyId }) => ({ companyId, role: 'dispatcher' as const })),
      })
      if (!made.ok) throw new Error(made.reason)
      const origin = uptown.dispatcher.client.origin
      const dido = { ...uptown.dispatcher, name: 'Dido Both', identityId: made.value }
      const ride = await askRide(canal.otherRider)
      const desk = await openWindow(browser, world, dido, DESK)
      const { page, context, mistakes } = desk
      await desk.go(`/at/canal-street?next=${encodeURIComponent(`/board?ride=${ride.id}`)}`)
      await page.getByRole('heading', { name: ride.reference, exact: true }).waitFor()
      const other = await context.newPage()
      await other.goto(`${origin}/at/uptown?next=/board`)
      await other.locator('.top-name').getByText('Uptown Cars').waitFor()

      await page.bringToFront()
      await page.keyboard.press('c')
      await page.locator('dialog[open] .button-danger').click()
      const bar = page.locator('#desk-other')
      await bar
        .getByText(
          'This page is of Canal Street Cars, and you are at another company’s desk in this browser now.',
        )
        .waitFor()
      await page.keyboard.press('Escape')
      await expectWellLaidOut(desk, '75-board-other-desk')
      // Forms without scripts say whose they are, too; and so does the line when it comes again.
      const csrf = await page.locator('meta[name="csrf"]').getAttribute('content')
      const form = { csrf: csrf ?? '', key: crypto.randomUUID(), to: 'all', text: 'Come home' }
      const sent = await context.request.post(`${origin}/board/messages`, { form, headers: { origin } })
      expect([sent.status(), await sent.text()]).toEqual([
        409,
        expect.stringContaining('another company’s desk'),
      ])
      const live = (await page.locator('body').getAttribute('data-live'))!
      expect((await context.request.get(`${origin}${live}`)).status()).toBe(409)
      expect(await world.db.selectFrom('desk_sendings').select('id').execute()).toEqual([])
      const { state } = await world.db
        .selectFrom('rides')
        .select('state')
        .where('id', '=', ride.id as never)
        .executeTakeFirstOrThrow()
      expect(state).toBe('requested')
      // What stands there is still this company's, and nothing of the other.
      expect(await page.locator(`#board-table #row-${ride.id}`).count()).toBe(1)
      expect(await page.locator('#board').textContent()).not.toContain('Uptown')

      await bar.getByRole('link', { name: 'Back to Canal Street Cars' }).click()
      await page.locator(`#board-table #row-${ride.id} .row-link`).click()
      await page.getByRole('heading', { name: ride.reference, exact: true }).waitFor()
      await page.keyboard.press('c')
      await page.locator('dialog[open] .button-danger').click()
      await page.locator('#board-ride .badge', { hasText: 'Cancelled' }).waitFor()
      expect(await bar.count()).toBe(0)
      expect(mistakes).toEqual([])
      await context.close()
    },
    BROWSER_TIMEOUT_MS,
  )

  test(
    'riders who share are merged by a key and taken back, and one is put into the other’s car once that is read',
    async () => {
      const { canal } = world
      const { client } = canal.dispatcher
      await emptyTheBoard(world)
      await canal.driver.client.call('DELETE', '/api/v1/driver/shift')
      const one = await askShared(canal.rider, TIMES_SQUARE, WALL_STREET)
      const two = await askShared(canal.otherRider, HERALD_SQUARE, UNION_SQUARE)
      const ines = await openWindow(browser, world, canal.dispatcher, DESK)
      const { page } = ines
      await ines.go('/board')
      const row = (id: string) => page.locator(`#row-${id}`)
      const mark = async ({ id }: { id: string }) => {
        await row(id).locator('a[data-ride]').focus()
        await page.keyboard.press('x')
        await row(id).locator('.mark input:checked').waitFor()
      }
      await mark(one)
      await mark(two)
      await page.keyboard.press('Shift+M')
      // What it means is read first; the button for it has the focus.
      await page.getByRole('heading', { name: '2 riders in one car' }).waitFor()
      await page.locator('#bulk-merge button:focus').waitFor()
      expect(await page.locator('.mark input:checked').count()).toBe(2)
      await expectWellLaidOut(ines, 'merge-preview')
      // Told of those that were marked, and of no others.
      await row(two.id).locator('.mark input').uncheck()
      await page.locator('.merge-preview').waitFor({ state: 'detached' })
      await row(two.id).locator('.mark input').check()
      await page.keyboard.press('Shift+M')
      await page.locator('#bulk-merge button:focus').waitFor()
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Merged: 2 of 2 done' }).waitFor()
      await row(one.id).getByText(`with ${two.reference}`).waitFor()
      await row(two.id).getByText(`with ${one.reference}`).waitFor()
      await expectWellLaidOut(ines, 'merged')
      await page.keyboard.press('u')
      await page.getByRole('heading', { name: 'Taken back: 2 of 2 done' }).waitFor()
      await row(one.id).getByText(`with ${two.reference}`).waitFor({ state: 'detached' })

      await mark(one)
      await mark(two)
      await page.keyboard.press('Shift+M')
      await page.locator('#bulk-merge button:focus').waitFor()
      await page.keyboard.press('Shift+M')
      await row(two.id).getByText(`with ${one.reference}`).waitFor()
      await ines.go(`/board?ride=${two.id}`)
      await page.getByText('One car for all of them').waitFor()
      await expectWellLaidOut(ines, 'merged-pane')
      await page.keyboard.press('f')
      await page.locator('#board-undo').getByText('goes alone again').waitFor()
      await page.getByText('One car for all of them').waitFor({ state: 'detached' })

      await goOnline(world, canal.driver, TIMES_SQUARE)
      await client.done('POST', `/api/v1/board/rides/${one.id}/assignment`, {
        driverId: canal.driver.driverId,
      })
      await ines.go(`/board?ride=${two.id}`)
      await page.getByText('Shared cars under way').waitFor()
      await page.locator('#shared-cars').getByText(canal.rider.name).waitFor()
      await expectWellLaidOut(ines, 'shared-cars')
      await canal.driver.client.done('POST', '/api/v1/positions', { pings: [pingAt(world, TIMES_SQUARE)] })
      await page.keyboard.press('i')
      await page.locator('#board-undo').getByText('put into the car of 204').waitFor()
      await page.getByText('In the same car').waitFor()
      expect(ines.mistakes).toEqual([])
      await ines.context.close()
    },
    BROWSER_TIMEOUT_MS,
  )
})

const HERALD_SQUARE = { lat: 40.7497, lng: -73.9878 }
const UNION_SQUARE = { lat: 40.7359, lng: -73.9911 }

async function askShared({ client }: Person, from: LatLng, to: LatLng) {
  const { options } = await client.done<{ options: { quoteId: string; shared: unknown }[] }>(
    'POST',
    '/api/v1/quotes',
    { from: { ...from, label: 'Here' }, to: { ...to, label: 'There' }, seats: 1 },
  )
  const quoteId = options.find(({ shared }) => shared !== null)!.quoteId
  return client.done<{ id: string; reference: string }>('POST', '/api/v1/rides', {
    ...{ quoteId, payment: 'cash', note: '' },
  })
}

/** What the tests before left waiting. */
async function emptyTheBoard({ canal }: AppWorld): Promise<void> {
  const { client } = canal.dispatcher
  const { rides } = await client.done<{ rides: { rideId: string }[] }>('GET', '/api/v1/board/rides')
  if (rides.length > 0)
    await client.done('POST', '/api/v1/board/batches', {
      ...{ act: 'cancel', reason: 'the next test', rides: rides.map(({ rideId }) => ({ id: rideId })) },
    })
}
