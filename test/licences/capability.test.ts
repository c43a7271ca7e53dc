/** Who may drive: asked when going online, when offered a ride and when taking it, to the end of the licence's day. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { capabilityOf } from '../../src/drivers/capability.ts'
import { startShift } from '../../src/drivers/drivers.ts'
import type { Day } from '../../src/engine/day.ts'
import type { LicenceState } from '../../src/io/tables/licences.ts'
import { type Driver, makeDriver, makeRider, START_MS } from '../support/cast.ts'
import { type CoreWorld, type Desk, openDesk, startWorld } from '../support/dispatch.ts'

const HOUR_MS = 3_600_000
let world: CoreWorld
let desk: Desk
beforeAll(async () => {
  world = await startWorld()
  desk = openDesk(world)
}, 60_000)
afterAll(() => world.database.stop())
const goTo = (ms: number) => world.clock.advance(ms - world.clock.nowMs())
beforeEach(() => goTo(START_MS))

let drivers = 0
const newDriver = () => makeDriver(world.db, world.random, world.city, `Driver ${++drivers}`)
const hindranceOf = async (driver: Driver) =>
  (await capabilityOf(world.db, {
    ...{ companyId: world.city.companyId, driverId: driver.id },
    nowMs: world.clock.nowMs(),
  }))!.hindrance

/** The licence runs out on this day, or has another state. */
function licence(driver: Driver, change: { expires_on?: Day; state?: LicenceState }) {
  const { state } = change
  return world.db
    .updateTable('licences')
    .set({
      ...change,
      ...(state === 'rejected' ? { reason: 'blurred' } : {}),
      ...(state === 'expired' ? { ended_at: new Date(START_MS) } : {}),
    })
    .where('identity_id', '=', driver.identityId)
    .execute()
}
const online = (driver: Driver) => {
  const { companyId, regionId } = world.city
  const shift = { companyId, regionId, driverId: driver.id, vehicleId: driver.vehicleId }
  return desk.inOneUnit((unit) => startShift(unit, world.random, shift))
}
const company = (licence_check: 'checked' | 'not_checked') =>
  world.db.updateTable('companies').set({ licence_check }).where('id', '=', world.city.companyId).execute()
const onShift = async (driver: Driver) =>
  (
    await world.db
      .selectFrom('shifts')
      .select(['ended_at', 'end_reason'])
      .where('driver_id', '=', driver.id)
      .orderBy('started_at', 'desc')
      .executeTakeFirstOrThrow()
  ).end_reason

describe('going online', () => {
  test.each([
    [{ state: 'submitted' }, 'licence_waiting'],
    [{ state: 'rejected' }, 'licence_rejected'],
    [{ state: 'expired' }, 'licence_expired'],
    [{ state: 'draft' }, 'licence_missing'],
    [{ expires_on: '2026-11-20' }, 'licence_expired'],
    [{ expires_on: '2026-11-21' }, null],
  ] as const)('with a licence that is %p: %p', async (change, hindrance) => {
    const driver = await newDriver()
    await licence(driver, change)
    expect(await hindranceOf(driver)).toBe(hindrance)
    const started = await online(driver)
    expect(started.ok ? null : started.reason).toBe(hindrance)
  })

  test('without any licence it is missing, unless the company checks none', async () => {
    const driver = await newDriver()
    await world.db.deleteFrom('licences').where('identity_id', '=', driver.identityId).execute()
    expect(await online(driver)).toEqual({ ok: false, reason: 'licence_missing' })
    await company('not_checked')
    expect((await online(driver)).ok).toBe(true)
    await company('checked')
  })

  test('what the company or the driver has turned off stays off, licence or not', async () => {
    const driver = await newDriver()
    const set = (change: object) =>
      world.db.updateTable('drivers').set(change).where('id', '=', driver.id).execute()
    await set({ stopped_at: new Date(START_MS) })
    expect(await online(driver)).toEqual({ ok: false, reason: 'driver_stopped' })
    await set({ disabled_at: new Date(START_MS), disabled_reason: 'complaints' })
    expect(await online(driver)).toEqual({ ok: false, reason: 'driver_disabled' })
    await company('not_checked')
    expect(await online(driver)).toEqual({ ok: false, reason: 'driver_disabled' })
    await company('checked')
    await set({ stopped_at: null, disabled_at: null, disabled_reason: null })
    expect((await online(driver)).ok).toBe(true)
  })
})

describe('the last day of a licence ends at midnight where the driver drives', () => {
  test.each([
    // New York: five hours behind in winter, four in summer, and the two nights in which that changes.
    ['2026-11-21', '2026-11-22T04:59:59.999Z', null],
    ['2026-11-21', '2026-11-22T05:00:00.000Z', 'licence_expired'],
    ['2027-07-01', '2027-07-02T03:59:59.999Z', null],
    ['2027-07-01', '2027-07-02T04:00:00.000Z', 'licence_expired'],
    ['2027-03-14', '2027-03-15T03:59:59.999Z', null],
    ['2027-03-14', '2027-03-15T04:00:00.000Z', 'licence_expired'],
    ['2027-11-07', '2027-11-08T04:59:59.999Z', null],
    ['2027-11-07', '2027-11-08T05:00:00.000Z', 'licence_expired'],
  ] as const)('%s at %s: %p', async (expires_on, at, hindrance) => {
    const driver = await newDriver()
    await licence(driver, { expires_on })
    goTo(Date.parse(at))
    expect(await hindranceOf(driver)).toBe(hindrance)
  })

  test('not where the server stands: the region of the shift decides', async () => {
    const driver = await newDriver()
    await licence(driver, { expires_on: '2026-11-21' })
    const zone = (time_zone: string) =>
      world.db.updateTable('regions').set({ time_zone }).where('id', '=', world.city.regionId).execute()
    goTo(Date.parse('2026-11-21T16:00:00Z'))
    await zone('Asia/Tokyo')
    expect(await hindranceOf(driver)).toBe('licence_expired')
    await zone('America/New_York')
    expect(await hindranceOf(driver)).toBeNull()
  })
})

describe('a licence that runs out during a shift', () => {
  const MIDNIGHT_MS = Date.parse('2026-11-22T05:00:00Z')
  const minutesBefore = (minutes: number) => goTo(MIDNIGHT_MS - minutes * 60_000)

  test('an offer made before midnight cannot be taken after it, and the shift is over with the next tick', async () => {
    const driver = await newDriver()
    const rider = await makeRider(world.db, world.random, 'Late')
    await licence(driver, { expires_on: '2026-11-21' })
    goTo(MIDNIGHT_MS - 5_000)
    await desk.goOnShift(driver)
    await desk.fleet.settle()
    await desk.request(rider)
    world.clock.advance(2_500)
    await desk.tick()
    const offer = (await desk.offerOf(driver))!
    goTo(MIDNIGHT_MS)
    expect(await desk.acceptById(driver, offer.id)).toEqual({ ok: false, reason: 'licence_expired' })
    await desk.tick()
    expect(await onShift(driver)).toBe('licence_expired')
    expect(await desk.offerOf(driver)).toBeUndefined()
    await world.db
      .updateTable('rides')
      .set({ state: 'cancelled', ended_at: new Date(MIDNIGHT_MS), ended_by: 'system' })
      .where('state', '=', 'requested')
      .execute()
  })

  test('the ride under way is driven to its end, then the shift is over', async () => {
    const driver = await newDriver()
    const rider = await makeRider(world.db, world.random, 'Long')
    await licence(driver, { expires_on: '2026-11-21' })
    minutesBefore(10)
    await desk.goOnShift(driver)
    await desk.fleet.settle()
    const { id } = await desk.request(rider)
    const dispatcher = await makeRider(world.db, world.random, 'Desk')
    expect((await desk.assign(dispatcher.id, id, driver)).ok).toBe(true)
    goTo(MIDNIGHT_MS + HOUR_MS)
    desk.ping(driver, { lat: 40.75, lng: -73.98 })
    await desk.tick()
    expect(await onShift(driver)).toBeNull()
    await desk.drive(driver, id, ['set_off', 'arrive', 'board', 'finish'])
    await desk.fleet.settle()
    await desk.tick()
    expect(await onShift(driver)).toBe('licence_expired')
  })

  test('nobody is matched with a driver who may not drive, and the desk cannot assign them', async () => {
    const [hindered, able] = [await newDriver(), await newDriver()]
    const rider = await makeRider(world.db, world.random, 'Near')
    for (const driver of [hindered, able]) await desk.goOnShift(driver)
    // The nearer one, and the fleet does not know yet.
    desk.ping(hindered, { lat: 40.758, lng: -73.9855 })
    desk.ping(able, { lat: 40.7565, lng: -73.9855 })
    await desk.fleet.settle()
    await licence(hindered, { expires_on: '2026-11-20' })
    const { id } = await desk.request(rider)
    const dispatcher = await makeRider(world.db, world.random, 'Desk')
    expect(await desk.assign(dispatcher.id, id, hindered)).toEqual({
      ok: false,
      reason: 'driver_may_not_drive',
    })
    for (let n = 0; n < 3; n++) {
      world.clock.advance(2_500)
      desk.ping(hindered, { lat: 40.758, lng: -73.9855 })
      desk.ping(able, { lat: 40.7565, lng: -73.9855 })
      await desk.tick()
    }
    expect(await desk.offerOf(hindered)).toBeUndefined()
    expect(await desk.offerOf(able)).toMatchObject({ ride_id: id })
    expect(await onShift(hindered)).toBe('licence_expired')
  })
})
