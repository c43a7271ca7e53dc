/** Whoever works with other people's rides and money needs a second factor: without one their roles wait. */
import type { CompanyId } from '../engine/units.ts'
import type { Role } from '../io/tables/accounts.ts'
import type { Membership, Withheld } from '../web/viewer.ts'

/** Roles that reach beyond one's own rides; a driver reaches only theirs. */
const STAFF: readonly Role[] = ['dispatcher', 'operator', 'admin']

/** The parts of the configuration that the exception for the demo depends on. */
export interface FactorConfig {
  readonly databaseUrl: string | null
  readonly host: string
}

/** A role, and whether its company is the demo's. */
export interface HeldRole {
  readonly companyId: CompanyId
  readonly role: Role
  readonly demo: boolean
}

/**
 * Whether the demo company's people go without: only where the database is our own and nobody but this machine can
 * come in, so a demo put on the net asks like everything else.
 */
export function demoGoesWithout({ databaseUrl, host }: FactorConfig): boolean {
  return databaseUrl === null && (host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host))
}

/** What somebody may use of what they hold, and what waits until this session has given a second factor. */
export function withholdRoles(
  held: { readonly roles: readonly HeldRole[]; readonly platform: boolean },
  session: { readonly secondFactor: boolean; readonly demoGoesWithout: boolean },
): { memberships: Membership[]; platform: boolean; withheld: Withheld } {
  const waits = ({ role, demo }: HeldRole) =>
    !session.secondFactor && STAFF.includes(role) && !(demo && session.demoGoesWithout)
  const plain = ({ companyId, role }: HeldRole): Membership => ({ companyId, role })
  return {
    memberships: held.roles.filter((role) => !waits(role)).map(plain),
    platform: held.platform && session.secondFactor,
    withheld: {
      memberships: held.roles.filter(waits).map(plain),
      platform: held.platform && !session.secondFactor,
    },
  }
}
