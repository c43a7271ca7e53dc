import { type Kysely, sql } from 'kysely'

/**
 * Stops between the two ends of a ride: promised with the price, and each with when the car came and went.
 *
 * Another way for a ride that has its price: what was asked, who had to agree, and how it ended. A ride has one open
 * question at most, and a promise is taken over once.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table quotes
      add column stops jsonb not null default '[]'
        check (jsonb_typeof(stops) = 'array' and jsonb_array_length(stops) <= 20),
      add column replaces uuid,
      add foreign key (company_id, replaces) references quotes (company_id, id)`.execute(db)
  await sql`create index quotes_replacing on quotes (replaces) where replaces is not null`.execute(db)

  // In the order of the way; those ahead are put anew when another way is agreed on, those behind stay.
  await sql`
    create table ride_stops (
      company_id uuid not null,
      ride_id uuid not null,
      place smallint not null check (place between 1 and 20),
      lat double precision not null check (lat between -90 and 90),
      lng double precision not null check (lng >= -180 and lng < 180),
      label text not null,
      arrived_at timestamptz,
      left_at timestamptz,
      primary key (ride_id, place),
      constraint ride_stops_left_after check (left_at >= arrived_at),
      constraint ride_stops_left_there check (left_at is null or arrived_at is not null),
      foreign key (company_id, ride_id) references rides (company_id, id)
    )`.execute(db)
  await sql`select honeycab_wall_company('ride_stops')`.execute(db)

  await sql`
    create table ride_changes (
      company_id uuid not null,
      id uuid not null primary key,
      region_id uuid not null,
      ride_id uuid not null,
      quote_id uuid not null unique,
      state text not null check (state in ('pending', 'agreed', 'refused', 'expired', 'withdrawn')),
      driver_id uuid,
      asked_at timestamptz not null,
      expires_at timestamptz not null check (expires_at >= asked_at),
      ended_at timestamptz,
      end_reason text,
      constraint ride_changes_ended check ((ended_at is null) = (state = 'pending')),
      constraint ride_changes_asked_of check (driver_id is not null or state = 'agreed'),
      constraint ride_changes_in_time check (state <> 'agreed' or ended_at <= expires_at),
      foreign key (company_id, region_id) references regions (company_id, id),
      foreign key (company_id, ride_id) references rides (company_id, id),
      foreign key (company_id, quote_id) references quotes (company_id, id),
      foreign key (company_id, driver_id) references drivers (company_id, id)
    )`.execute(db)
  await sql`
    create unique index ride_changes_one_open_a_ride on ride_changes (ride_id) where state = 'pending'`.execute(
    db,
  )
  await sql`create index ride_changes_of_ride on ride_changes (ride_id, asked_at)`.execute(db)
  await sql`
    create index ride_changes_by_expiry on ride_changes (region_id, expires_at) where state = 'pending'`.execute(
    db,
  )
  await sql`select honeycab_wall_company('ride_changes')`.execute(db)
}

/** What was agreed on stays in the rides; how it came to be is lost. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table ride_changes, ride_stops`.execute(db)
  await sql`alter table quotes drop column replaces, drop column stops`.execute(db)
}
