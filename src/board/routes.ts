/** A desk's live page and one ride on it; the board is read in read-routes.ts, what the desk does is in act-routes.ts. */
import { Elysia } from 'elysia'
import { offersOfRide } from '../dispatch/offers.ts'
import type { SurgeNow } from '../fares/surge.ts'
import type { Logger } from '../io/log.ts'
import type { Topics } from '../io/topics.ts'
import type { Walled } from '../io/walls.ts'
import { rideParams } from '../rides/shapes.ts'
import type { Tracking } from '../tracking/push.ts'
import type { ActDeps } from '../web/act.ts'
import { htmlResponse, jsonResponse, type WebContext } from '../web/context.ts'
import type { Shell } from '../web/shell.ts'
import { deskOf } from './desk.ts'
import { type BoardLive, makeBoardLive } from './live.ts'
import { candidatesFor } from './read.ts'
import { makeRideDesk, type RideDeskDeps } from './ride-desk.ts'
import { sharedCarsFor } from './shared-cars.ts'

export interface BoardRouteDeps extends RideDeskDeps, ActDeps {
  readonly walled: Walled
  readonly shell: Shell
  readonly log: Logger
  readonly tracking: Tracking
  readonly surge: SurgeNow
  readonly topics: Topics
}

export function boardRoutes(deps: BoardRouteDeps): { plugin: ReturnType<typeof mount>; live: BoardLive } {
  const live = makeBoardLive(deps)
  return { plugin: mount(deps), live }
}

function mount(deps: BoardRouteDeps) {
  const { rideOf, paneMarkup } = makeRideDesk(deps)
  /** What reads the board, for this request. */
  const on = (web: WebContext) => ({ ...deps, db: web.db })

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
        const sharedCars = await sharedCarsFor(on(web), desk.region, ride)
        return jsonResponse({ ...candidatesFor(on(web), desk.region, ride, offers), sharedCars })
      },
      { params: rideParams },
    )
}
