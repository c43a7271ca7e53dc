import { type Kysely, sql } from 'kysely'

/** Letters that are only kept, because nothing here sends mail; and accounts brought in from an older system. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table notices
      drop constraint notices_state_check,
      add constraint notices_state_check check (state in ('waiting', 'sent', 'kept', 'dead'))`.execute(db)
  await sql`create index notices_created on notices (created_at)`.execute(db)
  await sql`create index notices_company on notices (company_id, id desc) where company_id is not null`.execute(
    db,
  )
  // A company's office sees what became of its letters, and has those sent again that were given up.
  for (const command of ['select', 'update'])
    await sql`
      do $$ begin
        execute format('create policy wall_office_%1$s on notices for %1$s to honeycab_app
          using ((select honeycab_everywhere()) or %2$s)',
          ${sql.lit(command)}, honeycab_rule('staffed', 'company_id'));
      end $$`.execute(db)
  await sql`grant update (state, tries, due_at, error) on notices to honeycab_app`.execute(db)
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

  // Accounts of an older system: what came with which import, so that it can be taken back.
  await sql`
    create table imports (
      id uuid primary key,
      kind text not null check (kind in ('accounts')),
      file_name text not null check (length(file_name) between 1 and 255),
      file_sha256 text not null check (length(file_sha256) = 64),
      company_id uuid references companies (id) on delete cascade,
      report jsonb not null,
      created_at timestamptz not null,
      undone_at timestamptz check (undone_at >= created_at)
    )`.execute(db)
  await sql`create index imports_company on imports (company_id) where company_id is not null`.execute(db)
  await sql`
    create table imported_accounts (
      import_id uuid not null references imports (id) on delete cascade,
      old_id text not null check (length(old_id) between 1 and 120),
      identity_id uuid not null unique references identities (id) on delete cascade,
      primary key (import_id, old_id)
    )`.execute(db)
  // Backup codes of which the older system kept hashes only.
  await sql`
    create table imported_backup_codes (
      identity_id uuid not null references identities (id) on delete cascade,
      code_hash text not null check (length(code_hash) between 20 and 400),
      created_at timestamptz not null,
      used_at timestamptz,
      primary key (identity_id, code_hash)
    )`.execute(db)
  for (const table of ['imports', 'imported_accounts'])
    await sql`select honeycab_wall_closed(${table})`.execute(db)
  await sql`select honeycab_wall_own('imported_backup_codes')`.execute(db)
}

/** Takes everything away again, in the reverse order. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table imported_backup_codes`.execute(db)
  await sql`drop table imported_accounts`.execute(db)
  await sql`drop table imports`.execute(db)
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
  await sql`revoke update (state, tries, due_at, error) on notices from honeycab_app`.execute(db)
  for (const command of ['select', 'update'])
    await sql`drop policy ${sql.ref(`wall_office_${command}`)} on notices`.execute(db)
  await sql`drop index notices_company`.execute(db)
  await sql`drop index notices_created`.execute(db)
  await sql`update notices set state = 'sent' where state = 'kept'`.execute(db)
  await sql`
    alter table notices
      drop constraint notices_state_check,
      add constraint notices_state_check check (state in ('waiting', 'sent', 'dead'))`.execute(db)
}
