/** The batch's parts: which request fits which run, heuristics that put each somewhere, and the groups a run could take. */

import { assign } from './match.ts'
import { insertRider } from './pool.ts'
import type { Choice } from './pool-choice.ts'
import type { Insertion, PoolRequest, PoolWeights, Run, TravelS } from './run.ts'

/** A car of the batch. */
export interface PoolRun<P> extends Run<P> {
  readonly runId: string
}

export interface PoolPolicy {
  readonly weights: PoolWeights
  /** What leaving a request for the next batch costs, in weighted seconds; a dearer way to serve it is not taken. */
  readonly dropCostS: number
  /** Cheapest runs of each request that groups are sought for; 8 lose little. */
  readonly candidates: number
  /** New riders one run takes in one batch. */
  readonly newRiders: number
  /** Groups looked at for one run. */
  readonly groupsPerRun: number
  /** Steps of the search in one connected part; 0 keeps the heuristics' answer. */
  readonly searchSteps: number
}

export interface PoolSituation<P> {
  readonly requests: readonly PoolRequest<P>[]
  readonly runs: readonly PoolRun<P>[]
  /** Must obey the triangle inequality, as road times and great circles do: no way is shorter by going round. */
  readonly travelS: TravelS<P>
  readonly policy: PoolPolicy
  /** Whether a request may be put into a run at all (class, attributes, who declined); all may without it. */
  readonly mayJoin?: (request: PoolRequest<P>, run: PoolRun<P>) => boolean
}

/** A run of the batch with some of the requests in it. */
export interface Filled<P> {
  readonly members: readonly number[]
  readonly stops: Run<P>['stops']
  readonly costS: number
  readonly driveS: number
}

const NOBODY: readonly number[] = []

export interface GroupChoice<P> extends Choice {
  readonly filled: Filled<P>
}

export class Batch<P> {
  readonly #situation: PoolSituation<P>
  /** Requests by age; ties by id. */
  readonly #order: readonly number[]
  readonly #rank: readonly number[]
  /** For each request the runs that could be at its pickup in time, with the instant, soonest first. */
  readonly #near: readonly (readonly { run: number; atS: number }[])[]

  constructor(situation: PoolSituation<P>) {
    this.#situation = situation
    const { requests, runs, travelS, mayJoin } = situation
    this.#order = requests
      .map((_, index) => index)
      .sort(
        (a, b) =>
          requests[a]!.requestedAtS - requests[b]!.requestedAtS ||
          (requests[a]!.rideId < requests[b]!.rideId ? -1 : 1),
      )
    const rank = new Array<number>(requests.length)
    this.#order.forEach((request, place) => {
      rank[request] = place
    })
    this.#rank = rank
    this.#near = requests.map((request) => {
      const near: { run: number; atS: number }[] = []
      for (let run = 0; run < runs.length; run++) {
        const { from, fromAtS, capacity } = runs[run]!
        if (capacity < request.seats || fromAtS > request.latestPickupS) continue
        const atS = fromAtS + travelS(from, request.pickup)
        if (atS > request.latestPickupS + 1e-6) continue
        if (mayJoin === undefined || mayJoin(request, runs[run]!)) near.push({ run, atS })
      }
      return near.sort((a, b) => a.atS - b.atS || a.run - b.run)
    })
  }

  greedy(): Filled<P>[] {
    const filled = this.#empty()
    for (const request of this.#order) {
      const best = this.#cheapest(request, filled)
      if (best !== null) filled[best.run] = this.#add(filled[best.run]!, request, best.insertion)
    }
    return filled
  }

  /** Each round is an assignment of one request a run at most; runs that were given somebody are open again in the next. */
  inRounds(): Filled<P>[] {
    const { policy } = this.#situation
    const filled = this.#empty()
    let open = this.#order
    // Insertions of the round before hold as long as their run was not touched.
    const known = new Map<number, Map<number, Insertion<P> | null>>()
    const touched = new Set<number>()
    while (open.length > 0) {
      const edges = open.map((request) => {
        const at = known.get(request) ?? new Map<number, Insertion<P> | null>()
        known.set(request, at)
        for (const { run } of this.#near[request]!)
          if (!at.has(run) || touched.has(run)) at.set(run, this.#insert(filled[run]!, run, request))
        return this.#near[request]!.flatMap(({ run }) => {
          const insertion = at.get(run)!
          return insertion === null || insertion.costS >= policy.dropCostS ? [] : [{ run, insertion }]
        })
          .sort((a, b) => a.insertion.costS - b.insertion.costS || a.run - b.run)
          .slice(0, 2 * policy.candidates)
      })
      const chosen = assigned(edges, policy.dropCostS)
      touched.clear()
      chosen.forEach((edge, row) => {
        if (edge < 0) return
        const { run, insertion } = edges[row]![edge]!
        filled[run] = this.#add(filled[run]!, open[row]!, insertion)
        touched.add(run)
      })
      if (touched.size === 0) break
      open = open.filter((_, row) => chosen[row]! < 0)
    }
    return filled
  }

  /**
   * The groups of requests that each run could take, those already found among them. A group of three is looked for
   * only where it contains a group of two that fits: leaving somebody out never makes a run later.
   */
  groups(begun: readonly Filled<P>[]): GroupChoice<P>[] {
    const { requests, runs, policy } = this.#situation
    const empty = this.#empty()
    const alone = runs.map((): { request: number; filled: Filled<P> }[] => [])
    for (const request of this.#order) {
      const single: { run: number; filled: Filled<P> }[] = []
      for (const { run, atS } of this.#near[request]!) {
        // No run later in the list can be among the cheapest: its pickup alone costs more.
        if (single.length >= policy.candidates) {
          const worst = single[policy.candidates - 1]!.filled.costS
          if (policy.weights.rider * (atS - requests[request]!.requestedAtS) >= worst) break
        }
        const insertion = this.#insert(empty[run]!, run, request)
        // Even where it costs more than leaving the rider: beside another one it may not.
        if (insertion === null) continue
        single.push({ run, filled: this.#add(empty[run]!, request, insertion) })
        single.sort((a, b) => a.filled.costS - b.filled.costS || a.run - b.run)
        if (single.length > policy.candidates) single.pop()
      }
      for (const { run, filled } of single) alone[run]!.push({ request, filled })
    }
    const choices: GroupChoice<P>[] = []
    for (let run = 0; run < runs.length; run++) {
      const found = new Map<string, Filled<P>>()
      let level = alone[run]!.map(({ filled }) => filled)
      for (const filled of level) found.set(keyOf(filled.members), filled)
      for (let size = 2; size <= policy.newRiders && level.length > 0; size++) {
        const next: Filled<P>[] = []
        for (const group of level) {
          const last = this.#rank[group.members.at(-1)!]!
          for (const { request } of alone[run]!) {
            if (this.#rank[request]! <= last) continue
            if (found.size >= policy.groupsPerRun) break
            const insertion = this.#insert(group, run, request)
            if (insertion === null) continue
            const grown = this.#add(group, request, insertion)
            found.set(keyOf(grown.members), grown)
            next.push(grown)
          }
        }
        level = next
      }
      const start = begun[run]!
      if (start.members.length > 0) {
        const key = keyOf(start.members)
        if ((found.get(key)?.costS ?? Number.POSITIVE_INFINITY) > start.costS) found.set(key, start)
      }
      for (const filled of found.values())
        choices.push({ run, members: filled.members, costS: filled.costS, filled })
    }
    return choices
  }

  cheaper(a: Filled<P>[], b: Filled<P>[]): Filled<P>[] {
    const { requests, policy } = this.#situation
    const totalS = (all: readonly Filled<P>[]) =>
      all.reduce(
        (sum, filled) => sum + filled.costS - filled.members.length * policy.dropCostS,
        requests.length * policy.dropCostS,
      )
    return totalS(b) < totalS(a) ? b : a
  }

  #empty(): Filled<P>[] {
    return this.#situation.runs.map(({ stops }) => ({ members: NOBODY, stops, costS: 0, driveS: 0 }))
  }

  #insert(into: Filled<P>, run: number, request: number): Insertion<P> | null {
    const { runs, requests, travelS, policy } = this.#situation
    const { from, fromAtS, capacity } = runs[run]!
    const now = { from, fromAtS, capacity, stops: into.stops }
    return insertRider(now, requests[request]!, travelS, policy.weights)
  }

  #add(into: Filled<P>, request: number, insertion: Insertion<P>): Filled<P> {
    return {
      members: [...into.members, request],
      stops: insertion.stops,
      costS: into.costS + insertion.costS,
      driveS: into.driveS + insertion.addedDriveS,
    }
  }

  #cheapest(request: number, filled: readonly Filled<P>[]): { run: number; insertion: Insertion<P> } | null {
    const { requests, policy } = this.#situation
    let best: { run: number; insertion: Insertion<P> } | null = null
    let leastS = policy.dropCostS
    for (const { run, atS } of this.#near[request]!) {
      if (policy.weights.rider * (atS - requests[request]!.requestedAtS) >= leastS) break
      const insertion = this.#insert(filled[run]!, run, request)
      if (insertion === null || insertion.costS >= leastS) continue
      best = { run, insertion }
      leastS = insertion.costS
    }
    return best
  }
}

/** One request a run at most, at the least cost; the edge of each row, -1 for none. */
function assigned(
  edges: readonly (readonly { run: number; insertion: Insertion<unknown> }[])[],
  dropCostS: number,
): number[] {
  const rowStarts = new Int32Array(edges.length + 1)
  edges.forEach((row, n) => {
    rowStarts[n + 1] = rowStarts[n]! + row.length
  })
  const flat = edges.flat()
  const columnOf = new Map<number, number>()
  for (const { run } of flat) if (!columnOf.has(run)) columnOf.set(run, columnOf.size)
  const edgeOfRow = new Int32Array(edges.length)
  assign(
    {
      rows: edges.length,
      columns: columnOf.size,
      rowStarts,
      edgeColumns: Int32Array.from(flat, ({ run }) => columnOf.get(run)!),
      edgeCosts: Float64Array.from(flat, ({ insertion }) => insertion.costS),
      dropCosts: new Float64Array(edges.length).fill(dropCostS),
    },
    edgeOfRow,
  )
  return edges.map((_, row) => (edgeOfRow[row]! < 0 ? -1 : edgeOfRow[row]! - rowStarts[row]!))
}

export function keyOf(members: readonly number[]): string {
  return members.toSorted((a, b) => a - b).join(',')
}
