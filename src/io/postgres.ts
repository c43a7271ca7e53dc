/** The database: one pool of connections and one typed handle, on the embedded Postgres or on any server. */
import { Kysely, PostgresDialect, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import type { Config } from './config.ts'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import type { Logger } from './log.ts'
import { OutsideError } from './outside.ts'
import type { Tables } from './tables.ts'
import { makeWalled, type Walled, type WalledClient } from './walls.ts'

export type Db = Kysely<Tables>

export interface Database {
  /** Sees every row: for work that is nobody's request. */
  db: Db
  /** Handles for requests, behind the second wall. */
  walled: Walled
  pool: pg.Pool
  /** How to open a connection of one's own: for migrations, listening, a dump. */
  connection: pg.ClientConfig
  /** Close the pool, and the embedded server if we are the last to use it. */
  stop(): Promise<void>
}

/** What a request may cost the database before it is given up; each is also a queue's bound. */
const LIMITS = {
  /** For a free connection; with `query_timeout` below, a request hears of a dead database within 5 s. */
  connectionTimeoutMillis: 2_000,
  /** On the server. */
  statement_timeout: 4_000,
  lock_timeout: 2_000,
  /** A process that hangs in mid-transaction frees its locks before its lease of a region runs out. */
  idle_in_transaction_session_timeout: 5_000,
  /** On our side, for a server that froze and does not even refuse. */
  query_timeout: 4_500,
  idleTimeoutMillis: 30_000,
  /** A connection is renewed in time, so that a server behind a balancer is found again after it moved. */
  maxLifetimeSeconds: 1_800,
} as const

const INT8_OID = 20
const DATE_OID = 1082

/**
 * int8 as a number (ours stay below 2^53); a calendar day as the text it is, since pg would make it an instant of the
 * server's own zone; everything else as pg does it: timestamptz is a Date.
 */
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8_OID && format !== 'binary'
      ? parseInt8
      : oid === DATE_OID
        ? (text: string) => text
        : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
}

function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} does not fit a number`)
  return value
}

/**
 * Open the database that the configuration names, and see that it answers.
 * @param progress gets a line when the embedded database is made
 * @throws OutsideError with one line fit to end the program with
 */
export async function connect(
  config: Config,
  log: Logger,
  progress?: (line: string) => void,
): Promise<Database> {
  if (config.databaseUrl !== null) {
    const connection = { connectionString: config.databaseUrl }
    return open(connection, config.databasePoolSize, log, async () => {})
  }
  const server = await startEmbeddedPostgres(config.dataDir, {
    progress,
    lost: (error) => log.error({ error }, 'postgres.embedded_lost'),
  })
  try {
    return await open(server.connection, config.databasePoolSize, log, server.stop)
  } catch (error) {
    await server.stop()
    throw error
  }
}

/**
 * Pools and handles on a server that already runs. Requests have half of the connections, for themselves: so many of
 * them cannot hold up the dispatcher, and none of theirs is ever used without a scope.
 * @param poolSize connections in all, two at least
 * @param stopServer called after the pools have closed
 */
export async function open(
  connection: pg.ClientConfig,
  poolSize: number,
  log: Logger,
  stopServer: () => Promise<void> = async () => {},
): Promise<Database> {
  const forRequests = Math.floor(poolSize / 2)
  const pool = openPool(connection, poolSize - forRequests, log)
  try {
    await pool.query('select 1')
  } catch (error) {
    await pool.end()
    throw unreachable(connection, error)
  }
  const requestPool = openPool(connection, forRequests, log)
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: namingFailures(pool) }) })
  const walled = makeWalled(namingFailures(requestPool))
  const stop = async () => {
    await Promise.all([pool.end(), requestPool.end()])
    await stopServer()
  }
  return { db, walled, pool, connection, stop }
}

function openPool(connection: pg.ClientConfig, poolSize: number, log: Logger): pg.Pool {
  const pool = new pg.Pool({
    ...LIMITS,
    ...connection,
    application_name: 'honeycab',
    keepAlive: true,
    max: poolSize,
    types: TYPES,
  })
  // Without these listeners a connection the server closes would end the process.
  const lost = (error: unknown) => {
    // One that says goodbye may hear the server's before its own is through.
    if (!pool.ending) log.warn({ error }, 'postgres.connection_lost')
  }
  pool.on('error', lost)
  pool.on('connect', (client) => void client.on('error', lost))
  return pool
}

/** Where, without the password. */
function unreachable(connection: pg.ClientConfig, error: unknown): OutsideError {
  const url = connection.connectionString === undefined ? null : new URL(connection.connectionString)
  const where =
    url === null ? (connection.host ?? 'localhost') : `${url.hostname}:${url.port || '5432'}${url.pathname}`
  return new OutsideError('postgres', `Cannot reach the database at ${where}: ${reason(error)}`, {
    cause: error,
  })
}

function reason(error: unknown): string {
  // Trying several addresses of one name fails with all their errors and an empty message.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reason).join(', ')
  return error instanceof Error ? error.message : String(error)
}

/**
 * In front of a statement: each connection plans it once and knows it by its name from then on. For what is asked with
 * every request and finds a few rows by a key, where planning takes several times longer than finding.
 */
export const PREPARED = '/* prepared */ '

const preparedNames = new Map<string, string>()

/** A statement to be prepared as pg takes it; others as they are. */
function named(args: unknown[]): unknown[] {
  const [text, values] = args
  if (typeof text !== 'string' || !text.startsWith(PREPARED)) return args
  let name = preparedNames.get(text)
  if (name === undefined) {
    name = `honeycab_${preparedNames.size}`
    preparedNames.set(text, name)
  }
  return [{ name, text, values }]
}

/** Kysely's pool, with what fails outside said as OutsideError; what the database refuses stays pg's error. */
function namingFailures(pool: pg.Pool) {
  // Kysely knows a connection by identity, so one client always gets the same face.
  const faces = new WeakMap<pg.PoolClient, WalledClient>()
  function faceOf(client: pg.PoolClient): WalledClient {
    let broken = false
    const query = (...args: unknown[]) =>
      (client.query as unknown as (...args: unknown[]) => Promise<never>)(...named(args)).catch(
        (error: unknown) => {
          broken ||= isOutside(error) && !isLocked(error)
          return rethrow(error)
        },
      )
    return {
      query: query as unknown as PostgresPoolClient['query'],
      tell: (scope) => query(scope),
      // The server may have ended a connection whose socket we still hold; the next request must not get it.
      release: (destroy) => client.release(destroy === true || broken),
      get processID() {
        return (client as { processID?: number }).processID
      },
    }
  }
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect().catch(rethrow)
      const face = faces.get(client) ?? faceOf(client)
      faces.set(client, face)
      return face
    },
  }
}

function rethrow(error: unknown): never {
  throw isOutside(error)
    ? new OutsideError('postgres', `Postgres: ${reason(error)}`, { cause: error })
    : error
}

/**
 * SQLSTATE classes that say "not now" rather than "not so": connection (08), resources (53), operator
 * intervention (57, but for a statement that took too long), system (58); and a row that stayed locked (55P03), as
 * while a process hangs in the middle of its work. What pg itself says of sockets and timeouts comes as a plain
 * Error; the kinds a mistake of ours makes stay what they are.
 */
function isOutside(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) return false
  if (!(error instanceof pg.DatabaseError)) return true
  return error.code !== '57014' && /^(08|53|57|58|55P03)/.test(error.code ?? '')
}

/** A row that stays locked says nothing against the connection that asked for it. */
function isLocked(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '55P03'
}

const UNIQUE_VIOLATION = '23505'

/** Whether the database refused a second row; `constraint` narrows it to one index by name. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (!(error instanceof pg.DatabaseError) || error.code !== UNIQUE_VIOLATION) return false
  return constraint === undefined || error.constraint === constraint
}
