import { type Kysely, sql } from 'kysely'

/** What a person and a session are beyond their names: settings, a factor's instant, ends; and mail that waits. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table companies
      add column demo boolean not null default false,
      add column deleted_at timestamptz`.execute(db)
  await sql`
    alter table identities
      add column email_verified_at timestamptz,
      add column phone text check (phone ~ '^\\+[1-9][0-9]{6,14}$'),
      add column language text not null default 'en' check (length(language) between 2 and 35),
      add column theme text check (theme in ('light', 'dark')),
      add column avatar_id uuid,
      add column platform boolean not null default false,
      add column notify jsonb not null default '{}',
      add column privacy jsonb not null default '{}',
      add column banned_at timestamptz,
      add column ban_reason text check (length(ban_reason) between 1 and 500),
      add column deleted_at timestamptz,
      add column purged_at timestamptz`.execute(db)
  // proved_at: when this session's holder last gave a factor; sensitive changes ask again after a while.
  await sql`
    alter table sessions
      add column kind text not null default 'cookie' check (kind in ('cookie', 'token')),
      add column family_id uuid,
      add column remembered boolean not null default true,
      add column proved_at timestamptz,
      add column second_factor_at timestamptz,
      add column impersonator_id uuid references identities (id) on delete cascade`.execute(db)
  await sql`create index sessions_family on sessions (family_id) where family_id is not null`.execute(db)
  await sql`create index sessions_impersonator on sessions (impersonator_id) where impersonator_id is not null`.execute(
    db,
  )

  await sql`
    create table notices (
      id uuid primary key,
      company_id uuid references companies (id) on delete cascade,
      identity_id uuid references identities (id) on delete cascade,
      channel text not null check (channel in ('mail')),
      address text not null check (length(address) between 3 and 254),
      kind text not null check (kind ~ '^[a-z_]+$'),
      language text not null default 'en',
      data jsonb not null,
      dedupe_key text,
      state text not null default 'waiting' check (state in ('waiting', 'sent', 'dead')),
      tries integer not null default 0,
      due_at timestamptz not null,
      sent_at timestamptz,
      error text,
      created_at timestamptz not null
    )`.execute(db)
  await sql`create unique index notices_once on notices (dedupe_key) where dedupe_key is not null`.execute(db)
  await sql`create index notices_waiting on notices (due_at) where state = 'waiting'`.execute(db)
  await sql`create index notices_identity on notices (identity_id, created_at desc)`.execute(db)
}

/** Takes everything away again, in the reverse order. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table notices`.execute(db)
  await sql`
    alter table sessions
      drop column impersonator_id,
      drop column second_factor_at,
      drop column proved_at,
      drop column remembered,
      drop column family_id,
      drop column kind`.execute(db)
  await sql`
    alter table identities
      drop column purged_at,
      drop column deleted_at,
      drop column ban_reason,
      drop column banned_at,
      drop column privacy,
      drop column notify,
      drop column platform,
      drop column avatar_id,
      drop column theme,
      drop column language,
      drop column phone,
      drop column email_verified_at`.execute(db)
  await sql`alter table companies drop column deleted_at, drop column demo`.execute(db)
}
