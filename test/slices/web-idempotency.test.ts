import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { makeAuth } from '../../src/accounts/accounts.ts'
import { assert, type IdentityId } from '../../src/engine/units.ts'
import { makeLocalBus } from '../../src/io/bus/local.ts'
import { manualClock } from '../../src/io/clock.ts'
import { createLog } from '../../src/io/log.ts'
import { systemRandom } from '../../src/io/random.ts'
import {
  forgetOldKeys,
  hashBody,
  type KeptAnswer,
  once,
  oneTimeKey,
  visitorOf,
} from '../../src/web/idempotency.ts'
import { HttpProblem } from '../../src/web/problem.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const START_MS = Date.UTC(2026, 10, 21, 9)
const clock = manualClock(START_MS)
const random = systemRandom(clock)
const log = createLog('silent')
let database: TestDatabase
let ada: IdentityId
let bo: IdentityId

beforeAll(async () => {
  database = await testDatabase()
  const config = {
    publicUrl: 'http://localhost',
    sessionSecrets: ['x'.repeat(32)],
    databaseUrl: null,
    host: '127.0.0.1',
  }
  const auth = makeAuth({ db: database.db, bus: makeLocalBus(log), config, clock, random, log })
  const person = async (name: string) => {
    const made = await auth.createPerson({
      name,
      email: `${name}@x.example`,
      password: null,
      memberships: [],
    })
    assert(made.ok, 'nobody has this address')
    return made.value
  }
  ada = await person('ada')
  bo = await person('bo')
}, 60_000)
afterAll(() => database.stop())

interface Use {
  identityId?: IdentityId
  visitor?: string
  route?: string
  key: string
  body?: unknown
}

/** One request: its key, its work (a company founded under `slug`, visible in the database), its answer. */
function send(use: Use, work: (found: () => Promise<unknown>) => Promise<KeptAnswer>) {
  return database.db.transaction().execute((trx) => {
    const found = () =>
      trx
        .insertInto('companies')
        .values({
          id: random.uuid() as never,
          slug: `c-${random.uuid()}`,
          name: use.key,
          host: null,
          currency: 'USD',
          time_zone: 'UTC',
          locale: 'en',
          phone: null,
        })
        .execute()
    const { identityId = ada, route = 'POST /rides', key } = use
    const bodyHash = hashBody(use.body ?? {})
    const holder = use.visitor === undefined ? { identityId } : visitorOf(use.visitor)
    return once(trx, { ...holder, route, key, bodyHash, atMs: clock.nowMs() }, () => work(found))
  })
}

async function effects(key: string): Promise<number> {
  const rows = await database.db.selectFrom('companies').select('id').where('name', '=', key).execute()
  return rows.length
}

const done = async (found: () => Promise<unknown>): Promise<KeptAnswer> => {
  await found()
  return { status: 303, body: { made: random.uuid() }, location: `/rides/${random.uuid()}` }
}

const statusOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => null,
    (error: unknown) => (error instanceof HttpProblem ? error.status : error),
  )

describe('a one-time key', () => {
  test('sent twenty times at once has one effect, and all get its answer', async () => {
    const key = crypto.randomUUID()
    const answers = await Promise.all(Array.from({ length: 20 }, () => send({ key }, done)))
    expect(await effects(key)).toBe(1)
    expect(new Set(answers.map(({ location }) => location)).size).toBe(1)
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1)
    expect(answers.filter(({ replayed }) => !replayed).length).toBe(1)
    expect(answers.every(({ status }) => status === 303)).toBe(true)
  })

  test('sent again later gets the first answer, as JSON or as a redirect', async () => {
    const key = crypto.randomUUID()
    const first = await send({ key }, async () => ({ status: 201, body: { id: 7, note: null } }))
    expect(first).toEqual({ status: 201, body: { id: 7, note: null }, replayed: false })
    expect(await send({ key }, done)).toEqual({ status: 201, body: { id: 7, note: null }, replayed: true })
  })

  test('with another body is refused', async () => {
    const key = crypto.randomUUID()
    await send({ key, body: { quoteId: 'a' } }, done)
    expect(await statusOf(send({ key, body: { quoteId: 'b' } }, done))).toBe(422)
    expect(await statusOf(send({ key, body: { quoteId: 'a' } }, done))).toBeNull()
    expect(await effects(key)).toBe(1)
  })

  test('belongs to one person and one route', async () => {
    const key = crypto.randomUUID()
    await send({ key }, done)
    await send({ key, identityId: bo }, done)
    await send({ key, route: 'POST /offers/7/acceptance' }, done)
    expect(await effects(key)).toBe(3)
  })

  test('of a browser that has not signed in is its own, and its random value is not kept', async () => {
    const key = crypto.randomUUID()
    const [first, second] = ['the value of one browser', 'the value of another']
    const answers = await Promise.all(Array.from({ length: 10 }, () => send({ key, visitor: first }, done)))
    expect(new Set(answers.map(({ location }) => location)).size).toBe(1)
    expect((await send({ key, visitor: second }, done)).replayed).toBe(false)
    expect((await send({ key }, done)).replayed).toBe(false)
    expect(await effects(key)).toBe(3)
    const rows = await database.db.selectFrom('idempotency_keys').selectAll().where('key', '=', key).execute()
    expect(JSON.stringify(rows)).not.toContain('the value of')
  })

  test('is free again when the work failed, and nothing of the work stays', async () => {
    const key = crypto.randomUUID()
    const failing = send({ key }, async (found) => {
      await found()
      throw new HttpProblem(409, 'The price ran out.')
    })
    expect(await statusOf(failing)).toBe(409)
    expect(await effects(key)).toBe(0)
    expect((await send({ key }, done)).replayed).toBe(false)
    expect(await effects(key)).toBe(1)
  })

  test('says so when the first is still being done', async () => {
    const key = crypto.randomUUID()
    let finish = () => {}
    const started = Promise.withResolvers<void>()
    const first = send({ key }, async (found) => {
      started.resolve()
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      return done(found)
    })
    await started.promise
    expect(await statusOf(send({ key }, done))).toBe(409)
    finish()
    expect((await first).replayed).toBe(false)
    expect((await send({ key }, done)).location).toBe((await first).location!)
  }, 10_000)

  test('is forgotten after a day', async () => {
    const key = crypto.randomUUID()
    await send({ key }, done)
    await forgetOldKeys(database.db, START_MS + 24 * 3_600_000)
    expect((await send({ key }, done)).replayed).toBe(true)
    expect(await forgetOldKeys(database.db, START_MS + 24 * 3_600_000 + 1)).toBeGreaterThan(0)
    expect((await send({ key }, done)).replayed).toBe(false)
  })
})

describe('a key', () => {
  test('is 8 to 128 letters, digits, hyphens and underscores', () => {
    for (const key of ['12345678', 'a-b_c-d_', 'x'.repeat(128)]) expect(oneTimeKey(key)).toBe(key)
    expect(() => oneTimeKey()).toThrow(HttpProblem)
  })

  test('short, long and strange keys are refused', () => {
    for (const key of ['', 'short', 'x'.repeat(129), 'with spaces in it', "quote'); drop"]) {
      expect(() => oneTimeKey(key)).toThrow(HttpProblem)
    }
  })
})

describe('two bodies are the same', () => {
  test('whatever the order of their fields, and without counting the key itself', () => {
    expect(hashBody({ a: 1, b: { c: [1, 2], d: null }, key: 'one' })).toBe(
      hashBody({ key: 'two', b: { d: null, c: [1, 2] }, a: 1 }),
    )
  })

  test('not when a value differs', () => {
    const hashes = [{}, { a: 1 }, { a: '1' }, { a: [1] }, { a: { b: 1 } }, { a: null }, { a: [2, 1] }].map(
      hashBody,
    )
    expect(new Set(hashes).size).toBe(hashes.length)
  })
})
