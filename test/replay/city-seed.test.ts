import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeAuth } from '../../src/accounts/accounts.ts'
import { makeFactors } from '../../src/accounts/factors.ts'
import { pulseLine, readPulse } from '../../src/demo.ts'
import { makeLocalBus } from '../../src/io/bus/local.ts'
import { manualClock } from '../../src/io/clock.ts'
import { createLog } from '../../src/io/log.ts'
import { seededRandomSource } from '../../src/io/random.ts'
import { type DemoWorld, seedDemo } from '../../src/replay/city/seed.ts'
import { demoSignIns, SIGN_INS_FILE } from '../../src/replay/city/sign-ins.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'
import { makeTempDir, removeDir } from '../support/servers.ts'

const clock = manualClock(Date.UTC(2026, 10, 21, 9))
const random = seededRandomSource(11, clock)
const log = createLog('silent')
const city = { drivers: 12, riders: 8 }
let database: TestDatabase
let world: DemoWorld
let auth: ReturnType<typeof makeAuth>
/** Whether it signs somebody in. */
let opens: (signIn: { readonly email: string; readonly password: string }) => Promise<boolean>
let dataDir: string

beforeAll(async () => {
  database = await testDatabase()
  dataDir = makeTempDir('demo')
  const config = {
    publicUrl: 'http://localhost',
    sessionSecrets: ['a secret long enough to sign with in tests'],
    databaseUrl: null,
    host: '127.0.0.1',
  }
  const bus = makeLocalBus(log)
  auth = makeAuth({ db: database.db, bus, config, clock, random, log })
  const { signIn } = makeFactors({ db: database.db, bus, config, clock, random, auth })
  opens = async ({ email, password }) => {
    const who = { email, password, kind: 'cookie', remembered: false, next: '' } as const
    return (await signIn.byPassword(who, place)).state === 'signed_in'
  }
  world = await seedDemo(database.db, { random, nowMs: clock.nowMs(), city })
})
afterAll(async () => {
  await database.stop()
  removeDir(dataDir)
})

const signIns = () => demoSignIns({ db: database.db, auth, random, dataDir })
const place = { address: '127.0.0.1', requestId: 'r', userAgent: 'test', browser: null }

describe('the demo world', () => {
  test('is made once: the next start finds it and changes nothing', async () => {
    const again = await seedDemo(database.db, { random, nowMs: clock.nowMs() + 1_000, city })
    expect(again).toEqual(world)
    const count = async (table: 'companies' | 'drivers' | 'identities' | 'tariffs') => {
      const row = await database.db
        .selectFrom(table)
        .select((eb) => eb.fn.countAll<number>().as('rows'))
        .executeTakeFirstOrThrow()
      return row.rows
    }
    expect(await count('companies')).toBe(1)
    expect(await count('drivers')).toBe(13)
    expect(await count('identities')).toBe(24)
    // One a class in force, and a draft to look at.
    expect(await count('tariffs')).toBe(4)
  })

  test('simulated people have no password', async () => {
    await signIns()
    const rows = await database.db
      .selectFrom('credentials')
      .innerJoin('identities', 'identities.id', 'credentials.identity_id')
      .select('identities.email')
      .execute()
    expect(rows.map(({ email }) => email).toSorted()).toEqual([
      'ada@demo.honeycab',
      'bo@demo.honeycab',
      'ines@demo.honeycab',
      'max@demo.honeycab',
    ])
  })

  test('its pulse counts cars on shift and rides by where they are', async () => {
    const pulse = await readPulse(database.db, { companyId: world.companyId, since: new Date(clock.nowMs()) })
    expect(pulseLine(pulse)).toBe('demo: cars 0, waiting 0, on the way 0, riding 0, completed 0')
  })
})

describe('the demo sign-ins', () => {
  test('are the same at every start of a data folder, and open the door', async () => {
    const first = await signIns()
    expect(await signIns()).toEqual(first)
    expect(first.map(({ role }) => role)).toEqual(['rider', 'driver', 'dispatcher', 'admin'])
    for (const signIn of first) expect(await opens(signIn)).toBe(true)
  })

  test('lie in a file that only this user can read', () => {
    expect(statSync(join(dataDir, SIGN_INS_FILE)).mode & 0o777).toBe(0o600)
  })

  test('follow the file: lost or damaged, new passwords replace the old ones', async () => {
    const before = await signIns()
    writeFileSync(join(dataDir, SIGN_INS_FILE), '{"half a')
    const after = await signIns()
    expect(after.map(({ password }) => password)).not.toEqual(before.map(({ password }) => password))
    expect(await opens(after[0]!)).toBe(true)
    expect(await opens(before[0]!)).toBe(false)
    expect(readFileSync(join(dataDir, SIGN_INS_FILE), 'utf8')).toContain(after[0]!.password)
  })
})
