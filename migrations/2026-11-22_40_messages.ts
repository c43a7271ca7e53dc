import { type Kysely, sql } from 'kysely'

/**
 * What the desk and drivers say to each other beside rides: one row a driver and message, with when it was on their
 * page and when they said that they had read it; and what was sent to several at once.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table desk_sendings (
      company_id uuid not null,
      id uuid not null primary key,
      region_id uuid not null,
      sender_id uuid not null references identities (id),
      audience text not null check (length(audience) between 1 and 120),
      text text not null check (length(text) between 1 and 500),
      must_read boolean not null,
      drivers integer not null check (drivers > 0),
      sent_at timestamptz not null,
      unique (company_id, id),
      foreign key (company_id, region_id) references regions (company_id, id)
    )`.execute(db)
  await sql`create index desk_sendings_newest on desk_sendings (region_id, sent_at desc)`.execute(db)
  await sql`create index desk_sendings_of_sender on desk_sendings (sender_id)`.execute(db)
  await sql`select honeycab_wall_company('desk_sendings')`.execute(db)

  await sql`
    create table driver_messages (
      company_id uuid not null,
      id uuid not null primary key,
      region_id uuid not null,
      driver_id uuid not null,
      seq bigint not null generated always as identity,
      sending_id uuid,
      side text not null check (side in ('desk', 'driver')),
      sender_id uuid not null references identities (id),
      text text not null check (length(text) between 1 and 500),
      must_read boolean not null,
      sent_at timestamptz not null,
      delivered_at timestamptz,
      read_at timestamptz,
      check ((sending_id is not null) = (side = 'desk')),
      check (not must_read or side = 'desk'),
      foreign key (company_id, region_id) references regions (company_id, id),
      foreign key (company_id, driver_id) references drivers (company_id, id),
      foreign key (company_id, sending_id) references desk_sendings (company_id, id)
    )`.execute(db)
  await sql`create index driver_messages_of_driver on driver_messages (driver_id, seq desc)`.execute(db)
  await sql`create index driver_messages_of_sending on driver_messages (sending_id)`.execute(db)
  await sql`create index driver_messages_of_sender on driver_messages (sender_id)`.execute(db)
  // Few at any time: what a driver has not read, and answers that no desk has looked at.
  await sql`create index driver_messages_unread on driver_messages (driver_id) where read_at is null`.execute(
    db,
  )
  await sql`
    create index driver_answers_unread on driver_messages (region_id) where side = 'driver' and read_at is null`.execute(
    db,
  )
  await sql`select honeycab_wall_company('driver_messages')`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table driver_messages`.execute(db)
  await sql`drop table desk_sendings`.execute(db)
}
