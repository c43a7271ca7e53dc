import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  DEFAULT_POOL_POLICY,
  type PoolPlan,
  type PoolSituation,
  poolBatch,
  poolCostS,
  poolGreedily,
} from '../../src/engine/pool-batch.ts'
import { bestChoice, type Choice } from '../../src/engine/pool-choice.ts'
import { DEFAULT_POOL_WEIGHTS, type PoolRequest } from '../../src/engine/run.ts'
import {
  type Block,
  blocksS,
  isFeasible,
  leastCostOfAnyOrder,
  request,
  someRun,
} from '../support/pool-oracle.ts'

const DROP_COST_S = 3_600

const situation = (of: { requests: number; runs: number; riders: number }) =>
  fc
    .record({
      requests: fc.tuple(...Array.from({ length: of.requests }, (_, n) => request(`new-${n}`))),
      runs: fc.array(someRun(of.riders, false), { minLength: 1, maxLength: of.runs }),
    })
    .map(
      ({ requests, runs }): PoolSituation<Block> => ({
        requests,
        runs: runs.map((run, n) => ({ ...run, runId: `run-${n}` })),
        travelS: blocksS,
        policy: { ...DEFAULT_POOL_POLICY, dropCostS: DROP_COST_S },
      }),
    )

/** Every way to spread the requests over the runs, each run driven in its best order. */
function leastOfAll({ requests, runs }: PoolSituation<Block>): number {
  const known = new Map<string, number>()
  const costOf = (run: number, members: readonly PoolRequest<Block>[]): number => {
    if (members.length === 0) return 0
    const key = `${run}:${members.map(({ rideId }) => rideId)}`
    const costS = known.get(key) ?? leastCostOfAnyOrder(runs[run]!, members, DEFAULT_POOL_WEIGHTS)
    known.set(key, costS)
    return costS
  }
  const spread = (n: number, groups: readonly (readonly PoolRequest<Block>[])[]): number => {
    if (n === requests.length) return groups.reduce((sum, members, run) => sum + costOf(run, members), 0)
    let least = DROP_COST_S + spread(n + 1, groups)
    for (let run = 0; run < runs.length; run++)
      least = Math.min(least, spread(n + 1, groups.with(run, [...groups[run]!, requests[n]!])))
    return least
  }
  return spread(
    0,
    runs.map(() => []),
  )
}

function expectSound(of: PoolSituation<Block>, plans: readonly PoolPlan<Block>[]): void {
  const rides = plans.flatMap((plan) => plan.rideIds)
  expect(new Set(rides).size).toBe(rides.length)
  expect(new Set(plans.map((plan) => plan.runId)).size).toBe(plans.length)
  for (const plan of plans) {
    const run = of.runs.find(({ runId }) => runId === plan.runId)!
    expect(isFeasible(run, plan.stops)).toBe(true)
    const stopOf = (stop: { kind: string; rideId: string }) => `${stop.kind} ${stop.rideId}`
    const wanted = [
      ...run.stops.map(stopOf),
      ...plan.rideIds.flatMap((ride) => [`pickup ${ride}`, `dropoff ${ride}`]),
    ]
    expect(plan.stops.map(stopOf).toSorted()).toEqual(wanted.toSorted())
  }
}

describe('a batch of pooled requests', () => {
  test('is as cheap as trying everything, where that can be tried', () => {
    fc.assert(
      fc.property(situation({ requests: 3, runs: 2, riders: 1 }), (of) => {
        const plans = poolBatch(of)
        expectSound(of, plans)
        expect(poolCostS(of, plans)).toBeCloseTo(leastOfAll(of), 5)
      }),
      { numRuns: 150 },
    )
  })

  test('is never dearer than one request after the other, and the same twice', () => {
    fc.assert(
      fc.property(
        situation({ requests: 9, runs: 5, riders: 3 }),
        fc.constantFrom(0, 50, 5_000),
        (of, steps) => {
          const budgeted = { ...of, policy: { ...of.policy, searchSteps: steps } }
          const plans = poolBatch(budgeted)
          expectSound(of, plans)
          const greedy = poolGreedily(of)
          expectSound(of, greedy)
          expect(poolCostS(of, plans)).toBeLessThanOrEqual(poolCostS(of, greedy) + 1e-6)
          expect(poolBatch(budgeted)).toEqual(plans)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('keeps apart whom the caller keeps apart', () => {
    fc.assert(
      fc.property(situation({ requests: 4, runs: 3, riders: 2 }), (of) => {
        const mayJoin: PoolSituation<Block>['mayJoin'] = ({ rideId }, { runId }) =>
          rideId.at(-1) !== runId.at(-1)
        for (const plan of poolBatch({ ...of, mayJoin }))
          for (const rideId of plan.rideIds) expect(rideId.at(-1)).not.toBe(plan.runId.at(-1))
      }),
      { numRuns: 200 },
    )
  })

  test('nobody to serve, or nobody to serve them, is no plan', () => {
    const none = { requests: [], runs: [], travelS: blocksS, policy: DEFAULT_POOL_POLICY }
    expect(poolBatch(none)).toEqual([])
    fc.assert(
      fc.property(request('new'), (one) => expect(poolBatch({ ...none, requests: [one] })).toEqual([])),
    )
  })
})

describe('choosing groups', () => {
  const choice = fc.record({
    run: fc.nat(3),
    members: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 3 }),
    costS: fc.integer({ min: -5, max: 30 }),
  })

  function least(
    choices: readonly Choice[],
    from = 0,
    runs = new Set<number>(),
    taken = new Set<number>(),
  ): number {
    if (from === choices.length) return 10 * (6 - taken.size)
    const { run, members, costS } = choices[from]!
    const without = least(choices, from + 1, runs, taken)
    if (runs.has(run) || members.some((member) => taken.has(member))) return without
    const withIt = least(choices, from + 1, new Set([...runs, run]), new Set([...taken, ...members]))
    return Math.min(without, costS + withIt)
  }

  test('equals trying every set of groups', () => {
    fc.assert(
      fc.property(fc.array(choice, { maxLength: 9 }), (choices) => {
        const chosen = bestChoice({ requests: 6, dropCostS: 10, choices, initial: [], steps: 100_000 })
        const members = chosen.flatMap((place) => choices[place]!.members)
        expect(new Set(members).size).toBe(members.length)
        expect(new Set(chosen.map((place) => choices[place]!.run)).size).toBe(chosen.length)
        const costS = chosen.reduce((sum, place) => sum + choices[place]!.costS, 10 * (6 - members.length))
        expect(costS).toBe(least(choices))
      }),
      { numRuns: 2_000 },
    )
  })
})
