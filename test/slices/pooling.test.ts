import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { sql } from 'kysely'
import { arriveByMs } from '../../src/fares/quotes.ts'
import {
  BRYANT_PARK,
  type Driver,
  makeDriver,
  makeRiders,
  type RegionSettings,
  type Rider,
  SHARING,
  TIMES_SQUARE,
  WALL_STREET,
} from '../support/cast.ts'
import {
  addZone,
  type CoreWorld,
  type Desk,
  openDesk,
  startWorld,
  violationsOf,
} from '../support/dispatch.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())

/** A little further along from Times Square to Wall Street. */
const HERALD_SQUARE = { lat: 40.7497, lng: -73.9878 }
const FLATIRON = { lat: 40.744, lng: -73.988 }
const UNION_SQUARE = { lat: 40.7359, lng: -73.9911 }
const HARLEM = { lat: 40.8116, lng: -73.9465 }

interface Scene {
  readonly world: CoreWorld
  readonly desk: Desk
  readonly bo: Driver
  readonly ada: Rider
  readonly ben: Rider
  readonly cy: Rider
}

async function scene(settings: RegionSettings = {}): Promise<Scene> {
  const world = await startWorld({ database, ...SHARING, ...settings })
  const desk = openDesk(world)
  const bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
  const [ada, ben, cy] = await makeRiders(world.db, world.random, ['Ada Okafor', 'Ben Ruiz', 'Cy Duval'])
  await desk.goOnShift(bo, BRYANT_PARK)
  return { world, desk, bo, ada: ada!, ben: ben!, cy: cy! }
}

/** Ada is on her way with Bo, sharing. */
async function withAda(settings: RegionSettings = {}) {
  const at = await scene(settings)
  const hers = await at.desk.request(at.ada, { shared: true })
  await at.desk.tick()
  expect((await at.desk.accept(at.bo)).ok).toBe(true)
  await at.desk.fleet.settle()
  return { ...at, hers }
}

const openStops = async ({ world }: Scene, driver: Driver) => {
  const { rows } = await sql<{ stop: string }>`
    SELECT kind || ' ' || split_part(rider_name, ' ', 1) AS stop FROM run_stops
    JOIN rides ON rides.id = ride_id JOIN runs ON runs.id = run_id
    WHERE runs.driver_id = ${driver.id} AND runs.closed_at IS NULL AND done_at IS NULL ORDER BY place`.execute(
    world.db,
  )
  return rows.map(({ stop }) => stop)
}

describe('the price of sharing', () => {
  test('is told beside that of going alone, lower, with the wait and the detour that are promised', async () => {
    const { desk, ada } = await scene()
    const quotes = await desk.quotes(ada)
    expect(quotes.map((quote) => [quote.class, quote.shared])).toEqual([
      ['standard', false],
      ['standard', true],
      ['accessible', false],
      ['accessible', true],
      ['black', false],
      ['black', true],
    ])
    const [alone, shared] = quotes
    expect(shared!.fare_minor).toBeLessThan(alone!.fare_minor)
    expect(arriveByMs(alone!)).toBeNull()
    const longestS = Math.ceil(shared!.duration_s) + SHARING.shared_wait_s + SHARING.shared_detour_s
    expect(arriveByMs(shared!)).toBe(shared!.created_at.getTime() + longestS * 1000)
  })

  test('is not told where the region does not share, or the party takes all seats', async () => {
    const { desk, ada } = await scene()
    expect((await desk.quotes(ada, { seats: 4 })).some((quote) => quote.shared)).toBe(false)
    const plain = openDesk(await startWorld({ database }))
    expect((await plain.quotes(null)).some((quote) => quote.shared)).toBe(false)
  })

  test('a promise that was changed behind our back is not taken', async () => {
    const { world, desk, ada } = await scene()
    const quote = (await desk.quotes(ada)).find((option) => option.shared)!
    await sql`UPDATE quotes SET shared_detour_s = 1200 WHERE id = ${quote.id}`.execute(world.db)
    expect(await desk.requestAt(ada, quote.id)).toEqual({ ok: false, reason: 'altered' })
  })
})

describe('one more rider', () => {
  test('who asks at a rank goes with the car that has waited there, not with one that passes', async () => {
    const { desk, world, ben } = await withAda()
    const wen = await makeDriver(world.db, world.random, world.city, 'Wen Zhang')
    await addZone(world, HERALD_SQUARE, { name: 'Herald Square rank' })
    await desk.goOnShift(wen, HERALD_SQUARE)
    await desk.tick()
    const his = await desk.request(ben, { shared: true, pickup: HERALD_SQUARE, dropoff: UNION_SQUARE })
    await desk.tick()
    expect(await desk.offerOf(wen)).toMatchObject({ ride_id: his.id, run_id: null })
  })

  test('on the way is offered to the driver with what it adds, and is in the run once accepted', async () => {
    const at = await withAda()
    const { desk, bo, ben, world } = at
    const his = await desk.request(ben, { shared: true, pickup: HERALD_SQUARE, dropoff: UNION_SQUARE })
    await desk.tick()
    const offer = await desk.offerOf(bo)
    expect(offer).toMatchObject({ ride_id: his.id, state: 'pending' })
    expect(offer!.run_id).not.toBeNull()
    expect(offer!.added_s!).toBeLessThanOrEqual(SHARING.shared_detour_s)
    const taken = await desk.accept(bo)
    expect(taken.ok && taken.value).toMatchObject({ state: 'assigned', driver_id: bo.id, shared: true })
    expect(await openStops(at, bo)).toEqual(['pickup Ada', 'pickup Ben', 'dropoff Ben', 'dropoff Ada'])
    expect(await violationsOf(world)).toEqual([])
  })

  test('the run goes on stop by stop, each rider pays their own price, and the last one closes it', async () => {
    const at = await withAda()
    const { desk, bo, ben, hers, world } = at
    const his = await desk.request(ben, { shared: true, pickup: HERALD_SQUARE, dropoff: UNION_SQUARE })
    await desk.tick()
    await desk.accept(bo)
    await desk.drive(bo, hers.id, ['set_off', 'arrive', 'board'])
    expect(await openStops(at, bo)).toEqual(['pickup Ben', 'dropoff Ben', 'dropoff Ada'])
    await desk.drive(bo, his.id, ['set_off', 'arrive', 'board', 'finish'])
    expect(await openStops(at, bo)).toEqual(['dropoff Ada'])
    expect((await desk.goOffShift(bo)).ok).toBe(false)
    await desk.drive(bo, hers.id, ['finish'])
    const paid = await world.db
      .selectFrom('payments')
      .select(['ride_id', 'amount_minor'])
      .where('company_id', '=', world.city.companyId)
      .execute()
    const fares = new Map(paid.map((payment) => [payment.ride_id, payment.amount_minor]))
    expect(fares).toEqual(
      new Map([
        [hers.id, hers.fare_minor],
        [his.id, his.fare_minor],
      ]),
    )
    expect((await desk.goOffShift(bo)).ok).toBe(true)
    expect(await violationsOf(world)).toEqual([])
  })

  test('the driver is paid by the run: its parts sum to the share of what all pay before tax', async () => {
    const { desk, bo, ben, hers, world } = await withAda()
    const his = await desk.request(ben, { shared: true, pickup: HERALD_SQUARE, dropoff: UNION_SQUARE })
    await desk.tick()
    await desk.accept(bo)
    const { rows } = await sql<{ paid: number; share: number }>`
      SELECT sum(rides.driver_minor)::int AS paid,
        floor(sum((rides.fare_minor - coalesce((SELECT (line->>'amountMinor')::int
          FROM jsonb_array_elements(quotes.lines) AS line WHERE line->>'code' = 'tax'), 0)))
          * min(driver_share_basis_points) / 10000.0 + 0.5)::int AS share
      FROM rides JOIN quotes ON quotes.id = quote_id JOIN tariffs ON tariffs.id = rides.tariff_id
      WHERE rides.id IN (${hers.id}, ${his.id})`.execute(world.db)
    expect(rows[0]!.paid).toBe(rows[0]!.share)
  })

  test('who would break a promise, take a seat too many or wants to go alone begins a run of their own', async () => {
    const { desk, bo, ben, cy, world } = await withAda({ shared_seats: 2 })
    const far = await desk.request(ben, { shared: true, pickup: UNION_SQUARE, dropoff: HARLEM })
    const alone = await desk.request(cy, { pickup: HERALD_SQUARE, dropoff: UNION_SQUARE })
    await desk.tick()
    expect(await desk.offerOf(bo)).toBeUndefined()
    const di = await makeDriver(world.db, world.random, world.city, 'Di Novak')
    await desk.goOnShift(di, HERALD_SQUARE)
    await desk.tick()
    const offer = await desk.offerOf(di)
    expect([far.id, alone.id] as string[]).toContain(offer!.ride_id)
    expect(offer!.run_id).toBeNull()
    expect(await violationsOf(world)).toEqual([])
  })

  test('a place that saves no driving is offered only once the rider has waited long', async () => {
    const { desk, bo, ada, ben, world } = await scene({ shared_wait_s: 1_200, unfulfilled_after_s: 1_200 })
    await desk.request(ada, { shared: true, dropoff: HERALD_SQUARE })
    await desk.tick()
    await desk.accept(bo)
    const his = await desk.request(ben, { shared: true, pickup: FLATIRON })
    await desk.tick()
    expect(await desk.offerOf(bo)).toBeUndefined()
    world.clock.advance(601_000)
    await desk.fleet.settle()
    desk.ping(bo, BRYANT_PARK)
    await desk.tick()
    expect((await desk.offerOf(bo))?.ride_id).toBe(his.id)
  })

  test('nobody joins somebody who did not choose to share', async () => {
    const { desk, bo, ada, ben } = await scene()
    await desk.request(ada)
    await desk.tick()
    await desk.accept(bo)
    await desk.request(ben, { shared: true, pickup: HERALD_SQUARE, dropoff: UNION_SQUARE })
    await desk.tick()
    expect(await desk.offerOf(bo)).toBeUndefined()
  })

  test('an offer whose run ended meanwhile begins a new one', async () => {
    const { desk, bo, ada, ben, hers, world } = await withAda()
    await desk.request(ben, { shared: true, pickup: HERALD_SQUARE, dropoff: UNION_SQUARE })
    await desk.tick()
    expect((await desk.cancel(ada, hers.id)).ok).toBe(true)
    const taken = await desk.accept(bo)
    expect(taken.ok && taken.value.state).toBe('assigned')
    expect(await violationsOf(world)).toEqual([])
  })
})

describe('one rider less', () => {
  async function both() {
    const at = await withAda()
    const his = await at.desk.request(at.ben, { shared: true, pickup: HERALD_SQUARE, dropoff: UNION_SQUARE })
    await at.desk.tick()
    await at.desk.accept(at.bo)
    return { ...at, his }
  }

  test('a rider who cancels is out of the run, and the other rides on', async () => {
    const at = await both()
    expect((await at.desk.cancel(at.ada, at.hers.id)).ok).toBe(true)
    expect(await openStops(at, at.bo)).toEqual(['pickup Ben', 'dropoff Ben'])
    expect((await at.desk.ride(at.his.id)).state).toBe('assigned')
    await at.desk.drive(at.bo, at.his.id, ['set_off', 'arrive', 'board', 'finish'])
    expect(await violationsOf(at.world)).toEqual([])
  })

  test('whoever leaves is worth to the next driver what the price promises for a ride alone', async () => {
    const at = await both()
    const { desk, world, bo, his, hers } = at
    const quotedMinor = async (ride: { quote_id: string }) =>
      (
        await world.db
          .selectFrom('quotes')
          .select('driver_minor')
          .where('id', '=', ride.quote_id as never)
          .executeTakeFirstOrThrow()
      ).driver_minor
    const alone = [await quotedMinor(hers), await quotedMinor(his)]
    // What rounding leaves between the two may be nothing here: a part that differs is as one that was rounded.
    await world.db
      .updateTable('rides')
      .set({ driver_minor: alone[1]! - 1 })
      .where('id', '=', his.id)
      .execute()
    expect((await desk.handBack(bo, his.id)).ok).toBe(true)
    expect((await desk.ride(his.id)).driver_minor).toBe(alone[1]!)
    await desk.fleet.settle()
    const di = await makeDriver(world.db, world.random, world.city, 'Di Novak')
    await desk.goOnShift(di, HERALD_SQUARE)
    await desk.tick()
    expect((await desk.accept(di)).ok).toBe(true)
    const ended = await desk.drive(di, his.id, ['set_off', 'arrive', 'board', 'finish'])
    expect(ended.driver_minor).toBe(alone[1]!)
    await world.db.updateTable('rides').set({ driver_minor: 1 }).where('id', '=', hers.id).execute()
    expect((await desk.cancel(at.ada, hers.id)).ok).toBe(true)
    expect((await desk.ride(hers.id)).driver_minor).toBe(alone[0]!)
    expect(await violationsOf(world)).toEqual([])
  })

  test('a rider who does not come is left, and one who is given back gets another driver', async () => {
    const at = await both()
    await at.desk.drive(at.bo, at.hers.id, ['set_off', 'arrive'])
    at.world.clock.advance(301_000)
    await at.desk.drive(at.bo, at.hers.id, ['miss'])
    expect(await openStops(at, at.bo)).toEqual(['pickup Ben', 'dropoff Ben'])
    expect((await at.desk.handBack(at.bo, at.his.id)).ok).toBe(true)
    expect((await at.desk.ride(at.his.id)).state).toBe('requested')
    expect((await at.desk.goOffShift(at.bo)).ok).toBe(true)
    expect(await violationsOf(at.world)).toEqual([])
  })

  test('riders who leave at the same moment leave a closed run behind', async () => {
    for (let n = 0; n < 3; n++) {
      const at = await both()
      await Promise.all([at.desk.cancel(at.ada, at.hers.id), at.desk.cancel(at.ben, at.his.id)])
      expect(await openStops(at, at.bo)).toEqual([])
      expect((await at.desk.goOffShift(at.bo)).ok).toBe(true)
      expect(await violationsOf(at.world)).toEqual([])
    }
  })
})

describe('seats', () => {
  test('are never oversold: whoever taps, cancels and gets on board at once', async () => {
    for (let n = 0; n < 4; n++) {
      const at = await withAda({ shared_seats: 2 })
      const { desk, bo, ada, ben, hers, world } = at
      await desk.drive(bo, hers.id, ['set_off', 'arrive'])
      await desk.fleet.settle()
      const his = await desk.request(ben, { shared: true, pickup: HERALD_SQUARE, dropoff: UNION_SQUARE })
      await desk.tick()
      const offer = await desk.offerOf(bo)
      expect(offer?.ride_id).toBe(his.id)
      const taps = Array.from({ length: 6 }, () => desk.acceptById(bo, offer!.id))
      const [, ...answers] = await Promise.all([
        n % 2 === 0 ? desk.step(bo, hers.id, 'board') : desk.cancel(ada, hers.id, 10_000),
        ...taps,
      ])
      expect(answers.filter((answer) => answer.ok)).toHaveLength(1)
      expect(await violationsOf(world)).toEqual([])
      const { rows } = await sql<{ runs: number }>`
        SELECT count(*)::int AS runs FROM runs WHERE driver_id = ${bo.id} AND closed_at IS NULL`.execute(
        world.db,
      )
      expect(rows[0]!.runs).toBe(1)
    }
  })

  test('a rider gets on board only where one is free, whatever order the driver takes them in', async () => {
    const at = await withAda({ shared_seats: 2, shared_wait_s: 900 })
    const { desk, bo, ben, cy, hers, world } = at
    const his = await desk.request(ben, { shared: true, pickup: HERALD_SQUARE, dropoff: UNION_SQUARE })
    await desk.tick()
    await desk.accept(bo)
    await desk.fleet.settle()
    const later = await desk.request(cy, { shared: true, pickup: UNION_SQUARE, dropoff: WALL_STREET })
    await desk.tick()
    expect((await desk.accept(bo)).ok).toBe(true)
    for (const ride of [hers, his]) await desk.drive(bo, ride.id, ['set_off', 'arrive', 'board'])
    await desk.drive(bo, later.id, ['set_off', 'arrive'])
    expect(await desk.step(bo, later.id, 'board')).toEqual({ ok: false, reason: 'car_full' })
    await desk.drive(bo, his.id, ['finish'])
    await desk.drive(bo, later.id, ['board', 'finish'])
    await desk.drive(bo, hers.id, ['finish'])
    expect(await violationsOf(world)).toEqual([])
  })
})

test('two who ask at the same time for the same way share one car', async () => {
  const { desk, bo, ada, ben, world } = await scene()
  await desk.request(ada, { shared: true, pickup: TIMES_SQUARE })
  await desk.request(ben, { shared: true, pickup: TIMES_SQUARE })
  await desk.tick()
  await desk.accept(bo)
  await desk.tick()
  await desk.accept(bo)
  const open = await world.db.selectFrom('rides').select('id').where('driver_id', '=', bo.id).execute()
  expect(open).toHaveLength(2)
  expect(await violationsOf(world)).toEqual([])
})
