/** Scoped handles over few connections: whoever comes next on a connection works in their own scope or not at all. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import type { CompanyId, IdentityId } from '../../src/engine/units.ts'
import { createLog } from '../../src/io/log.ts'
import { type Database, open } from '../../src/io/postgres.ts'
import { makeWalled, type Scope, type WalledClient } from '../../src/io/walls.ts'
import { type TestDatabase, testDatabase, withClient } from '../support/postgres.ts'

const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`
/** Eight different ones; the last is the platform's. */
const scopeOf = (n: number): Scope => ({
  companyIds: [id(n) as CompanyId],
  staffedIds: [],
  personId: id(n) as IdentityId,
  everywhere: n === 7,
})

interface FakeClient extends WalledClient {
  person: string
}

/** Connections that remember what they were told; a telling may break when it is half done. */
function fakeConnections(breaks: (telling: number) => boolean) {
  let tellings = 0
  const idle: FakeClient[] = []
  function make(): FakeClient {
    const client: FakeClient = {
      person: 'nobody was told',
      async tell({ values }) {
        await Promise.resolve()
        client.person = 'half told'
        await Promise.resolve()
        if (breaks(tellings++)) throw new Error('the connection broke')
        client.person = String(values![1])
      },
      query: (async () => {
        await Promise.resolve()
        return { command: 'SELECT', rowCount: 1, rows: [{ person: client.person }] }
      }) as never,
      release: (destroy) => {
        if (destroy !== true) idle.push(client)
      },
    }
    return client
  }
  return {
    tellings: () => tellings,
    pool: { options: {}, connect: async () => idle.pop() ?? make() },
  }
}

const who = sql<{ person: string }>`select current_setting('honeycab.person') as person`

describe('however requests follow each other', () => {
  test('each works in its own scope, also after connections broke while they were told', async () => {
    const steps = fc.array(fc.record({ n: fc.nat(7), breaks: fc.boolean(), together: fc.boolean() }), {
      maxLength: 60,
    })
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const connections = fakeConnections((telling) => sequence[telling % sequence.length]!.breaks)
        const walled = makeWalled(connections.pool)
        const running: Promise<void>[] = []
        for (const { n, together } of sequence) {
          const asking = who
            .execute(walled(scopeOf(n)))
            .then(({ rows }) => expect(rows[0]!.person).toBe(id(n)))
            .catch((error: Error) => expect(error.message).toBe('the connection broke'))
          running.push(asking)
          if (!together) await asking
        }
        await Promise.all(running)
      }),
      { numRuns: 200 },
    )
  })

  test('a connection is told only when it comes from another scope', async () => {
    const connections = fakeConnections(() => false)
    const walled = makeWalled(connections.pool)
    for (const n of [1, 1, 1, 2, 2, 1]) await who.execute(walled(scopeOf(n)))
    expect(connections.tellings()).toBe(3)
  })
})

describe('on a real database with two connections', () => {
  let made: TestDatabase
  let database: Database
  beforeAll(async () => {
    made = await testDatabase()
    database = await open(made.connection, 4, createLog('silent'))
    for (let n = 0; n < 8; n++)
      await made.db
        .insertInto('companies')
        .values({
          ...{ id: id(n) as CompanyId, slug: `company-${n}`, name: `Company ${n}`, host: null },
          ...{ currency: 'USD', time_zone: 'UTC', locale: 'en-US', phone: null },
        })
        .execute()
  })
  afterAll(async () => {
    await database?.stop()
    await made?.stop()
  })

  const seen = (n: number) => (n === 7 ? [0, 1, 2, 3, 4, 5, 6, 7].map(id) : [id(n)])

  async function look(n: number): Promise<void> {
    const rows = await database
      .walled(scopeOf(n))
      .selectFrom('companies')
      .select('id')
      .orderBy('id')
      .execute()
    expect(rows.map((row) => String(row.id))).toEqual(seen(n))
  }

  /** A unit of work that looks, writes, and now and then fails in the middle. */
  async function work(n: number, fails: boolean): Promise<void> {
    const done = database
      .walled(scopeOf(n))
      .transaction()
      .execute(async (trx) => {
        const rows = await trx.selectFrom('companies').select('id').orderBy('id').execute()
        expect(rows.map((row) => String(row.id))).toEqual(seen(n))
        await trx
          .updateTable('companies')
          .set({ phone: `+1${n}` })
          .execute()
        if (fails) await sql`select 1 / 0`.execute(trx)
      })
    await done.catch((error: Error) => {
      if (!fails) throw error
      expect(error.message).toContain('division by zero')
    })
  }

  test('six hundred requests of eight scopes, side by side, see their own', async () => {
    const all = Array.from({ length: 600 }, (_, n) =>
      n % 3 === 0 ? work((n * 5) % 8, n % 2 === 0) : look((n * 5) % 8),
    )
    await Promise.all(all)
    const phones = await made.db.selectFrom('companies').select(['id', 'phone']).orderBy('id').execute()
    // Each was last written by its own scope, or by the one that reaches all.
    for (const [n, { phone }] of phones.entries()) expect([`+1${n}`, '+17']).toContain(phone!)
  })

  test('connections that are cut off leave no scope behind', async () => {
    for (let round = 0; round < 5; round++) {
      const all = Array.from({ length: 40 }, (_, n) => look(n % 8).catch(otherThanWrong))
      await withClient(made.connection, (client) =>
        client.query(`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and application_name = 'honeycab'`),
      )
      await Promise.all(all)
      for (let n = 0; n < 8; n++) await look(n).catch(otherThanWrong)
    }
    for (let n = 0; n < 8; n++) await look(n)
  })

  test('requests have the role, the work of the system has not', async () => {
    const { rows } = await sql<{ role: string }>`select current_user as role`.execute(
      database.walled(scopeOf(1)),
    )
    expect(rows[0]!.role).toBe('honeycab_app')
    const system = await sql<{ role: string }>`select current_user as role`.execute(database.db)
    expect(system.rows[0]!.role).not.toBe('honeycab_app')
  })
})

/** A cut connection may fail the request it was for, never answer it wrongly. */
function otherThanWrong(error: Error): void {
  if (error.message.includes('expect(')) throw error
}
