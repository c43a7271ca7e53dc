/** The second wall by itself: what the database lets a scope touch, whatever the code in front of it forgot. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { sql } from 'kysely'
import type { CompanyId, IdentityId } from '../../src/engine/units.ts'
import { migrate } from '../../src/io/migrate.ts'
import { OutsideError } from '../../src/io/outside.ts'
import type { Db } from '../../src/io/postgres.ts'
import type { Scope } from '../../src/io/walls.ts'
import { type AppWorld, type Crew, startApp } from '../support/app-world.ts'
import { startPostgres, withClient } from '../support/postgres.ts'
import { askRide } from '../support/ride-steps.ts'

let world: AppWorld

beforeAll(async () => {
  world = await startApp({ running: false })
  for (const { rider, otherRider } of [world.canal, world.uptown]) {
    await askRide(rider, 'a note')
    await askRide(otherRider, 'a note')
  }
}, 60_000)
afterAll(() => world?.stop())

const NOBODY: Scope = { companyIds: [], staffedIds: [], personId: null, everywhere: false }
const office = ({ companyId, dispatcher }: Crew): Scope => ({
  ...{ companyIds: [companyId], staffedIds: [companyId], personId: dispatcher.identityId, everywhere: false },
})
/** A rider of one company on the pages of another. */
const visiting = (who: IdentityId, companyId: CompanyId): Scope => ({
  ...{ companyIds: [companyId], staffedIds: [], personId: who, everywhere: false },
})

/** Tables without row-level security, and why that is right. */
const OPEN: Record<string, string> = {
  outbox: 'requests may add news and take back their own by number, and read none',
  kysely_migration: 'requests have no rights on it',
  kysely_migration_lock: 'requests have no rights on it',
}

describe('every table', () => {
  test('has row-level security, or stands in the short list', async () => {
    const { rows } = await sql<{ name: string; walled: boolean }>`
      select relname as name, relrowsecurity as walled from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1`.execute(world.db)
    const open = rows.filter(({ walled }) => !walled).map(({ name }) => name)
    expect(open).toEqual(Object.keys(OPEN).toSorted())
    expect(rows.length).toBeGreaterThan(30)
  })

  test('of the open ones gives requests no more than is said of it', async () => {
    const { rows } = await sql<{ right: string }>`
      select table_name || ': ' || string_agg(privilege_type, ' ' order by privilege_type) as right
      from information_schema.role_table_grants
      where grantee = 'honeycab_app' and table_name = any (${Object.keys(OPEN)}) group by table_name order by 1`.execute(
      world.db,
    )
    expect(rows.map(({ right }) => right)).toEqual(['outbox: DELETE INSERT'])
    await expect(
      world.walled(office(world.canal)).selectFrom('outbox').select('news').execute(),
    ).rejects.toThrow('permission denied')
  })

  test('with a column of a company is walled by it, and not only by its person', async () => {
    const { rows } = await sql<{ name: string }>`
      select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = 'company_id'
      and exists (select from pg_policy p where p.polrelid = c.oid)
      and not exists (select from pg_policy p where p.polrelid = c.oid
        and pg_get_expr(p.polqual, p.polrelid) like '%company_id%') order by 1`.execute(world.db)
    expect(rows).toEqual([])
  })
})

describe('the role of requests', () => {
  test('cannot log in, passes no policy by, owns nothing and calls nothing that does', async () => {
    const role = await sql`
      select rolcanlogin, rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = 'honeycab_app'`.execute(
      world.db,
    )
    expect(role.rows).toEqual([
      { rolcanlogin: false, rolsuper: false, rolbypassrls: false, rolcreaterole: false },
    ])
    const owned = await sql`
      select relname from pg_class where relowner = 'honeycab_app'::regrole`.execute(world.db)
    expect(owned.rows).toEqual([])
    const definers = await sql`
      select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef
      and has_function_privilege('honeycab_app', oid, 'execute')`.execute(world.db)
    expect(definers.rows).toEqual([])
  })

  test('sees nothing where nobody said whose request it is', async () => {
    const db = world.walled(NOBODY)
    for (const table of [
      'rides',
      'quotes',
      'drivers',
      'identities',
      'sessions',
      'companies',
      'memberships',
    ] as const)
      expect(await db.selectFrom(table).selectAll().execute(), table).toEqual([])
  })
})

describe('a scope', () => {
  const companiesOf = async (db: Db) => {
    const rides = await db.selectFrom('rides').select(['company_id', 'rider_id']).execute()
    return [...new Set(rides.map(({ company_id }) => company_id))]
  }

  test('of an office sees its company and no other', async () => {
    for (const crew of [world.canal, world.uptown]) {
      const db = world.walled(office(crew))
      expect(await companiesOf(db)).toEqual([crew.companyId])
      for (const table of ['drivers', 'vehicles', 'regions', 'tariffs', 'quotes', 'ride_events'] as const) {
        const rows = await db.selectFrom(table).select('company_id').execute()
        expect(new Set(rows.map((row) => row.company_id)), table).toEqual(new Set([crew.companyId]))
      }
    }
  })

  test('of the platform sees all', async () => {
    expect((await companiesOf(world.walled({ ...NOBODY, everywhere: true }))).length).toBe(2)
  })

  test('of a rider sees their own rides wherever they were, and of people only themselves', async () => {
    const { canal, uptown } = world
    const db = world.walled(visiting(canal.rider.identityId, uptown.companyId))
    const rides = await db.selectFrom('rides').select(['company_id', 'rider_id']).execute()
    const abroad = rides.filter(({ company_id }) => company_id === canal.companyId)
    expect(abroad.map(({ rider_id }) => rider_id)).toEqual([canal.rider.identityId])
    const people = await db.selectFrom('identities').select('id').execute()
    expect(people.map(({ id }) => id)).toEqual([canal.rider.identityId])
    const sessions = await db.selectFrom('sessions').select('identity_id').execute()
    expect(new Set(sessions.map(({ identity_id }) => identity_id))).toEqual(new Set([canal.rider.identityId]))
  })

  test("of an office sees its staff and its riders, and nobody else's", async () => {
    const { canal, uptown } = world
    const people = await world.walled(office(canal)).selectFrom('identities').select('id').execute()
    const seen = new Set<string>(people.map(({ id }) => id))
    for (const who of ['rider', 'driver', 'dispatcher', 'admin'] as const) {
      expect(seen.has(canal[who].identityId), `${who} of Canal Street`).toBe(true)
      expect(seen.has(uptown[who].identityId), `${who} of Uptown`).toBe(false)
    }
    const secrets = await world.walled(office(canal)).selectFrom('credentials').selectAll().execute()
    expect(secrets).toEqual([])
  })

  test('changes nothing of another company, and moves no row there', async () => {
    const { canal, uptown } = world
    const db = world.walled(office(canal))
    const touched = await db
      .updateTable('rides')
      .set({ note: 'changed' })
      .where('company_id', '=', uptown.companyId)
      .executeTakeFirst()
    expect(touched.numUpdatedRows).toBe(0n)
    const gone = await db
      .deleteFrom('driver_vehicles')
      .where('company_id', '=', uptown.companyId)
      .executeTakeFirst()
    expect(gone.numDeletedRows).toBe(0n)
    const vehicle = { class: 'standard' as const, seats: 4, make_model: 'Car', colour: 'red' }
    const added = db
      .insertInto('vehicles')
      .values({ ...vehicle, company_id: uptown.companyId, id: crypto.randomUUID() as never, plate: 'X 1' })
      .execute()
    await expect(added).rejects.toThrow('row-level security')
    const moved = db.updateTable('vehicles').set({ company_id: uptown.companyId }).execute()
    await expect(moved).rejects.toThrow('row-level security')
    const posing = db
      .insertInto('idempotency_keys')
      .values({
        ...{ identity_id: canal.rider.identityId, visitor: null, route: 'POST /x', key: 'a-key-of-ada' },
        ...{ body_hash: 'x', created_at: new Date() },
      })
      .execute()
    await expect(posing).rejects.toThrow('row-level security')
  })

  test('adds to the audit trail and changes nothing in it', async () => {
    const db = world.walled(office(world.canal))
    await expect(db.deleteFrom('audit_entries').execute()).rejects.toThrow('permission denied')
    await expect(db.updateTable('audit_entries').set({ action: 'ride.x' }).execute()).rejects.toThrow(
      'permission denied',
    )
    await expect(sql`select forget_audit_entries(now(), 10)`.execute(db)).rejects.toThrow('permission denied')
  })
})

describe('the role is made', () => {
  test('by several databases of one cluster at once; and where the user may not, one line says what to run', async () => {
    const cluster = await startPostgres({ flavour: 'embedded' })
    try {
      const admin = (body: string) =>
        withClient({ ...cluster.connection, database: 'postgres' }, (client) => client.query(body))
      const names = ['one', 'two', 'three']
      for (const name of names) await admin(`create database ${name}`)
      await admin('create role plain login')
      await admin('create database poor owner plain')
      const poor = { ...cluster.connection, user: 'plain', database: 'poor' }

      const refused = await migrate(poor).catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(OutsideError)
      const { message } = refused as OutsideError
      const statements = /run: (.*)$/.exec(message)![1]!
      expect(statements).toBe('create role honeycab_app nologin noinherit; grant honeycab_app to plain;')

      await Promise.all(names.map((database) => migrate({ ...cluster.connection, database })))
      await admin('grant honeycab_app to plain')
      expect((await migrate(poor)).length).toBeGreaterThan(5)
      await migrate(poor, { direction: 'down' })
      expect((await migrate(poor)).length).toBeGreaterThan(5)
    } finally {
      await cluster.stop()
    }
  }, 60_000)
})
