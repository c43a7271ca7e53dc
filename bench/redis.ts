/**
 * Positions into Redis: our store, which hands over what gathered in a tick as one command a key, places as a ZADD with
 * the scores that GEOADD would make (`src/positions/geo-score.ts`), against a GEOADD a position through the same client
 * with a thousand on their way at once, and against a bare socket to which our very calls are written as bytes, with no
 * store and no client between. Counted is processor time, ours and the server's. One process
 * writes; what it costs when another listens, to which every position is published, is printed beside. What lies in
 * Redis afterwards is compared with what was put last.
 */
import { connect, type Socket } from 'node:net'
import { distanceM } from '../src/engine/geo.ts'
import { type DriverId, type RegionId, seededRandom } from '../src/engine/units.ts'
import { manualClock } from '../src/io/clock.ts'
import { createLog } from '../src/io/log.ts'
import { systemRandom } from '../src/io/random.ts'
import { openRedis, type Redis } from '../src/io/redis.ts'
import { keysOf, plainCommands, writtenAtMs } from '../src/positions/redis-format.ts'
import { makeRedisPositions } from '../src/positions/redis-store.ts'
import type { Position } from '../src/positions/store.ts'
import { startRedis } from '../test/support/redis.ts'
import { findServer } from '../test/support/servers.ts'
import { type Bench, IS_SMALL, median, medianRatio, type Report } from './run.ts'
import { cityOf } from './workload.ts'

/** Cars that report in one tick, as many as one call takes. */
const CARS = IS_SMALL ? 200 : 5_000
const TICKS = IS_SMALL ? 2 : 8
const ROUNDS = IS_SMALL ? 1 : 7
const IN_FLIGHT = 1_000
const SEED = 20_261_127
const START_MS = Date.UTC(2026, 10, 21, 18)
/** A geo set keeps places to about half a metre. */
const NEAR_M = 1

/** One text a driver, as the product has it. */
const DRIVERS = Array.from(
  { length: CARS },
  (_, car) => `019a7c2e-0000-7000-8000-${String(car).padStart(12, '0')}` as DriverId,
)
const regions = { ours: 'ours' as RegionId, heard: 'heard' as RegionId, raw: 'raw' as RegionId }

/** The positions of one tick after the other, each newer than the one before and 11 m further on. */
function ticksOf(count: number, firstMs: number): Position[][] {
  const city = cityOf(CARS, seededRandom(SEED))
  return Array.from({ length: count }, (_, tick) =>
    Array.from({ length: CARS }, (_, car) => ({
      driverId: DRIVERS[car]!,
      lat: city.lats[car]! + (firstMs - START_MS + tick) * 1e-4,
      lng: city.lngs[car]!,
      headingDeg: (car * 7 + tick) % 360,
      speedMps: 8.5,
      accuracyM: 6.5,
      atMs: firstMs + tick,
    })),
  )
}

const NAMES = {
  ours: 'our store',
  heard: 'our store, another process listens',
  single: 'a GEOADD each',
  raw: 'bare socket, our calls',
}

async function run(): Promise<Report> {
  if (findServer('redis') === null) return { figures: {}, table: [], wrong: 0, skipped: ['Redis'] }
  const server = await startRedis()
  const clock = manualClock(START_MS)
  const log = createLog('silent')
  const random = systemRandom(clock)
  const redis = await openRedis({ url: server.url, log, random, commandTimeoutMs: 30_000 })
  const store = makeRedisPositions({ redis, clock, log, random })
  // As in the product, where every process hears the others, and what is published comes back to it.
  await store.onMoved(regions.ours, () => {})
  await store.onMoved(regions.heard, () => {})
  // Another process, whose listening is the server's work alone: what it does with the message is its own affair.
  const listener = await openRaw(server.url)
  listener.listen(keysOf(regions.heard).channel)
  await redis.subscribe(keysOf(regions.raw).channel, () => {})
  const raw = await openRaw(server.url)
  let firstMs = START_MS
  const times: Record<'ours' | 'heard' | 'single' | 'raw', number[]> = {
    ours: [],
    heard: [],
    single: [],
    raw: [],
  }
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      const ticks = ticksOf(TICKS, firstMs)
      firstMs += TICKS
      const tookMs = {
        ours: await timed(redis, async () => {
          for (const batch of ticks) {
            store.put(regions.ours, batch)
            await store.flush()
          }
        }),
        heard: await timed(redis, async () => {
          for (const batch of ticks) {
            store.put(regions.heard, batch)
            await store.flush()
          }
        }),
        single: await timed(redis, () => oneByOne(redis, ticks)),
        raw: await timed(redis, async () => {
          for (const batch of ticks) await raw.ask(callsOf(batch))
        }),
      }
      // The first round warms up.
      if (round > 0)
        for (const name of ['ours', 'heard', 'single', 'raw'] as const) times[name].push(tookMs[name])
    }
    const last = ticksOf(1, firstMs - 1)[0]!
    let wrong = 0
    for (const region of Object.values(regions)) wrong += await differences(redis, region, last)
    return {
      figures: {
        redis_write_vs_single_geoadd: medianRatio(times.single, times.ours),
        redis_write_vs_raw_socket: medianRatio(times.raw, times.ours),
      },
      table: Object.entries(times).map(([name, all]) => ({
        'positions into Redis': NAMES[name as keyof typeof NAMES],
        'µs a position, both sides': Number(((1_000 * median(all)) / (CARS * TICKS)).toFixed(2)),
      })),
      wrong,
      skipped: [],
    }
  } finally {
    raw.close()
    listener.close()
    await store.close()
    redis.close()
    await server.stop()
  }
}

/** The calls of one flush, one after the other as they go over the wire. */
function callsOf(batch: readonly Position[]): Buffer {
  const { channel } = keysOf(regions.raw)
  const call = { channel, from: 'bench', newEpoch: 'bench', batch, isTold: false }
  const { writes, publish, epoch } = plainCommands(regions.raw, call)
  return Buffer.concat([...writes, publish, epoch].map(encode))
}

async function oneByOne(redis: Redis, ticks: readonly (readonly Position[])[]): Promise<void> {
  for (const batch of ticks)
    for (let from = 0; from < batch.length; from += IN_FLIGHT)
      await redis.run((client) =>
        Promise.all(
          batch
            .slice(from, from + IN_FLIGHT)
            .map(({ driverId, lat, lng }) =>
              client.geoAdd('single', { member: driverId, latitude: lat, longitude: lng }),
            ),
        ),
      )
}

/** How many of the positions do not lie in Redis as they were put last, place and time. */
async function differences(redis: Redis, regionId: RegionId, wanted: readonly Position[]): Promise<number> {
  const { geo, last } = keysOf(regionId)
  const ids = wanted.map((position) => position.driverId)
  const places = await redis.run((client) => client.geoPos(geo, ids))
  const records = await redis.run((client) => client.hmGet(last, ids))
  return wanted.filter((position, n) => {
    const place = places[n]
    if (place == null || writtenAtMs(records[n] ?? '') !== position.atMs) return true
    return distanceM(position, { lat: Number(place.latitude), lng: Number(place.longitude) }) > NEAR_M
  }).length
}

/** Milliseconds of processor time, ours and the server's together: a busy machine leaves that alone. */
async function timed(redis: Redis, work: () => Promise<void>): Promise<number> {
  const serverBefore = await serverMs(redis)
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000 + (await serverMs(redis)) - serverBefore
}

async function serverMs(redis: Redis): Promise<number> {
  const info = await redis.run((client) => client.info('cpu'))
  const secondsOf = (name: string) => Number(new RegExp(`^${name}:([0-9.]+)`, 'm').exec(info)?.[1])
  return 1_000 * (secondsOf('used_cpu_user') + secondsOf('used_cpu_sys'))
}

/** A command as it goes over the wire. */
function encode(command: readonly string[]): Buffer {
  return Buffer.from(
    `*${command.length}\r\n${command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`,
  )
}

interface Raw {
  ask(calls: Buffer): Promise<void>
  /** Hear a channel and throw away what is said. */
  listen(channel: string): void
  close(): void
}

async function openRaw(url: string): Promise<Raw> {
  const { hostname, port } = new URL(url)
  const socket: Socket = connect(Number(port), hostname)
  socket.setNoDelay(true)
  await new Promise((resolve) => socket.once('connect', resolve))
  return {
    ask: (calls) =>
      new Promise((resolve, reject) => {
        let heard = ''
        const listen = (chunk: Buffer) => {
          heard += chunk.toString('latin1')
          // The last answer is the only one that is not a number: the epoch, or none.
          const isWhole = /\$(-1|\d+\r\n[^\r]+)\r\n$/.test(heard)
          if (!isWhole && !heard.includes('-ERR')) return
          socket.off('data', listen)
          if (isWhole) resolve()
          else reject(new Error(heard))
        }
        socket.on('data', listen)
        socket.write(calls)
      }),
    listen(channel) {
      socket.on('data', () => {})
      socket.write(encode(['SUBSCRIBE', channel]))
    },
    close: () => void socket.destroy(),
  }
}

export const bench: Bench = { name: 'redis', run }
