/**
 * Staff come by invitation: an admin names an address and a role, a letter goes there, and who has its link takes the
 * role, with the account of that address or a new one. One invitation is accepted once.
 */
import { record } from '../audit/audit.ts'
import { type CompanyId, type IdentityId, ok, type Result, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { InvitedRole } from '../io/tables/joining.ts'
import { notify } from '../notices/notices.ts'
import type { Viewer } from '../web/viewer.ts'
import type { From } from './joining.ts'
import { LINK_LASTS_MS, makeLink, peekLink, retireLinks, useLink } from './links.ts'
import { insertPerson, markVerified, personByEmail, personById } from './people.ts'
import { rotateSoon } from './session-life.ts'

const DAY_MS = 86_400_000
/** Nobody reads a longer list; older ones come up as these are answered. */
const MOST_SHOWN = 200

/** Who invites, and from where. */
export interface Inviter {
  readonly viewer: Pick<Viewer, 'identityId' | 'name'>
  readonly from: From
}

export interface Wanted {
  readonly companyId: CompanyId
  /** Lower case. */
  readonly email: string
  readonly role: InvitedRole
}

/**
 * Invite somebody; an invitation for the same role that is still open is sent again.
 * @returns its id; `held` when they have the role already
 */
export async function invite(
  unit: Work,
  random: Random,
  by: Inviter,
  { companyId, email, role }: Wanted,
): Promise<Result<string, 'held' | 'not_found'>> {
  const held = await unit.db
    .selectFrom('memberships')
    .innerJoin('identities', 'identities.id', 'memberships.identity_id')
    .select('role')
    .where('company_id', '=', companyId)
    .where('email', '=', email)
    .where('role', '=', role)
    .executeTakeFirst()
  if (held !== undefined) return refuse('held')
  const made = await unit.db
    .insertInto('invitations')
    .values({
      ...{ company_id: companyId, id: random.uuid(), email, role, invited_by: by.viewer.identityId },
      ...{ created_at: new Date(unit.atMs), expires_at: new Date(unit.atMs + LINK_LASTS_MS.invitation) },
    })
    .onConflict((conflict) =>
      conflict
        .columns(['company_id', 'email', 'role'])
        .where('accepted_at', 'is', null)
        .where('withdrawn_at', 'is', null)
        .doUpdateSet({ invited_by: by.viewer.identityId }),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  return sendInvitation(unit, random, by, { companyId, id: made.id })
}

/**
 * Send the letter (again): its link works from now on for as long as a new one's, and no earlier one does.
 * @returns `not_found` for what is not there, or was accepted or withdrawn
 */
export async function sendInvitation(
  unit: Work,
  random: Random,
  { viewer, from }: Inviter,
  { companyId, id }: { companyId: CompanyId; id: string },
): Promise<Result<string, 'not_found'>> {
  const renewed = await unit.db
    .updateTable('invitations')
    .set({ expires_at: new Date(unit.atMs + LINK_LASTS_MS.invitation) })
    .where('company_id', '=', companyId)
    .where('id', '=', id)
    .where('accepted_at', 'is', null)
    .where('withdrawn_at', 'is', null)
    .returning(['email', 'role'])
    .executeTakeFirst()
  const company = await companyName(unit.db, companyId)
  if (renewed === undefined || company === null) return refuse('not_found')
  const { email, role } = renewed
  await retireLinks(unit, 'invitation', { invitationId: id })
  const token = await makeLink(unit, random, { kind: 'invitation', email, companyId, invitationId: id })
  await notify(unit, random, {
    ...{ kind: 'invitation', to: email, identityId: null, companyId },
    data: {
      ...{ inviter: viewer.name, company, role, link: `/invitations/${token}` },
      days: LINK_LASTS_MS.invitation / DAY_MS,
    },
  })
  await record(unit.db, random, {
    ...{ action: 'invitation.sent', atMs: unit.atMs, actorId: viewer.identityId, companyId, subject: id },
    ...{ address: from.address, requestId: from.requestId, detail: { email, role } },
  })
  return ok(id)
}

/** Take an invitation back; its link opens nothing from now on. */
export async function withdrawInvitation(
  unit: Work,
  random: Random,
  { viewer, from }: Inviter,
  { companyId, id }: { companyId: CompanyId; id: string },
): Promise<Result<null, 'not_found'>> {
  const gone = await unit.db
    .updateTable('invitations')
    .set({ withdrawn_at: new Date(unit.atMs) })
    .where('company_id', '=', companyId)
    .where('id', '=', id)
    .where('accepted_at', 'is', null)
    .where('withdrawn_at', 'is', null)
    .returning(['email', 'role'])
    .executeTakeFirst()
  if (gone === undefined) return refuse('not_found')
  await retireLinks(unit, 'invitation', { invitationId: id })
  await record(unit.db, random, {
    ...{
      action: 'invitation.withdrawn',
      atMs: unit.atMs,
      actorId: viewer.identityId,
      companyId,
      subject: id,
    },
    ...{ address: from.address, requestId: from.requestId, detail: { email: gone.email, role: gone.role } },
  })
  return ok(null)
}

export interface OpenInvitation {
  readonly id: string
  readonly companyId: CompanyId
  readonly email: string
  readonly role: InvitedRole
  readonly invitedBy: string | null
  readonly expiresAtMs: number
}

/** Invitations of these companies that nobody has answered yet, the newest first. */
export async function openInvitations(
  db: Pick<Db, 'selectFrom'>,
  companyIds: readonly CompanyId[],
): Promise<OpenInvitation[]> {
  if (companyIds.length === 0) return []
  const rows = await db
    .selectFrom('invitations')
    .leftJoin('identities', 'identities.id', 'invitations.invited_by')
    .select(['invitations.id', 'company_id', 'invitations.email', 'role', 'name', 'invitations.expires_at'])
    .where('company_id', 'in', companyIds)
    .where('accepted_at', 'is', null)
    .where('withdrawn_at', 'is', null)
    .orderBy('expires_at', 'desc')
    .limit(MOST_SHOWN)
    .execute()
  return rows.map(({ id, company_id: companyId, email, role, name, expires_at }) => ({
    ...{ id, companyId, email, role, invitedBy: name, expiresAtMs: expires_at.getTime() },
  }))
}

/** Whose an invitation is, while it is open. */
export function findInvitation(
  db: Pick<Db, 'selectFrom'>,
  id: string,
): Promise<{ companyId: CompanyId } | undefined> {
  return db
    .selectFrom('invitations')
    .select('company_id as companyId')
    .where('id', '=', id)
    .where('accepted_at', 'is', null)
    .where('withdrawn_at', 'is', null)
    .executeTakeFirst()
}

export interface PendingInvitation {
  readonly email: string
  readonly role: InvitedRole
  readonly companyId: CompanyId
  readonly company: string
  /** Whether the address has an account, which then takes the role. */
  readonly hasAccount: boolean
}

/** What a link invites to; null when it opens nothing any more. */
export async function pendingInvitation(
  db: Db,
  token: string,
  nowMs: number,
): Promise<PendingInvitation | null> {
  const link = await peekLink(db, ['invitation'], token, nowMs)
  if (link === null) return null
  const invitation = await db
    .selectFrom('invitations')
    .select(['email', 'role', 'company_id'])
    .where('id', '=', link.invitation_id)
    .where('accepted_at', 'is', null)
    .where('withdrawn_at', 'is', null)
    .executeTakeFirst()
  const company = invitation && (await companyName(db, invitation.company_id))
  if (invitation === undefined || company == null) return null
  const { email, role, company_id: companyId } = invitation
  const known = await personByEmail(db, email)
  return { email, role, companyId, company, hasAccount: known !== undefined && known.deleted_at === null }
}

/** What somebody types who has no account yet. */
export interface Newcomer {
  readonly name: string
  readonly passwordHash: string
}

/**
 * Accept an invitation: whoever has the letter has the address, so its account takes the role, signed in or not.
 * @param newcomer for an address without an account
 * @returns `gone` when the link opens nothing, `newcomer_needed` when there is no account and none can be made
 */
export async function acceptInvitation(
  unit: Work,
  random: Random,
  { token, newcomer, from }: { token: string; newcomer: Newcomer | null; from: From },
): Promise<
  Result<{ identityId: IdentityId; company: string; role: InvitedRole }, 'gone' | 'newcomer_needed'>
> {
  const link = await useLink(unit, ['invitation'], token)
  if (link === null) return refuse('gone')
  const known = await personByEmail(unit.db, link.email)
  if (known === undefined && newcomer === null) return refuse('newcomer_needed')
  if (known !== undefined && known.deleted_at !== null) return refuse('gone')
  const at = new Date(unit.atMs)
  const { email } = link
  const identityId =
    known?.id ?? (newcomer === null ? null : await insertPerson(unit, random, { ...newcomer, email }))
  if (identityId === null) return refuse('newcomer_needed')
  const accepted = await unit.db
    .updateTable('invitations')
    .set({ accepted_at: at, accepted_by: identityId })
    .where('id', '=', link.invitation_id)
    .where('accepted_at', 'is', null)
    .where('withdrawn_at', 'is', null)
    .where('expires_at', '>', at)
    .returning(['id', 'company_id', 'role'])
    .executeTakeFirst()
  const company = accepted && (await companyName(unit.db, accepted.company_id))
  if (accepted === undefined || company == null) return refuse('gone')
  await markVerified(unit, { identityId, email })
  const who = { actorId: identityId, address: from.address, requestId: from.requestId, atMs: unit.atMs }
  if (known === undefined)
    await record(unit.db, random, { ...who, action: 'account.registered', subject: identityId })
  const { company_id: companyId, role } = accepted
  await record(unit.db, random, { ...who, action: 'invitation.accepted', companyId, subject: accepted.id })
  await giveRole(unit, random, { identityId, companyId, company, role, from })
  return ok({ identityId, company, role })
}

async function giveRole(
  unit: Work,
  random: Random,
  given: { identityId: IdentityId; companyId: CompanyId; company: string; role: InvitedRole; from: From },
): Promise<void> {
  const { identityId, companyId, company, role, from } = given
  await unit.db
    .insertInto('memberships')
    .values({ company_id: companyId, identity_id: identityId, role, created_at: new Date(unit.atMs) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  // Their sessions learn of it at their next request, with a new token.
  await rotateSoon(unit, identityId)
  await record(unit.db, random, {
    ...{ action: 'membership.granted', atMs: unit.atMs, actorId: identityId, companyId, subject: identityId },
    ...{ address: from.address, requestId: from.requestId, detail: { role, by: 'invitation' } },
  })
  const roles = await unit.db
    .selectFrom('memberships')
    .select('role')
    .where('company_id', '=', companyId)
    .where('identity_id', '=', identityId)
    .orderBy('role')
    .execute()
  const person = await personById(unit.db, identityId)
  await notify(unit, random, {
    ...{ kind: 'roles_changed', to: person.email, identityId, companyId, language: person.language },
    data: { name: person.name, atMs: unit.atMs, company, roles: roles.map((held) => held.role).join(', ') },
  })
}

async function companyName(db: Pick<Db, 'selectFrom'>, companyId: CompanyId): Promise<string | null> {
  const company = await db
    .selectFrom('companies')
    .select('name')
    .where('id', '=', companyId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return company?.name ?? null
}
