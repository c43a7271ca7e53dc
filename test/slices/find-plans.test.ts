/**
 * What a desk searches is found by indexes, and is what reading everything would find: on a company of some thousand
 * rides, where the plans are looked at and not how long they take.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { searchAudit } from '../../src/audit/search.ts'
import { countEndedThat, endedRides } from '../../src/board/ended.ts'
import { peopleByLetters } from '../../src/board/people-search.ts'
import { findAnything } from '../../src/board/search.ts'
import { partsOf } from '../../src/board/search-words.ts'
import { isEnded } from '../../src/engine/ride.ts'
import type { Tables } from '../../src/io/tables.ts'
import type { LoadedRide } from '../../src/rides/rides.ts'
import type { TableFilters } from '../../views/board/props.ts'
import { fillCompany } from '../support/busy-company.ts'
import { makeRider } from '../support/cast.ts'
import { type CoreWorld, type Desk, openDesk, startWorld } from '../support/dispatch.ts'

let world: CoreWorld
let desk: Desk
/** The same database, by a handle that keeps what it was asked. */
let asked: CompiledQuery[] = []
let db: Kysely<Tables>
let client: pg.Client
let rides: LoadedRide[]

beforeAll(async () => {
  world = await startWorld()
  desk = openDesk(world)
  const ride = await desk.request(await makeRider(world.db, world.random, 'Template Rider'))
  const { connection } = world.database
  await fillCompany(
    { connection, random: world.random },
    { companyId: world.city.companyId, rideId: ride.id },
    { people: 700, rides: 1_800, drivers: 30, waiting: 40, booked: 40, deeds: 1_000 },
  )
  db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ ...connection, max: 4 }) }),
    log: ({ query }) => void asked.push(query),
  })
  client = new pg.Client(connection)
  await client.connect()
  // Whatever an index can answer is answered by it, however few rows there are.
  await client.query('set enable_seqscan = off')
  rides = await world.db.selectFrom('rides').selectAll().orderBy('number').execute()
}, 120_000)
afterAll(async () => {
  await client?.end()
  await db?.destroy()
  await world?.database.stop()
})

/** The plans of all that `work` asked. */
async function plansOf(work: () => Promise<unknown>): Promise<string[]> {
  asked = []
  await work()
  const plans: string[] = []
  for (const query of asked) {
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (costs off) ${query.sql}`, [
      ...query.parameters,
    ])
    plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'))
  }
  return plans
}

const BIG = /Seq Scan on (rides|identities|audit_entries)\b/
const region = () => world.city.region
const find = (text: string) =>
  findAnything(
    { fleet: desk.fleet, geocoding: { search: async () => ({ places: [], source: null }) as never } },
    { system: db, db },
    { region: region(), text, nowMs: Date.now() },
  )

describe('one search for everything', () => {
  for (const text of ['broadway', 'Ada Okafor', 'HC-20044', '+1 212 000 7919', '212', 'person', 'xx', 'a b'])
    test(`“${text}” reads no ride and no person but by an index`, async () => {
      for (const plan of await plansOf(() => find(text))) expect(plan).not.toMatch(BIG)
    })

  test('words are looked up among letters, and short ones among the newest', async () => {
    const plans = (await plansOf(() => find('zzzz'))).join('\n')
    expect(plans).toContain('rides_letters')
    expect(plans).toContain('identities_letters')
    expect((await plansOf(() => find('xx'))).join('\n')).toContain('rides_requested')
  })

  test('people are those whom reading everybody finds, whoever rode last first', async () => {
    const { companyId } = world.city
    const last = new Map<string, number>()
    for (const { rider_id, requested_at } of rides)
      last.set(rider_id, Math.max(last.get(rider_id) ?? 0, requested_at.getTime()))
    const everybody = await world.db
      .selectFrom('identities')
      .select(['id', 'name', 'email', 'phone'])
      .execute()
    for (const words of ['person', 'ada', 'al-haddad', '+1212', 'zoe 2', 'ad', 'nobody at all']) {
      const parts = words.split(' ').slice(0, 3)
      const fitting = everybody
        .filter(({ id, name, email, phone }) => {
          const letters = `${name} ${email} ${phone ?? ''}`.toLowerCase()
          return last.has(id) && parts.every((part) => letters.includes(part))
        })
        .map(({ id }) => last.get(id)!)
        .toSorted((a, b) => b - a)
        .slice(0, 6)
      const found = await peopleByLetters(world.db, companyId, { parts: partsOf(words), most: 6 })
      expect([words, found.map((id) => last.get(id)!)]).toEqual([words, fitting])
    }
  })
})

describe('rides that ended', () => {
  const FILTERS: readonly TableFilters[] = [
    ...[
      { q: 'broadway' },
      { q: 'HC-20044' },
      { q: 'Ada' },
      { q: 'xx' },
      { q: 'Driver Zoe' },
      { q: '31 Bowery' },
    ],
    ...[
      { by: 'Driver Eve' },
      { by: 'nobody' },
      { from: 'Wall' },
      { from: '5 Canal', to: 'street' },
      { to: 'Wa' },
    ],
    ...[
      { class: 'black' as const },
      { payment: 'account' as const, q: 'okafor' },
      { note: 'misses' as const },
    ],
  ]

  test('are those that reading all of them finds, the newest first, and as many', async () => {
    const { companyId, regionId } = world.city
    const drivers = new Map(
      (await world.db.selectFrom('drivers').select(['id', 'name', 'call_sign']).execute()).map((row) => [
        row.id as string,
        `${row.name}\n${row.call_sign}`,
      ]),
    )
    const has = (text: string, words: string) => text.toLowerCase().includes(words.toLowerCase())
    const drives = (ride: LoadedRide, words: string) => has(drivers.get(ride.driver_id ?? '') ?? '', words)
    const fits = (ride: LoadedRide, { q, by, from, to, class: ofClass, payment, note }: TableFilters) =>
      isEnded(ride.state) &&
      (q === undefined ||
        [ride.rider_name, ride.pickup_label, ride.dropoff_label].some((text) => has(text, q)) ||
        drives(ride, q) ||
        (/^(?:HC-)?\d+$/i.test(q) && String(ride.number) === q.replace(/^HC-/i, ''))) &&
      (by === undefined || drives(ride, by)) &&
      (from === undefined || has(ride.pickup_label, from)) &&
      (to === undefined || has(ride.dropoff_label, to)) &&
      (ofClass === undefined || ride.class === ofClass) &&
      (payment === undefined || ride.payment_method === payment) &&
      (note !== 'misses' || ride.misses > 0)
    const nowMs = Date.now()
    for (const filters of FILTERS) {
      const all = rides
        .filter((ride) => fits(ride, filters))
        .toSorted((a, b) => b.ended_at!.getTime() - a.ended_at!.getTime() || a.number - b.number)
      const of = { regionId, filters, nowMs }
      const found = await endedRides({ system: db, db: world.db }, companyId, { ...of, limit: 101 })
      expect([filters, found.map(({ id }) => id)]).toEqual([filters, all.slice(0, 101).map(({ id }) => id)])
      const counted = await countEndedThat(db, companyId, of)
      expect([filters, counted]).toEqual([filters, all.length > 1_000 ? undefined : all.length])
    }
  })

  test('are found by an index, whatever narrows them', async () => {
    const { companyId, regionId } = world.city
    for (const filters of FILTERS) {
      const plans = await plansOf(() =>
        endedRides({ system: db, db }, companyId, { regionId, filters, nowMs: Date.now(), limit: 101 }),
      )
      for (const plan of plans) expect(plan).not.toMatch(BIG)
    }
  })
})

test('who did what is read by its own order, and names are looked up by id alone, behind the wall', async () => {
  const { companyId } = world.city
  const { rows } = await sql<{
    id: string
  }>`select id from identities where email like 'person-%' limit 1`.execute(world.db)
  // As the office of the company, with its role.
  await client.query('set role honeycab_app')
  await client.query(
    `select set_config('honeycab.person', $1, false), set_config('honeycab.companies', $2, false), set_config('honeycab.staffed', $2, false)`,
    [rows[0]!.id, companyId],
  )
  try {
    const plans = await plansOf(() =>
      searchAudit(db, { companyIds: [companyId] }, { action: 'ride.cancelled' }, { limit: 40 }),
    )
    expect(plans[0]).toContain('audit_entries_')
    for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on (identities|audit_entries)\b/)
  } finally {
    await client.query('reset role')
  }
})
