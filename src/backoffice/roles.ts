/** Roles at a company, given and taken: told, audited, in force at the person's next request, and never the last admin's. */
import { sql } from 'kysely'
import { endSessions, rotateSoon } from '../accounts/session-life.ts'
import { record } from '../audit/audit.ts'
import { comeBack } from '../drivers/comeback.ts'
import { type CompanyId, type DriverId, type IdentityId, ok, type Result, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import { isUniqueViolation } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { Role } from '../io/tables/accounts.ts'
import { notify } from '../notices/notices.ts'
import type { WebContext } from '../web/context.ts'
import type { Viewer } from '../web/viewer.ts'
import { leaveWheel } from './leave-work.ts'

export interface RoleChange {
  readonly companyId: CompanyId
  readonly company: string
  readonly timeZone: string
  readonly identityId: IdentityId
  readonly role: Role
}

/** Who does it, and from where. */
export interface Doer {
  readonly viewer: Viewer
  readonly web: Pick<WebContext, 'address' | 'requestId'>
}

export type RoleRefusal = 'not_there' | 'held' | 'not_held' | 'last_admin' | 'call_sign_taken' | 'carrying'

/**
 * Give a role; a driver gets a call sign with it, unless they have one from before.
 * @param callSign needed for who has never driven here
 */
export async function grantRole(
  unit: Work,
  random: Random,
  doer: Doer,
  change: RoleChange & { readonly callSign?: string },
): Promise<Result<null, RoleRefusal | 'call_sign_needed'>> {
  const { companyId, identityId, role } = change
  if (!(await lockForRoles(unit, doer, companyId))) return refuse('not_there')
  const person = await activePerson(unit, identityId)
  if (person === undefined) return refuse('not_there')
  const before = await rolesOf(unit, companyId, identityId)
  if (before.includes(role)) return refuse('held')
  if (role === 'driver') {
    const driver = await settleDriver(unit, random, doer, { ...change, name: person.name })
    if (!driver.ok) return driver
  }
  await unit.db
    .insertInto('memberships')
    .values({ company_id: companyId, identity_id: identityId, role, created_at: new Date(unit.atMs) })
    .execute()
  await rotateSoon(unit, identityId)
  await tell(unit, random, doer, { ...change, person, before, after: [...before, role].toSorted() })
  return ok(null)
}

/** Take a role away; a driver's shift ends with it. */
export async function removeRole(
  unit: Work,
  random: Random,
  doer: Doer,
  change: RoleChange,
): Promise<Result<null, RoleRefusal>> {
  const { companyId, identityId, role } = change
  if (!(await lockForRoles(unit, doer, companyId))) return refuse('not_there')
  const person = await activePerson(unit, identityId)
  const before = await rolesOf(unit, companyId, identityId)
  if (person === undefined) return refuse('not_there')
  if (!before.includes(role)) return refuse('not_held')
  if (role === 'admin' && (await otherAdmins(unit, companyId, identityId)) === 0) return refuse('last_admin')
  if (role === 'driver') {
    const left = await leaveWheel(unit, random, {
      ...{ companyId, identityId, by: doer.viewer.identityId, reason: 'no longer drives here' },
    })
    if (!left.ok) return left
  }
  // Before the role goes: afterwards their sessions may be out of the doer's sight.
  await rotateSoon(unit, identityId)
  if (role === 'admin') await endBorrowedSessions(unit, identityId)
  await unit.db
    .deleteFrom('memberships')
    .where('company_id', '=', companyId)
    .where('identity_id', '=', identityId)
    .where('role', '=', role)
    .execute()
  const after = before.filter((held) => held !== role)
  await tell(unit, random, doer, { ...change, person, before, after })
  return ok(null)
}

/**
 * One change of roles at a company after the other, and only by who may still make it: of two admins who take the
 * role from each other in the same instant, the second has lost it when their turn comes.
 */
async function lockForRoles(unit: Work, { viewer }: Doer, companyId: CompanyId): Promise<boolean> {
  const company = await unit.db
    .selectFrom('companies')
    .select('id')
    .where('id', '=', companyId)
    .where('deleted_at', 'is', null)
    // Rows that point at the company may still be written meanwhile.
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (company === undefined) return false
  const doer = await unit.db
    .selectFrom('identities')
    .select('platform')
    .where('id', '=', viewer.identityId)
    .where('banned_at', 'is', null)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  if (doer === undefined) return false
  return doer.platform || (await rolesOf(unit, companyId, viewer.identityId)).includes('admin')
}

function activePerson(unit: Work, identityId: IdentityId) {
  return unit.db
    .selectFrom('identities')
    .select(['name', 'email', 'language'])
    .where('id', '=', identityId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
}

/** The roles somebody holds at a company, in the order of their names. */
export async function rolesOf(
  unit: Pick<Work, 'db'>,
  companyId: CompanyId,
  identityId: IdentityId,
): Promise<Role[]> {
  const rows = await unit.db
    .selectFrom('memberships')
    .select('role')
    .where('company_id', '=', companyId)
    .where('identity_id', '=', identityId)
    .orderBy('role')
    .execute()
  return rows.map(({ role }) => role)
}

/** How many could still sign in and run the company. */
async function otherAdmins(unit: Work, companyId: CompanyId, identityId: IdentityId): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    select count(*) from memberships m join identities i on i.id = m.identity_id
    where m.company_id = ${companyId} and m.role = 'admin' and m.identity_id <> ${identityId}
      and i.banned_at is null and i.deleted_at is null
      and not exists (select from company_bans b where b.company_id = m.company_id
        and b.identity_id = m.identity_id and (b.until is null or b.until > now()))`.execute(unit.db)
  return Number(rows[0]?.count ?? 0)
}

async function settleDriver(
  unit: Work,
  random: Random,
  { viewer, web }: Doer,
  {
    companyId,
    identityId,
    callSign,
    name,
  }: RoleChange & { readonly callSign?: string; readonly name: string },
): Promise<Result<null, 'call_sign_taken' | 'call_sign_needed'>> {
  const known = await unit.db
    .selectFrom('drivers')
    .select('deleted_at')
    .where('company_id', '=', companyId)
    .where('identity_id', '=', identityId)
    .executeTakeFirst()
  if (known !== undefined && known.deleted_at !== null) {
    const { address, requestId } = web
    const from = { address, requestId }
    await comeBack(unit, random, { companyId, identityId, byId: viewer.identityId, from })
  }
  if (known !== undefined) return ok(null)
  if (callSign === undefined) return refuse('call_sign_needed')
  const taken = await unit.db
    .selectFrom('drivers')
    .select('id')
    .where('company_id', '=', companyId)
    .where('call_sign', '=', callSign)
    .executeTakeFirst()
  if (taken !== undefined) return refuse('call_sign_taken')
  await unit.db
    .insertInto('drivers')
    .values({
      ...{ company_id: companyId, id: random.uuid() as DriverId, identity_id: identityId },
      ...{ name, call_sign: callSign, paused_until: null },
    })
    .execute()
  return ok(null)
}

/** Sessions in which somebody looks through another's eyes. */
async function endBorrowedSessions(unit: Work, impersonatorId: IdentityId): Promise<void> {
  const borrowed = await unit.db
    .selectFrom('sessions')
    .select(['id', 'identity_id'])
    .where('impersonator_id', '=', impersonatorId)
    .execute()
  for (const { id, identity_id } of borrowed) await endSessions(unit, identity_id, { onlySessionId: id })
}

interface Told extends RoleChange {
  readonly person: { readonly name: string; readonly email: string; readonly language: string }
  readonly before: readonly Role[]
  readonly after: readonly Role[]
}

async function tell(unit: Work, random: Random, { viewer, web }: Doer, told: Told): Promise<void> {
  const { companyId, identityId, role, person, before, after } = told
  await record(unit.db, random, {
    action: after.length > before.length ? 'membership.granted' : 'membership.removed',
    atMs: unit.atMs,
    actorId: viewer.identityId,
    companyId,
    subject: identityId,
    address: web.address,
    requestId: web.requestId,
    detail: { role, before: { roles: before }, after: { roles: after } },
  })
  await notify(unit, random, {
    kind: 'roles_changed',
    to: person.email,
    identityId,
    companyId,
    language: person.language,
    data: {
      name: person.name,
      atMs: unit.atMs,
      timeZone: told.timeZone,
      company: told.company,
      roles: after.join(', '),
    },
  })
}

/** Two transactions may both find a call sign free. */
export function isCallSignClash(error: unknown): boolean {
  return isUniqueViolation(error, 'drivers_company_id_call_sign_key')
}
