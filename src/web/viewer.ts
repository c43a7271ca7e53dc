import type { CompanyId, IdentityId } from '../engine/units.ts'
import type { Role } from '../io/tables/accounts.ts'

export interface Membership {
  readonly companyId: CompanyId
  readonly role: Role
}

/** The signed-in person behind one request or socket. */
export interface Viewer {
  readonly identityId: IdentityId
  readonly name: string
  readonly email: string
  readonly sessionId: string
  readonly memberships: readonly Membership[]
}

/** Whether the viewer holds one of `roles`, in `companyId` when it is given, else in any company. */
export function holds(viewer: Viewer, roles: readonly Role[], companyId?: CompanyId): boolean {
  return viewer.memberships.some(
    (membership) =>
      roles.includes(membership.role) && (companyId === undefined || membership.companyId === companyId),
  )
}

/** The company for which the viewer acts in one of `roles`; null without such a membership. */
export function companyOf(viewer: Viewer, roles: readonly Role[]): CompanyId | null {
  return viewer.memberships.find(({ role }) => roles.includes(role))?.companyId ?? null
}
