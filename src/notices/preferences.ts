/** Which letters a person may do without. All others protect the account or say what cannot be missed. */
import type { Kysely } from 'kysely'
import type { NoticeKind } from '../../views/notices/data.ts'
import type { IdentityId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'

/** Each switch with the letters it governs. What is in none of them is always sent. */
export const NOTICE_SWITCHES = {
  licence_decisions: ['licence_approved', 'licence_rejected'],
  licence_reminders: ['licence_expiring'],
} as const satisfies Record<string, readonly NoticeKind[]>
export type NoticeSwitch = keyof typeof NOTICE_SWITCHES

/** Written to somebody whose account is deleted: the way back, and that it was used. */
const TO_THE_DELETED: readonly NoticeKind[] = ['account_deleted', 'account_restored']

/** The switch that governs a letter; null for those that are always sent. */
export function switchOf(kind: NoticeKind): NoticeSwitch | null {
  const found = Object.entries(NOTICE_SWITCHES).find(([, kinds]) =>
    (kinds as readonly NoticeKind[]).includes(kind),
  )
  return found === undefined ? null : (found[0] as NoticeSwitch)
}

/** Whether somebody is to have letters of this kind: they did not switch them off, and the account is not deleted. */
export async function wants(db: Kysely<Tables>, identityId: IdentityId, kind: NoticeKind): Promise<boolean> {
  const person = await db
    .selectFrom('identities')
    .select(['notify', 'deleted_at'])
    .where('id', '=', identityId)
    .executeTakeFirst()
  if (person === undefined) return true
  if (person.deleted_at !== null) return TO_THE_DELETED.includes(kind)
  const governed = switchOf(kind)
  return governed === null || person.notify[governed] !== false
}
