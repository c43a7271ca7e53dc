import { afterAll, beforeAll, expect, test } from 'bun:test'
import { forgetOldShadows, shadowSince } from '../../src/dispatch/shadow.ts'
import type { LatLng } from '../../src/engine/units.ts'
import { BRYANT_PARK, makeDriver, makeRider, TIMES_SQUARE } from '../support/cast.ts'
import { type CoreWorld, openDesk, startWorld, violationsOf } from '../support/dispatch.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const DAY_MS = 86_400_000
/** Farther than the shadow looks. */
const FAR: LatLng = { lat: TIMES_SQUARE.lat + 0.014, lng: TIMES_SQUARE.lng }

let database: TestDatabase
let world: CoreWorld
beforeAll(async () => {
  database = await testDatabase()
  world = await startWorld({ database, shadow_policy: JSON.stringify({ kind: 'nearest', radiusM: 900 }) })
}, 60_000)
afterAll(() => database.stop())

const quarters = () =>
  world.db
    .selectFrom('shadow_quarters')
    .selectAll()
    .where('region_id', '=', world.city.regionId)
    .orderBy('starts_at')
    .execute()

test('a policy in shadow decides nothing, and its difference is added up by the quarter of an hour', async () => {
  const desk = openDesk(world)
  const drivers = [
    await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist'),
    await makeDriver(world.db, world.random, world.city, 'Cy Adeyemi'),
  ] as const
  await desk.goOnShift(drivers[0], BRYANT_PARK)
  await desk.goOnShift(drivers[1], FAR)
  for (const name of ['Ada Okafor', 'Max Rider'])
    await desk.request(await makeRider(world.db, world.random, name))
  // Both are offered a car by the policy in force; the shadow sees one of them only.
  expect(await desk.tick()).toMatchObject({ waiting: 2, offered: 2 })
  expect(await quarters()).toEqual([])
  world.clock.advance(30_000)
  for (const driver of drivers) desk.ping(driver, FAR)
  await desk.tick()
  const [first, ...rest] = await quarters()
  expect(rest).toEqual([])
  expect(first).toMatchObject({ company_id: world.city.companyId, ticks: 2, live_rides: 4, shadow_rides: 1 })
  expect(first!.waiting).toBe(4)
  expect(first!.shadow_cost_s).toBeGreaterThan(first!.live_cost_s)
  expect(first!.changed).toBe(3)
  expect(first!.starts_at.getTime() % (15 * 60_000)).toBe(0)

  // More of the same quarter is added, the next one has a row of its own, and nobody waiting counts nowhere.
  world.clock.advance(30_000)
  await desk.tick()
  expect((await quarters())[0]!.ticks).toBe(3)
  world.clock.advance(15 * 60_000)
  const another = await desk.request(await makeRider(world.db, world.random, 'Di Moreau'))
  await desk.tick()
  world.clock.advance(30_000)
  await desk.tick()
  expect((await quarters()).map(({ ticks }) => ticks)).toEqual([3, 2])
  await desk.cancel({ id: another.rider_id, name: another.rider_name }, another.id)
  world.clock.advance(30_000)
  await desk.tick()
  expect((await quarters()).map(({ ticks }) => ticks)).toEqual([3, 2])

  const { companyId, regionId } = world.city
  const nowMs = world.clock.nowMs()
  const all = await shadowSince(world.db, companyId, { regionId, sinceMs: nowMs - DAY_MS })
  expect(all).toMatchObject({ ticks: 5, shadow: { rides: 1 } })
  expect(await shadowSince(world.db, companyId, { regionId, sinceMs: nowMs + 1 })).toBeNull()
  expect(await violationsOf(world)).toEqual([])
})

test('after thirty days the figures are gone', async () => {
  await forgetOldShadows(world.db, world.clock.nowMs() + 29 * DAY_MS)
  expect(await quarters()).toHaveLength(2)
  await forgetOldShadows(world.db, world.clock.nowMs() + 31 * DAY_MS)
  expect(await quarters()).toEqual([])
})

test('without a policy in shadow nothing is written', async () => {
  const plain = await startWorld({ database })
  const desk = openDesk(plain)
  await desk.request(await makeRider(plain.db, plain.random, 'Ada Okafor'))
  await desk.tick()
  plain.clock.advance(60_000)
  await desk.tick()
  const rows = await plain.db
    .selectFrom('shadow_quarters')
    .select('ticks')
    .where('company_id', '=', plain.city.companyId)
    .execute()
  expect(rows).toEqual([])
})
