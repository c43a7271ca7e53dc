/** Each ride to whoever of those in reach has been idle longest, as ranks do it, for a region without ranks. Pure. */
import type { Situation, WaitingRide } from './candidates.ts'
import type { Proposal } from './decide.ts'
import { pickupCostS, radiusOfRideM, reachShare } from './policy.ts'

/** So many of those in reach are compared, the nearest: more than any rank or town we know of holds. */
const COMPARED_MOST = 1_000

/**
 * Of those in reach and in time the one idle longest, equal ones by who is nearer, then by id. Rides are served in the
 * order given. Without `idleSinceMs` nobody is idle longer than another, and the nearest is asked.
 * @param taken handles that are not to be had; those picked are added
 */
export function longestIdle(
  situation: Situation,
  waiting: readonly WaitingRide[],
  taken: Set<number>,
): Proposal[] {
  const { fleet, policy, nowMs, idleSinceMs = () => 0 } = situation
  const share = reachShare(policy, { idle: fleet.availableCount, waiting: situation.waiting.length })
  const found = fleet.makeResult(Math.max(1, Math.min(fleet.availableCount, COMPARED_MOST)))
  return waiting.flatMap((ride) => {
    const ageMs = nowMs - ride.requestedAtMs
    const count = fleet.nearest(
      {
        ...{ lat: ride.pickup.lat, lng: ride.pickup.lng, k: found.handles.length },
        ...{
          maxM: radiusOfRideM(policy, ride, { nowMs, share }),
          classMask: ride.classMask,
          seatsMin: ride.seats,
        },
        ...{ attributes: ride.attributes, exclude: ride.excluded, eligible: (handle) => !taken.has(handle) },
      },
      found,
    )
    let best: { readonly handle: number; readonly distanceM: number; readonly etaS: number } | null = null
    let bestSinceMs = Number.POSITIVE_INFINITY
    for (let n = 0; n < count; n++) {
      const handle = found.handles[n]!
      const distanceM = found.distancesM[n]!
      const sinceMs = idleSinceMs(fleet.driverIdOf(handle))
      // They come nearest first, so who is as idle as the best so far is no nearer.
      if (sinceMs >= bestSinceMs) continue
      const etaS = situation.pickupEtaS(distanceM, fleet.positionOf(handle), ride.pickup)
      if (ageMs / 1_000 + etaS > policy.pickupWithinS) continue
      best = { handle, distanceM, etaS }
      bestSinceMs = sinceMs
    }
    if (best === null) return []
    taken.add(best.handle)
    return [
      {
        ...{ kind: 'offer', rideId: ride.rideId, driverId: fleet.driverIdOf(best.handle) },
        ...{ pickupDistanceM: best.distanceM, pickupEtaS: best.etaS, costS: pickupCostS(policy, best.etaS) },
      },
    ]
  })
}
