import { type Kysely, sql } from 'kysely'

/** What a rider needs of the car, where they often go, and who wants to be told when a car gets free. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table quotes add column attributes integer not null default 0 check (attributes >= 0)`.execute(
    db,
  )
  // 2 is the bit for a wheelchair (engine/attributes.ts): a car of the class takes one, whatever its row said so far.
  await sql`update vehicles set attributes = attributes | 2 where class = 'accessible'`.execute(db)

  await sql`
    create table saved_places (
      id uuid not null primary key,
      identity_id uuid not null references identities (id),
      kind text not null check (kind in ('home', 'work', 'other')),
      name text not null check (length(name) between 1 and 40),
      label text not null check (length(label) between 1 and 120),
      lat double precision not null check (lat between -90 and 90),
      lng double precision not null check (lng between -180 and 180),
      created_at timestamptz not null
    )`.execute(db)
  await sql`create index saved_places_of_person on saved_places (identity_id, created_at)`.execute(db)
  await sql`create unique index saved_places_one_home on saved_places (identity_id, kind) where kind <> 'other'`.execute(
    db,
  )
  await sql`select honeycab_wall_own('saved_places')`.execute(db)

  await sql`
    create table free_waits (
      id uuid not null primary key,
      company_id uuid not null,
      identity_id uuid not null references identities (id),
      quote_id uuid not null references quotes (id) on delete cascade,
      region_id uuid not null,
      asked_at timestamptz not null,
      until_at timestamptz not null check (until_at > asked_at),
      told_at timestamptz,
      foreign key (company_id, region_id) references regions (company_id, id),
      unique (identity_id, quote_id)
    )`.execute(db)
  await sql`create index free_waits_open on free_waits (region_id, asked_at) where told_at is null`.execute(
    db,
  )
  await sql`create index free_waits_of_quote on free_waits (quote_id)`.execute(db)
  await sql`select honeycab_wall_company('free_waits', 'identity_id')`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table free_waits`.execute(db)
  await sql`drop table saved_places`.execute(db)
  await sql`alter table quotes drop column attributes`.execute(db)
}
