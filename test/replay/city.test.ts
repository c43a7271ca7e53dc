import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type App, createApp } from '../../src/app.ts'
import { distanceM } from '../../src/engine/geo.ts'
import { makeLocalBus } from '../../src/io/bus/local.ts'
import { systemClock } from '../../src/io/clock.ts'
import { parseConfig, withPort } from '../../src/io/config.ts'
import { createLog } from '../../src/io/log.ts'
import { openOutgoing } from '../../src/io/outgoing.ts'
import { seededRandomSource, systemRandom } from '../../src/io/random.ts'
import { makeMemoryPositions } from '../../src/positions/memory-store.ts'
import { type City, startCity } from '../../src/replay/city/city.ts'
import { CITY_HABITS, type Habits } from '../../src/replay/city/habits.ts'
import { DRIVERS, mintSessions, RIDERS } from '../../src/replay/city/host.ts'
import { sampleRides, sampleRoads } from '../../src/replay/city/sample.ts'
import { seedDemo } from '../../src/replay/city/seed.ts'
import { testFiles } from '../support/files.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'
import { freePort } from '../support/servers.ts'

/** Five times as fast is as fast as the server still believes of a car. */
const TIME_SCALE = 0.2
const QUICK: Habits = {
  ...CITY_HABITS,
  answerS: [0.02, 0.1],
  setOffS: [0.02, 0.1],
  boardS: [0.05, 0.2],
  finishS: [0.02, 0.1],
  declineShare: 0,
  lapseShare: 0,
  cancelShare: 0,
  missShare: 0,
  ...{ darkShare: 0, stallShare: 0, unlovedShare: 0 },
}
const CARS = 10
const SEED = 5

let database: TestDatabase
let app: App
let city: City
const uploads = testFiles()

beforeAll(async () => {
  database = await testDatabase()
  const clock = systemClock()
  const random = systemRandom(clock)
  const log = createLog('silent')
  const given = parseConfig({
    SESSION_SECRETS: 'a secret long enough to sign with in tests',
    RATE_LIMIT_EXEMPT: '127.0.0.1,::1',
  })
  const config = withPort(given, freePort())
  await seedDemo(database.db, { random, nowMs: clock.nowMs(), city: { drivers: CARS, riders: 6 } })
  const bus = makeLocalBus(log)
  const store = makeMemoryPositions()
  app = await createApp({
    config,
    clock,
    random,
    log,
    db: database.db,
    walled: database.walled,
    bus,
    store,
    files: uploads.files,
    outgoing: openOutgoing(config),
  })
  app.elysia.listen({ port: config.port, hostname: '127.0.0.1' })
  app.start()
  const [drivers, riders] = [
    await mintSessions({ db: database.db, auth: app.auth }, DRIVERS),
    await mintSessions({ db: database.db, auth: app.auth }, RIDERS),
  ]
  const short = (await sampleRides()).filter(
    (ride) => ride.durationS < 150 && distanceM(ride.pickup, ride.dropoff) < 450,
  )
  city = startCity({
    ...{ baseUrl: `http://127.0.0.1:${config.port}`, clock, log, riders },
    drivers: drivers.map((driver) => ({ ...driver, at: null })),
    random: seededRandomSource(SEED, clock),
    ...{ roads: await sampleRoads(TIME_SCALE), recorded: short, habits: QUICK },
    ...{ seed: SEED, startAtS: 1_200, busyShare: 0.6 },
  })
}, 60_000)

afterAll(async () => {
  city.stop()
  await app.drain()
  await app.elysia.stop(true)
  await database.stop()
  uploads.remove()
}, 20_000)

describe('a small living city on a real server', () => {
  test('people ask, drivers answer and drive, and a ride is completed and paid', async () => {
    await city.opened
    let paid: { ride_id: string } | undefined
    while (paid === undefined) {
      paid = await database.db
        .selectFrom('payments')
        .select('ride_id')
        .where('kind', '=', 'fare')
        .executeTakeFirst()
      await Bun.sleep(50)
    }
    const events = await database.db
      .selectFrom('ride_events')
      .select(['type', 'actor_kind'])
      .where('ride_id', '=', paid.ride_id as never)
      .orderBy('version')
      .execute()
    expect(events.map(({ type }) => type)).toEqual([
      'request',
      'assign',
      'set_off',
      'arrive',
      'board',
      'finish',
    ])
    expect(new Set(events.map(({ actor_kind }) => actor_kind))).toEqual(new Set(['rider', 'driver']))
  }, 60_000)

  test('every car is on shift and seen, and the server believes every position', () => {
    const figures = app.positions.figures()
    expect(figures.drivers).toBe(CARS)
    expect(Object.values(figures.refused).reduce((sum, count) => sum + count, 0)).toBe(0)
    expect(city.figures().refused).toBe(0)
  })
})
