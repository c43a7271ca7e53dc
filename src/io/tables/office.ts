/** Row types of migration 11: bans and a company's switches. */
import type { ColumnType } from 'kysely'
import type { CompanyId, IdentityId } from '../../engine/units.ts'

type Instant = ColumnType<Date, Date | string, Date | string>

export interface CompanyBansTable {
  company_id: CompanyId
  identity_id: IdentityId
  reason: string
  /** Null: until somebody lifts it. */
  until: Instant | null
  banned_by: IdentityId | null
  banned_at: Instant
}

/** People whom a company's desk added when they rang: they have a number and no account. */
export interface CompanyCallersTable {
  company_id: CompanyId
  identity_id: IdentityId
  added_at: Instant
}

export interface CompanyFlagsTable {
  company_id: CompanyId
  flag: string
  is_on: boolean
  changed_at: Instant
  changed_by: IdentityId | null
}

export interface OfficeTables {
  company_bans: CompanyBansTable
  company_callers: CompanyCallersTable
  company_flags: CompanyFlagsTable
}
