/** Whom a road engine should be asked about: the nearest cars of the rides that wait longest. Pure. */
import { CandidateSearch, type Situation } from './candidates.ts'
import type { LatLng } from './units.ts'

/** From each of these cars' places to one pickup. */
export interface ShortList {
  readonly pickup: LatLng
  readonly cars: readonly LatLng[]
}

const NOBODY: ReadonlySet<number> = new Set()

/**
 * The cars nearest to each waiting ride by what is known without asking, in the order of the requests; rides without a
 * car in reach are left out.
 * @param most.carsARide how many cars of each ride; farther ones are rarely the ones chosen
 * @param most.rides the oldest of them
 */
export function shortLists(
  situation: Situation,
  most: { readonly carsARide: number; readonly rides: number },
): ShortList[] {
  const search = new CandidateSearch(situation, Math.min(most.carsARide, situation.policy.candidates))
  return situation.waiting
    .toSorted((a, b) => a.requestedAtMs - b.requestedAtMs)
    .slice(0, most.rides)
    .map((ride) => ({
      pickup: ride.pickup,
      cars: search.of(ride, NOBODY).map((candidate) => search.placeOf(candidate)),
    }))
    .filter(({ cars }) => cars.length > 0)
}

/** Tells pairs of points apart to the last digit: a car that moved meanwhile is another point. */
export function pairKey(from: LatLng, to: LatLng): string {
  return `${from.lat} ${from.lng} ${to.lat} ${to.lng}`
}
