import { type Kysely, sql } from 'kysely'

/** A region may run another policy in shadow; what it would have done differently is kept by the quarter of an hour. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table regions
      add column shadow_policy jsonb check (jsonb_typeof(shadow_policy) = 'object')`.execute(db)
  await sql`
    create table shadow_quarters (
      company_id uuid not null,
      region_id uuid not null,
      starts_at timestamptz not null,
      ticks integer not null check (ticks > 0),
      waiting integer not null,
      changed integer not null,
      live_rides integer not null,
      live_eta_s double precision not null,
      live_cost_s double precision not null,
      live_ms double precision not null,
      shadow_rides integer not null,
      shadow_eta_s double precision not null,
      shadow_cost_s double precision not null,
      shadow_ms double precision not null,
      primary key (region_id, starts_at),
      foreign key (company_id, region_id) references regions (company_id, id)
    )`.execute(db)
  await sql`create index shadow_quarters_by_time on shadow_quarters (starts_at)`.execute(db)
  await sql`select honeycab_wall_company('shadow_quarters')`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table shadow_quarters`.execute(db)
  await sql`alter table regions drop column shadow_policy`.execute(db)
}
