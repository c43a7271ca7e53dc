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
    create function honeycab_asks_start_code(company uuid) returns boolean
      language sql stable security definer set search_path = pg_catalog, public as $$
        select coalesce((select is_on from company_flags
          where company_id = company and flag = 'start_codes'), false) $$`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop function honeycab_asks_start_code`.execute(db)
  await sql`drop table start_codes`.execute(db)
}
