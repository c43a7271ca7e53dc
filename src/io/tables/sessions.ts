import type { ColumnType, Generated } from 'kysely'
import type { IdentityId } from '../../engine/units.ts'

/** How a session's token is sent: in the browser's cookie, or in a program's header. */
export type SessionKind = 'cookie' | 'token'
/** What a token opens: pages and calls by cookie, calls by header, or the next pair of tokens. */
export type TokenPurpose = 'cookie' | 'access' | 'refresh'

type Instant = ColumnType<Date, Date | string, Date | string>
type MaybeInstant = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>

/** One sign-in, from its start to its end; its tokens change, its id stays. */
export interface SessionsTable {
  id: string
  identity_id: IdentityId
  /** The earlier of its idle end, which moves with use, and its absolute one. */
  expires_at: Instant
  ip_address: string | null
  user_agent: string | null
  created_at: Instant
  /** About when it was last used. */
  updated_at: Instant
  kind: ColumnType<SessionKind, SessionKind | undefined, never>
  remembered: Generated<boolean>
  /** When its holder last gave a factor. */
  proved_at: MaybeInstant
  second_factor_at: MaybeInstant
  /** The admin who looks through this person's eyes. */
  impersonator_id: IdentityId | null
  /** Their own session, which they come back to. */
  own_session_id: string | null
  /** From then on its next use brings a new cookie token. */
  rotate_at: Instant
}

export interface SessionTokensTable {
  /** SHA-256 of the token in base64url; the token itself stands nowhere. */
  hash: string
  session_id: string
  purpose: TokenPurpose
  issued_at: Instant
  /** Null for cookies, which end with their session. */
  expires_at: MaybeInstant
  /** When it first came back to us; null until then. */
  seen_at: MaybeInstant
  /** When another took its place. */
  spent_at: MaybeInstant
  /** Spent, but good for requests that were under way. */
  lingers: Generated<boolean>
}

/** Row types of sessions: migrations 01, 04 and 08. */
export interface SessionTables {
  sessions: SessionsTable
  session_tokens: SessionTokensTable
}
