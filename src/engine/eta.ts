/**
 * Travel time and distance of a leg where no road engine answers: great circle x circuity over a speed, corrected by
 * what was learned from the region's own rides where there are any.
 */

import type { Leg } from './fare.ts'
import { distanceM } from './geo.ts'
import type { LearnedSpeeds, WeekHour } from './speeds.ts'
import type { LatLng } from './units.ts'

export interface TravelModel {
  /** Road length over great circle; 1.2 to 1.4 in gridded cities. */
  readonly circuity: number
  readonly speedMps: number
  /** What rides told, and the hour it is asked for; left out, the two numbers above are all that is known. */
  readonly learned?: { readonly speeds: LearnedSpeeds; readonly when: WeekHour }
}

/**
 * 1.3 and 6.5 m/s (23 km/h, stops included) are 0.20 s a straight metre: close to what the cabs of San Francisco and
 * New York drove in the public records of 2008 and 2013. Learned speeds replace them region by region.
 */
export const DEFAULT_TRAVEL: TravelModel = { circuity: 1.3, speedMps: 6.5 }

/** The leg between two points by the model: road metres and seconds. */
export function travel(from: LatLng, to: LatLng, model: TravelModel = DEFAULT_TRAVEL): Leg {
  const expected = travelOver(distanceM(from, to), model)
  const { learned } = model
  if (learned === undefined || expected.distanceM === 0) return expected
  return learned.speeds.leg(from, to, expected, learned.when)
}

/** What is expected of a straight distance that is already known, whatever was learned of the ends. */
export function travelOver(straightM: number, model: TravelModel = DEFAULT_TRAVEL): Leg {
  const roadM = straightM * model.circuity
  return { distanceM: roadM, durationS: roadM / model.speedMps }
}
