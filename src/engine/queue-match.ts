/**
 * Rides that begin in a zone with a queue go to the car that waited there longest, before anybody is matched by
 * distance. Pure: `decide` asks first here, and matches what is left with whom is left.
 */
import type { Situation, WaitingRide } from './candidates.ts'
import type { Proposal } from './decide.ts'
import { distanceM } from './geo.ts'
import { pickupCostS } from './policy.ts'
import type { QueueRule } from './queue.ts'
import type { DriverId, RideId, ZoneId } from './units.ts'
import type { ZoneIndex } from './zone.ts'

/** Everybody who stands in one zone's queue, the first first. */
export interface StandingQueue extends Pick<QueueRule, 'outsideRides'> {
  readonly drivers: readonly DriverId[]
}

export interface Queues {
  /** The zones that have a queue. */
  readonly zones: ZoneIndex
  readonly standing: ReadonlyMap<ZoneId, StandingQueue>
}

export interface QueueMatch {
  readonly proposals: ReadonlyMap<RideId, Proposal>
  /** Handles of cars that no other ride may have: those proposed, and those that stand in a queue whose cars are kept for its zone. */
  readonly taken: ReadonlySet<number>
}

const NOTHING: QueueMatch = { proposals: new Map(), taken: new Set() }

/**
 * The first car of the queue that is free and fits the ride: class, seats, attributes, not excluded, in time. Rides are
 * served in the order given. Where nobody fits, or zones overlap, the next larger zone around the pickup has its turn;
 * a ride that no queue can serve is not in the answer.
 * @param waiting the oldest request first
 */
export function matchQueues(situation: Situation, waiting: readonly WaitingRide[]): QueueMatch {
  const { queues, fleet } = situation
  if (queues === undefined || queues.standing.size === 0) return NOTHING
  const proposals = new Map<RideId, Proposal>()
  const taken = new Set<number>()
  for (const ride of waiting)
    for (const { id: zoneId } of queues.zones.at(ride.pickup)) {
      const first = firstThatFits(situation, ride, queues.standing.get(zoneId)?.drivers ?? [], taken)
      if (first === null) continue
      taken.add(first.handle)
      proposals.set(ride.rideId, { ...first.proposal, zoneId })
      break
    }
  for (const { drivers, outsideRides } of queues.standing.values()) {
    if (outsideRides) continue
    for (const driverId of drivers) {
      const handle = fleet.handleOf(driverId)
      if (handle >= 0) taken.add(handle)
    }
  }
  return { proposals, taken }
}

function firstThatFits(
  { fleet, policy, nowMs, pickupEtaS }: Situation,
  ride: WaitingRide,
  drivers: readonly DriverId[],
  taken: ReadonlySet<number>,
): { readonly handle: number; readonly proposal: Proposal } | null {
  for (const driverId of drivers) {
    const handle = fleet.handleOf(driverId)
    // Without a handle: not seen here yet. Not available: asked for another ride, paused or silent; the place is kept.
    if (handle < 0 || !fleet.isAvailable(handle) || taken.has(handle) || ride.excluded.has(driverId)) continue
    const { classMask, seats, attributes } = fleet.traitsOf(handle)
    if ((classMask & ride.classMask) === 0 || seats < ride.seats) continue
    if ((attributes & ride.attributes) !== ride.attributes) continue
    const from = fleet.positionOf(handle)
    const pickupDistanceM = distanceM(from, ride.pickup)
    const etaS = pickupEtaS(pickupDistanceM, from, ride.pickup)
    if ((nowMs - ride.requestedAtMs) / 1_000 + etaS > policy.pickupWithinS) continue
    const costS = pickupCostS(policy, etaS)
    return {
      handle,
      proposal: { kind: 'offer', rideId: ride.rideId, driverId, pickupDistanceM, pickupEtaS: etaS, costS },
    }
  }
  return null
}
