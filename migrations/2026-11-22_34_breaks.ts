import { type Kysely, sql } from 'kysely'

/** Breaks of drivers, how long one may drive between two rests, and by what a driver finds the way. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Null: nobody counts.
  await sql`
    alter table regions
      add column drive_limit_s integer check (drive_limit_s between 3600 and 86400),
      add column rest_s integer not null default 28800 check (rest_s between 3600 and 86400)`.execute(db)
  // Driven before the shift since the last rest, so that the newest shift alone says how long somebody has driven.
  await sql`
    alter table shifts
      add column driven_before_s integer check (driven_before_s >= 0),
      add column drove_until timestamptz,
      add constraint shifts_driven_before check (num_nulls(driven_before_s, drove_until) in (0, 2)),
      add constraint shifts_company_id_id unique (company_id, id)`.execute(db)
  await sql`create index shifts_newest on shifts (driver_id, ended_at desc nulls first, started_at desc)`.execute(
    db,
  )
  await sql`
    alter table drivers
      add column navigates_by text not null default 'phone'
        check (navigates_by in ('phone', 'google', 'apple', 'waze', 'osm'))`.execute(db)

  // A break asked for during a run begins when that run is over.
  await sql`
    create table breaks (
      company_id uuid not null,
      id uuid not null primary key,
      driver_id uuid not null,
      shift_id uuid not null,
      run_id uuid,
      started_at timestamptz not null,
      ended_at timestamptz check (ended_at >= started_at),
      foreign key (company_id, driver_id) references drivers (company_id, id),
      foreign key (company_id, shift_id) references shifts (company_id, id),
      foreign key (company_id, run_id) references runs (company_id, id)
    )`.execute(db)
  await sql`create unique index breaks_one_open on breaks (driver_id) where ended_at is null`.execute(db)
  await sql`create index breaks_of_shift on breaks (shift_id)`.execute(db)
  await sql`select honeycab_wall_company('breaks')`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table breaks`.execute(db)
  await sql`alter table drivers drop column navigates_by`.execute(db)
  await sql`drop index shifts_newest`.execute(db)
  await sql`
    alter table shifts drop constraint shifts_company_id_id, drop column drove_until, drop column driven_before_s`.execute(
    db,
  )
  await sql`alter table regions drop column rest_s, drop column drive_limit_s`.execute(db)
}
