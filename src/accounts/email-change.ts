/** A new e-mail address: shown to be the person's by a link sent there, told to the old one, with a way back. */
import { record } from '../audit/audit.ts'
import { type IdentityId, ok, type Result, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { notify } from '../notices/notices.ts'
import { forgetPassword } from './credentials.ts'
import { LINK_LASTS_MS, makeLink, type OneTimeLink, retireLinks, useLink } from './links.ts'
import { personByEmail, personById } from './people.ts'
import type { Changer } from './profile.ts'
import { endSessions, tellOfPerson } from './session-life.ts'
import { askedSinceMs, type TakenOut, takeOutSince } from './take-back.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** From where a letter's link was opened. */
export interface From {
  readonly address: string
  readonly requestId: string
}

/**
 * Ask for another address. Whether somebody has it already is told to nobody: then no letter goes there, and nothing
 * else is different.
 */
export async function askNewEmail(
  unit: Work,
  random: Random,
  { viewer, ...from }: Changer,
  email: string,
): Promise<void> {
  const { identityId, name, language } = viewer
  // An older wish is not granted any more.
  await retireLinks(unit, 'change_email', { identityId })
  await record(unit.db, random, {
    ...{ action: 'email.change_asked', atMs: unit.atMs, actorId: identityId, subject: identityId },
    ...{ detail: { after: { email } }, ...from },
  })
  if ((await personByEmail(unit.db, email)) !== undefined) return
  const token = await makeLink(unit, random, { kind: 'change_email', email, identityId })
  await notify(unit, random, {
    ...{ kind: 'confirm_email', to: email, identityId, language },
    data: { name, link: `/new-email/${token}`, hours: LINK_LASTS_MS.change_email / HOUR_MS },
  })
}

/**
 * Use the link that went to the new address: it is the account's from now on. The old address is told and may undo it.
 * @returns `gone` when the link opens nothing (any more), `taken` when somebody else has the address by now
 */
export async function confirmNewEmail(
  unit: Work,
  random: Random,
  token: string,
  from: From,
): Promise<Result<OneTimeLink, 'gone' | 'taken'>> {
  const link = await useLink(unit, ['change_email'], token)
  const identityId = link?.identity_id ?? null
  if (link === null || identityId === null) return refuse('gone')
  const person = await personById(unit.db, identityId)
  if (person.deleted_at !== null) return refuse('gone')
  if (!(await moveTo(unit, identityId, link.email))) return refuse('taken')
  const undo = await makeLink(unit, random, { kind: 'undo_email', email: person.email, identityId })
  await notify(unit, random, {
    ...{ kind: 'email_changed', to: person.email, identityId, language: person.language },
    data: {
      ...{ name: person.name, newEmail: link.email, atMs: unit.atMs },
      ...{ link: `/old-email/${undo}`, hours: LINK_LASTS_MS.undo_email / HOUR_MS },
    },
  })
  await recordMove(unit, random, { identityId, from, before: person.email, after: link.email })
  return ok(link)
}

/**
 * Use the link that went to the old address: it is the account's again. Whoever changed it knows the password and
 * has sessions, so both end here with whatever else they put into the account since they asked for the change, and a
 * letter with a link to a new password goes to the old address.
 */
export async function undoNewEmail(
  unit: Work,
  random: Random,
  token: string,
  { address, requestId }: From,
): Promise<Result<TakenOut, 'gone' | 'taken'>> {
  const from = { address, requestId }
  const link = await useLink(unit, ['undo_email'], token)
  const identityId = link?.identity_id ?? null
  if (link === null || identityId === null) return refuse('gone')
  const person = await personById(unit.db, identityId)
  if (!(await moveTo(unit, identityId, link.email))) return refuse('taken')
  await endSessions(unit, identityId)
  await forgetPassword(unit, identityId)
  const sinceMs = await askedSinceMs(unit, identityId, link)
  const takenOut = await takeOutSince(unit, random, { identityId, sinceMs, from })
  // Nor may any other letter of those days change anything.
  for (const kind of ['undo_email', 'verify_email', 'reset_password'] as const)
    await retireLinks(unit, kind, { identityId })
  const reset = await makeLink(unit, random, { kind: 'reset_password', email: link.email, identityId })
  await notify(unit, random, {
    ...{ kind: 'reset_password', to: link.email, identityId, language: person.language },
    data: {
      ...{ name: person.name, link: `/reset-password/${reset}` },
      minutes: LINK_LASTS_MS.reset_password / MINUTE_MS,
    },
  })
  await recordMove(unit, random, { identityId, from, before: person.email, after: link.email })
  return ok(takenOut)
}

/** The address becomes the person's, and counts as shown to be theirs; false when somebody else has it. */
async function moveTo(unit: Work, identityId: IdentityId, email: string): Promise<boolean> {
  const holder = await personByEmail(unit.db, email)
  if (holder !== undefined && holder.id !== identityId) return false
  const at = new Date(unit.atMs)
  await unit.db
    .updateTable('identities')
    .set({ email, email_verified: true, email_verified_at: at, updated_at: at })
    .where('id', '=', identityId)
    .execute()
  // What was sent to prove or to use the address before says nothing of this one.
  for (const kind of ['change_email', 'verify_email', 'reset_password'] as const)
    await retireLinks(unit, kind, { identityId })
  await tellOfPerson(unit, identityId)
  return true
}

function recordMove(
  unit: Work,
  random: Random,
  move: { identityId: IdentityId; from: From; before: string; after: string },
): Promise<void> {
  const { identityId, from, before, after } = move
  return record(unit.db, random, {
    ...{ action: 'email.changed', atMs: unit.atMs, actorId: identityId, subject: identityId },
    ...{ detail: { before: { email: before }, after: { email: after } }, ...from },
  })
}
