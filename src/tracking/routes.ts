/** Following: the rider's ride and the driver's shift, as pages, as an API, and as the sockets that keep them alive. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { driverPage } from '../../views/drivers/main.ts'
import { ridePage } from '../../views/rides/ride.ts'
import { type PageDeps, pageContext } from '../companies/page-context.ts'
import { isNight } from '../engine/sun.ts'
import type { RegionId } from '../engine/units.ts'
import type { Acknowledgement } from '../positions/answer.ts'
import { OFF_SHIFT, OTHER_PHONE, type PingDoor } from '../positions/door.ts'
import { type Ping, pingBatchShape } from '../positions/shapes.ts'
import { wordsFor } from '../rides/refusals.ts'
import { rideParams } from '../rides/shapes.ts'
import { drivenWay } from '../rides/trail.ts'
import { htmlResponse, jsonResponse, requireViewer, type WebContext } from '../web/context.ts'
import { HttpProblem } from '../web/problem.ts'
import { actingCompany } from '../web/reach.ts'
import type { Shell } from '../web/shell.ts'
import { BORROWED_EYES, followedRide, mayPing, ownDriver, placeOfDriver } from './followed.ts'
import {
  driverJson,
  driverPageProps,
  type FollowDeps,
  followedRideJson,
  riderPageProps,
  stateOfDriver,
  stateOfRide,
  waysOf,
} from './pages.ts'
import { PINGS_PATH, type PingPasses } from './ping-passes.ts'
import type { Tracking } from './push.ts'

export interface TrackingRouteDeps extends Omit<FollowDeps, 'db'>, PageDeps {
  readonly shell: Shell
  readonly door: PingDoor
  readonly passes: PingPasses
  readonly tracking: Tracking
  /** A driver's map, as a message; null while nothing is counted. */
  readonly hexesOf: (regionId: RegionId) => string | null
}

/** `told` is an outcome the page says first; `seen` an ended ride whose result was put away with "Next". */
const driverQuery = z.object({
  told: z.string().max(40).optional(),
  ago: z.coerce.number().min(0).max(86_400).optional(),
  seen: z.uuid().optional(),
})

export function trackingRoutes(deps: TrackingRouteDeps) {
  const { door, passes } = deps
  /** What reads for this request. */
  const on = (web: WebContext) => ({ ...deps, db: web.db })

  async function acceptPings(
    request: Request,
    web: WebContext,
    pings: readonly Ping[],
  ): Promise<Acknowledgement> {
    if (!mayPing(web)) throw new HttpProblem(403, BORROWED_EYES)
    // Whom the fleet knows at work need not be looked up, call by call.
    const { identityId, sessionId } = requireViewer(web)
    const driverId = deps.fleet.driverAtWork(actingCompany(web), identityId)
    const known = driverId === undefined ? undefined : door.takeAtOnce({ driverId, sessionId }, pings)
    if (driverId !== undefined && known !== undefined) {
      passes.give(request, web, driverId)
      return known
    }
    const { id, company_id } = await ownDriver(web)
    const taken = await door.take({ id, company_id, sessionId }, web.db, pings)
    if (taken === 'off_shift') throw new HttpProblem(409, OFF_SHIFT)
    if (taken === 'other_phone') throw new HttpProblem(409, OTHER_PHONE)
    return taken
  }

  return new Elysia({ name: 'tracking' })
    .use(deps.shell)
    .get(
      '/rides/:id',
      async ({ request, web, params }) => {
        const { ride, place } = await followedRide(deps, request, web, params.id)
        const ctx = pageContext(deps, { request, web, place, live: `/live/rides/${ride.id}` })
        const trail = ride.boarded_at === null ? [] : await drivenWay(web.db, ride.company_id, ride.id)
        const ways = await waysOf(on(web), ride, trail)
        return htmlResponse(String(ridePage(ctx, await riderPageProps(on(web), ride), ways)))
      },
      { params: rideParams },
    )
    .get(
      '/api/v1/rides/:id',
      async ({ request, web, params }) => {
        const { ride } = await followedRide(deps, request, web, params.id)
        return jsonResponse(await followedRideJson(on(web), await stateOfRide(on(web), ride)))
      },
      { params: rideParams },
    )
    .get(
      '/driver',
      async ({ request, web, query }) => {
        const driver = await ownDriver(web)
        const place = placeOfDriver(deps, driver)
        const ctx = pageContext(deps, { request, web, place, live: '/live/driver' })
        const night = isNight(place.region.center, deps.clock.nowMs())
        const notice = query.told === undefined ? undefined : wordsFor(query.told, query.ago)
        const props = await driverPageProps(on(web), driver, {
          ...{ notice, seenRideId: query.seen, sessionId: requireViewer(web).sessionId },
        })
        return htmlResponse(String(driverPage(ctx, props, { isNight: night })))
      },
      { query: driverQuery },
    )
    .get('/api/v1/driver', async ({ web }) =>
      jsonResponse(driverJson(await stateOfDriver(on(web), await ownDriver(web)))),
    )
    .post(
      PINGS_PATH,
      async ({ request, web, body }) => jsonResponse(await acceptPings(request, web, body.pings)),
      { body: pingBatchShape },
    )
}
