/** How long ways take: learned from the trails of rides, asked of a road engine where there is one, and never waited for. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { addDays, localDay } from '../../src/engine/day.ts'
import { travel } from '../../src/engine/eta.ts'
import { destination, distanceM } from '../../src/engine/geo.ts'
import type { Estimate } from '../../src/engine/speeds.ts'
import type { LatLng, RideId } from '../../src/engine/units.ts'
import { createLog } from '../../src/io/log.ts'
import { keepDay } from '../../src/roads/learn.ts'
import { legOfTrail } from '../../src/roads/legs.ts'
import { makeRoads, type Roads, type RoutingProvider } from '../../src/roads/roads.ts'
import { type Driver, makeDriver, makeRider, TIMES_SQUARE } from '../support/cast.ts'
import { type CoreWorld, openDesk, startWorld, violationsOf } from '../support/dispatch.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const DAY_MS = 86_400_000
const NORTH = destination(TIMES_SQUARE, 29, 3_000)

let database: TestDatabase
let world: CoreWorld

beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())
beforeEach(async () => {
  world = await startWorld({ database })
})

function roadsOf(provider: RoutingProvider | null = null): Roads {
  const { db, clock, city } = world
  const { bus } = openDesk(world)
  const log = createLog('silent')
  return makeRoads({ ...{ db, clock, bus, log, provider }, regions: () => [city.region] })
}

/** Fixes every five seconds along a straight line. */
function trailOf(from: LatLng, to: LatLng, speedMps: number, startedAtMs: number) {
  const steps = Math.ceil(distanceM(from, to) / (5 * speedMps))
  return Array.from({ length: steps + 1 }, (_, n) => ({
    lat: from.lat + (n / steps) * (to.lat - from.lat),
    lng: from.lng + (n / steps) * (to.lng - from.lng),
    atMs: startedAtMs + n * 5_000,
    accuracyM: 8,
  }))
}

/** One ride from Times Square, driven at this speed and done. */
async function ridden(driver: Driver, to: LatLng, speedMps: number): Promise<RideId> {
  const desk = openDesk(world)
  const rider = await makeRider(world.db, world.random, 'Ada Okafor')
  await desk.fleet.reload()
  const { id } = await desk.request(rider, { dropoff: to })
  const assigned = await desk.assign(driver.identityId, id, driver)
  expect(assigned.ok).toBe(true)
  await desk.drive(driver, id, ['set_off', 'arrive', 'board'])
  const trail = trailOf(TIMES_SQUARE, to, speedMps, world.clock.nowMs())
  await world.db
    .insertInto('ride_trails')
    .values(
      trail.map(({ lat, lng, atMs, accuracyM }) => ({
        ...{ company_id: world.city.companyId, ride_id: id, lat, lng },
        ...{ at: new Date(atMs), accuracy_m: accuracyM },
      })),
    )
    .execute()
  world.clock.advance(trail.at(-1)!.atMs - trail[0]!.atMs)
  await desk.drive(driver, id, ['finish'])
  return id
}

const daysKept = async () =>
  (
    await world.db
      .selectFrom('road_days')
      .select(['local_day', 'legs'])
      .where('region_id', '=', world.city.regionId)
      .orderBy('local_day')
      .execute()
  ).map(({ local_day, legs }) => [local_day, legs])

describe('a region learns its speeds from its own rides', () => {
  test('each whole day once, by however many processes; the next day’s times are told by it', async () => {
    const { region } = world.city
    const bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
    await openDesk(world).goOnShift(bo, TIMES_SQUARE)
    const day = localDay(world.clock.nowMs(), region.timeZone)
    // Half as fast as is set, by the straight line.
    for (let n = 0; n < 5; n++) await ridden(bo, NORTH, region.travel.speedMps / region.travel.circuity / 2)
    const [one, two] = [roadsOf(), roadsOf()]
    await one.learn()
    // The day is not over.
    expect(await daysKept()).toEqual([])
    expect((await one.leg(region, { from: TIMES_SQUARE, to: NORTH })).source).toBe('set')
    world.clock.advance(DAY_MS)
    await Promise.all([one.learn(), two.learn()])
    expect(await daysKept()).toEqual([[day, 5]])
    await one.learn()
    expect(await daysKept()).toEqual([[day, 5]])
    const set = travel(TIMES_SQUARE, NORTH, region.travel)
    for (const roads of [one, two]) {
      const leg = await roads.leg(region, { from: TIMES_SQUARE, to: NORTH })
      expect(leg.source).toBe('learned')
      // Five rides against what is set: well on the way to twice as long.
      expect(leg.durationS / set.durationS).toBeWithin(1.3, 2.1)
      // A straight road is no shorter than straight.
      expect(leg.distanceM).toBeWithin(distanceM(TIMES_SQUARE, NORTH), set.distanceM)
      expect(travel(TIMES_SQUARE, NORTH, roads.model(region))).toEqual({
        distanceM: leg.distanceM,
        durationS: leg.durationS,
      })
    }
    expect(await violationsOf(world)).toEqual([])
  })

  test('for four weeks, and what is kept names no ride, person or door', async () => {
    const { region } = world.city
    const bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
    const desk = openDesk(world)
    await desk.goOnShift(bo, TIMES_SQUARE)
    const today = localDay(world.clock.nowMs(), region.timeZone)
    const [leg] = [legOfTrail(trailOf(TIMES_SQUARE, NORTH, 5, world.clock.nowMs()))!]
    for (const back of [27, 28])
      await desk.inOneUnit((unit) =>
        keepDay(unit, region, { day: addDays(today, -back), legs: [{ ...leg, road: null }] }),
      )
    await ridden(bo, NORTH, 5)
    world.clock.advance(DAY_MS)
    await roadsOf().learn()
    expect(await daysKept()).toEqual([
      [addDays(today, -27), 1],
      [today, 1],
    ])
    const row = await world.db
      .selectFrom('road_legs')
      .selectAll()
      .where('region_id', '=', world.city.regionId)
      .where('local_day', '=', today)
      .executeTakeFirstOrThrow()
    expect(Object.keys(row).sort()).toEqual(
      [
        ...['company_id', 'region_id', 'local_day', 'place', 'hour', 'from_cell', 'to_cell', 'distance_m'],
        ...['duration_s', 'road_distance_m', 'road_duration_s'],
      ].sort(),
    )
    expect(row.from_cell).toMatch(/^89[0-9a-f]{13}$/)
  })
})

describe('what of a trail is believed', () => {
  const whole = trailOf(TIMES_SQUARE, NORTH, 8, 0)
  test('a whole one, from its first fix to its last', () => {
    const leg = legOfTrail(whole)!
    expect(leg.distanceM).toBeCloseTo(distanceM(TIMES_SQUARE, NORTH), 0)
    expect(leg.durationS).toBe(5 * (whole.length - 1))
  })
  test.each([
    ['none', []],
    ['one fix', whole.slice(0, 1)],
    ['two minutes of silence', whole.map((fix, n) => (n > 20 ? { ...fix, atMs: fix.atMs + 121_000 } : fix))],
    ['a jump there and back', whole.map((fix, n) => (n === 20 ? { ...fix, lat: fix.lat + 0.2 } : fix))],
    ['round the block', trailOf(TIMES_SQUARE, destination(TIMES_SQUARE, 0, 150), 1.5, 0)],
    ['there and back', [...whole, ...whole.toReversed()].map((fix, n) => ({ ...fix, atMs: n * 5_000 }))],
    ['standing', whole.map((fix, n) => ({ ...fix, atMs: n * 110_000 }))],
  ])('not one with %s', (_words, trail) => {
    expect(legOfTrail(trail)).toBeNull()
  })
})

/** A road engine in which whatever leads from west of a line takes half an hour more: a river without a bridge near. */
function beyondTheRiver(river: LatLng, calls: { matrix: number }): RoutingProvider {
  const leg = (from: LatLng, to: LatLng): Estimate => {
    const { distanceM: roadM, durationS } = travel(from, to)
    return from.lng < river.lng === to.lng < river.lng
      ? { distanceM: roadM, durationS }
      : { distanceM: roadM + 4_000, durationS: durationS + 1_800 }
  }
  return {
    name: 'river',
    async matrix({ from, to }) {
      calls.matrix++
      return from.map((a) => to.map((b) => leg(a, b)))
    },
    route: async ({ stops }) => ({ points: stops, ...leg(stops[0]!, stops.at(-1)!) }),
    match: async () => null,
    close: async () => {},
  }
}

describe('the tick asks a road engine about its short list', () => {
  const WEST = destination(TIMES_SQUARE, 270, 300)
  const EAST = destination(TIMES_SQUARE, 90, 500)
  const RIVER = destination(TIMES_SQUARE, 270, 150)

  async function twoCars(provider: RoutingProvider) {
    const roads = roadsOf(provider)
    const desk = openDesk(world, { roads })
    const west = await makeDriver(world.db, world.random, world.city, 'Wes Tanaka')
    const east = await makeDriver(world.db, world.random, world.city, 'Esi Mensah')
    await desk.goOnShift(west, WEST)
    await desk.goOnShift(east, EAST)
    const rider = await makeRider(world.db, world.random, 'Ada Okafor')
    await desk.request(rider, { pickup: TIMES_SQUARE, dropoff: NORTH })
    return { desk, roads, west, east }
  }

  test('the car that is nearer by road is asked, not the one across the river', async () => {
    const calls = { matrix: 0 }
    const { desk, west, east } = await twoCars(beyondTheRiver(RIVER, calls))
    await desk.tick()
    expect(calls.matrix).toBe(1)
    expect(await desk.offerOf(west)).toBeUndefined()
    const offer = await desk.offerOf(east)
    expect(offer?.pickup_eta_s).toBeWithin(90, 120)
  })

  test('gone, it holds nobody up: the tick decides by what is known', async () => {
    const gone: RoutingProvider = {
      ...beyondTheRiver(RIVER, { matrix: 0 }),
      matrix: () => Promise.reject(new Error('connection refused')),
    }
    const { desk, west } = await twoCars(gone)
    await desk.tick()
    expect(await desk.offerOf(west)).toBeDefined()
  })

  test('slow, it is waited for as long as a tick may, and then left alone', async () => {
    let asked = 0
    const slow: RoutingProvider = {
      ...beyondTheRiver(RIVER, { matrix: 0 }),
      matrix: () => {
        asked++
        return new Promise(() => {})
      },
    }
    const { desk, west } = await twoCars(slow)
    const tick = desk.tick()
    while (asked === 0) await Bun.sleep(1)
    const askedAtMs = world.clock.nowMs()
    world.clock.advance(150)
    await tick
    expect(world.clock.nowMs() - askedAtMs).toBe(150)
    expect(await desk.offerOf(west)).toBeDefined()
  })
})

test('a price has the engine’s metres and, until rides tell, the pace that is known; without an answer what is known', async () => {
  const { region } = world.city
  const provider = beyondTheRiver(destination(TIMES_SQUARE, 29, 1_000), { matrix: 0 })
  const far = { from: destination(TIMES_SQUARE, 270, 3_000), to: destination(TIMES_SQUARE, 90, 2_000) }
  const set = travel(far.from, far.to, region.travel)
  const roads = roadsOf(provider)
  const leg = await roads.leg(region, far)
  expect(leg).toMatchObject({ source: 'roads', way: [far.from, far.to] })
  expect(leg.distanceM).toBeCloseTo(set.distanceM + 4_000, 3)
  expect(leg.durationS / leg.distanceM).toBeCloseTo(set.durationS / set.distanceM, 9)
  const gone = roadsOf({ ...provider, route: () => Promise.reject(new Error('gone')) })
  expect(await gone.leg(region, far)).toEqual({ ...set, source: 'set' })
  expect(await gone.leg(region, { from: far.from, to: far.from })).toMatchObject({
    distanceM: 0,
    durationS: 0,
  })
})

test('with rides enough, the engine’s seconds are corrected by what rides took over them', async () => {
  const { region } = world.city
  const desk = openDesk(world)
  const legs = Array.from({ length: 300 }, (_, n) => {
    const from = destination(TIMES_SQUARE, 7 * n, 2_000)
    const to = destination(TIMES_SQUARE, 7 * n + 120, 2_500)
    const road = travel(from, to, { circuity: 1.4, speedMps: 12 })
    const driven = { from, to, distanceM: road.distanceM, durationS: 2 * road.durationS }
    return { ...driven, startedAtMs: world.clock.nowMs(), road }
  })
  // The same day of the week, so that the hour tells too.
  const day = addDays(localDay(world.clock.nowMs(), region.timeZone), -7)
  await desk.inOneUnit((unit) => keepDay(unit, region, { day, legs }))
  const free: RoutingProvider = {
    ...beyondTheRiver(TIMES_SQUARE, { matrix: 0 }),
    route: async ({ stops }) => ({
      points: stops,
      ...travel(stops[0]!, stops[1]!, { circuity: 1.4, speedMps: 12 }),
    }),
  }
  const roads = roadsOf(free)
  await roads.refresh()
  const ends = { from: destination(TIMES_SQUARE, 30, 2_000), to: destination(TIMES_SQUARE, 150, 2_500) }
  const leg = await roads.leg(region, ends)
  const road = travel(ends.from, ends.to, { circuity: 1.4, speedMps: 12 })
  expect(leg.source).toBe('roads')
  expect(leg.distanceM).toBeCloseTo(road.distanceM, 6)
  expect(leg.durationS / road.durationS).toBeWithin(1.8, 2.2)
  // At an hour nobody drove at, the hour itself tells nothing.
  const later = await roads.leg(region, { ...ends, atMs: world.clock.nowMs() + 8 * 3_600_000 })
  expect(later.durationS).toBeLessThan(leg.durationS)
})
