/** Lost things and reports on the pages of their three sides; each step goes on by letter to who waits for it. */
import { Elysia } from 'elysia'
import type { z } from 'zod'
import type { CaseProps } from '../../views/aftercare/case.ts'
import {
  deskCasePage,
  deskCasesPage,
  driverCasePage,
  driverCasesPage,
  riderCasePage,
} from '../../views/aftercare/case-pages.ts'
import { record } from '../audit/audit.ts'
import { pageContext, placeOf } from '../companies/page-context.ts'
import { findDriver } from '../drivers/drivers.ts'
import { requireDriver } from '../drivers/viewer.ts'
import { allowedCaseSteps, type CaseKind, type CaseSide, needsWords } from '../engine/ride-case.ts'
import { isNight } from '../engine/sun.ts'
import type { CompanyId, IdentityId, RideId } from '../engine/units.ts'
import type { Db } from '../io/postgres.ts'
import { refusalProblem } from '../rides/refusals.ts'
import { desksThing, findRide, type LoadedRide, referenceOf, ridersThing } from '../rides/rides.ts'
import { act } from '../web/act.ts'
import { htmlResponse, requireViewer, type WebContext } from '../web/context.ts'
import { HttpProblem, notThere, tooMany } from '../web/problem.ts'
import { actingCompany, mayReach } from '../web/reach.ts'
import { holds } from '../web/viewer.ts'
import { type Addressee, addresseeOf, tellDriverOfLoss, tellRider } from './case-letters.ts'
import { caseOf, type ListedCase, listCases, mayOpenCase, messagesOf, openCase, stepCase } from './cases.ts'
import { deskOf, placeOfDriver } from './places.ts'
import type { AftercareDeps, Asked, Asking } from './routes.ts'
import { CASE_PATHS, caseParams, readCase, readCaseStep } from './shapes.ts'

export interface CaseDeps extends AftercareDeps {
  /** For the address of the other side, which a request of this side may not see. */
  readonly system: Db
}

interface Shown {
  readonly error?: string | undefined
  readonly typed?: { readonly topic: string; readonly text: string } | undefined
}

/** A side's ride: whose page it is, and where it stands. */
interface Side {
  readonly side: CaseSide
  readonly ride: LoadedRide
}
type SideOf = (asking: Asking, params: z.infer<typeof caseParams>, db: WebContext['db']) => Promise<Side>

export function caseRoutes(deps: CaseDeps) {
  const { clock, random } = deps

  const asRider: SideOf = async ({ request, web }, { id }, db) => {
    const { company } = placeOf(deps.companies, request)
    const ride = await findRide(db, company.id, id as RideId)
    if (ride === undefined || !mayReach(web, ridersThing(ride))) throw notThere()
    return { side: 'rider', ride }
  }

  /** What is reported is between the rider and the office. */
  const asDriver: SideOf = async ({ web }, { id, kind }, db) => {
    const driver = await requireDriver(db, web)
    const ride = await findRide(db, driver.company_id, id as RideId)
    if (kind !== 'lost_item' || ride === undefined || ride.driver_id !== driver.id) throw notThere()
    return { side: 'driver', ride }
  }

  const asDesk: SideOf = async ({ web }, { id, kind }, db) => {
    const companyId = actingCompany(web)
    const ride = await findRide(db, companyId, id as RideId)
    if (ride === undefined || !mayReach(web, desksThing(ride))) throw notThere()
    if (!kindsOfDesk(web, companyId).includes(kind)) throw notThere()
    return { side: 'desk', ride }
  }

  /** Lost things are every dispatcher's, reports the office's alone: they may be about the desk. */
  function kindsOfDesk(web: WebContext, companyId: CompanyId): CaseKind[] {
    return holds(requireViewer(web), ['admin'], companyId) ? ['lost_item', 'problem'] : ['lost_item']
  }

  async function propsOf(
    { web }: Asking,
    { side, ride }: Side,
    { kind, shown }: { readonly kind: CaseKind; readonly shown: Shown },
  ): Promise<CaseProps> {
    const found = await caseOf(web.db, ride, kind)
    if (found === undefined && side !== 'rider') throw notThere()
    const company = await web.db
      .selectFrom('companies')
      .select('phone')
      .where('id', '=', ride.company_id)
      .executeTakeFirst()
    return {
      ...{ kind, side, action: pathOf(side, ride, kind), mayOpen: mayOpenCase(ride, kind, clock.nowMs()) },
      ride: {
        ...{ reference: referenceOf(ride), from: ride.pickup_label, to: ride.dropoff_label },
        endedAtMs: ride.ended_at?.getTime() ?? null,
      },
      told:
        found === undefined
          ? null
          : {
              ...{ topic: found.topic, state: found.state, messages: await messagesOf(web.db, found) },
              steps: allowedCaseSteps(kind, found.state, side),
            },
      ...{ phone: company?.phone ?? null, key: random.uuid(), error: shown.error },
      ...(shown.typed === undefined ? {} : { typed: shown.typed }),
    }
  }

  async function markup(
    asking: Asking,
    params: z.infer<typeof caseParams>,
    sideOf: SideOf,
    shown: Shown = {},
  ): Promise<string> {
    const { web } = asking
    const of = await sideOf(asking, params, web.db)
    const props = await propsOf(asking, of, { kind: params.kind, shown })
    if (of.side === 'driver') {
      const place = placeOfDriver(deps, await requireDriver(web.db, web))
      const ctx = pageContext(deps, { ...asking, place })
      return String(driverCasePage(ctx, props, { isNight: isNight(place.region.center, clock.nowMs()) }))
    }
    if (of.side === 'desk')
      return String(deskCasePage(pageContext(deps, { ...asking, place: deskOf(deps, web) }), props))
    const ctx = pageContext(deps, { ...asking, place: placeOf(deps.companies, asking.request) })
    return String(riderCasePage(ctx, { ...props, back: `/rides/${of.ride.id}/receipt` }))
  }

  /** The page again, with the mistake and the words that were typed. */
  async function orAgain(
    asked: Asked,
    params: z.infer<typeof caseParams>,
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

  async function open(asked: Asked, params: z.infer<typeof caseParams>): Promise<Response> {
    const { ride } = await asRider(asked, params, asked.web.db)
    const told = readCase(params.kind, asked.body)
    const driver = await driverOf(ride)
    return act(
      deps,
      { ...asked, route: `POST ${pathOf('rider', ride, params.kind)}` },
      async (unit, viewer) => {
        const taken = await deps.limits.take('messages_person', viewer.identityId)
        if (!taken.allowed) throw tooMany(taken.retryAfterS)
        const opened = await openCase(unit, random, {
          ...{ companyId: ride.company_id, rideId: ride.id, riderId: viewer.identityId },
          ...{ kind: params.kind, ...told },
        })
        if (!opened.ok) throw refusalProblem(opened.reason)
        if (params.kind === 'lost_item' && driver !== null)
          await tellDriverOfLoss(unit, random, { to: driver, ride, told: opened.value, text: told.text })
        return { location: pathOf('rider', ride, params.kind), json: { state: opened.value.state } }
      },
    )
  }

  async function step(asked: Asked, params: z.infer<typeof caseParams>, sideOf: SideOf): Promise<Response> {
    const { side, ride } = await sideOf(asked, params, asked.web.db)
    const { kind } = params
    const taken = readCaseStep(asked.body)
    if (taken.text === '' && needsWords(taken.step, side))
      throw new HttpProblem(422, 'Write a few words first.')
    const rider = side === 'rider' ? null : await addresseeOf(deps.system, ride.rider_id)
    const driver = side === 'driver' || kind === 'problem' ? null : await driverOf(ride)
    const here = pathOf(side, ride, kind)
    return act(deps, { ...asked, route: `POST ${here}/steps` }, async (unit, viewer) => {
      const limit = await deps.limits.take('messages_person', viewer.identityId)
      if (!limit.allowed) throw tooMany(limit.retryAfterS)
      const stepped = await stepCase(unit, ride, {
        ...{ kind, side, senderId: viewer.identityId, ...taken },
      })
      if (!stepped.ok) throw refusalProblem(stepped.reason)
      const news = { ride, told: stepped.value, ...taken }
      if (rider !== null) await tellRider(unit, random, { to: rider, side, ...news })
      if (driver !== null && (taken.step === 'write' || taken.step === 'reopen'))
        await tellDriverOfLoss(unit, random, { to: driver, ...news })
      if (side === 'desk')
        await record(unit.db, random, {
          ...{ action: 'case.handled', atMs: unit.atMs, actorId: viewer.identityId },
          ...{ companyId: ride.company_id, subject: ride.id, detail: { kind, step: taken.step } },
          ...{ address: asked.web.address, requestId: asked.web.requestId },
        })
      return { location: here, json: { state: stepped.value.state } }
    })
  }

  /** Who drove, with the address the letter goes to; asked before a unit begins, as one connection is enough for it. */
  async function driverOf(ride: LoadedRide): Promise<Addressee | null> {
    if (ride.driver_id === null) return null
    const driver = await findDriver(deps.system, ride.company_id, ride.driver_id)
    return driver?.identity_id == null ? null : addresseeOf(deps.system, driver.identity_id as IdentityId)
  }

  function listed(cases: readonly ListedCase[], prefix: string, isDesk: boolean) {
    return cases.map((row) => ({
      ...{ kind: row.kind, topic: row.topic, state: row.state, reference: referenceOf(row) },
      href: `${prefix}/rides/${row.rideId}/cases/${CASE_PATHS[row.kind]}`,
      who: !isDesk
        ? null
        : row.driverName === null
          ? row.riderName
          : `${row.riderName}, with ${row.driverName}`,
      changedAtMs: row.changedAtMs,
    }))
  }

  const pagesOf = (sideOf: SideOf) => ({
    show: async ({ request, web, params }: Asking & { params: z.infer<typeof caseParams> }) =>
      htmlResponse(await markup({ request, web }, params, sideOf)),
    step: ({ request, web, params, body }: Asked & { params: z.infer<typeof caseParams> }) => {
      const asked = { request, web, body }
      return orAgain(asked, params, sideOf, () => step(asked, params, sideOf))
    },
  })
  const [ofRider, ofDriver, ofDesk] = [pagesOf(asRider), pagesOf(asDriver), pagesOf(asDesk)]
  const page = { params: caseParams }

  return new Elysia({ name: 'cases' })
    .use(deps.shell)
    .get('/rides/:id/cases/:kind', ofRider.show, page)
    .post(
      '/rides/:id/cases/:kind',
      ({ request, web, params, body }) => {
        const asked = { request, web, body }
        return orAgain(asked, params, asRider, () => open(asked, params))
      },
      page,
    )
    .post('/rides/:id/cases/:kind/steps', ofRider.step, page)
    .get('/driver/cases', async ({ request, web }) => {
      const driver = await requireDriver(web.db, web)
      const place = placeOfDriver(deps, driver)
      const nowMs = clock.nowMs()
      const cases = await listCases(web.db, driver.company_id, {
        ...{ kinds: ['lost_item'], driverId: driver.id, nowMs },
      })
      const ctx = pageContext(deps, { request, web, place })
      const options = { isNight: isNight(place.region.center, nowMs) }
      return htmlResponse(String(driverCasesPage(ctx, { cases: listed(cases, '/driver', false) }, options)))
    })
    .get('/driver/rides/:id/cases/:kind', ofDriver.show, page)
    .post('/driver/rides/:id/cases/:kind/steps', ofDriver.step, page)
    .get('/board/cases', async ({ request, web }) => {
      const place = deskOf(deps, web)
      const kinds = kindsOfDesk(web, place.company.id)
      const cases = await listCases(web.db, place.company.id, { kinds, nowMs: clock.nowMs() })
      const ctx = pageContext(deps, { request, web, place })
      return htmlResponse(String(deskCasesPage(ctx, { cases: listed(cases, '/board', true) })))
    })
    .get('/board/rides/:id/cases/:kind', ofDesk.show, page)
    .post('/board/rides/:id/cases/:kind/steps', ofDesk.step, page)
}

const PREFIXES: Record<CaseSide, string> = { rider: '', driver: '/driver', desk: '/board' }

function pathOf(side: CaseSide, ride: Pick<LoadedRide, 'id'>, kind: CaseKind): string {
  return `${PREFIXES[side]}/rides/${ride.id}/cases/${CASE_PATHS[kind]}`
}
