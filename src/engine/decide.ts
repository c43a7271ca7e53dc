/** One tick's decision: waiting rides × free drivers → who is asked to drive whom. Pure: it reads, and proposes. */

import type { FleetIndex, NearestResult } from './fleet-index.ts'
import { assign, makeMatchWorkspace } from './match.ts'
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
}

/** How a region matches. `nearest` serves each request at once, `batch` collects a window and solves it whole. */
export interface Policy {
  readonly kind: 'nearest' | 'batch'
  /** How often the tick of a batch decides; see `tickEveryMs`. */
  readonly batchWindowMs: number
  /** How far a new request looks for a driver, straight line. */
  readonly radiusM: number
  /** What every second of waiting adds to that. */
  readonly radiusGrowthMps: number
  readonly radiusMaxM: number
  /** Nearest drivers considered for each ride; 16 lose next to nothing against all of them. */
  readonly candidates: number
  /** A driver who could be there only later than this after the request is not asked. */
  readonly pickupWithinS: number
  /** The pickup ETA at which one more second counts double, so that a few riders do not pay for the average. */
  readonly evenWaitS: number
  /** What leaving a request for the next tick costs, in seconds, or as much as the farthest pickup in reach costs. */
  readonly dropCostS: number
  /**
   * What every second already waited adds to that: of two requests as near, the older gets the only driver. Near 1, a
   * short city serves everybody late, for the oldest are often far; near 0 it forgets the unlucky.
   */
  readonly waitedWeight: number
  /**
   * What every second less on board adds to that: while cars are scarce, three short rides go before one long one.
   * Who waits gains by `waitedWeight` meanwhile, so a long ride is put off and not left out.
   */
  readonly tripWeight: number
}

/** One driver for one ride, to be offered. */
export interface Proposal {
  readonly rideId: RideId
  readonly driverId: DriverId
  readonly pickupDistanceM: number
  readonly pickupEtaS: number
  /** What the matcher weighed: the ETA with the policy's terms, in seconds. */
  readonly costS: number
}

export interface Situation {
  readonly waiting: readonly WaitingRide[]
  readonly fleet: FleetIndex
  readonly policy: Policy
  readonly nowMs: number
  readonly pickupEtaS: (distanceM: number, from: LatLng, to: LatLng) => number
}

/** Rides are told apart by their length up to this; all longer ones are put off alike. */
const LONG_TRIP_S = 3_600
// Fast enough to feel at once.
const NEAREST_TICK_MS = 1_000

/** A region's policy until its operator sets another. */
export const DEFAULT_POLICY: Policy = {
  kind: 'batch',
  batchWindowMs: 2_000,
  radiusM: 2_000,
  radiusGrowthMps: 10,
  radiusMaxM: 8_000,
  candidates: 16,
  pickupWithinS: Number.POSITIVE_INFINITY,
  evenWaitS: 300,
  dropCostS: 1_200,
  waitedWeight: 0.2,
  tripWeight: 0.1,
}

/** How far a request of this age looks for a driver, in metres; the rider's page says it too. */
export function searchRadiusM(policy: Policy, ageMs: number): number {
  return Math.min(policy.radiusMaxM, policy.radiusM + (policy.radiusGrowthMps * Math.max(0, ageMs)) / 1_000)
}

/** How often the tick should call `decide`, in milliseconds. */
export function tickEveryMs(policy: Policy): number {
  return policy.kind === 'batch' ? policy.batchWindowMs : NEAREST_TICK_MS
}

/**
 * Propose drivers for waiting rides. A ride that finds nobody is not in the answer: it waits and looks further next
 * time. No driver and no ride appears twice; the same situation gives the same answer, whatever the order of `waiting`.
 * @returns proposals in the order of the requests
 */
export function decide(situation: Situation): Proposal[] {
  const waiting = situation.waiting.toSorted(byRequest)
  return situation.policy.kind === 'nearest'
    ? nearestFree(situation, waiting)
    : wholeBatch(situation, waiting)
}

/** What a pickup costs in the matcher, in seconds: its ETA, and more than that the longer it is. */
export function pickupCostS(policy: Policy, etaS: number): number {
  return etaS + (etaS * etaS) / (2 * policy.evenWaitS)
}

/**
 * What leaving a request for the next tick costs, in seconds: more the longer it has waited and the shorter it is, and
 * never less than the farthest pickup that the tick considers, or a driver in reach could be left idle beside it.
 */
export function dropCostS(
  policy: Policy,
  of: { readonly ageMs: number; readonly tripS: number; readonly farthestCostS: number },
): number {
  const waitedS = Math.max(0, of.ageMs) / 1_000
  const shorterS = Math.max(0, LONG_TRIP_S - of.tripS)
  return (
    Math.max(policy.dropCostS, of.farthestCostS) +
    policy.waitedWeight * waitedS +
    policy.tripWeight * shorterS
  )
}

function byRequest(a: WaitingRide, b: WaitingRide): number {
  return a.requestedAtMs - b.requestedAtMs || (a.rideId < b.rideId ? -1 : 1)
}

function nearestFree(situation: Situation, waiting: readonly WaitingRide[]): Proposal[] {
  const proposals: Proposal[] = []
  const taken = new Set<number>()
  const found = situation.fleet.makeResult(1)
  for (const ride of waiting) {
    const [candidate] = candidatesOf(situation, ride, taken, found)
    if (!candidate) continue
    taken.add(candidate.handle)
    proposals.push(proposalFor(situation, ride, candidate))
  }
  return proposals
}

interface Candidate {
  readonly handle: number
  readonly distanceM: number
  readonly etaS: number
}

/** Drivers within reach and in time for one ride, nearest first, as many as `found` holds. */
function candidatesOf(
  situation: Situation,
  ride: WaitingRide,
  taken: ReadonlySet<number>,
  found: NearestResult,
): Candidate[] {
  const { fleet, policy, nowMs } = situation
  const ageMs = nowMs - ride.requestedAtMs
  const count = fleet.nearest(
    {
      lat: ride.pickup.lat,
      lng: ride.pickup.lng,
      k: found.handles.length,
      maxM: searchRadiusM(policy, ageMs),
      classMask: ride.classMask,
      seatsMin: ride.seats,
      attributes: ride.attributes,
      exclude: ride.excluded,
      eligible: (handle) => !taken.has(handle),
    },
    found,
  )
  const candidates: Candidate[] = []
  for (let n = 0; n < count; n++) {
    const handle = found.handles[n]!
    const distanceM = found.distancesM[n]!
    const etaS = situation.pickupEtaS(distanceM, fleet.positionOf(handle), ride.pickup)
    if (ageMs / 1_000 + etaS <= policy.pickupWithinS) candidates.push({ handle, distanceM, etaS })
  }
  return candidates
}

/**
 * Solve the batch over each ride's nearest drivers. Where a crowd shares the same few, the rides left over go another
 * round with the drivers left over, so that a stadium empties in one tick and not sixteen cars at a time.
 */
function wholeBatch(situation: Situation, waiting: readonly WaitingRide[]): Proposal[] {
  const proposals = new Map<RideId, Proposal>()
  const taken = new Set<number>()
  const found = situation.fleet.makeResult(situation.policy.candidates)
  let open = waiting
  while (open.length > 0) {
    const batch = open
      .map((ride) => ({ ride, candidates: candidatesOf(situation, ride, taken, found) }))
      .filter(({ candidates }) => candidates.length > 0)
    const chosen = solve(situation, batch)
    for (const [n, candidate] of chosen) {
      taken.add(candidate.handle)
      proposals.set(batch[n]!.ride.rideId, proposalFor(situation, batch[n]!.ride, candidate))
    }
    if (chosen.size === 0) break
    open = batch
      .filter(
        ({ ride, candidates }) =>
          !proposals.has(ride.rideId) && candidates.some((candidate) => taken.has(candidate.handle)),
      )
      .map(({ ride }) => ride)
  }
  return waiting.flatMap((ride) => proposals.get(ride.rideId) ?? [])
}

/** The batch as an assignment problem; the answer maps a place in the batch to its candidate. */
function solve(
  { policy, nowMs }: Situation,
  batch: readonly { ride: WaitingRide; candidates: readonly Candidate[] }[],
): Map<number, Candidate> {
  const edges = batch.flatMap(({ candidates }) => candidates)
  const rowStarts = new Int32Array(batch.length + 1)
  batch.forEach(({ candidates }, row) => {
    rowStarts[row + 1] = rowStarts[row]! + candidates.length
  })
  const columnOf = new Map<number, number>()
  for (const { handle } of edges) if (!columnOf.has(handle)) columnOf.set(handle, columnOf.size)
  const edgeCosts = Float64Array.from(edges, ({ etaS }) => pickupCostS(policy, etaS))
  const farthestCostS = edgeCosts.reduce((farthest, costS) => Math.max(farthest, costS), 0)
  const edgeOfRow = new Int32Array(batch.length)
  assign(
    {
      rows: batch.length,
      columns: columnOf.size,
      rowStarts,
      edgeColumns: Int32Array.from(edges, ({ handle }) => columnOf.get(handle)!),
      edgeCosts,
      dropCosts: Float64Array.from(batch, ({ ride }) =>
        dropCostS(policy, { ageMs: nowMs - ride.requestedAtMs, tripS: ride.tripS, farthestCostS }),
      ),
    },
    edgeOfRow,
    makeMatchWorkspace(),
  )
  const chosen = new Map<number, Candidate>()
  edgeOfRow.forEach((edge, row) => {
    if (edge >= 0) chosen.set(row, edges[edge]!)
  })
  return chosen
}

function proposalFor(situation: Situation, ride: WaitingRide, candidate: Candidate): Proposal {
  return {
    rideId: ride.rideId,
    driverId: situation.fleet.driverIdOf(candidate.handle),
    pickupDistanceM: candidate.distanceM,
    pickupEtaS: candidate.etaS,
    costS: pickupCostS(situation.policy, candidate.etaS),
  }
}
