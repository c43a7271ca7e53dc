import { type Kysely, sql } from 'kysely'

/** Help asked for during a ride: by whom, where the car had been, who saw it at the desk, and how it ended. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // 112 reaches help from a mobile phone nearly everywhere.
  await sql`
    alter table regions
      add column emergency_number text not null default '112' check (emergency_number ~ '^[0-9+ ]{2,20}$')`.execute(
    db,
  )
  await sql`
    create table safety_alerts (
      company_id uuid not null,
      id uuid not null primary key,
      region_id uuid not null,
      ride_id uuid not null,
      driver_id uuid not null,
      side text not null check (side in ('rider', 'driver')),
      raised_by uuid not null references identities (id),
      raised_at timestamptz not null,
      seen_at timestamptz check (seen_at >= raised_at),
      seen_by uuid references identities (id),
      closed_at timestamptz,
      closed_by uuid references identities (id),
      words text check (length(words) between 1 and 300),
      check (num_nulls(seen_at, seen_by) in (0, 2)),
      check (num_nulls(closed_at, closed_by, words) in (0, 3)),
      check (closed_at is null or seen_at is not null),
      foreign key (company_id, ride_id) references rides (company_id, id),
      foreign key (company_id, region_id) references regions (company_id, id),
      foreign key (company_id, driver_id) references drivers (company_id, id)
    )`.execute(db)
  await sql`create unique index safety_one_open on safety_alerts (ride_id, side) where closed_at is null`.execute(
    db,
  )
  await sql`create index safety_open_in_region on safety_alerts (region_id) where closed_at is null`.execute(
    db,
  )
  await sql`create index safety_of_ride on safety_alerts (ride_id, raised_at desc)`.execute(db)
  await sql`select honeycab_wall_company('safety_alerts')`.execute(db)

  await sql`
    create table safety_fixes (
      alert_id uuid not null references safety_alerts (id),
      at timestamptz not null,
      lat double precision not null,
      lng double precision not null,
      primary key (alert_id, at)
    )`.execute(db)
  await sql`select honeycab_wall_with('safety_fixes', 'safety_alerts', 'alert_id')`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table safety_fixes`.execute(db)
  await sql`drop table safety_alerts`.execute(db)
  await sql`alter table regions drop column emergency_number`.execute(db)
}
