import { type Kysely, sql } from 'kysely'

/** The link by which others follow a ride: one a ride, opened and ended by who rides. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // The token is worked out from the salt with a secret of the server's: with these rows alone nobody opens a link.
  await sql`
    create table ride_shares (
      company_id uuid not null,
      ride_id uuid not null primary key,
      identity_id uuid not null references identities (id),
      salt text not null check (length(salt) = 43),
      token_hash text not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
      opened_at timestamptz not null,
      ended_at timestamptz check (ended_at >= opened_at),
      foreign key (company_id, ride_id) references rides (company_id, id)
    )`.execute(db)
  await sql`create index ride_shares_of_person on ride_shares (identity_id)`.execute(db)
  await sql`
    select honeycab_wall('ride_shares', '(' || honeycab_rule('company', 'company_id')
      || ' and ' || honeycab_rule('own', 'identity_id') || ')')`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table ride_shares`.execute(db)
}
