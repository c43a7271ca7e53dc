/** The page of one person, as this viewer may see it. */
import { z } from 'zod'
import {
  type BanProps,
  type PersonProps,
  personPage,
  type RefusedForm,
} from '../../views/backoffice/person.ts'
import { devicesOf } from '../accounts/devices.ts'
import { searchAudit } from '../audit/search.ts'
import type { IdentityId } from '../engine/units.ts'
import { ROLES } from '../io/tables/accounts.ts'
import type { WebContext } from '../web/context.ts'
import { permissionFor } from '../web/permissions.ts'
import { notThere } from '../web/problem.ts'
import { requireReach } from '../web/reach.ts'
import { auditEntryProps } from './audit-props.ts'
import { mayBorrow } from './impersonation.ts'
import { findPerson, type PersonDetail } from './people-read.ts'
import type { OfficeDeps } from './routes.ts'
import { auditScope, companiesOf, type OfficeScope, officeContext, officeScope } from './scope.ts'

export const personParams = z.object({ id: z.uuid() })
const EVENTS_SHOWN = 15

/** What was done, said once on the page it leads back to. */
export const DONE = {
  granted: 'The role counts from now on. They are told by letter.',
  removed: 'The role is taken away. They are told by letter.',
  banned: 'Banned. They are told by letter.',
  lifted: 'The ban is lifted.',
  ended: 'Signed out there.',
  letter: 'The letter is on its way.',
  unlocked: 'They may sign in again.',
} as const
export type DoneWord = keyof typeof DONE

export interface SeenPerson {
  readonly scope: OfficeScope
  readonly person: PersonDetail
}

/** @throws HttpProblem 404 for who is not in sight */
export async function seenPerson(deps: OfficeDeps, web: WebContext, id: string): Promise<SeenPerson> {
  const scope = officeScope(web, deps.companies)
  const person = await findPerson(
    { db: web.db, system: deps.system },
    scope,
    id as IdentityId,
    deps.clock.nowMs(),
  )
  if (person === undefined) throw notThere()
  const companyId = person.roles[0]?.companyId ?? scope.companyIds[0] ?? null
  requireReach(web, { companyId })
  return { scope, person }
}

/** Whether the viewer answers for this person's account: the platform, or the admin of a company they work for alone. */
export function answersFor({ scope, person }: SeenPerson): boolean {
  if (scope.platform) return true
  return !person.platform && !person.worksElsewhere && person.roles.length > 0
}

export async function personMarkup(
  deps: OfficeDeps,
  asked: { readonly request: Request; readonly web: WebContext },
  seen: SeenPerson,
  more: { readonly done?: DoneWord | undefined; readonly refused?: RefusedForm } = {},
): Promise<string> {
  const { scope, person } = seen
  const ctx = officeContext(deps, asked, scope)
  const nowMs = deps.clock.nowMs()
  const companies = companiesOf(scope, deps.companies).map(({ id, name }) => ({
    value: id as string,
    label: name,
  }))
  const devices = answersFor(seen)
    ? await devicesOf(asked.web.db, { identityId: person.id, sessionId: null, nowMs })
    : null
  const events = await searchAudit(
    asked.web.db,
    auditScope(scope),
    { person: person.id },
    { limit: EVENTS_SHOWN },
  )
  const isOneself = person.id === scope.viewer.identityId
  const props: PersonProps = {
    id: person.id,
    name: person.name,
    email: person.email,
    emailVerified: person.emailVerified,
    phone: person.phone,
    platform: person.platform,
    deleted: person.deleted,
    createdAtMs: person.createdAtMs,
    lockedUntilMs: person.lockedUntilMs,
    isOneself,
    roles: person.roles,
    callSigns: person.driverIds.map(({ companyId, driverId, callSign }) => ({
      company: deps.companies.company(companyId)?.name ?? '',
      callSign,
      href: permissionFor('GET', '/admin/drivers/:id') === undefined ? null : `/admin/drivers/${driverId}`,
    })),
    companies,
    grantable: ROLES.map((role) => ({ value: role, label: role })),
    sessions: devices,
    bans: bansOf(seen),
    banScopes:
      isOneself || person.platform
        ? []
        : [
            ...companies,
            ...(scope.platform ? [{ value: EVERYWHERE, label: 'Everywhere: no signing in at all' }] : []),
          ],
    mayHelp: answersFor(seen) && !isOneself,
    mayBorrow: mayBorrow(scope, person),
    events: events.rows.map(auditEntryProps),
    refused: more.refused ?? null,
    today: new Intl.DateTimeFormat('en-CA', { timeZone: ctx.timeZone, dateStyle: 'short' }).format(nowMs),
    key: () => deps.random.uuid(),
    toasts: more.done === undefined ? [] : [{ id: 'done', text: DONE[more.done] }],
  }
  return String(personPage(ctx, props))
}

/** Stands for the whole installation where a form names a company. */
export const EVERYWHERE = 'everywhere'

function bansOf({ scope, person }: SeenPerson): BanProps[] {
  const { platformBan } = person
  const everywhere: BanProps[] =
    platformBan === null
      ? []
      : [{ companyId: EVERYWHERE, company: 'Everywhere', by: null, mayLift: scope.platform, ...platformBan }]
  return [...everywhere, ...person.companyBans.map((ban) => ({ ...ban, mayLift: true }))]
}
