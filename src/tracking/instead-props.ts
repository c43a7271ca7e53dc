/** The other car a search is offered, as the rider's page draws it. */
import type { InsteadProps } from '../../views/rides/instead.ts'
import { travel } from '../engine/eta.ts'
import { insteadOf } from '../rides/instead.ts'
import type { LoadedRide } from '../rides/rides.ts'
import { travelIn } from '../roads/roads.ts'
import { type FollowDeps, regionOf } from './pages.ts'

/** As far as prices look for a car (`app.ts`). */
const REACH_M = 8_000

export async function insteadProps(
  deps: FollowDeps,
  ride: LoadedRide,
  nowMs: number,
): Promise<InsteadProps | null> {
  const region = regionOf(deps.companies, ride)
  const at = { lat: ride.pickup_lat, lng: ride.pickup_lng }
  const found = await insteadOf(deps.db, ride, {
    nowMs,
    etaS({ class: vehicleClass, seats, attributes }) {
      const wanted = { vehicleClass, seats, attributes, maxM: REACH_M }
      const car = deps.fleet.nearestFree(region.id, at, wanted)
      return car === null ? null : travel(car, at, travelIn(deps, region)).durationS
    },
  })
  if (found === null) return null
  const { quote, etaS } = found
  return {
    ...{ rideId: ride.id, quoteId: quote.id, class: quote.class, etaS },
    ...{ fareMinor: quote.fare_minor, currency: quote.currency },
    arriveAtMs: nowMs + (etaS + quote.duration_s) * 1_000,
    key: deps.random.uuid(),
  }
}
