import { type Kysely, sql } from 'kysely'

/** Companies, people and their sessions, roles, the audit trail, and answers kept for one-time keys. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table companies (
      id uuid primary key,
      slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
      name text not null check (length(name) between 1 and 120),
      host text unique check (host = lower(host)),
      currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
      time_zone text not null,
      locale text not null,
      phone text,
      created_at timestamptz not null default now()
    )`.execute(db)

  // identities, sessions, credentials and verifications are better-auth's user, session, account and
  // verification under our names; its fields are mapped one to one in src/accounts/better-auth.ts.
  await sql`
    create table identities (
      id uuid primary key,
      name text not null check (length(name) between 1 and 120),
      email text not null unique check (email = lower(email) and length(email) between 3 and 254),
      email_verified boolean not null default false,
      image text,
      created_at timestamptz not null,
      updated_at timestamptz not null
    )`.execute(db)
  await sql`
    create table sessions (
      id uuid primary key,
      identity_id uuid not null references identities (id) on delete cascade,
      token text not null unique,
      expires_at timestamptz not null,
      ip_address text,
      user_agent text,
      created_at timestamptz not null,
      updated_at timestamptz not null
    )`.execute(db)
  await sql`create index sessions_identity on sessions (identity_id)`.execute(db)
  await sql`create index sessions_expiry on sessions (expires_at)`.execute(db)
  await sql`
    create table credentials (
      id uuid primary key,
      identity_id uuid not null references identities (id) on delete cascade,
      provider_id text not null,
      account_id text not null,
      password text,
      access_token text,
      refresh_token text,
      id_token text,
      access_token_expires_at timestamptz,
      refresh_token_expires_at timestamptz,
      scope text,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      unique (provider_id, account_id)
    )`.execute(db)
  await sql`create index credentials_identity on credentials (identity_id)`.execute(db)
  await sql`
    create table verifications (
      id uuid primary key,
      identifier text not null,
      value text not null,
      expires_at timestamptz not null,
      created_at timestamptz not null,
      updated_at timestamptz not null
    )`.execute(db)
  await sql`create index verifications_identifier on verifications (identifier)`.execute(db)

  // A person may hold several roles in one company; a rider is a person without any.
  await sql`
    create table memberships (
      company_id uuid not null references companies (id) on delete cascade,
      identity_id uuid not null references identities (id) on delete cascade,
      role text not null check (role in ('driver', 'dispatcher', 'operator', 'admin')),
      created_at timestamptz not null default now(),
      primary key (company_id, identity_id, role)
    )`.execute(db)
  await sql`create index memberships_identity on memberships (identity_id)`.execute(db)

  // No foreign keys: an entry outlives the person and the company it speaks of.
  await sql`
    create table audit_entries (
      id uuid primary key,
      at timestamptz not null,
      company_id uuid,
      actor_id uuid,
      action text not null check (action ~ '^[a-z_]+\\.[a-z_]+$'),
      subject text,
      detail jsonb not null default '{}',
      address text,
      request_id text
    )`.execute(db)
  await sql`create index audit_entries_company on audit_entries (company_id, at desc)`.execute(db)
  await sql`create index audit_entries_actor on audit_entries (actor_id, at desc)`.execute(db)
  await sql`
    create function refuse_audit_change() returns trigger language plpgsql as $$
    begin
      raise exception 'audit entries are append-only' using errcode = 'restrict_violation';
    end $$`.execute(db)
  await sql`
    create trigger audit_entries_append_only before update or delete on audit_entries
    for each row execute function refuse_audit_change()`.execute(db)
  await sql`
    create trigger audit_entries_no_truncate before truncate on audit_entries
    for each statement execute function refuse_audit_change()`.execute(db)

  // The answer is written in the transaction that did the work, so a visible row is a finished request.
  await sql`
    create table idempotency_keys (
      identity_id uuid not null references identities (id) on delete cascade,
      route text not null,
      key text not null check (length(key) between 8 and 128),
      body_hash text not null,
      status integer check (status between 200 and 499),
      answer jsonb,
      created_at timestamptz not null,
      primary key (identity_id, route, key)
    )`.execute(db)
  await sql`create index idempotency_keys_age on idempotency_keys (created_at)`.execute(db)
}

/** Takes everything away again, in the reverse order. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table idempotency_keys`.execute(db)
  await sql`drop table audit_entries`.execute(db)
  await sql`drop function refuse_audit_change()`.execute(db)
  await sql`drop table memberships`.execute(db)
  await sql`drop table verifications`.execute(db)
  await sql`drop table credentials`.execute(db)
  await sql`drop table sessions`.execute(db)
  await sql`drop table identities`.execute(db)
  await sql`drop table companies`.execute(db)
}
