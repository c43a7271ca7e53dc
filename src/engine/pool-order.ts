/** Every order of a handful of stops, and the cheapest that keeps every promise. */

import {
  arrivalsS,
  costOf,
  DEFAULT_POOL_WEIGHTS,
  type Insertion,
  limitOf,
  type PoolRequest,
  type PoolWeights,
  type Run,
  type Stop,
  seatsOnBoard,
  settled,
  stopsOf,
  type TravelS,
} from './run.ts'
import { assert } from './units.ts'

/**
 * The cheapest order of all stops of a run with `requests` added, by depth-first search with bounds; for a handful of
 * riders only. The run's own order wins ties.
 * @param known an answer already at hand, which is returned only if it is beaten: null says it was not
 */
export function bestOrder<P>(
  run: Run<P>,
  requests: readonly PoolRequest<P>[],
  travelS: TravelS<P>,
  weights: PoolWeights = DEFAULT_POOL_WEIGHTS,
  known: { readonly costS: number } | null = null,
): Insertion<P> | null {
  const arrival = arrivalsS(run, travelS)
  const stops = [...run.stops, ...requests.flatMap(stopsOf)]
  const n = stops.length
  assert(n < 31, 'all orders are tried of a handful of stops only')
  const limits = stops.map((stop, k) => limitOf(stop, arrival[k] ?? stop.latestS))
  const before = pickupsOf(stops)
  // The search counts everybody's seconds from the run's start; who is new counts theirs from their request.
  const waitedS = requests.reduce((sum, request) => sum + run.fromAtS - request.requestedAtS, 0)
  const baseS = costOf(run, arrival, weights) - weights.rider * waitedS
  const legS = stops.map((from) => stops.map((to) => travelS(from.at, to.at)))
  const firstS = stops.map((stop) => travelS(run.from, stop.at))
  const order: number[] = []
  let bestOrdered: number[] | null = null
  // A margin, so that the same seconds summed in another order are no improvement.
  let bestCostS = known === null ? Number.POSITIVE_INFINITY : known.costS + baseS - 1e-6
  let bestDriveS = 0

  const go = (done: number, last: number, atS: number, load: number, arrivedS: number): void => {
    if (order.length === n) {
      const driveS = atS - run.fromAtS
      const costS = weights.drive * driveS + weights.rider * arrivedS
      if (costS < bestCostS) {
        bestCostS = costS
        bestDriveS = driveS
        bestOrdered = order.slice()
      }
      return
    }
    // Whoever is not there yet arrives no earlier than now, and no leg takes less than nothing.
    const dropsLeft = dropoffsLeft(stops, done)
    const leastS = weights.rider * (arrivedS + dropsLeft * (atS - run.fromAtS))
    if (weights.drive * (atS - run.fromAtS) + leastS >= bestCostS) return
    for (let k = 0; k < n; k++) if ((done & (1 << k)) === 0 && atS > limits[k]!) return
    for (let k = 0; k < n; k++) {
      if ((done & (1 << k)) !== 0) continue
      const stop = stops[k]!
      if (stop.kind === 'dropoff' && before[k]! >= 0 && (done & (1 << before[k]!)) === 0) continue
      if (stop.kind === 'pickup' && load + stop.seats > run.capacity) continue
      const thereS = atS + (last < 0 ? firstS[k]! : legS[last]![k]!)
      if (thereS > limits[k]!) continue
      order.push(k)
      if (stop.kind === 'pickup') go(done | (1 << k), k, thereS, load + stop.seats, arrivedS)
      else go(done | (1 << k), k, thereS, load - stop.seats, arrivedS + thereS - run.fromAtS)
      order.pop()
    }
  }
  go(0, -1, run.fromAtS, seatsOnBoard(run.stops), 0)
  const found = bestOrdered as number[] | null
  if (found === null) return null
  const oldDriveS = (arrival.at(-1) ?? run.fromAtS) - run.fromAtS
  return settled(
    run,
    found.map((k) => stops[k]!),
    travelS,
    { costS: bestCostS - baseS, driveS: bestDriveS - oldDriveS, rideId: requests.at(-1)?.rideId },
  )
}

/** For each drop-off the place of its pickup, -1 for who is on board already. */
function pickupsOf(stops: readonly Stop<unknown>[]): number[] {
  return stops.map(({ kind, rideId }) =>
    kind === 'pickup' ? -1 : stops.findIndex((other) => other.kind === 'pickup' && other.rideId === rideId),
  )
}

function dropoffsLeft(stops: readonly Stop<unknown>[], done: number): number {
  let left = 0
  for (let k = 0; k < stops.length; k++) if ((done & (1 << k)) === 0 && stops[k]!.kind === 'dropoff') left++
  return left
}
