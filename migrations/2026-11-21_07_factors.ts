import { type Kysely, sql } from 'kysely'

/** What signing in needs beside a password: tries that are counted, second factors, browsers seen before. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // No foreign key: addresses nobody has are counted alike, so that the two cannot be told apart.
  await sql`
    create table sign_in_tries (
      key text primary key check (length(key) = 43),
      failures integer not null check (failures between 0 and 5),
      failed_at timestamptz not null,
      locked_until timestamptz check (locked_until > failed_at)
    )`.execute(db)
  await sql`create index sign_in_tries_age on sign_in_tries (failed_at)`.execute(db)

  // The password was right, the second factor is still asked for: this opens nothing but that question.
  await sql`
    create table pending_sign_ins (
      id uuid primary key,
      identity_id uuid not null references identities (id) on delete cascade,
      token text not null unique check (length(token) = 43),
      kind text not null check (kind in ('cookie', 'token')),
      remembered boolean not null,
      next text not null check (length(next) <= 2000),
      tries integer not null default 0 check (tries between 0 and 5),
      expires_at timestamptz not null,
      created_at timestamptz not null
    )`.execute(db)
  await sql`create index pending_sign_ins_identity on pending_sign_ins (identity_id)`.execute(db)
  await sql`create index pending_sign_ins_expiry on pending_sign_ins (expires_at)`.execute(db)

  // last_step: the newest time step whose code was used; older ones, and that one, are refused.
  await sql`
    create table totp_secrets (
      identity_id uuid primary key references identities (id) on delete cascade,
      sealed text not null check (sealed <> ''),
      last_step bigint not null check (last_step >= 0),
      created_at timestamptz not null,
      used_at timestamptz
    )`.execute(db)

  await sql`
    create table backup_codes (
      identity_id uuid not null references identities (id) on delete cascade,
      code_hash text not null check (length(code_hash) = 43),
      created_at timestamptz not null,
      used_at timestamptz,
      primary key (identity_id, code_hash)
    )`.execute(db)
  // Fresh codes, sealed, for the one session that may read them until they are put away or ten minutes are over.
  await sql`
    create table backup_code_sheets (
      identity_id uuid primary key references identities (id) on delete cascade,
      session_id uuid not null references sessions (id) on delete cascade,
      sealed text not null check (sealed <> ''),
      expires_at timestamptz not null
    )`.execute(db)
  await sql`create index backup_code_sheets_session on backup_code_sheets (session_id)`.execute(db)

  await sql`
    create table passkeys (
      id uuid primary key,
      identity_id uuid not null references identities (id) on delete cascade,
      credential_id text not null unique check (length(credential_id) between 1 and 1400),
      public_key bytea not null,
      counter bigint not null check (counter >= 0),
      transports text[] not null default '{}',
      name text not null check (length(name) between 1 and 60),
      synced boolean not null,
      created_at timestamptz not null,
      used_at timestamptz
    )`.execute(db)
  await sql`create index passkeys_identity on passkeys (identity_id, created_at)`.execute(db)
  await sql`
    create table passkey_challenges (
      challenge text primary key check (length(challenge) between 16 and 200),
      purpose text not null check (purpose in ('register', 'sign_in', 'prove')),
      identity_id uuid references identities (id) on delete cascade,
      expires_at timestamptz not null,
      check ((identity_id is null) = (purpose = 'sign_in'))
    )`.execute(db)
  await sql`create index passkey_challenges_expiry on passkey_challenges (expires_at)`.execute(db)
  await sql`
    create index passkey_challenges_identity on passkey_challenges (identity_id)
    where identity_id is not null`.execute(db)

  await sql`
    create table known_browsers (
      identity_id uuid not null references identities (id) on delete cascade,
      token text not null check (length(token) = 43),
      first_seen_at timestamptz not null,
      last_seen_at timestamptz not null,
      primary key (identity_id, token)
    )`.execute(db)
  await sql`create index known_browsers_age on known_browsers (last_seen_at)`.execute(db)

  for (const table of [
    'totp_secrets',
    'backup_codes',
    'backup_code_sheets',
    'passkeys',
    'passkey_challenges',
    'known_browsers',
    'pending_sign_ins',
  ])
    await sql`select honeycab_wall_own(${table})`.execute(db)
  await sql`select honeycab_wall_closed('sign_in_tries')`.execute(db)
}

/** Takes everything away again, in the reverse order. */
export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of [
    'known_browsers',
    'passkey_challenges',
    'passkeys',
    'backup_code_sheets',
    'backup_codes',
    'totp_secrets',
    'pending_sign_ins',
    'sign_in_tries',
  ])
    await sql`drop table ${sql.table(table)}`.execute(db)
}
