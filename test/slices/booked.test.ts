import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { sql } from 'kysely'
import { readBooked } from '../../src/board/booked.ts'
import { keepServiceDay } from '../../src/dispatch/wait-history.ts'
import { dayEndMs, localDay } from '../../src/engine/day.ts'
import { waitCellOf } from '../../src/engine/lead-time.ts'
import { cancelByDesk, eventsOfRide, type LoadedRide, rebookRide } from '../../src/rides/rides.ts'
import { type Driver, makeDriver, makeRider, type Rider, TIMES_SQUARE } from '../support/cast.ts'
import {
  type Ask,
  type CoreWorld,
  type Desk,
  letLeaseLapse,
  openDesk,
  SECRET,
  startWorld,
  violationsOf,
} from '../support/dispatch.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const MIN_MS = 60_000
const HOUR_MS = 60 * MIN_MS

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
})

afterEach(async () => {
  expect(await violationsOf(world)).toEqual([])
})

/** Booked for so many minutes from now. */
const book = (minutes: number, ask: Ask = {}, rider = ada) =>
  desk.request(rider, { ...ask, pickupAtMs: world.clock.nowMs() + minutes * MIN_MS })

const letters = async (ride: LoadedRide) =>
  (
    await world.db
      .selectFrom('notices')
      .select('kind')
      .where('identity_id', '=', ride.rider_id)
      .orderBy('created_at')
      .execute()
  ).map(({ kind }) => kind)

/** Let time pass, and look twice: a minute before, and then. */
async function tickUntil(minutes: number, at: Desk = desk): Promise<void> {
  for (const passed of minutes > 1 ? [minutes - 1, 1] : [minutes]) {
    world.clock.advance(passed * MIN_MS)
    await at.tick()
  }
}

test('a booked ride waits for its time, goes to the matcher once, and is driven and paid as promised', async () => {
  const ride = await book(120)
  expect(ride).toMatchObject({ state: 'scheduled', driver_id: null, shared: false })
  expect(ride.scheduled_for!.getTime()).toBe(world.clock.nowMs() + 120 * MIN_MS)
  await tickUntil(100)
  expect((await desk.ride(ride.id)).state).toBe('scheduled')
  // Nothing was learned here: a quarter of an hour and a minute.
  await tickUntil(3)
  expect((await desk.ride(ride.id)).state).toBe('scheduled')
  await tickUntil(2)
  expect((await desk.ride(ride.id)).state).toBe('requested')
  await desk.goOnShift(bo)
  await desk.tick()
  await desk.accept(bo)
  await desk.drive(bo, ride.id, ['set_off', 'arrive', 'board', 'finish'])
  const events = await eventsOfRide(world.db, world.city.companyId, ride.id)
  expect(events.map(({ type, to_state }) => [type, to_state])).toEqual([
    ['book', 'scheduled'],
    ['start_search', 'requested'],
    ['assign', 'assigned'],
    ['set_off', 'en_route'],
    ['arrive', 'arrived'],
    ['board', 'in_progress'],
    ['finish', 'completed'],
  ])
  const paid = await world.db
    .selectFrom('payments')
    .select('amount_minor')
    .where('ride_id', '=', ride.id)
    .execute()
  expect(paid).toEqual([{ amount_minor: ride.fare_minor }])
})

test('the search ends no sooner than a ride asked for at its time would have', async () => {
  const ride = await book(60)
  await tickUntil(45)
  const searching = await desk.ride(ride.id)
  expect(searching.state).toBe('requested')
  expect(searching.deadline_at.getTime() - searching.scheduled_for!.getTime()).toBe(
    world.city.region.unfulfilledAfterS * 1_000,
  )
  // A driver who gives it back before its time leaves it as much.
  await desk.goOnShift(bo)
  await desk.tick()
  await desk.accept(bo)
  await desk.handBack(bo, ride.id)
  expect((await desk.ride(ride.id)).deadline_at).toEqual(searching.deadline_at)
  await desk.goOffShift(bo)
  world.clock.advance(26 * MIN_MS)
  await desk.tick()
  expect(await desk.ride(ride.id)).toMatchObject({ state: 'unfulfilled' })
})

test('a process that comes after another releases what is due, and only once', async () => {
  const ride = await book(60)
  await desk.tick()
  await desk.die()
  await letLeaseLapse(world)
  world.clock.advance(50 * MIN_MS)
  const [next, late] = [openDesk(world), openDesk(world)]
  expect((await next.tick()).released).toBe(1)
  await letLeaseLapse(world)
  expect((await late.tick()).released).toBe(0)
  const events = await eventsOfRide(world.db, world.city.companyId, ride.id)
  expect(events.filter(({ type }) => type === 'start_search')).toHaveLength(1)
})

test('whose lease was taken releases nothing', async () => {
  const ride = await book(60)
  await desk.tick()
  await letLeaseLapse(world)
  const next = openDesk(world)
  await next.tick()
  world.clock.advance(50 * MIN_MS)
  // The first still believes to hold it; the fence says no, and its tick ends.
  expect(await desk.dispatcher.run()).toBeNull()
  expect((await desk.ride(ride.id)).state).toBe('scheduled')
  expect((await next.tick()).released).toBe(1)
})

test('where riders waited long, the search begins earlier; where they did not, at the floor', async () => {
  const yesterday = localDay(world.clock.nowMs() - 24 * HOUR_MS, world.city.region.timeZone)
  const counts = (n: number) => Array.from({ length: 12 }, (_, at) => (at === n ? 60 : 0))
  // It is nine in the morning; both rides are for eleven.
  const slow = { lat: 40.8, lng: -73.95 }
  await desk.inOneUnit((unit) =>
    keepServiceDay(unit, world.city.region, {
      ...{ day: yesterday, cars: new Array<number>(24).fill(9), asked: new Array<number>(24).fill(30) },
      waits: [
        { cell: waitCellOf(TIMES_SQUARE), hour: 11, counts: counts(2) },
        { cell: waitCellOf(slow), hour: 11, counts: counts(8) },
      ],
    }),
  )
  const quick = await book(125)
  const far = await book(125, { pickup: slow }, await makeRider(world.db, world.random, 'Cleo Marsh'))
  await desk.tick()
  const leadS = async (ride: LoadedRide) => {
    const now = await desk.ride(ride.id)
    return (now.scheduled_for!.getTime() - now.release_at!.getTime()) / 1_000
  }
  expect(await leadS(quick)).toBe(600)
  expect(await leadS(far)).toBe(1_260)
})

test('whole days are counted once: how long riders waited, and how many cars and requests there were', async () => {
  const { timeZone } = world.city.region
  const today = localDay(world.clock.nowMs(), timeZone)
  await desk.goOnShift(bo)
  // The first day is the one a region opened on, which is not a whole one.
  await desk.request(ada)
  world.clock.advance(dayEndMs(today, timeZone) + 14 * HOUR_MS - world.clock.nowMs())
  desk.ping(bo, TIMES_SQUARE)
  const waited = await desk.request(ada)
  const vain = await desk.request(await makeRider(world.db, world.random, 'Dee Voss'))
  await desk.tick()
  await desk.accept(bo)
  world.clock.advance(200_000)
  await desk.drive(bo, waited.id, ['set_off', 'arrive', 'board', 'finish'])
  world.clock.advance(HOUR_MS)
  desk.ping(bo, TIMES_SQUARE)
  await desk.tick()
  expect((await desk.ride(vain.id)).state).toBe('unfulfilled')
  world.clock.advance(HOUR_MS + 11 * HOUR_MS)
  await desk.tick()
  await desk.tick()
  const days = await world.db
    .selectFrom('service_days')
    .selectAll()
    .where('region_id', '=', world.city.regionId)
    .execute()
  expect(days.map((day) => [day.asked[14], day.cars[14]])).toEqual([[2, 1]])
  const cells = await world.db
    .selectFrom('wait_cells')
    .select(['hour', 'counts'])
    .where('region_id', '=', world.city.regionId)
    .execute()
  expect(cells).toEqual([{ hour: 14, counts: [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1] }])
})

test('the rider hears by letter that it is booked, and an hour before; once each', async () => {
  const ride = await book(180)
  await tickUntil(3)
  expect(await letters(ride)).toEqual(['ride_booked'])
  await tickUntil(116)
  expect(await letters(ride)).toEqual(['ride_booked'])
  await tickUntil(3)
  expect(await letters(ride)).toEqual(['ride_booked', 'ride_soon'])
  await tickUntil(30)
  expect(await letters(ride)).toEqual(['ride_booked', 'ride_soon'])
})

test('who did not call a booking off hears by letter that it will not come; who did, knows', async () => {
  const called = await book(120)
  await desk.tick()
  await desk.inOneUnit((unit) =>
    cancelByDesk(unit, world.random, {
      companyId: world.city.companyId,
      rideId: called.id,
      dispatcherId: ada.id,
      reason: 'No car can come',
    }),
  )
  await tickUntil(1)
  expect(await letters(called)).toEqual(['ride_booked', 'booking_ended'])
  const own = await book(120, {}, await makeRider(world.db, world.random, 'Dee Voss'))
  await tickUntil(1)
  expect((await desk.cancel({ id: own.rider_id, name: '' }, own.id)).ok).toBe(true)
  await tickUntil(90)
  expect(await letters(own)).toEqual(['ride_booked'])
  expect(await desk.ride(own.id)).toMatchObject({ state: 'cancelled', ended_by: 'rider' })
})

const rebook = (ride: LoadedRide, quoteId: LoadedRide['quote_id'], rider = ada) =>
  desk.inOneUnit((unit) =>
    rebookRide(
      unit,
      {
        ...{ random: world.random, secrets: [SECRET] },
        ...{ unfulfilledAfterS: 600, leadFloorS: 600 },
      },
      {
        ...{ companyId: world.city.companyId, rideId: ride.id, riderId: rider.id, quoteId },
        ...{ actor: { kind: 'rider' as const, id: rider.id }, reason: 'an hour later' },
      },
    ),
  )

const quoteFor = async (minutes: number, rider = ada, ask: Ask = {}) =>
  (await desk.quotes(rider, { ...ask, pickupAtMs: world.clock.nowMs() + minutes * MIN_MS }))[0]!

test('a booking is put to another time at that time’s price, and told anew', async () => {
  const ride = await book(120)
  await tickUntil(2)
  const quote = await quoteFor(300)
  const changed = await rebook(ride, quote.id)
  expect(changed.ok && changed.value).toMatchObject({
    ...{ state: 'scheduled', version: 2, quote_id: quote.id, scheduled_for: quote.scheduled_for },
  })
  await tickUntil(1)
  expect(await letters(ride)).toEqual(['ride_booked', 'ride_booked'])
  await tickUntil(130)
  expect((await desk.ride(ride.id)).state).toBe('scheduled')
})

test('a booking is changed by its rider only, before its search, at a price for later that nobody used', async () => {
  const ride = await book(60)
  const eve = await makeRider(world.db, world.random, 'Eve Brandt')
  expect(await rebook(ride, (await quoteFor(90, eve)).id, eve)).toEqual({ ok: false, reason: 'not_found' })
  expect(await rebook(ride, ride.quote_id)).toEqual({ ok: false, reason: 'already_used' })
  const now = (await desk.quotes(ada))[0]!
  expect(await rebook(ride, now.id)).toEqual({ ok: false, reason: 'not_later' })
  const late = await quoteFor(120)
  world.clock.advance(6 * MIN_MS)
  expect(await rebook(ride, late.id)).toEqual({ ok: false, reason: 'expired' })
  await tickUntil(40)
  expect((await desk.ride(ride.id)).state).toBe('requested')
  expect(await rebook(ride, (await quoteFor(120)).id)).toEqual({ ok: false, reason: 'not_allowed_now' })
})

test('a price for another time than the one agreed on is altered', async () => {
  const quote = await quoteFor(120)
  await sql`UPDATE quotes SET scheduled_for = scheduled_for + interval '1 hour' WHERE id = ${quote.id}`.execute(
    world.db,
  )
  expect(await desk.requestAt(ada, quote.id)).toEqual({ ok: false, reason: 'altered' })
})

test('a ride is priced by the tariff of its pickup, not of its booking', async () => {
  const tomorrow = new Date(world.clock.nowMs() + 24 * HOUR_MS)
  await sql`
    INSERT INTO tariffs SELECT (json_populate_record(t, json_build_object('id', ${world.random.uuid()}::text,
      'version', 9, 'effective_from', ${tomorrow}::timestamptz, 'base_minor', 900))).*
    FROM tariffs t WHERE region_id = ${world.city.regionId} AND class = 'standard' AND version = 1`.execute(
    world.db,
  )
  const [today, later] = [await quoteFor(60), await quoteFor(26 * 60)]
  expect(later.tariff_id).not.toBe(today.tariff_id)
  expect(later.fare_minor).toBeGreaterThan(today.fare_minor)
})

test('one person has ten bookings to come at most, also when two are made at once', async () => {
  for (let n = 0; n < 9; n++) await book(60 + 30 * n)
  const quotes = await Promise.all([400, 430, 460].map((minutes) => quoteFor(minutes)))
  const asked = await Promise.all(quotes.map((quote) => desk.requestAt(ada, quote.id)))
  expect(asked.filter(({ ok }) => ok)).toHaveLength(1)
  expect(asked.find(({ ok }) => !ok)).toEqual({ ok: false, reason: 'too_many_booked' })
})

test('a rider is missing only when the booked time has passed, however early the car was there', async () => {
  const ride = await book(60)
  await tickUntil(45)
  await desk.goOnShift(bo)
  await desk.tick()
  await desk.accept(bo)
  await desk.drive(bo, ride.id, ['set_off', 'arrive'])
  world.clock.advance(8 * MIN_MS)
  expect(await desk.step(bo, ride.id, 'miss')).toEqual({ ok: false, reason: 'too_early' })
  // Seven minutes until it is time, and the free wait.
  world.clock.advance(12 * MIN_MS)
  expect((await desk.step(bo, ride.id, 'miss')).ok).toBe(true)
})

test('no riders share a car that was booked ahead', async () => {
  const sharing = await startWorld({
    ...{
      database,
      shared_seats: 4,
      shared_detour_s: 600,
      shared_wait_s: 600,
      shared_discount_basis_points: 2_000,
    },
  })
  const other = openDesk(sharing)
  const rider = await makeRider(sharing.db, sharing.random, 'Cleo Marsh')
  const now = await other.quotes(rider)
  const later = await other.quotes(rider, { pickupAtMs: sharing.clock.nowMs() + HOUR_MS })
  expect(now.some(({ shared }) => shared)).toBe(true)
  expect(later.some(({ shared }) => shared)).toBe(false)
})

test('the desk reads of each quarter of an hour what is booked, and the cars that are usually there less those that are busy', async () => {
  const { region } = world.city
  // Saturday ten o'clock; the Saturday and the Sunday before.
  for (const [daysAgo, cars, asked] of [
    [7, 9, 40],
    [6, 5, 20],
  ] as const)
    await desk.inOneUnit((unit) =>
      keepServiceDay(unit, region, {
        day: localDay(world.clock.nowMs() - daysAgo * 24 * HOUR_MS, region.timeZone),
        ...{ cars: new Array<number>(24).fill(cars), asked: new Array<number>(24).fill(asked), waits: [] },
      }),
    )
  const soon = await book(65)
  await book(70, {}, await makeRider(world.db, world.random, 'Cleo Marsh'))
  await book(20 * 60)
  const { lane } = await readBooked(
    { ...desk.deps, random: world.random, fleet: desk.fleet, outlook: desk.outlook },
    region,
  )
  expect(lane.total).toBe(3)
  const [quarter] = lane.quarters
  expect(lane.quarters).toHaveLength(1)
  expect(quarter).toMatchObject({ atMs: world.clock.nowMs() + HOUR_MS, rides: 2, from: 'usual', onShift: 7 })
  // Thirty rides an hour of some minutes each; Little’s law.
  const rideS = soon.duration_s + 300
  expect(quarter!.busy).toBe(Math.round((30 * rideS) / 3_600))
  expect(quarter!.cars).toBe(Math.max(0, 7 - quarter!.busy))
  expect(lane.next.map(({ rideId }) => rideId)[0]).toBe(soon.id)
})
