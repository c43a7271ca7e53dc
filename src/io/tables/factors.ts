import type { ColumnType, Generated } from 'kysely'
import type { IdentityId } from '../../engine/units.ts'

type Instant = ColumnType<Date, Date | string, Date | string>

export interface SignInTriesTable {
  /** SHA-256 of the e-mail address that was typed, whether somebody has it or not. */
  key: string
  failures: number
  failed_at: Instant
  locked_until: Instant | null
}

export interface PendingSignInsTable {
  id: string
  identity_id: IdentityId
  /** SHA-256; the browser or program has the token itself. */
  token: string
  /** What the session will be: a browser's or a program's. */
  kind: 'cookie' | 'token'
  remembered: boolean
  /** Where the person goes on afterwards, a path of ours; empty for where their work begins. */
  next: string
  tries: Generated<number>
  expires_at: Instant
  created_at: Instant
}

export interface TotpSecretsTable {
  identity_id: IdentityId
  sealed: string
  last_step: number
  created_at: Instant
  used_at: Instant | null
}

export interface BackupCodesTable {
  identity_id: IdentityId
  /** HMAC-SHA-256 under a key of ours. */
  code_hash: string
  created_at: Instant
  used_at: Instant | null
}

export interface BackupCodeSheetsTable {
  identity_id: IdentityId
  session_id: string
  sealed: string
  expires_at: Instant
}

export interface PasskeysTable {
  id: string
  identity_id: IdentityId
  /** Base64url, as the authenticator gave it. */
  credential_id: string
  /** COSE. */
  public_key: Buffer
  counter: number
  transports: Generated<string[]>
  name: string
  /** Whether it lives in an account that several devices share. */
  synced: boolean
  created_at: Instant
  used_at: Instant | null
}

export interface PasskeyChallengesTable {
  challenge: string
  purpose: 'register' | 'sign_in' | 'prove'
  identity_id: IdentityId | null
  expires_at: Instant
}

export interface KnownBrowsersTable {
  identity_id: IdentityId
  /** SHA-256 of the browser's long-lived cookie; of a program, of how it names itself and where it is. */
  token: string
  first_seen_at: Instant
  last_seen_at: Instant
}

/** Row types of migration 07. */
export interface FactorTables {
  sign_in_tries: SignInTriesTable
  pending_sign_ins: PendingSignInsTable
  totp_secrets: TotpSecretsTable
  backup_codes: BackupCodesTable
  backup_code_sheets: BackupCodeSheetsTable
  passkeys: PasskeysTable
  passkey_challenges: PasskeyChallengesTable
  known_browsers: KnownBrowsersTable
}
