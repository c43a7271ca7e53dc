import { type Kysely, sql } from 'kysely'

/**
 * What the pickup watchdog said of cars on their way, with the instant at which it acts, so that a restart or another
 * holder of the region keeps it; and the rescue queue, where a ride goes after its misses.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table pickup_alarms (
      company_id uuid not null,
      id uuid primary key,
      region_id uuid not null,
      ride_id uuid not null,
      driver_id uuid not null,
      kind text not null check (kind in ('dark', 'stalled', 'retreating')),
      since_at timestamptz not null,
      raised_at timestamptz not null check (raised_at >= since_at),
      acts_at timestamptz not null check (acts_at >= raised_at),
      answers smallint not null default 0 check (answers >= 0),
      answered_at timestamptz check (answered_at >= raised_at),
      left_at timestamptz check (left_at >= raised_at),
      ended_at timestamptz check (ended_at >= raised_at),
      outcome text check (outcome in ('recovered', 'reassigned', 'over')),
      check (num_nulls(ended_at, outcome) in (0, 2)),
      check ((answers = 0) = (answered_at is null)),
      foreign key (company_id, region_id) references regions (company_id, id),
      foreign key (company_id, ride_id) references rides (company_id, id),
      foreign key (company_id, driver_id) references drivers (company_id, id)
    )`.execute(db)
  await sql`create unique index pickup_alarms_one_live on pickup_alarms (ride_id) where ended_at is null`.execute(
    db,
  )
  await sql`create index pickup_alarms_live on pickup_alarms (company_id, region_id) where ended_at is null`.execute(
    db,
  )
  await sql`create index pickup_alarms_of_ride on pickup_alarms (ride_id, raised_at)`.execute(db)
  await sql`create index pickup_alarms_of_driver on pickup_alarms (driver_id, ended_at)`.execute(db)
  await sql`select honeycab_wall_company('pickup_alarms')`.execute(db)

  // Since when the desk is asked to help; from when all but those who said no are asked again, as far as it goes; until
  // when nobody is asked; what the desk tells the rider at the end.
  await sql`
    alter table rides
      add column rescue_at timestamptz,
      add column wider_at timestamptz,
      add column put_off_until timestamptz,
      add column end_words text check (length(end_words) between 1 and 200)`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table rides drop column end_words, drop column put_off_until, drop column wider_at,
      drop column rescue_at`.execute(db)
  await sql`drop table pickup_alarms`.execute(db)
}
