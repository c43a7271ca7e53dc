/** One lost thing or report on the pages of its three sides, live while they are open. */
import { Elysia } from 'elysia'
import { caseSection } from '../../views/aftercare/case.ts'
import { deskCasePage, driverCasePage, riderCasePage } from '../../views/aftercare/case-pages.ts'
import { pageContext, placeOf } from '../companies/page-context.ts'
import { requireDriver } from '../drivers/viewer.ts'
import { isNight } from '../engine/sun.ts'
import { htmlResponse } from '../web/context.ts'
import { comingShape } from '../web/live.ts'
import { type PageLine, pageLineHalves } from '../web/page-lines.ts'
import { HttpProblem } from '../web/problem.ts'
import { caseActs } from './case-acts.ts'
import { caseApiRoutes } from './case-api-routes.ts'
import { caseListRoutes } from './case-list-routes.ts'
import {
  type CaseDeps,
  type CaseParams,
  type CaseShown,
  casePath,
  caseSides,
  type Side,
  type SideOf,
} from './case-sides.ts'
import { deskOf, placeOfDriver } from './places.ts'
import type { Asked, Asking } from './routes.ts'
import { caseParams } from './shapes.ts'

export function caseRoutes(deps: CaseDeps) {
  const { clock } = deps
  const sides = caseSides(deps)
  const { propsOf } = sides
  const acts = caseActs(deps, sides)

  async function placeOn(asking: Asking, { side }: Side) {
    const { web, request } = asking
    if (side === 'driver') return placeOfDriver(deps, await requireDriver(web.db, web))
    return side === 'desk' ? deskOf(deps, web) : placeOf(deps.companies, request)
  }

  async function markup(
    asking: Asking,
    params: CaseParams,
    sideOf: SideOf,
    shown: CaseShown = {},
  ): Promise<string> {
    const of = await sideOf(asking, params, asking.web.db)
    const props = await propsOf(asking, of, { kind: params.kind, shown })
    const place = await placeOn(asking, of)
    // What was typed and is wrong stands there until it is sent again: nothing is drawn over it.
    const isLive = props.told !== null && shown.error === undefined
    const live = `/live${casePath(of.side, of.ride, params.kind)}`
    const ctx = pageContext(deps, { ...asking, place, ...(isLive && { live }) })
    if (of.side === 'driver')
      return String(driverCasePage(ctx, props, { isNight: isNight(place.region.center, clock.nowMs()) }))
    if (of.side === 'desk') return String(deskCasePage(ctx, props))
    return String(riderCasePage(ctx, { ...props, back: `/rides/${of.ride.id}/receipt` }))
  }

  /** The page again, with the mistake and the words that were typed. */
  async function orAgain(
    asked: Asked,
    params: CaseParams,
    sideOf: SideOf,
    work: () => Promise<Response>,
  ): Promise<Response> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof HttpProblem) || ![409, 422].includes(error.status)) throw error
      const { topic, text } = (asked.body ?? {}) as Record<string, unknown>
      const word = (value: unknown) => (typeof value === 'string' ? value.slice(0, 1_000) : '')
      const shown = { error: error.detail, typed: { topic: word(topic), text: word(text) } }
      return htmlResponse(await markup(asked, params, sideOf, shown), error.status)
    }
  }

  const pagesOf = (sideOf: SideOf) => ({
    show: async ({ request, web, params }: Asking & { params: CaseParams }) =>
      htmlResponse(await markup({ request, web }, params, sideOf)),
    step: ({ request, web, params, body }: Asked & { params: CaseParams }) => {
      const asked = { request, web, body }
      return orAgain(asked, params, sideOf, () => acts.step(asked, params, sideOf))
    },
    live: pageLineHalves(deps.lines, async (asking, params: CaseParams): Promise<PageLine> => {
      const of = await sideOf(asking, params, asking.web.db)
      const ctx = pageContext(deps, { ...asking, place: await placeOn(asking, of) })
      const { kind } = params
      return {
        about: `case ${casePath(of.side, of.ride, kind)}`,
        follow: (stream) => deps.lines.followRide(of.ride.id, stream, { growsOld: false }),
        draw: async () => String(caseSection(ctx, await propsOf(asking, of, { kind, shown: {} }))),
      }
    }),
  })
  const ofRider = pagesOf(sides.of.rider)
  const ofDriver = pagesOf(sides.of.driver)
  const ofDesk = pagesOf(sides.of.desk)
  const page = { params: caseParams }
  const line = { params: caseParams, query: comingShape }

  return new Elysia({ name: 'cases' })
    .use(deps.shell)
    .use(caseApiRoutes(deps, sides, acts))
    .use(caseListRoutes(deps, sides))
    .get('/rides/:id/cases/:kind', ofRider.show, page)
    .post(
      '/rides/:id/cases/:kind',
      ({ request, web, params, body }) => {
        const asked = { request, web, body }
        return orAgain(asked, params, sides.of.rider, () => acts.open(asked, params))
      },
      page,
    )
    .post('/rides/:id/cases/:kind/steps', ofRider.step, page)
    .ws('/live/rides/:id/cases/:kind', { ...line, ...ofRider.live.socket })
    .get('/live/rides/:id/cases/:kind', ofRider.live.poll, line)
    .get('/driver/rides/:id/cases/:kind', ofDriver.show, page)
    .post('/driver/rides/:id/cases/:kind/steps', ofDriver.step, page)
    .ws('/live/driver/rides/:id/cases/:kind', { ...line, ...ofDriver.live.socket })
    .get('/live/driver/rides/:id/cases/:kind', ofDriver.live.poll, line)
    .get('/board/rides/:id/cases/:kind', ofDesk.show, page)
    .post('/board/rides/:id/cases/:kind/steps', ofDesk.step, page)
    .ws('/live/board/rides/:id/cases/:kind', { ...line, ...ofDesk.live.socket })
    .get('/live/board/rides/:id/cases/:kind', ofDesk.live.poll, line)
}
