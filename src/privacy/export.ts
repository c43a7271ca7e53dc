/** All that is kept of a person, and only of them, read part by part so that no size of it fills the memory. */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { IdentityId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'
import { findUpload, type Uploads } from '../uploads/uploads.ts'
import { type ExportSection, SECTIONS } from './columns.ts'
import type { Subject } from './plan.ts'

/** How many rows are held at once. */
const BATCH = 500

export type ExportRow = Readonly<Record<string, unknown>>

export interface ExportPart {
  readonly title: string
  readonly rows: AsyncIterable<ExportRow>
}

export interface ExportDeps {
  readonly db: Kysely<Tables>
  readonly uploads: Pick<Uploads, 'read'>
}

/** Whose data it is; undefined when the account is gone. */
export function subjectOf(db: Kysely<Tables>, identityId: IdentityId): Promise<Subject | undefined> {
  return db
    .selectFrom('identities')
    .select(['id', 'name', 'email', 'phone'])
    .where('id', '=', identityId)
    .executeTakeFirst()
}

/** The parts of a person's data in order; a part without rows is a part all the same: nothing is kept there. */
export function* exportParts(deps: ExportDeps, person: Subject): Generator<ExportPart> {
  for (const section of SECTIONS)
    yield {
      title: section.title,
      rows:
        section.table === 'uploads' ? withPictures(deps, section, person) : rowsOf(deps.db, section, person),
    }
}

/**
 * The rows of a part, a batch at a time, each batch its own statement: no connection is held while a slow reader
 * takes the rows away. The next batch begins after the last row's key, as text, so that no precision is lost.
 */
async function* rowsOf(
  db: Kysely<Tables>,
  section: ExportSection,
  person: Subject,
): AsyncGenerator<ExportRow> {
  const { table, columns, key, about } = section
  const shown = section.shown(person)
  const given = columns.map((name) =>
    name === 'company_id'
      ? sql`(select companies.name from companies where companies.id = part.company_id) as company`
      : name in shown
        ? sql`${shown[name]!} as ${sql.ref(name)}`
        : sql`part.${sql.ref(name)}`,
  )
  const keys = key.map((name) => sql`part.${sql.ref(name)}`)
  const marks = keys.map((column, n) => sql`${column}::text as ${sql.ref(`mark ${n}`)}`)
  let after: readonly string[] | null = null
  for (;;) {
    const { rows } = await sql<Record<string, unknown>>`
      select ${sql.join([...given, ...marks])} from ${sql.table(table)} as part
      where ${about(person)} ${onward(keys, after)} order by ${sql.join(keys)} limit ${BATCH}`.execute(db)
    for (const row of rows)
      yield Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('mark ')))
    const last = rows.at(-1)
    if (last === undefined || rows.length < BATCH) return
    after = key.map((_, n) => String(last[`mark ${n}`]))
  }
}

function onward(keys: readonly RawBuilder<unknown>[], after: readonly string[] | null): RawBuilder<unknown> {
  if (after === null) return sql``
  return sql`and (${sql.join(keys)}) > (${sql.join(after.map((mark) => sql`${mark}`))})`
}

/** Pictures come along as they are, since nothing else of ours will show them to the person later. */
async function* withPictures(
  deps: ExportDeps,
  section: ExportSection,
  person: Subject,
): AsyncGenerator<ExportRow> {
  for await (const { id, ...row } of rowsOf(deps.db, section, person)) {
    const upload = await findUpload(deps.db, String(id))
    const bytes = upload === undefined ? null : await deps.uploads.read(upload)
    yield {
      ...row,
      picture:
        bytes === null
          ? null
          : `data:${String(row.content_type)};base64,${Buffer.from(bytes).toString('base64')}`,
    }
  }
}
