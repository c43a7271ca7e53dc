/** Who did what: written beside the deed, never changed; the database refuses updates and deletes. */
import type { Kysely } from 'kysely'
import type { CompanyId, IdentityId } from '../engine/units.ts'
import type { Random } from '../io/random.ts'
import type { Tables } from '../io/tables.ts'

export interface AuditEntry {
  /** `noun.verb`, such as `session.started`. */
  readonly action: string
  readonly atMs: number
  readonly actorId?: IdentityId
  readonly companyId?: CompanyId
  /** The id of what it was done to. */
  readonly subject?: string
  /** Before and after, reasons; never a secret. */
  readonly detail?: Readonly<Record<string, unknown>>
  readonly address?: string
  readonly requestId?: string
}

/** Write one entry; with a transaction as `db` it stands or falls with the deed. */
export async function record(db: Kysely<Tables>, random: Random, entry: AuditEntry): Promise<void> {
  await db
    .insertInto('audit_entries')
    .values({
      id: random.uuid(),
      at: new Date(entry.atMs),
      action: entry.action,
      actor_id: entry.actorId ?? null,
      company_id: entry.companyId ?? null,
      subject: entry.subject ?? null,
      detail: JSON.stringify(entry.detail ?? {}),
      address: entry.address ?? null,
      request_id: entry.requestId ?? null,
    })
    .execute()
}
