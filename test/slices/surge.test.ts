/** The region's tick counts who asks and who is free, says what that adds, and keeps it; the next process goes on. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { cellToLatLng, gridDisk, latLngToCell } from 'h3-js'
import { keepDay } from '../../src/dispatch/demand-history.ts'
import { addDays, localDay } from '../../src/engine/day.ts'
import { SUPPLY_RESOLUTION } from '../../src/engine/supply.ts'
import type { SurgeRules } from '../../src/engine/surge.ts'
import { forgetOldSurge, surgeQuarters } from '../../src/fares/surge-history.ts'
import { type Driver, makeDriver, makeRider, TIMES_SQUARE, WALL_STREET } from '../support/cast.ts'
import {
  type CoreWorld,
  type Desk,
  letLeaseLapse,
  openDesk,
  startWorld,
  violationsOf,
} from '../support/dispatch.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const RULES: SurgeRules = {
  kind: 'multiply',
  capBasisPoints: 20_000,
  stepBasisPoints: 1_000,
  fromPressure: 1,
  fullPressure: 3,
  leastAround: 2,
  leastInRegion: 2,
}
const CELL = latLngToCell(TIMES_SQUARE.lat, TIMES_SQUARE.lng, SUPPLY_RESOLUTION)

let database: TestDatabase
let world: CoreWorld
let desk: Desk
let riders = 0

beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())

beforeEach(async () => {
  world = await startWorld({ database })
  world.settings = { surge: RULES }
  desk = openDesk(world)
})
afterEach(async () => {
  expect(await violationsOf(world)).toEqual([])
  await world.db.deleteFrom('outbox').execute()
})

/** So many people ask at Times Square, each once. */
async function ask(people: number): Promise<void> {
  for (let n = 0; n < people; n++)
    await desk.request(await makeRider(world.db, world.random, `Rider ${++riders}`))
}

/** The tick looks every twenty seconds for so long. */
async function pass(seconds: number, by: Desk = desk, cars: readonly Driver[] = []): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 20) {
    world.clock.advance(20_000)
    for (const car of cars) by.ping(car, WALL_STREET)
    await by.tick()
  }
}

const here = (by: Desk = desk) => by.surge.at(world.city.regionId, TIMES_SQUARE)
const minutes = () =>
  world.db
    .selectFrom('surge_minutes')
    .selectAll()
    .where('region_id', '=', world.city.regionId)
    .orderBy('at')
    .execute()

describe('where more people ask than cars are free', () => {
  test('the price rises within minutes, says why, and falls again once they are served or gone', async () => {
    await ask(6)
    await pass(40)
    expect(here()).toBeNull()
    await pass(300)
    expect(here()).toEqual({ cell: CELL, factorBasisPoints: 20_000, asking: 6, free: 0, overAtMs: null })
    // The cell beside it has the same people around it; at Wall Street nobody asks.
    const [beside] = gridDisk(CELL, 1).filter((cell) => cell !== CELL)
    const [lat, lng] = cellToLatLng(beside!)
    expect(desk.surge.at(world.city.regionId, { lat, lng })?.asking).toBe(6)
    expect(desk.surge.at(world.city.regionId, WALL_STREET)).toBeNull()
    // Ten minutes after they asked nobody was found: they are told so, and ask no more.
    await pass(900)
    expect(here()).toBeNull()
    expect(desk.surge.counted(world.city.regionId)?.cells).toEqual([])
  }, 20_000)

  test('one person who asks again and again is one', async () => {
    const ada = await makeRider(world.db, world.random, 'Ada Okafor')
    for (let n = 0; n < 8; n++) {
      const { id } = await desk.request(ada)
      await desk.cancel(ada, id)
    }
    await desk.request(ada)
    await pass(300)
    const counted = desk.surge.counted(world.city.regionId)!.cells
    expect(counted.map(({ cell, step }) => [cell, step])).toEqual([[CELL, 0]])
    expect(counted[0]!.asking).toBeGreaterThan(0.8)
    expect(counted[0]!.asking).toBeLessThanOrEqual(1)
  })

  test('free cars count where they stand, and those elsewhere do not help', async () => {
    const bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
    await desk.goOnShift(bo, WALL_STREET)
    await pass(40, desk, [bo])
    const cell = latLngToCell(WALL_STREET.lat, WALL_STREET.lng, SUPPLY_RESOLUTION)
    expect(desk.surge.counted(world.city.regionId)!.cells).toEqual([
      { cell, asking: 0, free: 1, step: 0, busy: null },
    ])
  })

  test('adds nothing where the company did not ask for it, and counts all the same', async () => {
    world.settings = { surge: null }
    await ask(6)
    await pass(300)
    expect(here()).toBeNull()
    expect(desk.surge.counted(world.city.regionId)!.cells[0]).toMatchObject({
      cell: CELL,
      step: 0,
      busy: null,
    })
    expect(await minutes()).toEqual([])
  })

  test('switched off, or with a lower cap, it counts from that moment on', async () => {
    await ask(6)
    await pass(300)
    world.settings = { surge: { ...RULES, capBasisPoints: 12_000 } }
    expect(here()?.factorBasisPoints).toBe(12_000)
    world.settings = { surge: null }
    expect(here()).toBeNull()
    await desk.tick()
    expect(desk.surge.counted(world.city.regionId)!.rules).toBeNull()
  })
})

describe('what was added', () => {
  test('is kept by the minute with its reason, for the cells where it was, and for four weeks', async () => {
    await ask(6)
    await pass(300)
    const kept = await minutes()
    expect(kept.length).toBeGreaterThanOrEqual(3)
    expect(kept.length).toBeLessThanOrEqual(5)
    const last = kept.at(-1)!.cells.find(({ cell }) => cell === CELL)
    expect(last).toMatchObject({ cell: CELL, step: 10, factorBasisPoints: 20_000, free: 0 })
    const nowMs = world.clock.nowMs()
    const [quarter] = await surgeQuarters(world.db, world.city.companyId, {
      regionId: world.city.regionId,
      sinceMs: nowMs - 3_600_000,
    })
    expect(quarter).toMatchObject({ minutes: kept.length, factorMostBasisPoints: 20_000, addMostMinor: null })
    expect(quarter!.cellsMost).toBe(7)
    await forgetOldSurge(world.db, nowMs + 27 * 86_400_000)
    expect(await minutes()).toHaveLength(kept.length)
    await forgetOldSurge(world.db, nowMs + 28 * 86_400_000 + 1_000)
    expect(await minutes()).toEqual([])
  })

  test('names when it is usually over, where three past days say so', async () => {
    const { region } = world.city
    const today = localDay(world.clock.nowMs(), region.timeZone)
    // Nine in the morning in New York: busy until half past nine, then quiet.
    const quiet = new Array<number>(96).fill(0)
    const requests = quiet.map((_, quarter) => (quarter >= 32 && quarter < 38 ? 60 : 1))
    for (let back = 1; back <= 3; back++)
      await desk.inOneUnit((unit) =>
        keepDay(unit, region, {
          day: addDays(today, -back),
          requests: 1,
          cells: new Map([[CELL, requests]]),
        }),
      )
    await ask(6)
    await pass(300)
    const { overAtMs } = here()!
    // The five minutes after it are quiet enough; told to the next ten.
    expect(new Date(overAtMs!).toISOString()).toBe('2026-11-21T14:40:00.000Z')
  })
})

describe('another process', () => {
  test('prices like the one that counts, and stops when it hears nothing any more', async () => {
    const other = openDesk(world)
    await ask(6)
    await pass(300)
    expect(here(other)).toEqual(here()!)
    world.clock.advance(31_000)
    expect(here(other)).toBeNull()
  })

  test('that takes the region over goes on from the same price, by the news or by what was kept', async () => {
    const heard = openDesk(world)
    await ask(6)
    await pass(300)
    const before = here()!
    await letLeaseLapse(world)
    await heard.tick()
    expect(here(heard)).toEqual(before)
    // One that has only just begun waits until the cars had time to be heard.
    const fresh = openDesk({ ...world, hub: new Set() })
    await letLeaseLapse(world)
    await fresh.tick()
    expect(fresh.surge.counted(world.city.regionId)).toBeNull()
    await pass(40, fresh)
    expect(here(fresh)?.factorBasisPoints).toBe(20_000)
  })
})
