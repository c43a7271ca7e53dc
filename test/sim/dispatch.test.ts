/**
 * A seeded day of trouble: the real tick, offers, rides and positions on a real Postgres, a clock moved by hand, and
 * people and machines at their worst. A failure names its seed; `SEED=… bun test test/sim` plays it again, and
 * `SEEDS=200 bun test test/sim` plays that many.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { assert, type LatLng, type RideId, seededRandom } from '../../src/engine/units.ts'
import { createLog } from '../../src/io/log.ts'
import { type MemoryRegions, makeMemoryPositions } from '../../src/positions/memory-store.ts'
import { makePositions } from '../../src/positions/positions.ts'
import type { Ping } from '../../src/positions/shapes.ts'
import { cancellationOf, type DriverStep, type LoadedRide, releaseRide } from '../../src/rides/rides.ts'
import { type Driver, makeDrivers, makeRiders, type Rider, SHARING, TIMES_SQUARE } from '../support/cast.ts'
import { type Desk, letLeaseLapse, openDesk, startWorld, violationsOf } from '../support/dispatch.ts'
import { acceptPings } from '../support/pings.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const SEEDS =
  process.env.SEED === undefined
    ? Array.from({ length: Number(process.env.SEEDS ?? 4) }, (_, n) => n + 1)
    : [Number(process.env.SEED)]
const STEP_MS = 4_000
const STEPS_OF_TROUBLE = 60
/** Longer than any deadline, and than two rides after it. */
const STEPS_OF_PEACE = 150
const DRIVERS = 8
const RIDERS = 10

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())

/** A driver and the phone on the dashboard. */
interface Cab {
  readonly driver: Driver
  at: LatLng
  seq: number
  /** Fixes the phone could not send yet. */
  unsent: Ping[]
  /** Neither fixes nor answers come before this step. */
  goneUntil: number
}

const AFTER: Partial<Record<LoadedRide['state'], DriverStep>> = {
  assigned: 'set_off',
  en_route: 'arrive',
  arrived: 'board',
  in_progress: 'finish',
}

async function live(seed: number): Promise<Record<string, number>> {
  const chance = seededRandom(seed)
  const happens = (probability: number) => chance() < probability
  // Every second city lets riders share cars, and most of them do.
  const shares = seed % 2 === 0
  const world = await startWorld({
    ...{ database, seed: seed * 1000, unfulfilled_after_s: 120 },
    ...(shares ? SHARING : {}),
  })
  const { clock, db, city } = world
  const sharedPositions: MemoryRegions = new Map()
  const [ines, ...riders] = await makeRiders(
    db,
    world.random,
    Array.from({ length: RIDERS + 1 }, (_, n) => `Rider ${n}`),
  )
  const drivers = await makeDrivers(
    db,
    world.random,
    city,
    Array.from({ length: DRIVERS }, (_, n) => `Driver ${n}`),
  )
  const cabs = drivers.map(
    (driver): Cab => ({
      driver,
      at: somewhere(),
      seq: 0,
      unsent: [],
      goneUntil: 0,
    }),
  )
  let trouble = true
  let server = await startServer()
  let frozen: Desk | null = null
  const refused: Record<string, number> = {}

  function somewhere(): LatLng {
    return {
      lat: TIMES_SQUARE.lat + (chance() - 0.5) * 0.02,
      lng: TIMES_SQUARE.lng + (chance() - 0.5) * 0.02,
    }
  }

  async function startServer() {
    const desk = openDesk(world, { hears: () => !trouble || !happens(0.05) })
    const store = makeMemoryPositions(sharedPositions)
    const positions = makePositions({ store, clock, log: createLog('silent'), handles: desk.handles })
    positions.onLive(desk.fleet.moved)
    await positions.follow(city.regionId)
    return { desk, positions }
  }

  /** Killed, frozen or stopped in order; another one takes over from what is stored. */
  async function restart() {
    server.positions.close()
    await server.desk.die()
    if (happens(0.5)) await server.desk.dispatcher.stop()
    else {
      frozen = server.desk
      await letLeaseLapse(world)
    }
    server = await startServer()
    await server.desk.tick()
    // The frozen one wakes up and ticks as if nothing had been; it must find out that something has.
    if (frozen !== null)
      assert((await frozen.dispatcher.run()) === null, 'a process without the region changes nothing')
    frozen = null
  }

  function note(what: string, answer: { ok: boolean; reason?: string }): void {
    const key = answer.ok ? what : `${what} refused: ${answer.reason}`
    refused[key] = (refused[key] ?? 0) + 1
  }

  const openRides = () =>
    db
      .selectFrom('rides')
      .selectAll()
      .where('company_id', '=', city.companyId)
      .where('ended_at', 'is', null)
      .orderBy('number')
      .execute()
  const liveOffers = () =>
    db
      .selectFrom('offers')
      .selectAll()
      .where('company_id', '=', city.companyId)
      .where('state', '=', 'pending')
      .orderBy('id')
      .execute()
  const onShift = async () =>
    new Set(
      (
        await db
          .selectFrom('shifts')
          .select('driver_id')
          .where('company_id', '=', city.companyId)
          .where('ended_at', 'is', null)
          .execute()
      ).map((shift) => shift.driver_id),
    )

  function drive(cab: Cab): void {
    cab.at = { lat: cab.at.lat + (chance() - 0.5) * 0.0004, lng: cab.at.lng + (chance() - 0.5) * 0.0004 }
    cab.unsent.push({ seq: cab.seq++, at: clock.nowMs(), ...cab.at, accuracy: 8 })
    if (trouble && happens(0.1)) cab.unsent.pop()
    // A dead zone: the phone keeps what it has, and sends it late, sometimes in disorder and twice.
    if (trouble && happens(0.2)) return
    const batch =
      trouble && happens(0.2) ? [...cab.unsent.toReversed(), ...cab.unsent.slice(0, 1)] : cab.unsent
    if (batch.length === 0) return
    const { positions, desk } = server
    const to = { regionId: city.regionId, driverId: cab.driver.id }
    acceptPings({ positions, handles: desk.handles }, to, batch)
    if (!trouble || !happens(0.1)) cab.unsent = []
  }

  async function driverActs(cab: Cab, step: number, state: { rides: LoadedRide[]; working: Set<string> }) {
    const { desk } = server
    const { driver } = cab
    if (trouble && happens(0.01)) cab.goneUntil = step + 40
    if (!trouble) cab.goneUntil = 0
    if (step < cab.goneUntil) return
    if (!state.working.has(driver.id)) {
      if (trouble && happens(0.8)) return
      await desk.goOnShift(driver, cab.at)
    }
    drive(cab)
    if (trouble && happens(0.01)) note('off shift', await desk.goOffShift(driver))
    const offer = (await liveOffers()).find((candidate) => candidate.driver_id === driver.id)
    if (offer !== undefined) {
      if (!trouble || happens(0.5)) note('accept', await desk.acceptById(driver, offer.id))
      else if (happens(0.2)) note('decline', await desk.decline(driver))
      // A thumb that taps twice.
      if (trouble && happens(0.1)) note('accept', await desk.acceptById(driver, offer.id))
    }
    const own = state.rides.filter((candidate) => candidate.driver_id === driver.id)
    // Several share the car: the driver takes them as they come, in whatever order.
    const ride = own.length > 1 ? pick(own) : own[0]
    if (ride === undefined) return
    if (trouble && happens(0.05)) note('hand back', await desk.handBack(driver, ride.id))
    else if (trouble && ride.state === 'arrived' && happens(0.3))
      note('miss', await desk.step(driver, ride.id, 'miss'))
    else if (!trouble || happens(0.3))
      note(AFTER[ride.state]!, await desk.step(driver, ride.id, AFTER[ride.state]!))
  }

  async function ridersAct(rides: readonly LoadedRide[]) {
    const { desk } = server
    if (happens(0.6)) {
      const rider = pick(riders)
      if (rides.filter((ride) => ride.rider_id === rider.id).length < 2)
        await desk.request(rider, {
          pickup: somewhere(),
          dropoff: somewhere(),
          payment: pick(['cash', 'account']),
          shared: shares && happens(0.8),
        })
    }
    for (const ride of rides) {
      if (!happens(0.015)) continue
      const rider: Rider = riders.find((candidate) => candidate.id === ride.rider_id)!
      const { feeMinor } = await cancellationOf(db, ride, clock.nowMs())
      note('cancel', await desk.cancel(rider, ride.id, happens(0.5) ? feeMinor : 0))
    }
  }

  async function deskActs(rides: readonly LoadedRide[], step: number) {
    const { desk } = server
    const waiting = rides.filter((ride) => ride.state === 'requested')
    if (trouble && waiting.length > 0 && happens(0.1))
      note('assign', await desk.assign(ines!.id, pick(waiting).id, pick(drivers)))
    // Rescue: a driver who is not coming is taken off, unless somebody sits in the car.
    for (const ride of rides) {
      const cab = cabs.find((candidate) => candidate.driver.id === ride.driver_id)
      if (cab !== undefined && step < cab.goneUntil && ride.state !== 'in_progress' && happens(0.2))
        note('rescue', await rescue(desk, ride.id))
    }
  }

  const rescue = (desk: Desk, rideId: RideId) =>
    desk.inOneUnit((unit) =>
      releaseRide(unit, world.random, {
        companyId: city.companyId,
        rideId,
        actor: { kind: 'dispatcher', id: ines!.id },
        reason: 'driver not coming',
      }),
    )

  function pick<T>(list: readonly T[]): T {
    return list[Math.floor(chance() * list.length)]!
  }

  async function one(step: number): Promise<LoadedRide[]> {
    clock.advance(STEP_MS)
    const rides = await openRides()
    const working = await onShift()
    if (trouble) await ridersAct(rides)
    await deskActs(rides, step)
    for (const cab of cabs) await driverActs(cab, step, { rides, working })
    if (trouble && happens(0.04)) await restart()
    // A tick that was late, as on a machine that is too busy.
    if (!trouble || !happens(0.1)) await server.desk.tick()
    const broken = await violationsOf(world)
    if (broken.length > 0) throw new Error(`step ${step}: ${JSON.stringify(broken)}`)
    return rides
  }

  for (let step = 0; step < STEPS_OF_TROUBLE; step++) await one(step)
  trouble = false
  let open = await openRides()
  for (let step = 0; step < STEPS_OF_PEACE && open.length > 0; step++) {
    await one(STEPS_OF_TROUBLE + step)
    open = await openRides()
  }
  expect(open.map((ride) => [ride.id, ride.state])).toEqual([])
  expect(await liveOffers()).toEqual([])
  const ended = await db
    .selectFrom('rides')
    .select(['state', (eb) => eb.fn.countAll<number>().as('count')])
    .where('company_id', '=', city.companyId)
    .groupBy('state')
    .execute()
  const joined = await db
    .selectFrom('run_rides')
    .innerJoin('runs', 'runs.id', 'run_rides.run_id')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('runs.company_id', '=', city.companyId)
    .whereRef('run_rides.joined_at', '>', 'runs.opened_at')
    .executeTakeFirstOrThrow()
  server.positions.close()
  return {
    joined: joined.count,
    ...refused,
    ...Object.fromEntries(ended.map(({ state, count }) => [state, count])),
  }
}

const seen: Record<string, number> = {}

for (const seed of SEEDS)
  test(`seed ${seed}: whatever goes wrong no rule breaks, and then every request comes to an end`, async () => {
    const figures = await live(seed).catch((error: unknown) => {
      throw new Error(`replay with SEED=${seed} bun test test/sim`, { cause: error })
    })
    expect(figures.completed ?? 0).toBeGreaterThan(0)
    if (process.env.SEED !== undefined) process.stdout.write(`${JSON.stringify(figures)}\n`)
    for (const [what, count] of Object.entries(figures)) seen[what] = (seen[what] ?? 0) + count
  }, 30_000)

test.if(SEEDS.length > 1)('the seeds together have seen what there is to see', () => {
  for (const what of [
    'completed',
    'joined',
    'cancelled',
    'unfulfilled',
    'decline',
    'hand back',
    'rescue',
    'assign',
  ])
    expect([what, seen[what] ?? 0]).not.toEqual([what, 0])
})
