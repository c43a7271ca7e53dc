import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { sql } from 'kysely'
import { ACTIONS, type AuditAction } from '../../src/audit/actions.ts'
import { type AuditEntry, changesBetween, record } from '../../src/audit/audit.ts'
import { forgetOldEntries } from '../../src/audit/retention.ts'
import type { IdentityId } from '../../src/engine/units.ts'
import { makeLocalBus } from '../../src/io/bus/local.ts'
import { systemClock } from '../../src/io/clock.ts'
import { createLog } from '../../src/io/log.ts'
import { systemRandom } from '../../src/io/random.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const DAY_MS = 86_400_000
const clock = systemClock()
const random = systemRandom(clock)
let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())

const entries = () => database.db.selectFrom('audit_entries').selectAll().orderBy('sequence').execute()
const write = (entry: Partial<AuditEntry> & { action?: AuditAction } = {}) =>
  record(database.db, random, { action: 'session.started', atMs: clock.nowMs(), ...entry })

describe('each security event has its action', () => {
  const EVENTS: Record<string, readonly AuditAction[]> = {
    'sign-in': ['session.started', 'backup_codes.used', 'session.confirmed'],
    refusal: ['session.refused', 'second_factor.refused'],
    'sign-out': ['session.ended', 'session.all_ended', 'session.ended_by_admin', 'session.reused'],
    lockout: ['account.locked', 'account.unlocked'],
    password: ['password.changed', 'password.reset_asked', 'password.reset'],
    'e-mail': ['email.change_asked', 'email.changed', 'account.verified'],
    phone: ['phone.changed'],
    'second factor': [
      ...(['second_factor.enabled', 'second_factor.disabled', 'backup_codes.made'] as const),
      ...(['passkey.added', 'passkey.removed'] as const),
    ],
    roles: ['membership.granted', 'membership.removed', 'platform.granted', 'platform.revoked'],
    invitations: ['invitation.sent', 'invitation.accepted', 'invitation.withdrawn'],
    impersonation: ['impersonation.started', 'impersonation.acted', 'impersonation.ended'],
    bans: ['person.banned', 'person.unbanned'],
    export: ['data.exported', 'audit.exported'],
    deletion: ['account.deleted', 'account.purged', 'company.deleted'],
    restore: ['account.restored', 'company.restored'],
    licences: ['licence.submitted', 'licence.approved', 'licence.rejected', 'licence.expired'],
    'capability switches': ['capability.enabled', 'capability.disabled', 'flag.switched'],
    companies: ['company.founded', 'company.changed', 'tariff.changed'],
    desk: ['ride.assigned', 'ride.released', 'ride.cancelled'],
    retention: ['audit.forgotten'],
  }
  for (const [event, actions] of Object.entries(EVENTS))
    test(event, () => {
      for (const action of actions) expect(ACTIONS[action]).toBeDefined()
    })

  test('every action is a noun and a verb, and says in words what was done', () => {
    for (const [name, { words }] of Object.entries(ACTIONS)) {
      expect(name).toMatch(/^[a-z_]+\.[a-z_]+$/)
      expect(words.length).toBeGreaterThan(4)
    }
  })
})

describe('an entry', () => {
  test('knows what kind of thing it is about, and its place in the order', async () => {
    await write({ action: 'licence.approved', subject: 'L1', requestId: 'r-1', address: '192.0.2.1' })
    await write({ action: 'session.ended', subject: 'S1', actorId: random.uuid() as IdentityId })
    const [first, second] = (await entries()).slice(-2)
    expect(first).toMatchObject({ subject_kind: 'licence', request_id: 'r-1', address: '192.0.2.1' })
    expect(second!.subject_kind).toBe('session')
    expect(BigInt(second!.sequence) > BigInt(first!.sequence)).toBe(true)
  })

  const SECRETS: [string, Record<string, unknown>][] = [
    ['a password', { password: 'larks above the canal' }],
    ['a token further in', { session: { refreshToken: 'x' } }],
    ['a code', { code: '123456' }],
    ['a hash by its name', { passwordHash: 'x' }],
    ['a hash by its form', { was: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA' }],
    ['a cookie by its form', { was: `${'a'.repeat(32)}.${'b'.repeat(43)}=` }],
    ['a secret in a list', { factors: [{ totp: 'JBSWY3DP' }] }],
  ]
  test.each(SECRETS)('is not written with %s in it', async (_what, detail) => {
    const before = (await entries()).length
    await expect(write({ detail })).rejects.toThrow('holds a secret')
    expect(await entries()).toHaveLength(before)
  })

  test('says before and after of what changed, and nothing of what did not', () => {
    const was = { name: 'Canal', phone: null, host: 'a.example' }
    expect(changesBetween(was, { name: 'Canal Street', phone: null })).toEqual({
      before: { name: 'Canal' },
      after: { name: 'Canal Street' },
    })
    expect(changesBetween(was, { name: 'Canal' })).toBeNull()
  })

  test('keeps the beginning of a text that would not end', async () => {
    await write({ detail: { reason: 'x'.repeat(100_000) } })
    const [last] = (await entries()).slice(-1)
    expect((last!.detail as { reason: string }).reason).toHaveLength(501)
  })
})

describe('the trail', () => {
  const run = (statement: string) => sql.raw(statement).execute(database.db)
  const TAMPERING = [
    `update audit_entries set action = 'session.ended'`,
    'update audit_entries set sequence = default',
    'delete from audit_entries',
    'truncate audit_entries',
    // Naming a day oneself opens nothing for what is younger than a month.
    `do $$ begin
      perform set_config('honeycab.audit_forget_before', 'infinity', true);
      delete from audit_entries;
    end $$`,
  ]
  test.each(TAMPERING)('refuses %s', async (statement) => {
    await write()
    const before = await entries()
    await expect(run(statement)).rejects.toThrow()
    expect(await entries()).toEqual(before)
  })

  test('the door for old entries leaves younger ones alone, whatever is asked of it', async () => {
    await write({ atMs: clock.nowMs() - 29 * DAY_MS })
    const before = await entries()
    await run(`select * from forget_audit_entries('infinity', 100)`)
    expect(await entries()).toEqual(before)
  })

  test('entries past their time go, once, and their going is written down', async () => {
    const bus = makeLocalBus(createLog('silent'))
    const deps = { db: database.db, bus, clock, random }
    for (const days of [399, 401, 500, 900]) await write({ atMs: clock.nowMs() - days * DAY_MS })
    const gone = await Promise.all([1, 2, 3, 4, 5].map(() => forgetOldEntries(deps, 400)))
    expect(gone.reduce((sum, n) => sum + n, 0)).toBe(3)
    const left = await entries()
    const ages = left.map(({ at }) => (clock.nowMs() - at.getTime()) / DAY_MS)
    expect(Math.max(...ages)).toBeLessThan(400)
    const told = left.filter(({ action }) => action === 'audit.forgotten')
    expect(told.reduce((sum, { detail }) => sum + (detail as { removed: number }).removed, 0)).toBe(3)
    // Nothing left to do: nothing to tell.
    await forgetOldEntries(deps, 400)
    expect(await entries()).toHaveLength(left.length)
    await expect(run('delete from audit_entries')).rejects.toThrow('append-only')
    await bus.close()
  })
})
