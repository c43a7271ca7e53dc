import { type Kysely, sql } from 'kysely'

/**
 * What a desk looks at again and again: a name for the search part of the board's address, one's own or shared with the
 * desk, and the one that a person's board begins with.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table saved_views (
      company_id uuid not null references companies (id) on delete cascade,
      id uuid not null primary key,
      owner_id uuid not null references identities (id) on delete cascade,
      name text not null check (length(name) between 1 and 40),
      search text not null check (length(search) <= 1000),
      is_shared boolean not null,
      version integer not null default 1 check (version > 0),
      changed_at timestamptz not null,
      changed_by uuid references identities (id) on delete set null,
      unique (company_id, id)
    )`.execute(db)
  // One name means one view: among a person's own, and among those of the desk.
  await sql`create unique index saved_views_own_name on saved_views (company_id, owner_id, lower(name))
    where not is_shared`.execute(db)
  await sql`create unique index saved_views_shared_name on saved_views (company_id, lower(name))
    where is_shared`.execute(db)
  await sql`create index saved_views_owner on saved_views (owner_id)`.execute(db)
  await sql`create index saved_views_changed_by on saved_views (changed_by)`.execute(db)
  await sql`
    select honeycab_wall('saved_views', honeycab_rule('own', 'owner_id')
      || ' or (is_shared and ' || honeycab_rule('staffed', 'company_id') || ')')`.execute(db)

  await sql`
    create table first_views (
      company_id uuid not null,
      identity_id uuid not null references identities (id) on delete cascade,
      view_id uuid not null,
      primary key (company_id, identity_id),
      foreign key (company_id, view_id) references saved_views (company_id, id) on delete cascade
    )`.execute(db)
  await sql`create index first_views_identity on first_views (identity_id)`.execute(db)
  await sql`create index first_views_view on first_views (company_id, view_id)`.execute(db)
  await sql`
    select honeycab_wall('first_views', '(' || honeycab_rule('own', 'identity_id') || ' and '
      || honeycab_rule('company', 'company_id') || ')')`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table first_views`.execute(db)
  await sql`drop table saved_views`.execute(db)
}
