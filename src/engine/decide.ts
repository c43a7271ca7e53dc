/** One tick's decision: waiting rides × drivers → who is asked to drive whom. Pure: it reads, and proposes. */

import { type Candidate, CandidateSearch, type Situation, type WaitingRide } from './candidates.ts'
import { longestIdle } from './longest-wait.ts'
import { assign, makeMatchWorkspace } from './match.ts'
import { dropCostS, type Policy } from './policy.ts'
import { matchQueues } from './queue-match.ts'
import { soonestS } from './soon-free.ts'
import { proposeSwaps } from './swap.ts'
import type { DriverId, RideId, ZoneId } from './units.ts'

export type { Situation, WaitingRide } from './candidates.ts'
export * from './policy.ts'

/**
 * One driver for one ride: to be offered now, to be held for a driver who has yet to finish another ride, or to be asked
 * to take it over from the driver who is on the way.
 */
export interface Proposal {
  readonly kind: 'offer' | 'hold' | 'swap'
  readonly rideId: RideId
  readonly driverId: DriverId
  /** Straight, from the car; when held, from where the driver's ride ends. */
  readonly pickupDistanceM: number
  /** Until the driver is at the pickup; when held, with what is left of the ride before. */
  readonly pickupEtaS: number
  /** Only of a swap: who has the ride. */
  readonly swapsFrom?: DriverId
  /** What the matcher weighed: the ETA with the policy's terms, in seconds. */
  readonly costS: number
  /** Set where the driver is asked because of a place in this zone's queue. */
  readonly zoneId?: ZoneId
}

/**
 * Propose drivers for waiting rides. A ride that finds nobody is not in the answer: it waits and looks further next
 * time. No driver and no ride appears twice; the same situation gives the same answer, whatever the order of `waiting`.
 * A ride is held only where that beats every free car the others leave it; nothing is promised, the next tick decides
 * again.
 * @returns proposals in the order of the requests, then swaps
 */
export function decide(situation: Situation): Proposal[] {
  const waiting = situation.waiting.toSorted(byRequest)
  const queued = matchQueues(situation, waiting)
  /** Columns of drivers who are no longer to be had, see `Candidate`; who decides first adds theirs. */
  const taken = new Set(queued.taken)
  const left = waiting.filter(({ rideId }) => !queued.proposals.has(rideId))
  const matched = new Map(
    BY_KIND[situation.policy.kind](situation, left, taken).map((proposal) => [proposal.rideId, proposal]),
  )
  return [
    ...waiting.flatMap(({ rideId }) => queued.proposals.get(rideId) ?? matched.get(rideId) ?? []),
    ...proposeSwaps(situation, taken),
  ]
}

/**
 * Whether any ride at all could be proposed to somebody: to who is free, or held for who will be soon. Where nobody is,
 * `decide` proposes nothing, whatever waits.
 */
export function hasSomebody({
  fleet,
  soonFree,
  policy,
}: Pick<Situation, 'fleet' | 'soonFree' | 'policy'>): boolean {
  if (fleet.availableCount > 0) return true
  return soonFree !== undefined && soonestS(soonFree) <= policy.soonFreeWithinS
}

type Matching = (situation: Situation, waiting: readonly WaitingRide[], taken: Set<number>) => Proposal[]

const BY_KIND: Record<Policy['kind'], Matching> = {
  nearest: eachItsBest,
  batch: wholeBatch,
  longest_wait: longestIdle,
}

function byRequest(a: WaitingRide, b: WaitingRide): number {
  return a.requestedAtMs - b.requestedAtMs || (a.rideId < b.rideId ? -1 : 1)
}

function eachItsBest(situation: Situation, waiting: readonly WaitingRide[], taken: Set<number>): Proposal[] {
  const search = new CandidateSearch(situation, situation.policy.candidates)
  return waiting.flatMap((ride) => {
    const [candidate] = search.of(ride, taken)
    if (candidate === undefined) return []
    taken.add(candidate.column)
    return [proposalFor(search, ride, candidate)]
  })
}

/**
 * Solve the batch over each ride's nearest drivers. Where a crowd shares the same few, the rides left over go another
 * round with the drivers left over, so that a stadium empties in one tick and not sixteen cars at a time.
 */
function wholeBatch(situation: Situation, waiting: readonly WaitingRide[], taken: Set<number>): Proposal[] {
  const proposals = new Map<RideId, Proposal>()
  const search = new CandidateSearch(situation, situation.policy.candidates)
  let open = waiting
  while (open.length > 0) {
    const batch = open
      .map((ride) => ({ ride, candidates: search.of(ride, taken) }))
      .filter(({ candidates }) => candidates.length > 0)
    const chosen = solve(situation, batch)
    for (const [n, candidate] of chosen) {
      taken.add(candidate.column)
      proposals.set(batch[n]!.ride.rideId, proposalFor(search, batch[n]!.ride, candidate))
    }
    if (chosen.size === 0) break
    open = batch
      .filter(
        ({ ride, candidates }) =>
          !proposals.has(ride.rideId) && candidates.some((candidate) => taken.has(candidate.column)),
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
  for (const { column } of edges) if (!columnOf.has(column)) columnOf.set(column, columnOf.size)
  const edgeCosts = Float64Array.from(edges, ({ costS }) => costS)
  const farthestCostS = edgeCosts.reduce((farthest, costS) => Math.max(farthest, costS), 0)
  const edgeOfRow = new Int32Array(batch.length)
  assign(
    {
      rows: batch.length,
      columns: columnOf.size,
      rowStarts,
      edgeColumns: Int32Array.from(edges, ({ column }) => columnOf.get(column)!),
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

function proposalFor(search: CandidateSearch, ride: WaitingRide, candidate: Candidate): Proposal {
  return {
    kind: candidate.column >= 0 ? 'offer' : 'hold',
    rideId: ride.rideId,
    driverId: search.driverOf(candidate),
    pickupDistanceM: candidate.distanceM,
    pickupEtaS: candidate.etaS,
    costS: candidate.costS,
  }
}
