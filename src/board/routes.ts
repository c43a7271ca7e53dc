/** A desk's live page and one ride on it; the board is read in read-routes.ts, what the desk does is in act-routes.ts. */
import { Elysia } from 'elysia'
import { pageContext } from '../companies/page-context.ts'
import { offersOfRide } from '../dispatch/offers.ts'
import type { SurgeNow } from '../fares/surge.ts'
import type { Logger } from '../io/log.ts'
import type { Sockets } from '../io/sockets.ts'
import type { Coming, Streams } from '../io/streams.ts'
import type { Walled } from '../io/walls.ts'
import { rideParams } from '../rides/shapes.ts'
import type { Tracking } from '../tracking/push.ts'
import type { ActDeps } from '../web/act.ts'
import { htmlResponse, jsonResponse, type WebContext } from '../web/context.ts'
import { comingShape, holderOf, pollResponse } from '../web/live.ts'
import type { Shell } from '../web/shell.ts'
import { deskOf } from './desk.ts'
import { type BoardLive, makeBoardLive } from './live.ts'
import { candidatesFor } from './read.ts'
import { makeRideDesk, type RideDeskDeps } from './ride-desk.ts'

export interface BoardRouteDeps extends RideDeskDeps, ActDeps {
  readonly walled: Walled
  readonly shell: Shell
  readonly log: Logger
  readonly sockets: Sockets
  readonly streams: Streams
  readonly tracking: Tracking
  readonly surge: SurgeNow
}

export function boardRoutes(deps: BoardRouteDeps): { plugin: ReturnType<typeof mount>; live: BoardLive } {
  const live = makeBoardLive(deps)
  return { plugin: mount(deps, live), live }
}

function mount(deps: BoardRouteDeps, live: BoardLive) {
  const { sockets, streams } = deps
  const { rideOf, paneMarkup } = makeRideDesk(deps)
  /** What reads the board, for this request. */
  const on = (web: WebContext) => ({ ...deps, db: web.db })

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
