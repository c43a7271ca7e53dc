import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { cancel, type Hand, hold, type Outcome, release, widen } from '../../src/board/acts.ts'
import { assign } from '../../src/board/assign.ts'
import { actOnMany } from '../../src/board/bulk.ts'
import { join } from '../../src/board/joins.ts'
import { travelSIn } from '../../src/board/shared-cars.ts'
import { undo } from '../../src/board/undo.ts'
import { BugError, type IdentityId, type Result, refuse, seededRandom } from '../../src/engine/units.ts'
import { manualClock } from '../../src/io/clock.ts'
import type { Work } from '../../src/io/commit.ts'
import { createLog } from '../../src/io/log.ts'
import { type Database, open } from '../../src/io/postgres.ts'
import type { LoadedRide } from '../../src/rides/rides.ts'
import {
  type Driver,
  makeDrivers,
  makeRiders,
  type RegionSettings,
  type Rider,
  SHARING,
  START_MS,
  TIMES_SQUARE,
} from '../support/cast.ts'
import { type Desk, openDesk, startWorld, violationsOf } from '../support/dispatch.ts'
import { type TestDatabase, testDatabase, withClient } from '../support/postgres.ts'
import { describeDatabases } from '../support/servers.ts'

const SEED = Number(process.env.SEED ?? 20261121)
/** Two servers' clocks are never quite the same. */
const CLOCKS_APART_MS = 3
const POOL = 8

const HERALD_SQUARE = { lat: 40.7497, lng: -73.9878 }
const UNION_SQUARE = { lat: 40.7359, lng: -73.9911 }

describeDatabases(`two servers on one database, seed ${SEED}`, (flavour) => {
  let database: TestDatabase
  let pools: Database[]

  beforeAll(async () => {
    database = await testDatabase(flavour)
    const log = createLog('silent')
    pools = await Promise.all([0, 1].map(() => open(database.connection, POOL, log)))
  }, 60_000)
  afterAll(async () => {
    await database.stop()
  })

  /** A city of `drivers` on shift at one corner and as many riders, seen by two servers. */
  async function twoServers(count: number, settings: RegionSettings = {}) {
    const world = await startWorld({ database, ...settings })
    const ahead = { ...world, clock: manualClock(START_MS + CLOCKS_APART_MS) }
    const servers: [Desk, Desk] = [
      openDesk(world, { db: pools[0]!.db }),
      openDesk(ahead, { db: pools[1]!.db }),
    ]
    const names = (word: string) => Array.from({ length: count }, (_, n) => `${word} ${n}`)
    const drivers = await makeDrivers(world.db, world.random, world.city, names('Driver'))
    const riders = await makeRiders(world.db, world.random, names('Rider'))
    await inTurns(drivers.map((driver) => () => servers[0].goOnShift(driver, TIMES_SQUARE)))
    const ines = riders[0]!.id
    return { world, ahead, servers, drivers, riders, ines }
  }

  /** Everybody asks, and one tick puts an offer on every driver's screen. */
  async function allOffered(count: number) {
    const city = await twoServers(count)
    const rides = await inTurns(city.riders.map((rider) => () => city.servers[0].request(rider)))
    expect((await city.servers[0].tick()).offered).toBe(count)
    const offers = await city.world.db
      .selectFrom('offers')
      .selectAll()
      .where('company_id', '=', city.world.city.companyId)
      .where('state', '=', 'pending')
      .execute()
    const cases = offers.map((offer) => ({
      offer,
      ride: rides.find((ride) => ride.id === offer.ride_id)!,
      driver: city.drivers.find((driver) => driver.id === offer.driver_id)!,
      rider: city.riders.find((rider) => rides.find((r) => r.id === offer.ride_id)!.rider_id === rider.id)!,
    }))
    return { ...city, cases }
  }

  test('one offer tapped from everywhere at once is taken once', async () => {
    const { world, servers, cases } = await allOffered(4)
    for (const { offer, driver, ride } of cases) {
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, n) => servers[n % 2]!.acceptById(driver, offer.id)),
      )
      expect(outcomes(answers)).toEqual({ ok: 1, already_ended: 15 })
      expect((await servers[0].ride(ride.id)).version).toBe(2)
    }
    expect(await violationsOf(world)).toEqual([])
  })

  test('one ride given to many drivers at once goes to one of them', async () => {
    const { world, servers, drivers, riders, ines } = await twoServers(16)
    const ride = await servers[0].request(riders[0]!)
    const answers = await Promise.all(
      drivers.map((driver, n) => servers[n % 2]!.assign(ines, ride.id, driver)),
    )
    expect(outcomes(answers)).toEqual({ ok: 1, not_allowed_now: 15 })
    expect(await violationsOf(world)).toEqual([])
  })

  test('two dispatchers, a driver and the matcher on one ride in the same instant: one has it, the others read who', async () => {
    const { world, servers, cases, drivers, ines } = await allOffered(6)
    const hand = (n: number): Hand => ({
      ...{ companyId: world.city.companyId, region: world.city.region, random: world.random },
      ...{
        secrets: [],
        pickupEtaS: () => 120,
        car: () => undefined,
        travelS: () => 0,
        by: { actorId: ines, address: `10.0.0.${n}` },
      },
    })
    for (const [n, { offer, ride, driver, rider }] of cases.entries()) {
      const other = drivers.find(({ id }) => id !== driver.id)!
      const version = (await servers[0].ride(ride.id)).version
      const meant = { rideId: ride.id, version }
      const on = (server: 0 | 1, act: (unit: Work, hand: Hand) => Outcome) =>
        servers[server].inOneUnit(async (unit) => {
          const done = await act(unit, hand(server))
          if (!done.ok) throw new Refused(done.reason)
          return done
        })
      const settled = await Promise.allSettled([
        on(0, (unit, of) => assign(unit, of, { ...meant, driverId: other.id })),
        on(1, (unit, of) => cancel(unit, of, { ...meant, reason: 'double request' })),
        on(0, (unit, of) => hold(unit, of, { ...meant, minutes: 5 })),
        on(1, (unit, of) => widen(unit, of, meant)),
        servers[n % 2]!.acceptById(driver, offer.id).then((answer) => {
          if (!answer.ok) throw new Refused(answer.reason)
        }),
        servers[0].tick(),
      ])
      const acts = settled.slice(0, 5)
      const reasons = acts.flatMap((one) =>
        one.status === 'rejected' ? [(one.reason as Error).message] : [],
      )
      expect(acts.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1)
      const KNOWN = ['stale_ride', 'already_ended', 'driver_busy', 'too_late']
      expect(reasons.filter((reason) => !KNOWN.includes(reason))).toEqual([])
      // Of the desks at most one: each said the version that the other one's act ends. Widening leaves the offer open.
      const byDesk = acts.slice(0, 4).filter(({ status }) => status === 'fulfilled').length
      expect(byDesk).toBeLessThanOrEqual(1)
      const after = await servers[0].ride(ride.id)
      if (after.driver_id !== null && after.ended_at === null)
        await servers[0].inOneUnit((unit) =>
          release(unit, hand(0), { rideId: ride.id, version: after.version, reason: 'the next one' }),
        )
      if (after.state !== 'cancelled') expect((await servers[0].cancel(rider, ride.id)).ok).toBe(true)
    }
    expect(await violationsOf(world)).toEqual([])
  })

  test('two desks, the driver and the matcher put one rider into a shared car at once: one of them does', async () => {
    const { world, servers, drivers, riders, ines } = await twoServers(4, { ...SHARING, shared_seats: 2 })
    const on = { pickup: HERALD_SQUARE, dropoff: UNION_SQUARE, shared: true }
    const hand = (n: 0 | 1): Hand => ({
      ...{ companyId: world.city.companyId, region: world.city.region, random: world.random },
      ...{ secrets: [], pickupEtaS: () => 120, car: servers[n].fleet.car, by: { actorId: ines } },
      travelS: travelSIn({}, world.city.region),
    })
    // Two cars and a rider in each; the seat beside them is asked for by one rider after the other.
    const cars = drivers.slice(0, 2)
    for (const driver of drivers.slice(2)) await servers[0].goOffShift(driver)
    for (const [n, driver] of cars.entries()) {
      const first = await servers[0].request(riders[n]!, { shared: true })
      expect((await servers[0].assign(ines, first.id, driver)).ok).toBe(true)
    }
    for (const server of servers) {
      await server.fleet.reload()
      for (const driver of cars) server.ping(driver, TIMES_SQUARE)
    }
    for (const rider of riders.slice(2)) {
      const ride = await servers[0].request(rider, on)
      await servers[0].tick()
      const asked = await world.db
        .selectFrom('offers')
        .selectAll()
        .where('ride_id', '=', ride.id)
        .where('state', '=', 'pending')
        .executeTakeFirstOrThrow()
      const { version } = ride
      const takes = (n: 0 | 1, driver: Driver) =>
        servers[n].inOneUnit(async (unit) => {
          const done = await join(unit, hand(n), { rideId: ride.id, version, driverId: driver.id })
          if (!done.ok) throw new Refused(done.reason)
        })
      const settled = await Promise.allSettled([
        takes(0, cars[0]!),
        takes(1, cars[1]!),
        servers[1].acceptById(drivers.find(({ id }) => id === asked.driver_id)!, asked.id).then((answer) => {
          if (!answer.ok) throw new Refused(answer.reason)
        }),
        servers[0].tick(),
      ])
      const three = settled.slice(0, 3)
      expect(three.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      const reasons = three.flatMap((one) =>
        one.status === 'rejected' ? [(one.reason as Error).message] : [],
      )
      const KNOWN = ['stale_ride', 'already_ended', 'driver_busy', 'no_longer_fits', 'no_seat']
      expect(reasons.filter((reason) => !KNOWN.includes(reason))).toEqual([])
      expect((await servers[0].ride(ride.id)).state).toBe('assigned')
      expect(await violationsOf(world)).toEqual([])
      for (const server of servers) await server.fleet.settle()
    }
  })

  test('rides that two desks merge while drivers take one of them and the matcher asks: all or none of a merge', async () => {
    const { world, servers, drivers, riders, ines } = await twoServers(4, SHARING)
    const { region } = world.city
    for (const server of servers) {
      await server.fleet.reload()
      for (const driver of drivers) server.ping(driver, TIMES_SQUARE)
    }
    const mergeAt = (n: 0 | 1, rides: readonly LoadedRide[]) =>
      servers[n].inOneUnit(async (unit) => {
        const hand: Hand = {
          ...{ companyId: world.city.companyId, region, random: world.random, secrets: [] },
          ...{ pickupEtaS: () => 120, car: servers[n].fleet.car, travelS: travelSIn({}, region) },
          ...{ by: { actorId: ines }, batchId: world.random.uuid() },
        }
        const deps = {
          ...servers[n].deps,
          random: world.random,
          fleet: servers[n].fleet,
          outlook: servers[n].outlook,
        }
        const meant = rides.map(({ id, version }) => ({ rideId: id, version }))
        return actOnMany(unit, { ...hand, batchId: hand.batchId! }, deps, { act: { kind: 'merge' }, meant })
      })
    const isDone = (outcomes: readonly { refused: string | null }[]) =>
      outcomes.every(({ refused }) => refused === null)
    for (let round = 0; round < 3; round++) {
      const [one, two, three] = await inTurns(
        riders
          .slice(0, 3)
          .map(
            (rider, n) => () =>
              servers[0].request(
                rider,
                n === 0 ? { shared: true } : { shared: true, pickup: HERALD_SQUARE, dropoff: UNION_SQUARE },
              ),
          ),
      )
      if (round > 0) expect((await servers[0].tick()).offered).toBe(3)
      const offers = await world.db.selectFrom('offers').selectAll().where('state', '=', 'pending').execute()
      const taken = offers[0]
      const settled = await Promise.all([
        mergeAt(0, [one!, two!]),
        mergeAt(1, [two!, three!]),
        taken === undefined
          ? null
          : servers[1].acceptById(drivers.find(({ id }) => id === taken.driver_id)!, taken.id),
        servers[0].tick(),
      ])
      const merges = settled.slice(0, 2) as Awaited<ReturnType<typeof mergeAt>>[]
      // Of what stood in the way of a merge nothing is left behind, and a ride is in one merge at most.
      for (const outcomes of merges)
        expect(new Set(outcomes.map(({ refused }) => refused === null)).size).toBe(1)
      expect(merges.filter(isDone).length).toBeLessThanOrEqual(1)
      expect(await violationsOf(world)).toEqual([])
      // Whoever is asked for two takes both, or neither.
      await servers[0].tick()
      const out = await world.db.selectFrom('offers').selectAll().where('state', '=', 'pending').execute()
      await Promise.all([
        ...out.map((offer, n) =>
          servers[(n % 2) as 0 | 1].acceptById(drivers.find(({ id }) => id === offer.driver_id)!, offer.id),
        ),
        servers[1].cancel(riders[1]!, two!.id),
      ])
      expect(await violationsOf(world)).toEqual([])
      for (const offer of out.filter(({ merged_id }) => merged_id !== null)) {
        const ids = [...new Set(offer.stops!.map(({ rideId }) => rideId))]
        const after = await Promise.all(ids.map((id) => servers[0].ride(id)))
        const isTheirs = ({ driver_id }: LoadedRide) => driver_id === offer.driver_id
        if (after.some(isTheirs))
          expect(after.filter((ride) => !isTheirs(ride) && ride.state !== 'cancelled')).toEqual([])
      }
      for (const [n, { id }] of [one!, two!, three!].entries()) {
        const { ended_at } = await servers[0].ride(id)
        if (ended_at === null) expect((await servers[0].cancel(riders[n]!, id, 10_000)).ok).toBe(true)
      }
      await servers[0].fleet.settle()
      await servers[1].fleet.settle()
      await servers[0].tick()
    }
  })

  test('taking back while the driver sets off: one of both happens, whole', async () => {
    const { world, servers, drivers, riders, ines } = await twoServers(6)
    const hand: Hand = {
      ...{ companyId: world.city.companyId, region: world.city.region, random: world.random },
      ...{
        secrets: [],
        pickupEtaS: () => 120,
        car: () => undefined,
        travelS: () => 0,
        by: { actorId: ines },
      },
    }
    for (const [n, driver] of drivers.entries()) {
      const ride = await servers[0].request(riders[n]!)
      const given = await servers[0].inOneUnit((unit) =>
        assign(unit, hand, { rideId: ride.id, driverId: driver.id }),
      )
      if (!given.ok || given.value.act === null) throw new Error('the driver is free')
      const actId = given.value.act.id
      const [undone, step] = await Promise.all([
        servers[0].inOneUnit((unit) => undo(unit, hand, { rideId: ride.id, actId })),
        servers[1].step(driver, ride.id, 'set_off'),
      ])
      expect(undone.ok).not.toBe(step.ok)
      expect((await servers[0].ride(ride.id)).state).toBe(undone.ok ? 'requested' : 'en_route')
    }
    expect(await violationsOf(world)).toEqual([])
  })

  test('one driver given many rides at once gets one of them', async () => {
    const { world, servers, drivers, riders, ines } = await twoServers(16)
    const rides = await inTurns(riders.map((rider) => () => servers[0].request(rider)))
    const answers = await Promise.all(
      rides.map((ride, n) => servers[n % 2]!.assign(ines, ride.id, drivers[0]!)),
    )
    expect(outcomes(answers)).toEqual({ ok: 1, driver_busy: 15 })
    expect(await violationsOf(world)).toEqual([])
  })

  test('two desks that cross, each giving a driver the ride the other one was asked for, both have their way', async () => {
    const { world, servers, cases, ines } = await allOffered(12)
    for (let n = 0; n < cases.length; n += 2) {
      const [a, b] = [cases[n]!, cases[n + 1]!]
      const answers = await Promise.all([
        servers[0].assign(ines, a.ride.id, b.driver),
        servers[1].assign(ines, b.ride.id, a.driver),
      ])
      expect(outcomes(answers)).toEqual({ ok: 2 })
    }
    expect(await violationsOf(world)).toEqual([])
  })

  test('the last step tapped on two servers charges once', async () => {
    const { world, servers, cases } = await allOffered(2)
    for (const { offer, driver, ride } of cases) {
      await servers[0].acceptById(driver, offer.id)
      await servers[0].drive(driver, ride.id, ['set_off', 'arrive', 'board'])
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, n) => servers[n % 2]!.step(driver, ride.id, 'finish')),
      )
      expect(outcomes(answers)).toEqual({ ok: 1, not_allowed_now: 11 })
    }
    expect(await violationsOf(world)).toEqual([])
  })

  test('one quote asked for on two servers is one ride', async () => {
    const { servers, riders } = await twoServers(1)
    const [quote] = await servers[0].quotes(riders[0]!)
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => servers[n % 2]!.requestAt(riders[0]!, quote!.id)),
    )
    expect(outcomes(answers)).toEqual({ ok: 1, already_used: 11 })
  })

  test('an offer at its last moment is either taken or lapsed', async () => {
    const { world, ahead, servers, cases } = await allOffered(16)
    // The tick comes from the server that is three milliseconds ahead, the taps from the one for which there is time.
    world.clock.advance(15_000 - CLOCKS_APART_MS)
    ahead.clock.advance(15_000 - CLOCKS_APART_MS)
    await servers[0].dispatcher.stop()
    const [figures, ...answers] = await Promise.all([
      servers[1].tick(),
      ...cases.map(({ offer, driver }) => servers[0].acceptById(driver, offer.id)),
    ])
    const { ok = 0, too_late = 0, ...others } = outcomes(answers)
    expect(others).toEqual({})
    expect(ok + too_late).toBe(cases.length)
    expect(figures.expired).toBe(too_late)
    expect(await violationsOf(world)).toEqual([])
  })

  test('hundreds of taps, cancels, hand-backs and desk orders at once leave nothing broken', async () => {
    const { world, servers, drivers, cases, ines } = await allOffered(24)
    const chance = seededRandom(SEED)
    const pick = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)]!
    const said: { ride: LoadedRide; what: string; answer: Result<unknown, string> }[] = []
    const work = cases.flatMap(({ offer, ride, driver, rider }) => {
      const note = async (what: string, answer: Promise<Result<unknown, string>>) => {
        said.push({ ride, what, answer: await answer })
      }
      const other: Driver = pick(drivers)
      return [
        () => note('accept', servers[0].acceptById(driver, offer.id)),
        () => note('accept', servers[1].acceptById(driver, offer.id)),
        () => note('decline', servers[1].decline(driver).catch(gone)),
        () => note('cancel', servers[0].cancel(rider as Rider, ride.id, 0)),
        () => note('assign', servers[0].assign(ines as IdentityId, ride.id, other)),
        () => note('assign', servers[1].assign(ines as IdentityId, ride.id, pick(drivers))),
        () => note('hand back', servers[1].handBack(other, ride.id)),
        () => note('step', servers[0].step(driver, ride.id, 'set_off')),
        () => note('off shift', servers[1].goOffShift(pick(drivers))),
      ]
    })
    const ticking = inTurns([1, 2, 3, 4].map(() => () => servers[0].tick()))
    await inTurns(shuffled(work, chance), POOL * 2)
    await ticking
    const reasons = new Set(said.flatMap(({ answer }) => (answer.ok ? [] : [answer.reason])))
    const clear = [
      'already_ended',
      'cancelled_meanwhile',
      'too_late',
      'not_allowed_now',
      'not_found',
      'driver_busy',
      'not_on_shift',
      'run_open',
    ]
    expect([...reasons].filter((reason) => !clear.includes(reason))).toEqual([])
    for (const { ride } of cases) {
      const events = await world.db
        .selectFrom('ride_events')
        .select('type')
        .where('ride_id', '=', ride.id)
        .orderBy('version')
        .execute()
      const wins = (what: string) =>
        said.filter((one) => one.ride.id === ride.id && one.what === what && one.answer.ok).length
      const happened = (type: string) => events.filter((event) => event.type === type).length
      expect(happened('assign')).toBe(wins('accept') + wins('assign'))
      expect(happened('release')).toBe(wins('hand back'))
      expect(happened('cancel')).toBe(wins('cancel'))
    }
    expect(await violationsOf(world)).toEqual([])
  }, 30_000)

  describe('and in all of this', () => {
    test('nobody ran into a deadlock', async () => {
      // A connection tells its figures when it ends.
      for (const pool of pools) await pool.stop()
      const { rows } = await withClient(database.connection, (client) =>
        client.query('select deadlocks::int from pg_stat_database where datname = current_database()'),
      )
      expect(rows).toEqual([{ deadlocks: 0 }])
    })
  })
})

/** Nothing is on the driver's screen any more, so there is nothing to tap. */
function gone(error: unknown): Result<never, 'already_ended'> {
  if (error instanceof BugError) return refuse('already_ended')
  throw error
}

/** How many answers there were of each kind. */
/** Rolls back what an act that was refused had begun, as the routes do. */
class Refused extends Error {}

function outcomes(answers: readonly Result<unknown, string>[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const answer of answers) {
    const kind = answer.ok ? 'ok' : answer.reason
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

/** Run all, at most `width` at a time; the answers in order. */
async function inTurns<T>(work: readonly (() => Promise<T>)[], width = 1): Promise<T[]> {
  const answers: T[] = []
  let next = 0
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < work.length) {
        const n = next++
        answers[n] = await work[n]!()
      }
    }),
  )
  return answers
}

function shuffled<T>(list: readonly T[], chance: () => number): T[] {
  const result = [...list]
  for (let n = result.length - 1; n > 0; n--) {
    const other = Math.floor(chance() * (n + 1))
    ;[result[n], result[other]] = [result[other]!, result[n]!]
  }
  return result
}
