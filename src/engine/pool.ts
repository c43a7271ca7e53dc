/**
 * Where one more rider fits into a car's run: the cheapest place for a pickup and a drop-off that keeps every promise.
 *
 * A run is ordered stops. Nobody waits at a stop, so a detour of δ seconds delays everything after it by δ, and how
 * much delay each place bears (its slack) is known before a place is tried: all places cost O(n²) for n stops, each in
 * O(1). The heuristic is from J.-J. Jaw, A. Odoni, H. Psaraftis, N. Wilson, "A heuristic algorithm for the multi-vehicle
 * advance request dial-a-ride problem with time windows", Transportation Research B 20 (1986),
 * doi 10.1016/0191-2615(86)90020-2; slack times and constant-time checks as in Y. Tong et al., "A unified approach to
 * route planning for shared mobility", PVLDB 11 (2018), doi 10.14778/3236187.3236211.
 */
import { bestOrder } from './pool-order.ts'
import {
  arrivalsS,
  DEFAULT_POOL_WEIGHTS,
  type Insertion,
  limitOf,
  type PoolRequest,
  type PoolWeights,
  ROUNDING_S,
  type Run,
  type Stop,
  seatsOnBoard,
  settled,
  stopsOf,
  type TravelS,
} from './run.ts'

/** Up to so many riders all orders are tried; beyond, the others keep theirs (5 riders have 113,400 orders). */
export const REORDER_RIDERS_MAX = 4

/**
 * The cheapest feasible way to take one more rider along; small runs are re-ordered whole, large ones keep the order
 * of the others. Who is late already is not made later: their limit is then the arrival as planned.
 * @returns null where seats or somebody's promise forbid it
 */
export function insertRider<P>(
  run: Run<P>,
  request: PoolRequest<P>,
  travelS: TravelS<P>,
  weights: PoolWeights = DEFAULT_POOL_WEIGHTS,
): Insertion<P> | null {
  const kept = insertKeepingOrder(run, request, travelS, weights)
  if (riders(run) + 1 > REORDER_RIDERS_MAX || run.stops.length < 2) return kept
  return bestOrder(run, [request], travelS, weights, kept) ?? kept
}

/** As `insertRider`, with the others' order kept whatever their number; O(n²) for n stops. */
export function insertKeepingOrder<P>(
  run: Run<P>,
  request: PoolRequest<P>,
  travelS: TravelS<P>,
  weights: PoolWeights = DEFAULT_POOL_WEIGHTS,
): Insertion<P> | null {
  const { stops, capacity } = run
  const n = stops.length
  const arrival = arrivalsS(run, travelS)
  const load = loadsAfter(stops)
  // slack[k]: how much everything from stop k on may be delayed; left[k]: riders who arrive at stop k or later.
  const slack = new Float64Array(n + 1)
  const left = new Int32Array(n + 1)
  slack[n] = Number.POSITIVE_INFINITY
  for (let k = n - 1; k >= 0; k--) {
    slack[k] = Math.min(slack[k + 1]!, Math.max(0, stops[k]!.latestS - arrival[k]!) + ROUNDING_S)
    left[k] = left[k + 1]! + (stops[k]!.kind === 'dropoff' ? 1 : 0)
  }
  const placeOf = (k: number): P => (k < 0 ? run.from : stops[k]!.at)
  const timeOf = (k: number): number => (k < 0 ? run.fromAtS : arrival[k]!)
  const directS = travelS(request.pickup, request.dropoff)
  let best: { i: number; j: number; costS: number; driveS: number } | null = null
  // The pickup goes before stop i, the drop-off before stop j of the old order (i = j: straight after the pickup).
  for (let i = 0; i <= n; i++) {
    if (timeOf(i - 1) > request.latestPickupS + ROUNDING_S) break
    if (load[i]! + request.seats > capacity) continue
    const toPickupS = travelS(placeOf(i - 1), request.pickup)
    const pickupAtS = timeOf(i - 1) + toPickupS
    if (pickupAtS > request.latestPickupS + ROUNDING_S) continue
    const oldLegS = i < n ? arrival[i]! - timeOf(i - 1) : 0
    const pickupDetourS = i < n ? toPickupS + travelS(request.pickup, stops[i]!.at) - oldLegS : toPickupS
    for (let j = i; j <= n; j++) {
      if (j > i) {
        // The rider is on board across stop j - 1, which is delayed by the pickup's detour.
        if (load[j]! + request.seats > capacity) break
        if (arrival[j - 1]! + pickupDetourS > limitOf(stops[j - 1]!, arrival[j - 1]!)) break
      }
      const dropoffAtS =
        j === i
          ? pickupAtS + directS
          : arrival[j - 1]! + pickupDetourS + travelS(stops[j - 1]!.at, request.dropoff)
      if (dropoffAtS > request.latestDropoffS + ROUNDING_S) continue
      const laterS = j < n ? dropoffAtS + travelS(request.dropoff, stops[j]!.at) - arrival[j]! : 0
      if (j < n && laterS > slack[j]!) continue
      const driveS = j < n ? laterS : dropoffAtS - timeOf(n - 1)
      const othersS = (left[i]! - left[j]!) * pickupDetourS + left[j]! * laterS
      const costS = weights.drive * driveS + weights.rider * (othersS + dropoffAtS - request.requestedAtS)
      if (best === null || costS < best.costS) best = { i, j, costS, driveS }
    }
  }
  if (best === null) return null
  const [pickup, dropoff] = stopsOf(request)
  const placed = [
    ...stops.slice(0, best.i),
    pickup,
    ...stops.slice(best.i, best.j),
    dropoff,
    ...stops.slice(best.j),
  ]
  return settled(run, placed, travelS, best)
}

/** `loads[k]` seats are taken between stop k - 1 and stop k; `loads[0]` when the run begins. */
function loadsAfter(stops: readonly Stop<unknown>[]): Int32Array {
  const loads = new Int32Array(stops.length + 1)
  loads[0] = seatsOnBoard(stops)
  for (let k = 0; k < stops.length; k++) {
    const { kind, seats } = stops[k]!
    loads[k + 1] = loads[k]! + (kind === 'pickup' ? seats : -seats)
  }
  return loads
}

function riders(run: Run<unknown>): number {
  let count = 0
  for (const stop of run.stops) if (stop.kind === 'dropoff') count++
  return count
}
