/** What became of letters: which were sent, which wait, which were given up, and another try for those. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { MAIL_STATES, mailPage } from '../../views/backoffice/mail.ts'
import { record } from '../audit/audit.ts'
import type { Db } from '../io/postgres.ts'
import { act } from '../web/act.ts'
import { htmlResponse } from '../web/context.ts'
import { HttpProblem } from '../web/problem.ts'
import { requireReach } from '../web/reach.ts'
import type { OfficeDeps } from './routes.ts'
import { type OfficeScope, officeContext, officeScope } from './scope.ts'

const PAGE_SIZE = 50
const listQuery = z.object({
  state: z.enum(MAIL_STATES).default('dead'),
  before: z.uuid().optional(),
  again: z.literal('1').optional(),
})
const letterParams = z.object({ id: z.uuid() })
const retryBody = z.strictObject({ key: z.string().max(128).optional() })

export function mailRoutes(deps: OfficeDeps) {
  return new Elysia({ name: 'mail' })
    .use(deps.shell)
    .get(
      '/admin/mail',
      async ({ request, web, query }) => {
        const scope = officeScope(web, deps.companies)
        const { state, before } = query
        const [counts, letters] = await Promise.all([
          countsOf(web.db, scope),
          lettersOf(web.db, scope, { state, before }),
        ])
        const more = letters.length > PAGE_SIZE
        const shown = letters.slice(0, PAGE_SIZE)
        return htmlResponse(
          String(
            mailPage(officeContext(deps, { request, web }, scope), {
              state,
              counts,
              isFirstPage: before === undefined,
              older: more ? shown.at(-1)!.id : null,
              retried: query.again === '1',
              letters: shown.map((letter) => ({
                ...{ id: letter.id, kind: letter.kind, to: letter.address, state: letter.state },
                ...{ atMs: letter.created_at.getTime(), tries: letter.tries, error: letter.error },
                sentAtMs: letter.sent_at?.getTime() ?? null,
                dueAtMs: letter.state === 'waiting' ? letter.due_at.getTime() : null,
                key: deps.random.uuid(),
              })),
            }),
          ),
        )
      },
      { query: listQuery },
    )
    .post(
      '/admin/mail/:id/retry',
      ({ request, web, params, body }) =>
        act(
          deps,
          { request, web, body, route: `POST /admin/mail/${params.id}/retry` },
          async (unit, viewer) => {
            const letter = await unit.db
              .selectFrom('notices')
              .select(['company_id', 'state', 'kind'])
              .where('id', '=', params.id)
              .forUpdate()
              .executeTakeFirst()
            const { company_id, state, kind } = requireReach(
              web,
              letter && { ...letter, companyId: letter.company_id },
            )
            if (state !== 'dead')
              throw new HttpProblem(409, 'This letter is not given up: there is nothing to try again.')
            await unit.db
              .updateTable('notices')
              .set({ state: 'waiting', tries: 0, due_at: new Date(unit.atMs), error: null })
              .where('id', '=', params.id)
              .execute()
            await record(unit.db, deps.random, {
              action: 'mail.retried',
              atMs: unit.atMs,
              actorId: viewer.identityId,
              subject: params.id,
              detail: { kind },
              address: web.address,
              requestId: web.requestId,
              ...(company_id === null ? {} : { companyId: company_id }),
            })
            return { location: '/admin/mail?again=1', json: { id: params.id, state: 'waiting' } }
          },
        ),
      { params: letterParams, body: retryBody },
    )
}

/** Letters of the scope; never what is in them. */
function inScope(db: Db, { platform, companyIds }: OfficeScope) {
  const letters = db.selectFrom('notices')
  if (platform) return letters
  return letters.where('company_id', 'in', companyIds.length === 0 ? [null as never] : companyIds)
}

async function countsOf(db: Db, scope: OfficeScope): Promise<Record<(typeof MAIL_STATES)[number], number>> {
  const rows = await inScope(db, scope)
    .select((eb) => ['state', eb.fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute()
  const count = (state: string) => rows.find((row) => row.state === state)?.count ?? 0
  return { dead: count('dead'), waiting: count('waiting'), sent: count('sent'), kept: count('kept') }
}

function lettersOf(
  db: Db,
  scope: OfficeScope,
  { state, before }: { state: (typeof MAIL_STATES)[number]; before: string | undefined },
) {
  return inScope(db, scope)
    .select(['id', 'kind', 'address', 'state', 'tries', 'error', 'created_at', 'sent_at', 'due_at'])
    .where('state', '=', state)
    .$if(before !== undefined, (query) => query.where('id', '<', before!))
    .orderBy('id', 'desc')
    .limit(PAGE_SIZE + 1)
    .execute()
}
