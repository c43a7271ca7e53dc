/**
 * Many riders × many cars, pooled: who rides in which run. Pure and deterministic.
 *
 * After J. Alonso-Mora, S. Samaranayake, A. Wallar, E. Frazzoli, D. Rus, "On-demand high-capacity ride-sharing via
 * dynamic trip-vehicle assignment", PNAS 114 (2017), doi 10.1073/pnas.1611675114: first which request fits which run,
 * then which groups of requests (trips) fit it together, then the best choice of one trip a run. Where they call a solver
 * of integer programs, we begin from the better of two heuristics and search each connected part within a budget:
 * small ones are solved exactly, large ones end no worse than they began.
 *
 * For a laboratory: a place may be a road node, `travelS` a table. Call `poolBatch` every 10 to 30 s with the requests
 * not yet served and every car as a run (empty ones too); replace a run's stops by `stops` of its plan; a request that
 * is not in a plan is asked again next time, until its `latestPickupS` has passed.
 */
import { bestChoice } from './pool-choice.ts'
import { Batch, type Filled, keyOf, type PoolPolicy, type PoolSituation } from './pool-groups.ts'
import { DEFAULT_POOL_WEIGHTS, type Run } from './run.ts'

export type { PoolPolicy, PoolRun, PoolSituation } from './pool-groups.ts'

/** What changes for one run. */
export interface PoolPlan<P> {
  readonly runId: string
  /** The new riders. */
  readonly rideIds: readonly string[]
  /** All stops of the run, in the order to drive them. */
  readonly stops: Run<P>['stops']
  readonly costS: number
  readonly addedDriveS: number
}

export const DEFAULT_POOL_POLICY: PoolPolicy = {
  weights: DEFAULT_POOL_WEIGHTS,
  dropCostS: 20_000,
  candidates: 8,
  newRiders: 3,
  groupsPerRun: 200,
  searchSteps: 20_000,
}

/**
 * Put requests into runs at the least total cost: what each run's change costs, and the drop cost of who is left.
 * Never dearer than `poolGreedily`; equal to exhaustive search where the parts are small enough for the budget.
 * @returns a plan for every run that gets somebody, in the order of the runs
 */
export function poolBatch<P>(situation: PoolSituation<P>): PoolPlan<P>[] {
  const batch = new Batch(situation)
  const begun = batch.cheaper(batch.greedy(), batch.inRounds())
  const choices = batch.groups(begun)
  const initial = begun.map((filled, run) =>
    filled.members.length === 0
      ? -1
      : choices.findIndex((choice) => choice.run === run && same(choice.members, filled.members)),
  )
  const chosen = bestChoice({
    requests: situation.requests.length,
    dropCostS: situation.policy.dropCostS,
    choices,
    initial: initial.filter((choice) => choice >= 0),
    steps: situation.policy.searchSteps,
  })
  const byRun = new Map(chosen.map((choice) => [choices[choice]!.run, choices[choice]!.filled]))
  return plansOf(
    situation,
    situation.runs.map((_, run) => byRun.get(run)),
  )
}

/** Requests in the order they were made, each into the run where it costs least: what the batch is measured against. */
export function poolGreedily<P>(situation: PoolSituation<P>): PoolPlan<P>[] {
  return plansOf(situation, new Batch(situation).greedy())
}

/** What a set of plans costs, those left out included. */
export function poolCostS<P>(situation: PoolSituation<P>, plans: readonly PoolPlan<P>[]): number {
  const served = plans.reduce((count, plan) => count + plan.rideIds.length, 0)
  const dropped = situation.requests.length - served
  return plans.reduce((costS, plan) => costS + plan.costS, dropped * situation.policy.dropCostS)
}

function plansOf<P>(
  { requests, runs }: PoolSituation<P>,
  filled: readonly (Filled<P> | undefined)[],
): PoolPlan<P>[] {
  return runs.flatMap(({ runId }, run) => {
    const now = filled[run]
    if (now === undefined || now.members.length === 0) return []
    const rideIds = now.members.map((request) => requests[request]!.rideId)
    return [{ runId, rideIds, stops: now.stops, costS: now.costS, addedDriveS: now.driveS }]
  })
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && keyOf(a) === keyOf(b)
}
