/** Several riders who wait, in one car that is empty: in which order it comes to them, if it can. */
import { bestOrder } from './pool-order.ts'
import { arrivalsS, type Insertion, type PoolRequest, type Stop, type TravelS } from './run.ts'
import { assert, ok, type Result, refuse } from './units.ts'

/** All orders of four riders are tried; five have 113,400. */
export const TOGETHER_MOST = 4

export interface Together<P> {
  /** Each with the instant at which the car is there, on the caller's clock, seconds. */
  readonly stops: readonly (Stop<P> & { readonly atS: number })[]
  /** Seats taken where the car is fullest. */
  readonly seatsMost: number
  readonly driveS: number
}

/**
 * The cheapest order to pick up and drop off all of `requests` that keeps what each was promised.
 * @param of.from where the car is; null while none is known: then it begins at one of the pickups
 * @param of.capacity the car's seats for riders who share
 * @returns `no_seat` where it would do with more seats, else `too_late`: somebody would be later than they were told
 */
export function planTogether<P>(
  requests: readonly PoolRequest<P>[],
  of: {
    readonly from: P | null
    readonly fromAtS: number
    readonly capacity: number
    readonly travelS: TravelS<P>
  },
): Result<Together<P>, 'no_seat' | 'too_late'> {
  assert(requests.length > 0 && requests.length <= TOGETHER_MOST, 'a handful goes together')
  const { fromAtS, travelS } = of
  const starts = of.from === null ? requests.map(({ pickup }) => pickup) : [of.from]
  const bestIn = (capacity: number) =>
    starts
      .map((from) => ({ from, found: bestOrder({ from, fromAtS, capacity, stops: [] }, requests, travelS) }))
      .reduce<{ from: P; found: Insertion<P> } | null>(
        (best, { from, found }) =>
          found === null || (best !== null && best.found.costS <= found.costS) ? best : { from, found },
        null,
      )
  const best = bestIn(of.capacity)
  if (best === null) return refuse(bestIn(Number.MAX_SAFE_INTEGER) === null ? 'too_late' : 'no_seat')
  const { stops } = best.found
  const times = arrivalsS({ from: best.from, fromAtS, capacity: of.capacity, stops }, travelS)
  let taken = 0
  let seatsMost = 0
  for (const { kind, seats } of stops) {
    taken += kind === 'pickup' ? seats : -seats
    seatsMost = Math.max(seatsMost, taken)
  }
  return ok({
    stops: stops.map((stop, n) => ({ ...stop, atS: times[n]! })),
    seatsMost,
    driveS: times.at(-1)! - fromAtS,
  })
}
