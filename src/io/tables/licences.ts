/** Row types of migration 09. */
import type { ColumnType, Generated } from 'kysely'
import type { CompanyId, IdentityId } from '../../engine/units.ts'

type Instant = ColumnType<Date, Date | string, Date | string>
/** A calendar day, `2027-04-30`. */
type Day = string

export const UPLOAD_KINDS = ['avatar', 'licence_front', 'licence_back', 'vehicle_photo'] as const
export type UploadKind = (typeof UPLOAD_KINDS)[number]

export interface UploadsTable {
  id: string
  /** Null for what belongs to a person wherever they work: an avatar. */
  company_id: CompanyId | null
  /** Whom it is of, and with whom it goes. */
  identity_id: IdentityId
  kind: UploadKind
  state: 'pending' | 'ready' | 'deleted'
  content_type: 'image/jpeg' | 'image/webp'
  /** Of the largest of its files, like width, height and hash. */
  bytes: number
  sha256: string
  width: number
  height: number
  /** What the keys of its files begin with. */
  key: string
  created_at: Instant
  deleted_at: Instant | null
}

export type LicenceCheck = 'checked' | 'not_checked'

export type LicenceState =
  | 'draft'
  | 'submitted'
  | 'approved'
  | 'rejected'
  | 'withdrawn'
  | 'replaced'
  | 'expired'

/** One entering of a licence: once submitted its words do not change, so who decides knows on what. */
export interface LicencesTable {
  company_id: CompanyId
  id: string
  identity_id: IdentityId
  state: LicenceState
  /** `company_file`: the company vouched for it when it was founded from a file. */
  source: 'driver' | 'company_file'
  legal_name: string | null
  number: string | null
  /** ISO 3166, e.g. US. */
  country: string | null
  /** State or province, where licences are theirs. */
  issuing_state: string | null
  classes: string | null
  issued_on: Day | null
  expires_on: Day | null
  front_id: string | null
  back_id: string | null
  /** What the machine read off the picture, field by field. */
  read_text: ColumnType<unknown, string | null | undefined, string | null>
  /** How near the legal name is to the account's, 0 to 100. */
  name_score: number | null
  created_at: Instant
  submitted_at: Instant | null
  decided_at: Instant | null
  decided_by: IdentityId | null
  /** Why it was rejected. */
  reason: string | null
  /** The last reminder sent: 7, 3 or 1 days ahead. */
  reminded_days: Generated<number | null>
  ended_at: Instant | null
}

export interface LicenceTables {
  uploads: UploadsTable
  licences: LicencesTable
}
