/** The only file that opens connections and listens. */
import type { Server } from 'bun'
import { sql } from 'kysely'
import { type App, createApp } from './app.ts'
import { makeLocalBus } from './io/bus/local.ts'
import { makeRedisBus } from './io/bus/redis.ts'
import { calibrate, type SystemClock, systemClock } from './io/clock.ts'
import { type Config, withPort } from './io/config.ts'
import { openFiles } from './io/files.ts'
import { createLog, type Logger } from './io/log.ts'
import { migrate } from './io/migrate.ts'
import { openOutgoing } from './io/outgoing.ts'
import { OutsideError } from './io/outside.ts'
import { connect, type Database } from './io/postgres.ts'
import { systemRandom } from './io/random.ts'
import { openRedis } from './io/redis.ts'
import { startWatchdog } from './io/watchdog.ts'
import { makeMemoryPositions } from './positions/memory-store.ts'
import { makeRedisPositions } from './positions/redis-store.ts'
import { openRouting } from './roads/open.ts'
import type { RoutingProvider } from './roads/roads.ts'
import { UPLOAD_LIMIT_BYTES } from './web/body.ts'

export interface Running {
  readonly app: App
  readonly config: Config
  readonly database: Database
  readonly log: Logger
  readonly clock: SystemClock
  /** Where people reach it. */
  readonly address: string
  /** Leave within ten seconds, whatever hangs. */
  stop(): Promise<void>
}

export interface ServeOptions {
  readonly config: Config
  /** Told what is going on until it listens. */
  readonly progress?: (line: string) => void
  /** Done with the migrated database before the app is built, such as filling in the demo city. */
  readonly prepare?: (world: {
    database: Database
    config: Config
    log: Logger
    clock: SystemClock
  }) => Promise<void>
  /** Roads for where the environment names none. */
  readonly routing?: () => Promise<RoutingProvider>
}

/** Positions and news between processes go through Redis when there is one. */
async function openShared(config: Config, log: Logger, clock: SystemClock) {
  const random = systemRandom(clock)
  if (config.redisUrl === null)
    return { redis: null, bus: makeLocalBus(log), store: makeMemoryPositions(), close: async () => {} }
  const redis = await openRedis({ url: config.redisUrl, log, random })
  const bus = await makeRedisBus({ redis, log, random })
  const store = makeRedisPositions({ redis, clock, log, random })
  return {
    redis,
    bus,
    store,
    async close() {
      await store.close()
      await bus.close()
      await redis.close()
    },
  }
}

/** The clock counts on by itself from the database's time; a drift of a few ms an hour is corrected. */
const CALIBRATE_EVERY_MS = 60_000
/** How long we say that we are not ready, and still answer, so that who sends traffic here can see it. */
const UNREADY_NOTICE_MS = 1_000
const REQUESTS_FINISH_MS = 5_000

async function databaseNowMs(database: Database): Promise<number> {
  const { rows } = await sql<{
    now_ms: number
  }>`SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now_ms`.execute(database.db)
  return rows[0]!.now_ms
}

/**
 * Start everything and listen.
 * @throws OutsideError with one line fit to end the program with, when the port, the database or the folder refuses
 */
export async function serve(options: ServeOptions): Promise<Running> {
  const progress = options.progress ?? (() => {})
  const config = settlePort(options.config)
  const log = createLog(config.logLevel)
  const clock = systemClock()
  const database = await connect(config, log, progress)
  try {
    await migrate(database.connection, { progress: (name) => progress(`Migrating the database: ${name}`) })
    await calibrate(clock, () => databaseNowMs(database), { slowestMs: Number.POSITIVE_INFINITY })
    await options.prepare?.({ database, config, log, clock })
    return await listen(config, {
      log,
      clock,
      database,
      ...(options.routing && { routing: options.routing }),
    })
  } catch (error) {
    await database.stop()
    throw error
  }
}

/**
 * The port is asked for before anything is built on it: links and allowed origins are made from it, and a database
 * need not be made for a server that cannot listen.
 */
function settlePort(config: Config): Config {
  try {
    const probe = Bun.serve({ port: config.port, hostname: config.host, fetch: () => new Response() })
    const { port } = probe
    probe.stop(true)
    return config.port === 0 ? withPort(config, port ?? 0) : config
  } catch (error) {
    throw new OutsideError('port', listenMistake(config, error))
  }
}

async function listen(
  config: Config,
  {
    log,
    clock,
    database,
    routing,
  }: { log: Logger; clock: SystemClock; database: Database; routing?: ServeOptions['routing'] },
): Promise<Running> {
  const shared = await openShared(config, log, clock)
  const outgoing = openOutgoing(config)
  const app = await createApp({
    config,
    clock,
    random: systemRandom(clock),
    log,
    db: database.db,
    walled: database.walled,
    bus: shared.bus,
    store: shared.store,
    files: openFiles(config),
    outgoing,
    routing: (await openRouting(config, { outgoing, clock })) ?? (await routing?.()) ?? null,
    ...(shared.redis && { redis: shared.redis }),
  })
  try {
    app.elysia.listen({
      port: config.port,
      hostname: config.host,
      // The shell refuses larger bodies with a page; this is the wall behind it.
      maxRequestBodySize: UPLOAD_LIMIT_BYTES * 2,
    })
  } catch (error) {
    await shared.close()
    throw new OutsideError('port', listenMistake(config, error))
  }
  app.start()
  const server = app.elysia.server as Server<unknown>
  log.info({ host: config.host, port: config.port }, 'listening')
  const stopWatching = startWatchdog()
  const calibration = setInterval(() => {
    calibrate(clock, () => databaseNowMs(database)).catch((error: unknown) =>
      log.warn({ error }, 'clock.calibrate_failed'),
    )
  }, CALIBRATE_EVERY_MS)

  async function leave(): Promise<void> {
    clearInterval(calibration)
    stopWatching()
    app.turnUnready()
    await Bun.sleep(UNREADY_NOTICE_MS)
    await app.drain()
    // Requests under way finish; an open keep-alive connection would make the polite stop wait for ever.
    await Promise.race([server.stop(false), Bun.sleep(REQUESTS_FINISH_MS)])
    await server.stop(true)
    outgoing.close()
    await shared.close()
    await database.stop()
    log.info('stopped')
  }

  return { app, config, database, log, clock, address: config.publicUrl, stop: leave }
}

function listenMistake(config: Config, error: unknown): string {
  const code = (error as { code?: string }).code
  if (code === 'EADDRINUSE')
    return `Port ${config.port} is taken. Stop what uses it, or choose another one: PORT=${config.port + 1}`
  if (code === 'EACCES')
    return `Port ${config.port} is not allowed for this user. Choose one above 1023, such as PORT=3000`
  return `Could not listen on ${config.host}:${config.port}: ${(error as Error).message}`
}
