import { type Kysely, sql } from 'kysely'

/** What rider, driver and desk say to each other about a ride, how far each has read, and what was reported. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table chats (
      company_id uuid not null,
      ride_id uuid not null primary key,
      last_seq integer not null check (last_seq >= 0),
      foreign key (company_id, ride_id) references rides (company_id, id)
    )`.execute(db)
  await sql`select honeycab_wall_company('chats')`.execute(db)

  await sql`
    create table chat_messages (
      company_id uuid not null,
      ride_id uuid not null,
      seq integer not null check (seq > 0),
      side text not null check (side in ('rider', 'driver', 'desk')),
      sender_id uuid not null references identities (id),
      driver_id uuid,
      text text not null check (length(text) between 1 and 500),
      sent_at timestamptz not null,
      reported_at timestamptz,
      reported_side text check (reported_side in ('rider', 'driver')),
      primary key (ride_id, seq),
      check ((driver_id is not null) = (side = 'driver')),
      check ((reported_at is null) = (reported_side is null)),
      foreign key (company_id, ride_id) references rides (company_id, id),
      foreign key (company_id, driver_id) references drivers (company_id, id)
    )`.execute(db)
  await sql`create index chat_messages_of_sender on chat_messages (sender_id)`.execute(db)
  await sql`select honeycab_wall_company('chat_messages')`.execute(db)

  // How far each side has read, and when it last typed and looked.
  await sql`
    create table chat_sides (
      company_id uuid not null,
      ride_id uuid not null,
      side text not null check (side in ('rider', 'driver', 'desk')),
      read_seq integer not null check (read_seq >= 0),
      typing_at timestamptz,
      here_at timestamptz,
      primary key (ride_id, side),
      foreign key (company_id, ride_id) references rides (company_id, id)
    )`.execute(db)
  await sql`select honeycab_wall_company('chat_sides')`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table chat_sides`.execute(db)
  await sql`drop table chat_messages`.execute(db)
  await sql`drop table chats`.execute(db)
}
