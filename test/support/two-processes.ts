/**
 * The world of a test on Postgres and Redis with two processes behind one address, as in production: this program is
 * one, the other is really served. Any test of pages runs so: `WORLD=shared bun test test/pages`. What fails there by
 * nature is what speaks of the embedded default alone (letters kept in the outbox, staff of a demo without a factor)
 * or counts in one process (pings, logs).
 */
import type { Socket } from 'bun'
import { makeRedisBus } from '../../src/io/bus/redis.ts'
import type { Bus } from '../../src/io/bus.ts'
import type { Clock } from '../../src/io/clock.ts'
import type { Logger } from '../../src/io/log.ts'
import type { Random } from '../../src/io/random.ts'
import { openRedis, type Redis } from '../../src/io/redis.ts'
import type { PositionStore } from '../../src/positions/positions.ts'
import { makeRedisPositions } from '../../src/positions/redis-store.ts'
import { startRedis } from './redis.ts'
import { type Served, startServed } from './served.ts'
import { freePort } from './servers.ts'

export const isShared = () => process.env.WORLD === 'shared'

/** What this program's own app stands on. */
export interface SharedLine {
  readonly redis: Redis
  readonly redisUrl: string
  readonly bus: Bus
  readonly store: PositionStore
  close(): Promise<void>
}

/** A Redis of the test's own, and our lines to it. */
export async function openSharedLine(deps: {
  clock: Clock
  log: Logger
  random: Random
}): Promise<SharedLine> {
  const server = await startRedis()
  const redis = await openRedis({ url: server.url, ...deps })
  const bus = await makeRedisBus({ redis, ...deps })
  const store = makeRedisPositions({ redis, ...deps })
  return {
    ...{ redis, bus, store, redisUrl: server.url },
    async close() {
      await store.close()
      await redis.close()
      await server.stop()
    },
  }
}

/** The other process. */
export function serveBeside(of: {
  databaseUrl: string
  redisUrl: string
  publicUrl: string
  secret: string
  dataDir: string
}): Promise<Served> {
  return startServed({
    port: freePort(),
    databaseUrl: of.databaseUrl,
    redisUrl: of.redisUrl,
    env: {
      SESSION_SECRETS: of.secret,
      PUBLIC_URL: of.publicUrl,
      ALLOWED_ORIGINS: of.publicUrl.replace('localhost', '127.0.0.1'),
      DATA_DIR: of.dataDir,
      RATE_LIMIT_EXEMPT: '127.0.0.1,::1',
      LOG_LEVEL: 'info',
      // Nobody answers there, so letters wait with their links, for the test to read.
      SMTP_URL: 'smtp://127.0.0.1:9',
      MAIL_FROM: 'Honeycab <post@honeycab.example>',
    },
  })
}

export interface Balancer {
  stop(): void
}

interface Pipe {
  other: Socket<Pipe> | null
  /** Bytes that came before the other side was there, or that it could not take yet. */
  waiting: Uint8Array[]
}

/** Connections to `port`, in turn to each of `ports`: a browser has several, so its requests go to all of them. */
export function balance(port: number, ports: readonly number[]): Balancer {
  let turn = 0
  const pass = (from: Socket<Pipe>, bytes: Uint8Array) => {
    const pipe = from.data
    if (pipe.other === null || pipe.waiting.length > 0) pipe.waiting.push(bytes.slice())
    else {
      const sent = pipe.other.write(bytes)
      if (sent < bytes.length) pipe.waiting.push(bytes.slice(Math.max(0, sent)))
    }
  }
  const flush = (from: Socket<Pipe>) => {
    const pipe = from.data
    while (pipe.other !== null && pipe.waiting.length > 0) {
      const bytes = pipe.waiting[0]!
      const sent = pipe.other.write(bytes)
      if (sent < bytes.length) {
        pipe.waiting[0] = bytes.slice(Math.max(0, sent))
        return
      }
      pipe.waiting.shift()
    }
  }
  const handlers = {
    data: (socket: Socket<Pipe>, bytes: Uint8Array) => pass(socket, bytes),
    drain: (socket: Socket<Pipe>) => {
      if (socket.data.other !== null) flush(socket.data.other)
    },
    close: (socket: Socket<Pipe>) => void socket.data.other?.end(),
    error: (socket: Socket<Pipe>) => void socket.data.other?.end(),
  }
  const listener = Bun.listen<Pipe>({
    hostname: '127.0.0.1',
    port,
    socket: {
      ...handlers,
      open(socket) {
        socket.data = { other: null, waiting: [] }
        const to = ports[turn++ % ports.length]!
        Bun.connect<Pipe>({
          ...{ hostname: '127.0.0.1', port: to },
          data: { other: socket, waiting: [] },
          socket: handlers,
        }).then(
          (other) => {
            socket.data.other = other
            flush(socket)
          },
          () => socket.end(),
        )
      },
    },
  })
  return { stop: () => listener.stop(true) }
}
