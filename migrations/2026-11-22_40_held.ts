import { type Kysely, sql } from 'kysely'

/** The desk keeps a driver off the road for a while: since when, who did it, and the reason the driver reads. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table drivers
      add column held_at timestamptz,
      add column held_by uuid references identities (id),
      add column held_reason text check (length(held_reason) between 1 and 200),
      add constraint drivers_held_by_somebody check (num_nulls(held_at, held_by, held_reason) in (0, 3))`.execute(
    db,
  )
  // Who is kept off the road reads the name of whoever did it.
  await sql`
    create policy wall_held on identities for select to honeycab_app using (exists (
      select from drivers d where d.held_by = identities.id and d.identity_id = (select honeycab_person())))`.execute(
    db,
  )
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop policy wall_held on identities`.execute(db)
  await sql`
    alter table drivers
      drop constraint drivers_held_by_somebody,
      drop column held_reason,
      drop column held_by,
      drop column held_at`.execute(db)
}
