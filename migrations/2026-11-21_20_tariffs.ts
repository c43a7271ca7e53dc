import { type Kysely, sql } from 'kysely'

/**
 * Tariffs with rules by time, zone and state, drafted before they are published. A published one never changes: rides
 * keep the one they were quoted by. One that is not in force yet may be withdrawn.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table tariffs
      add column state text not null default 'published' check (state in ('draft', 'published', 'withdrawn')),
      add column rules jsonb not null default '{}' check (jsonb_typeof(rules) = 'object'),
      add column created_at timestamptz,
      add column created_by uuid references identities (id),
      add column published_at timestamptz,
      add column published_by uuid references identities (id),
      add column withdrawn_at timestamptz,
      add column withdrawn_by uuid references identities (id),
      -- A draft changed by two people at once is kept from being lost by it.
      add column revision integer not null default 1 check (revision > 0),
      alter column version drop not null,
      alter column effective_from drop not null,
      add constraint tariffs_numbered check ((state = 'draft') = (version is null)),
      add constraint tariffs_dated check (state = 'draft' or effective_from is not null),
      add constraint tariffs_withdrawn check ((state = 'withdrawn') = (withdrawn_at is not null))`.execute(db)
  await sql`
    create unique index tariffs_one_draft on tariffs (region_id, class) where state = 'draft'`.execute(db)
  await sql`
    create index tariffs_in_force on tariffs (region_id, class, effective_from desc, version desc)
      where state = 'published'`.execute(db)
  await sql`
    create function refuse_tariff_change() returns trigger language plpgsql as $$
    begin
      if old.state = 'draft' then
        return case when tg_op = 'DELETE' then old else new end;
      end if;
      if tg_op = 'UPDATE' and old.state = 'published' and new.state = 'withdrawn'
        and to_jsonb(new) - '{state,withdrawn_at,withdrawn_by}'::text[]
          = to_jsonb(old) - '{state,withdrawn_at,withdrawn_by}'::text[] then
        return new;
      end if;
      raise exception 'a published tariff stays as it is'
        using errcode = 'check_violation', constraint = 'tariffs_stay';
    end $$`.execute(db)
  await sql`
    create trigger tariffs_stay before update or delete on tariffs
      for each row execute function refuse_tariff_change()`.execute(db)

  // How a price was made: when and where the ride begins by the wall, in which zones, how busy it was.
  await sql`
    alter table quotes
      add column trip jsonb check (jsonb_typeof(trip) = 'object')`.execute(db)
}

/** Drafts go, and withdrawn versions that nobody was quoted a price by; rules are lost. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table quotes drop column trip`.execute(db)
  await sql`drop trigger tariffs_stay on tariffs`.execute(db)
  await sql`drop function refuse_tariff_change()`.execute(db)
  await sql`delete from tariffs where state = 'draft'`.execute(db)
  await sql`
    delete from tariffs where state = 'withdrawn'
      and not exists (select from quotes where quotes.tariff_id = tariffs.id)`.execute(db)
  await sql`drop index tariffs_in_force`.execute(db)
  await sql`drop index tariffs_one_draft`.execute(db)
  await sql`
    alter table tariffs
      drop column state, drop column rules, drop column created_at, drop column created_by,
      drop column published_at, drop column published_by, drop column withdrawn_at, drop column withdrawn_by,
      drop column revision, alter column version set not null, alter column effective_from set not null`.execute(
    db,
  )
}
