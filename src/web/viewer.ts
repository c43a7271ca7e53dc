import type { CompanyId, IdentityId } from '../engine/units.ts'
import type { Role, Theme } from '../io/tables/accounts.ts'
import type { SessionKind } from '../io/tables/sessions.ts'

export interface Membership {
  readonly companyId: CompanyId
  readonly role: Role
}

/** Roles that wait for a second factor, because whoever holds them works with what is other people's. */
export interface Withheld {
  readonly memberships: readonly Membership[]
  readonly platform: boolean
}

/** A company that will not have somebody ride, drive or work there. */
export interface Ban {
  readonly companyId: CompanyId
  readonly company: string
  readonly reason: string
  /** Null: until the company lifts it. */
  readonly untilMs: number | null
}

/** The signed-in person behind one request or socket. */
export interface Viewer {
  readonly identityId: IdentityId
  readonly name: string
  readonly email: string
  readonly sessionId: string
  readonly sessionKind: SessionKind
  /** Without those at companies that have banned them. */
  readonly memberships: readonly Membership[]
  readonly bans: readonly Ban[]
  /** Runs the installation, beyond any company. */
  readonly platform: boolean
  readonly emailVerified: boolean
  /** What they hold and cannot use in this session; it is not in `memberships` and `platform`. */
  readonly withheld: Withheld
  /** Whether this session gave a second factor. */
  readonly secondFactor: boolean
  /** When this session last gave a factor; sensitive changes ask again after a while. */
  readonly provedAtMs: number
  /** The admin who looks through this person's eyes; null for the person. */
  readonly impersonatorId: IdentityId | null
  /** BCP 47. */
  readonly language: string
  /** Null follows the device. */
  readonly theme: Theme | null
  readonly avatarId: string | null
}

/** Whether the viewer holds one of `roles`, in `companyId` when it is given, else in any company. */
export function holds(viewer: Viewer, roles: readonly (Role | 'platform')[], companyId?: CompanyId): boolean {
  if (viewer.platform && roles.includes('platform')) return true
  return viewer.memberships.some(
    (membership) =>
      roles.includes(membership.role) && (companyId === undefined || membership.companyId === companyId),
  )
}
