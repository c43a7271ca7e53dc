import { type Kysely, sql } from 'kysely'

/**
 * Names found by their letters alone, gazetteers brought in on a page, and what geocoders elsewhere answered: by the hash of
 * the question, since where somebody wants to go is theirs.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // "timessquare" and "tiems squaer" share letters with Times Square, and no word.
  await sql`
    alter table places add column letters text not null
      generated always as (replace(folded, ' ', '')) stored`.execute(db)
  await sql`create index places_letters on places using gin (letters gin_trgm_ops) with (fastupdate = off)`.execute(
    db,
  )
  await sql`
    create table place_import_runs (
      id uuid primary key,
      dataset text not null check (dataset <> ''),
      skip_bad boolean not null,
      dry_run boolean not null,
      file bytea,
      file_bytes integer not null check (file_bytes > 0),
      state text not null default 'waiting' check (state in ('waiting', 'running', 'ended')),
      share real not null default 0 check (share between 0 and 1),
      tries integer not null default 0,
      claimed_until timestamptz,
      report jsonb check (jsonb_typeof(report) = 'object'),
      asked_at timestamptz not null,
      ended_at timestamptz,
      check ((state = 'ended') = (report is not null and ended_at is not null)),
      check ((state = 'ended') = (file is null))
    )`.execute(db)
  await sql`create index place_import_runs_open on place_import_runs (asked_at) where state <> 'ended'`.execute(
    db,
  )
  // The gazetteer is one for all companies: who runs the installation brings it in.
  await sql`select honeycab_wall('place_import_runs', 'false')`.execute(db)
  await sql`grant delete on place_imports, places, place_words to honeycab_app`.execute(db)
  for (const table of ['place_imports', 'places', 'place_words']) {
    const name = sql.id(table)
    await sql`alter table ${name} enable row level security`.execute(db)
    await sql`create policy wall_read on ${name} for select to honeycab_app using (true)`.execute(db)
    await sql`
      create policy wall_remove on ${name} for delete to honeycab_app using ((select honeycab_everywhere()))`.execute(
      db,
    )
  }

  await sql`
    create table geocode_answers (
      key bytea primary key check (octet_length(key) = 32),
      geocoder text not null,
      answer jsonb not null,
      fetched_at timestamptz not null,
      expires_at timestamptz not null check (expires_at > fetched_at)
    )`.execute(db)
  await sql`create index geocode_answers_by_expiry on geocode_answers (expires_at)`.execute(db)
  await sql`select honeycab_wall_closed('geocode_answers')`.execute(db)
  await sql`
    create table geocode_budgets (
      geocoder text primary key,
      due_at timestamptz not null,
      day date not null,
      day_calls integer not null check (day_calls >= 0)
    )`.execute(db)
  await sql`select honeycab_wall_closed('geocode_budgets')`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table geocode_budgets`.execute(db)
  await sql`drop table geocode_answers`.execute(db)
  for (const table of ['place_imports', 'places', 'place_words']) {
    const name = sql.id(table)
    await sql`drop policy wall_remove on ${name}`.execute(db)
    await sql`drop policy wall_read on ${name}`.execute(db)
    await sql`alter table ${name} disable row level security`.execute(db)
  }
  await sql`revoke delete on place_imports, places, place_words from honeycab_app`.execute(db)
  await sql`drop table place_import_runs`.execute(db)
  await sql`drop index places_letters`.execute(db)
  await sql`alter table places drop column letters`.execute(db)
}
