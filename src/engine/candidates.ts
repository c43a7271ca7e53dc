/** Who could drive a waiting ride: the free nearest to the pickup, and those who will be free near it soon. Pure. */

import type { FleetIndex, Handle, NearestQuery, NearestResult } from './fleet-index.ts'
import { idleBonusS, type Policy, pickupCostS, radiusOfRideM, reachShare } from './policy.ts'
import type { Queues } from './queue-match.ts'
import type { SoonFree } from './soon-free.ts'
import type { AssignedRide } from './swap.ts'
import type { DriverId, LatLng, RideId } from './units.ts'

/** A ride in `requested` without a live offer. */
export interface WaitingRide {
  readonly rideId: RideId
  readonly pickup: LatLng
  /** Vehicle classes that will do, as the fleet index's bits. */
  readonly classMask: number
  readonly seats: number
  /** Attributes the vehicle must have, as the fleet index's bits. */
  readonly attributes: number
  readonly requestedAtMs: number
  /** Drivers who declined this ride, let its offer lapse or handed it back. */
  readonly excluded: ReadonlySet<DriverId>
  /** How long the ride itself should take, in seconds; 0 while nobody knows. */
  readonly tripS: number
  /** The desk has it look as far as the policy goes, however short it has waited. */
  readonly looksWide?: boolean
}

export interface Situation {
  readonly waiting: readonly WaitingRide[]
  readonly fleet: FleetIndex
  /** Without it only the free are considered. */
  readonly soonFree?: SoonFree
  /** Rides whose drivers are on the way, which a nearer car might take over; without it none does. */
  readonly assigned?: readonly AssignedRide[]
  readonly policy: Policy
  readonly nowMs: number
  readonly pickupEtaS: (distanceM: number, from: LatLng, to: LatLng) => number
  /** Who stands in which zone's queue; without it no zone has one. */
  readonly queues?: Queues
  /** Since when a free driver has had nobody to drive, epoch ms; without it all are alike. */
  readonly idleSinceMs?: (driverId: DriverId) => number
  /** Told whom the matcher weighs for a ride, each time it asks; must change nothing. */
  readonly onWeighed?: (
    ride: WaitingRide,
    candidates: readonly Candidate[],
    driverOf: (candidate: Candidate) => DriverId,
  ) => void
}

/** One driver who could drive one ride. */
export interface Candidate {
  /** Names the driver in a tick: a free one by the handle, one who will be free by `~handle` in the index of those. */
  readonly column: number
  /** Straight to the pickup, from the car or from the drop-off before. */
  readonly distanceM: number
  /** Until they are at the pickup, the ride before included. */
  readonly etaS: number
  /** What the matcher weighs. */
  readonly costS: number
}

/** Looks up candidates with buffers of its own, for one tick. */
export class CandidateSearch {
  readonly #situation: Situation
  readonly #most: number
  readonly #found: NearestResult
  readonly #reachShare: number
  /** By handle, once it was asked: whether who has a rider on board will be free soon enough. The same for all rides. */
  readonly #isSoonEnough: (boolean | undefined)[] = []

  /** @param most how many candidates a ride gets */
  constructor(situation: Situation, most: number) {
    this.#situation = situation
    this.#most = most
    this.#found = situation.fleet.makeResult(most)
    const { fleet, waiting, policy } = situation
    this.#reachShare = reachShare(policy, { idle: fleet.availableCount, waiting: waiting.length })
  }

  /**
   * Drivers within reach and in time for one ride, cheapest first.
   * @param taken columns of drivers who are no longer to be had
   */
  of(ride: WaitingRide, taken: ReadonlySet<number>): Candidate[] {
    const free = this.#free(ride, taken)
    const soon = this.#soon(ride, taken)
    const cheapest = [...free, ...soon]
      .sort((a, b) => a.costS - b.costS || b.column - a.column)
      .slice(0, this.#most)
    this.#situation.onWeighed?.(ride, cheapest, (candidate) => this.driverOf(candidate))
    return cheapest
  }

  driverOf({ column }: Candidate): DriverId {
    return column >= 0
      ? this.#situation.fleet.driverIdOf(column)
      : this.#situation.soonFree!.index.driverIdOf(~column)
  }

  /** Where the driver sets off for the pickup: the car's place, or the drop-off before. */
  placeOf({ column }: Candidate): LatLng {
    return column >= 0
      ? this.#situation.fleet.positionOf(column)
      : this.#situation.soonFree!.index.positionOf(~column)
  }

  #free(ride: WaitingRide, taken: ReadonlySet<number>): Candidate[] {
    const { fleet, policy } = this.#situation
    const count = fleet.nearest(
      { ...this.#query(ride), eligible: (handle) => !taken.has(handle) },
      this.#found,
    )
    const candidates: Candidate[] = []
    for (let n = 0; n < count; n++) {
      const handle = this.#found.handles[n]!
      const distanceM = this.#found.distancesM[n]!
      const etaS = this.#situation.pickupEtaS(distanceM, fleet.positionOf(handle), ride.pickup)
      const bonusS = this.#idleBonusS(handle)
      if (this.#isInTime(ride, etaS))
        candidates.push({ column: handle, distanceM, etaS, costS: pickupCostS(policy, etaS) - bonusS })
    }
    return candidates
  }

  /** The nearest by drop-off of those who will be there in `soonFreeWithinS`. */
  #soon(ride: WaitingRide, taken: ReadonlySet<number>): Candidate[] {
    const { soonFree, policy } = this.#situation
    if (soonFree === undefined || soonFree.index.availableCount === 0) return []
    const { index, leftS } = soonFree
    const known = this.#isSoonEnough
    const isSoonEnough = (handle: Handle) => (known[handle] ??= leftS(handle) <= policy.soonFreeWithinS)
    const count = index.nearest(
      { ...this.#query(ride), eligible: (handle) => isSoonEnough(handle) && !taken.has(~handle) },
      this.#found,
    )
    const candidates: Candidate[] = []
    for (let n = 0; n < count; n++) {
      const handle = this.#found.handles[n]!
      const distanceM = this.#found.distancesM[n]!
      const driveS = this.#situation.pickupEtaS(distanceM, index.positionOf(handle), ride.pickup)
      const etaS = leftS(handle) + policy.dropOffS + driveS
      if (this.#isInTime(ride, etaS))
        candidates.push({
          column: ~handle,
          distanceM,
          etaS,
          costS: pickupCostS(policy, etaS) + policy.soonFreePenaltyS,
        })
    }
    return candidates
  }

  #query(ride: WaitingRide): NearestQuery {
    const { policy, nowMs } = this.#situation
    return {
      lat: ride.pickup.lat,
      lng: ride.pickup.lng,
      k: this.#most,
      maxM: radiusOfRideM(policy, ride, { nowMs, share: this.#reachShare }),
      classMask: ride.classMask,
      seatsMin: ride.seats,
      attributes: ride.attributes,
      exclude: ride.excluded,
    }
  }

  #idleBonusS(handle: Handle): number {
    const { fleet, idleSinceMs, policy, nowMs } = this.#situation
    if (idleSinceMs === undefined) return 0
    return idleBonusS(policy, (nowMs - idleSinceMs(fleet.driverIdOf(handle))) / 1_000)
  }

  #isInTime(ride: WaitingRide, etaS: number): boolean {
    const { policy, nowMs } = this.#situation
    return (nowMs - ride.requestedAtMs) / 1_000 + etaS <= policy.pickupWithinS
  }
}
