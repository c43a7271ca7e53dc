/** Another policy on the same situation: what it would have decided, and how that differs. Pure. */
import type { Situation } from './candidates.ts'
import { decide, type Proposal } from './decide.ts'
import { dropCostS, type Policy, pickupCostS } from './policy.ts'
import type { RideId } from './units.ts'

/** What a region may try in shadow: anything but how often the tick comes, which is one for both. */
export type ShadowPolicy = Partial<
  Omit<Policy, 'batchWindowMs' | 'swapGainS' | 'swapsMost' | 'swapNotWithinS'>
>

/** One side of a comparison, summed over its ticks. */
export interface ShadowSide {
  /** Rides it would offer to a free driver. */
  readonly rides: number
  /** Pickup ETA of those, in seconds. */
  readonly etaS: number
  /** All waiting rides at the terms of the policy in force: the pickup, or being left for later. */
  readonly costS: number
}

export interface ShadowDifference {
  readonly waiting: number
  readonly live: ShadowSide
  readonly shadow: ShadowSide
  /** Rides for which the two name other drivers, or only one names any. */
  readonly changed: number
}

/** What the policy in shadow would propose now; nothing is to be done about it. */
export function decideInShadow(situation: Situation, shadow: ShadowPolicy): Proposal[] {
  const { assigned: _theirs, onWeighed: _told, ...same } = situation
  const policy = { ...situation.policy, ...shadow }
  // A wider first look than the furthest one would never be reached.
  return decide({
    ...same,
    policy: { ...policy, radiusMaxM: Math.max(policy.radiusMaxM, policy.radiusM) },
  })
}

/** How two answers to one situation differ; swaps are left out, for only who waits is compared. */
export function compare(
  situation: Situation,
  live: readonly Proposal[],
  shadow: readonly Proposal[],
): ShadowDifference {
  const ours = offersOf(live)
  const theirs = offersOf(shadow)
  const farthestS = [...ours.values(), ...theirs.values()].reduce(
    (farthest, { pickupEtaS }) => Math.max(farthest, pickupCostS(situation.policy, pickupEtaS)),
    0,
  )
  return {
    waiting: situation.waiting.length,
    live: sideOf(situation, ours, farthestS),
    shadow: sideOf(situation, theirs, farthestS),
    changed: situation.waiting.filter(
      ({ rideId }) => ours.get(rideId)?.driverId !== theirs.get(rideId)?.driverId,
    ).length,
  }
}

function offersOf(proposals: readonly Proposal[]): Map<RideId, Proposal> {
  return new Map(
    proposals.filter(({ kind }) => kind === 'offer').map((proposal) => [proposal.rideId, proposal]),
  )
}

function sideOf(
  { waiting, policy, nowMs }: Situation,
  offers: ReadonlyMap<RideId, Proposal>,
  farthestCostS: number,
): ShadowSide {
  const cost = (ride: Situation['waiting'][number]): number => {
    const offer = offers.get(ride.rideId)
    if (offer !== undefined) return pickupCostS(policy, offer.pickupEtaS)
    return dropCostS(policy, { ageMs: nowMs - ride.requestedAtMs, tripS: ride.tripS, farthestCostS })
  }
  return {
    rides: offers.size,
    etaS: [...offers.values()].reduce((sum, { pickupEtaS }) => sum + pickupEtaS, 0),
    costS: waiting.reduce((sum, ride) => sum + cost(ride), 0),
  }
}
