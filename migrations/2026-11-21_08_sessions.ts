import { type Kysely, sql } from 'kysely'

/** A session has several tokens over its life; each stands here by its hash until the session is gone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table session_tokens (
      hash text primary key check (length(hash) = 43),
      session_id uuid not null references sessions (id) on delete cascade,
      purpose text not null check (purpose in ('cookie', 'access', 'refresh')),
      issued_at timestamptz not null,
      expires_at timestamptz,
      seen_at timestamptz,
      spent_at timestamptz,
      lingers boolean not null default false,
      check ((purpose = 'cookie') = (expires_at is null)),
      check (spent_at is not null or not lingers)
    )`.execute(db)
  await sql`create index session_tokens_session on session_tokens (session_id)`.execute(db)
  await sql`select honeycab_wall_with('session_tokens', 'sessions', 'session_id')`.execute(db)
  await sql`create index session_tokens_expiry on session_tokens (expires_at) where expires_at is not null`.execute(
    db,
  )
  // Who is signed in stays signed in: the cookie they hold is of the same form.
  await sql`
    insert into session_tokens (hash, session_id, purpose, issued_at, seen_at)
    select token, id, 'cookie', created_at, created_at from sessions where length(token) = 43`.execute(db)
  // rotate_at: when the session's next use brings a new cookie token. family_id: a session is its own family.
  await sql`
    alter table sessions
      drop column token,
      drop column family_id,
      add column rotate_at timestamptz not null default now()`.execute(db)
  await sql`alter table sessions alter column rotate_at drop default`.execute(db)
}

/** Takes everything away again, in the reverse order. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table sessions
      drop column rotate_at,
      add column family_id uuid,
      add column token text`.execute(db)
  await sql`create index sessions_family on sessions (family_id) where family_id is not null`.execute(db)
  await sql`
    update sessions set token = coalesce(
      (select hash from session_tokens where session_id = id and purpose = 'cookie' and spent_at is null
        order by issued_at desc limit 1),
      id::text)`.execute(db)
  await sql`alter table sessions alter column token set not null`.execute(db)
  await sql`alter table sessions add constraint sessions_token_key unique (token)`.execute(db)
  await sql`drop table session_tokens`.execute(db)
}
