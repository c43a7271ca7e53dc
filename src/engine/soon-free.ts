/** Drivers with a rider on board who will let them out soon, and near: candidates for who waits there. Pure. */
import type { FleetIndex, Handle } from './fleet-index.ts'

/** Who is about to be free, where and when; the matcher reads it beside the free. */
export interface SoonFree {
  /** Drivers with a rider on board, each at the drop-off. Available are those that may be given another ride. */
  readonly index: FleetIndex
  /** Seconds until the driver's rider is at the drop-off, by handle in `index`. */
  readonly leftS: (handle: Handle) => number
}

/** Seconds until the first of them is free; infinite where nobody will be. Looks at each of them once. */
export function soonestS({ index, leftS }: SoonFree): number {
  let soonest = Number.POSITIVE_INFINITY
  for (const handle of index.available()) soonest = Math.min(soonest, leftS(handle))
  return soonest
}

/**
 * Seconds until a rider on board is at the drop-off. What is left of the road counts where the car is seen, the clock
 * where it is not. A ride that lasts longer than planned is trusted less with every second over: who is late by a minute
 * is taken to need another one, so that nobody waits for long for a car that stands in a jam or whose driver forgot to
 * end the ride.
 * @param of.plannedS how long the ride was to take
 * @param of.elapsedS since the rider got in
 * @param of.roadLeftS from where the car is now to the drop-off; null while nobody knows where it is
 */
export function secondsLeft(of: {
  readonly plannedS: number
  readonly elapsedS: number
  readonly roadLeftS: number | null
}): number {
  const byClockS = of.plannedS - of.elapsedS
  const overS = Math.max(0, -byClockS)
  return Math.max(0, of.roadLeftS ?? byClockS) + overS
}
