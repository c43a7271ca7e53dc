import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from 'otplib'
import { useBackupCode } from '../../src/accounts/backup-codes.ts'
import { makeFactorSealers } from '../../src/accounts/factors.ts'
import { useOldBackupCode } from '../../src/accounts/old-backup-codes.ts'
import { useTotp } from '../../src/accounts/totp.ts'
import { ExportFileError, readExport } from '../../src/backoffice/import/export-file.ts'
import { type ImportFile, ImportMistakes, importAccounts } from '../../src/backoffice/import/import.ts'
import { importLines } from '../../src/backoffice/import/report.ts'
import { undoImport } from '../../src/backoffice/import/undo.ts'
import type { IdentityId } from '../../src/engine/units.ts'
import { browser, type Front, foundCompany, person, startFront } from '../support/front.ts'

const SAMPLE = readFileSync(join(import.meta.dir, '../../samples/accounts/auth-users.json'), 'utf8')
const BCRYPT = '$2b$06$hZdmW79lLajOus9Mz2GLXuSki4PKOzmE6R/exhIEMSYTXewXGvYpa'

let front: Front
let deps: Parameters<typeof importAccounts>[0]

beforeAll(async () => {
  front = await startFront()
  const { db, clock, random, config } = front
  deps = { db, clock, random, sealers: makeFactorSealers(config.sessionSecrets, random) }
  await foundCompany(front, 'harbour')
}, 60_000)
afterAll(() => front.stop())
beforeEach(async () => {
  await front.db.deleteFrom('imports').execute()
  await front.db.deleteFrom('identities').execute()
})

const users = (...list: unknown[]): ImportFile => ({ name: 'auth-users.json', text: JSON.stringify(list) })
const ada = (more: Record<string, unknown> = {}) => ({ email: 'ada@x.example', name: 'Ada Okafor', ...more })
const bring = (file: ImportFile, dryRun = false) => importAccounts(deps, file, dryRun)
const mistakesOf = (file: ImportFile) =>
  bring(file).then(
    () => [],
    (error: unknown) => (error instanceof ImportMistakes ? error.mistakes : [String(error)]),
  )
const emails = async () => {
  const rows = await front.db.selectFrom('identities').select('email').orderBy('email').execute()
  return rows.map(({ email }) => email)
}
async function idOf(email: string): Promise<IdentityId> {
  const row = await front.db
    .selectFrom('identities')
    .select('id')
    .where('email', '=', email)
    .executeTakeFirstOrThrow()
  return row.id
}
const signsIn = async (email: string, password: string) =>
  (await browser(front.app).signIn(email, password)).status

describe('the example', () => {
  const sample = { name: 'auth-users.json', text: SAMPLE }

  test('comes in whole, counted line by line', async () => {
    const { report } = await bring(sample)
    expect(importLines(report)).toEqual([
      '5 people',
      '1 with a password hashed by argon2',
      '3 with a password hashed by bcrypt, hashed anew at their first sign-in',
      '1 without a password: they choose one by "I forgot my password"',
      '2 with an authenticator app',
      '5 backup codes',
      '1 with the role dispatcher',
      '1 with the role driver',
      '1 whose e-mail address is not confirmed',
      '1 closed, as they were there',
      '1 left out: deleted there',
      'Fields that mean nothing here, and were passed over: lastLoginAt (1)',
      'Drivers need a call sign and a car before they can go online: name them in the company file.',
    ])
    const rosa = await front.db
      .selectFrom('identities')
      .selectAll()
      .where('email', '=', 'rosa.ferry@example.org')
      .executeTakeFirstOrThrow()
    expect(rosa).toMatchObject({ name: 'Rosa Ferry', phone: '+12125550101', email_verified: true })
    expect(rosa.created_at.toISOString()).toBe('2024-03-02T08:15:00.000Z')
    expect(await emails()).not.toContain('gone@example.org')
  })

  test('signs its people in with the passwords they had, and hashes them anew', async () => {
    await bring(sample)
    expect(await signsIn('rosa.ferry@example.org', 'an old rope by the quay')).toBe(303)
    expect(await signsIn('rosa.ferry@example.org', 'an old rope by the key')).toBe(422)
    const row = await front.db
      .selectFrom('credentials')
      .select('password')
      .where('identity_id', '=', await idOf('rosa.ferry@example.org'))
      .executeTakeFirstOrThrow()
    expect(row.password).toStartWith('$argon2id$v=19$m=19456,t=2,p=1$')
    expect(await signsIn('rosa.ferry@example.org', 'an old rope by the quay')).toBe(303)
    expect(await signsIn('max.quill@example.org', 'no longer of any use')).toBe(422)
    expect(await signsIn('lena.vo@example.org', '')).toBe(422)
  })

  test('keeps the authenticator app, and every backup code once', async () => {
    await bring(sample)
    const { db, clock } = front
    const noor = await idOf('noor.haddad@example.org')
    const ivo = await idOf('ivo.brandt@example.org')
    const atMs = clock.nowMs()
    const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
    const code = await generate({ secret, epoch: Math.floor(atMs / 1000) })
    expect(await useTotp(db, deps.sealers.totp, { identityId: noor, code, atMs })).toBe(true)
    expect(await useTotp(db, deps.sealers.totp, { identityId: noor, code, atMs })).toBe(false)
    const plain = { identityId: noor, code: '4f7k qd2m', atMs }
    expect(await useBackupCode(db, deps.sealers.backupCodes, plain)).toBe(true)
    expect(await useBackupCode(db, deps.sealers.backupCodes, plain)).toBe(false)
    const hashed = { identityId: ivo, code: 'mk72-pq8r', atMs }
    const tries = await Promise.all(Array.from({ length: 50 }, () => useOldBackupCode(db, hashed)))
    expect(tries.filter(Boolean).length).toBe(1)
    expect(await useOldBackupCode(db, { ...hashed, code: 'MK72-PQ8X' })).toBe(false)
    expect(await useOldBackupCode(db, { ...hashed, identityId: noor, code: 'TT31-WXYZ' })).toBe(false)
    expect(await useOldBackupCode(db, { ...hashed, code: 'TT31-WXYZ' })).toBe(true)
  })

  test('on a dry run changes nothing at all', async () => {
    const before = await counts()
    const { report } = await bring(sample, true)
    expect(report.people).toBe(5)
    expect(await counts()).toEqual(before)
  })

  test('cannot come in twice', async () => {
    await bring(sample)
    expect((await mistakesOf(sample)).length).toBe(5)
    expect((await emails()).length).toBe(5)
  })
})

async function counts(): Promise<number[]> {
  const tables = [
    'identities',
    'credentials',
    'memberships',
    'imports',
    'totp_secrets',
    'audit_entries',
  ] as const
  return Promise.all(
    tables.map(
      async (table) =>
        (
          await front.db
            .selectFrom(table)
            .select((eb) => eb.lit(1).as('one'))
            .execute()
        ).length,
    ),
  )
}

describe('a list of users', () => {
  const one = ada({ id: 'u-1' })
  const written: [string, string][] = [
    ['a list', JSON.stringify([one])],
    ['a document with a list', JSON.stringify({ version: 3, users: [one] })],
    ['a document with accounts', JSON.stringify({ accounts: [one] })],
    ['an object by id', JSON.stringify({ 'u-1': ada() })],
    ['a document with one by id', JSON.stringify({ users: { 'u-1': ada() } })],
    ['pairs, as a Map is written', JSON.stringify({ users: [['u-1', ada()]] })],
    [
      'JSON lines',
      `${JSON.stringify(one)}\n\n${JSON.stringify({ ...one, id: 'u-2', email: 'b@x.example' })}\n`,
    ],
    ['with a byte order mark', `\uFEFF${JSON.stringify([one])}`],
  ]
  test.each(written)('is read as %s', async (_what, text) => {
    await bring({ name: 'x.json', text })
    const rows = await front.db.selectFrom('imported_accounts').select('old_id').orderBy('old_id').execute()
    expect(rows[0]!.old_id).toBe('u-1')
  })

  test.each(['', '   ', '{', 'null', '7', '"users"', '{"a":1}', JSON.stringify(ada())])(
    'is not in %j',
    (text) => {
      expect(() => readExport(text)).toThrow(ExportFileError)
    },
  )

  test('that is empty brings nobody', async () => {
    expect(await mistakesOf(users())).toEqual(['There are no users in this file.'])
  })
})

describe('a user', () => {
  const spellings: [string, Record<string, unknown>][] = [
    ['snake_case', { password_hash: BCRYPT, email_verified: true, created_at: '2024-01-02T03:04:05Z' }],
    ['other names', { password: BCRYPT, isVerified: true, registeredAt: '2024-01-02T03:04:05Z' }],
    [
      'an exported document',
      { _id: { $oid: '65f0' }, hash: BCRYPT, verified: true, createdAt: { $date: '2024-01-02T03:04:05Z' } },
    ],
    [
      'milliseconds',
      { hashedPassword: BCRYPT, emailVerified: true, createdAt: Date.UTC(2024, 0, 2, 3, 4, 5) },
    ],
  ]
  test.each(spellings)('may be written with %s', async (_what, fields) => {
    const { report } = await bring(users(ada(fields)))
    expect([report.passwords.bcrypt, report.unverified]).toEqual([1, 0])
    const { created_at } = await front.db
      .selectFrom('identities')
      .select('created_at')
      .executeTakeFirstOrThrow()
    expect(created_at.toISOString()).toBe('2024-01-02T03:04:05.000Z')
  })

  test('whose second factor was never switched on comes without it', async () => {
    const { report } = await bring(
      users(ada({ mfaSecret: 'JBSWY3DPEHPK3PXP', mfaEnabled: false, backupCodes: ['abcd1234'] })),
    )
    expect([report.secondFactors, report.backupCodes]).toEqual([0, 0])
  })

  test('with a nasty name comes in as one line of text', async () => {
    await bring(users(ada({ name: ' <b>Ada</b>\r\n\u202Eexe ' })))
    expect((await front.db.selectFrom('identities').select('name').executeTakeFirstOrThrow()).name).toBe(
      '<b>Ada</b> exe',
    )
  })

  const SECRET = 'zq-secret-7f'
  const wrong: [string, unknown, string][] = [
    ['no object', 7, 'users[0] is no user: {...} is expected'],
    ['no e-mail', { name: 'Ada' }, 'email is missing'],
    ['a bad e-mail', ada({ email: 'ada' }), 'email should be an e-mail address'],
    ['no name', { email: 'ada@x.example' }, 'name is missing'],
    ['a long name', ada({ name: 'x'.repeat(121) }), 'name should have 120 letters or less'],
    ['a bad phone', ada({ phone: '555-0142' }), 'phone should be an international number, like +12125550142'],
    [
      'a password in the clear',
      ada({ password: SECRET }),
      'passwordHash is no argon2id, argon2i or bcrypt hash that can be checked here',
    ],
    ['an md5 hash', ada({ passwordHash: 'd41d8cd98f00b204e9800998ecf8427e' }), 'passwordHash is no argon2id'],
    ['a cut bcrypt hash', ada({ passwordHash: BCRYPT.slice(0, -1) }), 'passwordHash is no argon2id'],
    [
      'bcrypt that takes hours',
      ada({ passwordHash: BCRYPT.replace('$06$', '$31$') }),
      'passwordHash is no argon2id',
    ],
    [
      'argon2 that takes gigabytes',
      ada({
        passwordHash: '$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHRzYWx0$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f',
      }),
      'passwordHash is no argon2id',
    ],
    [
      'argon2d',
      ada({ passwordHash: '$argon2d$v=19$m=4096,t=2,p=1$c29tZXNhbHRzYWx0$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f' }),
      'passwordHash is no argon2id',
    ],
    ['a bad second factor', ada({ mfaSecret: SECRET }), 'mfaSecret is no Base32 secret of 16 to 128 letters'],
    [
      'a second factor without its secret',
      ada({ mfaEnabled: true }),
      'mfaEnabled is true, and there is no mfaSecret',
    ],
    [
      'a bad backup code',
      ada({ mfaSecret: 'JBSWY3DPEHPK3PXP', backupCodes: ['ab'] }),
      'backupCodes.0 is neither a code',
    ],
    [
      'an unknown role',
      ada({ roles: ['superadmin'] }),
      'roles holds "superadmin", which is none of: rider, driver',
    ],
    ['a flag that is none', ada({ emailVerified: 'yes' }), 'emailVerified should be true or false'],
    ['a bad instant', ada({ createdAt: 'yesterday' }), 'createdAt should be an instant'],
    [
      'two that contradict',
      ada({ password: BCRYPT, hash: `${BCRYPT}x` }),
      'passwordHash is there twice, and differs',
    ],
  ]
  test.each(wrong)(
    'with %s is refused, and the mistake named without the secret',
    async (_what, value, words) => {
      const mistakes = await mistakesOf(users(value))
      expect(mistakes.join('\n')).toContain(words)
      expect(mistakes.join('\n')).toStartWith('users[0]')
      expect(mistakes.join('\n')).not.toMatch(new RegExp(`${SECRET}|d41d8|\\$2b|\\$argon`))
      expect(await emails()).toEqual([])
    },
  )

  test('makes the whole file wait: every mistake is named at once, nobody comes in', async () => {
    await person(front, { name: 'Here Already', email: 'here@x.example', password: null })
    const mistakes = await mistakesOf(
      users(
        ada({ id: 1 }),
        { id: 2, email: 'ADA@x.example', name: 'Ada Two' },
        { id: 1, email: 'bo@x.example', name: 'Bo' },
        { id: 4, email: 'Here@x.example', name: 'Somebody' },
        { id: 5, email: 'cy', name: '' },
      ),
    )
    expect(mistakes).toEqual([
      'users[4] (cy): email should be an e-mail address',
      'users[4] (cy): name is empty',
      'users[1]: email ada@x.example is that of users[0] already',
      'users[2]: id 1 is that of users[0] already',
      'users[3]: somebody here has the e-mail here@x.example already',
    ])
    expect(await emails()).toEqual(['here@x.example'])
  })
})

describe('roles', () => {
  test('go to the company that is named, and must be told when there are several', async () => {
    const uptown = await foundCompany(front, 'uptown')
    const file = users(ada({ role: 'dispatcher' }))
    expect((await mistakesOf(file))[0]).toContain('say --company with one of: harbour, uptown')
    expect(await mistakesOf({ ...file, company: 'nowhere' })).toEqual(['There is no company "nowhere".'])
    await bring({ ...file, company: 'uptown' })
    const rows = await front.db.selectFrom('memberships').select(['company_id', 'role']).execute()
    expect(rows).toEqual([{ company_id: uptown, role: 'dispatcher' }])
    await front.db.deleteFrom('imports').execute()
    await front.db.deleteFrom('memberships').execute()
    await front.db.deleteFrom('companies').where('id', '=', uptown).execute()
  })
})

describe('taking an import back', () => {
  const three = users(
    ada({ passwordHash: BCRYPT }),
    { email: 'bo@x.example', name: 'Bo' },
    { email: 'cy@x.example', name: 'Cy' },
  )

  test('removes all it made, once', async () => {
    await person(front, { name: 'Here Already', email: 'here@x.example', password: null })
    const { importId } = await bring(three)
    expect(await undoImport(deps, importId, true)).toEqual({ removed: 3, kept: [] })
    expect((await emails()).length).toBe(4)
    expect(await undoImport(deps, importId, false)).toEqual({ removed: 3, kept: [] })
    expect(await emails()).toEqual(['here@x.example'])
    expect(await undoImport(deps, importId, false)).toBe('undone_before')
    expect(await undoImport(deps, front.random.uuid(), false)).toBe('no_such_import')
    await bring(three)
    expect((await emails()).length).toBe(4)
  })

  test('keeps who has signed in, was changed or is named anywhere, and says so', async () => {
    const { importId } = await bring(three)
    expect(await signsIn('ada@x.example', 'an old rope by the quay')).toBe(303)
    front.clock.advance(60_000)
    await front.db
      .updateTable('identities')
      .set({ phone: '+12125550199', updated_at: new Date(front.clock.nowMs()) })
      .where('email', '=', 'bo@x.example')
      .execute()
    await front.db
      .insertInto('notices')
      .values({
        ...{ id: front.random.uuid(), channel: 'mail', address: 'cy@x.example', kind: 'verify_email' },
        ...{ company_id: null, identity_id: await idOf('cy@x.example'), data: '{}', dedupe_key: null },
        ...{ due_at: new Date(0), created_at: new Date(0), sent_at: null, error: null },
      })
      .execute()
    expect(await undoImport(deps, importId, false)).toEqual({
      removed: 0,
      kept: [
        { email: 'ada@x.example', why: 'has signed in since' },
        { email: 'bo@x.example', why: 'was changed since' },
        { email: 'cy@x.example', why: 'is named in notices' },
      ],
    })
  })

  test('is written down, as the import was, without a secret', async () => {
    const { importId } = await bring(three)
    await undoImport(deps, importId, false)
    const entries = await front.db
      .selectFrom('audit_entries')
      .select(['action', 'detail'])
      .where('subject', '=', importId)
      .orderBy('id')
      .execute()
    expect(entries.map(({ action }) => action)).toEqual(['accounts.imported', 'accounts.import_undone'])
    expect(JSON.stringify(entries)).not.toContain('$2b')
  })
})

test('thousands come in by one transaction', async () => {
  const many = Array.from({ length: 2_500 }, (_, n) => ({
    id: n,
    email: `p${n}@x.example`,
    name: `Person ${n}`,
    passwordHash: BCRYPT,
  }))
  const { report, importId } = await bring(users(...many))
  expect(report.people).toBe(2_500)
  expect(await undoImport(deps, importId, false)).toEqual({ removed: 2_500, kept: [] })
}, 30_000)

test('of a long password behind bcrypt the first 72 bytes count, until its owner has signed in', async () => {
  const long = `${'a line of a poem that is long enough to be learned by heart, '.repeat(2)}and more`
  const there = await Bun.password.hash(long.slice(0, 72), { algorithm: 'bcrypt', cost: 4 })
  await bring(users(ada({ passwordHash: there })))
  expect(await signsIn('ada@x.example', long)).toBe(303)
  expect(await signsIn('ada@x.example', long.slice(0, 72))).toBe(422)
  expect(await signsIn('ada@x.example', long)).toBe(303)
})
