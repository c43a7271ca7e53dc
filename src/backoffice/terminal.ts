/** What the commands share: the database, files, and what is said when something is wrong. */
import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { systemClock } from '../io/clock.ts'
import { type Config, loadConfig } from '../io/config.ts'
import { createLog } from '../io/log.ts'
import { pendingMigrations } from '../io/migrate.ts'
import { connect } from '../io/postgres.ts'
import { systemRandom } from '../io/random.ts'
import type { FoundDeps } from './found.ts'
import { ExportFileError } from './import/export-file.ts'
import { ImportMistakes } from './import/import.ts'
import { CompanyFileError } from './mistakes.ts'

const MISTAKES_SHOWN = 50

/** What the person at the terminal has to put right. */
export class CommandError extends Error {}

export interface CommandDeps extends FoundDeps {
  readonly config: Config
}

export function readText(path: string): string {
  return new TextDecoder().decode(readBytes(path))
}

export function readBytes(path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(path))
  } catch (error) {
    throw new CommandError(`Cannot read ${path}: ${(error as Error).message}`)
  }
}

/** The configured database, as `serve` would use it, beside a serving process or without one. */
export async function withDatabase(work: (deps: CommandDeps) => Promise<void>): Promise<void> {
  const config = loadConfig(process.env)
  const database = await connect(config, createLog(config.logLevel), (line) => say([line]))
  try {
    const { db } = database
    const pending = await pendingMigrations(db as never)
    if (pending.length > 0)
      throw new CommandError('The database is not at this version yet. Run "bun run migrate" first.')
    const clock = systemClock()
    const { rows } = await sql<{ now_ms: number }>`
      select extract(epoch from clock_timestamp())::float8 * 1000 as now_ms`.execute(db)
    clock.calibrate(rows[0]!.now_ms)
    await work({ db, clock, random: systemRandom(clock), config })
  } finally {
    await database.stop()
  }
}

/** @returns the exit code: 0, or 2 when the person at the terminal has something to put right */
export async function orSayWhatIsWrong(work: () => Promise<void>): Promise<number> {
  try {
    await work()
    return 0
  } catch (error) {
    const lines = wrongLines(error)
    if (lines === null) throw error
    process.stderr.write(`${lines.join('\n')}\n`)
    return 2
  }
}

function wrongLines(error: unknown): string[] | null {
  if (error instanceof CommandError || error instanceof ExportFileError) return [error.message]
  if (!(error instanceof CompanyFileError || error instanceof ImportMistakes)) return null
  const lines = error.message.split('\n')
  const unsaid = lines.length - MISTAKES_SHOWN
  const more = unsaid > 0 ? [`and ${unsaid} more`] : []
  return ['Nothing was changed. Put this right in the file:', ...lines.slice(0, MISTAKES_SHOWN), ...more]
}

export function say(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}
