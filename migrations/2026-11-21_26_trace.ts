import { type Kysely, sql } from 'kysely'

/**
 * What each tick saw when it looked for a driver, one row a ride and outcome, in one partition a day. No foreign keys:
 * dropping a day would lock the tables they point to, and a look must never make a ride wait for its row.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table ride_looks (
      company_id uuid not null,
      region_id uuid not null,
      ride_id uuid not null,
      at timestamptz not null,
      until_at timestamptz not null check (until_at >= at),
      ticks integer not null check (ticks > 0),
      kind text not null check (kind in ('offer', 'turn', 'join', 'swap', 'hold', 'none', 'off')),
      driver_id uuid,
      policy text not null,
      radius_m integer not null check (radius_m >= 0),
      waiting integer not null check (waiting >= 0),
      cars integer not null check (cars >= 0),
      decided_ms real not null check (decided_ms >= 0),
      gates jsonb not null check (jsonb_typeof(gates) = 'object'),
      drivers jsonb not null check (jsonb_typeof(drivers) = 'array'),
      primary key (ride_id, at)
    ) partition by range (at)`.execute(db)
  // Written by the system alone; read by the company's office and nobody else, for it shows where every driver was.
  await sql`select honeycab_wall('ride_looks', honeycab_rule('staffed', 'company_id'))`.execute(db)
  await sql`revoke insert, update, delete on ride_looks from honeycab_app`.execute(db)
  // A day's partition, in UTC. A lock of its own: two processes may need the day at once.
  await sql`
    create function honeycab_looks_day(day date) returns void language plpgsql as $$
    declare
      part text := 'ride_looks_' || to_char(day, 'YYYYMMDD');
    begin
      if to_regclass(part) is not null then return; end if;
      perform pg_advisory_xact_lock(hashtext('honeycab_looks'));
      -- Asked of the table itself: what the first look found not to be there is remembered, and the lock was waited for.
      if exists (select from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'ride_looks'::regclass and c.relname = part) then return; end if;
      execute format('create table %I partition of ride_looks for values from (%L) to (%L)',
        part, day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
      execute format('alter table %I enable row level security', part);
    end $$`.execute(db)
  // Days before this one go; returns how many did.
  await sql`
    create function honeycab_looks_forget(before date) returns integer language plpgsql as $$
    declare
      part text;
      dropped integer := 0;
    begin
      perform pg_advisory_xact_lock(hashtext('honeycab_looks'));
      for part in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'ride_looks'::regclass and c.relname < 'ride_looks_' || to_char(before, 'YYYYMMDD')
        order by 1
      loop
        execute format('drop table %I', part);
        dropped := dropped + 1;
      end loop;
      return dropped;
    end $$`.execute(db)
  await sql`revoke execute on function honeycab_looks_day, honeycab_looks_forget from public`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop function honeycab_looks_day, honeycab_looks_forget`.execute(db)
  await sql`drop table ride_looks`.execute(db)
}
