import { type Kysely, sql } from 'kysely'

/** Zones, the queues that stand in them, and a region's policy by weekday and hour. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table zones (
      company_id uuid not null references companies (id),
      id uuid not null primary key,
      region_id uuid not null,
      slug text not null check (slug ~ '^[a-z0-9-]{1,40}$'),
      name text not null check (length(name) between 1 and 120),
      kind text not null check (kind in ('rank', 'airport', 'area')),
      area jsonb not null check (area ->> 'type' in ('Polygon', 'MultiPolygon')),
      has_queue boolean not null,
      hysteresis_m integer not null check (hysteresis_m between 0 and 500),
      places_most integer not null check (places_most between 1 and 500),
      on_decline text not null check (on_decline in ('end', 'keep')),
      outside_rides boolean not null,
      deleted_at timestamptz,
      unique (company_id, id),
      unique (region_id, slug),
      foreign key (company_id, region_id) references regions (company_id, id)
    )`.execute(db)
  await sql`select honeycab_wall_company('zones')`.execute(db)

  // Who stands where: the smaller place came first. A row that is left stays for a while, to say why.
  await sql`create sequence queue_order`.execute(db)
  await sql`grant usage on sequence queue_order to honeycab_app`.execute(db)
  await sql`
    create table queue_places (
      company_id uuid not null,
      id uuid not null primary key,
      region_id uuid not null,
      zone_id uuid not null,
      driver_id uuid not null,
      place bigint not null default nextval('queue_order'),
      entered_at timestamptz not null,
      entered_as integer not null check (entered_as > 0),
      lapses smallint not null default 0 check (lapses >= 0),
      moved_at timestamptz,
      moved_reason text check (moved_reason in ('declined', 'expired')),
      left_at timestamptz,
      left_reason text check (left_reason in ('left', 'silent', 'closed', 'off_shift', 'ride')),
      check ((left_at is null) = (left_reason is null)),
      check ((moved_at is null) = (moved_reason is null)),
      foreign key (company_id, region_id) references regions (company_id, id),
      foreign key (company_id, zone_id) references zones (company_id, id),
      foreign key (company_id, driver_id) references drivers (company_id, id)
    )`.execute(db)
  await sql`
    create unique index queue_places_one_a_driver on queue_places (driver_id) where left_at is null`.execute(
    db,
  )
  await sql`create index queue_places_standing on queue_places (region_id, place) where left_at is null`.execute(
    db,
  )
  await sql`create index queue_places_of_driver on queue_places (driver_id, left_at desc)`.execute(db)
  await sql`
    create index queue_places_left on queue_places (zone_id, left_at) where left_at is not null`.execute(db)
  await sql`select honeycab_wall_company('queue_places')`.execute(db)

  await sql`
    alter table offers
      add column zone_id uuid,
      add foreign key (company_id, zone_id) references zones (company_id, id)`.execute(db)

  await sql`
    alter table regions
      drop constraint regions_policy_check,
      add constraint regions_policy_check check (policy in ('nearest', 'batch', 'longest_wait'))`.execute(db)
  await sql`
    create table policy_windows (
      company_id uuid not null,
      region_id uuid not null,
      position smallint not null check (position >= 0),
      weekdays smallint[] not null check (cardinality(weekdays) > 0 and weekdays <@ '{1,2,3,4,5,6,7}'),
      from_minute smallint not null check (from_minute between 0 and 1439),
      until_minute smallint not null check (until_minute between 0 and 1440),
      policy text check (policy in ('nearest', 'batch', 'longest_wait')),
      batch_window_ms integer check (batch_window_ms between 0 and 60000),
      radius_m integer check (radius_m > 0),
      candidates integer check (candidates between 1 and 64),
      primary key (region_id, position),
      foreign key (company_id, region_id) references regions (company_id, id)
    )`.execute(db)
  await sql`select honeycab_wall_company('policy_windows')`.execute(db)
}

/** Takes everything away again; a region that asks the longest idle matches in batches again. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table policy_windows`.execute(db)
  await sql`update regions set policy = 'batch' where policy = 'longest_wait'`.execute(db)
  await sql`
    alter table regions
      drop constraint regions_policy_check,
      add constraint regions_policy_check check (policy in ('nearest', 'batch'))`.execute(db)
  await sql`alter table offers drop column zone_id`.execute(db)
  await sql`drop table queue_places`.execute(db)
  await sql`drop sequence queue_order`.execute(db)
  await sql`drop table zones`.execute(db)
}
