import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { RIDE_STATES, type RideState } from '../../src/engine/ride.ts'
import type { IdentityId } from '../../src/engine/units.ts'
import { cancelByDesk, cancellationOf, eventsOfRide } from '../../src/rides/rides.ts'
import { BRYANT_PARK, type Driver, makeDriver, makeRider, type Rider } from '../support/cast.ts'
import {
  type CoreWorld,
  type Desk,
  letLeaseLapse,
  openDesk,
  startWorld,
  violationsOf,
} from '../support/dispatch.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

let database: TestDatabase
let world: CoreWorld
let desk: Desk
let ada: Rider
let bo: Driver
let ines: IdentityId

beforeAll(async () => {
  database = await testDatabase()
}, 60_000)

afterAll(() => database.stop())

beforeEach(async () => {
  world = await startWorld({ database })
  desk = openDesk(world)
  ada = await makeRider(world.db, world.random, 'Ada Okafor')
  bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
  ines = (await makeRider(world.db, world.random, 'Ines Duarte')).id
})

afterEach(async () => {
  expect(await violationsOf(world)).toEqual([])
})

async function assigned() {
  await desk.goOnShift(bo)
  const ride = await desk.request(ada)
  await desk.tick()
  const accepted = await desk.accept(bo)
  expect(accepted.ok).toBe(true)
  return ride
}

const payments = () =>
  world.db.selectFrom('payments').selectAll().where('company_id', '=', world.city.companyId).execute()
const entries = () =>
  world.db
    .selectFrom('ledger_entries')
    .selectAll()
    .where('company_id', '=', world.city.companyId)
    .orderBy('seq')
    .execute()

test('a ride goes from the request to the receipt, charged once what was promised', async () => {
  const ride = await assigned()
  for (const [step, seconds] of [
    ['set_off', 10],
    ['arrive', 120],
    ['board', 30],
    ['finish', 900],
  ] as const) {
    world.clock.advance(seconds * 1000)
    await desk.drive(bo, ride.id, [step])
  }
  const ended = await desk.ride(ride.id)
  expect(ended).toMatchObject({
    state: 'completed',
    driver_id: bo.id,
    vehicle_id: bo.vehicleId,
    ended_by: 'driver',
    version: 6,
    fare_minor: ride.fare_minor,
  })
  expect(ended.ended_at?.getTime()).toBe(world.clock.nowMs())
  expect(ended.ended_at!.getTime() - ended.boarded_at!.getTime()).toBe(900_000)
  const events = await eventsOfRide(world.db, world.city.companyId, ride.id)
  expect(events.map((event) => [event.type, event.to_state, event.actor_kind])).toEqual([
    ['request', 'requested', 'rider'],
    ['assign', 'assigned', 'driver'],
    ['set_off', 'en_route', 'driver'],
    ['arrive', 'arrived', 'driver'],
    ['board', 'in_progress', 'driver'],
    ['finish', 'completed', 'driver'],
  ])
  expect(await payments()).toMatchObject([
    { ride_id: ride.id, kind: 'fare', method: 'account', amount_minor: ride.fare_minor, currency: 'USD' },
  ])
  expect((await entries()).map((entry) => [entry.account, entry.amount_minor])).toEqual([
    [`receivable:rider:${ada.id}`, ride.fare_minor],
    ['revenue:fare', -ride.fare_minor],
  ])
})

test('cash lies with the driver who took it', async () => {
  await desk.goOnShift(bo)
  const ride = await desk.request(ada, { payment: 'cash' })
  await desk.tick()
  await desk.accept(bo)
  await desk.drive(bo, ride.id, ['set_off', 'arrive', 'board', 'finish'])
  expect((await entries()).map((entry) => entry.account)).toEqual([`cash:driver:${bo.id}`, 'revenue:fare'])
})

test('a step that is not next is refused and changes nothing', async () => {
  const ride = await assigned()
  for (const step of ['arrive', 'board', 'finish', 'miss'] as const)
    expect(await desk.step(bo, ride.id, step)).toEqual({ ok: false, reason: 'not_allowed_now' })
  expect(await desk.ride(ride.id)).toMatchObject({ state: 'assigned', version: 2 })
})

test('the last step tapped twice charges once', async () => {
  const ride = await assigned()
  await desk.drive(bo, ride.id, ['set_off', 'arrive', 'board', 'finish'])
  expect(await desk.step(bo, ride.id, 'finish')).toEqual({ ok: false, reason: 'not_allowed_now' })
  expect(await payments()).toHaveLength(1)
})

test('a driver cannot move somebody else’s ride', async () => {
  const ride = await assigned()
  const eve = await makeDriver(world.db, world.random, world.city, 'Eve Brandt')
  expect(await desk.step(eve, ride.id, 'set_off')).toEqual({ ok: false, reason: 'not_found' })
  expect(await desk.handBack(eve, ride.id)).toEqual({ ok: false, reason: 'not_found' })
})

test('cancelling is free while nobody was found, and for a while after', async () => {
  const waiting = await desk.request(ada)
  expect((await desk.cancel(ada, waiting.id)).ok).toBe(true)
  const ride = await assigned()
  world.clock.advance(119_999)
  expect((await desk.cancel(ada, ride.id)).ok).toBe(true)
  expect(await payments()).toEqual([])
})

test('a rider who was shown no fee is asked again once there is one', async () => {
  const ride = await assigned()
  world.clock.advance(120_000)
  expect(await desk.cancel(ada, ride.id, 0)).toEqual({ ok: false, reason: 'fee_changed' })
  expect((await desk.ride(ride.id)).state).toBe('assigned')
  expect((await desk.cancel(ada, ride.id, 500)).ok).toBe(true)
  expect(await payments()).toMatchObject([{ kind: 'cancellation', amount_minor: 500, method: 'account' }])
  expect((await desk.ride(ride.id)).ended_by).toBe('rider')
})

test('a car that waits at the pickup is cancelled at a fee from the first moment', async () => {
  const ride = await assigned()
  await desk.drive(bo, ride.id, ['set_off', 'arrive'])
  const terms = await cancellationOf(world.db, await desk.ride(ride.id), world.clock.nowMs())
  expect(terms).toMatchObject({ feeMinor: 500, wasFreeUntilMs: null })
})

test('a ride that cannot be cancelled any more is refused as such, whatever fee was agreed', async () => {
  const ride = await assigned()
  await desk.drive(bo, ride.id, ['set_off', 'arrive', 'board'])
  world.clock.advance(600_000)
  expect(await desk.cancel(ada, ride.id)).toEqual({ ok: false, reason: 'not_allowed_now' })
  await desk.drive(bo, ride.id, ['finish'])
  expect(await desk.cancel(ada, ride.id, 0)).toEqual({ ok: false, reason: 'not_allowed_now' })
})

test('somebody else’s ride is not there to cancel', async () => {
  const ride = await desk.request(ada)
  const eve = await makeRider(world.db, world.random, 'Eve Brandt')
  expect(await desk.cancel(eve, ride.id)).toEqual({ ok: false, reason: 'not_found' })
})

test('what the desk cancels costs the rider nothing', async () => {
  const ride = await assigned()
  world.clock.advance(600_000)
  const { companyId } = world.city
  const cancelled = await desk.inOneUnit((unit) =>
    cancelByDesk(unit, world.random, {
      companyId,
      rideId: ride.id,
      dispatcherId: ines,
      reason: 'car broke down',
    }),
  )
  expect(cancelled.ok && cancelled.value).toMatchObject({ state: 'cancelled', end_reason: 'car broke down' })
  expect(await payments()).toEqual([])
})

test('a rider counts as missing only after the wait, and then pays the fee', async () => {
  const ride = await assigned()
  await desk.drive(bo, ride.id, ['set_off', 'arrive'])
  world.clock.advance(299_999)
  expect(await desk.step(bo, ride.id, 'miss')).toEqual({ ok: false, reason: 'too_early' })
  world.clock.advance(1)
  expect((await desk.step(bo, ride.id, 'miss')).ok).toBe(true)
  expect((await desk.ride(ride.id)).state).toBe('no_show')
  expect(await payments()).toMatchObject([{ kind: 'no_show', amount_minor: 700 }])
})

test('a ride handed back waits again and is never offered to the same driver', async () => {
  const ride = await assigned()
  expect((await desk.handBack(bo, ride.id)).ok).toBe(true)
  expect(await desk.ride(ride.id)).toMatchObject({
    state: 'requested',
    driver_id: null,
    vehicle_id: null,
    assigned_at: null,
  })
  expect(await desk.tick()).toMatchObject({ waiting: 1, offered: 0 })
  const cleo = await makeDriver(world.db, world.random, world.city, 'Cleo Marsh')
  await desk.goOnShift(cleo)
  expect(await desk.tick()).toMatchObject({ waiting: 1, offered: 1 })
  expect((await desk.accept(cleo)).ok).toBe(true)
  await desk.drive(cleo, ride.id, ['set_off', 'arrive', 'board', 'finish'])
})

test('a ride handed back late gets the full time again to find a driver', async () => {
  const ride = await assigned()
  world.clock.advance(ride.deadline_at.getTime() - world.clock.nowMs() + 60_000)
  expect((await desk.handBack(bo, ride.id)).ok).toBe(true)
  desk.ping(bo, BRYANT_PARK)
  expect(await desk.tick()).toMatchObject({ unfulfilled: 0, waiting: 1 })
  const cleo = await makeDriver(world.db, world.random, world.city, 'Cleo Marsh')
  await desk.goOnShift(cleo)
  await desk.tick()
  await desk.accept(cleo)
  world.clock.advance(500_000)
  expect((await desk.handBack(cleo, ride.id)).ok).toBe(true)
  world.clock.advance(599_999)
  expect(await desk.tick()).toMatchObject({ unfulfilled: 0 })
  world.clock.advance(1)
  expect(await desk.tick()).toMatchObject({ unfulfilled: 1 })
})

test('nobody is put out of the car: a ride in progress can be neither handed back nor cancelled', async () => {
  const ride = await assigned()
  await desk.drive(bo, ride.id, ['set_off', 'arrive', 'board'])
  expect(await desk.handBack(bo, ride.id)).toEqual({ ok: false, reason: 'not_allowed_now' })
})

test('a clock that runs a little behind another server’s closes what that one opened', async () => {
  const ride = await assigned()
  world.clock.advance(-1500)
  expect((await desk.handBack(bo, ride.id)).ok).toBe(true)
})

test('a request nobody was found for in time ends unfulfilled, once', async () => {
  const ride = await desk.request(ada)
  world.clock.advance(599_999)
  expect(await desk.tick()).toMatchObject({ unfulfilled: 0, waiting: 1 })
  world.clock.advance(1)
  expect(await desk.tick()).toMatchObject({ unfulfilled: 1, waiting: 0 })
  expect(await desk.tick()).toMatchObject({ unfulfilled: 0 })
  expect(await desk.ride(ride.id)).toMatchObject({ state: 'unfulfilled', ended_by: 'system' })
})

test('a process may die in every state; the next one goes on, and each next step happens once', async () => {
  const ride = await desk.request(ada)
  await desk.goOnShift(bo)
  const seen: RideState[] = []
  const steps = {
    assigned: 'set_off',
    en_route: 'arrive',
    arrived: 'board',
    in_progress: 'finish',
  } as const
  for (let state: RideState = 'requested'; ; state = (await desk.ride(ride.id)).state) {
    seen.push(state)
    await desk.die()
    await letLeaseLapse(world)
    desk = openDesk(world)
    desk.ping(bo, BRYANT_PARK)
    world.clock.advance(1000)
    await desk.tick()
    if (state === 'requested') {
      expect(await desk.offerOf(bo)).toBeDefined()
      expect((await desk.accept(bo)).ok).toBe(true)
    } else if (state in steps) {
      await desk.drive(bo, ride.id, [steps[state as keyof typeof steps]])
    } else break
  }
  expect(seen).toEqual(['requested', 'assigned', 'en_route', 'arrived', 'in_progress', 'completed'])
  expect(await payments()).toHaveLength(1)
  const events = await eventsOfRide(world.db, world.city.companyId, ride.id)
  expect(events.map((event) => event.to_state)).toEqual(RIDE_STATES.slice(1, 7))
})
