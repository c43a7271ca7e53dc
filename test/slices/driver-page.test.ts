import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { RegionId, RideId } from '../../src/engine/units.ts'
import { manualClock } from '../../src/io/clock.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { askRide, assign, type DriverAnswer, goOnline, takeSteps } from '../support/ride-steps.ts'

const clock = manualClock(Date.UTC(2026, 10, 21, 14))
let world: AppWorld
beforeAll(async () => {
  world = await startApp({ clock, running: false, places: false })
}, 30_000)
afterAll(() => world?.stop())

test('a finished ride’s result goes when the driver has seen it, and another ride’s does not, without script', async () => {
  const { canal } = world
  const page = async (query = '') => (await canal.driver.client.call('GET', `/driver${query}`)).text()
  await goOnline(world, canal.driver)
  const ride = await askRide(canal.rider)
  await assign(canal, ride.id)
  await takeSteps(canal.driver, ride.id, 4)

  const ended = await page()
  expect(ended).toContain('Ride complete')
  expect(ended).toContain(`href="/driver?seen=${ride.id}"`)
  const seen = await page(`?seen=${ride.id}`)
  expect(seen).not.toContain('Ride complete')
  expect(seen).toContain('Online since')
  expect(await page(`?seen=${crypto.randomUUID()}`)).toContain('Ride complete')
  expect((await canal.driver.client.call('GET', '/driver?seen=1')).status).toBe(422)
})

test('what "Navigate" opens is the driver’s choice, on every phone of theirs', async () => {
  const { canal } = world
  const { client } = canal.driver
  const page = async (path: string) => (await client.call('GET', path)).text()
  await goOnline(world, canal.driver)
  const ride = await askRide(canal.rider)
  await assign(canal, ride.id)
  expect(await page('/driver')).toContain('https://www.openstreetmap.org/directions')
  const chosen = (navigates_by: string) =>
    client.form('/driver/settings', { navigates_by, key: crypto.randomUUID() })
  expect((await chosen('waze')).status).toBe(303)
  expect(await page('/driver')).toContain('https://waze.com/ul?ll=')
  expect(await page('/driver/settings')).toMatch(/value="waze" checked/)
  expect((await chosen('ouija')).status).toBe(422)
  await takeSteps(canal.driver, ride.id, 4)
})

test('at the pickup already, one step says set off and arrived, and both are in the ride’s history', async () => {
  const { canal } = world
  await goOnline(world, canal.driver)
  const ride = await askRide(canal.rider)
  await assign(canal, ride.id)
  const step = () => canal.driver.client.call('POST', `/api/v1/rides/${ride.id}/steps`, { step: 'arrive' })
  expect((await step()).status).toBe(200)
  // Said twice it is refused as before, and changes nothing.
  expect((await step()).status).toBe(409)
  const events = await world.db
    .selectFrom('ride_events')
    .select('type')
    .where('ride_id', '=', ride.id as RideId)
    .orderBy('version')
    .execute()
  expect(events.map(({ type }) => String(type))).toEqual(['request', 'assign', 'set_off', 'arrive'])
  for (const next of ['board', 'finish'])
    await canal.driver.client.done('POST', `/api/v1/rides/${ride.id}/steps`, { step: next })
})

test('a tap that came too late reads by how many seconds', async () => {
  const { canal } = world
  await goOnline(world, canal.driver)
  const ride = await askRide(canal.rider)
  for (const dispatcher of world.dispatchers) await dispatcher.run()
  const { offer } = await canal.driver.client.done<DriverAnswer>('GET', '/api/v1/driver')
  clock.advance(17_000)
  const answered = await canal.driver.client.call('POST', `/api/v1/offers/${offer!.id}/acceptance`, {})
  expect(answered.status).toBe(409)
  expect(await answered.text()).toContain('That offer ended 2 s ago and went on to another driver.')
  const page = await canal.driver.client.call('GET', '/driver?told=too_late&ago=2')
  expect(await page.text()).toContain('ended 2 s ago')
  await canal.rider.client.call('POST', `/api/v1/rides/${ride.id}/cancellation`, {})
})

test('the papers say what is in order, and from which hour on to rest', async () => {
  const { canal } = world
  await world.db
    .updateTable('regions')
    .set({ drive_limit_s: 3_600, rest_s: 3_600 })
    .where('id', '=', canal.regionId as RegionId)
    .execute()
  await canal.driver.client.call('DELETE', '/api/v1/driver/shift')
  clock.advance(3_600_000)
  const papers = await (await canal.driver.client.call('GET', '/driver/papers')).text()
  expect(papers).toContain('of 1 h driven since your last rest')
  const { hours } = await canal.driver.client.done<{ hours: { leftMs: number } }>('GET', '/api/v1/driver')
  expect(hours.leftMs).toBeLessThanOrEqual(3_600_000)
  await goOnline(world, canal.driver)
  clock.advance(3_600_000)
  for (const dispatcher of world.dispatchers) await dispatcher.run()
  const page = await (await canal.driver.client.call('GET', '/driver')).text()
  expect(page).toContain('Go online from')
  const again = await canal.driver.client.call('POST', '/api/v1/driver/shift', {})
  expect(again.status).toBe(409)
  expect(await again.text()).toContain('Your driving hours are used up.')
})

test('a break is one press, and one press ends it', async () => {
  const { canal } = world
  clock.advance(3_600_000)
  await goOnline(world, canal.driver)
  const page = async () => (await canal.driver.client.call('GET', '/driver')).text()
  const begun = await canal.driver.client.call('POST', '/api/v1/driver/break', {})
  expect(begun.status).toBe(201)
  expect(await page()).toContain('On a break since')
  expect(await canal.driver.client.done('GET', '/api/v1/driver')).toMatchObject({
    break: { beganAtMs: world.clock.nowMs() },
  })
  await canal.driver.client.done('DELETE', '/api/v1/driver/break')
  expect(await page()).toContain('Online since')
})
