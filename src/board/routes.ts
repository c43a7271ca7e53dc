/** The dispatcher's desk: the board, its parts, and what the desk does to a ride. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { boardCounts, boardPage } from '../../views/board/board.ts'
import { boardRide } from '../../views/board/pane.ts'
import { TABLE_SHOWS } from '../../views/board/props.ts'
import { boardQueue } from '../../views/board/queue.ts'
import { boardSafety } from '../../views/board/safety.ts'
import { boardTable } from '../../views/board/table.ts'
import { boardWatch } from '../../views/board/watch.ts'
import type { AuditAction } from '../audit/actions.ts'
import { record } from '../audit/audit.ts'
import { newAnswers } from '../chat/desk-messages.ts'
import type { Company, Region } from '../companies/companies.ts'
import { type PageDeps, pageContext } from '../companies/page-context.ts'
import { assignByDesk, offersOfRide } from '../dispatch/offers.ts'
import { onlyKey } from '../dispatch/shapes.ts'
import { travel } from '../engine/eta.ts'
import type { CompanyId, DriverId, RideId } from '../engine/units.ts'
import type { SurgeNow } from '../fares/surge.ts'
import type { Work } from '../io/commit.ts'
import type { Logger } from '../io/log.ts'
import type { Walled } from '../io/walls.ts'
import { rideJson } from '../rides/json.ts'
import { RefusalProblem, refusalProblem } from '../rides/refusals.ts'
import { cancelByDesk, desksThing, findRide, type LoadedRide, releaseRide } from '../rides/rides.ts'
import { deskCancelBody, deskCancelForm, reasonBody, reasonForm, rideParams } from '../rides/shapes.ts'
import { travelIn } from '../roads/roads.ts'
import type { Tracking } from '../tracking/push.ts'
import { type ActDeps, act } from '../web/act.ts'
import { htmlResponse, jsonResponse, requireViewer, seeOther, type WebContext } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import { actingCompany, mayReach } from '../web/reach.ts'
import type { Shell } from '../web/shell.ts'
import { readBookedLane } from './booked.ts'
import { readDriverCard } from './driver-card.ts'
import {
  type Help,
  patience,
  postponement,
  postponementBody,
  postponementForm,
  startWithout,
  widerSearch,
} from './help.ts'
import { type BoardLive, makeBoardLive } from './live.ts'
import type { RecentPings } from './pings.ts'
import { type BoardDeps, candidatesFor, readBoard, readPane, readTable } from './read.ts'
import { readSafetyLane } from './safety.ts'
import { readZones } from './zones.ts'

export interface BoardRouteDeps extends Omit<BoardDeps, 'db'>, PageDeps, ActDeps {
  readonly walled: Walled
  readonly shell: Shell
  readonly log: Logger
  readonly tracking: Tracking
  readonly surge: SurgeNow
  readonly pings: RecentPings
}

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

interface Desk {
  readonly company: Company
  readonly region: Region
}

const boardQuery = z.object({
  show: z.enum(TABLE_SHOWS).default('live'),
  q: z.string().trim().max(80).default(''),
  ride: z.uuid().optional(),
  driver: z.uuid().optional(),
})
const tableQuery = boardQuery.omit({ ride: true, driver: true })
const key = z.string().max(128).optional()
const assignForm = z.strictObject({ driver_id: z.uuid(), key })
const assignBody = z.strictObject({ driverId: z.uuid() })

export function boardRoutes(deps: BoardRouteDeps): { plugin: ReturnType<typeof mount>; live: BoardLive } {
  const live = makeBoardLive(deps)
  return { plugin: mount(deps), live }
}

function mount(deps: BoardRouteDeps) {
  const { random } = deps
  /** What reads the board, for this request. */
  const on = (web: WebContext) => ({ ...deps, db: web.db })

  /** The desk of the viewer's own company; a desk works on the company's home region. */
  function deskOf(web: WebContext): Desk {
    const company = deps.companies.company(actingCompany(web))
    const region = company && deps.companies.homeRegion(company.id)
    if (company === undefined || region === undefined) throw notThere()
    return { company, region }
  }

  async function boardMarkup(
    request: Request,
    web: WebContext,
    query: z.infer<typeof boardQuery>,
  ): Promise<string> {
    const { company, region } = deskOf(web)
    const selectedRideId = (query.ride ?? null) as RideId | null
    const board = await readBoard(on(web), region, selectedRideId)
    const table = await readTable(on(web), region, {
      show: query.show,
      query: query.q,
      ...{ open: board.open, alarms: board.alarms },
      selectedRideId,
    })
    const ctx = pageContext(deps, { request, web, place: { company, region }, live: '/live/board' })
    return String(
      boardPage(ctx, {
        company: company.name,
        region: { name: region.name, center: region.center, zoom: region.zoom },
        nowMs: Math.floor(deps.clock.nowMs()),
        counts: board.counts,
        queue: board.queue,
        safety: await readSafetyLane(on(web), region),
        watch: board.watch,
        booked: await readBookedLane(on(web), region),
        zones: await readZones(on(web), region),
        table,
        pane: selectedRideId === null ? null : await readPane(on(web), region, selectedRideId),
        answers: (await newAnswers(web.db, { companyId: company.id, regionId: region.id })).length,
        driver:
          query.driver === undefined
            ? null
            : await readDriverCard(on(web), { company, region }, query.driver as DriverId),
      }),
    )
  }

  async function paneMarkup(
    request: Request,
    web: WebContext,
    rideId: string,
    notice?: string,
  ): Promise<string> {
    const { company, region } = deskOf(web)
    const pane = await readPane(on(web), region, rideId as RideId, notice)
    if (pane === null) throw notThere()
    const ctx = pageContext(deps, { request, web, place: { company, region } })
    return String(boardRide(ctx, pane))
  }

  /** The desk's own ride, of its company and region. */
  async function rideOf(reader: WebContext['db'], web: WebContext, rideId: string): Promise<LoadedRide> {
    const { region } = deskOf(web)
    const ride = await findRide(reader, region.companyId, rideId as RideId)
    if (ride === undefined || ride.region_id !== region.id || !mayReach(web, desksThing(ride)))
      throw notThere()
    return ride
  }

  /** Where the answer to a form of the pane is seen: the pane itself, or the board with it where scripts are off. */
  function paneAddress(request: Request, rideId: string): string {
    return request.headers.get('hx-request') === 'true' ? `/board/rides/${rideId}` : `/board?ride=${rideId}`
  }

  /** Done, or the pane again with what did not work and why. */
  async function onPane(asked: Asked, rideId: string, done: Promise<Response>): Promise<Response> {
    try {
      return await done
    } catch (error) {
      if (asked.web.wantsJson || !(error instanceof RefusalProblem)) throw error
      const notice = await whoWasFirst(asked.web, rideId, error)
      if (asked.request.headers.get('hx-request') !== 'true') return seeOther(`/board?ride=${rideId}`)
      return htmlResponse(await paneMarkup(asked.request, asked.web, rideId, notice), 409)
    }
  }

  /** "Ben gave this ride to 163 four seconds ago": the last event names who was faster. */
  async function whoWasFirst(web: WebContext, rideId: string, refusal: RefusalProblem): Promise<string> {
    if (refusal.reason !== 'not_allowed_now') return refusal.detail
    const { region } = deskOf(web)
    const pane = await readPane(on(web), region, rideId as RideId)
    const last = pane?.events.at(-1)
    if (pane == null || last === undefined) return refusal.detail
    const agoS = Math.max(0, Math.round((pane.nowMs - last.atMs) / 1000))
    const who = last.by ?? 'The engine'
    const what =
      last.kind === 'assign' && last.callSign !== null
        ? `gave this ride to ${last.callSign}`
        : 'changed this ride'
    return `${who} ${what} ${agoS} s ago. Your choice was not used.`
  }

  function recordDesk(
    { web }: Asked,
    unit: Work,
    done: { action: AuditAction; companyId: CompanyId; rideId: string; detail: Record<string, unknown> },
  ): Promise<void> {
    const { rideId: subject, ...entry } = done
    return record(unit.db, random, {
      ...entry,
      subject,
      atMs: unit.atMs,
      actorId: requireViewer(web).identityId,
      address: web.address,
      requestId: web.requestId,
    })
  }

  function assign(asked: Asked, rideId: string, driverId: string): Promise<Response> {
    const done = act(
      deps,
      { ...asked, route: `POST /board/rides/${rideId}/assignment` },
      async (unit, viewer) => {
        const desk = deskOf(asked.web)
        const ride = await rideOf(unit.db, asked.web, rideId)
        const position = deps.fleet.car(driverId as DriverId)?.position
        const pickup = { lat: ride.pickup_lat, lng: ride.pickup_lng }
        const pickupEtaS =
          position == null ? null : travel(position, pickup, travelIn(deps, desk.region)).durationS
        const assigned = await assignByDesk(unit, random, {
          companyId: desk.company.id,
          rideId: ride.id,
          driverId: driverId as DriverId,
          dispatcherId: viewer.identityId,
          pickupEtaS,
        })
        if (!assigned.ok) throw refusalProblem(assigned.reason)
        const detail = { before: { driverId: ride.driver_id }, after: { driverId } }
        await recordDesk(asked, unit, { action: 'ride.assigned', companyId: desk.company.id, rideId, detail })
        return { location: paneAddress(asked.request, rideId), json: rideJson(assigned.value) }
      },
    )
    return onPane(asked, rideId, done)
  }

  function release(asked: Asked, rideId: string, reason: string): Promise<Response> {
    const done = act(
      deps,
      { ...asked, route: `POST /board/rides/${rideId}/release` },
      async (unit, viewer) => {
        const desk = deskOf(asked.web)
        const { driver_id: driverId } = await rideOf(unit.db, asked.web, rideId)
        const released = await releaseRide(unit, random, {
          companyId: desk.company.id,
          rideId: rideId as RideId,
          actor: { kind: 'dispatcher', id: viewer.identityId },
          reason,
        })
        if (!released.ok) throw refusalProblem(released.reason)
        const detail = { reason, before: { driverId }, after: { driverId: null } }
        await recordDesk(asked, unit, { action: 'ride.released', companyId: desk.company.id, rideId, detail })
        return { location: paneAddress(asked.request, rideId), json: rideJson(released.value) }
      },
    )
    return onPane(asked, rideId, done)
  }

  function help(asked: Asked, rideId: string, given: Help): Promise<Response> {
    const route = `POST /board/rides/${rideId}/${given.tail}`
    const done = act(deps, { ...asked, route }, async (unit) => {
      const { company, region } = deskOf(asked.web)
      const ride = await rideOf(unit.db, asked.web, rideId)
      const helped = await given.work(unit, { region, ride })
      if (!helped.ok) throw refusalProblem(helped.reason)
      const { json, detail } = helped.value
      await recordDesk(asked, unit, { action: given.action, companyId: company.id, rideId, detail })
      return { location: paneAddress(asked.request, rideId), json }
    })
    return onPane(asked, rideId, done)
  }

  function cancel(
    asked: Asked,
    rideId: string,
    { reason, words }: z.infer<typeof deskCancelBody>,
  ): Promise<Response> {
    const done = act(
      deps,
      { ...asked, route: `POST /board/rides/${rideId}/cancellation` },
      async (unit, viewer) => {
        const desk = deskOf(asked.web)
        const { state } = await rideOf(unit.db, asked.web, rideId)
        const cancelled = await cancelByDesk(unit, random, {
          companyId: desk.company.id,
          rideId: rideId as RideId,
          dispatcherId: viewer.identityId,
          ...{ reason, words },
        })
        if (!cancelled.ok) throw refusalProblem(cancelled.reason)
        const detail = { reason, before: { state }, after: { state: cancelled.value.state } }
        await recordDesk(asked, unit, {
          action: 'ride.cancelled',
          companyId: desk.company.id,
          rideId,
          detail,
        })
        return { location: paneAddress(asked.request, rideId), json: rideJson(cancelled.value) }
      },
    )
    return onPane(asked, rideId, done)
  }

  return new Elysia({ name: 'board' })
    .use(deps.shell)
    .get('/board', async ({ request, web, query }) => htmlResponse(await boardMarkup(request, web, query)), {
      query: boardQuery,
    })
    .get('/board/queue', async ({ request, web }) => {
      const { company, region } = deskOf(web)
      const board = await readBoard(on(web), region, null)
      const ctx = pageContext(deps, { request, web, place: { company, region } })
      return htmlResponse(
        `${boardCounts(board.counts)}${boardSafety(await readSafetyLane(on(web), region))}${boardQueue(ctx, board.queue)}${boardWatch(ctx, board.watch)}`,
      )
    })
    .get(
      '/board/table',
      async ({ request, web, query }) => {
        const { company, region } = deskOf(web)
        const board = await readBoard(on(web), region, null)
        const { open, alarms } = board
        const asked = { show: query.show, query: query.q, open, alarms, selectedRideId: null }
        const ctx = pageContext(deps, { request, web, place: { company, region } })
        return htmlResponse(String(boardTable(ctx, await readTable(on(web), region, asked))))
      },
      { query: tableQuery },
    )
    .get(
      '/board/rides/:id',
      async ({ request, web, params }) => htmlResponse(await paneMarkup(request, web, params.id)),
      { params: rideParams },
    )
    .post(
      '/board/rides/:id/assignment',
      ({ request, web, params, body }) => assign({ request, web, body }, params.id, body.driver_id),
      { params: rideParams, body: assignForm },
    )
    .post(
      '/board/rides/:id/release',
      ({ request, web, params, body }) => release({ request, web, body }, params.id, body.reason),
      { params: rideParams, body: reasonForm },
    )
    .post(
      '/board/rides/:id/cancellation',
      ({ request, web, params, body }) => cancel({ request, web, body }, params.id, body),
      { params: rideParams, body: deskCancelForm },
    )
    .post(
      '/board/rides/:id/patience',
      ({ request, web, params, body }) => help({ request, web, body }, params.id, patience),
      { params: rideParams, body: onlyKey },
    )
    .post(
      '/board/rides/:id/wider-search',
      ({ request, web, params, body }) => help({ request, web, body }, params.id, widerSearch),
      { params: rideParams, body: onlyKey },
    )
    .post(
      '/board/rides/:id/postponement',
      ({ request, web, params, body }) => help({ request, web, body }, params.id, postponement(body.minutes)),
      { params: rideParams, body: postponementForm },
    )
    .post(
      '/board/rides/:id/start',
      ({ request, web, params, body }) => help({ request, web, body }, params.id, startWithout(body.reason)),
      { params: rideParams, body: reasonForm },
    )
    .post(
      '/api/v1/board/rides/:id/start',
      ({ request, web, params, body }) => help({ request, web, body }, params.id, startWithout(body.reason)),
      { params: rideParams, body: reasonBody },
    )
    .post(
      '/api/v1/board/rides/:id/patience',
      ({ request, web, params, body }) => help({ request, web, body }, params.id, patience),
      { params: rideParams, body: onlyKey },
    )
    .post(
      '/api/v1/board/rides/:id/wider-search',
      ({ request, web, params, body }) => help({ request, web, body }, params.id, widerSearch),
      { params: rideParams, body: onlyKey },
    )
    .post(
      '/api/v1/board/rides/:id/postponement',
      ({ request, web, params, body }) => help({ request, web, body }, params.id, postponement(body.minutes)),
      { params: rideParams, body: postponementBody },
    )
    .get(
      '/api/v1/board/rides',
      async ({ request, web, query }) => {
        const { region } = deskOf(web)
        const board = await readBoard(on(web), region, null)
        const { open, alarms } = board
        const asked = { show: query.show, query: query.q, open, alarms, selectedRideId: null }
        const { rows, counts, hasMore } = await readTable(on(web), region, asked)
        return jsonResponse({ rides: rows, counts, more: hasMore, cars: board.counts })
      },
      { query: tableQuery },
    )
    .get(
      '/api/v1/board/rides/:id/candidates',
      async ({ web, params }) => {
        const desk = deskOf(web)
        const ride = await rideOf(web.db, web, params.id)
        const offers = await offersOfRide(web.db, ride.company_id, ride.id)
        return jsonResponse(candidatesFor(on(web), desk.region, ride, offers))
      },
      { params: rideParams },
    )
    .post(
      '/api/v1/board/rides/:id/assignment',
      ({ request, web, params, body }) => assign({ request, web, body }, params.id, body.driverId),
      { params: rideParams, body: assignBody },
    )
    .post(
      '/api/v1/board/rides/:id/release',
      ({ request, web, params, body }) => release({ request, web, body }, params.id, body.reason),
      { params: rideParams, body: reasonBody },
    )
    .post(
      '/api/v1/board/rides/:id/cancellation',
      ({ request, web, params, body }) => cancel({ request, web, body }, params.id, body),
      { params: rideParams, body: deskCancelBody },
    )
}
