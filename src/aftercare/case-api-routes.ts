/** Lost things and reports for programs: the same rights, steps and words as on the pages. */
import { Elysia } from 'elysia'
import type { CaseProps } from '../../views/aftercare/case.ts'
import { requireDriver } from '../drivers/viewer.ts'
import { referenceOf } from '../rides/rides.ts'
import { jsonResponse } from '../web/context.ts'
import { actingCompany } from '../web/reach.ts'
import type { CaseActs } from './case-acts.ts'
import type { CaseDeps, CaseParams, CaseSides, SideOf } from './case-sides.ts'
import { type ListedCase, listCases } from './cases.ts'
import type { Asked, Asking } from './routes.ts'
import { caseParams } from './shapes.ts'

export function caseApiRoutes(deps: CaseDeps, sides: CaseSides, acts: CaseActs) {
  const { clock } = deps

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

  return new Elysia({ name: 'case-api' })
    .use(deps.shell)
    .get('/api/v1/rides/:id/cases/:kind', rider.show, one)
    .post(
      '/api/v1/rides/:id/cases/:kind',
      ({ request, web, params, body }) => acts.open({ request, web, body }, params),
      one,
    )
    .post('/api/v1/rides/:id/cases/:kind/steps', rider.step, one)
    .get('/api/v1/driver/cases', async ({ web }) => {
      const { id, company_id } = await requireDriver(web.db, web)
      const asked = { kinds: ['lost_item'] as const, driverId: id, nowMs: clock.nowMs() }
      return jsonResponse({ cases: (await listCases(web.db, company_id, asked)).map(listedJson) })
    })
    .get('/api/v1/driver/rides/:id/cases/:kind', driver.show, one)
    .post('/api/v1/driver/rides/:id/cases/:kind/steps', driver.step, one)
    .get('/api/v1/board/cases', async ({ web }) => {
      const companyId = actingCompany(web)
      const asked = { kinds: sides.kindsOfDesk(web, companyId), nowMs: clock.nowMs() }
      const cases = await listCases(web.db, companyId, asked)
      // Who it is between is the desk's to know; a driver is told the ride alone.
      return jsonResponse({
        cases: cases.map((row) => ({
          ...listedJson(row),
          ...{ riderName: row.riderName, driverName: row.driverName },
        })),
      })
    })
    .get('/api/v1/board/rides/:id/cases/:kind', desk.show, one)
    .post('/api/v1/board/rides/:id/cases/:kind/steps', desk.step, one)
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

function listedJson(row: ListedCase) {
  const { rideId, kind, topic, state, openedAtMs, changedAtMs } = row
  return { ...{ rideId, reference: referenceOf(row), kind, topic, state, openedAtMs, changedAtMs } }
}
