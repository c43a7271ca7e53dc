/** Search of everything from the desk: a page of its own, the palette's list, and the same for programs. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { findPage, foundList } from '../../views/board/find.ts'
import type { Companies } from '../companies/companies.ts'
import { type PageDeps, pageContext } from '../companies/page-context.ts'
import type { Clock } from '../io/clock.ts'
import type { Db } from '../io/postgres.ts'
import { htmlResponse, jsonResponse, type WebContext } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import { actingCompany } from '../web/reach.ts'
import type { Shell } from '../web/shell.ts'
import { oneLine } from '../web/text.ts'
import { findAnything, type SearchDeps } from './search.ts'

export interface FindRouteDeps extends SearchDeps, PageDeps {
  readonly shell: Shell
  readonly clock: Clock
  readonly companies: Companies
  /** Sees every row: it finds ids by letters, and nothing else here uses it. */
  readonly system: Db
}

const findQuery = z.object({ q: z.string().overwrite(oneLine).max(80).default('') })

export function findRoutes(deps: FindRouteDeps) {
  async function find(web: WebContext, text: string) {
    const company = deps.companies.company(actingCompany(web))
    const region = company && deps.companies.homeRegion(company.id)
    if (company === undefined || region === undefined) throw notThere()
    const found = await findAnything(
      deps,
      { system: deps.system, db: web.db },
      { region, text, nowMs: deps.clock.nowMs() },
    )
    return { found, place: { company, region } }
  }

  return new Elysia({ name: 'board-find' })
    .use(deps.shell)
    .get(
      '/board/find',
      async ({ request, web, query }) => {
        const { found, place } = await find(web, query.q)
        const ctx = pageContext(deps, { request, web, place })
        const isPart = request.headers.get('hx-request') === 'true'
        return htmlResponse(String(isPart ? foundList(ctx, found) : findPage(ctx, found)))
      },
      { query: findQuery },
    )
    .get('/api/v1/board/find', async ({ web, query }) => jsonResponse((await find(web, query.q)).found), {
      query: findQuery,
    })
}
