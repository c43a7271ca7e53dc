import { type Kysely, sql } from 'kysely'

/**
 * The second wall: requests run as `honeycab_app`, a role that cannot log in and passes no policy by, and a policy on
 * every table lets it touch only rows of the companies and the person it was told of (src/io/walls.ts tells it).
 * Later migrations put the same walls on their tables with the functions made here; a table without one cannot be
 * touched by requests at all.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await makeRole(db)
  await sql`do $$ begin execute format('grant usage on schema %I to honeycab_app', current_schema()); end $$`.execute(
    db,
  )

  // The scope, read once a query. Nothing said is nothing allowed.
  await sql`
    create function honeycab_ids(setting text) returns uuid[] language sql stable parallel safe as $$
      select coalesce(string_to_array(nullif(current_setting(setting, true), ''), ',')::uuid[], '{}')
    $$`.execute(db)
  await sql`
    create function honeycab_person() returns uuid language sql stable parallel safe as $$
      select nullif(current_setting('honeycab.person', true), '')::uuid
    $$`.execute(db)
  await sql`
    create function honeycab_everywhere() returns boolean language sql stable parallel safe as $$
      select coalesce(current_setting('honeycab.everywhere', true), '') = 'on'
    $$`.execute(db)

  // What a rule says, as SQL; sub-selects without a reference to the row are worked out once a query.
  await sql`
    create function honeycab_rule(kind text, field text) returns text language sql immutable strict as $$
      select case kind
        when 'company' then format('%s = any ((select honeycab_ids(''honeycab.companies''))::uuid[])', field)
        when 'staffed' then format('%s = any ((select honeycab_ids(''honeycab.staffed''))::uuid[])', field)
        when 'own' then format('%s = (select honeycab_person())', field)
      end
    $$`.execute(db)
  await sql`
    create function honeycab_wall(walled regclass, rule text) returns void language plpgsql as $$
    begin
      execute format('alter table %s enable row level security', walled);
      execute format(
        'create policy wall on %s to honeycab_app using ((select honeycab_everywhere()) or %s)', walled, rule);
      execute format('grant select, insert, update, delete on %s to honeycab_app', walled);
    end $$`.execute(db)
  // Rows of a company; with a person's column, their own ones too, whoever's company it was.
  await sql`
    create function honeycab_wall_company(walled regclass, person_column text default null) returns void
    language sql as $$
      select honeycab_wall(walled, honeycab_rule('company', 'company_id')
        || coalesce(' or ' || honeycab_rule('own', person_column), ''))
    $$`.execute(db)
  // Rows of a person: theirs, and for a company's office those of its staff and of who rode with it.
  await sql`
    create function honeycab_wall_person(walled regclass, person_column text default 'identity_id') returns void
    language sql as $$
      select honeycab_wall(walled, honeycab_rule('own', person_column) || format(
        ' or exists (select from memberships m where m.identity_id = %1$s.%2$I and %3$s)'
        ' or exists (select from rides r where r.rider_id = %1$s.%2$I and %3$s)',
        walled, person_column, honeycab_rule('staffed', 'company_id')))
    $$`.execute(db)
  // Secrets of a person: nobody else's business.
  await sql`
    create function honeycab_wall_own(walled regclass, person_column text default 'identity_id') returns void
    language sql as $$ select honeycab_wall(walled, honeycab_rule('own', person_column)) $$`.execute(db)
  // Rows that go with another row: visible with it.
  await sql`
    create function honeycab_wall_with(walled regclass, parent regclass, parent_column text) returns void
    language sql as $$
      select honeycab_wall(walled,
        format('exists (select from %1$s p where p.id = %2$s.%3$I)', parent, walled, parent_column))
    $$`.execute(db)
  // Everybody may add, nobody under a scope changes; who may read, the rule says.
  await sql`
    create function honeycab_wall_append(walled regclass, rule text) returns void language plpgsql as $$
    begin
      execute format('alter table %s enable row level security', walled);
      execute format('create policy wall_add on %s for insert to honeycab_app with check (true)', walled);
      execute format('create policy wall_read on %s for select to honeycab_app
        using ((select honeycab_everywhere()) or %s)', walled, rule);
      execute format('grant select, insert on %s to honeycab_app', walled);
    end $$`.execute(db)
  // Nothing for requests.
  await sql`
    create function honeycab_wall_closed(walled regclass) returns void language plpgsql as $$
    begin
      execute format('alter table %s enable row level security', walled);
    end $$`.execute(db)

  for (const table of COMPANY_TABLES) await sql`select honeycab_wall_company(${table})`.execute(db)
  for (const [table, person] of Object.entries(PERSONS_AT_COMPANIES))
    await sql`select honeycab_wall_company(${table}, ${person})`.execute(db)
  await sql`select honeycab_wall('companies', honeycab_rule('company', 'id'))`.execute(db)
  await sql`select honeycab_wall_person('identities', 'id')`.execute(db)
  // Who drives somebody sees whom, for as long as the ride lasts.
  await sql`
    create policy wall_meet on identities for select to honeycab_app using (exists (
      select from rides r join drivers d on d.company_id = r.company_id and d.id = r.driver_id
      where r.rider_id = identities.id and r.ended_at is null and d.identity_id = (select honeycab_person())))`.execute(
    db,
  )
  await sql`select honeycab_wall_person('sessions')`.execute(db)
  await sql`
    select honeycab_wall('memberships',
      honeycab_rule('own', 'identity_id') || ' or ' || honeycab_rule('staffed', 'company_id'))`.execute(db)
  for (const table of ['credentials', 'idempotency_keys'])
    await sql`select honeycab_wall_own(${table})`.execute(db)
  // A company's office reads its trail, and what its staff did that belongs to no company, such as signing in.
  await sql`
    select honeycab_wall_append('audit_entries', honeycab_rule('own', 'actor_id')
      || ' or ' || honeycab_rule('staffed', 'company_id')
      || format(' or company_id is null and (actor_id in (%1$s) or subject in (select identity_id::text from (%1$s) s))',
        'select m.identity_id from memberships m where ' || honeycab_rule('staffed', 'm.company_id')))`.execute(
    db,
  )
  await sql`select honeycab_wall_append('notices', honeycab_rule('own', 'identity_id'))`.execute(db)
  for (const table of CLOSED_TABLES) await sql`select honeycab_wall_closed(${table})`.execute(db)

  // Open to all requests: the gazetteer, and for news only what is needed to leave and to take back one's own.
  await sql`grant select on place_imports, places, place_words to honeycab_app`.execute(db)
  await sql`grant select (id), insert, delete on outbox to honeycab_app`.execute(db)
}

const COMPANY_TABLES = [
  'regions',
  'vehicles',
  'driver_vehicles',
  'shifts',
  'tariffs',
  'ride_events',
  'runs',
  'offers',
  'ride_trails',
  'payments',
  'ledger_transactions',
  'ledger_entries',
]
/** Company tables whose rows are somebody's own as well. */
const PERSONS_AT_COMPANIES = { drivers: 'identity_id', quotes: 'rider_id', rides: 'rider_id' }
const CLOSED_TABLES = ['region_leases', 'verifications']

/**
 * Roles belong to the whole cluster, so another database's migration may make it at the same time; whoever is second
 * waits for the first and finds it made.
 */
async function makeRole(db: Kysely<unknown>): Promise<void> {
  await sql`
    do $$
    begin
      begin
        if not exists (select from pg_roles where rolname = 'honeycab_app') then
          create role honeycab_app nologin noinherit;
        end if;
      exception when duplicate_object or unique_violation then
        null;
      end;
      begin
        set local role honeycab_app;
        set local role none;
      exception when insufficient_privilege then
        execute format('grant honeycab_app to %I', current_user);
      end;
    exception when insufficient_privilege then
      raise insufficient_privilege using message = format(
        'The database user may not make the role that requests run as. Let an administrator of the database run: '
        'create role honeycab_app nologin noinherit; grant honeycab_app to %I;', current_user);
    end $$`.execute(db)
}

/** Takes everything away again, in the reverse order; the role stays, for other databases of the cluster use it. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    do $$
    declare walled record;
    begin
      for walled in
        select c.oid::regclass as name, p.polname as policy
        from pg_class c left join pg_policy p on p.polrelid = c.oid
        where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relrowsecurity
      loop
        if walled.policy is not null then
          execute format('drop policy %I on %s', walled.policy, walled.name);
        end if;
        execute format('alter table %s disable row level security', walled.name);
      end loop;
      execute format('revoke all on all tables in schema %I from honeycab_app', current_schema());
      execute format('revoke usage on schema %I from honeycab_app', current_schema());
    end $$`.execute(db)
  await sql`revoke select (id) on outbox from honeycab_app`.execute(db)
  await sql`
    drop function honeycab_wall_closed, honeycab_wall_append, honeycab_wall_with, honeycab_wall_own,
      honeycab_wall_person, honeycab_wall_company, honeycab_wall, honeycab_rule, honeycab_everywhere,
      honeycab_person, honeycab_ids`.execute(db)
}
