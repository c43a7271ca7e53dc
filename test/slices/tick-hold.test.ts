import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { requestsByDeadline } from '../../src/board/store.ts'
import { riderState } from '../../src/dispatch/rider-state.ts'
import { travel } from '../../src/engine/eta.ts'
import type { LatLng } from '../../src/engine/units.ts'
import type { LoadedRide } from '../../src/rides/rides.ts'
import { type Driver, makeDriver, makeRider, type Rider, TIMES_SQUARE, WALL_STREET } from '../support/cast.ts'
import {
  type CoreWorld,
  type Desk,
  letLeaseLapse,
  openDesk,
  startWorld,
  violationsOf,
} from '../support/dispatch.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

/** About 1.6 km and six minutes from Wall Street. */
const FAR: LatLng = { lat: WALL_STREET.lat + 0.0145, lng: WALL_STREET.lng }
const NEAR: LatLng = { lat: WALL_STREET.lat + 0.001, lng: WALL_STREET.lng }

let database: TestDatabase
let world: CoreWorld
let desk: Desk
let ada: Rider
let bo: Driver
let cy: Driver

beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())

beforeEach(async () => {
  world = await startWorld({ database })
  desk = openDesk(world)
  ada = await makeRider(world.db, world.random, 'Ada Okafor')
  bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
  cy = await makeDriver(world.db, world.random, world.city, 'Cy Adeyemi')
})
afterEach(async () => {
  expect(await violationsOf(world)).toEqual([])
  await world.db.deleteFrom('outbox').execute()
})

/** Bo has a rider on board and is about to let them out at Wall Street, a minute before the plan. */
async function boNearlyThere(): Promise<LoadedRide> {
  const max = await makeRider(world.db, world.random, 'Max Rider')
  await desk.goOnShift(bo, TIMES_SQUARE)
  const ride = await desk.request(max)
  await desk.tick()
  await desk.accept(bo)
  const onBoard = await desk.drive(bo, ride.id, ['set_off', 'arrive', 'board'])
  world.clock.advance((onBoard.duration_s - 60) * 1_000)
  desk.ping(bo, { lat: WALL_STREET.lat + 0.0005, lng: WALL_STREET.lng })
  return onBoard
}

const fromWallStreet = { pickup: WALL_STREET, dropoff: TIMES_SQUARE }

test('a request at the corner where a ride ends waits for that car, and is offered when it is free', async () => {
  const first = await boNearlyThere()
  await desk.goOnShift(cy, FAR)
  const ride = await desk.request(ada, fromWallStreet)
  expect(await desk.tick()).toMatchObject({ waiting: 1, held: 1, offered: 0 })
  expect(await desk.offerOf(cy)).toBeUndefined()
  expect(desk.outlook.heldFor(world.city.regionId, ride.id)?.driverId).toBe(bo.id)

  await desk.drive(bo, first.id, ['finish'])
  desk.ping(bo, WALL_STREET)
  expect(await desk.tick()).toMatchObject({ waiting: 1, held: 0, offered: 1 })
  expect((await desk.offerOf(bo))?.ride_id).toBe(ride.id)
  expect(desk.outlook.heldFor(world.city.regionId, ride.id)).toBeNull()
})

test('a free car that is clearly better takes a held ride', async () => {
  await boNearlyThere()
  const ride = await desk.request(ada, fromWallStreet)
  expect(await desk.tick()).toMatchObject({ held: 1, offered: 0 })
  await desk.goOnShift(cy, NEAR)
  expect(await desk.tick()).toMatchObject({ held: 0, offered: 1 })
  expect((await desk.offerOf(cy))?.ride_id).toBe(ride.id)
})

test('the arrival that is told counts the rest of the ride, the stop and the way, and only what is known of the car', async () => {
  await boNearlyThere()
  const ride = await desk.request(ada, fromWallStreet)
  await desk.tick()
  const held = desk.outlook.heldFor(world.city.regionId, ride.id)!
  const { travel: model } = world.city.region
  const leftS = travel({ lat: WALL_STREET.lat + 0.0005, lng: WALL_STREET.lng }, WALL_STREET, model).durationS
  expect((held.pickupAtMs - world.clock.nowMs()) / 1_000).toBeCloseTo(leftS + 30, 1)
  // Not heard of for half a minute: from now on the clock counts, and after two minutes nobody waits for it.
  world.clock.advance(31_000)
  await desk.tick()
  const later = desk.outlook.heldFor(world.city.regionId, ride.id)!
  expect((later.pickupAtMs - world.clock.nowMs()) / 1_000).toBeCloseTo(29 + 30, 0)
  world.clock.advance(90_000)
  expect(await desk.tick()).toMatchObject({ waiting: 1, held: 0 })
  expect(desk.outlook.heldFor(world.city.regionId, ride.id)).toBeNull()
})

test('a driver who may not go on, or is off for a break then, is not waited for', async () => {
  await boNearlyThere()
  await desk.request(ada, fromWallStreet)
  expect((await desk.tick()).held).toBe(1)
  const pausedUntil = new Date(world.clock.nowMs() + 300_000)
  await world.db.updateTable('drivers').set({ paused_until: pausedUntil }).where('id', '=', bo.id).execute()
  desk.fleet.markChanged(bo.id)
  expect((await desk.tick()).held).toBe(0)
  await world.db
    .updateTable('drivers')
    .set({ paused_until: null, stopped_at: new Date(world.clock.nowMs()) })
    .where('id', '=', bo.id)
    .execute()
  desk.fleet.markChanged(bo.id)
  expect((await desk.tick()).held).toBe(0)
})

test('while more ask than cars are free, pages say the smaller radius that the tick looks at', async () => {
  const { region, regionId } = world.city
  await desk.goOnShift(cy, { lat: TIMES_SQUARE.lat + 0.03, lng: TIMES_SQUARE.lng })
  for (let n = 0; n < 4; n++) {
    const rider = await makeRider(world.db, world.random, `Rider ${n}`)
    await desk.request(rider, fromWallStreet)
  }
  expect(desk.outlook.reachShare(regionId)).toBe(1)
  await desk.tick()
  expect(desk.outlook.reachShare(regionId)).toBe(0.5)
  const [waiting] = await requestsByDeadline(world.db, region.companyId, { regionId, limit: 1 })
  const nowMs = world.clock.nowMs()
  const state = await riderState({ ...desk, db: world.db }, { ride: waiting!, region, nowMs })
  expect(state.searchRadiusM).toBe(region.radiusM / 2)
})

test('of two cars as near, whose driver last let somebody out longer ago is asked', async () => {
  await desk.goOnShift(bo, TIMES_SQUARE)
  await desk.goOnShift(cy, { lat: WALL_STREET.lat, lng: WALL_STREET.lng })
  const first = await desk.request(await makeRider(world.db, world.random, 'Max Rider'))
  await desk.tick()
  await desk.accept(bo)
  await desk.drive(bo, first.id, ['set_off', 'arrive', 'board'])
  world.clock.advance(900_000)
  await desk.drive(bo, first.id, ['finish'])
  // Bo stands a little nearer, and has only just become free.
  desk.ping(bo, { lat: WALL_STREET.lat + 0.0002, lng: WALL_STREET.lng })
  desk.ping(cy, { lat: WALL_STREET.lat + 0.0004, lng: WALL_STREET.lng })
  await desk.request(ada, fromWallStreet)
  expect((await desk.tick()).offered).toBe(1)
  expect(await desk.offerOf(cy)).toBeDefined()
})

test('every process knows what is held, and forgets it when nobody says so any more', async () => {
  await boNearlyThere()
  const other = openDesk(world)
  const ride = await desk.request(ada, fromWallStreet)
  await desk.tick()
  const { regionId } = world.city
  expect(other.outlook.heldFor(regionId, ride.id)?.driverId).toBe(bo.id)
  await desk.die()
  await letLeaseLapse(world)
  world.clock.advance(30_001)
  expect(other.outlook.heldFor(regionId, ride.id)).toBeNull()
})
