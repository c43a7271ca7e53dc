import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { CompanyId, Currency, IdentityId } from '../../engine/units.ts'

export const ROLES = ['driver', 'dispatcher', 'operator', 'admin'] as const
/** What a person is in one company; a rider needs none. */
export type Role = (typeof ROLES)[number]

/** An instant: read as Date, written as Date or ISO text, filled in by the database when left out. */
type CreatedAt = ColumnType<Date, Date | string | undefined, never>
type Instant = ColumnType<Date, Date | string, Date | string>

export interface CompaniesTable {
  id: CompanyId
  slug: string
  name: string
  /** Lower-case host name under which this company's pages are shown, if it has one. */
  host: string | null
  currency: Currency
  /** IANA name, e.g. America/New_York. */
  time_zone: string
  /** BCP 47, e.g. en-US. */
  locale: string
  phone: string | null
  created_at: CreatedAt
}

export interface IdentitiesTable {
  id: IdentityId
  name: string
  /** Lower case; the database refuses anything else. */
  email: string
  email_verified: ColumnType<boolean, boolean | undefined, boolean>
  image: string | null
  created_at: Instant
  updated_at: Instant
}

export interface SessionsTable {
  id: string
  identity_id: IdentityId
  token: string
  expires_at: Instant
  ip_address: string | null
  user_agent: string | null
  created_at: Instant
  updated_at: Instant
}

export interface CredentialsTable {
  id: string
  identity_id: IdentityId
  provider_id: string
  account_id: string
  /** Argon2id in PHC form. */
  password: string | null
  access_token: string | null
  refresh_token: string | null
  id_token: string | null
  access_token_expires_at: Instant | null
  refresh_token_expires_at: Instant | null
  scope: string | null
  created_at: Instant
  updated_at: Instant
}

export interface VerificationsTable {
  id: string
  identifier: string
  value: string
  expires_at: Instant
  created_at: Instant
  updated_at: Instant
}

export interface MembershipsTable {
  company_id: CompanyId
  identity_id: IdentityId
  role: Role
  created_at: CreatedAt
}

export interface AuditEntriesTable {
  id: string
  at: Instant
  company_id: CompanyId | null
  actor_id: IdentityId | null
  /** `noun.verb`, e.g. session.started. */
  action: string
  subject: string | null
  detail: JSONColumnType<Record<string, unknown>, string | undefined, never>
  address: string | null
  request_id: string | null
}

export interface IdempotencyKeysTable {
  identity_id: IdentityId
  route: string
  key: string
  body_hash: string
  status: Generated<number | null>
  answer: ColumnType<unknown, string | null | undefined, string>
  created_at: Instant
}

/** Row types of migration 01. */
export interface AccountTables {
  companies: CompaniesTable
  identities: IdentitiesTable
  sessions: SessionsTable
  credentials: CredentialsTable
  verifications: VerificationsTable
  memberships: MembershipsTable
  audit_entries: AuditEntriesTable
  idempotency_keys: IdempotencyKeysTable
}
