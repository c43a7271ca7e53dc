import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createLog } from '../../src/io/log.ts'
import { type DriverHandle, PingBatch } from '../../src/positions/positions.ts'
import { fillBatch } from '../../src/positions/read-json.ts'
import type { LoadedRide } from '../../src/rides/rides.ts'
import { makeTrailKeeper } from '../../src/rides/trail.ts'
import { BRYANT_PARK, type Driver, makeDriver, makeRider, TIMES_SQUARE } from '../support/cast.ts'
import { type CoreWorld, type Desk, openDesk, startWorld } from '../support/dispatch.ts'

let world: CoreWorld
let desk: Desk
let bo: Driver
let ride: LoadedRide
let handle: DriverHandle

beforeAll(async () => {
  world = await startWorld()
  desk = openDesk(world)
  bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
  handle = desk.handles.of(bo.id)
  await desk.goOnShift(bo)
  ride = await desk.request(await makeRider(world.db, world.random, 'Ada Okafor'))
  await desk.tick()
  await desk.accept(bo)
  await desk.drive(bo, ride.id, ['set_off', 'arrive', 'board'])
  await desk.fleet.settle()
}, 60_000)
afterAll(() => world.database.stop())

/** As the checks leave a batch in which all is well. */
function taken(count: number, fromMs: number): PingBatch {
  const batch = new PingBatch()
  const at = (n: number) => ({ seq: n, at: fromMs + n * 1000, ...BRYANT_PARK, accuracy: 8 })
  fillBatch(
    Array.from({ length: count }, (_, n) => at(n)),
    batch,
  )
  batch.sortByTime()
  return batch
}
const stored = async () =>
  (await world.db.selectFrom('ride_trails').select('at').where('ride_id', '=', ride.id).execute()).length

test('two flushes at once, as when a process leaves, store every fix', async () => {
  const trail = makeTrailKeeper({ ...desk.deps, log: createLog('silent'), fleet: desk.fleet })
  for (const part of [0, 1, 2]) trail.add(handle, taken(500, world.clock.nowMs() + part * 500_000))
  await Promise.all([trail.flush(), trail.flush()])
  expect(await stored()).toBe(1500)
})

test('a flush that failed is made good by the next one', async () => {
  let away = true
  const db = new Proxy(world.db, {
    get(target, name) {
      if (name === 'insertInto' && away) throw new Error('the database is away')
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const trail = makeTrailKeeper({ ...desk.deps, db, log: createLog('silent'), fleet: desk.fleet })
  trail.add(handle, taken(10, world.clock.nowMs() + 2_000_000))
  await expect(trail.flush()).rejects.toThrow('away')
  trail.add(handle, taken(5, world.clock.nowMs() + 3_000_000))
  away = false
  await trail.flush()
  expect(await stored()).toBe(1515)
})

test('what a phone delivers late of the way to the pickup is not the ride’s', async () => {
  const before = await stored()
  const trail = makeTrailKeeper({ ...desk.deps, log: createLog('silent'), fleet: desk.fleet })
  trail.add(handle, taken(10, world.clock.nowMs() - 10_000))
  await trail.flush()
  expect(await stored()).toBe(before)
})

test('the first fix at the pickup is kept once, from whichever process hears it; one elsewhere is none', async () => {
  const next = await desk.request(await makeRider(world.db, world.random, 'Eve Brandt'))
  await desk.drive(bo, ride.id, ['finish'])
  await desk.tick()
  await desk.accept(bo)
  await desk.fleet.settle()
  const atMs = world.clock.nowMs()
  const here = (fromMs: number, at: { lat: number; lng: number }) => {
    const batch = new PingBatch()
    fillBatch([{ seq: 1, at: fromMs, ...at, accuracy: 8 }], batch)
    batch.sortByTime()
    return batch
  }
  const keepers = [1, 2].map(() =>
    makeTrailKeeper({ ...desk.deps, log: createLog('silent'), fleet: desk.fleet }),
  )
  const [first, second] = keepers
  first!.add(handle, here(atMs, BRYANT_PARK))
  await first!.flush()
  const arrivals = () =>
    world.db.selectFrom('ride_arrivals').selectAll().where('ride_id', '=', next.id).execute()
  expect(await arrivals()).toEqual([])
  first!.add(handle, here(atMs + 1_000, TIMES_SQUARE))
  second!.add(handle, here(atMs + 2_000, TIMES_SQUARE))
  await first!.flush()
  await second!.flush()
  expect(await arrivals()).toMatchObject([{ driver_id: bo.id, at: new Date(atMs + 1_000), away_m: 0 }])
})
