import type { ColumnType, JSONColumnType } from 'kysely'
import type { CompanyId, IdentityId } from '../../engine/units.ts'

type Instant = ColumnType<Date, Date | string, Date | string>

export interface ImportsTable {
  id: string
  kind: 'accounts'
  file_name: string
  file_sha256: string
  /** The company whose roles the file gave; null when it gave none. */
  company_id: CompanyId | null
  report: JSONColumnType<Record<string, unknown>, string, string>
  created_at: Instant
  undone_at: Instant | null
}

export interface ImportedAccountsTable {
  import_id: string
  /** The person's id in the older system. */
  old_id: string
  identity_id: IdentityId
}

export interface ImportedBackupCodesTable {
  identity_id: IdentityId
  /** As the older system kept it: argon2, bcrypt, or SHA-256 in hex. */
  code_hash: string
  created_at: Instant
  used_at: Instant | null
}

/** Row types of migration 12. */
export interface ImportTables {
  imports: ImportsTable
  imported_accounts: ImportedAccountsTable
  imported_backup_codes: ImportedBackupCodesTable
}
