/** What the cars of a replay drive on: how far and how long from one place to another, and where one is meanwhile. */
import { DEFAULT_TRAVEL, type TravelModel, travelOver } from '../engine/eta.ts'
import type { Leg } from '../engine/fare.ts'
import { distanceM } from '../engine/geo.ts'
import type { LatLng } from '../engine/units.ts'

export interface Ground {
  /**
   * Road metres and seconds of the way between two places.
   * @param straightM the straight distance where the caller knows it already
   */
  leg(from: LatLng, to: LatLng, straightM?: number): Leg
  /** Where a car is after `share` (0 to 1) of that way's time. */
  along(from: LatLng, to: LatLng, share: number): LatLng
  /** No car covers a straight metre in less; for search radii. */
  readonly leastSPerM: number
}

/** Straight lines times a detour, at one speed everywhere. */
export function plainGround(model: TravelModel = DEFAULT_TRAVEL): Ground {
  return {
    leg: (from, to, straightM = distanceM(from, to)) => travelOver(straightM, model),
    // Straight in degrees, which over a city is straight enough.
    along: (from, to, share) => ({
      lat: from.lat + share * (to.lat - from.lat),
      lng: from.lng + share * (to.lng - from.lng),
    }),
    leastSPerM: model.circuity / model.speedMps,
  }
}
