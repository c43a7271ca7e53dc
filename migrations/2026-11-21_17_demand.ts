import { type Kysely, sql } from 'kysely'

/** What past days tell of demand, by hexagon and quarter of an hour; and whether a region's drivers are told. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table regions add column idle_hints boolean not null default true`.execute(db)
  await sql`create index rides_requested on rides (region_id, requested_at)`.execute(db)
  await sql`
    create table demand_days (
      company_id uuid not null,
      region_id uuid not null,
      local_day date not null,
      requests integer not null check (requests >= 0),
      learned_at timestamptz not null,
      primary key (region_id, local_day),
      foreign key (company_id, region_id) references regions (company_id, id)
    )`.execute(db)
  await sql`select honeycab_wall_closed('demand_days')`.execute(db)

  // One number a quarter of an hour, from local midnight: a day of a hexagon is one short row.
  await sql`
    create table demand_cells (
      company_id uuid not null,
      region_id uuid not null,
      local_day date not null,
      cell text not null check (cell ~ '^[0-9a-f]{15}$'),
      requests smallint[] not null check (cardinality(requests) = 96 and 0 <= all (requests)),
      primary key (region_id, local_day, cell),
      foreign key (region_id, local_day) references demand_days (region_id, local_day) on delete cascade,
      foreign key (company_id, region_id) references regions (company_id, id)
    )`.execute(db)
  await sql`select honeycab_wall_closed('demand_cells')`.execute(db)
}

/** What was learned goes; it can be learned again while the rides are there. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table demand_cells`.execute(db)
  await sql`drop table demand_days`.execute(db)
  await sql`drop index rides_requested`.execute(db)
  await sql`alter table regions drop column idle_hints`.execute(db)
}
