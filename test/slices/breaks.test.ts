import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { endBreak, startBreak as start } from '../../src/drivers/breaks.ts'
import { endShift, openShift, startShift } from '../../src/drivers/drivers.ts'
import { workingHours } from '../../src/drivers/hours.ts'
import { BRYANT_PARK, type Driver, makeDriver, makeRider, type Rider } from '../support/cast.ts'
import { type CoreWorld, type Desk, openDesk, startWorld, violationsOf } from '../support/dispatch.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const HOUR_MS = 3_600_000
const FURTHER = { lat: 40.7484, lng: -73.9857 }

let database: TestDatabase
let world: CoreWorld
let desk: Desk
let ada: Rider
let ben: Rider
let bo: Driver
let cleo: Driver

beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())

beforeEach(async () => {
  world = await startWorld({ database, drive_limit_s: 10 * 3600, rest_s: 8 * 3600 })
  desk = openDesk(world)
  ada = await makeRider(world.db, world.random, 'Ada Okafor')
  ben = await makeRider(world.db, world.random, 'Ben Ruiz')
  bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
  cleo = await makeDriver(world.db, world.random, world.city, 'Cleo Marsh')
})
afterEach(async () => {
  expect(await violationsOf(world)).toEqual([])
})

const named = (driver: Driver) => ({ companyId: world.city.companyId, driverId: driver.id })
const pause = (driver = bo) => desk.inOneUnit((unit) => start(unit, world.random, named(driver)))
const goOn = (driver = bo) => desk.inOneUnit((unit) => endBreak(unit, named(driver)))
const hoursOf = (driver = bo) =>
  workingHours(world.db, {
    ...{ ...named(driver), regionId: world.city.regionId, nowMs: world.clock.nowMs() },
  })
const shiftOf = (driver = bo) => openShift(world.db, world.city.companyId, driver.id)
const online = (driver = bo) =>
  desk.inOneUnit((unit) =>
    startShift(unit, world.random, {
      ...{ ...named(driver), regionId: world.city.regionId, vehicleId: driver.vehicleId },
    }),
  )

test('on a break nothing is offered, by no process, and the next one goes to somebody else', async () => {
  await desk.goOnShift(bo, BRYANT_PARK)
  expect(await pause()).toEqual({
    ...{ ok: true, value: { askedAtMs: world.clock.nowMs(), beganAtMs: world.clock.nowMs() } },
  })
  expect(await pause()).toMatchObject({ ok: true })
  await desk.request(ada)
  expect(await desk.tick()).toMatchObject({ waiting: 1, offered: 0 })
  expect(desk.fleet.stateOf(desk.fleet.car(bo.id)!)).toBe('paused')

  // Another process, and this one started anew, know it from the database.
  await desk.dispatcher.stop()
  const other = openDesk(world)
  await other.fleet.reload()
  other.ping(bo, BRYANT_PARK)
  expect(await other.tick()).toMatchObject({ waiting: 1, offered: 0 })

  expect(await goOn()).toBe(true)
  expect(await goOn()).toBe(false)
  expect(await other.tick()).toMatchObject({ offered: 1 })
})

test('an offer on the screen is taken back by a break, counts against nobody, and goes on', async () => {
  await desk.goOnShift(bo, BRYANT_PARK)
  await desk.goOnShift(cleo, FURTHER)
  const ride = await desk.request(ada)
  await desk.tick()
  const offer = (await desk.offerOf(bo))!
  await pause()
  expect(await desk.acceptById(bo, offer.id)).toEqual({ ok: false, reason: 'already_ended' })
  expect(await desk.tick()).toMatchObject({ offered: 1 })
  expect((await desk.offerOf(cleo))?.ride_id).toBe(ride.id)
  const { lapsed_in_a_row } = await world.db
    .selectFrom('drivers')
    .select('lapsed_in_a_row')
    .where('id', '=', bo.id)
    .executeTakeFirstOrThrow()
  expect(lapsed_in_a_row).toBe(0)
})

test('a break asked for during a ride begins when that is over, and the desk gives nothing meanwhile', async () => {
  await desk.goOnShift(bo, BRYANT_PARK)
  const ride = await desk.request(ada)
  await desk.tick()
  await desk.accept(bo)
  await desk.drive(bo, ride.id, ['set_off', 'arrive', 'board'])
  const askedAtMs = world.clock.nowMs()
  expect(await pause()).toEqual({ ok: true, value: { askedAtMs, beganAtMs: null } })
  world.clock.advance(600_000)
  expect(await hoursOf()).toMatchObject({ pause: { beganAtMs: null }, onBreakMs: 0 })
  desk.ping(bo, BRYANT_PARK)
  await desk.drive(bo, ride.id, ['finish'])
  expect((await hoursOf()).pause).toEqual({ askedAtMs, beganAtMs: askedAtMs + 600_000 })

  const next = await desk.request(ben)
  expect(await desk.tick()).toMatchObject({ waiting: 1, offered: 0 })
  expect(await desk.assign(ada.id, next.id, bo)).toEqual({ ok: false, reason: 'driver_on_break' })
  world.clock.advance(300_000)
  expect((await hoursOf()).onBreakMs).toBe(300_000)
})

test('who rests may put the phone away, for two hours; a driver at work may not', async () => {
  await desk.goOnShift(bo, BRYANT_PARK)
  await desk.goOnShift(cleo, FURTHER)
  await pause()
  await desk.tick()
  world.clock.advance(121_000)
  expect(await desk.tick()).toMatchObject({ setOffline: 1 })
  expect(await shiftOf()).toBeDefined()
  world.clock.advance(2 * HOUR_MS)
  await desk.tick()
  expect(await shiftOf()).toBeUndefined()
  expect((await hoursOf()).pause).toBeNull()
})

test('off shift there is nothing to pause, and who goes off ends the break with the shift', async () => {
  expect(await pause()).toEqual({ ok: false, reason: 'not_online' })
  await desk.goOnShift(bo, BRYANT_PARK)
  await pause()
  await desk.inOneUnit((unit) => endShift(unit, { ...named(bo), reason: 'driver' }))
  await desk.goOnShift(bo, BRYANT_PARK)
  expect((await hoursOf()).pause).toBeNull()
})

test('breaks, the end of the shift and offers meet in any order: one break at most, and no offer beside one', async () => {
  for (let n = 0; n < 4; n++) {
    await desk.goOnShift(bo, BRYANT_PARK)
    const rider = await makeRider(world.db, world.random, `Rider ${n}`)
    const ride = await desk.request(rider)
    const tapped = n % 2 === 0 ? goOn() : desk.goOffShift(bo)
    await Promise.all([pause(), desk.tick(), pause(), tapped, pause()])
    const open = await world.db
      .selectFrom('breaks')
      .select('id')
      .where('driver_id', '=', bo.id)
      .where('ended_at', 'is', null)
      .execute()
    expect(open.length).toBeLessThanOrEqual(1)
    if (open.length === 1) expect(await desk.offerOf(bo)).toBeUndefined()
    await desk.goOffShift(bo)
    await desk.cancel(rider, ride.id)
  }
})

test('the hours run out: no new offers, the ride under way is driven to its end, then the shift ends', async () => {
  await desk.goOnShift(bo, BRYANT_PARK)
  world.clock.advance(10 * HOUR_MS - 20_000)
  desk.ping(bo, BRYANT_PARK)
  const ride = await desk.request(ada)
  expect(await desk.tick()).toMatchObject({ offered: 1, setOffline: 0 })
  world.clock.advance(10_000)
  expect((await desk.accept(bo)).ok).toBe(true)
  world.clock.advance(20_000)
  expect((await hoursOf()).hours).toMatchObject({ leftMs: 0 })
  desk.ping(bo, BRYANT_PARK)
  expect(await desk.tick()).toMatchObject({ setOffline: 0 })
  await desk.drive(bo, ride.id, ['set_off', 'arrive', 'board', 'finish'])
  const next = await desk.request(ben)
  expect(await desk.assign(ada.id, next.id, bo)).toEqual({ ok: false, reason: 'driver_hours_used' })
  expect(await desk.tick()).toMatchObject({ waiting: 1, offered: 0 })
  expect(await desk.tick()).toMatchObject({ offered: 0, setOffline: 1 })
  const { end_reason } = await world.db
    .selectFrom('shifts')
    .select('end_reason')
    .where('driver_id', '=', bo.id)
    .executeTakeFirstOrThrow()
  expect(end_reason).toBe('hours_used')

  await desk.cancel(ben, next.id)

  // Off and on again changes nothing; the rest does.
  expect(await online()).toEqual({ ok: false, reason: 'hours_used' })
  world.clock.advance(8 * HOUR_MS - 1)
  expect(await online()).toEqual({ ok: false, reason: 'hours_used' })
  world.clock.advance(1)
  expect((await online()).ok).toBe(true)
  expect((await hoursOf()).hours).toMatchObject({ drivenMs: 0, leftMs: 10 * HOUR_MS })
})

test('shifts with short times off between them count together, and breaks do not count', async () => {
  await desk.goOnShift(bo, BRYANT_PARK)
  world.clock.advance(6 * HOUR_MS)
  await desk.goOffShift(bo)
  world.clock.advance(2 * HOUR_MS)
  await desk.goOnShift(bo, BRYANT_PARK)
  world.clock.advance(HOUR_MS)
  await pause()
  world.clock.advance(HOUR_MS)
  await goOn()
  world.clock.advance(HOUR_MS)
  expect((await hoursOf()).hours).toMatchObject({
    ...{ drivenMs: 8 * HOUR_MS, endsAtMs: world.clock.nowMs() + 2 * HOUR_MS },
  })
  await desk.fleet.reload()
  expect(desk.fleet.car(bo.id)!.duty.hoursEndAtMs).toBe(world.clock.nowMs() + 2 * HOUR_MS)
})

test('nobody waits for a car whose hours are over before its rider is out', async () => {
  await desk.goOnShift(bo, BRYANT_PARK)
  const ride = await desk.request(ada)
  await desk.tick()
  await desk.accept(bo)
  await desk.drive(bo, ride.id, ['set_off', 'arrive', 'board'])
  const near = { lat: ride.dropoff_lat + 0.0005, lng: ride.dropoff_lng }
  desk.ping(bo, near)
  await desk.request(ben, { pickup: near })
  expect(await desk.tick()).toMatchObject({ held: 1 })
  world.clock.advance(10 * HOUR_MS - 5_000)
  await desk.request(ben, { pickup: near }).catch(() => undefined)
  desk.ping(bo, near)
  expect(await desk.tick()).toMatchObject({ held: 0 })
})

test('where no limit is set nobody counts', async () => {
  await world.db
    .updateTable('regions')
    .set({ drive_limit_s: null })
    .where('id', '=', world.city.regionId)
    .execute()
  await desk.goOnShift(bo, BRYANT_PARK)
  world.clock.advance(30 * HOUR_MS)
  desk.ping(bo, BRYANT_PARK)
  expect((await hoursOf()).hours).toBeNull()
  await desk.request(ada)
  expect(await desk.tick()).toMatchObject({ offered: 1, setOffline: 0 })
})
