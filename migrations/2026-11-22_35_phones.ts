import { type Kysely, sql } from 'kysely'

/** What a driver's phone says by itself: when a step was pressed while it had no network, and that it is the one that counts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // By the phone's clock as it learned ours; the row's own time stays when it reached us.
  await sql`alter table ride_events add column said_at timestamptz`.execute(db)

  // The session whose phone or program tells where the car is, and since when; null takes anybody's.
  await sql`alter table shifts add column phone_session_id uuid`.execute(db)
  await sql`alter table shifts add column phone_since timestamptz`.execute(db)
  await sql`
    alter table shifts add constraint shifts_phone_since
      check ((phone_session_id is null) = (phone_since is null)) not valid`.execute(db)
  await sql`alter table shifts validate constraint shifts_phone_since`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table shifts drop constraint shifts_phone_since`.execute(db)
  await sql`alter table shifts drop column phone_since`.execute(db)
  await sql`alter table shifts drop column phone_session_id`.execute(db)
  await sql`alter table ride_events drop column said_at`.execute(db)
}
