import { type Kysely, sql } from 'kysely'

/** The gazetteer: names to find by word and by beginning, and its words, to guess at misspelt ones by their letters. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create extension if not exists pg_trgm`.execute(db)
  await sql`
    create table place_imports (
      dataset text primary key check (dataset <> ''),
      digest text not null check (digest ~ '^[0-9a-f]{64}$'),
      place_count integer not null check (place_count >= 0),
      imported_at timestamptz not null default now()
    )`.execute(db)
  await sql`
    create table places (
      id bigint generated always as identity primary key,
      dataset text not null references place_imports on delete cascade,
      name text not null check (name <> ''),
      kind text not null check (kind <> ''),
      lat double precision not null check (lat between -90 and 90),
      lng double precision not null check (lng >= -180 and lng < 180),
      detail text not null,
      source text not null,
      folded text not null,
      name_words text not null,
      detail_words text not null,
      name_vector tsvector not null generated always as (array_to_tsvector(string_to_array(name_words, ' '))) stored,
      words tsvector not null generated always as (
        array_to_tsvector(string_to_array(name_words, ' ')) || array_to_tsvector(string_to_array(detail_words, ' '))
      ) stored,
      unique (dataset, name, kind, lat, lng)
    )`.execute(db)
  await sql`
    create table place_words (
      dataset text not null references place_imports on delete cascade,
      word text not null check (word <> ''),
      uses integer not null check (uses > 0),
      primary key (dataset, word)
    )`.execute(db)
  // Written once and read always: without its waiting list the index is quick right after an import.
  await sql`create index places_words on places using gin (words) with (fastupdate = off)`.execute(db)
  await sql`create index place_words_letters on place_words using gin (word gin_trgm_ops) with (fastupdate = off)`.execute(
    db,
  )
  await sql`create index places_where on places (lat, lng)`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table places`.execute(db)
  await sql`drop table place_words`.execute(db)
  await sql`drop table place_imports`.execute(db)
  // The extension stays: other users of the same database may have come to need it.
}
