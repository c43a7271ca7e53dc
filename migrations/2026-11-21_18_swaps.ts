import { type Kysely, sql } from 'kysely'

/** A ride may go to a much nearer car before its first one is there, where the region says so. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table regions
      add column swap_gain_s integer check (swap_gain_s between 30 and 3600)`.execute(db)
  await sql`alter table rides add column swaps smallint not null default 0 check (swaps >= 0)`.execute(db)
  // Who has the ride while another driver is asked to take it over.
  await sql`
    alter table offers
      add column swaps_from uuid,
      add foreign key (company_id, swaps_from) references drivers (company_id, id),
      add check (swaps_from <> driver_id)`.execute(db)
  await sql`alter table drivers add column swapped_at timestamptz`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table drivers drop column swapped_at`.execute(db)
  await sql`alter table offers drop column swaps_from`.execute(db)
  await sql`alter table rides drop column swaps`.execute(db)
  await sql`alter table regions drop column swap_gain_s`.execute(db)
}
