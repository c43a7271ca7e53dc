/** Two servers on one database and one Redis, behind a proxy: one effect a key, and one count of what anybody does. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type App, createApp } from '../../src/app.ts'
import { makeLocalBus } from '../../src/io/bus/local.ts'
import { parseConfig, withPort } from '../../src/io/config.ts'
import { LIMITS } from '../../src/io/limits.ts'
import { createLog } from '../../src/io/log.ts'
import { openOutgoing } from '../../src/io/outgoing.ts'
import { openRedis, type Redis } from '../../src/io/redis.ts'
import { makeMemoryPositions } from '../../src/positions/memory-store.ts'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import { type Client, makeClient } from '../support/client.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { askPrices } from '../support/ride-steps.ts'
import { describeWith, freePort } from '../support/servers.ts'

interface Server {
  readonly app: App
  readonly origin: string
  readonly redis: Redis
}

describeWith('redis', 'two servers', () => {
  let world: AppWorld
  let redis: TestRedis
  let servers: Server[]

  beforeAll(async () => {
    world = await startApp({ running: false })
    redis = await startRedis()
    servers = [await start(), await start()]
  }, 60_000)
  afterAll(async () => {
    for (const { app, redis: line } of servers) {
      await app.drain()
      await app.elysia.server?.stop(true)
      await line.close()
    }
    await redis.stop()
    await world.stop()
  })

  async function start(): Promise<Server> {
    const { clock, random, db, walled, files } = world
    const log = createLog('silent')
    const config = withPort(
      parseConfig({
        SESSION_SECRETS: world.config.sessionSecrets.join(','),
        TILE_URL: '',
        TRUST_PROXY: 'on',
      }),
      freePort(),
    )
    const line = await openRedis({ url: redis.url, log, random })
    const app = await createApp({
      ...{ config, clock, random, log, db, walled, files, redis: line },
      ...{ bus: makeLocalBus(log), store: makeMemoryPositions(), outgoing: openOutgoing(config) },
    })
    app.elysia.listen({ port: config.port, hostname: '127.0.0.1' })
    return { app, origin: `http://localhost:${config.port}`, redis: line }
  }

  /** The same person at both. */
  const at = ({ client: { session } }: Person): Client[] =>
    servers.map(({ origin }) => makeClient({ origin, session }))
  const turn = <T>(list: readonly T[], n: number) => list[n % list.length]!
  const tally = (statuses: readonly number[]) =>
    Object.fromEntries(
      [...Map.groupBy(statuses, (status) => status)].map(([status, all]) => [status, all.length]),
    )

  test('asked for one ride twenty times at once, both answer with the same one', async () => {
    const { rider } = world.canal
    const body = { quoteId: (await askPrices(rider)).options[0]!.quoteId, payment: 'cash' }
    const headers = { 'idempotency-key': crypto.randomUUID() }
    const clients = at(rider)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => turn(clients, n).call('POST', '/api/v1/rides', body, headers)),
    )
    expect(tally(answers.map(({ status }) => status))).toEqual({ 201: 20 })
    const rides = new Set(
      await Promise.all(answers.map(async (answer) => ((await answer.json()) as { id: string }).id)),
    )
    expect(rides.size).toBe(1)
    const rows = await world.db
      .selectFrom('rides')
      .select('id')
      .where('rider_id', '=', rider.identityId)
      .execute()
    expect(rows.map(({ id }) => id as string)).toEqual([...rides])
    const other = await clients[1]!.call('POST', '/api/v1/rides', { ...body, note: 'another' }, headers)
    expect(other.status).toBe(422)
  })

  test('asked for prices twenty times at once by a browser that has not signed in, too', async () => {
    const first = await fetch(`${servers[0]!.origin}/api/v1/session`)
    const cookie = first.headers.getSetCookie()[0]!.split(';')[0]!
    const { csrf } = (await first.json()) as { csrf: string }
    const clients = servers.map(({ origin }) => makeClient({ origin, session: { cookie, csrf } }))
    const body = { from: { lat: 40.758, lng: -73.9855 }, to: { lat: 40.7074, lng: -74.0113 } }
    const headers = { 'idempotency-key': crypto.randomUUID() }
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => turn(clients, n).call('POST', '/api/v1/quotes', body, headers)),
    )
    expect(tally(answers.map(({ status }) => status))).toEqual({ 201: 20 })
    const sets = await Promise.all(
      answers.map(async (answer) => ((await answer.json()) as { id: string }).id),
    )
    expect(new Set(sets).size).toBe(1)
  })

  test('an address is the one our proxy saw, whatever was forged in front, and is counted at both together', async () => {
    const { points } = LIMITS.places_address
    const ask = (n: number, seen: string) =>
      fetch(`${turn(servers, n).origin}/api/v1/places?q=x`, {
        headers: {
          'x-forwarded-for': `10.${n % 250}.7.7, ${seen}`,
          'x-real-ip': `10.1.1.${n % 250}`,
          forwarded: 'for=1.2.3.4',
        },
      })
    const statuses: number[] = []
    for (let n = 0; n < points + 10; n += 10) {
      const some = await Promise.all(Array.from({ length: 10 }, (_, k) => ask(n + k, '203.0.113.9')))
      statuses.push(...some.map(({ status }) => status))
    }
    expect(tally(statuses)).toEqual({ 200: points, 429: 10 })
    for (const n of [0, 1]) {
      const refused = await ask(n, '203.0.113.9')
      expect(refused.status).toBe(429)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect((await ask(n, '203.0.113.10')).status).toBe(200)
    }
  }, 30_000)

  test('a person is counted at both together, from however many addresses', async () => {
    const { points } = LIMITS.unsafe_person
    const clients = at(world.canal.otherRider)
    const ask = (n: number) =>
      turn(clients, n).call(
        'POST',
        '/api/v1/rides',
        { nothing: n },
        { 'x-forwarded-for': `198.51.${n % 200}.${n % 250}` },
      )
    const statuses: number[] = []
    for (let n = 0; n < points + 10; n += 10) {
      const some = await Promise.all(Array.from({ length: 10 }, (_, k) => ask(n + k)))
      statuses.push(...some.map(({ status }) => status))
    }
    expect(tally(statuses)).toEqual({ 422: points, 429: 10 })
    const [first, second] = await Promise.all([ask(0), ask(1)])
    expect([first!.status, second!.status]).toEqual([429, 429])
    expect(Number(first!.headers.get('retry-after'))).toBeGreaterThan(0)
    // Reading goes on, and so does everybody else.
    expect((await clients[0]!.get('/rides', { 'x-forwarded-for': '198.51.1.1' })).status).toBe(200)
    const somebody = await at(world.canal.rider)[0]!.call(
      'POST',
      '/api/v1/rides',
      {},
      { 'x-forwarded-for': '198.51.1.1' },
    )
    expect(somebody.status).toBe(422)
  }, 30_000)
})
