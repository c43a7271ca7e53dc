/** Row types of migration 13: what was deleted. */
import type { ColumnType, JSONColumnType } from 'kysely'
import type { CompanyId, IdentityId } from '../../engine/units.ts'

type Instant = ColumnType<Date, Date, Date>
type MaybeInstant = ColumnType<Date | null, Date | null | undefined, Date | null>

export const DELETED_KINDS = ['person', 'driver', 'vehicle', 'company'] as const
export type DeletedKind = (typeof DELETED_KINDS)[number]

/** What a restoration puts back. */
export interface KeptOfDeleted {
  /** The drivers somebody was, with their names there; the company had not deleted them before. */
  readonly drivers?: Readonly<Record<string, string>>
  /** The driver's role went with the driver. */
  readonly role?: boolean
}

export interface DeletionsTable {
  id: string
  kind: DeletedKind
  subject_id: string
  /** Null for people, who belong to no company. */
  company_id: CompanyId | null
  deleted_by: IdentityId | null
  reason: string | null
  kept: JSONColumnType<KeptOfDeleted, string | undefined, string>
  deleted_at: Instant
  /** When nothing is left of a person; null for the others, which are hidden and never purged. */
  purge_at: MaybeInstant
  restored_at: MaybeInstant
  restored_by: ColumnType<IdentityId | null, IdentityId | null | undefined, IdentityId | null>
  purged_at: MaybeInstant
}

export interface PrivacyTables {
  deletions: DeletionsTable
}
