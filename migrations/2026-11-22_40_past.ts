import { type Kysely, sql } from 'kysely'

/** Where all cars of a region were and what they did, every few seconds of the last hours, to be looked at again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table fleet_frames (
      company_id uuid not null,
      region_id uuid not null,
      slot bigint not null,
      at timestamptz not null,
      cars integer not null check (cars >= 0),
      frame bytea not null,
      primary key (region_id, slot),
      foreign key (company_id, region_id) references regions (company_id, id)
    )`.execute(db)
  await sql`create index fleet_frames_old on fleet_frames (at)`.execute(db)
  await sql`select honeycab_wall_company('fleet_frames')`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table fleet_frames`.execute(db)
}
