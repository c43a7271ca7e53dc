/** What pages, pushes and ticks ask again and again is found by an index, however many rides there have been. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { endedAmong, readToken, readViewer } from '../../src/accounts/sessions.ts'
import {
  countEnded,
  countOpen,
  driverNames,
  liveOffersOf,
  namesOf,
  requestsByDeadline,
  ridesInStates,
} from '../../src/board/store.ts'
import { liveOfferOfDriver, offersOfRide } from '../../src/dispatch/offers.ts'
import { standingIn } from '../../src/dispatch/queues.ts'
import { hopelessRides, lapsedOffers, waitingRides } from '../../src/dispatch/waiting.ts'
import { hasOpenRun, openShift } from '../../src/drivers/drivers.ts'
import type { DriverId, IdentityId, RideId } from '../../src/engine/units.ts'
import type { Db } from '../../src/io/postgres.ts'
import type { Tables } from '../../src/io/tables.ts'
import { paymentOfRide, paymentsOfRides } from '../../src/money/money.ts'
import { loadDuty } from '../../src/positions/duty.ts'
import { rideHistory } from '../../src/rides/history.ts'
import { endedRidesOfDriver, eventsOfRide, openRidesOfDriver } from '../../src/rides/rides.ts'
import { makeDrivers } from '../support/cast.ts'
import { type CoreWorld, startWorld } from '../support/dispatch.ts'

let world: CoreWorld
beforeAll(async () => {
  world = await startWorld()
  // Enough that finding one is cheaper than reading all of a company's.
  const names = Array.from({ length: 300 }, (_, n) => `Driver ${n}`)
  await makeDrivers(world.db, world.random, world.city, names)
  await sql`analyze drivers`.execute(world.db)
}, 60_000)
afterAll(() => world.database.stop())

const RIDE = crypto.randomUUID() as RideId
const RULE = { databaseUrl: null, host: '127.0.0.1' }
const DRIVER = crypto.randomUUID() as DriverId
const PERSON = crypto.randomUUID() as IdentityId

interface Plan {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
  readonly Plans?: readonly Plan[]
}

/** These hold what is open now and nothing else, so all of them may be read. */
const SMALL = new Set([
  'rides_open',
  'rides_waiting',
  'offers_live_by_expiry',
  'offers_one_live_a_driver',
  'offers_one_live_a_ride',
  'queue_places_standing',
  'pickup_alarms_live',
  'pickup_alarms_one_live',
])

/** Parts of a plan that read a whole table, or all that a company has of it, even where that is as dear as can be. */
function wholeReads(plan: Plan): string[] {
  const condition = plan['Index Cond']
  const isWhole =
    plan['Node Type'] === 'Seq Scan' ||
    (/Index/.test(plan['Node Type']) &&
      !SMALL.has(plan['Index Name'] ?? '') &&
      (condition === undefined || /^\(company_id = [^)]*\)$/.test(condition)))
  return [
    ...(isWhole
      ? [`${plan['Node Type']} ${plan['Relation Name'] ?? plan['Index Name']} ${condition ?? ''}`]
      : []),
    ...(plan.Plans ?? []).flatMap(wholeReads),
  ]
}

async function readWhole(look: (db: Db) => Promise<unknown>): Promise<string[]> {
  const asked: CompiledQuery[] = []
  const pool = new pg.Pool({ ...world.database.connection, max: 1 })
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    log: ({ query }) => void asked.push(query),
  })
  try {
    await look(db)
    await pool.query('SET enable_seqscan = off')
    const plans = asked.map(({ sql, parameters }) =>
      pool.query(`EXPLAIN (FORMAT JSON, COSTS OFF) ${sql}`, [...parameters]),
    )
    return (await Promise.all(plans)).flatMap(({ rows }) => wholeReads(rows[0]['QUERY PLAN'][0].Plan))
  } finally {
    await db.destroy()
  }
}

const at = new Date(0)
const LOOKS: Record<string, (db: Db) => Promise<unknown>> = {
  'the payment of a ride': (db) => paymentOfRide(db, world.city.companyId, RIDE),
  'the payments of rides': (db) => paymentsOfRides(db, world.city.companyId, [RIDE, RIDE]),
  'the rides that wait': (db) =>
    waitingRides(db, world.city.companyId, { regionId: world.city.regionId, at: new Date() }),
  'the offers that lapsed': (db) =>
    lapsedOffers(db, world.city.companyId, { regionId: world.city.regionId, at }),
  'the rides nobody was found for': (db) =>
    hopelessRides(db, world.city.companyId, { regionId: world.city.regionId, at }),
  'the open rides': (db) =>
    ridesInStates(db, world.city.companyId, {
      ...{
        regionId: world.city.regionId,
        states: ['assigned', 'en_route'],
        filters: {},
        nowMs: 0,
        limit: 100,
      },
    }),
  'how many are open': (db) => countOpen(db, world.city.companyId, world.city.regionId),
  'who waits longest': (db) =>
    requestsByDeadline(db, world.city.companyId, { regionId: world.city.regionId, limit: 60 }),
  'how many ended': (db) => countEnded(db, world.city.companyId, world.city.regionId),
  'who is asked for rides': (db) => liveOffersOf(db, world.city.companyId, [RIDE, RIDE]),
  'who was asked for a ride': (db) => offersOfRide(db, world.city.companyId, RIDE),
  'the offer of a driver': (db) => liveOfferOfDriver(db, world.city.companyId, DRIVER),
  'the rides of a driver': (db) => openRidesOfDriver(db, world.city.companyId, DRIVER),
  'who stands in queues': (db) => standingIn(db, world.city.companyId, world.city.regionId),
  'the day of a driver': (db) =>
    endedRidesOfDriver(db, world.city.companyId, { driverId: DRIVER, since: at, limit: 500 }),
  'the run of a driver': (db) => hasOpenRun(db, DRIVER),
  'the shift of a driver': (db) => openShift(db, world.city.companyId, DRIVER),
  'the duty of drivers': (db) => loadDuty(db, 0, [DRIVER, DRIVER]),
  'the names of drivers': (db) => driverNames(db, world.city.companyId, [DRIVER]),
  'the names of people': (db) => namesOf(db, [PERSON, RIDE]),
  'the rides of a rider': (db) =>
    rideHistory(db, world.city.companyId, {
      ...{ riderId: PERSON, limit: 31, timeZone: 'America/New_York' },
      filter: { group: 'completed', from: '2026-11-01', until: '2026-11-30', text: 'broadway' },
    }),
  'what happened to a ride': (db) => eventsOfRide(db, world.city.companyId, RIDE),
  'who holds a session': (db) => readViewer(db, RULE, PERSON),
  'who holds a token': (db) => readToken(db, RULE, { hash: 'hash', purpose: 'cookie', nowMs: 0 }),
  'which sessions are over': (db) => endedAmong(db, [PERSON, RIDE], 0),
}

for (const [what, look] of Object.entries(LOOKS))
  test(`${what}: by an index`, async () => {
    expect(await readWhole(look)).toEqual([])
  })
