/** Rides that a driver is on the way to, and another could reach much sooner: who should be asked to take over. Pure. */
import type { Situation } from './candidates.ts'
import type { Proposal } from './decide.ts'
import { assign } from './match.ts'
import type { Policy } from './policy.ts'
import type { DriverId, LatLng, RideId } from './units.ts'

/** A ride with a driver who has not arrived. */
export interface AssignedRide {
  readonly rideId: RideId
  readonly driverId: DriverId
  readonly pickup: LatLng
  readonly classMask: number
  readonly seats: number
  readonly attributes: number
  /** Drivers who are not asked for this ride (again). */
  readonly excluded: ReadonlySet<DriverId>
  /** Until its driver is at the pickup, in seconds, from where the car was just seen. */
  readonly etaS: number
  /** How often it went to a nearer car already. */
  readonly swaps: number
}

/** Whether the region's rule lets a ride go to another car at all. */
export function maySwap(policy: Policy, ride: Pick<AssignedRide, 'etaS' | 'swaps'>): boolean {
  return policy.swapGainS > 0 && ride.swaps < policy.swapsMost && ride.etaS >= policy.swapNotWithinS
}

/**
 * Free drivers to be asked to take over, so that the seconds won are as many as can be: an assignment, exact as the
 * matcher's, of which a pair is only part where it wins `swapGainS` at least. What waits for a driver comes first: only
 * who is left over after it is considered.
 * @param taken handles of drivers who are not to be had; those picked are added
 * @returns at most one proposal a ride and a driver, in the order of the rides' ids
 */
export function proposeSwaps(situation: Situation, taken: Set<number>): Proposal[] {
  const { fleet, policy, pickupEtaS } = situation
  const rides = (situation.assigned ?? [])
    .filter((ride) => maySwap(policy, ride))
    .toSorted((a, b) => (a.rideId < b.rideId ? -1 : 1))
  if (rides.length === 0 || fleet.availableCount === 0) return []
  const found = fleet.makeResult(policy.candidates)
  const rowStarts = new Int32Array(rides.length + 1)
  const edges: { readonly handle: number; readonly distanceM: number; readonly etaS: number }[] = []
  const gains: number[] = []
  const columnOf = new Map<number, number>()
  rides.forEach((ride, row) => {
    const count = fleet.nearest(
      {
        ...{ lat: ride.pickup.lat, lng: ride.pickup.lng, k: found.handles.length },
        ...{ maxM: policy.radiusMaxM, classMask: ride.classMask, seatsMin: ride.seats },
        ...{ attributes: ride.attributes, exclude: ride.excluded, eligible: (handle) => !taken.has(handle) },
      },
      found,
    )
    for (let n = 0; n < count; n++) {
      const handle = found.handles[n]!
      const distanceM = found.distancesM[n]!
      const etaS = pickupEtaS(distanceM, fleet.positionOf(handle), ride.pickup)
      if (ride.etaS - etaS < policy.swapGainS) continue
      if (!columnOf.has(handle)) columnOf.set(handle, columnOf.size)
      edges.push({ handle, distanceM, etaS })
      gains.push(ride.etaS - etaS)
    }
    rowStarts[row + 1] = edges.length
  })
  const edgeOfRow = new Int32Array(rides.length)
  assign(
    {
      rows: rides.length,
      columns: columnOf.size,
      rowStarts,
      edgeColumns: Int32Array.from(edges, ({ handle }) => columnOf.get(handle)!),
      edgeCosts: Float64Array.from(gains, (gainS) => -gainS),
      dropCosts: new Float64Array(rides.length),
    },
    edgeOfRow,
  )
  return rides.flatMap(({ rideId, driverId }, row): Proposal[] => {
    const edge = edgeOfRow[row]!
    if (edge < 0) return []
    const { handle, distanceM, etaS } = edges[edge]!
    taken.add(handle)
    return [
      {
        ...{ kind: 'swap', rideId, driverId: fleet.driverIdOf(handle), swapsFrom: driverId },
        ...{ pickupDistanceM: distanceM, pickupEtaS: etaS, costS: -gains[edge]! },
      },
    ]
  })
}
