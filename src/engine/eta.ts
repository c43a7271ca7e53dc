/** Travel time and distance of a leg where no road engine answers: great circle x circuity over a speed. */

import type { Leg } from './fare.ts'
import { distanceM } from './geo.ts'
import type { LatLng } from './units.ts'

export interface TravelModel {
  /** Road length over great circle; 1.2 to 1.4 in gridded cities. */
  readonly circuity: number
  readonly speedMps: number
}

/**
 * 1.3 and 6.5 m/s (23 km/h, stops included) are 0.20 s a straight metre: close to what the cabs of San Francisco and
 * New York drove in the public records of 2008 and 2013. Learned speeds replace them region by region.
 */
export const DEFAULT_TRAVEL: TravelModel = { circuity: 1.3, speedMps: 6.5 }

/** The leg between two points by the model: road metres and seconds. */
export function travel(from: LatLng, to: LatLng, model: TravelModel = DEFAULT_TRAVEL): Leg {
  return travelOver(distanceM(from, to), model)
}

/** The same for a straight-line distance that is already known, as the fleet index's answers are. */
export function travelOver(straightM: number, model: TravelModel = DEFAULT_TRAVEL): Leg {
  const roadM = straightM * model.circuity
  return { distanceM: roadM, durationS: roadM / model.speedMps }
}
