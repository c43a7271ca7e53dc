/** Whom a road engine should be asked about: the nearest cars of the rides that wait longest, as two lists of points. Pure. */
import { CandidateSearch, type Situation } from './candidates.ts'
import type { LatLng } from './units.ts'

/** From each of `from` to each of `to`. */
export interface ShortList {
  readonly from: readonly LatLng[]
  readonly to: readonly LatLng[]
}

/**
 * The cars nearest to each waiting ride, by what is known without asking, and the rides' pickups; rides are taken in
 * the order of their requests until a table of all of them would have more than `pairsMost` fields.
 * @param most.carsARide how many cars of each ride; farther ones are rarely the ones chosen
 */
export function shortList(
  situation: Situation,
  most: { readonly carsARide: number; readonly pairsMost: number },
): ShortList {
  const search = new CandidateSearch(situation, Math.min(most.carsARide, situation.policy.candidates))
  const from = new Map<string, LatLng>()
  const to = new Map<string, LatLng>()
  for (const ride of situation.waiting.toSorted((a, b) => a.requestedAtMs - b.requestedAtMs)) {
    const places = search.of(ride, NOBODY).map((candidate) => search.placeOf(candidate))
    if (places.length === 0) continue
    const added = places.filter((place) => !from.has(pointKey(place))).length
    const pickups = to.size + (to.has(pointKey(ride.pickup)) ? 0 : 1)
    if ((from.size + added) * pickups > most.pairsMost) break
    for (const place of places) from.set(pointKey(place), place)
    to.set(pointKey(ride.pickup), ride.pickup)
  }
  return { from: [...from.values()], to: [...to.values()] }
}

const NOBODY: ReadonlySet<number> = new Set()

/** Tells points apart to the last digit: a car that moved meanwhile is another point. */
export function pointKey({ lat, lng }: LatLng): string {
  return `${lat} ${lng}`
}
