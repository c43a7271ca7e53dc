import type { ColumnType, Generated } from 'kysely'
import type { CompanyId, IdentityId } from '../../engine/units.ts'
import type { Role } from './accounts.ts'

type Instant = ColumnType<Date, Date | string, Date | string>

export const LINK_KINDS = [
  'register',
  'verify_email',
  'change_email',
  'reset_password',
  'invitation',
  'undo_email',
  'undo_deletion',
] as const
/** What a link of ours does when it is opened. */
export type LinkKind = (typeof LINK_KINDS)[number]

export interface OneTimeLinksTable {
  id: string
  kind: LinkKind
  /** SHA-256 of the token, base64url. */
  token_hash: string
  /** Where the letter with it went. */
  email: string
  /** Whose it is; null for somebody who has no account yet. */
  identity_id: IdentityId | null
  company_id: CompanyId | null
  invitation_id: string | null
  /** Of somebody who registers: what they typed waits here until they show that the address is theirs. */
  name: string | null
  password_hash: string | null
  wants_to_drive: Generated<boolean>
  created_at: Instant
  expires_at: Instant
  used_at: Instant | null
}

export interface CaptchaSolutionsTable {
  challenge_hash: string
  expires_at: Instant
}

/** Drivers apply; the others are invited. */
export const INVITED_ROLES = ['dispatcher', 'operator', 'admin'] as const satisfies readonly Role[]
export type InvitedRole = (typeof INVITED_ROLES)[number]

export interface InvitationsTable {
  company_id: CompanyId
  id: string
  email: string
  role: InvitedRole
  invited_by: IdentityId | null
  created_at: Instant
  expires_at: Instant
  accepted_at: Instant | null
  accepted_by: IdentityId | null
  withdrawn_at: Instant | null
}

export interface CampusesTable {
  id: string
  slug: string
  name: string
  city: string
  /** IANA name. */
  time_zone: string
  created_at: Instant
}

export interface CampusDomainsTable {
  /** Lower-case ASCII, exactly what stands behind the @ of an address. */
  domain: string
  campus_id: string
  created_at: Instant
}

export interface DriverApplicationsTable {
  company_id: CompanyId
  id: string
  identity_id: IdentityId
  asked_at: Instant
  decided_at: Instant | null
  decided_by: IdentityId | null
  approved: boolean | null
}

/** Row types of migration 06. */
export interface JoiningTables {
  one_time_links: OneTimeLinksTable
  captcha_solutions: CaptchaSolutionsTable
  invitations: InvitationsTable
  campuses: CampusesTable
  campus_domains: CampusDomainsTable
  driver_applications: DriverApplicationsTable
}
