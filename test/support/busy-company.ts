/** A company after a year: people, rides and what its desk did, by the hundred thousand, in some seconds. */
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { CompanyId } from '../../src/engine/units.ts'
import type { Db } from '../../src/io/postgres.ts'
import type { Random } from '../../src/io/random.ts'
import type { Tables } from '../../src/io/tables.ts'
import { makeDrivers } from './cast.ts'

/** Each part is a statement. */
const PART = 5_000

export interface BusyAmounts {
  readonly people: number
  readonly rides: number
  readonly drivers: number
  /** Of the rides: that wait for a driver, that have one, and that are booked for the next days. */
  readonly waiting: number
  readonly booked: number
  readonly deeds: number
}

const FIRST =
  'Ada Ben Cy Dora Eve Femi Gus Hana Ines Jon Kaia Lena Max Noor Olu Pia Quinn Rosa Sam Tess Uma Vera Wen Xu Yara Zoe'
const LAST =
  'Okafor Ruiz Duval Klein Marsh Adeyemi Berg Sato Lindqvist Moreau Novak Obi Petrov Quist Roy Silva Tanaka Ueda Vance Weber Young Zhang Al-Haddad Brown Castillo Diaz'
const STREETS =
  'Broadway|Canal Street|Mercer Street|Spring Street|Houston Street|Bleecker Street|Lafayette Street|Bowery|Delancey Street|Grand Street|Hudson Street|Greenwich Street|West Broadway|Water Street|Pearl Street|Wall Street|Fulton Street|Chambers Street|Worth Street|Park Row|Times Square|Herald Square|Union Square'

/**
 * Fill a company. The rides are of one that was asked for as any ride is, each with a rider, a way, an hour of the last
 * year and an end of its own.
 * @param rideId the one that they are made of
 */
export async function fillCompany(
  { connection, random }: { readonly connection: pg.ClientConfig; readonly random: Random },
  { companyId, rideId }: { readonly companyId: CompanyId; readonly rideId: string },
  of: BusyAmounts,
): Promise<void> {
  // Of its own, without the limits on how long a statement may take.
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ ...connection, max: 1 }) }),
  })
  try {
    await fill(db, random, { companyId, rideId }, of)
  } finally {
    await db.destroy()
  }
}

async function fill(
  db: Db,
  random: Random,
  { companyId, rideId }: { readonly companyId: CompanyId; readonly rideId: string },
  of: BusyAmounts,
): Promise<void> {
  const names = Array.from({ length: of.drivers }, (_, n) => `Driver ${FIRST.split(' ')[n % 26]} ${n}`)
  for (let from = 0; from < names.length; from += 100)
    await makeDrivers(db, random, { companyId }, names.slice(from, from + 100))
  const words = (text: string, by: RegExp | string) => sql`${text.split(by)}::text[]`
  const one = (list: ReturnType<typeof words>, n: string) =>
    sql`(${list})[1 + (${sql.raw(n)}) % array_length(${list}, 1)]`
  const [first, last, streets] = [words(FIRST, ' '), words(LAST, ' '), words(STREETS, '|')]
  for (let from = 0; from < of.people; from += PART)
    await sql`
    insert into identities (id, name, email, email_verified, phone, created_at, updated_at)
    select gen_random_uuid(), ${one(first, 'n')} || ' ' || ${one(last, 'n / 7')} || case when n % 3 = 0 then ' ' || n else '' end,
      'person-' || n || '@example.org', true, '+1212' || lpad((n * 7919 % 10000000)::text, 7, '0'), now(), now()
    from generate_series(${from + 1}::int, ${Math.min(of.people, from + PART)}::int) n`.execute(db)
  const made = await db
    .selectFrom('identities')
    .select(['id', 'name'])
    .where('email', 'like', 'person-%')
    .orderBy('id')
    .execute()
  const people = { ids: made.map(({ id }) => id), names: made.map(({ name }) => name) }
  const pairs = await db
    .selectFrom('driver_vehicles')
    .select(['driver_id', 'vehicle_id'])
    .where('company_id', '=', companyId)
    .orderBy('driver_id')
    .limit(of.drivers)
    .execute()
  const cars = { drivers: pairs.map((one) => one.driver_id), vehicles: pairs.map((one) => one.vehicle_id) }
  const sameRide = await columnsOf(db, 'rides', [
    ...[
      'id',
      'number',
      'quote_id',
      'rider_id',
      'rider_name',
      'pickup_label',
      'dropoff_label',
      'state',
      'driver_id',
    ],
    ...[
      'vehicle_id',
      'requested_at',
      'deadline_at',
      'ended_at',
      'ended_by',
      'end_reason',
      'changed_at',
      'assigned_at',
    ],
    ...['scheduled_for', 'booked_at', 'release_at', 'pickup_lat', 'pickup_lng'],
  ])
  const sameQuote = await columnsOf(db, 'quotes', ['id', 'set_id'])
  const driven = Math.min(of.drivers, 150)
  for (let from = 0; from < of.rides; from += PART)
    await sql`
    with made as materialized (
      select n, gen_random_uuid() as quote_id, 1 + n % ${of.people}::int as person, 1 + n % ${of.drivers}::int as car,
        case when n <= ${of.waiting}::int then 'requested'
          when n <= ${of.waiting + driven}::int then 'assigned'
          when n <= ${of.waiting + driven + of.booked}::int then 'scheduled'
          when n % 11 = 0 then 'cancelled' else 'completed' end as state
      from generate_series(${from + 1}::int, ${Math.min(of.rides, from + PART)}::int) n
    ), quoted as (
      insert into quotes (id, set_id, ${sameQuote.into})
      select made.quote_id, gen_random_uuid(), ${sameQuote.from} from quotes same, made
      where same.id = (select quote_id from rides where id = ${rideId})
    )
    insert into rides (id, quote_id, rider_id, rider_name, pickup_label, dropoff_label, state, driver_id, vehicle_id,
      requested_at, deadline_at, ended_at, ended_by, end_reason, changed_at, assigned_at,
      scheduled_for, booked_at, release_at, pickup_lat, pickup_lng, ${sameRide.into})
    select gen_random_uuid(), m.quote_id, p.id, p.name,
      (1 + n * 31 % 900) || ' ' || ${one(streets, 'n')}, (1 + n * 17 % 900) || ' ' || ${one(streets, 'n / 3')},
      m.state, case when m.state in ('assigned', 'completed') then d.driver_id end,
      case when m.state in ('assigned', 'completed') then d.vehicle_id end,
      at, at + interval '10 minutes' + n % 3600 * interval '1 second',
      case when m.state in ('cancelled', 'completed') then at + interval '20 minutes' end,
      case when m.state in ('cancelled', 'completed') then 'rider' end,
      case when m.state = 'cancelled' then 'plans changed' end, at,
      case when m.state in ('assigned', 'completed') then at end,
      case when m.state = 'scheduled' then now() + n % 2880 * interval '1 minute' end,
      case when m.state = 'scheduled' then at end,
      case when m.state = 'scheduled' then now() + n % 2880 * interval '1 minute' end,
      40.70 + n % 997 * 0.0001, -74.01 + n % 787 * 0.0001, ${sameRide.from}
    from made m
    join lateral (select case when m.state in ('requested', 'assigned') then now() - n % 600 * interval '1 second'
      when m.state = 'scheduled' then now() else now() - interval '30 minutes' - n * interval '5 minutes' end as at) t on true
    cross join lateral (select (${people.ids}::uuid[])[m.person] as id, (${people.names}::text[])[m.person] as name) p
    cross join lateral (select (${cars.drivers}::uuid[])[m.car] as driver_id, (${cars.vehicles}::uuid[])[m.car] as vehicle_id) d
    cross join rides same where same.id = ${rideId}`.execute(db)
  for (let from = 0; from < of.deeds; from += PART)
    await sql`
    insert into audit_entries (id, company_id, actor_id, action, subject, at, detail)
    select gen_random_uuid(), ${companyId}, (${people.ids.slice(0, 40)}::uuid[])[1 + n % 40],
      (array['ride.assigned', 'ride.cancelled', 'sign_in.done', 'ride.put_off', 'driver.messaged'])[1 + n % 5],
      gen_random_uuid()::text, now() - n * interval '3 minutes', '{"reason": "none"}'
    from generate_series(${from + 1}::int, ${Math.min(of.deeds, from + PART)}::int) n`.execute(db)
  for (const table of [
    'identities',
    'rides',
    'quotes',
    'audit_entries',
    'drivers',
    'vehicles',
    'driver_vehicles',
  ])
    await sql`analyze ${sql.table(table)}`.execute(db)
}

async function columnsOf(db: Db, table: string, but: readonly string[]) {
  const columns = await sql<{ column_name: string }>`
    select column_name from information_schema.columns
    where table_name = ${table} and is_generated = 'NEVER' and is_identity = 'NO'
      and not column_name = any(${but})`.execute(db)
  const named = (prefix: string) =>
    sql.join(columns.rows.map(({ column_name }) => sql.raw(`${prefix}"${column_name}"`)))
  return { into: named(''), from: named('same.') }
}
