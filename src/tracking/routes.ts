/** Following: the rider's ride and the driver's shift, as pages, as an API, and as the sockets that keep them alive. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { earningsPage } from '../../views/drivers/earnings.ts'
import { driverMain, driverPage } from '../../views/drivers/main.ts'
import { ridePage, rideStatus } from '../../views/rides/ride.ts'
import { type PageDeps, type Place, pageContext, placeOf } from '../companies/page-context.ts'
import { driverOfIdentity, type LoadedDriver } from '../drivers/drivers.ts'
import { requireDriver } from '../drivers/viewer.ts'
import { isEnded } from '../engine/ride.ts'
import { isNight } from '../engine/sun.ts'
import { assert, type RegionId, type RideId } from '../engine/units.ts'
import type { Sockets } from '../io/sockets.ts'
import type { Acknowledgement } from '../positions/answer.ts'
import { OFF_SHIFT, type PingDoor } from '../positions/door.ts'
import { type Ping, pingBatchShape } from '../positions/shapes.ts'
import { wordsFor } from '../rides/refusals.ts'
import { findRide, type LoadedRide, ridersThing } from '../rides/rides.ts'
import { rideParams } from '../rides/shapes.ts'
import { drivenWay } from '../rides/trail.ts'
import { htmlResponse, jsonResponse, requireViewer, type WebContext } from '../web/context.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import { actingCompany, mayReach } from '../web/reach.ts'
import type { Shell } from '../web/shell.ts'
import {
  carMessage,
  driverJson,
  driverPageProps,
  earningsPageProps,
  type FollowDeps,
  followedRideJson,
  regionOfDriver,
  riderPageProps,
  stateOfDriver,
  stateOfRide,
  waysOf,
} from './pages.ts'
import { PINGS_PATH, type PingPasses } from './ping-passes.ts'
import type { DriverPage, RidePage, Tracking } from './push.ts'

export interface TrackingRouteDeps extends Omit<FollowDeps, 'db'>, PageDeps {
  readonly shell: Shell
  readonly sockets: Sockets
  readonly door: PingDoor
  readonly passes: PingPasses
  readonly tracking: Tracking
  /** A driver's map, as a message; null while nothing is counted. */
  readonly hexesOf: (regionId: RegionId) => string | null
}

interface FollowedRide {
  readonly ride: LoadedRide
  readonly place: Place
}

/** `told` is an outcome the page says first; `seen` an ended ride whose result was put away with "Next". */
const driverQuery = z.object({
  told: z.string().max(40).optional(),
  ago: z.coerce.number().min(0).max(86_400).optional(),
  seen: z.uuid().optional(),
})

const BORROWED_EYES = 'Where the car is, only the driver’s own phone can say.'

export function trackingRoutes(deps: TrackingRouteDeps) {
  const { sockets, tracking, door, passes } = deps
  /** What reads for this request. */
  const on = (web: WebContext) => ({ ...deps, db: web.db })

  async function followedRide(request: Request, web: WebContext, rideId: string): Promise<FollowedRide> {
    const place = placeOf(deps.companies, request)
    const ride = await findRide(web.db, place.company.id, rideId as RideId)
    if (ride === undefined || !mayReach(web, ridersThing(ride))) throw notThere()
    return { ride, place }
  }

  function ownDriver(web: WebContext): Promise<LoadedDriver> {
    return requireDriver(web.db, web)
  }

  function placeOfDriver(driver: LoadedDriver): Place {
    const company = deps.companies.company(driver.company_id)
    if (company === undefined) throw notThere()
    return { company, region: regionOfDriver(deps, driver) }
  }

  /** Who looks through a driver's eyes sits somewhere else. */
  function mayPing(web: WebContext): boolean {
    return web.viewer?.impersonatorId == null
  }

  async function acceptPings(
    request: Request,
    web: WebContext,
    pings: readonly Ping[],
  ): Promise<Acknowledgement> {
    if (!mayPing(web)) throw new HttpProblem(403, BORROWED_EYES)
    // Whom the fleet knows at work need not be looked up, call by call.
    const driverId = deps.fleet.driverAtWork(actingCompany(web), requireViewer(web).identityId)
    const known = driverId === undefined ? undefined : door.takeAtOnce(driverId, pings)
    if (driverId !== undefined && known !== undefined) {
      passes.give(request, web, driverId)
      return known
    }
    const taken = await door.take(await ownDriver(web), web.db, pings)
    if (taken === null) throw new HttpProblem(409, OFF_SHIFT)
    return taken
  }

  /**
   * What a socket is about, looked up before the upgrade: a refusal still has a status there, and from then on
   * nothing is awaited until the socket is known, so that no message and no closing is missed.
   */
  const admitted = new WeakMap<Request, FollowedRide | LoadedDriver>()
  function admittedTo(request: Request): FollowedRide | LoadedDriver {
    const about = admitted.get(request)
    assert(about !== undefined, 'a socket opens after it was admitted')
    return about
  }
  /** How to close the page of each open socket. */
  const openPages = new WeakMap<object, () => void>()

  return new Elysia({ name: 'tracking' })
    .use(deps.shell)
    .get(
      '/rides/:id',
      async ({ request, web, params }) => {
        const { ride, place } = await followedRide(request, web, params.id)
        const ctx = pageContext(deps, { request, web, place, live: `/live/rides/${ride.id}` })
        const trail = ride.boarded_at === null ? [] : await drivenWay(web.db, ride.company_id, ride.id)
        const ways = await waysOf(deps, ride, trail)
        return htmlResponse(String(ridePage(ctx, await riderPageProps(on(web), ride), ways)))
      },
      { params: rideParams },
    )
    .get(
      '/api/v1/rides/:id',
      async ({ request, web, params }) => {
        const { ride } = await followedRide(request, web, params.id)
        return jsonResponse(followedRideJson(await stateOfRide(on(web), ride)))
      },
      { params: rideParams },
    )
    .ws('/live/rides/:id', {
      params: rideParams,
      async beforeHandle({ web, request, params }) {
        admitted.set(request, await followedRide(request, web, params.id))
      },
      async open(ws) {
        const { web, request } = ws.data
        const viewer = requireViewer(web)
        const { ride, place } = admittedTo(request) as FollowedRide
        const topicOwner = { identityId: viewer.identityId, sessionId: viewer.sessionId, topics: [] }
        if (!sockets.add(ws, topicOwner)) return
        const ctx = pageContext(deps, { request, web, place, live: `/live/rides/${ride.id}` })
        const load = () => findRide(web.db, ride.company_id, ride.id)
        let isOver = false
        const page: RidePage = {
          send: (message) => void ws.send(message),
          isOver: () => isOver,
          async draw() {
            const now = await load()
            isOver = now === undefined || isEnded(now.state)
            return now === undefined ? null : rideStatus(ctx, await riderPageProps(on(web), now))
          },
          async car() {
            const now = await load()
            return now === undefined ? null : carMessage(deps, now)
          },
        }
        openPages.set(ws.raw, tracking.rides.add(ride.id, page))
        await sockets.orClose(ws, showRide(page))
      },
      close(ws) {
        openPages.get(ws.raw)?.()
        sockets.remove(ws)
      },
    })
    .get(
      '/driver',
      async ({ request, web, query }) => {
        const driver = await ownDriver(web)
        const place = placeOfDriver(driver)
        const ctx = pageContext(deps, { request, web, place, live: '/live/driver' })
        const night = isNight(place.region.center, deps.clock.nowMs())
        const notice = query.told === undefined ? undefined : wordsFor(query.told, query.ago)
        const props = await driverPageProps(on(web), driver, { notice, seenRideId: query.seen })
        return htmlResponse(String(driverPage(ctx, props, { isNight: night })))
      },
      { query: driverQuery },
    )
    .get('/driver/earnings', async ({ request, web }) => {
      const driver = await ownDriver(web)
      const place = placeOfDriver(driver)
      const ctx = pageContext(deps, { request, web, place })
      const night = isNight(place.region.center, deps.clock.nowMs())
      return htmlResponse(
        String(earningsPage(ctx, await earningsPageProps(on(web), driver), { isNight: night })),
      )
    })
    .get('/api/v1/driver', async ({ web }) =>
      jsonResponse(driverJson(await stateOfDriver(on(web), await ownDriver(web)))),
    )
    .post(
      PINGS_PATH,
      async ({ request, web, body }) => jsonResponse(await acceptPings(request, web, body.pings)),
      { body: pingBatchShape },
    )
    .ws('/live/driver', {
      query: z.object({ format: z.enum(['html', 'json']).default('html') }),
      async beforeHandle({ web, request }) {
        admitted.set(request, await ownDriver(web))
      },
      async open(ws) {
        const { web, request, query } = ws.data
        const viewer = requireViewer(web)
        const driver = admittedTo(request) as LoadedDriver
        const send = (text: string) => void ws.raw.sendText(text)
        const receive = mayPing(web)
          ? door.connect({ driver, db: web.db, send })
          : () => send(JSON.stringify({ type: 'refused', detail: BORROWED_EYES }))
        const owner = {
          identityId: viewer.identityId,
          sessionId: viewer.sessionId,
          topics: [],
          receive,
        }
        if (!sockets.add(ws, owner)) return
        const place = placeOfDriver(driver)
        const ctx = pageContext(deps, { request, web, place, live: '/live/driver' })
        const page: DriverPage = {
          regionId: place.region.id,
          send: (message) => void ws.send(message),
          async draw() {
            const fresh = await driverOfIdentity(web.db, driver.company_id, driver.identity_id)
            if (fresh === undefined) return null
            if (query.format === 'json')
              return JSON.stringify({ type: 'driver', ...driverJson(await stateOfDriver(on(web), fresh)) })
            return String(driverMain(ctx, await driverPageProps(on(web), fresh)))
          },
        }
        openPages.set(ws.raw, tracking.drivers.add(driver.id, page))
        await sockets.orClose(ws, showDriver(page, deps.hexesOf(place.region.id)))
      },
      close(ws) {
        openPages.get(ws.raw)?.()
        sockets.remove(ws)
      },
    })
}

async function showRide(page: RidePage): Promise<void> {
  const fragment = await page.draw()
  if (fragment !== null) page.send(String(fragment))
  const car = await page.car()
  if (car !== null) page.send(car)
}

async function showDriver(page: DriverPage, hexes: string | null): Promise<void> {
  const message = await page.draw()
  if (message !== null) page.send(message)
  if (hexes !== null) page.send(hexes)
}
