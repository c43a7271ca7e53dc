/** The desk's one list: each kind of trouble as it really comes about, and ten thousand requests at once. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { readCars } from '../../src/board/cars-list.ts'
import type { CarFilters } from '../../src/board/filters.ts'
import { readBoard } from '../../src/board/read.ts'
import { readTable, TABLE_ROWS, type TableDeps } from '../../src/board/table.ts'
import { loadCompanies } from '../../src/companies/companies.ts'
import { NEED_TERMS } from '../../src/engine/needs.ts'
import type { RideState } from '../../src/engine/ride.ts'
import type { TableFilters, TableShow } from '../../views/board/props.ts'
import { BRYANT_PARK, type Driver, makeDriver, makeRider, type Rider, WALL_STREET } from '../support/cast.ts'
import { type CoreWorld, type Desk, openDesk, startWorld } from '../support/dispatch.ts'
import { multiplyRide } from '../support/many-rides.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const MIN_MS = 60_000

let database: TestDatabase
let world: CoreWorld
let desk: Desk
let deps: TableDeps
let ada: Rider
let bo: Driver

beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())
beforeEach(async () => {
  world = await startWorld({ database })
  desk = openDesk(world, { isOffering: () => false })
  const companies = await loadCompanies(world.db)
  deps = {
    ...desk.deps,
    random: world.random,
    fleet: desk.fleet,
    outlook: desk.outlook,
    companies,
    system: world.db,
  }
  ada = await makeRider(world.db, world.random, 'Ada Okafor')
  bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
})

const board = async () => {
  await desk.fleet.settle()
  return readBoard(deps, world.city.region, null)
}
const kinds = async () => (await board()).queue.cards.map(({ kind }) => kind)
const table = (show: TableShow, filters: TableFilters = {}) =>
  readTable(deps, world.city.region, { show, filters, selectedRideId: null })

/** Bo has Ada's ride, told two minutes. */
async function given() {
  await desk.goOnShift(bo)
  const ride = await desk.request(ada)
  const assigned = await desk.assign(ada.id, ride.id, bo)
  if (!assigned.ok) throw new Error(assigned.reason)
  return ride
}

/** Time passes, and the phone goes on telling where it is. */
function pass(minutes: number, at = BRYANT_PARK): void {
  world.clock.advance(minutes * MIN_MS)
  desk.ping(bo, at)
}

test('a request that nobody drives is on the list from the first second, and fails when the search ends', async () => {
  const ride = await desk.request(ada)
  const { queue, counts } = await board()
  expect(queue).toMatchObject({ total: 1, cards: [{ kind: 'waiting', rideId: ride.id }] })
  expect(queue.cards[0]!.failsAtMs).toBe(ride.deadline_at.getTime())
  expect(counts).toMatchObject({ unassigned: 1, trouble: 0 })
  world.clock.advance(4 * MIN_MS + 1)
  expect((await board()).counts.trouble).toBe(1)
})

test('a car that cannot be there three minutes after what its rider was told is late, in list, table and filter', async () => {
  const ride = await given()
  expect(await kinds()).toEqual([])
  pass(8)
  const [card] = (await board()).queue.cards
  expect(card).toMatchObject({ kind: 'late', rideId: ride.id, isOnBoard: false })
  const toldAtMs = world.clock.nowMs() - 6 * MIN_MS
  expect(card).toMatchObject({ toldAtMs, failsAtMs: toldAtMs + NEED_TERMS.givesUpS * 1_000 })
  for (const filters of [{ late: 'yes' }, { trouble: 'yes' }] as const)
    expect((await table('live', filters)).rows.map(({ rideId }) => rideId)).toEqual([ride.id])
  expect((await table('live', { late: 'yes', class: 'black' })).rows).toEqual([])
})

test('a driver who waits, and may leave in two minutes, is told of; what the tariff says decides', async () => {
  const ride = await given()
  await desk.drive(bo, ride.id, ['set_off', 'arrive'])
  expect(await kinds()).toEqual([])
  const { no_show_after_s } = await world.db
    .selectFrom('tariffs')
    .select('no_show_after_s')
    .where('id', '=', ride.tariff_id as never)
    .executeTakeFirstOrThrow()
  pass(no_show_after_s / 60 - 2)
  const [card] = (await board()).queue.cards
  expect(card).toMatchObject({ kind: 'no_show', rideId: ride.id, riderName: 'Ada Okafor' })
  expect(card!.failsAtMs).toBe(world.clock.nowMs() + 2 * MIN_MS)
})

test('with the rider on board: a car that drives away from where they go, and one that falls silent', async () => {
  const ride = await given()
  await desk.drive(bo, ride.id, ['set_off', 'arrive', 'board'])
  pass(0.1)
  expect(await kinds()).toEqual([])
  pass(0.2, { lat: BRYANT_PARK.lat + 0.06, lng: BRYANT_PARK.lng })
  const [off] = (await board()).queue.cards
  expect(off).toMatchObject({ kind: 'off_route', rideId: ride.id, to: 'Wall Street' })
  pass(0.3, WALL_STREET)
  expect(await kinds()).toEqual([])
  world.clock.advance(61_000)
  const [silent] = (await board()).queue.cards
  expect(silent).toMatchObject({ kind: 'silent', isOnBoard: true, seenAtMs: world.clock.nowMs() - 61_000 })
  expect((await table('on_board', { note: 'silent' })).rows).toHaveLength(1)
})

test('booked rides that no car is expected for are one need a quarter of an hour, which ends when a car is there', async () => {
  const ride = await desk.request(ada, { pickupAtMs: world.clock.nowMs() + 30 * MIN_MS })
  const [card] = (await board()).queue.cards
  expect(card).toMatchObject({ kind: 'uncovered', rideId: ride.id, booked: 1, cars: 0 })
  expect(card!.failsAtMs).toBe(ride.release_at!.getTime())
  await desk.goOnShift(bo)
  expect(await kinds()).toEqual([])
})

test('whose licence ends within six hours, at work, is told of', async () => {
  await desk.goOnShift(bo)
  await desk.fleet.settle()
  const car = desk.fleet.car(bo.id)!
  const endsAtMs = world.clock.nowMs() + 3 * 60 * MIN_MS
  // What the fleet reads of an approved licence; `capability.ts` has its own tests.
  car.duty = { ...car.duty, drivesUntilMs: endsAtMs }
  const { queue } = await readBoard(deps, world.city.region, null)
  expect(queue.cards).toMatchObject([{ kind: 'papers', driverId: bo.id, failsAtMs: endsAtMs }])
})

test('the vehicle queue: who is free longest first, who is busy after them, and whoever is looked for', async () => {
  const cy = await makeDriver(world.db, world.random, world.city, 'Cy Novak')
  const dee = await makeDriver(world.db, world.random, world.city, 'Dee Paz')
  await desk.goOnShift(cy)
  world.clock.advance(5 * MIN_MS)
  await desk.goOnShift(dee)
  const ride = await given()
  desk.ping(cy, BRYANT_PARK)
  await desk.fleet.settle()
  const cars = async (filters: CarFilters = {}) => {
    const listed = await readCars(
      { ...deps, companies: { queueZones: () => undefined } as never },
      world.city.region,
      filters,
    )
    expect(listed.total).toBe(3)
    return listed.rows
  }
  expect((await cars()).map(({ name }) => name)).toEqual(['Cy Novak', 'Dee Paz', 'Bo Lindqvist'])
  const [first, , last] = await cars()
  expect(first).toMatchObject({ state: 'free', clearSinceMs: world.clock.nowMs() - 5 * MIN_MS })
  expect(last).toMatchObject({ state: 'to_pickup', rideId: ride.id, clearSinceMs: null })
  expect((await cars({ state: 'free' })).length).toBe(2)
  expect((await cars({ q: 'paz' })).map(({ name }) => name)).toEqual(['Dee Paz'])
  expect(await cars({ q: 'paz', state: 'to_pickup' })).toEqual([])
})

test('ten thousand waiting requests are counted, the first to fail are listed, and every one is found', async () => {
  const ride = await desk.request(ada)
  await multiplyRide(world.db, ride.id, { times: 9_999, names: { 7777: 'نور الهدى', 5555: 'Жанна 李雷' } })
  const { queue, counts } = await board()
  expect(queue.total).toBe(10_000)
  expect(counts.unassigned).toBe(10_000)
  expect(queue.cards.length).toBeLessThan(100)
  expect(queue.cards[0]).toMatchObject({ rideId: ride.id })
  const all = await table('unassigned')
  expect([all.rows.length, all.hasMore, all.counts.unassigned, all.total]).toEqual([
    ...[TABLE_ROWS, true, 10_000, 10_000],
  ])
  expect((await table('live', { q: 'Rider 1' })).total).toBe(1_111)
  expect((await table('live', { q: 'Rider 1', late: 'yes' })).total).toBeUndefined()
  for (const q of ['نور', 'жанна', '李雷'])
    expect((await table('live', { q })).rows).toMatchObject([{ state: 'requested' satisfies RideState }])
}, 60_000)
