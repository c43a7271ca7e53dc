import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { CompanyId, Currency, IdentityId } from '../../engine/units.ts'
import type { LicenceCheck } from './licences.ts'

export const ROLES = ['driver', 'dispatcher', 'operator', 'admin'] as const
/** What a person is in one company; a rider needs none. */
export type Role = (typeof ROLES)[number]

export type Theme = 'light' | 'dark'

/** A few switches under their names; what is not there has its default. */
type SettingsColumn = JSONColumnType<Record<string, boolean>, string | undefined, string>

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
  /** Postal, as it stands on receipts. */
  address: string | null
  tax_number: ColumnType<string | null, string | null | undefined, string | null>
  licence_number: ColumnType<string | null, string | null | undefined, string | null>
  created_at: CreatedAt
  /** Its people are played by the demo and need no second factor there. */
  demo: Generated<boolean>
  /** Whether its drivers need an approved licence to drive. */
  licence_check: Generated<LicenceCheck>
  deleted_at: Instant | null
  /** Columns that the office set on its pages; a company file leaves them. */
  office_set: Generated<string[]>
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
  email_verified_at: Instant | null
  /** E.164, e.g. +12125550142. */
  phone: string | null
  /** BCP 47. */
  language: Generated<string>
  /** Null follows the device. */
  theme: Theme | null
  avatar_id: string | null
  /** Runs the installation: companies, campuses, everybody's accounts. Given by command only. */
  platform: Generated<boolean>
  notify: SettingsColumn
  privacy: SettingsColumn
  banned_at: Instant | null
  ban_reason: string | null
  /** When the ban ends by itself; null: until somebody lifts it. */
  ban_until: Instant | null
  /** Gone for everybody but an admin who restores; `purged_at` is when nothing of the person was left. */
  deleted_at: Instant | null
  purged_at: Instant | null
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
  /** In the order in which they were written; bigint, so text. */
  sequence: ColumnType<string, never, never>
  at: Instant
  company_id: CompanyId | null
  actor_id: IdentityId | null
  /** `noun.verb`, e.g. session.started. */
  action: string
  /** What the subject's id is the id of. */
  subject_kind: string | null
  subject: string | null
  detail: JSONColumnType<Record<string, unknown>, string | undefined, never>
  address: string | null
  request_id: string | null
}

export interface IdempotencyKeysTable {
  /** Null: the key is that of a browser that has not signed in. */
  identity_id: IdentityId | null
  /** Hash of such a browser's own random value. */
  visitor: string | null
  route: string
  key: string
  body_hash: string
  status: Generated<number | null>
  answer: ColumnType<unknown, string | null | undefined, string>
  created_at: Instant
}

/** Kept: nothing here sends mail, so it lies in the outbox. Dead: given up, until somebody tries again. */
export type NoticeState = 'waiting' | 'sent' | 'kept' | 'dead'

export interface NoticesTable {
  id: string
  company_id: CompanyId | null
  identity_id: IdentityId | null
  channel: 'mail'
  address: string
  kind: string
  language: Generated<string>
  data: JSONColumnType<Record<string, unknown>, string, string>
  dedupe_key: string | null
  state: Generated<NoticeState>
  tries: Generated<number>
  due_at: Instant
  sent_at: Instant | null
  error: string | null
  created_at: Instant
}

/** Row types of migrations 01 and 04, but for sessions. */
export interface AccountTables {
  companies: CompaniesTable
  identities: IdentitiesTable
  credentials: CredentialsTable
  verifications: VerificationsTable
  memberships: MembershipsTable
  audit_entries: AuditEntriesTable
  idempotency_keys: IdempotencyKeysTable
  notices: NoticesTable
}
