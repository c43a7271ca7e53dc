import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Wish } from '../../src/engine/final-fare.ts'
import { destination } from '../../src/engine/geo.ts'
import { PLAIN_RULES, type TariffRules } from '../../src/engine/tariff.ts'
import type { LatLng, RideId } from '../../src/engine/units.ts'
import { checkInvariants } from '../../src/ops/invariants.ts'
import { fareOfRide, paidWaitingOf } from '../../src/rides/final-fare.ts'
import { cancellationOf, findRide, type LoadedRide } from '../../src/rides/rides.ts'
import {
  type Driver,
  makeDriver,
  makeRider,
  type Rider,
  START_MS,
  TIMES_SQUARE,
  WALL_STREET,
} from '../support/cast.ts'
import { type CoreWorld, type Desk, openDesk, startWorld } from '../support/dispatch.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

let database: TestDatabase
let world: CoreWorld
let desk: Desk
let ada: Rider
let bo: Driver

beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())
beforeEach(async () => {
  world = await startWorld({ database })
  desk = openDesk(world)
  ada = await makeRider(world.db, world.random, 'Ada Okafor')
  bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
  await desk.goOnShift(bo, TIMES_SQUARE)
})

/** The next version of every class has these rules. */
async function rule(rules: Partial<TariffRules>): Promise<void> {
  const rows = await world.db
    .selectFrom('tariffs')
    .selectAll()
    .where('company_id', '=', world.city.companyId)
    .execute()
  for (const {
    created_at,
    created_by,
    published_at,
    published_by,
    withdrawn_at,
    withdrawn_by,
    ...row
  } of rows)
    await world.db
      .insertInto('tariffs')
      .values({
        ...{ ...row, state: 'published', id: world.random.uuid(), version: row.version! + 1 },
        rules: JSON.stringify({ ...PLAIN_RULES, ...rules }),
      })
      .execute()
}
const WAITING = { waiting: { graceS: 120, perMinuteMinor: 60, mostMinor: null } }

/** A ride whose driver is at the pickup; `gpsAfterS` from now a fix shows it, if one does. */
async function arrived(gpsAfterS: number | null): Promise<LoadedRide> {
  const ride = await desk.request(ada)
  await desk.tick()
  await desk.accept(bo)
  await desk.drive(bo, ride.id, ['set_off', 'arrive'])
  if (gpsAfterS !== null)
    await world.db
      .insertInto('ride_arrivals')
      .values({
        ...{ company_id: world.city.companyId, ride_id: ride.id, driver_id: bo.id, away_m: 14 },
        at: new Date(world.clock.nowMs() + gpsAfterS * 1_000),
      })
      .execute()
  return (await findRide(world.db, world.city.companyId, ride.id))!
}

/** On board, then the line from one point to another driven in so many seconds, a fix every 10 s. */
async function drive(rideId: RideId, { from, to, seconds }: { from: LatLng; to: LatLng; seconds: number }) {
  const fromMs = world.clock.nowMs()
  const rows = Array.from({ length: seconds / 10 + 1 }, (_, n) => ({
    ...{ company_id: world.city.companyId, ride_id: rideId, at: new Date(fromMs + n * 10_000) },
    ...{ lat: from.lat + ((to.lat - from.lat) * n * 10) / seconds, accuracy_m: 8 },
    lng: from.lng + ((to.lng - from.lng) * n * 10) / seconds,
  }))
  await world.db.insertInto('ride_trails').values(rows).execute()
  world.clock.advance(seconds * 1_000)
}

async function finish(rideId: RideId, wish?: Wish) {
  const ended = await desk.step(bo, rideId, 'finish', wish)
  if (!ended.ok) throw new Error(ended.reason)
  const fare = await fareOfRide(world.db, world.city.companyId, rideId)
  const payment = await world.db
    .selectFrom('payments')
    .selectAll()
    .where('ride_id', '=', rideId)
    .executeTakeFirstOrThrow()
  expect(payment.amount_minor).toBe(ended.value.fare_minor)
  expect(fare!.total_minor).toBe(ended.value.fare_minor)
  expect(await checkInvariants(world.db, { nowMs: world.clock.nowMs(), sinceMs: START_MS })).toEqual([])
  return { ride: ended.value, fare: fare! }
}

describe('what a ride costs in the end', () => {
  test('is what was promised, with what was seen beside it', async () => {
    const { id, fare_minor, driver_minor } = await arrived(0)
    await desk.step(bo, id, 'board')
    await drive(id, { from: TIMES_SQUARE, to: WALL_STREET, seconds: 1_200 })
    const { ride, fare } = await finish(id)
    expect(ride).toMatchObject({ fare_minor, driver_minor })
    expect(fare).toMatchObject({ promised_minor: fare_minor, reasons: [] })
    expect(fare.evidence).toMatchObject({ gpsAwayM: 14, drivenS: 1_200, coveredShare: 1, wish: null })
    expect(fare.evidence.drivenM).toBeGreaterThan(5_000)
  })

  test('has the wait that a fix at the pickup proves, from the later of fix and tap, and the driver’s part of it', async () => {
    await rule(WAITING)
    const before = await arrived(60)
    expect(await cancellationOf(world.db, before, world.clock.nowMs())).toMatchObject({ laterFeeMinor: 500 })
    world.clock.advance(30_000)
    const tariff = { rules: { ...PLAIN_RULES, ...WAITING } }
    expect(await paidWaitingOf(world.db, before, tariff)).toEqual({
      ...{ paidFromMs: before.arrived_at!.getTime() + 180_000, perMinuteMinor: 60 },
    })
    world.clock.advance(330_000)
    await desk.step(bo, before.id, 'board')
    await drive(before.id, { from: TIMES_SQUARE, to: WALL_STREET, seconds: 600 })
    const { ride, fare } = await finish(before.id)
    // Six minutes after the tap, five after the fix, three of them paid.
    expect(fare.evidence.waitedS).toBe(300)
    expect(fare.lines.find(({ code }) => code === 'waiting')).toMatchObject({ amountMinor: 180, quantity: 3 })
    expect(fare.reasons).toEqual([
      { code: 'waited', differenceMinor: ride.fare_minor - before.fare_minor, measured: 300 },
    ])
    expect(ride.driver_minor - before.driver_minor).toBe(144)
  })

  test('has no wait that nothing proves, and none at a tariff without a rule', async () => {
    await rule(WAITING)
    const unseen = await arrived(null)
    expect(await paidWaitingOf(world.db, unseen, { rules: { ...PLAIN_RULES, ...WAITING } })).toBeNull()
    world.clock.advance(900_000)
    await desk.step(bo, unseen.id, 'board')
    const { ride, fare } = await finish(unseen.id)
    expect(ride.fare_minor).toBe(unseen.fare_minor)
    expect(fare.evidence).toMatchObject({ gpsArrivedAtMs: null, waitedS: null })
  })

  test('goes by the trail where the rider went elsewhere, and not where the trail says nothing of it', async () => {
    const first = await arrived(0)
    await desk.step(bo, first.id, 'board')
    await drive(first.id, { from: TIMES_SQUARE, to: WALL_STREET, seconds: 600 })
    const same = await finish(first.id, 'destination')
    expect(same.ride.fare_minor).toBe(first.fare_minor)
    expect(same.fare.evidence).toMatchObject({ wish: 'destination', wishRefused: 'not_borne_out' })

    desk.ping(bo, TIMES_SQUARE)
    const second = await arrived(0)
    await desk.step(bo, second.id, 'board')
    const near = destination(TIMES_SQUARE, 200, 1_500)
    await drive(second.id, { from: TIMES_SQUARE, to: near, seconds: 300 })
    const shorter = await finish(second.id, 'destination')
    expect(shorter.ride.fare_minor).toBeLessThan(second.fare_minor)
    expect(shorter.ride.driver_minor).toBeLessThan(second.driver_minor)
    expect(shorter.fare.reasons[0]!.code).toBe('destination_changed')
    expect(shorter.fare.promised_minor).toBe(second.fare_minor)
  })

  test('of a trail that is not there, or a ride of no length, is the promise', async () => {
    const ride = await arrived(0)
    await desk.step(bo, ride.id, 'board')
    const { fare } = await finish(ride.id, 'way')
    expect(fare).toMatchObject({ total_minor: ride.fare_minor, reasons: [] })
    expect(fare.evidence).toMatchObject({ drivenM: 0, drivenS: 0, wishRefused: 'trail_too_thin' })
  })

  test('is kept as it was: nobody changes it, and no fare differs without a reason', async () => {
    const ride = await arrived(0)
    await desk.step(bo, ride.id, 'board')
    await finish(ride.id)
    const change = world.db.updateTable('ride_fares').set({ total_minor: 1 }).where('ride_id', '=', ride.id)
    expect(change.execute()).rejects.toThrow('append-only')
    const other = await desk.request(ada)
    const silent = world.db
      .insertInto('ride_fares')
      .values({
        ...{ company_id: world.city.companyId, ride_id: other.id, promised_minor: 100, total_minor: 101 },
        ...{ driver_minor: 0, currency: 'USD', lines: '[]', reasons: '[]', evidence: '{}', at: new Date() },
      })
      .execute()
    expect(silent).rejects.toThrow('never_silently')
  })
})

test('cancelling costs by state and time, as the tariff’s steps say', async () => {
  await rule({
    cancellation: [
      { from: 'assigned', afterS: 60, feeMinor: 200 },
      { from: 'en_route', afterS: 120, feeMinor: 400 },
      { from: 'arrived', afterS: 0, feeMinor: 600 },
    ],
  })
  const asked = await desk.request(ada)
  await desk.tick()
  await desk.accept(bo)
  const fee = async () => {
    const ride = (await findRide(world.db, world.city.companyId, asked.id))!
    return (await cancellationOf(world.db, ride, world.clock.nowMs())).feeMinor
  }
  const fees = [await fee()]
  world.clock.advance(60_000)
  fees.push(await fee())
  await desk.step(bo, asked.id, 'set_off')
  world.clock.advance(119_999)
  fees.push(await fee())
  world.clock.advance(1)
  fees.push(await fee())
  await desk.step(bo, asked.id, 'arrive')
  fees.push(await fee())
  expect(fees).toEqual([0, 200, 200, 400, 600])
})
