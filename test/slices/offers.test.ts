import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { offersOfRide } from '../../src/dispatch/offers.ts'
import type { IdentityId, RideId } from '../../src/engine/units.ts'
import {
  BRYANT_PARK,
  type Driver,
  foundCity,
  makeDriver,
  makeRider,
  type Rider,
  TIMES_SQUARE,
} from '../support/cast.ts'
import { type CoreWorld, type Desk, openDesk, startWorld, violationsOf } from '../support/dispatch.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

let database: TestDatabase
let world: CoreWorld
let desk: Desk
let ada: Rider
let bo: Driver
let cleo: Driver
let ines: IdentityId

beforeAll(async () => {
  database = await testDatabase()
}, 60_000)

afterAll(() => database.stop())

beforeEach(async () => {
  world = await startWorld({ database })
  desk = openDesk(world)
  ada = await makeRider(world.db, world.random, 'Ada Okafor')
  ines = (await makeRider(world.db, world.random, 'Ines Duarte')).id
  bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
  cleo = await makeDriver(world.db, world.random, world.city, 'Cleo Marsh')
})

afterEach(async () => {
  expect(await violationsOf(world)).toEqual([])
})

const FURTHER = { lat: 40.7484, lng: -73.9857 }
const offers = async (rideId: RideId) =>
  (await offersOfRide(world.db, world.city.companyId, rideId)).map((offer) => [offer.driver_id, offer.state])

/** Bo is nearer than Cleo, both are free, and Ada has asked: one tick. */
async function offered() {
  await desk.goOnShift(bo, BRYANT_PARK)
  await desk.goOnShift(cleo, FURTHER)
  const ride = await desk.request(ada)
  expect(await desk.tick()).toMatchObject({ waiting: 1, offered: 1 })
  return ride
}

function keepFresh() {
  desk.ping(bo, BRYANT_PARK)
  desk.ping(cleo, FURTHER)
}

test('the nearest driver is asked, for fifteen seconds by the server’s clock', async () => {
  const ride = await offered()
  const offer = (await desk.offerOf(bo))!
  expect(offer).toMatchObject({ ride_id: ride.id, driver_id: bo.id, state: 'pending' })
  expect(offer.expires_at.getTime() - world.clock.nowMs()).toBe(15_000)
  expect(offer.pickup_eta_s).toBe(Math.round((offer.pickup_distance_m * 1.3) / 6.5))
})

test('while one driver is asked, nobody else is', async () => {
  const ride = await offered()
  world.clock.advance(5000)
  expect(await desk.tick()).toMatchObject({ waiting: 0, offered: 0 })
  expect(await offers(ride.id)).toEqual([[bo.id, 'pending']])
})

test('who declines is passed over, and the next one is asked', async () => {
  const ride = await offered()
  expect((await desk.decline(bo)).ok).toBe(true)
  expect(await desk.tick()).toMatchObject({ waiting: 1, offered: 1 })
  expect((await desk.decline(cleo)).ok).toBe(true)
  expect(await desk.tick()).toMatchObject({ waiting: 1, offered: 0 })
  expect(await offers(ride.id)).toEqual([
    [bo.id, 'declined'],
    [cleo.id, 'declined'],
  ])
  expect((await desk.ride(ride.id)).misses).toBe(2)
})

test('who lets it lapse is passed over, and the next one is asked in the same tick', async () => {
  const ride = await offered()
  world.clock.advance(15_000)
  keepFresh()
  expect(await desk.tick()).toMatchObject({ expired: 1, waiting: 1, offered: 1 })
  expect(await offers(ride.id)).toEqual([
    [bo.id, 'expired'],
    [cleo.id, 'pending'],
  ])
})

test('the last millisecond is in time, the next one too late', async () => {
  const ride = await offered()
  world.clock.advance(15_000)
  expect(await desk.accept(bo)).toEqual({ ok: false, reason: 'too_late' })
  expect(await desk.decline(bo)).toEqual({ ok: false, reason: 'too_late' })
  world.clock.advance(-1)
  expect((await desk.accept(bo)).ok).toBe(true)
  expect((await desk.ride(ride.id)).driver_id).toBe(bo.id)
})

test('a late tap is told so, also when the ride has gone to somebody else by then', async () => {
  await offered()
  const offer = (await desk.offerOf(bo))!
  world.clock.advance(15_000)
  keepFresh()
  await desk.tick()
  expect(await desk.acceptById(bo, offer.id)).toEqual({ ok: false, reason: 'too_late' })
  await desk.accept(cleo)
  expect(await desk.acceptById(bo, offer.id)).toEqual({ ok: false, reason: 'too_late' })
})

test('an offer is accepted once; the second tap is told it ended', async () => {
  await offered()
  const offer = (await desk.offerOf(bo))!
  expect((await desk.acceptById(bo, offer.id)).ok).toBe(true)
  expect(await desk.acceptById(bo, offer.id)).toEqual({ ok: false, reason: 'already_ended' })
})

test('somebody else’s offer is not there', async () => {
  await offered()
  const offer = (await desk.offerOf(bo))!
  expect(await desk.acceptById(cleo, offer.id)).toEqual({ ok: false, reason: 'not_found' })
})

test('three lapses in a row pause a driver for five minutes, told so', async () => {
  await desk.goOnShift(bo)
  for (let n = 0; n < 3; n++) {
    await desk.request(ada)
    desk.ping(bo, BRYANT_PARK)
    expect((await desk.tick()).offered).toBe(1)
    world.clock.advance(15_000)
    desk.ping(bo, BRYANT_PARK)
    expect((await desk.tick()).expired).toBe(1)
  }
  const driver = await world.db
    .selectFrom('drivers')
    .selectAll()
    .where('id', '=', bo.id)
    .executeTakeFirstOrThrow()
  expect(driver.paused_until?.getTime()).toBe(world.clock.nowMs() + 300_000)
  expect(driver.lapsed_in_a_row).toBe(0)
  expect(desk.news.filter((news) => news.type === 'shift.changed').map((news) => news.state)).toEqual([
    'on',
    'paused',
  ])
  await desk.request(ada)
  expect(await desk.tick()).toMatchObject({ waiting: 4, offered: 0 })
  world.clock.advance(299_999)
  desk.ping(bo, BRYANT_PARK)
  expect((await desk.tick()).offered).toBe(0)
  world.clock.advance(1)
  desk.ping(bo, BRYANT_PARK)
  expect((await desk.tick()).offered).toBe(1)
})

test('an answer between lapses starts the count anew', async () => {
  await desk.goOnShift(bo)
  for (const answers of [false, false, true, false, false]) {
    await desk.request(ada)
    desk.ping(bo, BRYANT_PARK)
    await desk.tick()
    if (answers) await desk.decline(bo)
    world.clock.advance(15_000)
    desk.ping(bo, BRYANT_PARK)
    await desk.tick()
  }
  const driver = await world.db
    .selectFrom('drivers')
    .selectAll()
    .where('id', '=', bo.id)
    .executeTakeFirstOrThrow()
  expect(driver).toMatchObject({ lapsed_in_a_row: 2, paused_until: null })
})

test('what the desk assigns takes effect at once: live offers of the ride and of the driver are withdrawn', async () => {
  const ride = await offered()
  const other = await desk.request(ada)
  await desk.tick()
  expect(await offers(other.id)).toEqual([[cleo.id, 'pending']])
  expect((await desk.assign(ines, ride.id, cleo)).ok).toBe(true)
  expect(await offers(ride.id)).toEqual([[bo.id, 'withdrawn']])
  expect(await offers(other.id)).toEqual([[cleo.id, 'withdrawn']])
  const assigned = await desk.ride(ride.id)
  expect(assigned).toMatchObject({ state: 'assigned', driver_id: cleo.id, pickup_eta_s: 120 })
  // Nobody said no, so Bo may be asked for the other one.
  await desk.tick()
  expect(await offers(other.id)).toEqual([
    [cleo.id, 'withdrawn'],
    [bo.id, 'pending'],
  ])
})

test('the desk cannot assign who is busy, off shift or another company’s, nor a ride that moved on', async () => {
  const ride = await offered()
  const other = await desk.request(ada)
  await desk.accept(bo)
  expect(await desk.assign(ines, other.id, bo)).toEqual({ ok: false, reason: 'driver_busy' })
  expect(await desk.assign(ines, ride.id, cleo)).toEqual({ ok: false, reason: 'not_allowed_now' })
  const dee = await makeDriver(world.db, world.random, world.city, 'Dee Novak')
  expect(await desk.assign(ines, other.id, dee)).toEqual({ ok: false, reason: 'not_on_shift' })
  const elsewhere = await foundCity(world.db, world.random, { slug: `harbour-${world.random.digits(8)}` })
  const foreign = await makeDriver(world.db, world.random, elsewhere, 'Foreign Driver')
  expect(await desk.assign(ines, other.id, foreign)).toEqual({ ok: false, reason: 'not_found' })
})

test('a cancelled ride takes its offer off the driver’s screen', async () => {
  const ride = await offered()
  const offer = (await desk.offerOf(bo))!
  await desk.cancel(ada, ride.id)
  expect(await offers(ride.id)).toEqual([[bo.id, 'withdrawn']])
  expect(await desk.acceptById(bo, offer.id)).toEqual({ ok: false, reason: 'already_ended' })
  expect(desk.news.at(-2)).toMatchObject({ type: 'offer.changed', state: 'withdrawn', driverId: bo.id })
})

test('a driver who goes off shift loses the offer without a mark, and may be asked again', async () => {
  const ride = await offered()
  expect(await desk.goOffShift(bo)).toEqual({ ok: true, value: true })
  expect(await offers(ride.id)).toEqual([[bo.id, 'withdrawn']])
  expect((await desk.ride(ride.id)).misses).toBe(0)
  expect(await desk.goOffShift(bo)).toEqual({ ok: true, value: false })
})

test('nobody goes off shift with a ride open', async () => {
  await offered()
  await desk.accept(bo)
  expect(await desk.goOffShift(bo)).toEqual({ ok: false, reason: 'run_open' })
})

test('a driver on a ride is asked for no other, and is free again when it ends', async () => {
  const ride = await offered()
  await desk.goOffShift(cleo)
  await desk.accept(bo)
  await desk.request(ada)
  expect(await desk.tick()).toMatchObject({ waiting: 1, offered: 0 })
  await desk.drive(bo, ride.id, ['set_off', 'arrive', 'board', 'finish'])
  expect(await desk.tick()).toMatchObject({ waiting: 1, offered: 1 })
})

test('the class asked for is the class that comes', async () => {
  const blackCar = await makeDriver(world.db, world.random, world.city, 'Max Black', { class: 'black' })
  await desk.goOnShift(blackCar, TIMES_SQUARE)
  await desk.goOnShift(bo, FURTHER)
  const standard = await desk.request(ada)
  const black = await desk.request(ada, { class: 'black' })
  await desk.tick()
  expect(await offers(standard.id)).toEqual([[bo.id, 'pending']])
  expect(await offers(black.id)).toEqual([[blackCar.id, 'pending']])
})
