import { type Kysely, sql } from 'kysely'

/** Uploaded pictures, drivers' licences and their review, and who may take a driver off the road. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // A row comes before its file and goes after it: pending until the file lies there, deleted until it is gone.
  await sql`
    create table uploads (
      id uuid primary key,
      company_id uuid references companies (id) on delete cascade,
      identity_id uuid not null references identities (id) on delete cascade,
      kind text not null check (kind in ('avatar', 'licence_front', 'licence_back', 'vehicle_photo')),
      state text not null check (state in ('pending', 'ready', 'deleted')),
      content_type text not null check (content_type in ('image/jpeg', 'image/webp')),
      bytes integer not null check (bytes > 0),
      sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
      width integer not null check (width > 0),
      height integer not null check (height > 0),
      key text not null unique,
      created_at timestamptz not null,
      deleted_at timestamptz,
      check ((state = 'deleted') = (deleted_at is not null)),
      check (kind = 'avatar' or company_id is not null)
    )`.execute(db)
  await sql`create index uploads_owner on uploads (identity_id)`.execute(db)
  await sql`create index uploads_company on uploads (company_id) where company_id is not null`.execute(db)
  await sql`create index uploads_unsettled on uploads (created_at) where state <> 'ready'`.execute(db)
  await sql`
    alter table identities
      add constraint identities_avatar foreign key (avatar_id) references uploads (id) on delete set null`.execute(
    db,
  )
  await sql`create index identities_avatar on identities (avatar_id) where avatar_id is not null`.execute(db)

  // Companies that drive already go on driving; new ones have every licence looked at unless they say otherwise.
  await sql`
    alter table companies
      add column licence_check text not null default 'not_checked'
        check (licence_check in ('checked', 'not_checked'))`.execute(db)
  await sql`alter table companies alter column licence_check set default 'checked'`.execute(db)
  await sql`
    alter table drivers
      add column disabled_at timestamptz,
      add column disabled_reason text check (length(disabled_reason) between 1 and 500),
      add column stopped_at timestamptz,
      add constraint drivers_disabled_for_a_reason check ((disabled_at is null) = (disabled_reason is null))`.execute(
    db,
  )

  // Days are the calendar's: which instant ends one depends on where the driver drives.
  await sql`
    create table licences (
      company_id uuid not null references companies (id) on delete cascade,
      id uuid not null,
      identity_id uuid not null references identities (id) on delete cascade,
      state text not null check (
        state in ('draft', 'submitted', 'approved', 'rejected', 'withdrawn', 'replaced', 'expired')),
      source text not null check (source in ('driver', 'company_file')),
      legal_name text check (length(legal_name) between 1 and 120),
      number text check (length(number) between 2 and 40),
      country text check (country ~ '^[A-Z]{2}$'),
      issuing_state text check (length(issuing_state) between 1 and 60),
      classes text check (length(classes) between 1 and 60),
      issued_on date,
      expires_on date,
      front_id uuid references uploads (id) on delete set null,
      back_id uuid references uploads (id) on delete set null,
      read_text jsonb,
      name_score smallint check (name_score between 0 and 100),
      created_at timestamptz not null,
      submitted_at timestamptz,
      decided_at timestamptz,
      decided_by uuid references identities (id) on delete set null,
      reason text check (length(reason) between 1 and 500),
      reminded_days smallint,
      ended_at timestamptz,
      primary key (company_id, id),
      check (issued_on <= expires_on),
      check (state = 'draft' or (legal_name is not null and number is not null and country is not null
        and expires_on is not null and submitted_at is not null)),
      check (state not in ('approved', 'rejected', 'expired') or decided_at is not null),
      check (state <> 'rejected' or reason is not null),
      check ((state in ('withdrawn', 'replaced', 'expired')) = (ended_at is not null))
    )`.execute(db)
  for (const state of ['draft', 'submitted', 'approved'])
    await sql`
      create unique index ${sql.raw(`licences_one_${state}`)} on licences (company_id, identity_id)
      where state = ${sql.lit(state)}`.execute(db)
  await sql`create index licences_identity on licences (identity_id, created_at desc)`.execute(db)
  await sql`create index licences_queue on licences (company_id, submitted_at) where state = 'submitted'`.execute(
    db,
  )
  await sql`create index licences_running_out on licences (expires_on) where state = 'approved'`.execute(db)
  for (const side of ['front', 'back'])
    await sql`
      create index ${sql.raw(`licences_${side}`)} on licences (${sql.raw(`${side}_id`)})
      where ${sql.raw(`${side}_id`)} is not null`.execute(db)
  // The person's own, and the office's of the company; not for whoever else works there or visits its pages.
  for (const table of ['uploads', 'licences'])
    await sql`
      select honeycab_wall(${table},
        honeycab_rule('own', 'identity_id') || ' or ' || honeycab_rule('staffed', 'company_id'))`.execute(db)
}

/** Takes everything away again, in the reverse order. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table licences`.execute(db)
  await sql`
    alter table drivers
      drop constraint drivers_disabled_for_a_reason,
      drop column stopped_at,
      drop column disabled_reason,
      drop column disabled_at`.execute(db)
  await sql`alter table companies drop column licence_check`.execute(db)
  await sql`drop index identities_avatar`.execute(db)
  await sql`alter table identities drop constraint identities_avatar`.execute(db)
  await sql`drop table uploads`.execute(db)
}
