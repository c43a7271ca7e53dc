import { type Kysely, sql } from 'kysely'

/** How people come in: links that open once, solved captchas, invitations, campuses, applications to drive. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Until now people were made by those who run the installation, who answer for their addresses.
  await sql`
    update identities set email_verified = true, email_verified_at = created_at
    where not email_verified`.execute(db)

  // Whoever registers is nobody yet: what they typed waits in their link, and goes with it when it runs out.
  await sql`
    create table invitations (
      company_id uuid not null references companies (id) on delete cascade,
      id uuid not null primary key,
      email text not null check (email = lower(email) and length(email) between 3 and 254),
      role text not null check (role in ('dispatcher', 'operator', 'admin')),
      invited_by uuid references identities (id) on delete set null,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      accepted_at timestamptz,
      accepted_by uuid references identities (id) on delete set null,
      withdrawn_at timestamptz,
      check (expires_at > created_at),
      check (accepted_at is null or withdrawn_at is null)
    )`.execute(db)
  await sql`
    create unique index invitations_open on invitations (company_id, email, role)
    where accepted_at is null and withdrawn_at is null`.execute(db)
  await sql`create index invitations_email on invitations (email)`.execute(db)

  await sql`
    create table one_time_links (
      id uuid primary key,
      kind text not null check (kind in ('register', 'verify_email', 'change_email', 'reset_password', 'invitation')),
      token_hash text not null unique check (length(token_hash) = 43),
      email text not null check (email = lower(email) and length(email) between 3 and 254),
      identity_id uuid references identities (id) on delete cascade,
      company_id uuid references companies (id) on delete cascade,
      invitation_id uuid references invitations (id) on delete cascade,
      name text check (length(name) between 1 and 120),
      password_hash text,
      wants_to_drive boolean not null default false,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      used_at timestamptz,
      check (expires_at > created_at),
      check ((kind = 'register') = (name is not null and password_hash is not null)),
      check (kind not in ('register', 'invitation') or identity_id is null),
      check ((kind = 'invitation') = (invitation_id is not null)),
      check (not wants_to_drive or (kind = 'register' and company_id is not null))
    )`.execute(db)
  await sql`create index one_time_links_email on one_time_links (email, kind)`.execute(db)
  await sql`create index one_time_links_identity on one_time_links (identity_id)`.execute(db)
  await sql`create index one_time_links_invitation on one_time_links (invitation_id)`.execute(db)
  await sql`create index one_time_links_expiry on one_time_links (expires_at)`.execute(db)

  // Kept until the challenge could not be used any more.
  await sql`
    create table captcha_solutions (
      challenge_hash text primary key check (length(challenge_hash) = 43),
      expires_at timestamptz not null
    )`.execute(db)
  await sql`create index captcha_solutions_expiry on captcha_solutions (expires_at)`.execute(db)

  await sql`
    create table campuses (
      id uuid primary key,
      slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
      name text not null check (length(name) between 1 and 120),
      city text not null check (length(city) between 1 and 120),
      time_zone text not null,
      created_at timestamptz not null
    )`.execute(db)
  // ASCII as it stands behind the @ of an address; names in other scripts are kept as punycode.
  await sql`
    create table campus_domains (
      domain text primary key check (domain ~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])$' and length(domain) <= 253),
      campus_id uuid not null references campuses (id) on delete cascade,
      created_at timestamptz not null
    )`.execute(db)
  await sql`create index campus_domains_campus on campus_domains (campus_id)`.execute(db)

  await sql`
    create table driver_applications (
      company_id uuid not null references companies (id) on delete cascade,
      id uuid not null primary key,
      identity_id uuid not null references identities (id) on delete cascade,
      asked_at timestamptz not null,
      decided_at timestamptz,
      decided_by uuid references identities (id) on delete set null,
      approved boolean,
      check ((decided_at is null) = (approved is null))
    )`.execute(db)
  await sql`
    create unique index driver_applications_open on driver_applications (company_id, identity_id)
    where decided_at is null`.execute(db)
  await sql`create index driver_applications_identity on driver_applications (identity_id)`.execute(db)

  await sql`select honeycab_wall_company('invitations')`.execute(db)
  await sql`select honeycab_wall_company('driver_applications', 'identity_id')`.execute(db)
  // Who asked to drive is not the company's yet, but its office has to see whom it decides about.
  await sql`do $$ begin execute
    'create policy wall_applicants on identities for select to honeycab_app using (exists (
      select from driver_applications a where a.identity_id = identities.id and a.decided_at is null
      and ' || honeycab_rule('staffed', 'company_id') || '))'; end $$`.execute(db)
  // What waits to become a person is nobody's to see, not even of the company they registered at.
  await sql`
    select honeycab_wall('one_time_links', honeycab_rule('own', 'identity_id')
      || ' or (kind = ''invitation'' and ' || honeycab_rule('staffed', 'company_id') || ')')`.execute(db)
  await sql`select honeycab_wall_closed('captcha_solutions')`.execute(db)
  // Read by everybody, kept by those who run the installation.
  for (const table of ['campuses', 'campus_domains']) {
    await sql`select honeycab_wall(${table}, 'false')`.execute(db)
    await sql`create policy wall_read on ${sql.table(table)} for select to honeycab_app using (true)`.execute(
      db,
    )
  }
}

/** Takes everything away again, in the reverse order. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop policy wall_applicants on identities`.execute(db)
  await sql`drop table driver_applications`.execute(db)
  await sql`drop table campus_domains`.execute(db)
  await sql`drop table campuses`.execute(db)
  await sql`drop table captcha_solutions`.execute(db)
  await sql`drop table one_time_links`.execute(db)
  await sql`drop table invitations`.execute(db)
}
