import { type Kysely, sql } from 'kysely'

/**
 * Finding by a few letters of anything, by an index however many rides and people there are; and people who ring for
 * the first time: with a name and a number, without a mailbox, known to the company whose desk took the call.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Written with each ride and read while somebody types: without its waiting list each search is as quick as the last.
  await sql`
    create index rides_letters on rides
      using gin ((rider_name || ' ' || pickup_label || ' ' || dropoff_label) gin_trgm_ops)
      with (fastupdate = off)`.execute(db)
  await sql`create index rides_number on rides (company_id, number)`.execute(db)
  await sql`
    create index identities_letters on identities
      using gin ((name || ' ' || email || ' ' || coalesce(phone, '')) gin_trgm_ops)
      with (fastupdate = off)`.execute(db)
  await sql`create index identities_phone on identities (phone) where phone is not null`.execute(db)

  await sql`
    create table company_callers (
      company_id uuid not null references companies (id) on delete cascade,
      identity_id uuid not null references identities (id) on delete cascade,
      added_at timestamptz not null,
      primary key (company_id, identity_id)
    )`.execute(db)
  await sql`create index company_callers_identity on company_callers (identity_id)`.execute(db)
  await sql`select honeycab_wall_company('company_callers', 'identity_id')`.execute(db)
  // A desk may add somebody at whose address no letter can ever arrive (RFC 6761), and sees whom it added before
  // their first ride would show them to it.
  await sql`
    create policy wall_callers on identities to honeycab_app
      using (exists (
        select from company_callers c where c.identity_id = identities.id
          and c.company_id = any ((select honeycab_ids('honeycab.staffed'))::uuid[])))
      with check (
        email = 'caller-' || id || '@phone.invalid'
          and cardinality((select honeycab_ids('honeycab.staffed'))::uuid[]) > 0)`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop policy wall_callers on identities`.execute(db)
  await sql`drop table company_callers`.execute(db)
  await sql`drop index identities_phone`.execute(db)
  await sql`drop index identities_letters`.execute(db)
  await sql`drop index rides_number`.execute(db)
  await sql`drop index rides_letters`.execute(db)
}
