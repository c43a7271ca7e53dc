/** Servers one could ask instead, started here on loopback: Redis with a geo set a class, and PostGIS. */
import pg from 'pg'
import { createClient } from 'redis'
import { startPostgres } from '../test/support/postgres.ts'
import { startRedis } from '../test/support/redis.ts'
import { type City, MAX_M, type Points } from './workload.ts'

const K = 8
const ROUNDS = 3
const IN_FLIGHT = 64
const REDIS_REQUESTS = 2_000
const POSTGIS_REQUESTS = 400
const FIRST_RUNG_M = 312.5
const BATCH = 2_000
/** PostGIS keeps one connection busy with one query at a time; two cores take no more than a few. */
const POSTGIS_CONNECTIONS = 4

export interface ServerFigures {
  readonly figures: Readonly<Record<string, number>>
  readonly row: Readonly<Record<string, number>>
  readonly skipped: readonly string[]
}

export const NO_SERVERS: ServerFigures = { figures: {}, row: {}, skipped: [] }

/** Each server's time for a query, with many in flight, over ours. */
export async function serverPeers(city: City, requests: Points, oursMs: number): Promise<ServerFigures> {
  const [redis, postgis] = [await redisPeer(city, requests), await postgisPeer(city, requests)]
  const figures: Record<string, number> = {}
  const row: Record<string, number> = {}
  const add = (name: string, label: string, tookMs: number | null) => {
    if (tookMs === null) return
    figures[`k${K}_100k_vs_${name}`] = tookMs / oursMs
    row[label] = Number((1_000 * tookMs).toFixed(1))
  }
  add('redis_5km', 'Redis 5 km', redis?.wholeMs ?? null)
  add('redis_ladder', 'Redis ladder', redis?.ladderMs ?? null)
  add('postgis', 'PostGIS', postgis)
  const skipped = [...(redis === null ? ['Redis'] : []), ...(postgis === null ? ['PostGIS'] : [])]
  return { figures, row, skipped }
}

async function redisPeer(
  city: City,
  requests: Points,
): Promise<{ wholeMs: number; ladderMs: number } | null> {
  const server = await startRedis().catch(() => null)
  if (server === null) return null
  const client = clientOf(server.url)
  try {
    await client.connect()
    await fillRedis(client, city)
    const search = (request: number, radius: number) =>
      client.geoSearchWith(
        `free:${requests.who[request]}`,
        { latitude: requests.lats[request]!, longitude: requests.lngs[request]! },
        { radius, unit: 'm' },
        ['WITHDIST'],
        { SORT: 'ASC', COUNT: K },
      )
    // Twice the radius until enough are found.
    const climb = async (request: number) => {
      for (let radius = FIRST_RUNG_M; ; radius = Math.min(MAX_M, 2 * radius)) {
        const found = await search(request, radius)
        if (found.length >= K || radius >= MAX_M) return
      }
    }
    const whole = async (request: number) => void (await search(request, MAX_M))
    return {
      wholeMs: await bestOf(() => inFlight(REDIS_REQUESTS, IN_FLIGHT, whole)),
      ladderMs: await bestOf(() => inFlight(REDIS_REQUESTS, IN_FLIGHT, climb)),
    }
  } finally {
    client.destroy()
    await server.stop()
  }
}

const clientOf = (url: string) => createClient({ url })

async function fillRedis(client: ReturnType<typeof clientOf>, city: City): Promise<void> {
  const members = new Map<string, { longitude: number; latitude: number; member: string }[]>()
  for (let car = 0; car < city.lats.length; car++) {
    if (city.free[car] === 0) continue
    const key = `free:${city.classMasks[car]}`
    const list = members.get(key) ?? []
    members.set(key, list)
    list.push({ longitude: city.lngs[car]!, latitude: city.lats[car]!, member: String(car) })
  }
  for (const [key, list] of members)
    for (let n = 0; n < list.length; n += BATCH) await client.geoAdd(key, list.slice(n, n + BATCH))
}

async function postgisPeer(city: City, requests: Points): Promise<number | null> {
  const server = await startPostgres({ flavour: 'server' }).catch(() => null)
  if (server === null) return null
  const pool = new pg.Pool({ ...server.connection, max: POSTGIS_CONNECTIONS })
  // The server is ended while the pool may still hold a connection.
  pool.on('error', () => {})
  try {
    const has = await pool.query(`select 1 from pg_available_extensions where name = 'postgis'`)
    if (has.rows.length === 0) return null
    await fillPostgis(pool, city)
    // The class stands in the text: a partial index fits a query only when the planner sees it.
    const nearest = (request: number) =>
      pool.query({
        name: `nearest ${requests.who[request]}`,
        text: `select car, cars.at <-> q.at as metres
          from cars, (select st_makepoint($1, $2)::geography as at) as q
          where free and class = ${requests.who[request]} and st_dwithin(cars.at, q.at, ${MAX_M})
          order by cars.at <-> q.at limit ${K}`,
        values: [requests.lngs[request], requests.lats[request]],
      })
    return await bestOf(() => inFlight(POSTGIS_REQUESTS, POSTGIS_CONNECTIONS, nearest))
  } finally {
    await pool.end()
    await server.stop()
  }
}

async function fillPostgis(pool: pg.Pool, city: City): Promise<void> {
  await pool.query('create extension postgis')
  await pool.query('create table cars (car int, class int, free boolean, at geography(point))')
  await pool.query(
    `insert into cars select car, class, free, st_makepoint(lng, lat)::geography
     from unnest($1::int[], $2::int[], $3::boolean[], $4::float8[], $5::float8[]) as t (car, class, free, lng, lat)`,
    [
      Array.from(city.lats, (_, car) => car),
      Array.from(city.classMasks),
      Array.from(city.free, (free) => free === 1),
      Array.from(city.lngs),
      Array.from(city.lats),
    ],
  )
  for (const mask of [1, 2, 4])
    await pool.query(`create index on cars using gist (at) where free and class = ${mask}`)
  await pool.query('vacuum analyze cars')
}

/** Milliseconds a request, `many` of them under way at once. */
async function inFlight(
  requests: number,
  many: number,
  ask: (request: number) => Promise<unknown>,
): Promise<number> {
  let next = 0
  const startedNs = Bun.nanoseconds()
  await Promise.all(
    Array.from({ length: many }, async () => {
      while (next < requests) await ask(next++)
    }),
  )
  return (Bun.nanoseconds() - startedNs) / 1e6 / requests
}

/**
 * The quickest round: a server shares the machine with us, and shall not be blamed for others on it. It is timed by the
 * clock on the wall all the same, so these ratios count on a quiet machine only.
 */
async function bestOf(measure: () => Promise<number>): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) best = Math.min(best, await measure())
  return best
}
