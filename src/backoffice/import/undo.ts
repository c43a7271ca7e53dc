/** An import taken back: everything it made that nobody has used or changed since; the rest stays and is named. */
import { sql } from 'kysely'
import { record } from '../../audit/audit.ts'
import type { IdentityId } from '../../engine/units.ts'
import { commitForOthers, type Work } from '../../io/commit.ts'
import type { ImportDeps } from './import.ts'

export interface Undone {
  readonly removed: number
  /** People who stay, with the reason. */
  readonly kept: readonly { readonly email: string; readonly why: string }[]
}

export type UndoRefusal = 'no_such_import' | 'undone_before'

/** What an import itself writes about a person; a row anywhere else is somebody's doing since. */
const OWN_TABLES = new Set([
  'credentials',
  'memberships',
  'totp_secrets',
  'backup_codes',
  'imported_accounts',
  'imported_backup_codes',
])

class DryRun extends Error {
  constructor(readonly undone: Undone) {
    super('a dry run changes nothing')
  }
}

/** Take an import back. A dry run does everything, and takes that back. */
export async function undoImport(
  deps: Omit<ImportDeps, 'sealers'>,
  importId: string,
  dryRun: boolean,
): Promise<Undone | UndoRefusal> {
  try {
    return await commitForOthers(deps, async (unit) => {
      const row = await unit.db
        .selectFrom('imports')
        .select(['undone_at', 'company_id', 'file_name'])
        .where('id', '=', importId)
        .forUpdate()
        .executeTakeFirst()
      if (row === undefined) return 'no_such_import'
      if (row.undone_at !== null) return 'undone_before'
      const undone = await removeUnused(unit, importId)
      if (dryRun) throw new DryRun(undone)
      await unit.db
        .updateTable('imports')
        .set({ undone_at: new Date(unit.atMs) })
        .where('id', '=', importId)
        .execute()
      await record(unit.db, deps.random, {
        action: 'accounts.import_undone',
        atMs: unit.atMs,
        subject: importId,
        detail: { file: row.file_name, removed: undone.removed, kept: undone.kept.length },
        ...(row.company_id === null ? {} : { companyId: row.company_id }),
      })
      return undone
    })
  } catch (error) {
    if (error instanceof DryRun) return error.undone
    throw error
  }
}

async function removeUnused(unit: Work, importId: string): Promise<Undone> {
  // Locked, so that nobody signs in or asks for a ride between the look and the removal.
  const people = await unit.db
    .selectFrom('imported_accounts')
    .innerJoin('identities', 'identities.id', 'imported_accounts.identity_id')
    .select(['identities.id', 'identities.email'])
    .where('imported_accounts.import_id', '=', importId)
    .orderBy('identities.email')
    .forUpdate('identities')
    .execute()
  const reasons = await reasonsToStay(unit, importId)
  const unused = people.filter(({ id }) => !reasons.has(id))
  if (unused.length > 0)
    await unit.db
      .deleteFrom('identities')
      .where(
        'id',
        'in',
        unused.map(({ id }) => id),
      )
      .execute()
  const kept = people.flatMap(({ id, email }) => {
    const why = reasons.get(id)
    return why === undefined ? [] : [{ email, why }]
  })
  return { removed: unused.length, kept }
}

/** Who of an import did something since, or had something done to them. */
async function reasonsToStay(unit: Work, importId: string): Promise<Map<IdentityId, string>> {
  const reasons = new Map<IdentityId, string>()
  const note = (ids: readonly { id: IdentityId }[], why: string) => {
    for (const { id } of ids) if (!reasons.has(id)) reasons.set(id, why)
  }
  const ofImport = unit.db
    .selectFrom('imported_accounts')
    .innerJoin('imports', 'imports.id', 'imported_accounts.import_id')
    .innerJoin('identities', 'identities.id', 'imported_accounts.identity_id')
    .select('identities.id')
    .where('imports.id', '=', importId)
  note(
    await ofImport
      .where((eb) =>
        eb.exists(
          eb
            .selectFrom('audit_entries')
            .select('audit_entries.id')
            .whereRef('audit_entries.actor_id', '=', 'identities.id'),
        ),
      )
      .execute(),
    'has signed in since',
  )
  note(
    await ofImport
      .where((eb) =>
        eb.or([
          eb('identities.updated_at', '!=', eb.ref('imports.created_at')),
          eb.exists(
            eb
              .selectFrom('credentials')
              .select('credentials.id')
              .whereRef('credentials.identity_id', '=', 'identities.id')
              .whereRef('credentials.updated_at', '!=', 'imports.created_at'),
          ),
          eb.exists(
            eb
              .selectFrom('memberships')
              .select('memberships.role')
              .whereRef('memberships.identity_id', '=', 'identities.id')
              .whereRef('memberships.created_at', '!=', 'imports.created_at'),
          ),
        ]),
      )
      .execute(),
    'was changed since',
  )
  for (const { table, column } of await tablesAboutPeople(unit)) {
    const { rows } = await sql<{ id: IdentityId }>`
      select distinct imported.identity_id as id
      from imported_accounts imported
      join ${sql.table(table)} other on other.${sql.ref(column)} = imported.identity_id
      where imported.import_id = ${importId}`.execute(unit.db)
    note(rows, `is named in ${table.replaceAll('_', ' ')}`)
  }
  return reasons
}

/** Every column that points at a person, so that a table of later work counts by itself. */
async function tablesAboutPeople(unit: Work): Promise<{ table: string; column: string }[]> {
  const { rows } = await sql<{ table: string; column: string }>`
    select child.relname as table, attribute.attname as column
    from pg_constraint fk
    join pg_class child on child.oid = fk.conrelid
    join pg_attribute attribute on attribute.attrelid = fk.conrelid and attribute.attnum = fk.conkey[1]
    where fk.contype = 'f' and fk.confrelid = 'identities'::regclass
    order by 1, 2`.execute(unit.db)
  return rows.filter(({ table }) => !OWN_TABLES.has(table))
}
