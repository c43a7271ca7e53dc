import { type Kysely, sql } from 'kysely'

/** What desks did to rides a moment ago, with what was so before: for taking it back, and for the driver it took a ride from. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table desk_acts (
      company_id uuid not null,
      id uuid not null primary key,
      region_id uuid not null,
      ride_id uuid not null,
      actor_id uuid not null references identities (id),
      kind text not null check (kind in
        ('assign', 'reassign', 'release', 'cancel', 'hold', 'unhold', 'widen', 'edit', 'join')),
      -- One choice of many rides at once.
      batch_id uuid,
      at timestamptz not null,
      undo_until timestamptz not null check (undo_until >= at),
      -- The ride's version that it made: while the ride has it, nobody has done anything since.
      ride_version integer not null check (ride_version > 0),
      before jsonb not null,
      -- Who had the ride before, where it was taken from somebody, and what they are told of it.
      driver_id uuid,
      reason text check (length(reason) between 1 and 200),
      undone_at timestamptz check (undone_at >= at),
      foreign key (company_id, ride_id) references rides (company_id, id),
      foreign key (company_id, region_id) references regions (company_id, id),
      foreign key (company_id, driver_id) references drivers (company_id, id)
    )`.execute(db)
  await sql`create index desk_acts_newest on desk_acts (actor_id, at desc)`.execute(db)
  await sql`create index desk_acts_took on desk_acts (driver_id, at desc) where driver_id is not null`.execute(
    db,
  )
  await sql`create index desk_acts_of_ride on desk_acts (ride_id)`.execute(db)
  await sql`select honeycab_wall_company('desk_acts')`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table desk_acts`.execute(db)
}
