/** The schema, moved up or down by the files in `migrations/`; several processes may start this at once. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely'
import {
  FileMigrationProvider,
  type Migration,
  type MigrationResultSet,
  Migrator,
  NO_MIGRATIONS,
} from 'kysely/migration'
import pg from 'pg'

const FOLDER = join(import.meta.dir, '..', '..', 'migrations')
/** Any constant; it must only differ from other users of advisory locks in the same database. */
const ADVISORY_LOCK = 4_861_023_517
/** A migration that cannot get its table steps aside rather than stop all who queue behind it. */
const LOCK_TIMEOUT_MS = 5_000

export type Direction = 'up' | 'down'

export interface MigrateOptions {
  /** All of them to the latest, or all of them taken back. */
  direction?: Direction
  /** Called before each migration, with its name. */
  progress?: (name: string, direction: Direction) => void
  folder?: string
}

/**
 * Run what has not been run, in one transaction.
 * @returns the names of the migrations that ran, in order
 * @throws what the database refused; then nothing has changed
 */
export async function migrate(connection: pg.ClientConfig, options: MigrateOptions = {}): Promise<string[]> {
  const { direction = 'up', folder = FOLDER } = options
  const pool = new pg.Pool({ ...connection, application_name: 'honeycab migrate', max: 2 })
  pool.on('error', () => {})
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  try {
    const lock = await pool.connect()
    try {
      await lock.query('select pg_advisory_lock($1)', [ADVISORY_LOCK])
      const provider = new AnnouncingProvider(folder, options.progress ?? (() => {}))
      const migrator = new Migrator({ db, provider })
      const all: MigrationResultSet =
        direction === 'up' ? await migrator.migrateToLatest() : await migrator.migrateTo(NO_MIGRATIONS)
      if (all.error !== undefined) throw all.error
      return (all.results ?? []).map((result) => result.migrationName)
    } finally {
      // Ending the session frees the lock, also when the query before failed.
      lock.release(true)
    }
  } finally {
    await pool.end()
  }
}

/** Whether the schema is the newest this program knows; for the readiness check. */
export async function pendingMigrations(connection: Kysely<unknown>, folder = FOLDER): Promise<string[]> {
  const migrator = new Migrator({ db: connection, provider: new AnnouncingProvider(folder, () => {}) })
  const all = await migrator.getMigrations()
  return all.filter((migration) => migration.executedAt === undefined).map((migration) => migration.name)
}

class AnnouncingProvider extends FileMigrationProvider {
  readonly #progress: (name: string, direction: Direction) => void

  constructor(folder: string, progress: (name: string, direction: Direction) => void) {
    super({ fs: { readdir }, path: { join }, migrationFolder: folder })
    this.#progress = progress
  }

  override async getMigrations(): Promise<Record<string, Migration>> {
    const found = await super.getMigrations()
    return Object.fromEntries(
      Object.entries(found).map(([name, migration]) => [name, this.#announced(name, migration)]),
    )
  }

  #announced(name: string, migration: Migration): Migration {
    const { up, down } = migration
    const announce = async (direction: Direction, db: Kysely<unknown>) => {
      this.#progress(name, direction)
      await setLockTimeout(db)
    }
    return {
      up: async (db) => {
        await announce('up', db)
        await up(db)
      },
      ...(down === undefined
        ? {}
        : {
            down: async (db: Kysely<unknown>) => {
              await announce('down', db)
              await down(db)
            },
          }),
    }
  }
}

async function setLockTimeout(db: Kysely<unknown>): Promise<void> {
  await db.executeQuery(CompiledQuery.raw(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`))
}
