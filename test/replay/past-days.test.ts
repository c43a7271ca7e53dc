import { afterAll, beforeAll, expect, test } from 'bun:test'
import { loadRegions } from '../../src/companies/regions.ts'
import { loadDemand } from '../../src/dispatch/demand-history.ts'
import { localDay } from '../../src/engine/day.ts'
import { distanceM } from '../../src/engine/geo.ts'
import { systemClock } from '../../src/io/clock.ts'
import { systemRandom } from '../../src/io/random.ts'
import { makePastDays } from '../../src/replay/city/past-days.ts'
import { seedDemo } from '../../src/replay/city/seed.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'
import { madeUpRides } from './synthetic.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())

const TIMES_SQUARE = { lat: 40.758, lng: -73.9855 }
const NOW_MS = Date.UTC(2026, 10, 21, 14)

test('the demo’s past days ask where its rides begin, as often as its busy cars can serve, and are made once', async () => {
  const { db } = database
  const clock = systemClock()
  const world = await seedDemo(db, {
    random: systemRandom(clock),
    nowMs: NOW_MS,
    city: { drivers: 2, riders: 2 },
  })
  let asked = 0
  const recorded = async () => {
    asked++
    return [{ ...madeUpRides({ count: 1, seed: 1 })[0]!, pickup: TIMES_SQUARE, durationS: 710 }]
  }
  const make = () => makePastDays(db, world, { nowMs: NOW_MS, cars: 40, busyCars: 20, recorded })
  await make()
  await make()
  expect(asked).toBe(1)
  const region = (await loadRegions(db)).find(({ id }) => id === world.regionId)!
  const { model, days } = await loadDemand(db, region, NOW_MS)
  expect(days).toBe(28)
  expect(localDay(NOW_MS, region.timeZone)).toBe('2026-11-21')
  const [cell, ...others] = [...model.cells]
  expect(others).toEqual([])
  expect(distanceM(cell!.centre, TIMES_SQUARE)).toBeLessThan(600)
  // Twenty cars, each busy for fifteen minutes with a ride.
  expect(model.expected(cell!, 43_200, 46_800)).toBeCloseTo(80, 6)
})
