import { type Kysely, sql } from 'kysely'

/**
 * Waiting rides that a desk merged: one car is asked for all of them, with the stops in their order. A ride that nobody
 * else goes with any more goes alone, whatever its mark says.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table rides
      add column merged_id uuid,
      add constraint rides_merged_share check (merged_id is null or shared)`.execute(db)
  await sql`create index rides_merged on rides (merged_id) where merged_id is not null`.execute(db)
  await sql`
    alter table offers
      add column merged_id uuid,
      drop constraint offers_join_whole,
      add constraint offers_stops_whole check (
        num_nulls(run_id, added_s) in (0, 2)
        and num_nonnulls(run_id, merged_id) = num_nonnulls(stops))`.execute(db)
  await sql`create index offers_merged on offers (merged_id) where merged_id is not null`.execute(db)
  await sql`
    alter table desk_acts
      drop constraint desk_acts_kind_check,
      add constraint desk_acts_kind_check check (kind in
        ('assign', 'reassign', 'release', 'cancel', 'hold', 'unhold', 'widen', 'edit', 'join', 'merge', 'part'))`.execute(
    db,
  )
}

/** Offers for several rides end as offers of the first; what a desk merged waits alone. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`delete from desk_acts where kind in ('merge', 'part')`.execute(db)
  await sql`
    alter table desk_acts
      drop constraint desk_acts_kind_check,
      add constraint desk_acts_kind_check check (kind in
        ('assign', 'reassign', 'release', 'cancel', 'hold', 'unhold', 'widen', 'edit', 'join'))`.execute(db)
  await sql`drop index offers_merged`.execute(db)
  await sql`alter table offers drop constraint offers_stops_whole`.execute(db)
  await sql`update offers set stops = null where run_id is null`.execute(db)
  await sql`
    alter table offers drop column merged_id,
      add constraint offers_join_whole check (num_nulls(run_id, added_s, stops) in (0, 3))`.execute(db)
  await sql`alter table rides drop constraint rides_merged_share, drop column merged_id`.execute(db)
}
