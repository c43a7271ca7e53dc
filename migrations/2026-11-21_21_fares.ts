import { type Kysely, sql } from 'kysely'

/**
 * What a ride costs in the end and why, codes that take something off, and tips. A code's uses, budget and once a person
 * are refused here whatever races there are.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table promos (
      company_id uuid not null references companies (id),
      id uuid not null primary key,
      code text not null check (code ~ '^[A-Z0-9-]{3,20}$'),
      off_minor integer check (off_minor > 0),
      off_basis_points integer check (off_basis_points between 1 and 10000),
      most_minor integer check (most_minor > 0),
      currency char(3) not null,
      starts_at timestamptz not null,
      ends_at timestamptz check (ends_at > starts_at),
      uses integer not null default 0 check (uses >= 0),
      uses_most integer check (uses_most > 0),
      spent_minor bigint not null default 0 check (spent_minor >= 0),
      budget_minor bigint check (budget_minor > 0),
      created_at timestamptz not null,
      created_by uuid references identities (id),
      closed_at timestamptz,
      closed_by uuid references identities (id),
      unique (company_id, id),
      constraint promos_off check (num_nonnulls(off_minor, off_basis_points) = 1),
      constraint promos_within_uses check (uses_most is null or uses <= uses_most),
      constraint promos_within_budget check (budget_minor is null or spent_minor <= budget_minor)
    )`.execute(db)
  await sql`create unique index promos_one_of_a_code on promos (company_id, code) where closed_at is null`.execute(
    db,
  )
  await sql`select honeycab_wall_company('promos')`.execute(db)
  await sql`
    create table promo_uses (
      company_id uuid not null,
      promo_id uuid not null,
      ride_id uuid not null primary key,
      identity_id uuid not null references identities (id),
      amount_minor integer not null check (amount_minor > 0),
      used_at timestamptz not null,
      released_at timestamptz,
      foreign key (company_id, promo_id) references promos (company_id, id),
      foreign key (company_id, ride_id) references rides (company_id, id)
    )`.execute(db)
  await sql`
    create unique index promo_uses_once_a_person on promo_uses (promo_id, identity_id)
      where released_at is null`.execute(db)
  await sql`select honeycab_wall_company('promo_uses', 'identity_id')`.execute(db)

  // A code is the company's cost: the driver's part may be more than the rider pays.
  await sql`
    alter table quotes
      add column promo_id uuid,
      add column promo_minor integer not null default 0 check (promo_minor >= 0),
      add constraint quotes_promo_whole check ((promo_id is null) = (promo_minor = 0)),
      add foreign key (company_id, promo_id) references promos (company_id, id),
      drop constraint quotes_check,
      add constraint quotes_drivers_part check (driver_minor between 0 and fare_minor + promo_minor)`.execute(
    db,
  )
  await sql`
    alter table rides
      add column promo_minor integer not null default 0 check (promo_minor >= 0),
      drop constraint rides_check,
      add constraint rides_drivers_part check (driver_minor between 0 and fare_minor + promo_minor)`.execute(
    db,
  )

  // The first believed fix at the pickup of whoever comes for a ride: from it on they wait.
  await sql`
    create table ride_arrivals (
      company_id uuid not null,
      ride_id uuid not null,
      driver_id uuid not null,
      at timestamptz not null,
      away_m real not null check (away_m >= 0),
      primary key (ride_id, driver_id),
      foreign key (company_id, ride_id) references rides (company_id, id),
      foreign key (company_id, driver_id) references drivers (company_id, id)
    )`.execute(db)
  await sql`select honeycab_wall_company('ride_arrivals')`.execute(db)

  // What was charged in the end, with the reasons for which it is not what was promised, and what proves them.
  await sql`
    create table ride_fares (
      company_id uuid not null,
      ride_id uuid not null primary key,
      promised_minor integer not null check (promised_minor >= 0),
      total_minor integer not null check (total_minor >= 0),
      driver_minor integer not null check (driver_minor >= 0),
      currency char(3) not null,
      lines jsonb not null check (jsonb_typeof(lines) = 'array'),
      reasons jsonb not null check (jsonb_typeof(reasons) = 'array'),
      evidence jsonb not null check (jsonb_typeof(evidence) = 'object'),
      at timestamptz not null,
      constraint ride_fares_never_silently check (total_minor = promised_minor or jsonb_array_length(reasons) > 0),
      foreign key (company_id, ride_id) references rides (company_id, id)
    )`.execute(db)
  await sql`
    create trigger append_only before update or delete on ride_fares
      for each row execute function refuse_change()`.execute(db)
  await sql`select honeycab_wall_company('ride_fares')`.execute(db)

  await sql`drop index payments_one_capture_a_ride`.execute(db)
  await sql`
    alter table payments
      drop constraint payments_kind_check,
      add constraint payments_kind_check check (kind in ('fare', 'cancellation', 'no_show', 'tip'))`.execute(
    db,
  )
  await sql`
    create unique index payments_one_capture_a_ride on payments (ride_id)
      where state = 'captured' and kind <> 'tip'`.execute(db)
  await sql`
    create unique index payments_one_tip_a_ride on payments (ride_id)
      where state = 'captured' and kind = 'tip'`.execute(db)
}

/**
 * Refuses where tips were booked: books cannot be taken back. Codes and the reasons of fares are lost, and a driver's
 * part that a code paid for is cut to the fare.
 */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index payments_one_tip_a_ride`.execute(db)
  await sql`drop index payments_one_capture_a_ride`.execute(db)
  await sql`
    alter table payments
      drop constraint payments_kind_check,
      add constraint payments_kind_check check (kind in ('fare', 'cancellation', 'no_show'))`.execute(db)
  await sql`create unique index payments_one_capture_a_ride on payments (ride_id) where state = 'captured'`.execute(
    db,
  )
  await sql`drop table ride_fares, ride_arrivals`.execute(db)
  for (const table of ['quotes', 'rides'])
    await sql`update ${sql.table(table)} set driver_minor = fare_minor where driver_minor > fare_minor`.execute(
      db,
    )
  await sql`
    alter table rides
      drop constraint rides_drivers_part, drop column promo_minor,
      add constraint rides_check check (driver_minor between 0 and fare_minor)`.execute(db)
  await sql`
    alter table quotes
      drop constraint quotes_drivers_part, drop column promo_id, drop column promo_minor,
      add constraint quotes_check check (driver_minor between 0 and fare_minor)`.execute(db)
  await sql`drop table promo_uses, promos`.execute(db)
}
