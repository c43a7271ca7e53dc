import { type Kysely, sql } from 'kysely'

/** What one shift of the desk leaves to the next: notes, who took each over, and what was done with. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table handover_notes (
      company_id uuid not null,
      id uuid not null primary key,
      region_id uuid not null,
      author_id uuid not null references identities (id),
      text text not null check (length(text) between 1 and 500),
      is_pinned boolean not null,
      written_at timestamptz not null,
      taken_at timestamptz check (taken_at >= written_at),
      taken_by uuid references identities (id),
      done_at timestamptz check (done_at >= written_at),
      done_by uuid references identities (id),
      check (num_nulls(taken_at, taken_by) in (0, 2)),
      check (num_nulls(done_at, done_by) in (0, 2)),
      foreign key (company_id, region_id) references regions (company_id, id)
    )`.execute(db)
  await sql`create index handover_notes_open on handover_notes (region_id) where done_at is null`.execute(db)
  await sql`create index handover_notes_newest on handover_notes (region_id, written_at desc)`.execute(db)
  for (const who of ['author_id', 'taken_by', 'done_by'])
    await sql`create index ${sql.ref(`handover_notes_${who}`)} on handover_notes (${sql.ref(who)})`.execute(
      db,
    )
  await sql`select honeycab_wall_company('handover_notes')`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table handover_notes`.execute(db)
}
