/** Others follow a ride by a link: who rides opens and ends it, and whoever has it sees the car, but no person. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import {
  type SharedRideProps,
  sharedRidePage,
  sharedRideStatus,
  shareEndedPage,
} from '../../views/rides/shared-ride.ts'
import { pageContext } from '../companies/page-context.ts'
import { wayLeft } from '../dispatch/rider-state.ts'
import { findVehicle } from '../drivers/drivers.ts'
import { isEnded } from '../engine/ride.ts'
import { assert, type LatLng } from '../engine/units.ts'
import type { Limits } from '../io/limits.ts'
import type { Db } from '../io/postgres.ts'
import type { Sockets } from '../io/sockets.ts'
import type { Holder, StreamedPage, Streams } from '../io/streams.ts'
import { nearestArea } from '../places/places.ts'
import { refusalProblem } from '../rides/refusals.ts'
import type { LoadedRide } from '../rides/rides.ts'
import { vehicleWords } from '../rides/routes.ts'
import { rideParams } from '../rides/shapes.ts'
import { endShare, openShare, rideSharedBy, shareOf } from '../rides/shares.ts'
import { type ActDeps, act } from '../web/act.ts'
import { htmlResponse, jsonResponse, type ToPage, type WebContext } from '../web/context.ts'
import { comingShape, pollResponse } from '../web/live.ts'
import { notThere, tooMany } from '../web/problem.ts'
import { carPart } from './car-part.ts'
import { followedRide } from './followed.ts'
import { regionOf } from './pages.ts'
import type { RidePage } from './push.ts'
import type { TrackingRouteDeps } from './routes.ts'
import { shareUrl } from './share-props.ts'

export interface ShareRouteDeps extends TrackingRouteDeps, ActDeps {
  readonly sockets: Sockets
  readonly streams: Streams
  /** Sees every ride: who has the link need not be anybody. */
  readonly db: Db
  readonly limits: Limits
  readonly toPage: ToPage
}

/** Any text, so that one that cannot be a token gets the answer of one that is none. */
const tokenParams = z.object({ token: z.string().max(200) })
const keyOnly = z.strictObject({ key: z.string().max(128).optional() })

/** What goes with an address that is the right to what it shows: it is told to nobody, and found by nobody. */
const SECRET_HEADERS = { 'referrer-policy': 'no-referrer', 'x-robots-tag': 'noindex, nofollow, noarchive' }

interface Asking {
  readonly request: Request
  readonly web: WebContext
}
interface Asked extends Asking {
  readonly body: unknown
}

export function shareRoutes(deps: ShareRouteDeps) {
  const { db, config, random } = deps
  const secrets = config.sessionSecrets

  async function open(asked: Asked, rideId: string): Promise<Response> {
    const path = `/rides/${rideId}`
    const answer = await act(deps, { ...asked, route: `POST ${path}/share` }, async (unit, viewer) => {
      const { ride } = await followedRide(deps, asked.request, { ...asked.web, db: unit.db }, rideId)
      const opened = await openShare(unit, { random, secrets }, { ride, identityId: viewer.identityId })
      if (!opened.ok) throw refusalProblem(opened.reason)
      // Without the link: answers are kept with their keys, and the token is kept nowhere.
      return { location: `${path}#share`, json: { isOpen: true } }
    })
    if (!asked.web.wantsJson || !answer.ok) return answer
    const { ride } = await followedRide(deps, asked.request, asked.web, rideId)
    return jsonResponse({ url: shareUrl(config, await shareOf(asked.web.db, secrets, ride)) })
  }

  function end(asked: Asked, rideId: string): Promise<Response> {
    const path = `/rides/${rideId}`
    return act(deps, { ...asked, route: `POST ${path}/share/end` }, async (unit) => {
      const { ride } = await followedRide(deps, asked.request, { ...asked.web, db: unit.db }, rideId)
      await endShare(unit, ride)
      return { location: `${path}#share`, json: { isOpen: false } }
    })
  }

  /** The ride behind a token, once the address may ask; undefined where there is none to show. */
  async function shared(web: WebContext, token: string): Promise<LoadedRide | undefined> {
    const taken = await deps.limits.take('shares_address', web.address)
    if (!taken.allowed) throw tooMany(taken.retryAfterS)
    return rideSharedBy(db, token)
  }

  function contextOf({ request, web }: Asking, ride: LoadedRide, token: string) {
    const company = deps.companies.company(ride.company_id)
    assert(company !== undefined, 'every ride belongs to a company we know')
    // Nobody's page: whoever opens it is not named on it.
    const nobodys = { ...web, viewer: null, csrf: () => '' }
    return pageContext(deps, {
      ...{ request, web: nobodys, place: { company, region: regionOf(deps.companies, ride) } },
      live: `/s/${token}/live`,
    })
  }

  async function areaOf(point: LatLng): Promise<string | null> {
    return (await nearestArea(db, point))?.name ?? null
  }

  async function propsOf(ride: LoadedRide): Promise<SharedRideProps> {
    const region = regionOf(deps.companies, ride)
    const [fromArea, toArea, vehicle] = await Promise.all([
      areaOf({ lat: ride.pickup_lat, lng: ride.pickup_lng }),
      areaOf({ lat: ride.dropoff_lat, lng: ride.dropoff_lng }),
      ride.vehicle_id === null ? undefined : findVehicle(db, ride.company_id, ride.vehicle_id),
    ])
    const { car, etaS } = wayLeft(deps, ride, region)
    return {
      ...{ state: ride.state, nowMs: Math.floor(deps.clock.nowMs()), fromArea, toArea, etaS, car },
      center: region.center,
      vehicle:
        vehicle === undefined
          ? null
          : { words: vehicleWords(vehicle.colour, vehicle.make_model), plate: vehicle.plate },
    }
  }

  /** Whoever has the link: counted together, each page with a stream of its own, which the token alone opens. */
  const holderOf = (ride: LoadedRide): Holder => ({
    ...{ identityId: `share ${ride.id}`, sessionId: null, about: `shared ride ${ride.id}` },
  })

  /** The ride a socket is about, looked up before the upgrade: a refusal still has a status there. */
  const admitted = new WeakMap<Request, LoadedRide>()

  /** A page that closes for good once its link or its ride has ended: each drawing asks the token anew. */
  function asPage(asking: Asking, token: string, ride: LoadedRide): StreamedPage {
    const ctx = contextOf(asking, ride, token)
    let now: LoadedRide | undefined = ride
    let close = () => {}
    return {
      parts: [
        {
          name: 'status',
          async make() {
            now = await rideSharedBy(db, token)
            if (now !== undefined) return { text: String(sharedRideStatus(ctx, await propsOf(now))) }
            close()
            return null
          },
        },
        carPart(deps, () => now, { forRider: false }),
      ],
      follow(stream) {
        close = () => deps.streams.endStream(stream)
        stream.onReady = () => deps.tracking.due(stream)
        const page: RidePage = {
          ...{ stream, carAtMs: deps.clock.nowMs(), redrawnAtMs: deps.clock.nowMs() },
          isOver: () => now === undefined || isEnded(now.state),
        }
        return deps.tracking.rides.add(ride.id, page)
      },
    }
  }

  function secret(answer: Response): Response {
    for (const [name, value] of Object.entries(SECRET_HEADERS)) answer.headers.set(name, value)
    return answer
  }

  /** The same for a link that was ended, whose ride ended, and that never was. */
  function ended(request: Request, web: WebContext): Response {
    if (web.wantsJson) return secret(jsonResponse({ hasEnded: true }, 404))
    const ctx = deps.toPage({ ...web, viewer: null, csrf: () => '' }, request)
    return secret(htmlResponse(String(shareEndedPage(ctx)), 404))
  }

  return new Elysia({ name: 'shares' })
    .use(deps.shell)
    .post('/rides/:id/share', ({ request, web, params, body }) => open({ request, web, body }, params.id), {
      params: rideParams,
      body: keyOnly,
    })
    .post(
      '/rides/:id/share/end',
      ({ request, web, params, body }) => end({ request, web, body }, params.id),
      {
        params: rideParams,
        body: keyOnly,
      },
    )
    .get(
      '/s/:token',
      async ({ request, web, params }) => {
        const ride = await shared(web, params.token)
        if (ride === undefined) return ended(request, web)
        const ctx = contextOf({ request, web }, ride, params.token)
        return secret(htmlResponse(String(sharedRidePage(ctx, await propsOf(ride)))))
      },
      { params: tokenParams },
    )
    .ws('/s/:token/live', {
      params: tokenParams,
      query: comingShape,
      async beforeHandle({ web, request, params }) {
        const ride = await shared(web, params.token)
        if (ride === undefined) throw notThere()
        admitted.set(request, ride)
      },
      async open(ws) {
        const { web, request, params, query } = ws.data
        const ride = admitted.get(request)
        assert(ride !== undefined, 'a socket opens after it was admitted')
        const page = () => asPage({ web, request }, params.token, ride)
        await deps.streams.open(ws, holderOf(ride), query, { page })
      },
      close: (ws) => deps.sockets.remove(ws),
    })
    .get(
      '/s/:token/live',
      async ({ request, web, params, query }) => {
        const ride = await shared(web, params.token)
        if (ride === undefined) throw notThere()
        const page = () => asPage({ web, request }, params.token, ride)
        return secret(await pollResponse(deps.streams, holderOf(ride), query, { page, request }))
      },
      { params: tokenParams, query: comingShape },
    )
}
