import { type Kysely, sql } from 'kysely'

/** What comes after a ride: how each side found the other, what was left in the car, and what went wrong. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table ride_ratings (
      company_id uuid not null,
      ride_id uuid not null,
      side text not null check (side in ('rider', 'driver')),
      rider_id uuid not null references identities (id),
      driver_id uuid not null,
      stars smallint not null check (stars between 1 and 5),
      words text[] not null check (cardinality(words) <= 12),
      text text not null check (length(text) <= 500),
      rated_at timestamptz not null,
      changed_at timestamptz not null,
      seen_at timestamptz,
      seen_by uuid references identities (id),
      primary key (ride_id, side),
      check (changed_at >= rated_at),
      check ((seen_at is null) = (seen_by is null)),
      foreign key (company_id, ride_id) references rides (company_id, id),
      foreign key (company_id, driver_id) references drivers (company_id, id)
    )`.execute(db)
  await sql`create index ride_ratings_of_driver on ride_ratings (driver_id, side, rated_at)`.execute(db)
  await sql`create index ride_ratings_of_rider on ride_ratings (rider_id)`.execute(db)
  await sql`
    create index ride_ratings_unseen on ride_ratings (company_id, rated_at)
      where stars <= 2 and seen_at is null`.execute(db)
  // The office, who gave or got it; riders of the same company have no business with it.
  await sql`
    select honeycab_wall('ride_ratings', honeycab_rule('staffed', 'company_id')
      || ' or ' || honeycab_rule('own', 'rider_id')
      || ' or exists (select from drivers d where d.id = ride_ratings.driver_id and '
      || honeycab_rule('own', 'd.identity_id') || ')')`.execute(db)

  // One of each kind a ride: who writes again opens it again.
  await sql`
    create table ride_cases (
      company_id uuid not null,
      id uuid not null primary key,
      ride_id uuid not null,
      kind text not null check (kind in ('lost_item', 'problem')),
      topic text not null check (length(topic) between 1 and 40),
      state text not null,
      rider_id uuid not null references identities (id),
      driver_id uuid,
      last_seq integer not null check (last_seq > 0),
      opened_at timestamptz not null,
      changed_at timestamptz not null,
      unique (company_id, id),
      constraint ride_cases_one_of_a_kind unique (ride_id, kind),
      constraint ride_cases_state check (case kind
        when 'lost_item' then state in ('open', 'found', 'returned', 'closed')
        else state in ('open', 'answered', 'closed') end),
      foreign key (company_id, ride_id) references rides (company_id, id),
      foreign key (company_id, driver_id) references drivers (company_id, id)
    )`.execute(db)
  await sql`create index ride_cases_of_company on ride_cases (company_id, changed_at)`.execute(db)
  await sql`create index ride_cases_of_driver on ride_cases (driver_id, changed_at)`.execute(db)
  await sql`create index ride_cases_of_rider on ride_cases (rider_id)`.execute(db)
  // What a rider reports of a ride is between them and the office: the driver reads of lost things alone.
  await sql`
    select honeycab_wall('ride_cases', honeycab_rule('staffed', 'company_id')
      || ' or ' || honeycab_rule('own', 'rider_id')
      || ' or kind = ''lost_item'' and exists (select from drivers d where d.id = ride_cases.driver_id and '
      || honeycab_rule('own', 'd.identity_id') || ')')`.execute(db)

  await sql`
    create table ride_case_messages (
      company_id uuid not null,
      case_id uuid not null,
      seq integer not null check (seq > 0),
      side text not null check (side in ('rider', 'driver', 'desk')),
      sender_id uuid not null references identities (id),
      step text not null check (length(step) between 1 and 20),
      text text not null check (length(text) <= 1000),
      sent_at timestamptz not null,
      primary key (case_id, seq),
      foreign key (company_id, case_id) references ride_cases (company_id, id)
    )`.execute(db)
  await sql`create index ride_case_messages_of_sender on ride_case_messages (sender_id)`.execute(db)
  await sql`
    select honeycab_wall('ride_case_messages', '(' || honeycab_rule('company', 'company_id')
      || ' and exists (select from ride_cases p where p.id = ride_case_messages.case_id))')`.execute(db)

  // What receipts and statements have to name where the law asks for it.
  await sql`
    alter table companies
      add column tax_number text check (length(tax_number) between 1 and 60),
      add column licence_number text check (length(licence_number) between 1 and 60)`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table companies drop column licence_number, drop column tax_number`.execute(db)
  await sql`drop table ride_case_messages`.execute(db)
  await sql`drop table ride_cases`.execute(db)
  await sql`drop table ride_ratings`.execute(db)
}
