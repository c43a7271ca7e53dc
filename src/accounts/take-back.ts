/** What a thief put into an account to stay in it: taken out again when its person comes back by the old address. */
import { record } from '../audit/audit.ts'
import type { IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { LINK_LASTS_MS, type OneTimeLink } from './links.ts'
import { forgetPendingOf } from './pending.ts'
import { factorsOf, hasSecondFactor } from './second-factor.ts'
import { tellOfPerson } from './session-life.ts'

/** What was taken out. */
export interface TakenOut {
  readonly app: boolean
  readonly passkeys: number
  readonly backupCodes: boolean
  /** The number is what it was before, or none. */
  readonly phone: boolean
}

interface Theft {
  readonly identityId: IdentityId
  readonly sinceMs: number
  readonly from: { readonly address: string; readonly requestId: string }
}

/**
 * When the change that a link undoes was first asked for. The wishes themselves are gone by now, so the audit trail
 * says it; a wish that was not granted counts too, for whoever had the last one had those just before.
 */
export async function askedSinceMs(unit: Work, identityId: IdentityId, undo: OneTimeLink): Promise<number> {
  const undoMs = undo.created_at.getTime()
  const first = await unit.db
    .selectFrom('audit_entries')
    .select('at')
    .where('action', '=', 'email.change_asked')
    .where('subject', '=', identityId)
    .where('at', '>=', new Date(undoMs - LINK_LASTS_MS.change_email))
    .where('at', '<=', new Date(undoMs))
    .orderBy('at')
    .limit(1)
    .executeTakeFirst()
  return first?.at.getTime() ?? undoMs
}

/** Take out second factors and telephone numbers that came in since; those from before stay. */
export async function takeOutSince(unit: Work, random: Random, theft: Theft): Promise<TakenOut> {
  const { identityId, sinceMs, from } = theft
  const { db } = unit
  const since = new Date(sinceMs)
  const trail = { atMs: unit.atMs, actorId: identityId, ...from }
  const app = await db
    .deleteFrom('totp_secrets')
    .where('identity_id', '=', identityId)
    .where('created_at', '>=', since)
    .returning('identity_id')
    .executeTakeFirst()
  if (app !== undefined)
    await record(db, random, { ...trail, action: 'second_factor.disabled', subject: identityId })
  const passkeys = await db
    .deleteFrom('passkeys')
    .where('identity_id', '=', identityId)
    .where('created_at', '>=', since)
    .returning(['id', 'name'])
    .execute()
  for (const { id, name } of passkeys)
    await record(db, random, { ...trail, action: 'passkey.removed', subject: id, detail: { name } })
  const backupCodes = await takeOutCodes(unit, theft)
  await forgetPendingOf(db, identityId)
  const phone = await takeOutPhone(unit, random, theft)
  return { app: app !== undefined, passkeys: passkeys.length, backupCodes, phone }
}

/** Codes of a sheet the thief has seen; all of them where nothing is left that they would stand in for. */
async function takeOutCodes(unit: Work, { identityId, sinceMs }: Theft): Promise<boolean> {
  const all = !hasSecondFactor(await factorsOf(unit.db, identityId))
  let gone = false
  for (const table of ['backup_codes', 'imported_backup_codes'] as const) {
    const rows = await unit.db
      .deleteFrom(table)
      .where('identity_id', '=', identityId)
      .$if(!all, (query) => query.where('created_at', '>=', new Date(sinceMs)))
      .returning('identity_id')
      .execute()
    gone ||= rows.length > 0
  }
  await unit.db.deleteFrom('backup_code_sheets').where('identity_id', '=', identityId).execute()
  return gone
}

/** The number is again what the audit trail says it was before the first change of those days. */
async function takeOutPhone(
  unit: Work,
  random: Random,
  { identityId, sinceMs, from }: Theft,
): Promise<boolean> {
  const change = await unit.db
    .selectFrom('audit_entries')
    .select('detail')
    .where('action', '=', 'phone.changed')
    .where('subject', '=', identityId)
    .where('at', '>=', new Date(sinceMs))
    .orderBy('sequence')
    .limit(1)
    .executeTakeFirst()
  if (change === undefined) return false
  const { phone: now } = await unit.db
    .selectFrom('identities')
    .select('phone')
    .where('id', '=', identityId)
    .executeTakeFirstOrThrow()
  const before = phoneIn(change.detail)
  if (before === now) return false
  await unit.db
    .updateTable('identities')
    .set({ phone: before, updated_at: new Date(unit.atMs) })
    .where('id', '=', identityId)
    .execute()
  await record(unit.db, random, {
    ...{ action: 'phone.changed', atMs: unit.atMs, actorId: identityId, subject: identityId },
    ...{ detail: { before: { phone: now }, after: { phone: before } }, ...from },
  })
  await tellOfPerson(unit, identityId)
  return true
}

function phoneIn(detail: unknown): string | null {
  const { before } = (detail ?? {}) as { before?: { phone?: unknown } }
  return typeof before?.phone === 'string' ? before.phone : null
}
