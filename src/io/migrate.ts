/** The schema, moved up or down by the files in `migrations/`; several processes may start this at once. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely'
import { FileMigrationProvider, type Migration, Migrator, NO_MIGRATIONS } from 'kysely/migration'
import pg from 'pg'
import { OutsideError } from './outside.ts'

const FOLDER = join(import.meta.dir, '..', '..', 'migrations')
/** Any constant; it must only differ from other users of advisory locks in the same database. */
const ADVISORY_LOCK = 4_861_023_517
/** A migration that cannot get its table steps aside, lest all queue behind it, and comes back a little later. */
const LOCK_TIMEOUT_MS = 2_000
const LOCK_TRIES = 10
const LOCK_PAUSE_MS = 500
const LOCK_NOT_AVAILABLE = '55P03'
const INSUFFICIENT_PRIVILEGE = '42501'

export type Direction = 'up' | 'down'

export interface MigrateOptions {
  /** All of them to the latest, or all of them taken back. */
  direction?: Direction
  /** Called before each migration, with its name. */
  progress?: (name: string, direction: Direction) => void
  folder?: string
  /** How long one try may wait for a table that somebody uses. */
  lockTimeoutMs?: number
}

/**
 * Run what has not been run, in one transaction.
 * @returns the names of the migrations that ran, in order
 * @throws OutsideError when the database user may not do it, and what an administrator can run instead; else what the
 *   database refused, or that a table stayed locked; then nothing has changed
 */
export async function migrate(connection: pg.ClientConfig, options: MigrateOptions = {}): Promise<string[]> {
  const pool = new pg.Pool({ ...connection, application_name: 'honeycab migrate', max: 2 })
  pool.on('error', () => {})
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  try {
    const lock = await pool.connect()
    try {
      await lock.query('select pg_advisory_lock($1)', [ADVISORY_LOCK])
      return await untilUnlocked(() => run(db, options))
    } finally {
      // Ending the session frees the lock, also when the query before failed.
      lock.release(true)
    }
  } finally {
    await pool.end()
  }
}

async function run(db: Kysely<unknown>, options: MigrateOptions): Promise<string[]> {
  const { direction = 'up', folder = FOLDER, progress = () => {}, lockTimeoutMs = LOCK_TIMEOUT_MS } = options
  const announce = async (name: string, transaction: Kysely<unknown>) => {
    progress(name, direction)
    await transaction.executeQuery(CompiledQuery.raw(`set local lock_timeout = ${lockTimeoutMs}`))
  }
  const migrator = new Migrator({ db, provider: new AnnouncingProvider(folder, announce) })
  const all = direction === 'up' ? await migrator.migrateToLatest() : await migrator.migrateTo(NO_MIGRATIONS)
  if (all.error !== undefined) throw named(all.error)
  return (all.results ?? []).map((result) => result.migrationName)
}

/** What a migration itself says of missing rights is for a person to read. */
function named(error: unknown): unknown {
  const isOurs = error instanceof pg.DatabaseError && error.code === INSUFFICIENT_PRIVILEGE
  return isOurs ? new OutsideError('postgres', error.message, { cause: error }) : error
}

async function untilUnlocked<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      const locked = error instanceof pg.DatabaseError && error.code === LOCK_NOT_AVAILABLE
      if (!locked || tries === LOCK_TRIES) throw error
      await Bun.sleep(LOCK_PAUSE_MS)
    }
  }
}

/** Names of the migrations that this program knows and the database does not; none when it is ready. */
export async function pendingMigrations(db: Kysely<unknown>, folder = FOLDER): Promise<string[]> {
  const migrator = new Migrator({ db, provider: new AnnouncingProvider(folder, async () => {}) })
  const all = await migrator.getMigrations()
  return all.filter((migration) => migration.executedAt === undefined).map((migration) => migration.name)
}

type Announce = (name: string, transaction: Kysely<unknown>) => Promise<void>

class AnnouncingProvider extends FileMigrationProvider {
  readonly #announce: Announce

  constructor(folder: string, announce: Announce) {
    super({ fs: { readdir }, path: { join }, migrationFolder: folder })
    this.#announce = announce
  }

  override async getMigrations(): Promise<Record<string, Migration>> {
    const found = await super.getMigrations()
    return Object.fromEntries(
      Object.entries(found).map(([name, migration]) => [name, this.#announced(name, migration)]),
    )
  }

  #announced(name: string, { up, down }: Migration): Migration {
    const announcing = (step: (db: Kysely<unknown>) => Promise<void>) => async (db: Kysely<unknown>) => {
      await this.#announce(name, db)
      await step(db)
    }
    return down === undefined ? { up: announcing(up) } : { up: announcing(up), down: announcing(down) }
  }
}
