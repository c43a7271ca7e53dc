/** Idle drivers are told where it is busier: from the region's own days, one after the other, and for a while. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { latLngToCell } from 'h3-js'
import { keepDay } from '../../src/dispatch/demand-history.ts'
import { driverState } from '../../src/dispatch/driver-state.ts'
import { makeHintKeeper } from '../../src/dispatch/hint-keeper.ts'
import { addDays, localDay } from '../../src/engine/day.ts'
import { SUPPLY_RESOLUTION } from '../../src/engine/supply.ts'
import type { LatLng } from '../../src/engine/units.ts'
import { importPlaces } from '../../src/places/places.ts'
import { type Driver, makeDriver, makeRider, TIMES_SQUARE } from '../support/cast.ts'
import {
  addZone,
  type CoreWorld,
  type Desk,
  openDesk,
  startWorld,
  violationsOf,
} from '../support/dispatch.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

/** 2.5 km and eight minutes from Times Square. */
const UNION_SQUARE: LatLng = { lat: 40.7359, lng: -73.9911 }
const DAY_MS = 86_400_000

let database: TestDatabase
let world: CoreWorld
let desk: Desk
let bo: Driver
let cy: Driver

beforeAll(async () => {
  database = await testDatabase()
  await importPlaces(database.db, {
    dataset: 'test',
    csv: 'name,kind,lat,lng,detail,source\nTimes Square,landmark,40.758,-73.9855,,test\n',
  })
}, 60_000)
afterAll(() => database.stop())

beforeEach(async () => {
  world = await startWorld({ database })
  desk = openDesk(world)
  bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
  cy = await makeDriver(world.db, world.random, world.city, 'Cy Adeyemi')
})
afterEach(async () => {
  expect(await violationsOf(world)).toEqual([])
  await world.db.deleteFrom('outbox').execute()
})

/** So many requests in every quarter of an hour of past days, all at Times Square. */
async function pastDays(days: number, aQuarter: number): Promise<void> {
  const cell = latLngToCell(TIMES_SQUARE.lat, TIMES_SQUARE.lng, SUPPLY_RESOLUTION)
  const today = localDay(world.clock.nowMs(), world.city.region.timeZone)
  for (let back = 1; back <= days; back++)
    await desk.inOneUnit((unit) =>
      keepDay(unit, world.city.region, {
        day: addDays(today, -back),
        requests: 96 * aQuarter,
        cells: new Map([[cell, new Array<number>(96).fill(aQuarter)]]),
      }),
    )
}

/** The drivers have stood there for so long, and the tick has looked. */
async function stand(drivers: readonly Driver[], at: LatLng, minutes: number): Promise<void> {
  world.clock.advance(minutes * 60_000)
  for (const driver of drivers) desk.ping(driver, at)
  await desk.tick()
}

async function seenBy(driver: Driver) {
  const loaded = await world.db
    .selectFrom('drivers')
    .selectAll()
    .where('id', '=', driver.id)
    .executeTakeFirstOrThrow()
  return driverState(
    { db: world.db, fleet: desk.fleet, outlook: desk.outlook, hints: desk.hints },
    {
      driver: loaded as never,
      region: world.city.region,
      queueZones: world.queueZones,
      nowMs: world.clock.nowMs(),
    },
  )
}

const hintOf = (driver: Driver) => desk.hints.of(world.city.regionId, driver.id)

describe('a region learns from its own days', () => {
  test('each whole local day once, by the clock on the wall; with three of them drivers are told', async () => {
    const ada = await makeRider(world.db, world.random, 'Ada Okafor')
    for (let day = 0; day < 4; day++) {
      for (let n = 0; n < 4; n++) {
        const ride = await desk.request(ada)
        await desk.cancel(ada, ride.id)
      }
      world.clock.advance(DAY_MS)
    }
    await desk.goOnShift(bo, UNION_SQUARE)
    await desk.tick()
    // The day the region opened is not a whole one.
    expect(desk.hints.daysLeft(world.city.regionId)).toBe(2)
    expect((await seenBy(bo)).hintsInDays).toBe(2)
    await desk.tick()
    await desk.tick()
    await desk.tick()
    expect(desk.hints.daysLeft(world.city.regionId)).toBe(0)
    const rows = await world.db
      .selectFrom('demand_cells')
      .select(['local_day', 'requests'])
      .where('region_id', '=', world.city.regionId)
      .orderBy('local_day')
      .execute()
    expect(rows.map((row) => row.local_day)).toEqual(['2026-11-22', '2026-11-23', '2026-11-24'])
    // Nine in the morning in New York.
    for (const { requests } of rows) {
      expect(requests[36]).toBe(4)
      expect(requests.reduce((sum, count) => sum + count)).toBe(4)
    }
    await stand([bo], UNION_SQUARE, 4)
    expect(hintOf(bo)).toMatchObject({ label: 'Times Square', at: TIMES_SQUARE })
  })

  test('for four weeks, and no longer', async () => {
    await pastDays(28, 1)
    world.clock.advance(DAY_MS)
    const ada = await makeRider(world.db, world.random, 'Ada Okafor')
    const ride = await desk.request(ada)
    await desk.cancel(ada, ride.id)
    world.clock.advance(2 * DAY_MS)
    await desk.tick()
    const { days } = await world.db
      .selectFrom('demand_days')
      .select(({ fn }) => fn.countAll<number>().as('days'))
      .where('region_id', '=', world.city.regionId)
      .executeTakeFirstOrThrow()
    expect(Number(days)).toBe(28 - 3 + 1)
  })
})

describe('a driver who waits where nobody asks', () => {
  test('is told after some minutes where it is busier, and what it saves', async () => {
    await pastDays(3, 3)
    await desk.goOnShift(bo, UNION_SQUARE)
    await stand([bo], UNION_SQUARE, 1)
    expect(hintOf(bo)).toBeNull()
    await stand([bo], UNION_SQUARE, 4)
    const { hint } = await seenBy(bo)
    expect(hint).toMatchObject({ label: 'Times Square' })
    // Nobody asks here; there three a quarter of an hour for one car, eight minutes away.
    const thereS = 300 + hint!.distanceM / world.city.region.travel.speedMps
    expect(Math.abs(hint!.savedS - (3_600 - thereS))).toBeLessThan(90)
  })

  test('is told nothing with less than three days known, nor where the company does not want it', async () => {
    await pastDays(2, 3)
    await desk.goOnShift(bo, UNION_SQUARE)
    await stand([bo], UNION_SQUARE, 5)
    expect(hintOf(bo)).toBeNull()
    expect((await seenBy(bo)).hintsInDays).toBe(1)

    await pastDays(3, 3)
    const quiet = makeHintKeeper(
      {
        ...{ ...desk.deps, fleet: desk.fleet, hints: desk.hints },
        regionNow: () => ({ ...world.city.region, idleHints: wanted }),
      },
      world.city.region,
    )
    const keep = () => quiet.keep((work) => desk.inOneUnit(work), new Set())
    let wanted = true
    await keep()
    expect(hintOf(bo)).not.toBeNull()
    wanted = false
    await keep()
    expect(hintOf(bo)).toBeNull()
  })

  test('goes alone where one car is enough', async () => {
    await pastDays(3, 1)
    const drivers = [bo, cy]
    for (let n = 0; n < 4; n++)
      drivers.push(await makeDriver(world.db, world.random, world.city, `Extra ${n}`))
    for (const driver of drivers) await desk.goOnShift(driver, UNION_SQUARE)
    await stand(drivers, UNION_SQUARE, 5)
    const told = drivers.filter((driver) => hintOf(driver) !== null)
    expect(told.length).toBeGreaterThan(0)
    expect(told.length).toBeLessThan(drivers.length)
  })

  test('hears the same for some minutes, and nothing more once they are there', async () => {
    await pastDays(3, 3)
    await desk.goOnShift(bo, UNION_SQUARE)
    await stand([bo], UNION_SQUARE, 5)
    const first = hintOf(bo)
    expect(first).not.toBeNull()
    for (let minute = 0; minute < 6; minute++) {
      await stand([bo], { lat: UNION_SQUARE.lat + minute / 1_000, lng: UNION_SQUARE.lng }, 1)
      expect(hintOf(bo)).toEqual(first)
    }
    await stand([bo], TIMES_SQUARE, 1)
    expect(hintOf(bo)).toBeNull()
    // Back again by their own choice: they are left in peace.
    await stand([bo], UNION_SQUARE, 1)
    expect(hintOf(bo)).toBeNull()
  })

  test('is told nothing while there is an offer, nor after the shift', async () => {
    await pastDays(3, 3)
    const ada = await makeRider(world.db, world.random, 'Ada Okafor')
    await desk.goOnShift(bo, UNION_SQUARE)
    await stand([bo], UNION_SQUARE, 5)
    expect((await seenBy(bo)).hint).not.toBeNull()
    const ride = await desk.request(ada, { pickup: UNION_SQUARE, dropoff: TIMES_SQUARE })
    await desk.tick()
    const asked = await seenBy(bo)
    expect(asked.offer).not.toBeNull()
    expect(asked.hint).toBeNull()
    await desk.cancel(ada, ride.id)
    await desk.goOffShift(bo)
    expect((await seenBy(bo)).hint).toBeNull()
    await stand([], UNION_SQUARE, 1)
    expect(hintOf(bo)).toBeNull()
  })

  test('is not called away from a place in a queue', async () => {
    await addZone(world, UNION_SQUARE)
    await pastDays(3, 3)
    await desk.goOnShift(bo, UNION_SQUARE)
    await stand([bo], UNION_SQUARE, 1)
    await stand([bo], UNION_SQUARE, 5)
    expect(hintOf(bo)).toBeNull()
  })

  test('sees it on pages of another process too', async () => {
    await pastDays(3, 3)
    const other = openDesk(world)
    await desk.goOnShift(bo, UNION_SQUARE)
    await stand([bo], UNION_SQUARE, 5)
    expect(hintOf(bo)).not.toBeNull()
    expect(other.hints.of(world.city.regionId, bo.id)).toEqual(hintOf(bo)!)
  })
})
