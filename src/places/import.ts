/** A gazetteer from a file into the database, whole or not at all, with a report of what is in it. */
import { createHash } from 'node:crypto'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { PlacesTables } from '../io/tables/places.ts'
import { type Entry, FileRefused, type ReadPlace } from './entry.ts'
import { alternateWords, fold } from './normalise.ts'
import { readEntries } from './read-file.ts'

/** Change this with the folding, so that stored places are folded anew. */
const FOLDING_VERSION = 1
/** Rows a statement: PostgreSQL takes 65,535 parameters. */
const BATCH_ROWS = 1_000
/** More of what is wrong helps nobody who reads it. */
const PROBLEMS_SHOWN = 50
const KINDS_SHOWN = 30

export interface Problem {
  /** "row 12", "feature 7". */
  readonly where: string
  readonly why: string
}

/** What became of a file. */
export interface ImportReport {
  readonly outcome:
    | 'brought_in'
    /** The same file as before: nothing to do. */
    | 'same_as_before'
    /** Only looked at, as was asked. */
    | 'checked'
    /** Entries that are no places, and nobody asked to leave them out; nothing was changed. */
    | 'refused'
  /** Entries of the file. */
  readonly entries: number
  /** Places it holds, each once. */
  readonly places: number
  /** Entries that say again what another one says. */
  readonly doubled: number
  /** Entries that are no places. */
  readonly bad: number
  /** The first of those. */
  readonly problems: readonly Problem[]
  /** Places against what stood under this name before. */
  readonly added: number
  readonly gone: number
  /** How many of each kind, the most first. */
  readonly kinds: readonly (readonly [kind: string, count: number])[]
  /** What they lie in; null without any. */
  readonly bounds: Bounds | null
}

export interface Bounds {
  readonly south: number
  readonly west: number
  readonly north: number
  readonly east: number
}

export interface ImportFile {
  /** Under what name it is kept; another file of the same name takes its place. */
  readonly dataset: string
  readonly text: string
  /** Leave out entries that are no places, instead of refusing the file. */
  readonly skipBad?: boolean
  /** Look, and change nothing. */
  readonly dryRun?: boolean
  /** Told how much is read, 0 to 1, every thousand places. */
  readonly onProgress?: (share: number) => Promise<void> | void
}

/** Ends the transaction where nothing is to stay. */
class NothingStays extends Error {}

/**
 * Bring a gazetteer in, in one transaction: who searches meanwhile finds the earlier one. The same file again changes
 * nothing; several processes may do this at once.
 * @throws FileRefused when it is no gazetteer at all
 */
export async function bringIn(db: Kysely<PlacesTables>, file: ImportFile): Promise<ImportReport> {
  const { dataset, text, skipBad = false, dryRun = false } = file
  const digest = createHash('sha256').update(`${FOLDING_VERSION}\n${text}`).digest('hex')
  const known = await digestOf(db, dataset)
  if (known?.digest === digest && !dryRun) return sameAsBefore(known.places)

  let report: ImportReport | undefined
  try {
    await db.transaction().execute(async (transaction) => {
      // The row's lock lets one process import; the others then find its digest and have nothing to do.
      const claimed = await claim(transaction, dataset, digest)
      if (!claimed && !dryRun) throw new NothingStays()
      report = await replace(transaction, file)
      const bad = report.bad > 0 && !skipBad
      if (bad || dryRun) {
        report = { ...report, outcome: bad ? 'refused' : 'checked' }
        throw new NothingStays()
      }
      // Until the server has counted the rows it plans as if there were none.
      await sql`analyze places, place_words`.execute(transaction)
    })
  } catch (error) {
    if (!(error instanceof NothingStays)) throw error
  }
  return report ?? sameAsBefore((await digestOf(db, dataset))?.places ?? 0)
}

/**
 * Bring in a file that ships with us, or that a test wrote.
 * @returns how many places were written; 0 when they were there already
 * @throws RangeError when an entry of it is no place; FileRefused when none is
 */
export async function importPlaces(
  db: Kysely<PlacesTables>,
  { dataset, csv }: { dataset: string; csv: string },
): Promise<number> {
  const report = await bringIn(db, { dataset, text: csv })
  const [problem] = report.problems
  if (report.outcome === 'refused') throw new RangeError(`${problem?.where} ${problem?.why}`)
  return report.outcome === 'brought_in' ? report.places : 0
}

async function digestOf(db: Kysely<PlacesTables>, dataset: string) {
  return db
    .selectFrom('place_imports')
    .select(['digest', 'place_count as places'])
    .where('dataset', '=', dataset)
    .executeTakeFirst()
}

async function claim(transaction: Transaction<PlacesTables>, dataset: string, digest: string) {
  const row = await transaction
    .insertInto('place_imports')
    .values({ dataset, digest, place_count: 0 })
    .onConflict((conflict) =>
      conflict
        .column('dataset')
        .doUpdateSet({ digest, imported_at: sql`now()` })
        .where('place_imports.digest', '<>', digest),
    )
    .returning('dataset')
    .executeTakeFirst()
  return row !== undefined
}

async function replace(
  transaction: Transaction<PlacesTables>,
  { dataset, text, onProgress }: ImportFile,
): Promise<ImportReport> {
  await sql`
    create temporary table places_before on commit drop as
    select name, kind, lat, lng from places where dataset = ${dataset}`.execute(transaction)
  await transaction.deleteFrom('places').where('dataset', '=', dataset).execute()
  await transaction.deleteFrom('place_words').where('dataset', '=', dataset).execute()
  const tally = { entries: 0, bad: 0, written: 0 }
  const problems: Problem[] = []
  let batch: ReadPlace[] = []
  const write = async () => {
    if (batch.length === 0) return
    const done = await transaction
      .insertInto('places')
      .values(batch.map((place) => toRow(place, dataset)))
      .onConflict((conflict) => conflict.columns(['dataset', 'name', 'kind', 'lat', 'lng']).doNothing())
      .executeTakeFirst()
    tally.written += Number(done.numInsertedOrUpdatedRows ?? 0)
    batch = []
  }
  let last: Entry | undefined
  for (const entry of readEntries(text)) {
    last = entry
    tally.entries += 1
    if ('place' in entry) batch.push(entry.place)
    else {
      tally.bad += 1
      if (problems.length < PROBLEMS_SHOWN) problems.push({ where: entry.where, why: entry.why })
    }
    if (tally.entries % BATCH_ROWS !== 0) continue
    // Between two batches the process does other things: its cars move while a million places are read.
    await write()
    await onProgress?.(entry.share)
  }
  await write()
  if (last === undefined) throw new FileRefused('The file names no places.')
  await sql`
    insert into place_words (dataset, word, uses)
    select ${dataset}, word, count(*)
    from places, unnest(string_to_array(name_words || ' ' || detail_words, ' ')) as word
    where dataset = ${dataset} and word !~ '^[0-9]*$'
    group by word`.execute(transaction)
  await transaction
    .updateTable('place_imports')
    .set({ place_count: tally.written })
    .where('dataset', '=', dataset)
    .execute()
  await onProgress?.(1)
  return {
    outcome: 'brought_in',
    ...{ entries: tally.entries, places: tally.written, bad: tally.bad, problems },
    doubled: tally.entries - tally.bad - tally.written,
    ...(await againstBefore(transaction, dataset)),
  }
}

async function againstBefore(transaction: Transaction<PlacesTables>, dataset: string) {
  const { rows: differences } = await sql<{ added: number; gone: number }>`
    with now as (select name, kind, lat, lng from places where dataset = ${dataset})
    select
      (select count(*)::integer from (select * from now except select * from places_before) as a) as added,
      (select count(*)::integer from (select * from places_before except select * from now) as g) as gone`.execute(
    transaction,
  )
  const { rows: kinds } = await sql<{ kind: string; count: number }>`
    select kind, count(*)::integer as count from places where dataset = ${dataset}
    group by kind order by count desc, kind limit ${KINDS_SHOWN}`.execute(transaction)
  const { rows: boxes } = await sql<{ [side in keyof Bounds]: number | null }>`
    select min(lat) as south, min(lng) as west, max(lat) as north, max(lng) as east
    from places where dataset = ${dataset}`.execute(transaction)
  const box = boxes[0]!
  return {
    ...{ added: differences[0]!.added, gone: differences[0]!.gone },
    kinds: kinds.map(({ kind, count }) => [kind, count] as const),
    bounds: box.south === null ? null : (box as Bounds),
  }
}

function sameAsBefore(places: number): ImportReport {
  return {
    ...{ outcome: 'same_as_before', entries: 0, places, doubled: 0, bad: 0, problems: [] },
    ...{ added: 0, gone: 0, kinds: [], bounds: null },
  }
}

function toRow({ name, kind, lat, lng, detail, source }: ReadPlace, dataset: string) {
  return {
    ...{ dataset, name, kind, lat, lng, detail, source },
    folded: fold(name),
    name_words: [...new Set([...fold(name).split(' '), ...alternateWords(name)])].join(' '),
    detail_words: [...new Set(fold(detail).split(' '))].join(' '),
  }
}
