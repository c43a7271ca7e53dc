/** Where the back office begins. */
import { Elysia } from 'elysia'
import { startPage, type WaitingProps } from '../../views/backoffice/start.ts'
import { searchAudit } from '../audit/search.ts'
import { htmlResponse } from '../web/context.ts'
import { permissionFor } from '../web/permissions.ts'
import { auditEntryProps } from './audit-props.ts'
import type { OfficeDeps } from './routes.ts'
import { auditScope, officeContext, officeScope } from './scope.ts'
import { type Waiting, whatWaits } from './waiting.ts'

const EVENTS_SHOWN = 10
/** Each of a few is named; a crowd is a number. */
const MOST_NAMED = 5

export function startRoutes(deps: OfficeDeps) {
  return new Elysia({ name: 'office-start' }).use(deps.shell).get('/admin', async ({ request, web }) => {
    const scope = officeScope(web, deps.companies)
    const waiting = await whatWaits({ db: web.db, system: deps.system }, scope, deps.clock.nowMs())
    const { rows } = await searchAudit(web.db, auditScope(scope), {}, { limit: EVENTS_SHOWN })
    const ctx = officeContext(deps, { request, web }, scope)
    return htmlResponse(
      String(startPage(ctx, { waiting: waitingProps(waiting), events: rows.map(auditEntryProps) })),
    )
  })
}

function waitingProps({ licences, applications, reports, deadLetters, lockedOut }: Waiting): WaitingProps[] {
  const locked: WaitingProps[] =
    lockedOut.length <= MOST_NAMED
      ? lockedOut.map(({ id, name }) => {
          const words = `${name} is locked out after wrong tries`
          return { icon: 'lock', one: words, many: words, count: null, href: `/admin/people/${id}` }
        })
      : [
          {
            ...{ icon: 'lock', one: 'person locked out', many: 'people locked out after wrong tries' },
            ...{ count: lockedOut.length, href: '/admin/audit?action=account.locked' },
          },
        ]
  const queues: WaitingProps[] = [
    {
      ...{ icon: 'id-card', one: 'licence to look at', many: 'licences to look at' },
      ...{ count: licences, href: '/admin/licences' },
    },
    {
      ...{ icon: 'car-front', one: 'person who asks to drive', many: 'people who ask to drive' },
      ...{ count: applications, href: '/admin/joining' },
    },
    {
      ...{ icon: 'flag', one: 'report by a rider', many: 'reports by riders' },
      ...{ count: reports, href: '/board/cases' },
    },
    {
      ...{ icon: 'mail', one: 'letter that did not go out', many: 'letters that did not go out' },
      ...{ count: deadLetters, href: '/admin/mail' },
    },
  ]
  return [...queues.filter(({ href }) => permissionFor('GET', href) !== undefined), ...locked]
}
