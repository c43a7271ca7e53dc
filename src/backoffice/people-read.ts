/** People as the back office sees them: who belongs to a company, and what there is to know of one of them. */
import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import { lockedUntilMs, signInTries } from '../accounts/lockout.ts'
import { escapeLike } from '../audit/search.ts'
import type { CompanyId, DriverId, IdentityId } from '../engine/units.ts'
import type { Role } from '../io/tables/accounts.ts'
import type { Tables } from '../io/tables.ts'
import type { OfficeScope } from './scope.ts'

export const PEOPLE_STATES = ['active', 'banned', 'deleted'] as const
export type PeopleState = (typeof PEOPLE_STATES)[number]
/** `rider` is who rides with a company and works for none in sight. */
export const PEOPLE_ROLES = ['rider', 'driver', 'dispatcher', 'operator', 'admin', 'platform'] as const
export type PeopleRole = (typeof PEOPLE_ROLES)[number]

export interface PeopleFilter {
  /** Part of a name or an e-mail address. */
  readonly words?: string
  readonly role?: PeopleRole
  readonly state?: PeopleState
  readonly companyId?: CompanyId
}

export interface HeldRole {
  readonly companyId: CompanyId
  readonly company: string
  readonly role: Role
}

export interface PersonRow {
  readonly id: IdentityId
  readonly name: string
  readonly email: string
  readonly platform: boolean
  /** Banned everywhere, or at a company in sight. */
  readonly banned: boolean
  readonly deleted: boolean
  /** At the companies in sight. */
  readonly roles: readonly HeldRole[]
}

type Sight = Pick<OfficeScope, 'platform' | 'companyIds'>

/** Whether this person is somebody of the companies in sight: they work there or have ridden there. */
function inSight({ platform, companyIds }: Sight): RawBuilder<SqlBool> {
  if (platform) return sql`true`
  const ids = sql`${[...companyIds]}::uuid[]`
  return sql`(exists (select from memberships m where m.identity_id = identity.id and m.company_id = any(${ids}))
    or exists (select from rides r where r.rider_id = identity.id and r.company_id = any(${ids}))
)`
}

/** A page of people by name; `after` is the last one of the page before. */
export async function listPeople(
  db: Kysely<Tables>,
  scope: Sight,
  filter: PeopleFilter,
  { after, limit }: { readonly after?: string; readonly limit: number },
): Promise<{ people: PersonRow[]; next: string | null }> {
  const rows = await db
    .selectFrom('identities as identity')
    .select(['identity.id', 'identity.name', 'identity.email', 'identity.platform'])
    .select([
      sql<boolean>`identity.deleted_at is not null`.as('deleted'),
      sql<boolean>`${isBanned(scope)}`.as('banned'),
    ])
    .where((eb) => eb.and(conditions(scope, filter)))
    .$if(after !== undefined, (query) =>
      query.where(
        sql<boolean>`(lower(identity.name), identity.id) >
          (select lower(last.name), last.id from identities last where last.id = ${after!}::uuid)`,
      ),
    )
    .orderBy(sql`lower(identity.name)`)
    .orderBy('identity.id')
    .limit(limit + 1)
    .execute()
  const shown = rows.slice(0, limit)
  const roles = await rolesIn(
    db,
    scope,
    shown.map(({ id }) => id),
  )
  return {
    people: shown.map((row) => ({ ...row, roles: roles.get(row.id) ?? [] })),
    next: rows.length > limit ? shown.at(-1)!.id : null,
  }
}

function conditions(scope: Sight, { words, role, state, companyId }: PeopleFilter): RawBuilder<SqlBool>[] {
  const ids = companyId === undefined ? [...scope.companyIds] : [companyId]
  const sight: Sight = companyId === undefined ? scope : { platform: false, companyIds: ids }
  const all = [inSight(sight)]
  if (words !== undefined) {
    const like = `%${escapeLike(words)}%`
    all.push(sql`(identity.name ilike ${like} or identity.email ilike ${like})`)
  }
  const member = (named: RawBuilder<SqlBool>) => sql<SqlBool>`exists (select from memberships m
    where m.identity_id = identity.id and m.company_id = any(${ids}::uuid[]) and ${named})`
  if (role === 'platform') all.push(sql`identity.platform`)
  else if (role === 'rider') all.push(sql`not ${member(sql`true`)}`)
  else if (role !== undefined) all.push(member(sql`m.role = ${role}`))
  if (state === 'deleted') all.push(sql`identity.deleted_at is not null`)
  // Who is gone is looked for on purpose only.
  else all.push(sql`identity.deleted_at is null`)
  if (state === 'banned') all.push(isBanned(sight))
  if (state === 'active') all.push(sql`not ${isBanned(sight)}`)
  return all
}

function isBanned({ platform, companyIds }: Sight): RawBuilder<SqlBool> {
  const where = platform ? sql`true` : sql`b.company_id = any(${[...companyIds]}::uuid[])`
  return sql`(identity.banned_at is not null or exists (select from company_bans b
    where b.identity_id = identity.id and (b.until is null or b.until > now()) and ${where}))`
}

async function rolesIn(
  db: Kysely<Tables>,
  { companyIds }: Sight,
  identityIds: readonly IdentityId[],
): Promise<Map<IdentityId, HeldRole[]>> {
  if (identityIds.length === 0 || companyIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('memberships')
    .innerJoin('companies', 'companies.id', 'memberships.company_id')
    .select(['memberships.identity_id', 'memberships.company_id', 'companies.name', 'memberships.role'])
    .where('memberships.identity_id', 'in', [...identityIds])
    .where('memberships.company_id', 'in', [...companyIds])
    .orderBy('companies.name')
    .orderBy('memberships.role')
    .execute()
  const held = new Map<IdentityId, HeldRole[]>()
  for (const { identity_id, company_id, name, role } of rows)
    held.set(identity_id, [...(held.get(identity_id) ?? []), { companyId: company_id, company: name, role }])
  return held
}

export interface CompanyBan {
  readonly companyId: CompanyId
  readonly company: string
  readonly reason: string
  readonly untilMs: number | null
  readonly atMs: number
  readonly by: string | null
}

export interface PersonDetail extends PersonRow {
  readonly emailVerified: boolean
  readonly phone: string | null
  readonly language: string
  readonly createdAtMs: number
  readonly deletedAtMs: number | null
  /** Everywhere, by the platform. */
  readonly platformBan: {
    readonly reason: string
    readonly untilMs: number | null
    readonly atMs: number
  } | null
  readonly companyBans: readonly CompanyBan[]
  readonly lockedUntilMs: number | null
  readonly driverIds: readonly {
    readonly companyId: CompanyId
    readonly driverId: DriverId
    readonly callSign: string
  }[]
  /** Works for a company out of sight: only the platform may act for or as them. */
  readonly worksElsewhere: boolean
}

/** The viewer's handle, and the system's for what lies beyond the walls. */
export interface Handles {
  readonly db: Kysely<Tables>
  readonly system: Kysely<Tables>
}

/** Everything the back office shows of a person; undefined for who is not in sight. */
export async function findPerson(
  { db, system }: Handles,
  scope: Sight,
  identityId: IdentityId,
  nowMs: number,
): Promise<PersonDetail | undefined> {
  const row = await db
    .selectFrom('identities as identity')
    .selectAll('identity')
    .select(sql<boolean>`${isBanned(scope)}`.as('banned'))
    .where('identity.id', '=', identityId)
    .where((eb) => eb.and([inSight(scope)]))
    .executeTakeFirst()
  if (row === undefined) return undefined
  const companyIds = [...scope.companyIds]
  const [roles, bans, drivers, elsewhere] = [
    await rolesIn(db, scope, [identityId]),
    await bansOf(db, companyIds, identityId),
    await driversOf(db, companyIds, identityId),
    await worksElsewhere(system, scope, identityId),
  ]
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    emailVerified: row.email_verified,
    phone: row.phone,
    language: row.language,
    platform: row.platform,
    banned: row.banned,
    deleted: row.deleted_at !== null,
    deletedAtMs: row.deleted_at?.getTime() ?? null,
    createdAtMs: row.created_at.getTime(),
    platformBan:
      row.banned_at === null
        ? null
        : {
            reason: row.ban_reason ?? '',
            untilMs: row.ban_until?.getTime() ?? null,
            atMs: row.banned_at.getTime(),
          },
    companyBans: bans,
    lockedUntilMs: await lockedUntilMs(system, signInTries(row.email), nowMs),
    driverIds: drivers,
    roles: roles.get(identityId) ?? [],
    worksElsewhere: elsewhere,
  }
}

async function bansOf(
  db: Kysely<Tables>,
  companyIds: readonly CompanyId[],
  identityId: IdentityId,
): Promise<CompanyBan[]> {
  if (companyIds.length === 0) return []
  const rows = await db
    .selectFrom('company_bans as ban')
    .innerJoin('companies', 'companies.id', 'ban.company_id')
    .leftJoin('identities as judge', 'judge.id', 'ban.banned_by')
    .select([
      'ban.company_id',
      'companies.name',
      'ban.reason',
      'ban.until',
      'ban.banned_at',
      'judge.name as by',
    ])
    .where('ban.identity_id', '=', identityId)
    .where('ban.company_id', 'in', companyIds)
    .where(sql<boolean>`(ban.until is null or ban.until > now())`)
    .orderBy('companies.name')
    .execute()
  return rows.map((row) => ({
    companyId: row.company_id,
    company: row.name,
    reason: row.reason,
    untilMs: row.until?.getTime() ?? null,
    atMs: row.banned_at.getTime(),
    by: row.by,
  }))
}

async function driversOf(db: Kysely<Tables>, companyIds: readonly CompanyId[], identityId: IdentityId) {
  if (companyIds.length === 0) return []
  const rows = await db
    .selectFrom('drivers')
    .select(['company_id', 'id', 'call_sign'])
    .where('identity_id', '=', identityId)
    .where('company_id', 'in', companyIds)
    .execute()
  return rows.map(({ company_id, id, call_sign }) => ({
    companyId: company_id,
    driverId: id,
    callSign: call_sign,
  }))
}

/** Works for, or has ridden with, a company that is out of sight. */
async function worksElsewhere(
  db: Kysely<Tables>,
  { platform, companyIds }: Sight,
  identityId: IdentityId,
): Promise<boolean> {
  if (platform) return false
  const ids = sql`${[...companyIds]}::uuid[]`
  const { rows } = await sql<{ elsewhere: boolean }>`
    select exists (select from memberships where identity_id = ${identityId} and company_id <> all(${ids}))
      or exists (select from rides where rider_id = ${identityId} and company_id <> all(${ids})) as elsewhere`.execute(
    db,
  )
  return rows[0]?.elsewhere ?? true
}
