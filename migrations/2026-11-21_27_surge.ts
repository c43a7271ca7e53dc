import { type Kysely, sql } from 'kysely'

/** A region may let busy places add to its prices; what it added, and why, is kept by the minute. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table regions
      add column surge jsonb check (jsonb_typeof(surge) = 'object')`.execute(db)

  // One row a minute in which something was added somewhere; of the cells, those where it was.
  await sql`
    create table surge_minutes (
      company_id uuid not null,
      region_id uuid not null,
      at timestamptz not null,
      asking double precision not null check (asking >= 0),
      free double precision not null check (free >= 0),
      cells jsonb not null check (jsonb_typeof(cells) = 'array'),
      primary key (region_id, at),
      foreign key (company_id, region_id) references regions (company_id, id)
    )`.execute(db)
  await sql`create index surge_minutes_by_time on surge_minutes (at)`.execute(db)
  await sql`select honeycab_wall_company('surge_minutes')`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table surge_minutes`.execute(db)
  await sql`alter table regions drop column surge`.execute(db)
}
