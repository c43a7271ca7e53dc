import { type Kysely, sql } from 'kysely'

/** The code a rider says to the driver who picks them up, while the company asks for one. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table start_codes (
      company_id uuid not null,
      ride_id uuid not null primary key,
      driver_id uuid not null,
      code text not null check (code ~ '^[0-9]{4}$'),
      wrong_tries integer not null check (wrong_tries between 0 and 5),
      opened_at timestamptz,
      opened_by text check (opened_by in ('driver', 'desk')),
      reason text check (length(reason) between 1 and 200),
      check ((opened_at is null) = (opened_by is null)),
      check ((reason is not null) = (opened_by is not null and opened_by = 'desk')),
      foreign key (company_id, ride_id) references rides (company_id, id),
      foreign key (company_id, driver_id) references drivers (company_id, id)
    )`.execute(db)
  await sql`select honeycab_wall_company('start_codes')`.execute(db)
  // Switches are the office's to read; whoever accepts a ride needs to know this one.
  await sql`
    create policy wall_start_codes on company_flags for select to honeycab_app using (
      flag = 'start_codes' and company_id = any ((select honeycab_ids('honeycab.companies'))::uuid[]))`.execute(
    db,
  )
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop policy wall_start_codes on company_flags`.execute(db)
  await sql`drop table start_codes`.execute(db)
}
