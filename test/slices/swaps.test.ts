import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { driverState } from '../../src/dispatch/driver-state.ts'
import { driverOfIdentity } from '../../src/drivers/drivers.ts'
import type { LatLng } from '../../src/engine/units.ts'
import { eventsOfRide, type LoadedRide } from '../../src/rides/rides.ts'
import { type Driver, makeDriver, makeRider, type Rider, TIMES_SQUARE } from '../support/cast.ts'
import { type CoreWorld, type Desk, openDesk, startWorld, violationsOf } from '../support/dispatch.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

/** About 1.8 km and six minutes from the pickup. */
const FAR: LatLng = { lat: TIMES_SQUARE.lat + 0.016, lng: TIMES_SQUARE.lng }
const NEAR: LatLng = { lat: TIMES_SQUARE.lat + 0.001, lng: TIMES_SQUARE.lng }

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
  world = await startWorld({ database, swap_gain_s: 180 })
  desk = openDesk(world)
  ada = await makeRider(world.db, world.random, 'Ada Okafor')
  bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
  cy = await makeDriver(world.db, world.random, world.city, 'Cy Adeyemi')
})
afterEach(async () => {
  expect(await violationsOf(world)).toEqual([])
  await world.db.deleteFrom('outbox').execute()
})

/** Bo is on the way from far, and Cy comes online at the corner. */
async function boFarCyNear(): Promise<LoadedRide> {
  await desk.goOnShift(bo, FAR)
  const ride = await desk.request(ada)
  await desk.tick()
  await desk.accept(bo)
  await desk.goOnShift(cy, NEAR)
  return desk.ride(ride.id)
}

async function swapOffered(): Promise<LoadedRide> {
  const ride = await boFarCyNear()
  expect(await desk.tick()).toMatchObject({ waiting: 0, offered: 1 })
  expect(await desk.offerOf(cy)).toMatchObject({ ride_id: ride.id, swaps_from: bo.id })
  return ride
}

const stateOf = async (driver: Driver) => {
  const fresh = await driverOfIdentity(world.db, world.city.companyId, driver.identityId)
  const { region } = world.city
  return driverState(
    { db: world.db, fleet: desk.fleet, outlook: desk.outlook, hints: desk.hints },
    { driver: fresh!, region, queueZones: undefined, nowMs: world.clock.nowMs() },
  )
}

test('a car at the corner is asked first, and only its yes takes the ride from who is far', async () => {
  const ride = await swapOffered()
  expect((await desk.ride(ride.id)).driver_id).toBe(bo.id)
  expect((await desk.accept(cy)).ok).toBe(true)
  const swapped = await desk.ride(ride.id)
  expect(swapped).toMatchObject({
    state: 'assigned',
    driver_id: cy.id,
    swaps: 1,
    fare_minor: ride.fare_minor,
  })
  expect(swapped.pickup_eta_s!).toBeLessThan(ride.pickup_eta_s! - 180)
  const events = await eventsOfRide(world.db, world.city.companyId, ride.id)
  expect(events.map(({ type, reason }) => [type, reason]).slice(-2)).toEqual([
    ['release', 'a nearer car took over'],
    ['assign', null],
  ])
  expect(desk.news.filter(({ type }) => type === 'ride.changed').at(-2)).toMatchObject({
    previousDriverId: bo.id,
  })
})

test('who made room is told why, is not set back, and may have the ride again', async () => {
  const ride = await swapOffered()
  await desk.fleet.settle()
  const idleSinceMs = desk.fleet.car(bo.id)!.duty.idleSinceMs
  world.clock.advance(5_000)
  await desk.accept(cy)
  await desk.fleet.settle()
  expect(desk.fleet.car(bo.id)!.duty).toMatchObject({ idleSinceMs, rideId: null })
  expect(await stateOf(bo)).toMatchObject({ madeRoom: true, ride: null, pausedUntilMs: null })
  expect((await stateOf(cy)).madeRoom).toBe(false)
  desk.ping(bo, FAR)
  await desk.handBack(cy, ride.id)
  expect((await desk.tick()).offered).toBe(1)
  expect((await desk.offerOf(bo))?.ride_id).toBe(ride.id)
  await desk.decline(bo)
  world.clock.advance(180_000)
  expect((await stateOf(bo)).madeRoom).toBe(false)
})

test('a ride is swapped once: the next nearer car does not ask for it', async () => {
  const ride = await swapOffered()
  await desk.accept(cy)
  desk.ping(cy, FAR)
  const di = await makeDriver(world.db, world.random, world.city, 'Di Moreau')
  await desk.goOnShift(di, NEAR)
  expect((await desk.tick()).offered).toBe(0)
  expect((await desk.ride(ride.id)).driver_id).toBe(cy.id)
})

test('where the region does not say so, the desk chose, or the car was not just seen, nobody is asked', async () => {
  const other = await startWorld({ database })
  const plain = openDesk(other)
  const [first, second] = [
    await makeDriver(other.db, other.random, other.city, 'Fa One'),
    await makeDriver(other.db, other.random, other.city, 'Ga Two'),
  ]
  await plain.goOnShift(first, FAR)
  await plain.request(ada)
  await plain.tick()
  await plain.accept(first)
  await plain.goOnShift(second, NEAR)
  expect((await plain.tick()).offered).toBe(0)

  await boFarCyNear()
  world.clock.advance(30_001)
  desk.ping(cy, NEAR)
  expect((await desk.tick()).offered).toBe(0)
  desk.ping(bo, FAR)
  const accepted = { state: 'withdrawn', ended_at: new Date(world.clock.nowMs()) } as const
  await world.db.updateTable('offers').set(accepted).where('driver_id', '=', bo.id).execute()
  expect((await desk.tick()).offered).toBe(0)
})

test('no, or no answer, leaves the ride with its driver, counts no miss against it, and is not asked again', async () => {
  const ride = await swapOffered()
  expect((await desk.decline(cy)).ok).toBe(true)
  expect((await desk.tick()).offered).toBe(0)
  expect(await desk.ride(ride.id)).toMatchObject({ driver_id: bo.id, misses: 0, swaps: 0 })
})

test('setting off leaves the question open; arriving, handing back and cancelling end it', async () => {
  const ride = await swapOffered()
  await desk.drive(bo, ride.id, ['set_off'])
  const offer = await desk.offerOf(cy)
  expect(offer).toBeDefined()
  await desk.drive(bo, ride.id, ['arrive'])
  expect(await desk.offerOf(cy)).toBeUndefined()
  expect(await desk.acceptById(cy, offer!.id)).toEqual({ ok: false, reason: 'already_ended' })
  expect((await desk.ride(ride.id)).driver_id).toBe(bo.id)
})

test('after the hand-back the ride waits like any, and the offer to swap is gone', async () => {
  const ride = await swapOffered()
  await desk.handBack(bo, ride.id)
  expect(await desk.offerOf(cy)).toBeUndefined()
  expect((await desk.tick()).offered).toBe(1)
  expect(await desk.offerOf(cy)).toMatchObject({ ride_id: ride.id, swaps_from: null })
})

for (const [what, doIt] of [
  ['arrives', (ride: LoadedRide) => desk.step(bo, ride.id, 'arrive')],
  ['hands it back', (ride: LoadedRide) => desk.handBack(bo, ride.id)],
  ['loses the rider, who cancels,', (ride: LoadedRide) => desk.cancel(ada, ride.id)],
] as const)
  test(`the first driver ${what} while the second accepts: one of both happens, whole`, async () => {
    for (let round = 0; round < 4; round++) {
      world = await startWorld({ database, swap_gain_s: 180 })
      desk = openDesk(world)
      ada = await makeRider(world.db, world.random, 'Ada Okafor')
      bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
      cy = await makeDriver(world.db, world.random, world.city, 'Cy Adeyemi')
      const ride = await swapOffered()
      await desk.drive(bo, ride.id, ['set_off'])
      const offer = (await desk.offerOf(cy))!
      const tasks = [() => doIt(ride), () => desk.acceptById(cy, offer.id)]
      if (round % 2 === 1) tasks.reverse()
      const done = await Promise.all(tasks.map((task) => task()))
      const [first, second] = round % 2 === 1 ? done.toReversed() : done
      const after = await desk.ride(ride.id)
      if (second!.ok) {
        // A cancel may still follow the swap; what only Bo could do may not.
        expect(after.driver_id).toBe(cy.id)
        if (after.state !== 'cancelled') expect(first!.ok).toBe(false)
      } else {
        expect(first!.ok).toBe(true)
        expect(after.driver_id).not.toBe(cy.id)
      }
      expect(await violationsOf(world)).toEqual([])
    }
  })
