import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { sql } from 'kysely'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const ID = '01a1fd55-7a80-72e5-8abd-161a44c5ae80'
const OTHER = '01a1fd55-7a80-72e5-8abd-161a44c5ae81'
const HASH = 'h'.repeat(43)
let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
  await run(`insert into companies (id, slug, name, currency, time_zone, locale)
    values ('${ID}', 'canal-street', 'Canal Street Cars', 'USD', 'America/New_York', 'en-US')`)
  await run(`insert into identities (id, name, email, created_at, updated_at)
    values ('${ID}', 'Ada', 'ada@x.example', now(), now())`)
}, 60_000)
afterAll(() => database.stop())

const run = (statement: string) => sql.raw(statement).execute(database.db)

describe('the database refuses', () => {
  const company = (fields: { slug?: string; currency?: string; host?: string }) =>
    `insert into companies (id, slug, name, currency, time_zone, locale, host) values ('${OTHER}',
      '${fields.slug ?? 'other'}', 'Other', '${fields.currency ?? 'USD'}', 'UTC', 'en', '${fields.host ?? 'o.example'}')`
  const identity = (email: string) =>
    `insert into identities (id, name, email, created_at, updated_at) values ('${OTHER}', 'Bo', '${email}', now(), now())`
  const member = (companyId: string, role: string) =>
    `insert into memberships (company_id, identity_id, role) values ('${companyId}', '${ID}', '${role}')`
  const refusals: [string, string, string][] = [
    ['two companies under one slug', company({ slug: 'canal-street' }), 'companies_slug_key'],
    ['a slug that is no part of an address', company({ slug: '-Canal St-' }), 'companies_slug_check'],
    ['a currency that is no code', company({ currency: 'us$' }), 'companies_currency_check'],
    ['a host in capitals', company({ host: 'Cabs.example' }), 'companies_host_check'],
    ['two people with one address', identity('ada@x.example'), 'identities_email_key'],
    ['an address in capitals', identity('Bo@x.example'), 'identities_email_check'],
    ['a role nobody has', member(ID, 'owner'), 'memberships_role_check'],
    ['a role in a company that is not there', member(OTHER, 'driver'), 'memberships_company_id_fkey'],
    [
      'a session of nobody',
      `insert into sessions (id, identity_id, rotate_at, expires_at, created_at, updated_at)
        values ('${OTHER}', '${OTHER}', now(), now(), now(), now())`,
      'sessions_identity_id_fkey',
    ],
    [
      'a token of no session',
      `insert into session_tokens (hash, session_id, purpose, issued_at) values ('${HASH}', '${OTHER}', 'cookie', now())`,
      'session_tokens_session_id_fkey',
    ],
    [
      'a token as it is, and not its hash',
      `insert into session_tokens (hash, session_id, purpose, issued_at) values ('hca_token', '${OTHER}', 'cookie', now())`,
      'session_tokens_hash_check',
    ],
    [
      "a program's token without an end",
      `insert into session_tokens (hash, session_id, purpose, issued_at) values ('${HASH}', '${OTHER}', 'access', now())`,
      'session_tokens_check',
    ],
    [
      'a grace for a token that was not spent',
      `insert into session_tokens (hash, session_id, purpose, issued_at, lingers)
        values ('${HASH}', '${OTHER}', 'cookie', now(), true)`,
      'session_tokens_check1',
    ],
    [
      'a one-time key that is too short',
      `insert into idempotency_keys (identity_id, route, key, body_hash, created_at) values ('${ID}', 'r', 'k', 'h', now())`,
      'idempotency_keys_key_check',
    ],
  ]
  test.each(refusals)('%s', async (_what, statement, constraint) => {
    await expect(run(statement)).rejects.toThrow(constraint)
  })

  test('any change to the audit trail', async () => {
    await run(`insert into audit_entries (id, at, action) values ('${ID}', now(), 'session.started')`)
    for (const statement of [
      `update audit_entries set action = 'session.ended'`,
      'delete from audit_entries',
      'truncate audit_entries',
    ]) {
      await expect(run(statement)).rejects.toThrow('audit entries are append-only')
    }
  })
})

test('a person may hold several roles in one company, each once', async () => {
  const add = (role: string) =>
    run(`insert into memberships (company_id, identity_id, role) values ('${ID}', '${ID}', '${role}')`)
  await add('driver')
  await add('dispatcher')
  await expect(add('driver')).rejects.toThrow('memberships_pkey')
})
