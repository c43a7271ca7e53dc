/** What one more rider in a car means to everybody in it, for a person who decides that by hand. */
import { insertRider } from './pool.ts'
import {
  arrivalsS,
  type Insertion,
  type PoolRequest,
  type Run,
  type Stop,
  seatsOnBoard,
  type TravelS,
} from './run.ts'
import { ok, type Result, refuse } from './units.ts'

/** What changes for somebody who is in the run already, seconds; below nothing they are earlier. */
export interface Effect {
  readonly rideId: string
  /** Picked up so much later; null for who is on board. */
  readonly pickupLaterS: number | null
  readonly dropoffLaterS: number
  readonly dropoffAtS: number
  /** What they were promised. */
  readonly latestDropoffS: number
}

/** How a rider goes along in a run that is under way. */
export interface TakenAlong<P> extends Insertion<P> {
  /** Seats taken while the new rider is on board, theirs among them, where it is fullest. */
  readonly seatsTaken: number
  /** Everybody else in the run, in the order in which they arrive. */
  readonly others: readonly Effect[]
}

/**
 * Take one more rider along where that costs least and every promise holds, and say what it does to the others.
 * @returns `no_seat` where it would do with more seats, else `too_late`: somebody would be later than they were told
 */
export function takeAlong<P>(
  run: Run<P>,
  request: PoolRequest<P>,
  travelS: TravelS<P>,
): Result<TakenAlong<P>, 'no_seat' | 'too_late'> {
  const found = insertRider(run, request, travelS)
  if (found === null) {
    const roomy = { ...run, capacity: Number.MAX_SAFE_INTEGER }
    return refuse(insertRider(roomy, request, travelS) === null ? 'too_late' : 'no_seat')
  }
  const before = timesOf(run, travelS)
  const after = timesOf({ ...run, stops: found.stops }, travelS)
  const others = found.stops
    .filter(({ kind, rideId }) => kind === 'dropoff' && rideId !== request.rideId)
    .map((stop): Effect => {
      const dropoffAtS = after.get(keyOf(stop))!
      const pickup = keyOf({ kind: 'pickup', rideId: stop.rideId })
      const pickupAtS = after.get(pickup)
      return {
        ...{ rideId: stop.rideId, dropoffAtS, latestDropoffS: stop.latestS },
        dropoffLaterS: dropoffAtS - before.get(keyOf(stop))!,
        pickupLaterS: pickupAtS === undefined ? null : pickupAtS - before.get(pickup)!,
      }
    })
  return ok({ ...found, others, seatsTaken: fullestWith(found.stops, request.rideId) })
}

/** When the car is at each stop. */
export function timesOf<P>(run: Run<P>, travelS: TravelS<P>): Map<string, number> {
  const times = arrivalsS(run, travelS)
  return new Map(run.stops.map((stop, n) => [keyOf(stop), times[n]!]))
}

export function keyOf({ kind, rideId }: Pick<Stop<unknown>, 'kind' | 'rideId'>): string {
  return `${kind} ${rideId}`
}

function fullestWith(stops: readonly Stop<unknown>[], rideId: string): number {
  let taken = seatsOnBoard(stops)
  let isIn = false
  let fullest = 0
  for (const stop of stops) {
    taken += stop.kind === 'pickup' ? stop.seats : -stop.seats
    if (stop.rideId === rideId) isIn = stop.kind === 'pickup'
    if (isIn) fullest = Math.max(fullest, taken)
  }
  return fullest
}
