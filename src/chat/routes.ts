/** Messages about a ride: the same three verbs for rider, driver and desk, each on its own page. */
import { Elysia } from 'elysia'
import type { Kysely } from 'kysely'
import { record } from '../audit/audit.ts'
import { type PageDeps, placeOf } from '../companies/page-context.ts'
import { requireDriver } from '../drivers/viewer.ts'
import { assert, type RideId } from '../engine/units.ts'
import type { Limits } from '../io/limits.ts'
import type { Random } from '../io/random.ts'
import type { Tables } from '../io/tables.ts'
import { refusalProblem } from '../rides/refusals.ts'
import { desksThing, findRide, type LoadedRide, ridersThing } from '../rides/rides.ts'
import { rideParams } from '../rides/shapes.ts'
import { type ActDeps, act } from '../web/act.ts'
import { jsonResponse, type WebContext } from '../web/context.ts'
import { notThere, tooMany } from '../web/problem.ts'
import { actingCompany, mayReach } from '../web/reach.ts'
import type { Shell } from '../web/shell.ts'
import { type About, noteSide, readChat, reportMessage, sendMessage } from './chat.ts'
import { chatJson } from './json.ts'
import { lookForm, messageBody, messageForm, messageParams, onlyKey } from './shapes.ts'

export interface ChatRouteDeps extends ActDeps, PageDeps {
  readonly shell: Shell
  readonly random: Random
  readonly limits: Limits
}

interface Asking {
  readonly request: Request
  readonly web: WebContext
}
interface Asked extends Asking {
  readonly body: unknown
}

/** A side's ride, and where its page shows the messages. */
interface Side {
  readonly about: About
  readonly ride: LoadedRide
  readonly home: string
}
/** @param db the request's, or that of its unit of work */
type SideOf = (asked: Asking, rideId: string, db: Kysely<Tables>) => Promise<Side>

export function chatRoutes(deps: ChatRouteDeps) {
  const asRider: SideOf = async ({ request, web }, rideId, db) => {
    const { company } = placeOf(deps.companies, request)
    const ride = await findRide(db, company.id, rideId as RideId)
    if (ride === undefined || !mayReach(web, ridersThing(ride))) throw notThere()
    return standing(ride, 'rider', `/rides/${ride.id}#chat-log`)
  }

  const asDriver: SideOf = async ({ web }, rideId, db) => {
    const driver = await requireDriver(db, web)
    const ride = await findRide(db, driver.company_id, rideId as RideId)
    if (ride === undefined || ride.driver_id !== driver.id) throw notThere()
    return standing(ride, 'driver', '/driver#chat-log')
  }

  const asDesk: SideOf = async ({ web }, rideId, db) => {
    const ride = await findRide(db, actingCompany(web), rideId as RideId)
    if (ride === undefined || !mayReach(web, desksThing(ride))) throw notThere()
    return standing(ride, 'desk', `/board?ride=${ride.id}#chat-log`)
  }

  function send(asked: Asked, sideOf: SideOf, rideId: string, text: string): Promise<Response> {
    return act(deps, { ...asked, route: routeOf(asked.request) }, async (unit, viewer) => {
      const { about, home } = await sideOf(asked, rideId, unit.db)
      const taken = await deps.limits.take('messages_person', viewer.identityId)
      if (!taken.allowed) throw tooMany(taken.retryAfterS)
      const sent = await sendMessage(unit, about, { senderId: viewer.identityId, text })
      if (!sent.ok) throw refusalProblem(sent.reason)
      return { location: home, json: { seq: sent.value }, status: 201 }
    })
  }

  /** Not an act that could be done twice: how far somebody has read only grows. */
  function look(
    asked: Asked,
    sideOf: SideOf,
    rideId: string,
    looked: { readonly seen: number; readonly typing: 'yes' | 'no' },
  ): Promise<Response> {
    // Not an act that could be done twice: how far somebody has read only grows.
    return act(deps, { ...asked, route: routeOf(asked.request), keyless: true }, async (unit) => {
      const { about, home } = await sideOf(asked, rideId, unit.db)
      const noted = await noteSide(unit, about, { seenSeq: looked.seen, isTyping: looked.typing === 'yes' })
      if (!noted.ok) throw refusalProblem(noted.reason)
      return { location: home, json: null }
    })
  }

  function report(asked: Asked, sideOf: SideOf, rideId: string, seq: number): Promise<Response> {
    return act(deps, { ...asked, route: routeOf(asked.request) }, async (unit, viewer) => {
      const { about, home } = await sideOf(asked, rideId, unit.db)
      const { side } = about
      assert(side !== 'desk', 'the desk reports to nobody')
      const reported = await reportMessage(unit, { ...about, side }, seq)
      if (!reported.ok) throw refusalProblem(reported.reason)
      await record(unit.db, deps.random, {
        ...{ action: 'message.reported', atMs: unit.atMs, actorId: viewer.identityId },
        ...{ companyId: about.companyId, subject: about.rideId, detail: { message: seq } },
        ...{ address: asked.web.address, requestId: asked.web.requestId },
      })
      return { location: home, json: { seq } }
    })
  }

  async function list(asking: Asking, sideOf: SideOf, rideId: string): Promise<Response> {
    const { web } = asking
    const side = await sideOf(asking, rideId, web.db)
    const nowMs = deps.clock.nowMs()
    return jsonResponse(chatJson(await readChat(web.db, side.ride, { side: side.about.side, nowMs })))
  }

  const page = { params: rideParams }
  return new Elysia({ name: 'chat' })
    .use(deps.shell)
    .post(
      '/rides/:id/messages',
      ({ request, web, params, body }) => send({ request, web, body }, asRider, params.id, body.text),
      { ...page, body: messageForm },
    )
    .post(
      '/rides/:id/messages/seen',
      ({ request, web, params, body }) => look({ request, web, body }, asRider, params.id, body),
      { ...page, body: lookForm },
    )
    .post(
      '/rides/:id/messages/:seq/report',
      ({ request, web, params, body }) => report({ request, web, body }, asRider, params.id, params.seq),
      { params: messageParams, body: onlyKey },
    )
    .get(
      '/api/v1/rides/:id/messages',
      ({ request, web, params }) => list({ request, web }, asRider, params.id),
      page,
    )
    .post(
      '/api/v1/rides/:id/messages',
      ({ request, web, params, body }) => send({ request, web, body }, asRider, params.id, body.text),
      { ...page, body: messageBody },
    )
    .post(
      '/driver/rides/:id/messages',
      ({ request, web, params, body }) => send({ request, web, body }, asDriver, params.id, body.text),
      { ...page, body: messageForm },
    )
    .post(
      '/driver/rides/:id/messages/seen',
      ({ request, web, params, body }) => look({ request, web, body }, asDriver, params.id, body),
      { ...page, body: lookForm },
    )
    .post(
      '/driver/rides/:id/messages/:seq/report',
      ({ request, web, params, body }) => report({ request, web, body }, asDriver, params.id, params.seq),
      { params: messageParams, body: onlyKey },
    )
    .get(
      '/api/v1/driver/rides/:id/messages',
      ({ request, web, params }) => list({ request, web }, asDriver, params.id),
      page,
    )
    .post(
      '/api/v1/driver/rides/:id/messages',
      ({ request, web, params, body }) => send({ request, web, body }, asDriver, params.id, body.text),
      { ...page, body: messageBody },
    )
    .post(
      '/board/rides/:id/messages',
      ({ request, web, params, body }) => send({ request, web, body }, asDesk, params.id, body.text),
      { ...page, body: messageForm },
    )
    .post(
      '/board/rides/:id/messages/seen',
      ({ request, web, params, body }) => look({ request, web, body }, asDesk, params.id, body),
      { ...page, body: lookForm },
    )
    .get(
      '/api/v1/board/rides/:id/messages',
      ({ request, web, params }) => list({ request, web }, asDesk, params.id),
      page,
    )
    .post(
      '/api/v1/board/rides/:id/messages',
      ({ request, web, params, body }) => send({ request, web, body }, asDesk, params.id, body.text),
      { ...page, body: messageBody },
    )
}

function standing(ride: LoadedRide, side: About['side'], home: string): Side {
  const driverId = side === 'driver' ? ride.driver_id : null
  return { about: { companyId: ride.company_id, rideId: ride.id, side, driverId }, ride, home }
}

function routeOf(request: Request): string {
  return `POST ${new URL(request.url).pathname}`
}
