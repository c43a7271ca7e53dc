import { type Kysely, sql } from 'kysely'

const TABLES = ['companies', 'regions', 'vehicles'] as const

/** What the office set on its pages, by the names of columns: a company file that is read again leaves those alone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of TABLES)
    await sql`alter table ${sql.table(table)} add column office_set text[] not null default '{}'`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of TABLES) await sql`alter table ${sql.table(table)} drop column office_set`.execute(db)
}
