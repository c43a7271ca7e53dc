import { type Kysely, sql } from 'kysely'

/** What was deleted and until when, links that take back, and the one way a person leaves append-only tables. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table drivers add column deleted_at timestamptz`.execute(db)
  await sql`alter table vehicles add column deleted_at timestamptz`.execute(db)
  // No foreign key on the subject: it stands in one of four tables. purge_at null: hidden, never purged.
  await sql`
    create table deletions (
      id uuid primary key,
      kind text not null check (kind in ('person', 'driver', 'vehicle', 'company')),
      subject_id uuid not null,
      company_id uuid references companies (id) on delete cascade,
      deleted_by uuid references identities (id) on delete set null,
      reason text check (length(reason) between 1 and 500),
      kept jsonb not null default '{}',
      deleted_at timestamptz not null,
      purge_at timestamptz check (purge_at > deleted_at),
      restored_at timestamptz,
      restored_by uuid references identities (id) on delete set null,
      purged_at timestamptz,
      check ((kind = 'person') = (company_id is null)),
      check ((kind = 'person') = (purge_at is not null)),
      check (restored_at is null or purged_at is null)
    )`.execute(db)
  await sql`
    create unique index deletions_open on deletions (kind, subject_id)
      where restored_at is null and purged_at is null`.execute(db)
  await sql`
    create index deletions_due on deletions (purge_at)
      where purge_at is not null and restored_at is null and purged_at is null`.execute(db)
  await sql`create index deletions_subject on deletions (subject_id)`.execute(db)
  await sql`create index deletions_company on deletions (company_id, deleted_at desc)`.execute(db)
  await sql`create index deletions_deleted_by on deletions (deleted_by)`.execute(db)
  await sql`create index deletions_restored_by on deletions (restored_by)`.execute(db)

  // The office of the company it belonged to, or where the person works; the first company_id of the second rule is
  // the membership's.
  await sql`
    select honeycab_wall('deletions', honeycab_rule('staffed', 'company_id')
      || ' or exists (select from memberships m where m.identity_id = deletions.subject_id and '
      || honeycab_rule('staffed', 'company_id') || ')')`.execute(db)

  await sql`
    alter table one_time_links
      drop constraint one_time_links_kind_check,
      add constraint one_time_links_kind_check check (kind in ('register', 'verify_email', 'change_email',
        'reset_password', 'invitation', 'undo_email', 'undo_deletion'))`.execute(db)

  // What a person leaves behind in append-only tables is emptied when they are purged, and nothing else ever is.
  await sql`
    create or replace function refuse_audit_change() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' and tg_level = 'ROW' then
        if old.at < nullif(current_setting('honeycab.audit_forget_before', true), '')::timestamptz
          and old.at < now() - interval '30 days' then
          return old;
        end if;
      end if;
      if tg_op = 'UPDATE' and tg_level = 'ROW' and current_setting('honeycab.purge', true) = 'person' then
        if new.address is null
          and to_jsonb(new) - 'detail' - 'address' = to_jsonb(old) - 'detail' - 'address' then
          return new;
        end if;
      end if;
      raise exception 'audit entries are append-only' using errcode = 'restrict_violation';
    end $$`.execute(db)
  await sql`
    create function refuse_ride_event_change() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' and current_setting('honeycab.purge', true) = 'person' then
        if new.reason is null and to_jsonb(new) - 'reason' = to_jsonb(old) - 'reason' then
          return new;
        end if;
      end if;
      raise exception 'ride_events is append-only' using errcode = 'check_violation', constraint = 'append_only';
    end $$`.execute(db)
  await sql`drop trigger append_only on ride_events`.execute(db)
  await sql`
    create trigger append_only before update or delete on ride_events
      for each row execute function refuse_ride_event_change()`.execute(db)
}

/** Takes everything away again, in the reverse order. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop trigger append_only on ride_events`.execute(db)
  await sql`
    create trigger append_only before update or delete on ride_events
      for each row execute function refuse_change()`.execute(db)
  await sql`drop function refuse_ride_event_change()`.execute(db)
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
  await sql`delete from one_time_links where kind in ('undo_email', 'undo_deletion')`.execute(db)
  await sql`
    alter table one_time_links
      drop constraint one_time_links_kind_check,
      add constraint one_time_links_kind_check check (kind in ('register', 'verify_email', 'change_email',
        'reset_password', 'invitation'))`.execute(db)
  await sql`drop table deletions`.execute(db)
  await sql`alter table vehicles drop column deleted_at`.execute(db)
  await sql`alter table drivers drop column deleted_at`.execute(db)
}
