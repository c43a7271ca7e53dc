import { type Kysely, sql } from 'kysely'

/** Letters that are only kept, because nothing here sends mail; and accounts brought in from an older system. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table notices
      drop constraint notices_state_check,
      add constraint notices_state_check check (state in ('waiting', 'sent', 'kept', 'dead'))`.execute(db)
  await sql`create index notices_created on notices (created_at)`.execute(db)
  // A one-time key belongs to a person, or before they sign in to the browser's own random value (its hash).
  await sql`
    alter table idempotency_keys
      drop constraint idempotency_keys_pkey,
      alter column identity_id drop not null,
      add column visitor text check (length(visitor) between 8 and 64),
      add constraint idempotency_keys_whose check (num_nonnulls(identity_id, visitor) = 1)`.execute(db)
  await sql`
    create unique index idempotency_keys_person on idempotency_keys (identity_id, route, key)
      where identity_id is not null`.execute(db)
  await sql`
    create unique index idempotency_keys_visitor on idempotency_keys (visitor, route, key)
      where visitor is not null`.execute(db)
  await sql`drop policy wall on idempotency_keys`.execute(db)
  await sql`
    select honeycab_wall('idempotency_keys', honeycab_rule('own', 'identity_id')
      || ' or (visitor is not null and (select honeycab_person()) is null)')`.execute(db)
}

/** Takes everything away again, in the reverse order. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop policy wall on idempotency_keys`.execute(db)
  await sql`select honeycab_wall_own('idempotency_keys')`.execute(db)
  await sql`delete from idempotency_keys where identity_id is null`.execute(db)
  await sql`drop index idempotency_keys_visitor`.execute(db)
  await sql`drop index idempotency_keys_person`.execute(db)
  await sql`
    alter table idempotency_keys
      drop constraint idempotency_keys_whose,
      drop column visitor,
      alter column identity_id set not null,
      add primary key (identity_id, route, key)`.execute(db)
  await sql`drop index notices_created`.execute(db)
  await sql`update notices set state = 'sent' where state = 'kept'`.execute(db)
  await sql`
    alter table notices
      drop constraint notices_state_check,
      add constraint notices_state_check check (state in ('waiting', 'sent', 'dead'))`.execute(db)
}
