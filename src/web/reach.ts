/** The permission table put to use: whom a route is open to, and whether a thing lies within the viewer's reach. */
import { assert, type CompanyId, type IdentityId } from '../engine/units.ts'
import type { Scope } from '../io/walls.ts'
import { otherRole } from './bans.ts'
import type { WebContext } from './context.ts'
import { type Extent, isReach, type Permission, type Standing } from './permissions.ts'
import { HttpProblem, notThere } from './problem.ts'
import type { Viewer } from './viewer.ts'

/** Whose a thing is. */
export interface Belongs {
  readonly companyId: CompanyId | null
  /** Null belongs to nobody and so to whoever knows its address; left out, no person reaches it as their own. */
  readonly ownerId?: IdentityId | null
}

type Asking = Pick<WebContext, 'viewer' | 'permission'>

interface Stands {
  readonly as: Standing
  /** Of a role. */
  readonly companyId?: CompanyId
}

/** Where a second factor is added, and what waits for it is said. */
export const FACTOR_PAGE = '/account/security'

/** Everything the viewer is at once. */
function standingsOf(viewer: Viewer | null): Stands[] {
  if (viewer === null) return [{ as: 'visitor' }]
  const roles = viewer.memberships.map(({ role, companyId }) => ({ as: role, companyId }))
  return [{ as: 'rider' }, ...roles, ...(viewer.platform ? [{ as: 'platform' } as const] : [])]
}

function opens(row: Permission, as: Standing): boolean {
  if (row.who === 'anyone') return true
  if (row.who === 'signed_in') return as !== 'visitor'
  return isReach(row.who) ? row.who[as] !== undefined : (row.who as readonly Standing[]).includes(as)
}

/**
 * Whether the route is open to the viewer at all.
 * @throws HttpProblem 401 when signing in may help, 403 when it does not; a browser whose role waits for a second
 *   factor is led to where one is added
 */
export function requireOpen(row: Permission, viewer: Viewer | null): void {
  if (standingsOf(viewer).some(({ as }) => opens(row, as))) return
  if (viewer === null) throw new HttpProblem(401, 'Sign in to go on.')
  if (standingsOf({ ...viewer, ...viewer.withheld }).some(({ as }) => opens(row, as)))
    throw new HttpProblem(403, 'Your role needs a second factor. Add one under Sign-in and security.', {
      leadTo: FACTOR_PAGE,
    })
  throw otherRole(viewer)
}

/** Whether the thing this request names is within the viewer's reach, by the route's row of the table. */
export function mayReach({ viewer, permission }: Asking, thing: Belongs): boolean {
  const { who } = permission
  assert(isReach(who), `${permission.path} names a thing, so its row says how far each role reaches`)
  return standingsOf(viewer).some((stands) => {
    const extent = who[stands.as]
    return extent !== undefined && within(extent, stands, viewer, thing)
  })
}

function within(extent: Extent, stands: Stands, viewer: Viewer | null, thing: Belongs): boolean {
  if (extent === 'all') return true
  const inCompany = stands.companyId !== undefined && stands.companyId === thing.companyId
  if (extent === 'company') return inCompany
  const isOwn = thing.ownerId === null || (viewer !== null && thing.ownerId === viewer.identityId)
  return isOwn && (stands.companyId === undefined || inCompany)
}

/** @throws HttpProblem 404 for what is out of reach: not yours looks like not there */
export function requireReach<T extends Belongs>(web: Asking, thing: T | undefined): T {
  if (thing === undefined || !mayReach(web, thing)) throw notThere()
  return thing
}

/**
 * The company for which the viewer uses this route: one in which they hold a role that opens it, the one whose pages
 * they are on before others.
 * @throws HttpProblem 404 for who holds none; 409 for a page of one desk by somebody who is at another one by now
 */
export function actingCompany(web: Asking & Pick<WebContext, 'companyId' | 'desk'>): CompanyId {
  const standings = standingsOf(web.viewer).filter(({ as }) => opens(web.permission, as))
  const companies = standings.flatMap(({ companyId }) => companyId ?? [])
  const companyId = companies.find((id) => id === web.companyId) ?? companies[0]
  if (companyId === undefined) throw notThere()
  // What a page shows and what is pressed on it is of one company, whichever its person has gone over to since.
  const isAtDesk = standings.some(({ as }) => OFFICE_ROLES.has(as))
  if (isAtDesk && web.desk !== null && web.desk !== companyId)
    throw new HttpProblem(409, OTHER_DESK, { headers: { 'x-desk': 'other' } })
  return companyId
}

const OTHER_DESK =
  'You are at another company’s desk now than the one this page is of, so nothing was done. Load the page again to go on there.'

/** Roles that work in a company's office and so with its people. */
const OFFICE_ROLES: ReadonlySet<Standing> = new Set(['dispatcher', 'operator', 'admin'])

/** What the viewer's requests may touch of the database: the second wall, whatever a route forgot. */
export function scopeOf({ viewer, companyId }: Pick<WebContext, 'viewer' | 'companyId'>): Scope {
  const memberships = viewer?.memberships ?? []
  return {
    companyIds: [
      ...memberships.map((membership) => membership.companyId),
      ...(companyId === null ? [] : [companyId]),
    ],
    staffedIds: memberships.filter(({ role }) => OFFICE_ROLES.has(role)).map((held) => held.companyId),
    personId: viewer?.identityId ?? null,
    everywhere: viewer?.platform ?? false,
  }
}
