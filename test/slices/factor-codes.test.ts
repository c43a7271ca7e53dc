import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { generate } from 'otplib'
import {
  BACKUP_CODES,
  backupCodeSheet,
  backupCodesLeft,
  putSheetAway,
  renewBackupCodes,
  SHEET_LASTS_MS,
  useBackupCode,
} from '../../src/accounts/backup-codes.ts'
import {
  forgetOldTries,
  forgetTries,
  giveBackTry,
  LOCK_MS,
  lockedUntilMs,
  MOST_FAILURES,
  signInTries,
  takeTry,
} from '../../src/accounts/lockout.ts'
import { makeSealer } from '../../src/accounts/sealing.ts'
import { adoptTotp, confirmTotp, inviteTotp, useTotp } from '../../src/accounts/totp.ts'
import type { IdentityId } from '../../src/engine/units.ts'
import { makeLocalBus } from '../../src/io/bus/local.ts'
import { manualClock } from '../../src/io/clock.ts'
import { commit } from '../../src/io/commit.ts'
import { createLog } from '../../src/io/log.ts'
import { systemRandom } from '../../src/io/random.ts'
import { testDatabase } from '../support/postgres.ts'

const OLD = 'an older secret that is long enough to sign with'
const NEW = 'a newer secret that is long enough to sign with'
const STEP_MS = 30_000
const AT_MS = Date.UTC(2026, 10, 21, 9, 0, 10)

let database: Awaited<ReturnType<typeof testDatabase>>
let people = 0
const clock = manualClock(AT_MS)
const random = systemRandom(clock)
const sealer = makeSealer([OLD], 'totp', random)
const codeSealer = makeSealer([OLD], 'backup codes', random)
const bus = makeLocalBus(createLog('silent'))

beforeAll(async () => {
  database = await testDatabase()
}, 30_000)
afterAll(() => database?.stop())

async function newPerson(): Promise<{ identityId: IdentityId; email: string }> {
  const identityId = random.uuid() as IdentityId
  const email = `person${people++}@demo.honeycab`
  const at = new Date(AT_MS)
  await database.db
    .insertInto('identities')
    .values({ id: identityId, name: 'Ada', email, created_at: at, updated_at: at })
    .execute()
  return { identityId, email }
}

const unit = () => ({ db: database.db as never, atMs: AT_MS })
const inUnit = <T>(work: Parameters<typeof commit<T>>[1]) => commit({ db: database.db, bus, clock }, work)
const codeAt = (secret: string, atMs: number) => generate({ secret, epoch: Math.floor(atMs / 1000) })
const trues = (answers: readonly boolean[]) => answers.filter(Boolean).length

describe('what is sealed', () => {
  test('opens with any of the secrets, the older too, and under no other', () => {
    const sealed = sealer.seal('JBSWY3DP', 'ada')
    expect(makeSealer([NEW, OLD], 'totp', random).unseal(sealed, 'ada')).toBe('JBSWY3DP')
    expect(makeSealer([NEW], 'totp', random).unseal(sealed, 'ada')).toBeNull()
  })

  test('opens for the person and the purpose it was sealed for alone', () => {
    const sealed = sealer.seal('JBSWY3DP', 'ada')
    expect(sealer.unseal(sealed, 'bo')).toBeNull()
    expect(makeSealer([OLD], 'backup codes', random).unseal(sealed, 'ada')).toBeNull()
  })

  test('is refused when a bit of it was changed, or it is no seal at all', () => {
    const bytes = Buffer.from(sealer.seal('JBSWY3DP', 'ada'), 'base64url')
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 1
      expect(sealer.unseal(changed.toString('base64url'), 'ada')).toBeNull()
    }
    for (const none of ['', 'x', '🔑', 'A'.repeat(200)]) expect(sealer.unseal(none, 'ada')).toBeNull()
  })
})

describe('a code of the app', () => {
  async function withApp() {
    const who = await newPerson()
    const { secret, sealed } = inviteTotp(sealer, who)!
    const code = await codeAt(secret, AT_MS)
    expect(await confirmTotp(unit(), sealer, { ...who, sealed, code })).toBe('kept')
    return { ...who, secret }
  }
  const use = (identityId: IdentityId, code: string, atMs: number) =>
    useTotp(database.db, sealer, { identityId, code, atMs })

  test('is asked for once before the app counts, and nothing is kept before', async () => {
    const who = await newPerson()
    const { secret, sealed, uri } = inviteTotp(sealer, who)!
    expect(uri).toBe(
      `otpauth://totp/Honeycab:${encodeURIComponent(who.email)}?secret=${secret}&issuer=Honeycab`,
    )
    const wrong = (await codeAt(secret, AT_MS)).replace(/\d$/, (digit) => String((Number(digit) + 1) % 10))
    expect(await confirmTotp(unit(), sealer, { ...who, sealed, code: wrong })).toBe('wrong')
    expect(await use(who.identityId, await codeAt(secret, AT_MS), AT_MS)).toBe(false)
    expect(inviteTotp(sealer, who, sealed)!.secret).toBe(secret)
  })

  test('of a set-up form that was made for somebody else is refused', async () => {
    const [ada, bo] = [await newPerson(), await newPerson()]
    const { secret, sealed } = inviteTotp(sealer, ada)!
    const code = await codeAt(secret, AT_MS)
    expect(await confirmTotp(unit(), sealer, { identityId: bo.identityId, sealed, code })).toBe('wrong')
    expect(inviteTotp(sealer, bo, sealed)).toBeNull()
  })

  test('counts one step early and one step late, and not two', async () => {
    for (const [stepsOff, counts] of [
      [-2, false],
      [-1, true],
      [0, true],
      [1, true],
      [2, false],
    ] as const) {
      const { identityId, secret } = await withApp()
      const laterMs = AT_MS + 10 * STEP_MS
      const code = await codeAt(secret, laterMs + stepsOff * STEP_MS)
      expect(await use(identityId, code, laterMs), `${stepsOff} steps`).toBe(counts)
    }
  })

  test('that set the app up does not sign in as well', async () => {
    const { identityId, secret } = await withApp()
    expect(await use(identityId, await codeAt(secret, AT_MS), AT_MS)).toBe(false)
  })

  test('works once, also when it is tried fifty times at once, and older ones never again', async () => {
    const { identityId, secret } = await withApp()
    const laterMs = AT_MS + 4 * STEP_MS
    const code = await codeAt(secret, laterMs)
    expect(trues(await Promise.all(Array.from({ length: 50 }, () => use(identityId, code, laterMs))))).toBe(1)
    expect(await use(identityId, await codeAt(secret, laterMs - STEP_MS), laterMs)).toBe(false)
    expect(await use(identityId, await codeAt(secret, laterMs + STEP_MS), laterMs)).toBe(true)
  })

  test('is six digits; anything else is none', async () => {
    const { identityId } = await withApp()
    for (const none of ['', '12345', '1234567', 'abcdef', '12 456', '１２３４５６'])
      expect(await use(identityId, none, AT_MS)).toBe(false)
  })

  test('of fifty set-ups at once one is kept', async () => {
    const who = await newPerson()
    const forms = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const { secret, sealed } = inviteTotp(sealer, who)!
        return { ...who, sealed, code: await codeAt(secret, AT_MS) }
      }),
    )
    const kept = await Promise.all(forms.map((form) => confirmTotp(unit(), sealer, form)))
    expect(trues(kept.map((answer) => answer === 'kept'))).toBe(1)
    expect(kept.filter((answer) => answer === 'there_already')).toHaveLength(49)
  })

  test('comes from the secret an older system gave out, written with spaces or in small letters', async () => {
    const who = await newPerson()
    const given = { identityId: who.identityId, secret: 'jbsw y3dp ehpk 3pxp' }
    expect(await adoptTotp(unit(), sealer, { ...given, secret: 'no base 32!' })).toBe(false)
    expect(await adoptTotp(unit(), sealer, given)).toBe(true)
    expect(await adoptTotp(unit(), sealer, given)).toBe(false)
    const { createGuardrails } = await import('otplib')
    const guardrails = createGuardrails({ MIN_SECRET_BYTES: 10 })
    const epoch = Math.floor(AT_MS / 1000)
    const code = await generate({ secret: 'JBSWY3DPEHPK3PXP', epoch, guardrails })
    expect(await use(who.identityId, code, AT_MS)).toBe(true)
  })

  test('its secret stands nowhere in the database as it is', async () => {
    const { identityId, secret } = await withApp()
    const row = await database.db
      .selectFrom('totp_secrets')
      .selectAll()
      .where('identity_id', '=', identityId)
      .executeTakeFirstOrThrow()
    expect(JSON.stringify(row)).not.toContain(secret)
  })
})

describe('backup codes', () => {
  async function withCodes() {
    const { identityId } = await newPerson()
    const sessionId = random.uuid()
    const at = new Date(AT_MS)
    await database.db
      .insertInto('sessions')
      .values({
        ...{ id: sessionId, identity_id: identityId, kind: 'cookie', remembered: true },
        ...{ created_at: at, updated_at: at, rotate_at: at, expires_at: new Date(AT_MS + 1e9) },
      })
      .execute()
    const who = { identityId, sessionId }
    await inUnit((work) => renewBackupCodes(work, codeSealer, random, who))
    const codes = (await backupCodeSheet(database.db, codeSealer, { ...who, atMs: AT_MS }))!
    return { ...who, codes }
  }
  const use = (identityId: IdentityId, code: string) =>
    useBackupCode(database.db, codeSealer, { identityId, code, atMs: AT_MS })

  test('are ten different ones, and stand in the database only as hashes', async () => {
    const { identityId, codes } = await withCodes()
    expect(new Set(codes).size).toBe(BACKUP_CODES)
    for (const code of codes) expect(code).toMatch(/^[a-z2-9]{5}-[a-z2-9]{5}$/)
    const rows = await database.db
      .selectFrom('backup_codes')
      .selectAll()
      .where('identity_id', '=', identityId)
      .execute()
    expect(rows).toHaveLength(BACKUP_CODES)
    for (const code of codes) expect(JSON.stringify(rows)).not.toContain(code.replace('-', ''))
  })

  test('work once each, however they are typed', async () => {
    const { identityId, codes } = await withCodes()
    const [first = '', second = '', third = ''] = codes
    expect(await use(identityId, first)).toBe(true)
    expect(await use(identityId, first)).toBe(false)
    expect(await use(identityId, second.toUpperCase().replace('-', ' '))).toBe(true)
    expect(await use(identityId, ` ${third.replace('-', '')} `)).toBe(true)
    expect(await backupCodesLeft(database.db, identityId)).toBe(7)
    expect(await use((await withCodes()).identityId, codes[4]!)).toBe(false)
  })

  test('work once when fifty use one at the same time', async () => {
    const { identityId, codes } = await withCodes()
    const answers = await Promise.all(Array.from({ length: 50 }, () => use(identityId, codes[0]!)))
    expect(trues(answers)).toBe(1)
  })

  test('are read in the session that made them, for ten minutes, until they are put away', async () => {
    const { identityId, sessionId, codes } = await withCodes()
    const read = (session: string, atMs: number) =>
      backupCodeSheet(database.db, codeSealer, { identityId, sessionId: session, atMs })
    expect(await read(sessionId, AT_MS + SHEET_LASTS_MS - 1)).toEqual(codes)
    expect(await read(sessionId, AT_MS + SHEET_LASTS_MS)).toBeNull()
    expect(await read(random.uuid(), AT_MS)).toBeNull()
    await putSheetAway(database.db, identityId)
    expect(await read(sessionId, AT_MS)).toBeNull()
  })

  test('made anew replace the old ones, and of several renewals at once the shown ones are those that work', async () => {
    const { identityId, sessionId, codes } = await withCodes()
    await Promise.all(
      Array.from({ length: 5 }, () =>
        inUnit((work) => renewBackupCodes(work, codeSealer, random, { identityId, sessionId })),
      ),
    )
    expect(await backupCodesLeft(database.db, identityId)).toBe(BACKUP_CODES)
    const shown = (await backupCodeSheet(database.db, codeSealer, { identityId, sessionId, atMs: AT_MS }))!
    expect(await use(identityId, codes[0]!)).toBe(false)
    for (const code of shown) expect(await use(identityId, code)).toBe(true)
  })

  test('of before the secret was changed still work', async () => {
    const { identityId, codes } = await withCodes()
    const rotated = makeSealer([NEW, OLD], 'backup codes', random)
    const given = { identityId, code: codes[0]!, atMs: AT_MS }
    expect(await useBackupCode(database.db, rotated, given)).toBe(true)
  })
})

describe('wrong tries', () => {
  const newKey = () => signInTries(`tries${people++}@demo.honeycab`)

  test('lock with the fifth, for thirty minutes and no longer', async () => {
    const key = newKey()
    for (let failures = 1; failures <= MOST_FAILURES; failures++) {
      expect(await lockedUntilMs(database.db, key, AT_MS)).toBeNull()
      expect(await takeTry(database.db, key, AT_MS)).toEqual({ failures })
    }
    expect(await lockedUntilMs(database.db, key, AT_MS)).toBe(AT_MS + LOCK_MS)
    expect(await takeTry(database.db, key, AT_MS + LOCK_MS - 1)).toBeNull()
    // What is tried while it is locked prolongs nothing.
    expect(await takeTry(database.db, key, AT_MS + LOCK_MS)).toEqual({ failures: 1 })
    expect(await lockedUntilMs(database.db, key, AT_MS + LOCK_MS)).toBeNull()
  })

  test('of fifty at once no more than five are looked at', async () => {
    const key = newKey()
    const taken = await Promise.all(Array.from({ length: 50 }, () => takeTry(database.db, key, AT_MS)))
    expect(taken.flatMap((one) => (one === null ? [] : [one.failures])).toSorted()).toEqual([1, 2, 3, 4, 5])
  })

  test('are forgotten half an hour after the last one', async () => {
    const key = newKey()
    for (let n = 0; n < 4; n++) await takeTry(database.db, key, AT_MS)
    expect(await takeTry(database.db, key, AT_MS + LOCK_MS - 1)).toEqual({ failures: 5 })
    const other = newKey()
    for (let n = 0; n < 4; n++) await takeTry(database.db, other, AT_MS)
    expect(await takeTry(database.db, other, AT_MS + LOCK_MS)).toEqual({ failures: 1 })
  })

  test('that turn out right are given back, the fifth with its lock; those before stay', async () => {
    const key = newKey()
    for (let n = 0; n < 4; n++) await takeTry(database.db, key, AT_MS)
    const fifth = (await takeTry(database.db, key, AT_MS))!
    await giveBackTry(database.db, key, fifth)
    expect(await lockedUntilMs(database.db, key, AT_MS)).toBeNull()
    expect(await takeTry(database.db, key, AT_MS)).toEqual({ failures: 5 })
    await forgetTries(database.db, key)
    expect(await takeTry(database.db, key, AT_MS)).toEqual({ failures: 1 })
  })

  test('do not count for somebody else, and yesterday’s rows go', async () => {
    const [key, other] = [newKey(), newKey()]
    for (let n = 0; n < MOST_FAILURES; n++) await takeTry(database.db, key, AT_MS)
    expect(await takeTry(database.db, other, AT_MS)).toEqual({ failures: 1 })
    expect(await forgetOldTries(database.db, AT_MS + 24 * 3_600_000)).toBe(0)
    expect(await forgetOldTries(database.db, AT_MS + 24 * 3_600_000 + 1)).toBeGreaterThanOrEqual(2)
  })
})
