import { type Kysely, sql } from 'kysely'

/**
 * Riders who share a car. A run belongs to a driver and holds rides: one alone, or several who all chose to share. The
 * database refuses a ride in two open runs, a rider alone beside others, and a ride in a run of the other kind.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // All set: shared rides are offered. None: they are not.
  await sql`
    alter table regions
      add column shared_seats smallint check (shared_seats between 2 and 16),
      add column shared_detour_s integer check (shared_detour_s between 60 and 7200),
      add column shared_wait_s integer check (shared_wait_s between 60 and 7200),
      add column shared_discount_basis_points integer check (shared_discount_basis_points between 0 and 9000),
      add constraint regions_shared_whole check (num_nulls(shared_seats, shared_detour_s, shared_wait_s,
        shared_discount_basis_points) in (0, 4))`.execute(db)

  // What a shared rider is told before they agree; null for a ride alone.
  await sql`
    alter table quotes
      add column shared boolean not null default false,
      add column shared_detour_s integer check (shared_detour_s > 0),
      add column shared_wait_s integer check (shared_wait_s > 0),
      add constraint quotes_shared_told check (shared = (num_nulls(shared_detour_s, shared_wait_s) = 0)),
      drop constraint quotes_set_id_class_key,
      add constraint quotes_set_id_class_key unique (set_id, class, shared)`.execute(db)
  await sql`
    alter table rides
      add column shared boolean not null default false,
      add column latest_pickup_at timestamptz,
      add column latest_dropoff_at timestamptz,
      add constraint rides_id_shared unique (id, shared),
      add constraint rides_shared_promised check (num_nulls(latest_pickup_at, latest_dropoff_at)
        = case when shared then 0 else 2 end)`.execute(db)
  await sql`drop index rides_one_open_a_driver`.execute(db)
  await sql`
    create unique index rides_one_open_a_driver on rides (driver_id)
      where state in ('assigned', 'en_route', 'arrived', 'in_progress') and not shared`.execute(db)
  await sql`
    alter table runs
      add column shared boolean not null default false,
      add constraint runs_id_shared unique (id, shared),
      add constraint runs_company_id_id unique (company_id, id)`.execute(db)
  await sql`
    create table run_rides (
      company_id uuid not null,
      run_id uuid not null,
      ride_id uuid not null,
      shared boolean not null,
      joined_at timestamptz not null,
      left_at timestamptz check (left_at >= joined_at),
      primary key (run_id, ride_id),
      foreign key (company_id, run_id) references runs (company_id, id),
      foreign key (company_id, ride_id) references rides (company_id, id),
      foreign key (run_id, shared) references runs (id, shared),
      foreign key (ride_id, shared) references rides (id, shared)
    )`.execute(db)
  await sql`
    insert into run_rides (company_id, run_id, ride_id, shared, joined_at, left_at)
    select company_id, id, ride_id, false, opened_at, closed_at from runs`.execute(db)
  await sql`create unique index run_rides_one_open_a_ride on run_rides (ride_id) where left_at is null`.execute(
    db,
  )
  await sql`
    create unique index run_rides_alone on run_rides (run_id) where left_at is null and not shared`.execute(
    db,
  )
  await sql`create index run_rides_of_ride on run_rides (ride_id)`.execute(db)
  await sql`drop index runs_one_open_a_ride`.execute(db)
  await sql`alter table runs drop column ride_id`.execute(db)

  await sql`
    create table run_stops (
      company_id uuid not null,
      run_id uuid not null,
      ride_id uuid not null,
      kind text not null check (kind in ('pickup', 'dropoff')),
      place smallint not null check (place >= 0),
      done_at timestamptz,
      primary key (run_id, ride_id, kind),
      unique (run_id, place) deferrable initially deferred,
      foreign key (company_id, run_id) references runs (company_id, id),
      foreign key (run_id, ride_id) references run_rides (run_id, ride_id)
    )`.execute(db)

  // An offer to take one more rider along names the run, the order of the stops then, and what it adds.
  await sql`
    alter table offers
      add column run_id uuid,
      add column added_s integer check (added_s >= 0),
      add column stops jsonb,
      add foreign key (company_id, run_id) references runs (company_id, id),
      add constraint offers_join_whole check (num_nulls(run_id, added_s, stops) in (0, 3))`.execute(db)

  for (const table of ['run_rides', 'run_stops'])
    await sql`select honeycab_wall_company(${table})`.execute(db)
}

/** Takes everything away again; of a run that several rides shared, the first remains. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table offers drop constraint offers_join_whole, drop column stops, drop column added_s,
      drop column run_id`.execute(db)
  await sql`drop table run_stops`.execute(db)
  await sql`alter table runs add column ride_id uuid`.execute(db)
  await sql`
    update runs set ride_id = (
      select ride_id from run_rides where run_id = runs.id order by joined_at, ride_id limit 1)`.execute(db)
  await sql`drop table run_rides`.execute(db)
  await sql`
    alter table runs alter column ride_id set not null,
      add foreign key (company_id, ride_id) references rides (company_id, id),
      drop constraint runs_id_shared, drop constraint runs_company_id_id, drop column shared`.execute(db)
  await sql`create unique index runs_one_open_a_ride on runs (ride_id) where closed_at is null`.execute(db)
  await sql`drop index rides_one_open_a_driver`.execute(db)
  await sql`
    create unique index rides_one_open_a_driver on rides (driver_id)
      where state in ('assigned', 'en_route', 'arrived', 'in_progress')`.execute(db)
  await sql`
    alter table rides drop constraint rides_shared_promised, drop constraint rides_id_shared,
      drop column latest_dropoff_at, drop column latest_pickup_at, drop column shared`.execute(db)
  await sql`delete from quotes where shared and not exists (select from rides where quote_id = quotes.id)`.execute(
    db,
  )
  await sql`
    alter table quotes drop constraint quotes_set_id_class_key, drop constraint quotes_shared_told,
      drop column shared_wait_s, drop column shared_detour_s, drop column shared,
      add constraint quotes_set_id_class_key unique (set_id, class)`.execute(db)
  await sql`
    alter table regions drop constraint regions_shared_whole, drop column shared_discount_basis_points,
      drop column shared_wait_s, drop column shared_detour_s, drop column shared_seats`.execute(db)
}
