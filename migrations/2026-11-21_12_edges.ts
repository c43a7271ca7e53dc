import { type Kysely, sql } from 'kysely'

/** Letters that are only kept, because nothing here sends mail; and accounts brought in from an older system. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table notices
      drop constraint notices_state_check,
      add constraint notices_state_check check (state in ('waiting', 'sent', 'kept', 'dead'))`.execute(db)
  await sql`create index notices_created on notices (created_at)`.execute(db)
}

/** Takes everything away again, in the reverse order. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index notices_created`.execute(db)
  await sql`update notices set state = 'sent' where state = 'kept'`.execute(db)
  await sql`
    alter table notices
      drop constraint notices_state_check,
      add constraint notices_state_check check (state in ('waiting', 'sent', 'dead'))`.execute(db)
}
