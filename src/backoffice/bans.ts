/** Bans: from one company, or by the platform from everywhere. */
import { endSessions, rotateSoon } from '../accounts/session-life.ts'
import { record } from '../audit/audit.ts'
import { type CompanyId, type IdentityId, ok, type Result, refuse } from '../engine/units.ts'
import { type CommitDeps, commit, type Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { notify } from '../notices/notices.ts'
import { leaveQueue, leaveWheel } from './leave-work.ts'
import { type Doer, rolesOf } from './roles.ts'

export interface NewBan {
  readonly identityId: IdentityId
  readonly reason: string
  /** Null: until somebody lifts it. */
  readonly untilMs: number | null
}

export type BanRefusal = 'not_there' | 'oneself' | 'runs_installation' | 'is_admin' | 'carrying'

/**
 * From now on this person neither rides nor drives nor works at the company. They stay signed in for everything else;
 * sockets open again under the rights that are left.
 */
export async function banAtCompany(
  unit: Work,
  random: Random,
  doer: Doer,
  ban: NewBan & { readonly companyId: CompanyId; readonly company: string },
): Promise<Result<null, BanRefusal>> {
  const { companyId, identityId, reason, untilMs } = ban
  const person = await bannable(unit, doer, identityId)
  if (!person.ok) return person
  // Whoever runs the company loses that first, which asks whether somebody else is left to.
  if ((await rolesOf(unit, companyId, identityId)).includes('admin')) return refuse('is_admin')
  const left = await leaveCompany(unit, random, doer, { companyId, identityId, reason })
  if (!left.ok) return left
  const row = {
    ...{ reason, until: untilMs === null ? null : new Date(untilMs) },
    ...{ banned_by: doer.viewer.identityId, banned_at: new Date(unit.atMs) },
  }
  await unit.db
    .insertInto('company_bans')
    .values({ company_id: companyId, identity_id: identityId, ...row })
    .onConflict((conflict) => conflict.columns(['company_id', 'identity_id']).doUpdateSet(row))
    .execute()
  await rotateSoon(unit, identityId)
  await tellBan(unit, random, doer, { ...ban, person: person.value, companyId })
  return ok(null)
}

/** Nobody of this name signs in any more; every session ends, and sign-in answers as to a wrong password. */
export async function banEverywhere(
  unit: Work,
  random: Random,
  doer: Doer,
  ban: NewBan,
): Promise<Result<null, BanRefusal>> {
  const { identityId, reason, untilMs } = ban
  const person = await bannable(unit, doer, identityId)
  if (!person.ok) return person
  const companies = await unit.db
    .selectFrom('companies')
    .select('id')
    .where((eb) =>
      eb.or([
        eb('id', 'in', eb.selectFrom('drivers').select('company_id').where('identity_id', '=', identityId)),
        eb('id', 'in', eb.selectFrom('rides').select('company_id').where('rider_id', '=', identityId)),
      ]),
    )
    .orderBy('id')
    .execute()
  for (const { id } of companies) {
    const left = await leaveCompany(unit, random, doer, { companyId: id, identityId, reason })
    if (!left.ok) return left
  }
  await unit.db
    .updateTable('identities')
    .set({
      ...{ banned_at: new Date(unit.atMs), ban_reason: reason, updated_at: new Date(unit.atMs) },
      ban_until: untilMs === null ? null : new Date(untilMs),
    })
    .where('id', '=', identityId)
    .execute()
  await endSessions(unit, identityId)
  await tellBan(unit, random, doer, { ...ban, person: person.value })
  return ok(null)
}

async function bannable(unit: Work, { viewer }: Doer, identityId: IdentityId) {
  if (identityId === viewer.identityId) return refuse('oneself')
  const person = await unit.db
    .selectFrom('identities')
    .select(['name', 'email', 'language', 'platform'])
    .where('id', '=', identityId)
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (person === undefined) return refuse('not_there')
  return person.platform ? refuse('runs_installation') : ok(person)
}

async function leaveCompany(
  unit: Work,
  random: Random,
  { viewer }: Doer,
  whom: { readonly companyId: CompanyId; readonly identityId: IdentityId; readonly reason: string },
): Promise<Result<null, 'carrying'>> {
  const leaving = { ...whom, by: viewer.identityId }
  const left = await leaveWheel(unit, random, leaving)
  if (left.ok) await leaveQueue(unit, random, leaving)
  return left
}

interface ToldBan extends NewBan {
  readonly companyId?: CompanyId
  readonly person: { readonly name: string; readonly email: string; readonly language: string }
}

async function tellBan(unit: Work, random: Random, { viewer, web }: Doer, ban: ToldBan): Promise<void> {
  const { identityId, companyId, reason, untilMs, person } = ban
  await record(unit.db, random, {
    action: 'person.banned',
    atMs: unit.atMs,
    actorId: viewer.identityId,
    ...(companyId === undefined ? {} : { companyId }),
    subject: identityId,
    address: web.address,
    requestId: web.requestId,
    detail: { reason, until: untilMs === null ? null : new Date(untilMs).toISOString() },
  })
  await notify(unit, random, {
    kind: 'banned',
    to: person.email,
    identityId,
    ...(companyId === undefined ? {} : { companyId }),
    language: person.language,
    data: { name: person.name, reason },
  })
}

/** Lift a ban: of one company, or with `companyId` null the platform's. */
export async function liftBan(
  unit: Work,
  random: Random,
  doer: Doer,
  { identityId, companyId }: { readonly identityId: IdentityId; readonly companyId: CompanyId | null },
): Promise<Result<null, 'not_there'>> {
  const lifted =
    companyId === null
      ? await unit.db
          .updateTable('identities')
          .set({ banned_at: null, ban_reason: null, ban_until: null, updated_at: new Date(unit.atMs) })
          .where('id', '=', identityId)
          .where('banned_at', 'is not', null)
          .returning('id')
          .executeTakeFirst()
      : await unit.db
          .deleteFrom('company_bans')
          .where('company_id', '=', companyId)
          .where('identity_id', '=', identityId)
          .returning('identity_id')
          .executeTakeFirst()
  if (lifted === undefined) return refuse('not_there')
  await rotateSoon(unit, identityId)
  await record(unit.db, random, {
    action: 'person.unbanned',
    atMs: unit.atMs,
    actorId: doer.viewer.identityId,
    ...(companyId === null ? {} : { companyId }),
    subject: identityId,
    address: doer.web.address,
    requestId: doer.web.requestId,
  })
  return ok(null)
}

/** A chore: lift the bans whose time is over. Answers how many; safe in several processes at once. */
export function liftLapsedBans(deps: CommitDeps & { readonly random: Random }): Promise<number> {
  return commit(deps, async (unit) => {
    const at = new Date(unit.atMs)
    const here = await unit.db
      .deleteFrom('company_bans')
      .where('until', '<=', at)
      .returning(['company_id', 'identity_id'])
      .execute()
    const everywhere = await unit.db
      .updateTable('identities')
      .set({ banned_at: null, ban_reason: null, ban_until: null, updated_at: at })
      .where('ban_until', '<=', at)
      .returning('id')
      .execute()
    const lifted = [
      ...here.map((row) => ({ subject: row.identity_id, companyId: row.company_id })),
      ...everywhere.map(({ id }) => ({ subject: id })),
    ]
    for (const ban of lifted) {
      await rotateSoon(unit, ban.subject)
      await record(unit.db, deps.random, {
        ...{ action: 'person.unbanned', atMs: unit.atMs, ...ban, detail: { why: 'its time was over' } },
      })
    }
    return lifted.length
  })
}
