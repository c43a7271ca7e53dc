/** Who asks when, and where the cars start: the same for every policy of one seed. */
import { type LatLng, type RandomFn, seededRandom } from '../engine/units.ts'
import { inOrder, type RecordedRide } from './recorded.ts'

export interface LineUp {
  /** In the order of the requests. */
  readonly rides: readonly RecordedRide[]
  /** One place a car: the pickups of random requests. */
  readonly starts: readonly LatLng[]
  /** For whatever is left to chance on the way. */
  readonly random: RandomFn
}

export function lineUp(recorded: readonly RecordedRide[], fleet: number, seed: number): LineUp {
  // One generator a purpose, so that one policy's draws do not shift the requests or the starts of the other.
  const [stamps, places, random] = [0, 1, 2].map((n) => seededRandom(seed * 3 + n)) as [
    RandomFn,
    RandomFn,
    RandomFn,
  ]
  const rides = inOrder(recorded, stamps)
  const starts = Array.from({ length: fleet }, () => rides[Math.floor(places() * rides.length)]!.pickup)
  return { rides, starts, random }
}
