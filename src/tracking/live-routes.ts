/**
 * The live halves of the rider's and the driver's page: the same address as a socket, and by GET for whom sockets do
 * not reach, with the same rights asked each time.
 */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { driverMain } from '../../views/drivers/main.ts'
import { rideStatus } from '../../views/rides/ride.ts'
import { pageContext } from '../companies/page-context.ts'
import { driverOfIdentity, type LoadedDriver } from '../drivers/drivers.ts'
import { isEnded } from '../engine/ride.ts'
import { assert } from '../engine/units.ts'
import type { Db } from '../io/postgres.ts'
import type { Sockets } from '../io/sockets.ts'
import type { StreamedPage, Streams } from '../io/streams.ts'
import { findRide } from '../rides/rides.ts'
import { rideParams } from '../rides/shapes.ts'
import { requireViewer, type WebContext } from '../web/context.ts'
import { comingShape, holderOf, pollResponse } from '../web/live.ts'
import { carPart } from './car-part.ts'
import {
  BORROWED_EYES,
  type FollowedRide,
  followedRide,
  mayPing,
  ownDriver,
  placeOfDriver,
} from './followed.ts'
import { driverJson, driverPageProps, riderPageProps, stateOfDriver } from './pages.ts'
import type { RidePage } from './push.ts'
import type { TrackingRouteDeps } from './routes.ts'

export interface LiveRouteDeps extends TrackingRouteDeps {
  readonly sockets: Sockets
  readonly streams: Streams
}

const driverComing = comingShape.extend({ format: z.enum(['html', 'json']).default('html') })

export function liveRoutes(deps: LiveRouteDeps) {
  const { sockets, streams, tracking, door } = deps
  /** To draw a page over one connection: it tells whose request it is once, and leaves the others to others. */
  const drawn = <T>(
    web: WebContext,
    draw: (on: typeof deps & { readonly db: Db }) => Promise<T>,
  ): Promise<T> => web.db.connection().execute((db) => draw({ ...deps, db }))

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

  function rideAsPage(request: Request, web: WebContext, { ride, place }: FollowedRide): StreamedPage {
    const ctx = pageContext(deps, { request, web, place, live: `/live/rides/${ride.id}` })
    /** As it was last drawn: every change of it is drawn before the car is sent again. */
    let now: typeof ride | undefined = ride
    return {
      parts: [
        {
          name: 'status',
          make: () =>
            drawn(web, async (on) => {
              now = await findRide(on.db, ride.company_id, ride.id)
              return now === undefined
                ? null
                : { text: String(rideStatus(ctx, await riderPageProps(on, now))) }
            }),
        },
        carPart(deps, () => now, { forRider: true }),
      ],
      follow(stream) {
        stream.onReady = () => tracking.due(stream)
        const page: RidePage = {
          ...{ stream, carAtMs: deps.clock.nowMs(), redrawnAtMs: deps.clock.nowMs() },
          isOver: () => now === undefined || isEnded(now.state),
        }
        return tracking.rides.add(ride.id, page)
      },
    }
  }

  function driverAsPage(
    request: Request,
    web: WebContext,
    driver: LoadedDriver,
    format: 'html' | 'json',
  ): StreamedPage {
    const place = placeOfDriver(deps, driver)
    const ctx = pageContext(deps, { request, web, place, live: '/live/driver' })
    return {
      parts: [
        {
          name: 'main',
          make: () =>
            drawn(web, async (on) => {
              const fresh = await driverOfIdentity(on.db, driver.company_id, driver.identity_id)
              if (fresh === undefined) return null
              if (format === 'json')
                return {
                  text: JSON.stringify({ type: 'driver', ...driverJson(await stateOfDriver(on, fresh)) }),
                }
              const { sessionId } = requireViewer(web)
              return { text: String(driverMain(ctx, await driverPageProps(on, fresh, { sessionId }))) }
            }),
        },
        {
          name: 'hexes',
          make() {
            const text = deps.hexesOf(place.region.id)
            return text === null ? null : { text }
          },
        },
      ],
      follow(stream) {
        stream.onReady = () => tracking.due(stream)
        return tracking.drivers.add(driver.id, { stream, regionId: place.region.id })
      },
    }
  }

  return new Elysia({ name: 'live' })
    .use(deps.shell)
    .ws('/live/rides/:id', {
      params: rideParams,
      query: comingShape,
      async beforeHandle({ web, request, params }) {
        admitted.set(request, await followedRide(deps, request, web, params.id))
      },
      async open(ws) {
        const { web, request, query } = ws.data
        const followed = admittedTo(request) as FollowedRide
        const page = () => rideAsPage(request, web, followed)
        await streams.open(ws, holderOf(web, `ride ${followed.ride.id}`), query, { page })
      },
      close: (ws) => sockets.remove(ws),
    })
    .get(
      '/live/rides/:id',
      async ({ web, request, params, query }) => {
        const followed = await followedRide(deps, request, web, params.id)
        const page = () => rideAsPage(request, web, followed)
        return pollResponse(streams, holderOf(web, `ride ${followed.ride.id}`), query, { page, request })
      },
      { params: rideParams, query: comingShape },
    )
    .ws('/live/driver', {
      query: driverComing,
      async beforeHandle({ web, request }) {
        admitted.set(request, await ownDriver(web))
      },
      async open(ws) {
        const { web, request, query } = ws.data
        const driver = admittedTo(request) as LoadedDriver
        const send = (text: string) => void ws.raw.sendText(text)
        const receive = mayPing(web)
          ? door.connect({
              driver: {
                id: driver.id,
                company_id: driver.company_id,
                sessionId: requireViewer(web).sessionId,
              },
              ...{ db: web.db, send },
            })
          : () => send(JSON.stringify({ type: 'refused', detail: BORROWED_EYES }))
        const page = () => driverAsPage(request, web, driver, query.format)
        const holder = holderOf(web, `driver ${driver.id} ${query.format}`)
        await streams.open(ws, holder, query, { page, receive })
      },
      close: (ws) => sockets.remove(ws),
    })
    .get(
      '/live/driver',
      async ({ web, request, query }) => {
        const driver = await ownDriver(web)
        const page = () => driverAsPage(request, web, driver, query.format)
        const holder = holderOf(web, `driver ${driver.id} ${query.format}`)
        return pollResponse(streams, holder, query, { page, request })
      },
      { query: driverComing },
    )
}
