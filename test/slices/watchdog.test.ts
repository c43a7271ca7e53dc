import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { alarmsOfRide, answerAlarm, leaveWithCar, liveAlarms } from '../../src/dispatch/alarms.ts'
import { destination } from '../../src/engine/geo.ts'
import { type RideId, seededRandom } from '../../src/engine/units.ts'
import { WATCH_TERMS } from '../../src/engine/watchdog.ts'
import { eventsOfRide, type LoadedRide } from '../../src/rides/rides.ts'
import { type Driver, makeDriver, makeRider, type Rider, TIMES_SQUARE } from '../support/cast.ts'
import {
  type CoreWorld,
  type Desk,
  letLeaseLapse,
  openDesk,
  startWorld,
  violationsOf,
} from '../support/dispatch.ts'
import { madeUpDrive, withFault } from '../support/drives.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

let database: TestDatabase
let world: CoreWorld
let desk: Desk
let ada: Rider
let bo: Driver
let cy: Driver

beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())

beforeEach(async () => {
  world = await startWorld({ database, unfulfilled_after_s: 3_600 })
  desk = openDesk(world)
  ada = await makeRider(world.db, world.random, 'Ada Okafor')
  bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
  cy = await makeDriver(world.db, world.random, world.city, 'Cy Adeyemi')
})
afterEach(async () => {
  expect(await violationsOf(world)).toEqual([])
  await world.db.deleteFrom('outbox').execute()
})

const FAR = destination(TIMES_SQUARE, 0, 1_800)

/** Bo has the ride and is about 1.8 km away. */
async function boOnTheWay(): Promise<LoadedRide> {
  await desk.goOnShift(bo, FAR)
  const ride = await desk.request(ada)
  await desk.tick()
  expect((await desk.accept(bo)).ok).toBe(true)
  await desk.step(bo, ride.id, 'set_off')
  await desk.tick()
  return desk.ride(ride.id)
}

/** So many seconds pass, five at a time, each with a tick; `seen` says where Bo is at a second, null for nothing heard. */
async function pass(seconds: number, seen: (atS: number) => { lat: number; lng: number } | null, on = desk) {
  for (let atS = 5; atS <= seconds; atS += 5) {
    await world.clock.advance(5_000)
    const at = seen(atS)
    if (at !== null) on.ping(bo, at)
    await on.tick()
  }
}

const DARK = () => null
const STANDS = () => FAR
/** Comes nearer by 6 m a second. */
const COMES = (atS: number) => destination(TIMES_SQUARE, 0, Math.max(250, 1_800 - 6 * atS))

const said = () => liveAlarms(world.db, { companyId: world.city.companyId, regionId: world.city.regionId })
const history = async (rideId: RideId) =>
  (await alarmsOfRide(world.db, world.city.companyId, rideId)).map(
    ({ kind, outcome }) => `${kind} ${outcome}`,
  )

describe('a car that does not come', () => {
  test('comes: nothing is said', async () => {
    const ride = await boOnTheWay()
    await pass(240, COMES)
    expect(await history(ride.id)).toEqual([])
  })

  test('goes dark: it is said, and then the ride goes to somebody else and not back to it', async () => {
    const ride = await boOnTheWay()
    await pass(WATCH_TERMS.darkAfterS - 5, DARK)
    expect(await said()).toEqual([])
    const before = world.clock.nowMs()
    await pass(5, DARK)
    expect(await said()).toMatchObject([
      {
        ...{ ride_id: ride.id, driver_id: bo.id, kind: 'dark' },
        acts_at: new Date(before + 5_000 + WATCH_TERMS.actsAfterS.dark * 1_000),
      },
    ])
    expect((await desk.ride(ride.id)).driver_id).toBe(bo.id)
    await desk.goOnShift(cy, destination(TIMES_SQUARE, 90, 900))
    await pass(WATCH_TERMS.actsAfterS.dark, DARK)
    expect(await desk.ride(ride.id)).toMatchObject({ state: 'requested', driver_id: null, misses: 0 })
    expect(await history(ride.id)).toEqual(['dark reassigned'])
    const events = await eventsOfRide(world.db, ride.company_id, ride.id)
    expect(events.at(-1)).toMatchObject({
      ...{ type: 'release', actor_kind: 'system', driver_id: bo.id, reason: 'the car went dark' },
    })
    // Bo is back, and nearer than Cy; only Cy is asked.
    desk.ping(bo, TIMES_SQUARE)
    desk.ping(cy, destination(TIMES_SQUARE, 90, 900))
    await desk.tick()
    expect(await desk.offerOf(bo)).toBeUndefined()
    expect((await desk.accept(cy)).ok).toBe(true)
    expect(await desk.ride(ride.id)).toMatchObject({ driver_id: cy.id, fare_minor: ride.fare_minor })
  })

  test('stands still, which is taken back once it moves on', async () => {
    const ride = await boOnTheWay()
    await pass(WATCH_TERMS.startS + WATCH_TERMS.stalledAfterS + 5, STANDS)
    expect(await said()).toMatchObject([{ kind: 'stalled' }])
    await pass(60, COMES)
    expect(await said()).toEqual([])
    expect(await history(ride.id)).toEqual(['stalled recovered'])
    expect((await desk.ride(ride.id)).driver_id).toBe(bo.id)
  })

  test('drives away', async () => {
    const ride = await boOnTheWay()
    await pass(60, COMES)
    await pass(150, (atS) => destination(TIMES_SQUARE, 0, 1_440 + 8 * atS))
    expect(await said()).toMatchObject([{ kind: 'retreating' }])
    await pass(WATCH_TERMS.actsAfterS.retreating, (atS) => destination(TIMES_SQUARE, 0, 2_640 + 8 * atS))
    expect(await history(ride.id)).toEqual(['retreating reassigned'])
    expect((await desk.ride(ride.id)).state).toBe('requested')
  })

  test('arrives, is handed back or cancelled: what was said of it is over', async () => {
    const ride = await boOnTheWay()
    await pass(60, DARK)
    expect(await said()).toHaveLength(1)
    await desk.step(bo, ride.id, 'arrive')
    await pass(5, DARK)
    expect(await history(ride.id)).toEqual(['dark over'])
    expect((await desk.ride(ride.id)).state).toBe('arrived')
  })
})

describe('what puts it off', () => {
  const answer = (rideId: RideId) =>
    desk.inOneUnit((unit) => answerAlarm(unit, { companyId: world.city.companyId, rideId, driverId: bo.id }))

  test('the driver says that they are on their way, and may say it only so often', async () => {
    const ride = await boOnTheWay()
    expect(await answer(ride.id)).toEqual({ ok: false, reason: 'nothing_asked' })
    await pass(WATCH_TERMS.startS + WATCH_TERMS.stalledAfterS + 5, STANDS)
    const first = await answer(ride.id)
    expect(first.ok && first.value).toMatchObject({
      answers: 1,
      acts_at: new Date(world.clock.nowMs() + WATCH_TERMS.answerS * 1_000),
    })
    await pass(WATCH_TERMS.answerS - 10, STANDS)
    expect((await answer(ride.id)).ok).toBe(true)
    expect(await answer(ride.id)).toEqual({ ok: false, reason: 'answered_enough' })
    await pass(WATCH_TERMS.answerS - 5, STANDS)
    expect((await desk.ride(ride.id)).driver_id).toBe(bo.id)
    await pass(5, STANDS)
    expect((await desk.ride(ride.id)).state).toBe('requested')
    expect(await answer(ride.id)).toEqual({ ok: false, reason: 'not_found' })
  })

  test('the desk leaves the ride with its car', async () => {
    const ride = await boOnTheWay()
    const leave = () =>
      desk.inOneUnit((unit) => leaveWithCar(unit, { companyId: world.city.companyId, rideId: ride.id }))
    expect(await leave()).toEqual({ ok: false, reason: 'nothing_asked' })
    await pass(60, DARK)
    expect((await leave()).ok).toBe(true)
    await pass(WATCH_TERMS.deskS - 5, DARK)
    expect((await desk.ride(ride.id)).driver_id).toBe(bo.id)
    await pass(5, DARK)
    expect((await desk.ride(ride.id)).state).toBe('requested')
  })

  test('the answer and the end of the countdown race: one of both happens, whole', async () => {
    for (let round = 0; round < 5; round++) {
      const rider = await makeRider(world.db, world.random, `Rider ${round}`)
      const driver = await makeDriver(world.db, world.random, world.city, `Driver ${round}`)
      await desk.goOnShift(driver, FAR)
      const ride = await desk.request(rider)
      await desk.tick()
      expect((await desk.accept(driver)).ok).toBe(true)
      for (let atS = 0; atS < WATCH_TERMS.darkAfterS + WATCH_TERMS.actsAfterS.dark - 5; atS += 5) {
        await world.clock.advance(5_000)
        await desk.tick()
      }
      await world.clock.advance(5_000)
      const { companyId } = world.city
      const [answered] = await Promise.all([
        desk.inOneUnit((unit) => answerAlarm(unit, { companyId, rideId: ride.id, driverId: driver.id })),
        desk.tick(),
      ])
      const after = await desk.ride(ride.id)
      expect(after.driver_id).toBe(answered.ok ? driver.id : null)
      expect(await history(ride.id)).toEqual([answered.ok ? 'dark null' : 'dark reassigned'])
      await desk.cancel(rider, ride.id, 10_000)
    }
  })

  test('half of the cars are silent: nobody loses a ride for it', async () => {
    const others = await Promise.all(
      Array.from({ length: WATCH_TERMS.outageCars }, (_, n) =>
        makeDriver(world.db, world.random, world.city, `Silent ${n}`),
      ),
    )
    const ride = await boOnTheWay()
    for (const driver of others) await desk.goOnShift(driver, destination(TIMES_SQUARE, 180, 9_000))
    await pass(WATCH_TERMS.darkAfterS + WATCH_TERMS.actsAfterS.dark, DARK)
    expect(await said()).toMatchObject([{ kind: 'dark' }])
    expect((await desk.ride(ride.id)).driver_id).toBe(bo.id)
  })
})

describe('whoever holds the region', () => {
  test('keeps what another said and when it acts, and lets nobody go whom it could not hear yet', async () => {
    const ride = await boOnTheWay()
    await pass(WATCH_TERMS.darkAfterS, DARK)
    const [alarm] = await said()
    await desk.die()
    await letLeaseLapse(world)
    await world.clock.advance(WATCH_TERMS.actsAfterS.dark * 1_000)
    const next = openDesk(world, { hearingSinceMs: () => startedMs })
    const startedMs = world.clock.nowMs()
    await next.tick()
    expect(await said()).toEqual([alarm!])
    await pass(WATCH_TERMS.darkAfterS - 5, DARK, next)
    expect((await next.ride(ride.id)).driver_id).toBe(bo.id)
    await pass(5, DARK, next)
    expect((await next.ride(ride.id)).state).toBe('requested')
  })

  test('hears the car, which was dark to another: it is over', async () => {
    const ride = await boOnTheWay()
    await pass(WATCH_TERMS.darkAfterS, DARK)
    await desk.die()
    await letLeaseLapse(world)
    const next = openDesk(world)
    await pass(WATCH_TERMS.clearForS + 10, COMES, next)
    expect(await history(ride.id)).toEqual(['dark recovered'])
  })

  test('says nothing while it cannot hear the cars of other processes', async () => {
    await desk.die()
    let hearingSinceMs = 0
    desk = openDesk(world, { hearingSinceMs: () => hearingSinceMs })
    const ride = await boOnTheWay()
    for (let atS = 0; atS < 300; atS += 5) {
      hearingSinceMs = world.clock.nowMs()
      await pass(5, DARK)
    }
    expect(await history(ride.id)).toEqual([])
    await pass(WATCH_TERMS.darkAfterS, DARK)
    expect(await said()).toMatchObject([{ kind: 'dark' }])
  })

  test('said nothing that the database would not refuse twice', async () => {
    const ride = await boOnTheWay()
    await pass(WATCH_TERMS.darkAfterS, DARK)
    const [alarm] = await said()
    const again = { ...alarm!, id: world.random.uuid() }
    await expect(world.db.insertInto('pickup_alarms').values(again).execute()).rejects.toThrow(
      'pickup_alarms_one_live',
    )
    expect(await history(ride.id)).toEqual(['dark null'])
  })
})

test('a recorded drive is replayed through the whole: said in time, with the fault and not without it', async () => {
  for (const [seed, fault] of [[1, null] as const, [2, 'stalled'] as const, [3, 'dark'] as const]) {
    const drive = madeUpDrive(seededRandom(seed), { lastsS: 400 })
    const pickup = drive.at(-1)!
    const start = drive[0]!
    const fixes = fault === null ? drive : withFault(drive, 20, fault)
    const rider = await makeRider(world.db, world.random, `Rider ${seed}`)
    const driver = await makeDriver(world.db, world.random, world.city, `Driver ${seed}`)
    await desk.goOnShift(driver, start)
    const dispatcher = await makeRider(world.db, world.random, `Dee ${seed}`)
    const ride = await desk.request(rider, { pickup })
    await desk.assign(dispatcher.id, ride.id, driver)
    const startMs = world.clock.nowMs()
    let saidAtS: number | null = null
    for (let atS = 5; atS <= 400; atS += 5) {
      await world.clock.advance(5_000)
      for (const fix of fixes) if (fix.atMs === atS * 1_000) desk.ping(driver, fix)
      await desk.tick()
      const live = (await said()).find(({ ride_id }) => ride_id === ride.id)
      if (live !== undefined) saidAtS ??= (live.raised_at.getTime() - startMs) / 1_000
    }
    if (fault === null) expect(saidAtS).toBeNull()
    else expect(saidAtS).toBeWithin(100 + WATCH_TERMS.darkAfterS, 106 + WATCH_TERMS.stalledAfterS)
    await desk.cancel(rider, ride.id, 10_000)
    await desk.goOffShift(driver)
  }
})
