/** What happened to a person's account lately, as they may see it themselves. */
import type { Kysely } from 'kysely'
import { type AuditAction, actionOf } from '../audit/actions.ts'
import type { IdentityId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'

/** What a person would want to notice; everyday renewals of a session are not among it. */
const SHOWN: readonly AuditAction[] = [
  'session.started',
  'session.refused',
  'session.ended_by_admin',
  'session.all_ended',
  'account.locked',
  'password.changed',
  'password.reset',
  'email.changed',
  'phone.changed',
  'second_factor.enabled',
  'second_factor.disabled',
  'second_factor.refused',
  'backup_codes.made',
  'backup_codes.used',
  'passkey.added',
  'passkey.removed',
  'impersonation.started',
  'data.exported',
]
const MOST_SHOWN = 12

export interface SecurityEvent {
  readonly atMs: number
  readonly words: string
  readonly byThem: boolean
  readonly address: string | null
}

/** The newest first. What was refused at sign-in has no actor: it may have been anybody. */
export async function securityEventsOf(db: Kysely<Tables>, identityId: IdentityId): Promise<SecurityEvent[]> {
  // Two look-ups by an index each; who did something to their own account stands in both.
  const entries = (whose: 'actor_id' | 'subject') =>
    db
      .selectFrom('audit_entries')
      .select(['id', 'sequence', 'at', 'action', 'actor_id', 'address'])
      .where(whose, '=', identityId)
      .where('action', 'in', [...SHOWN])
      .orderBy('sequence', 'desc')
      .limit(MOST_SHOWN)
      .execute()
  const both = (await Promise.all([entries('actor_id'), entries('subject')])).flat()
  const rows = [...new Map(both.map((row) => [row.id, row])).values()]
    .toSorted((a, b) => Number(b.sequence) - Number(a.sequence))
    .slice(0, MOST_SHOWN)
  return rows.map((row) => ({
    atMs: row.at.getTime(),
    words: actionOf(row.action).words,
    byThem: row.actor_id === null || row.actor_id === identityId,
    // Where an admin sat is the company's business.
    address: row.actor_id === null || row.actor_id === identityId ? row.address : null,
  }))
}
