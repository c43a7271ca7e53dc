/** One leg by way of several places: the sum of the legs between them. */
import type { Region } from '../companies/companies.ts'
import { type TravelModel, travel } from '../engine/eta.ts'
import type { Leg } from '../engine/fare.ts'
import type { LatLng } from '../engine/units.ts'
import type { Roads } from '../roads/roads.ts'
import type { RoadLeg } from './quotes.ts'

/** By a model alone. @param places two or more, in order */
export function travelThrough(places: readonly LatLng[], model: TravelModel): Leg {
  return sumOf(between(places).map(([from, to]) => travel(from, to, model)))
}

/**
 * As the roads say; each leg is asked at once with the others, so that it takes as long as the slowest.
 * @param places two or more, in order
 * @param atMs when it is driven, if not now
 */
export async function legThrough(
  roads: Pick<Roads, 'leg'>,
  region: Region,
  places: readonly LatLng[],
  atMs?: number,
): Promise<RoadLeg> {
  const legs = await Promise.all(between(places).map(([from, to]) => roads.leg(region, { from, to, atMs })))
  // A line with a straight piece in it: zones are looked for along the whole of it.
  const isKnown = legs.some(({ way }) => way !== undefined)
  const way = legs.flatMap((leg, n) => leg.way ?? [places[n]!, places[n + 1]!])
  return { ...sumOf(legs), ...(isKnown && { way }) }
}

function between(places: readonly LatLng[]): [from: LatLng, to: LatLng][] {
  return places.slice(1).map((to, n) => [places[n]!, to])
}

function sumOf(legs: readonly Leg[]): Leg {
  return legs.reduce((sum, leg) => ({
    distanceM: sum.distanceM + leg.distanceM,
    durationS: sum.durationS + leg.durationS,
  }))
}
