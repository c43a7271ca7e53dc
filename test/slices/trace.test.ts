/** What ticks saw, kept: folded, complete, written beside the tick and dropped by the day. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { sql } from 'kysely'
import { makeTraceKeeper } from '../../src/dispatch/trace-keeper.ts'
import { forgetOldLooks, keptSinceMs, looksOf, wholeLooksOf } from '../../src/dispatch/trace-store.ts'
import { destination } from '../../src/engine/geo.ts'
import { createLog } from '../../src/io/log.ts'
import { eventually } from '../contract/eventually.ts'
import { BRYANT_PARK, makeDriver, makeRider, SHARING, START_MS, TIMES_SQUARE } from '../support/cast.ts'
import { addZone, openDesk, startWorld, violationsOf } from '../support/dispatch.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const DAY_MS = 86_400_000

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())

async function tracedDesk(settings: Parameters<typeof startWorld>[0] = {}, options: object = {}) {
  const world = await startWorld({ database, ...settings })
  const desk = openDesk(world, { traced: true, ...options })
  const driver = (name: string, car: Parameters<typeof makeDriver>[4] = {}) =>
    makeDriver(world.db, world.random, world.city, name, car)
  const rider = (name: string) => makeRider(world.db, world.random, name)
  const looks = async (rideId: Parameters<typeof looksOf>[2]) => {
    await desk.trace!.flush()
    return wholeLooksOf(world.db, world.city.companyId, rideId)
  }
  return { world, desk, driver, rider, looks }
}

describe('a request is traced from the first look to the driver who took it', () => {
  test('who was silent, on a ride, of another class, asked before; and who was asked at what cost', async () => {
    const { world, desk, driver, rider, looks } = await tracedDesk()
    const bo = await driver('Bo Lindqvist')
    const cy = await driver('Cy Adeyemi')
    const van = await driver('Di Moreau', { class: 'black' })
    const dark = await driver('Ed Noor')
    for (const who of [bo, cy, van, dark]) await desk.goOnShift(who, BRYANT_PARK)
    desk.ping(cy, destination(TIMES_SQUARE, 90, 900))
    desk.ping(dark, BRYANT_PARK, 45_000)
    const ride = await desk.request(await rider('Ada Okafor'))
    await desk.tick()
    const [first, ...none] = await looks(ride.id)
    expect(none).toEqual([])
    expect(first).toMatchObject({
      ...{ kind: 'offer', driverId: bo.id, ticks: 1, waiting: 1, cars: 4, policy: 'batch' },
      ...{ atMs: START_MS, radiusM: 2_000, gates: { chosen: 1, passed: 1, class: 1, silent: 1 } },
    })
    const gateOf = (of: (typeof first & object)['drivers']) =>
      new Map(of.map((seen) => [seen.driverId, seen]))
    const seen = gateOf(first!.drivers)
    expect(seen.get(bo.id)).toMatchObject({ gate: 'chosen', state: 'free', ageS: 0, isSoonFree: false })
    expect(seen.get(bo.id)!.costS).toBeLessThan(seen.get(cy.id)!.costS!)
    expect(seen.get(dark.id)).toMatchObject({ gate: 'silent', ageS: 45, etaS: null, costS: null })
    expect(seen.get(bo.id)!.at.lat).toBeCloseTo(BRYANT_PARK.lat, 6)

    await desk.decline(bo)
    world.clock.advance(2_000)
    await desk.tick()
    const [, second] = await looks(ride.id)
    expect(second).toMatchObject({ kind: 'offer', driverId: cy.id, atMs: START_MS + 2_000 })
    expect(gateOf(second!.drivers).get(bo.id)).toMatchObject({ gate: 'asked_before' })
    expect(await violationsOf(world)).toEqual([])
  })

  test('ticks that say the same are one look, for half a minute at most; a ride that is asked about has none', async () => {
    const { world, desk, driver, rider, looks } = await tracedDesk()
    const bo = await driver('Bo Lindqvist', { class: 'black' })
    await desk.goOnShift(bo)
    const ride = await desk.request(await rider('Ada Okafor'))
    for (let tick = 0; tick < 20; tick++) {
      await desk.tick()
      if (tick % 3 === 0) await desk.trace!.flush()
      world.clock.advance(2_000)
      desk.ping(bo, BRYANT_PARK)
    }
    const found = await looks(ride.id)
    expect(found.map(({ ticks }) => ticks)).toEqual([15, 5])
    expect(found[0]).toMatchObject({
      kind: 'none',
      driverId: null,
      atMs: START_MS,
      untilMs: START_MS + 28_000,
    })
    expect(found[0]!.gates).toEqual({ class: 1 })
    // The radius is that of the last tick: it grew with the wait.
    expect(found[0]!.radiusM).toBeGreaterThan(2_000)

    const cy = await driver('Cy Adeyemi')
    await desk.goOnShift(cy)
    await desk.tick()
    world.clock.advance(2_000)
    await desk.tick()
    expect((await looks(ride.id)).map(({ kind, ticks }) => [kind, ticks])).toEqual([
      ['none', 15],
      ['none', 5],
      ['offer', 1],
    ])
  })

  test('is written by itself within two seconds, and while it says the same again after ten', async () => {
    const { world, desk, rider } = await tracedDesk()
    const ride = await desk.request(await rider('Ada Okafor'))
    const ticksKept = async () =>
      (await looksOf(world.db, world.city.companyId, ride.id)).map(({ ticks }) => ticks)
    const [seen, counts] = [[] as number[], new Set<number>()]
    for (let tick = 0; tick < 9; tick++) {
      await desk.tick()
      world.clock.advance(2_000)
      if (tick === 0) await eventually('the first look is kept', async () => (await ticksKept()).length === 1)
      if (tick === 5) await eventually('it has grown', async () => (await ticksKept())[0]! > 1)
      seen.push((await ticksKept())[0]!)
      counts.add(seen.at(-1)!)
    }
    // Nine ticks, two states of one row.
    expect(seen.slice(0, 5)).toEqual([1, 1, 1, 1, 1])
    expect(counts.size).toBe(2)
  })

  test('a turn at a rank, a desk that gives rides by hand, a car that is held for, one that shares, one that takes over', async () => {
    const ranks = await tracedDesk()
    const bo = await ranks.driver('Bo Lindqvist')
    const cy = await ranks.driver('Cy Adeyemi')
    await addZone(ranks.world, TIMES_SQUARE)
    await ranks.desk.goOnShift(bo, TIMES_SQUARE)
    await ranks.desk.tick()
    ranks.world.clock.advance(2_000)
    await ranks.desk.goOnShift(cy, TIMES_SQUARE)
    ranks.desk.ping(bo, TIMES_SQUARE)
    const atRank = await ranks.desk.request(await ranks.rider('Ada Okafor'))
    await ranks.desk.tick()
    expect(await ranks.looks(atRank.id)).toMatchObject([
      { kind: 'turn', driverId: bo.id, gates: { chosen: 1, not_their_turn: 1 } },
    ])

    const off = await tracedDesk({}, { isOffering: () => false })
    await off.desk.goOnShift(await off.driver('Bo Lindqvist'))
    const byHand = await off.desk.request(await off.rider('Ada Okafor'))
    await off.desk.tick()
    expect(await off.looks(byHand.id)).toMatchObject([{ kind: 'off', driverId: null, gates: { passed: 1 } }])

    const swaps = await tracedDesk({ swap_gain_s: 60 })
    const slow = await swaps.driver('Bo Lindqvist')
    await swaps.desk.goOnShift(slow, destination(TIMES_SQUARE, 0, 1_900))
    const taken = await swaps.desk.request(await swaps.rider('Ada Okafor'))
    await swaps.desk.tick()
    await swaps.desk.accept(slow)
    const near = await swaps.driver('Cy Adeyemi')
    await swaps.desk.goOnShift(near, TIMES_SQUARE)
    swaps.world.clock.advance(2_000)
    await swaps.desk.tick()
    expect(await swaps.looks(taken.id)).toMatchObject([
      { kind: 'offer', driverId: slow.id },
      { kind: 'swap', driverId: near.id, gates: { chosen: 1, to_pickup: 1 } },
    ])

    const shared = await tracedDesk(SHARING)
    const taxi = await shared.driver('Bo Lindqvist')
    await shared.desk.goOnShift(taxi, TIMES_SQUARE)
    const one = await shared.desk.request(await shared.rider('Ada Okafor'), { shared: true })
    await shared.desk.tick()
    await shared.desk.accept(taxi)
    await shared.desk.fleet.settle()
    const two = await shared.desk.request(await shared.rider('Max Rider'), { shared: true })
    shared.world.clock.advance(2_000)
    await shared.desk.tick()
    expect(await shared.looks(one.id)).toMatchObject([{ kind: 'offer', driverId: taxi.id }])
    expect(await shared.looks(two.id)).toMatchObject([
      { kind: 'join', driverId: taxi.id, gates: { chosen: 1 } },
    ])
  })
})

describe('beside the tick', () => {
  test('a database that refuses costs a gap in the trace and nothing else; what waited is written when it is back', async () => {
    const { world, desk, rider } = await tracedDesk()
    const silent = createLog('silent')
    let isAway = true
    const db = new Proxy(world.db, {
      get: (target, name) => {
        if (isAway && name === 'insertInto') throw new Error('gone')
        const value = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const keeper = makeTraceKeeper(
      { db, clock: world.clock, log: silent, fleet: desk.fleet },
      world.city.region,
    )
    const ride = await desk.request(await rider('Ada Okafor'))
    const tick = () =>
      keeper.look({
        situation: {
          ...{ waiting: [], fleet: desk.fleet.index(world.city.regionId), nowMs: world.clock.nowMs() },
          policy: { radiusM: 2_000, radiusMaxM: 4_000, radiusGrowthMps: 0, kind: 'batch' } as never,
          pickupEtaS: (distanceM) => distanceM,
        },
        waiting: [
          {
            ...{ rideId: ride.id, pickup: TIMES_SQUARE, classMask: 1, seats: 1, attributes: 0 },
            ...{ requestedAtMs: START_MS, excluded: new Set(), tripS: 0 },
          },
        ],
        ...{ decided: [], joined: [], reachShare: 1, isOffering: true, decidedMs: 1 },
      })
    tick()
    await keeper.flush()
    expect(await looksOf(world.db, world.city.companyId, ride.id)).toEqual([])
    isAway = false
    world.clock.advance(2_000)
    tick()
    await keeper.flush()
    expect(await looksOf(world.db, world.city.companyId, ride.id)).toMatchObject([{ ticks: 2, kind: 'none' }])
    // Far more ticks than it can keep up with: the oldest go untold, and memory stays bounded.
    for (let n = 0; n < 50; n++) {
      world.clock.advance(2_000)
      tick()
    }
    await keeper.stop()
    const looks = await looksOf(world.db, world.city.companyId, ride.id)
    expect(looks.reduce((sum, { ticks }) => sum + ticks, 0)).toBe(10)
  })

  test('several processes may begin a day at once', async () => {
    const day = '2031-05-05'
    await Promise.all(
      Array.from({ length: 6 }, () => sql`select honeycab_looks_day(${day}::date)`.execute(database.db)),
    )
    const { rows } = await sql`select from pg_class where relname = 'ride_looks_20310505'`.execute(
      database.db,
    )
    expect(rows).toHaveLength(1)
  })
})

test('thirty days are kept, in UTC and today counted in; then a day goes as a whole', async () => {
  const { world, desk, rider, looks } = await tracedDesk()
  const ride = await desk.request(await rider('Ada Okafor'))
  await desk.tick()
  expect(await looks(ride.id)).toHaveLength(1)
  const lastDayMs = START_MS + 29 * DAY_MS
  expect(keptSinceMs(lastDayMs)).toBeLessThanOrEqual(START_MS)
  await forgetOldLooks(world.db, lastDayMs)
  expect(await looks(ride.id)).toHaveLength(1)
  const dropped = await Promise.all([1, 2, 3].map(() => forgetOldLooks(world.db, lastDayMs + DAY_MS)))
  expect(dropped.reduce((sum, days) => sum + days, 0)).toBeGreaterThanOrEqual(1)
  expect(await looksOf(world.db, world.city.companyId, ride.id)).toEqual([])
})

test('no request can write or remove a look, and each partition is closed by itself', async () => {
  const { rows } = await sql<{ right: string }>`
    select table_name || ' ' || privilege_type as right from information_schema.role_table_grants
    where grantee = 'honeycab_app' and table_name like 'ride_looks%'`.execute(database.db)
  expect(rows.map(({ right }) => right)).toEqual(['ride_looks SELECT'])
  const { rows: open } = await sql`
    select from pg_class where relname like 'ride_looks%' and relkind in ('r', 'p') and not relrowsecurity`.execute(
    database.db,
  )
  expect(open).toEqual([])
})
