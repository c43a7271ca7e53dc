/** A connection that breaks while it commits: nobody knows what came of it, and the key finds out. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type pg from 'pg'
import { makeAuth } from '../../src/accounts/accounts.ts'
import { assert, type IdentityId, seededRandom } from '../../src/engine/units.ts'
import { makeLocalBus } from '../../src/io/bus/local.ts'
import { systemClock } from '../../src/io/clock.ts'
import { commit } from '../../src/io/commit.ts'
import { parseConfig } from '../../src/io/config.ts'
import { createLog } from '../../src/io/log.ts'
import { OutsideError } from '../../src/io/outside.ts'
import { type Database, open } from '../../src/io/postgres.ts'
import { systemRandom } from '../../src/io/random.ts'
import { hashBody, once } from '../../src/web/idempotency.ts'
import { HttpProblem } from '../../src/web/problem.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const TIMES = 60
const log = createLog('silent')
const clock = systemClock()
const random = systemRandom(clock)
const bus = makeLocalBus(log)
let database: TestDatabase
/** Over connections that break when told to. */
let frail: Database
let ada: IdentityId
/** The next COMMIT loses its connection so long after it was sent; null leaves it whole. */
let breaksAfterMs: number | null = null

beforeAll(async () => {
  database = await testDatabase()
  const config = parseConfig({ SESSION_SECRETS: 'x'.repeat(32) })
  const auth = makeAuth({ db: database.db, bus, config, clock, random, log })
  const made = await auth.createPerson({
    name: 'Ada',
    email: 'ada@x.example',
    password: null,
    memberships: [],
  })
  assert(made.ok, 'nobody has this address')
  ada = made.value
  frail = await open(database.connection, 4, log)
  // The one connection there is already, and each that takes the place of a broken one.
  const seen = new WeakSet<pg.PoolClient>()
  frail.pool.on('acquire', (client) => {
    if (!seen.has(client)) breakOnCommit(client as pg.PoolClient & Wired)
    seen.add(client)
  })
}, 60_000)
afterAll(async () => {
  await frail.stop()
  await database.stop()
})

interface Wired {
  readonly connection: { readonly stream: { destroy(): void } }
}

function breakOnCommit(client: pg.PoolClient & Wired): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown
  const patched = (...args: unknown[]) => {
    const answer = query(...args)
    const text = typeof args[0] === 'string' ? args[0] : (args[0] as { text?: string } | null)?.text
    if (breaksAfterMs !== null && text?.toLowerCase() === 'commit') {
      const { stream } = client.connection
      const afterMs = breaksAfterMs
      breaksAfterMs = null
      // At once: the word may not even have left. Later: it was done, and its answer never came.
      if (afterMs === 0) stream.destroy()
      else setTimeout(() => stream.destroy(), afterMs)
    }
    return answer
  }
  client.query = patched as typeof client.query
}

/** One sending of a request that founds a company called by its key. */
function send(key: string) {
  return commit({ db: frail.db, bus, clock }, (unit) =>
    once(
      unit.db,
      { identityId: ada, route: 'POST /companies', key, bodyHash: hashBody({ key }), atMs: unit.atMs },
      async () => {
        const id = random.uuid()
        await unit.db
          .insertInto('companies')
          .values({
            ...{ id: id as never, slug: `c-${id}`, name: key, host: null, currency: 'USD' as never },
            ...{ time_zone: 'UTC', locale: 'en', phone: null },
          })
          .execute()
        return { status: 201, body: { id } }
      },
    ),
  )
}

/** As somebody does who heard nothing: the same again, until there is an answer. */
async function sendUntilAnswered(key: string) {
  for (let tries = 1; ; tries++) {
    try {
      return { ...(await send(key)), tries }
    } catch (error) {
      const mayTryAgain =
        error instanceof OutsideError || (error instanceof HttpProblem && error.status === 409)
      if (!mayTryAgain || tries === 20) throw error
      await Bun.sleep(20)
    }
  }
}

test(`broken ${TIMES} times during COMMIT, each request has one effect and its answer`, async () => {
  const seed = Number(process.env.SEED ?? 7)
  const next = seededRandom(seed)
  let lost = 0
  let done = 0
  for (let n = 0; n < TIMES; n++) {
    const key = `${seed}-${n}-${random.uuid()}`
    breaksAfterMs = n % 3 === 0 ? 0 : next() * 3
    const answer = await sendUntilAnswered(key)
    breaksAfterMs = null
    const rows = await database.db.selectFrom('companies').select('id').where('name', '=', key).execute()
    expect(
      rows.map(({ id }) => ({ id: id as string })),
      `SEED=${seed}, ${n}`,
    ).toEqual([answer.body as { id: string }])
    if (answer.tries > 1) lost++
    if (answer.replayed) done++
  }
  process.stdout.write(`${lost} of ${TIMES} broke, ${done} of them after they were committed\n`)
  expect(lost).toBeGreaterThanOrEqual(TIMES / 3)
}, 60_000)
