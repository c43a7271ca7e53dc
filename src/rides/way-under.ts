/** A ride whose way may be changed, and what its pages and its API both ask of it. */
import { type Place, placeOf } from '../companies/page-context.ts'
import type { LatLng, RideId } from '../engine/units.ts'
import type { LoadedQuote, QuotedPlace } from '../fares/quotes.ts'
import type { Geocoding } from '../places/places.ts'
import type { Fleet } from '../positions/fleet.ts'
import type { WebContext } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import { mayReach } from '../web/reach.ts'
import { refusalProblem } from './refusals.ts'
import { findRide, type LoadedRide, ridersThing } from './rides.ts'
import type { RideRouteDeps } from './routes.ts'
import { isReached, type LoadedStop, stopsOfRide } from './stops.ts'
import { noChangeOf } from './way-changes.ts'

export interface WayRouteDeps extends RideRouteDeps {
  readonly geocoding: Geocoding
  readonly fleet: Pick<Fleet, 'car'>
}

export interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

/** The ride, the company on whose pages it is, and where the car is to go as of now. */
export interface Under {
  readonly ride: LoadedRide
  readonly place: Place
  readonly stops: readonly LoadedStop[]
}

/** The viewer's own ride. @throws HttpProblem 404, or 409 for a ride that can go no other way */
export async function changeable(
  deps: Pick<RideRouteDeps, 'companies'>,
  { request, web }: Pick<Asked, 'request' | 'web'>,
  rideId: string,
): Promise<Under> {
  const place = placeOf(deps.companies, request)
  const ride = await findRide(web.db, place.company.id, rideId as RideId)
  if (ride === undefined || !mayReach(web, ridersThing(ride))) throw notThere()
  const hindrance = noChangeOf(ride)
  if (hindrance !== null) throw refusalProblem(hindrance)
  return { ride, place, stops: await stopsOfRide(web.db, ride.company_id, ride.id) }
}

export function aheadOf(stops: readonly LoadedStop[]): LoadedStop[] {
  return stops.filter((stop) => !isReached(stop))
}

export function stopOf({ lat, lng, label }: LoadedStop): QuotedPlace {
  return { lat, lng, label }
}

export function pickupOf(ride: LoadedRide): LatLng {
  return { lat: ride.pickup_lat, lng: ride.pickup_lng }
}

export function dropoffOf(of: Pick<LoadedRide | LoadedQuote, 'dropoff_lat' | 'dropoff_lng'>): LatLng {
  return { lat: of.dropoff_lat, lng: of.dropoff_lng }
}
