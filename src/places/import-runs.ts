/**
 * Gazetteers sent on a page: kept in a row with their file, and brought in by whichever process comes first. One that dies on the
 * way has changed nothing, and another one begins anew.
 */
import { type Kysely, sql } from 'kysely'
import type { Clock } from '../io/clock.ts'
import type { Logger } from '../io/log.ts'
import type { Db } from '../io/postgres.ts'
import type { Tables } from '../io/tables.ts'
import { FileRefused } from './entry.ts'
import { textOfFile } from './file-text.ts'
import { bringIn, type ImportReport } from './import.ts'

/** How a run ended: the report of its file, or why there is none. */
export type RunReport =
  | ImportReport
  | { readonly outcome: 'no_gazetteer'; readonly why: string }
  /** The process that worked on it ended, again and again. */
  | { readonly outcome: 'broken_off' }

export interface ImportRun {
  readonly id: string
  readonly dataset: string
  readonly skipBad: boolean
  readonly dryRun: boolean
  readonly fileBytes: number
  readonly state: 'waiting' | 'running' | 'ended'
  /** How much of the file is read, 0 to 1. */
  readonly share: number
  readonly report: RunReport | null
  readonly askedAtMs: number
  readonly endedAtMs: number | null
}

/** What a page's file may hold once unpacked: some six hundred thousand places. */
const MOST_BYTES = 64 * 1_048_576
/** Whoever works on a run says so at least this often, or has left. */
const CLAIMED_FOR_MS = 60_000
const MOST_TRIES = 3
const SHOWN = 20
const KEPT_FOR_MS = 30 * 86_400_000

const COLUMNS_OF = [
  'id',
  'dataset',
  'skip_bad as skipBad',
  'dry_run as dryRun',
  'file_bytes as fileBytes',
  'state',
  'share',
  'report',
  'asked_at',
  'ended_at',
] as const

/** Ask for a file to be brought in. */
export async function askForImport(
  db: Kysely<Tables>,
  asked: { id: string; dataset: string; skipBad: boolean; dryRun: boolean; file: Uint8Array; atMs: number },
): Promise<void> {
  await db
    .insertInto('place_import_runs')
    .values({
      ...{ id: asked.id, dataset: asked.dataset, skip_bad: asked.skipBad, dry_run: asked.dryRun },
      ...{ file: Buffer.from(asked.file), file_bytes: asked.file.length },
      ...{ claimed_until: null, report: null, asked_at: new Date(asked.atMs), ended_at: null },
    })
    .execute()
}

/** The last few, the newest first. */
export async function lastImportRuns(db: Kysely<Tables>): Promise<ImportRun[]> {
  const rows = await db
    .selectFrom('place_import_runs')
    .select(COLUMNS_OF)
    .orderBy('asked_at', 'desc')
    .limit(SHOWN)
    .execute()
  return rows.map(runOf)
}

export async function findImportRun(db: Kysely<Tables>, id: string): Promise<ImportRun | undefined> {
  const row = await db
    .selectFrom('place_import_runs')
    .select(COLUMNS_OF)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && runOf(row)
}

export async function forgetOldImports(db: Kysely<Tables>, nowMs: number): Promise<void> {
  await db
    .deleteFrom('place_import_runs')
    .where('state', '=', 'ended')
    .where('asked_at', '<', new Date(nowMs - KEPT_FOR_MS))
    .execute()
}

/** Bring in what waits, one after the other, until nothing does. */
export async function workOnImports(deps: { db: Db; clock: Clock; log: Logger }): Promise<void> {
  for (;;) {
    const run = await claimRun(deps)
    if (run === undefined) return
    if (run.tries > MOST_TRIES || run.file === null) await end(deps, run, { outcome: 'broken_off' })
    else await end(deps, run, await read(deps, { ...run, file: run.file }))
  }
}

function runOf({
  asked_at,
  ended_at,
  report,
  ...row
}: {
  id: string
  dataset: string
  skipBad: boolean
  dryRun: boolean
  fileBytes: number
  state: 'waiting' | 'running' | 'ended'
  share: number
  report: unknown
  asked_at: Date
  ended_at: Date | null
}): ImportRun {
  return {
    ...row,
    report: report as RunReport | null,
    askedAtMs: asked_at.getTime(),
    endedAtMs: ended_at?.getTime() ?? null,
  }
}

interface Claimed {
  readonly id: string
  readonly dataset: string
  readonly skip_bad: boolean
  readonly dry_run: boolean
  readonly file: Buffer | null
  readonly tries: number
}

async function claimRun({ db, clock }: { db: Db; clock: Clock }): Promise<Claimed | undefined> {
  const nowMs = clock.nowMs()
  const { rows } = await sql<Claimed>`
    update place_import_runs
    set state = 'running', tries = tries + 1, share = 0, claimed_until = ${new Date(nowMs + CLAIMED_FOR_MS)}
    where id = (
      select id from place_import_runs
      where state = 'waiting' or (state = 'running' and claimed_until < ${new Date(nowMs)})
      order by asked_at limit 1 for update skip locked)
    returning id, dataset, skip_bad, dry_run, file, tries`.execute(db)
  return rows[0]
}

async function read(
  { db, clock }: { db: Db; clock: Clock },
  run: Claimed & { readonly file: Buffer },
): Promise<RunReport> {
  const onProgress = async (share: number) => {
    await db
      .updateTable('place_import_runs')
      .set({ share, claimed_until: new Date(clock.nowMs() + CLAIMED_FOR_MS) })
      .where('id', '=', run.id)
      .where('tries', '=', run.tries)
      .execute()
  }
  try {
    const text = await textOfFile(run.file, MOST_BYTES)
    const { dataset, skip_bad: skipBad, dry_run: dryRun } = run
    return await bringIn(db, { dataset, text, skipBad, dryRun, onProgress })
  } catch (error) {
    if (error instanceof FileRefused) return { outcome: 'no_gazetteer', why: error.message }
    throw error
  }
}

/** A process that was taken for gone, and was not, ends nothing that another one works on. */
async function end(
  { db, clock, log }: { db: Db; clock: Clock; log: Logger },
  run: Claimed,
  report: RunReport,
) {
  await db
    .updateTable('place_import_runs')
    .set({
      ...{ state: 'ended', share: 1, file: null, claimed_until: null },
      ...{ report: JSON.stringify(report), ended_at: new Date(clock.nowMs()) },
    })
    .where('id', '=', run.id)
    .where('tries', '=', run.tries)
    .where('state', '=', 'running')
    .execute()
  log.info({ run: run.id, outcome: report.outcome }, 'places.import_ended')
}
