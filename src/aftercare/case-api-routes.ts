/** One lost thing or report for programs: the same rights, steps and words as on the pages. */
import { Elysia } from 'elysia'
import type { CaseProps } from '../../views/aftercare/case.ts'
import { jsonResponse } from '../web/context.ts'
import type { CaseActs } from './case-acts.ts'
import type { CaseDeps, CaseParams, CaseSides, SideOf } from './case-sides.ts'
import type { Asked, Asking } from './routes.ts'
import { caseBody, caseParams, caseStepBody } from './shapes.ts'

export function caseApiRoutes(deps: CaseDeps, sides: CaseSides, acts: CaseActs) {
  const of = (sideOf: SideOf) => ({
    show: async ({ request, web, params }: Asking & { params: CaseParams }) => {
      const side = await sideOf({ request, web }, params, web.db)
      return jsonResponse(
        caseJson(await sides.propsOf({ request, web }, side, { kind: params.kind, shown: {} })),
      )
    },
    step: ({ request, web, params, body }: Asked & { params: CaseParams }) =>
      acts.step({ request, web, body }, params, sideOf),
  })
  const [rider, driver, desk] = [of(sides.of.rider), of(sides.of.driver), of(sides.of.desk)]
  const one = { params: caseParams }
  const opening = { params: caseParams, body: caseBody }
  const stepping = { params: caseParams, body: caseStepBody }

  return new Elysia({ name: 'case-api' })
    .use(deps.shell)
    .get('/api/v1/rides/:id/cases/:kind', rider.show, one)
    .post(
      '/api/v1/rides/:id/cases/:kind',
      ({ request, web, params, body }) => acts.open({ request, web, body }, params),
      opening,
    )
    .post('/api/v1/rides/:id/cases/:kind/steps', rider.step, stepping)
    .get('/api/v1/driver/rides/:id/cases/:kind', driver.show, one)
    .post('/api/v1/driver/rides/:id/cases/:kind/steps', driver.step, stepping)
    .get('/api/v1/board/rides/:id/cases/:kind', desk.show, one)
    .post('/api/v1/board/rides/:id/cases/:kind/steps', desk.step, stepping)
}

/** What was said and done, in order, and what who asks may do next. */
function caseJson({ kind, ride, told, mayOpen, phone }: CaseProps) {
  return {
    ...{ kind, ride, mayOpen, companyPhone: phone },
    topic: told?.topic ?? null,
    state: told?.state ?? null,
    messages: told?.messages.map(({ side, step, text, atMs }) => ({ side, step, text, atMs })) ?? [],
    steps: told?.steps ?? [],
  }
}
