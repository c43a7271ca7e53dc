/** A car's run: the stops it drives, in order, with what was promised to whom, and what it all costs. */

/** Seconds from one place to another, zero or more; a place may be a point, a road node, anything the caller knows. */
export type TravelS<P> = (from: P, to: P) => number

/** All instants are seconds on one clock of the caller's. */
export interface Stop<P> {
  readonly kind: 'pickup' | 'dropoff'
  readonly rideId: string
  readonly at: P
  readonly seats: number
  /** The instant promised to this rider: later is too late. */
  readonly latestS: number
}

/** One car, where it will be free to turn, and what it has to do, in order. */
export interface Run<P> {
  readonly from: P
  /** When the car is at `from`. */
  readonly fromAtS: number
  readonly capacity: number
  /** Each rider on board has a drop-off here, each one still waiting a pickup before it. */
  readonly stops: readonly Stop<P>[]
}

/** A rider to be taken along. */
export interface PoolRequest<P> {
  readonly rideId: string
  readonly pickup: P
  readonly dropoff: P
  readonly seats: number
  /** Since when the rider waits: their delay counts from here. */
  readonly requestedAtS: number
  readonly latestPickupS: number
  readonly latestDropoffS: number
}

/** What a second is worth to whom. */
export interface PoolWeights {
  /** A second the car drives. */
  readonly drive: number
  /** A second somebody arrives later. */
  readonly rider: number
}

/** A run with one more rider (or several) in it. */
export interface Insertion<P> {
  readonly stops: readonly Stop<P>[]
  /** What the change costs, in weighted seconds: more driving, later arrivals, and the new rider's own arrival. */
  readonly costS: number
  /** How much longer the car drives. */
  readonly addedDriveS: number
  readonly pickupAtS: number
  readonly dropoffAtS: number
}

/**
 * On an hour of Manhattan (docs/matching.md) the share served hardly changes between 1 and 5 while the delay falls by half;
 * beyond, cars make detours of their own to save seconds.
 */
export const DEFAULT_POOL_WEIGHTS: PoolWeights = { drive: 1, rider: 2 }

// Sums of the same seconds in another order differ in the last bits; nobody is late by a nanosecond.
export const ROUNDING_S = 1e-9

/** What is promised to a shared rider, as in Alonso-Mora: the delay counts the waiting, too. */
export function promiseOf(of: {
  readonly requestedAtS: number
  readonly directS: number
  readonly waitS: number
  readonly detourS: number
}): { latestPickupS: number; latestDropoffS: number } {
  return {
    latestPickupS: of.requestedAtS + of.waitS,
    latestDropoffS: of.requestedAtS + of.directS + of.detourS,
  }
}

/** When the car is at each stop, in order. */
export function arrivalsS<P>(run: Run<P>, travelS: TravelS<P>): number[] {
  let at = run.from
  let nowS = run.fromAtS
  return run.stops.map((stop) => {
    nowS += travelS(at, stop.at)
    at = stop.at
    return nowS
  })
}

/** Riders' seats taken when the car sets out: those dropped off without being picked up. */
export function seatsOnBoard(stops: readonly Stop<unknown>[]): number {
  let seats = 0
  for (const stop of stops) seats += stop.kind === 'dropoff' ? stop.seats : -stop.seats
  return seats
}

/** What a run costs as it stands, in weighted seconds from its start: driving, and everybody's arrival. */
export function runCostS<P>(
  run: Run<P>,
  travelS: TravelS<P>,
  weights: PoolWeights = DEFAULT_POOL_WEIGHTS,
): number {
  return costOf(run, arrivalsS(run, travelS), weights)
}

/** As `runCostS`, with the arrivals at hand. */
export function costOf(run: Run<unknown>, arrival: readonly number[], weights: PoolWeights): number {
  let arrivedS = 0
  for (let k = 0; k < arrival.length; k++)
    if (run.stops[k]!.kind === 'dropoff') arrivedS += arrival[k]! - run.fromAtS
  return weights.drive * ((arrival.at(-1) ?? run.fromAtS) - run.fromAtS) + weights.rider * arrivedS
}

/** Two stops of a request, in their order. */
export function stopsOf<P>(request: PoolRequest<P>): [Stop<P>, Stop<P>] {
  const { rideId, seats } = request
  return [
    { kind: 'pickup', rideId, seats, at: request.pickup, latestS: request.latestPickupS },
    { kind: 'dropoff', rideId, seats, at: request.dropoff, latestS: request.latestDropoffS },
  ]
}

/** The latest that a change may make a stop; who is late already is not made later. */
export function limitOf(stop: Stop<unknown>, plannedS: number): number {
  return Math.max(stop.latestS, plannedS) + ROUNDING_S
}

/** A changed run, with when it comes to the rider it was changed for. */
export function settled<P>(
  run: Run<P>,
  stops: readonly Stop<P>[],
  travelS: TravelS<P>,
  of: { readonly costS: number; readonly driveS: number; readonly rideId?: string | undefined },
): Insertion<P> {
  const added = of.rideId ?? newcomer(run, stops)
  const arrival = arrivalsS({ ...run, stops }, travelS)
  const at = (kind: Stop<P>['kind']) =>
    arrival[stops.findIndex((stop) => stop.kind === kind && stop.rideId === added)] ?? run.fromAtS
  return {
    stops,
    costS: of.costS,
    addedDriveS: of.driveS,
    pickupAtS: at('pickup'),
    dropoffAtS: at('dropoff'),
  }
}

function newcomer(run: Run<unknown>, stops: readonly Stop<unknown>[]): string | undefined {
  const known = new Set(run.stops.map((stop) => stop.rideId))
  return stops.find((stop) => !known.has(stop.rideId))?.rideId
}
