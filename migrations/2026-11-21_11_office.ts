import { type Kysely, sql } from 'kysely'

/**
 * The back office: an order and a kind of subject for audit entries and one way out for old ones, bans, a company's
 * switches, and whose session an admin comes back to.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table audit_entries
      add column sequence bigint generated always as identity,
      add column subject_kind text check (subject_kind ~ '^[a-z_]+$')`.execute(db)
  await sql`create unique index audit_entries_sequence on audit_entries (sequence)`.execute(db)
  await sql`create index audit_entries_company_sequence on audit_entries (company_id, sequence desc)`.execute(
    db,
  )
  await sql`create index audit_entries_actor_sequence on audit_entries (actor_id, sequence desc)`.execute(db)
  await sql`create index audit_entries_subject_sequence on audit_entries (subject, sequence desc)`.execute(db)
  await sql`create index audit_entries_at on audit_entries (at)`.execute(db)

  // What the trigger lets go: rows older than the day named for this transaction, and never younger than 30 days,
  // whoever names it. Everything else stays refused.
  await sql`
    create or replace function refuse_audit_change() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' and tg_level = 'ROW' then
        if old.at < nullif(current_setting('honeycab.audit_forget_before', true), '')::timestamptz
          and old.at < now() - interval '30 days' then
          return old;
        end if;
      end if;
      raise exception 'audit entries are append-only' using errcode = 'restrict_violation';
    end $$`.execute(db)
  // Runs as its owner, so that the application needs no right to delete here.
  await sql`
    create function forget_audit_entries(before timestamptz, most integer)
    returns table (gone bigint, oldest timestamptz, newest timestamptz)
    language plpgsql security definer set search_path = pg_catalog, public as $$
    begin
      perform set_config('honeycab.audit_forget_before', before::text, true);
      return query
        with old as (
          select e.id from audit_entries e
          where e.at < before and e.at < now() - interval '30 days'
          order by e.at limit most for update skip locked
        ), deleted as (
          delete from audit_entries e using old where e.id = old.id returning e.at
        )
        select count(*), min(d.at), max(d.at) from deleted d;
      perform set_config('honeycab.audit_forget_before', '', true);
    end $$`.execute(db)
  await sql`revoke execute on function forget_audit_entries from public`.execute(db)

  await sql`alter table companies add column address text check (length(address) between 1 and 300)`.execute(
    db,
  )
  await sql`alter table identities add column ban_until timestamptz`.execute(db)
  // The list of people goes by name.
  await sql`create index identities_name on identities (lower(name), id)`.execute(db)
  await sql`create index identities_ban_until on identities (ban_until) where ban_until is not null`.execute(
    db,
  )

  // A ban that was lifted or ran out leaves no row; the audit trail has it.
  await sql`
    create table company_bans (
      company_id uuid not null references companies (id) on delete cascade,
      identity_id uuid not null references identities (id) on delete cascade,
      reason text not null check (length(reason) between 1 and 500),
      until timestamptz,
      banned_by uuid references identities (id) on delete set null,
      banned_at timestamptz not null,
      primary key (company_id, identity_id),
      check (until > banned_at)
    )`.execute(db)
  await sql`create index company_bans_identity on company_bans (identity_id)`.execute(db)
  await sql`create index company_bans_until on company_bans (until) where until is not null`.execute(db)

  await sql`
    create table company_flags (
      company_id uuid not null references companies (id) on delete cascade,
      flag text not null check (flag ~ '^[a-z_]+$'),
      is_on boolean not null,
      changed_at timestamptz not null,
      changed_by uuid references identities (id) on delete set null,
      primary key (company_id, flag)
    )`.execute(db)

  // The admin's own session, which they come back to; when it ends, what they borrowed ends with it.
  await sql`
    alter table sessions
      add column own_session_id uuid references sessions (id) on delete cascade`.execute(db)
  await sql`revoke all on function forget_audit_entries from public`.execute(db)

  // The walls (migration 05). Bans and switches are the office's; what its people did that belongs to no company is
  // the office's to read as well.
  for (const table of ['company_bans', 'company_flags'])
    await sql`select honeycab_wall(${table}, honeycab_rule('staffed', 'company_id'))`.execute(db)
  await sql`
    create policy wall_read_people on audit_entries for select to honeycab_app using (
      company_id is null and exists (
        select from memberships m
        where m.company_id = any ((select honeycab_ids('honeycab.staffed'))::uuid[])
          and (m.identity_id = audit_entries.actor_id or m.identity_id::text = audit_entries.subject)))`.execute(
    db,
  )
  // And what was done to a person is theirs to read, whoever's company did it.
  await sql`
    create policy wall_read_own on audit_entries for select to honeycab_app using (
      subject_kind = 'person' and subject = (select honeycab_person())::text)`.execute(db)

  await sql`create index sessions_own on sessions (own_session_id) where own_session_id is not null`.execute(
    db,
  )
}

/** Takes everything away again, in the reverse order. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop policy if exists wall_read_own on audit_entries`.execute(db)
  await sql`drop policy if exists wall_read_people on audit_entries`.execute(db)
  await sql`alter table sessions drop column own_session_id`.execute(db)
  await sql`drop table company_flags`.execute(db)
  await sql`drop table company_bans`.execute(db)
  await sql`drop index identities_name`.execute(db)
  await sql`alter table identities drop column ban_until`.execute(db)
  await sql`alter table companies drop column address`.execute(db)
  await sql`drop function forget_audit_entries(timestamptz, integer)`.execute(db)
  await sql`
    create or replace function refuse_audit_change() returns trigger language plpgsql as $$
    begin
      raise exception 'audit entries are append-only' using errcode = 'restrict_violation';
    end $$`.execute(db)
  await sql`drop index audit_entries_at`.execute(db)
  await sql`drop index audit_entries_subject_sequence`.execute(db)
  await sql`drop index audit_entries_actor_sequence`.execute(db)
  await sql`drop index audit_entries_company_sequence`.execute(db)
  await sql`alter table audit_entries drop column subject_kind, drop column sequence`.execute(db)
}
