/** People: the list, and one of them. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { peoplePage } from '../../views/backoffice/people.ts'
import { ROLES } from '../io/tables/accounts.ts'
import { htmlResponse } from '../web/context.ts'
import { listPeople, PEOPLE_ROLES, PEOPLE_STATES, type PeopleFilter } from './people-read.ts'
import { DONE, personMarkup, personParams, seenPerson } from './person-page.ts'
import type { OfficeDeps } from './routes.ts'
import { companiesOf, officeContext, officeScope } from './scope.ts'

const PAGE_SIZE = 50
const optional = <T extends z.ZodType>(shape: T) =>
  z
    .union([z.literal(''), shape])
    .optional()
    .transform((value) => (value === '' ? undefined : value))
const listQuery = z.object({
  q: z
    .string()
    .trim()
    .max(120)
    .optional()
    .transform((text) => (text === '' ? undefined : text)),
  role: optional(z.enum(PEOPLE_ROLES)),
  state: optional(z.enum(PEOPLE_STATES)),
  company: optional(z.uuid()),
  after: z.uuid().optional(),
  done: z.enum(Object.keys(DONE) as [keyof typeof DONE]).optional(),
})
const personQuery = z.object({ done: z.enum(Object.keys(DONE) as [keyof typeof DONE]).optional() })

export function peopleRoutes(deps: OfficeDeps) {
  return new Elysia({ name: 'people' })
    .use(deps.shell)
    .get(
      '/admin/people',
      async ({ request, web, query }) => {
        const scope = officeScope(web, deps.companies)
        const { q, role, state, company, after } = query
        const chosen = scope.companyIds.find((id) => id === company)
        const filter: PeopleFilter = {
          ...(q === undefined ? {} : { words: q }),
          ...(role === undefined ? {} : { role }),
          ...(state === undefined ? {} : { state }),
          ...(chosen === undefined ? {} : { companyId: chosen }),
        }
        const { people, next } = await listPeople(web.db, scope, filter, {
          limit: PAGE_SIZE,
          ...(after === undefined ? {} : { after }),
        })
        const companies = companiesOf(scope, deps.companies)
        const roles = scope.platform ? PEOPLE_ROLES : (['rider', ...ROLES] as const)
        const states = scope.platform ? PEOPLE_STATES : (['active', 'banned'] as const)
        return htmlResponse(
          String(
            peoplePage(officeContext(deps, { request, web }, scope), {
              filter: { q, role, state, company: chosen },
              people,
              roles: roles.map((value) => ({ value, label: value })),
              states: states.map((value) => ({ value, label: value })),
              companies: companies.map(({ id, name }) => ({ value: id, label: name })),
              next,
              isFirstPage: after === undefined,
              toasts: query.done === undefined ? [] : [{ id: 'done', text: DONE[query.done] }],
            }),
          ),
        )
      },
      { query: listQuery },
    )
    .get(
      '/admin/people/:id',
      async ({ request, web, params, query }) => {
        const seen = await seenPerson(deps, web, params.id)
        return htmlResponse(await personMarkup(deps, { request, web }, seen, { done: query.done }))
      },
      { params: personParams, query: personQuery },
    )
}
