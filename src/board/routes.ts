/** What the desk does to a ride, and the pane that shows it. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { boardRide } from '../../views/board/pane.ts'
import type { AuditAction } from '../audit/actions.ts'
import { record } from '../audit/audit.ts'
import { type PageDeps, pageContext } from '../companies/page-context.ts'
import { assignByDesk, offersOfRide } from '../dispatch/offers.ts'
import { onlyKey } from '../dispatch/shapes.ts'
import { travel } from '../engine/eta.ts'
import type { CompanyId, DriverId, RideId } from '../engine/units.ts'
import type { SurgeNow } from '../fares/surge.ts'
import type { Work } from '../io/commit.ts'
import type { Logger } from '../io/log.ts'
import type { Sockets } from '../io/sockets.ts'
import type { Coming, Streams } from '../io/streams.ts'
import type { Walled } from '../io/walls.ts'
import { rideJson } from '../rides/json.ts'
import { RefusalProblem, refusalProblem } from '../rides/refusals.ts'
import { cancelByDesk, desksThing, findRide, type LoadedRide, releaseRide } from '../rides/rides.ts'
import { deskCancelBody, deskCancelForm, reasonBody, reasonForm, rideParams } from '../rides/shapes.ts'
import { travelIn } from '../roads/roads.ts'
import type { Tracking } from '../tracking/push.ts'
import { type ActDeps, act } from '../web/act.ts'
import { htmlResponse, jsonResponse, requireViewer, seeOther, type WebContext } from '../web/context.ts'
import { comingShape, holderOf, pollResponse } from '../web/live.ts'
import { notThere } from '../web/problem.ts'
import { mayReach } from '../web/reach.ts'
import type { Shell } from '../web/shell.ts'
import { deskOf } from './desk.ts'
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
import { type BoardDeps, candidatesFor, readPane } from './read.ts'

export interface BoardRouteDeps extends Omit<BoardDeps, 'db'>, PageDeps, ActDeps {
  readonly walled: Walled
  readonly shell: Shell
  readonly log: Logger
  readonly sockets: Sockets
  readonly streams: Streams
  readonly tracking: Tracking
  readonly surge: SurgeNow
}

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

const key = z.string().max(128).optional()
const assignForm = z.strictObject({ driver_id: z.uuid(), key })
const assignBody = z.strictObject({ driverId: z.uuid() })

export function boardRoutes(deps: BoardRouteDeps): { plugin: ReturnType<typeof mount>; live: BoardLive } {
  const live = makeBoardLive(deps)
  return { plugin: mount(deps, live), live }
}

function mount(deps: BoardRouteDeps, live: BoardLive) {
  const { random, sockets, streams } = deps
  /** What reads the board, for this request. */
  const on = (web: WebContext) => ({ ...deps, db: web.db })

  async function paneMarkup(
    request: Request,
    web: WebContext,
    rideId: string,
    notice?: string,
  ): Promise<string> {
    const { company, region } = deskOf(deps, web)
    const pane = await readPane(on(web), region, rideId as RideId, notice)
    if (pane === null) throw notThere()
    const ctx = pageContext(deps, { request, web, place: { company, region } })
    return String(boardRide(ctx, pane))
  }

  /** The desk's own ride, of its company and region. */
  async function rideOf(reader: WebContext['db'], web: WebContext, rideId: string): Promise<LoadedRide> {
    const { region } = deskOf(deps, web)
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
    const { region } = deskOf(deps, web)
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
        const desk = deskOf(deps, asked.web)
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
        const desk = deskOf(deps, asked.web)
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
      const { company, region } = deskOf(deps, asked.web)
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
        const desk = deskOf(deps, asked.web)
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

  /** A desk's live page: whose it is, what it says it has, and what it shows. */
  function desk(request: Request, web: WebContext, coming: Coming) {
    const { company, region } = deskOf(deps, web)
    const page = () => live.page(region.id, pageContext(deps, { request, web, place: { company, region } }))
    return [holderOf(web, `board ${region.id}`), coming, { page }] as const
  }

  return new Elysia({ name: 'board' })
    .use(deps.shell)
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
      '/api/v1/board/rides/:id/candidates',
      async ({ web, params }) => {
        const desk = deskOf(deps, web)
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
    .ws('/live/board', {
      // Refused before the upgrade, where a refusal still has a status.
      beforeHandle: ({ web }) => void deskOf(deps, web),
      query: comingShape,
      async open(ws) {
        const { web, request, query } = ws.data
        await streams.open(ws, ...desk(request, web, query))
      },
      close: (ws) => sockets.remove(ws),
    })
    .get(
      '/live/board',
      ({ web, request, query }) => {
        const [holder, coming, of] = desk(request, web, query)
        return pollResponse(streams, holder, coming, { ...of, request })
      },
      { query: comingShape },
    )
}
