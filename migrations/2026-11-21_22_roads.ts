import { type Kysely, sql } from 'kysely'

/** Legs that were driven, by hexagon and hour, to learn from how fast a region is. Of nobody: no ride, no person, no door. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table road_days (
      company_id uuid not null,
      region_id uuid not null,
      local_day date not null,
      legs integer not null check (legs >= 0),
      learned_at timestamptz not null,
      primary key (region_id, local_day),
      foreign key (company_id, region_id) references regions (company_id, id)
    )`.execute(db)
  await sql`select honeycab_wall_closed('road_days')`.execute(db)

  await sql`
    create table road_legs (
      company_id uuid not null,
      region_id uuid not null,
      local_day date not null,
      place smallint not null check (place >= 0),
      hour smallint not null check (hour between 0 and 23),
      from_cell text not null check (from_cell ~ '^[0-9a-f]{15}$'),
      to_cell text not null check (to_cell ~ '^[0-9a-f]{15}$'),
      distance_m real not null check (distance_m > 0),
      duration_s real not null check (duration_s > 0),
      road_distance_m real check (road_distance_m > 0),
      road_duration_s real check (road_duration_s > 0),
      primary key (region_id, local_day, place),
      check ((road_distance_m is null) = (road_duration_s is null)),
      foreign key (region_id, local_day) references road_days (region_id, local_day) on delete cascade,
      foreign key (company_id, region_id) references regions (company_id, id)
    )`.execute(db)
  await sql`select honeycab_wall_closed('road_legs')`.execute(db)
}

/** What was learned goes; it can be learned again while the rides' ways are there. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table road_legs`.execute(db)
  await sql`drop table road_days`.execute(db)
}
