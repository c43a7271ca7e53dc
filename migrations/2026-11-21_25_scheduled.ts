import { type Kysely, sql } from 'kysely'

/** Rides booked ahead: when the car is to be there, when the matcher gets them, which letter is due, and what was learned of waits. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // How far ahead rides may be booked; 0 is not at all. And how long before its pickup a ride is released at the latest.
  await sql`
    alter table regions
      add column book_ahead_days smallint not null default 30 check (book_ahead_days between 0 and 90),
      add column lead_floor_s integer not null default 600 check (lead_floor_s between 60 and 2700)`.execute(
    db,
  )
  await sql`alter table quotes add column scheduled_for timestamptz`.execute(db)
  await sql`
    alter table rides
      drop constraint rides_state_check,
      add constraint rides_state_check check (state in ('scheduled', 'requested', 'assigned', 'en_route', 'arrived',
        'in_progress', 'completed', 'cancelled', 'no_show', 'unfulfilled')),
      drop constraint rides_check1,
      add constraint rides_driver_named check (driver_id is not null
        or state in ('scheduled', 'requested', 'cancelled', 'unfulfilled')),
      drop constraint rides_check2,
      add constraint rides_nobody_yet check (driver_id is null or state not in ('scheduled', 'requested')),
      drop constraint rides_check3,
      add constraint rides_ended check ((ended_at is null) = (state in ('scheduled', 'requested', 'assigned', 'en_route',
        'arrived', 'in_progress'))),
      add column scheduled_for timestamptz,
      add column booked_at timestamptz,
      add column release_at timestamptz,
      add column letter_due_at timestamptz,
      add column letters_sent smallint not null default 0 check (letters_sent >= 0),
      add constraint rides_booked check (num_nulls(scheduled_for, booked_at, release_at) in (0, 3)),
      add constraint rides_released_before check (release_at <= scheduled_for),
      add constraint rides_scheduled_for_when check (state <> 'scheduled' or scheduled_for is not null),
      add constraint rides_letters_of_booked check (letter_due_at is null or scheduled_for is not null)`.execute(
    db,
  )
  await sql`create index rides_to_release on rides (region_id, release_at) where state = 'scheduled'`.execute(
    db,
  )
  await sql`
    create index rides_with_letter on rides (region_id, letter_due_at) where letter_due_at is not null`.execute(
    db,
  )
  await sql`create index rides_booked_of_rider on rides (rider_id, scheduled_for) where state = 'scheduled'`.execute(
    db,
  )

  // Of each whole local day and its hours: cars on shift in the middle of it, and rides asked for.
  await sql`
    create table service_days (
      company_id uuid not null,
      region_id uuid not null,
      local_day date not null,
      cars smallint[] not null check (cardinality(cars) = 24 and 0 <= all (cars)),
      asked smallint[] not null check (cardinality(asked) = 24 and 0 <= all (asked)),
      learned_at timestamptz not null,
      primary key (region_id, local_day),
      foreign key (company_id, region_id) references regions (company_id, id)
    )`.execute(db)
  // The desk reads it beside its bookings.
  await sql`select honeycab_wall_company('service_days')`.execute(db)

  // One number a class of waits: how many riders of a hexagon and an hour of the local day waited so long.
  await sql`
    create table wait_cells (
      company_id uuid not null,
      region_id uuid not null,
      local_day date not null,
      cell text not null check (cell ~ '^[0-9a-f]{15}$'),
      hour smallint not null check (hour between 0 and 23),
      counts smallint[] not null check (cardinality(counts) = 12 and 0 <= all (counts)),
      primary key (region_id, local_day, cell, hour),
      foreign key (region_id, local_day) references service_days (region_id, local_day) on delete cascade,
      foreign key (company_id, region_id) references regions (company_id, id)
    )`.execute(db)
  await sql`select honeycab_wall_closed('wait_cells')`.execute(db)
}

/** What waits for its time is cancelled: the schema before knew no such state. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table wait_cells`.execute(db)
  await sql`drop table service_days`.execute(db)
  await sql`
    insert into ride_events (company_id, ride_id, version, type, from_state, to_state, at, actor_kind, reason)
    select company_id, id, version + 1, 'cancel', state, 'cancelled', now(), 'system', 'bookings ended'
    from rides where state = 'scheduled'`.execute(db)
  await sql`
    update rides set state = 'cancelled', version = version + 1, ended_at = now(), changed_at = now(),
      ended_by = 'system', end_reason = 'bookings ended' where state = 'scheduled'`.execute(db)
  await sql`drop index rides_booked_of_rider`.execute(db)
  await sql`drop index rides_with_letter`.execute(db)
  await sql`drop index rides_to_release`.execute(db)
  await sql`
    alter table rides
      drop constraint rides_state_check,
      add constraint rides_state_check check (state in ('requested', 'assigned', 'en_route', 'arrived',
        'in_progress', 'completed', 'cancelled', 'no_show', 'unfulfilled')),
      drop constraint rides_driver_named,
      add constraint rides_check1 check (driver_id is not null or state in ('requested', 'cancelled', 'unfulfilled')),
      drop constraint rides_nobody_yet,
      add constraint rides_check2 check (driver_id is null or state <> 'requested'),
      drop constraint rides_ended,
      add constraint rides_check3 check ((ended_at is null) = (state in ('requested', 'assigned', 'en_route',
        'arrived', 'in_progress'))),
      drop constraint rides_letters_of_booked,
      drop constraint rides_scheduled_for_when,
      drop constraint rides_released_before,
      drop constraint rides_booked,
      drop column letters_sent,
      drop column letter_due_at,
      drop column release_at,
      drop column booked_at,
      drop column scheduled_for`.execute(db)
  await sql`alter table quotes drop column scheduled_for`.execute(db)
  await sql`alter table regions drop column lead_floor_s, drop column book_ahead_days`.execute(db)
}
