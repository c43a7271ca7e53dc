import { describe, expect, test } from 'bun:test'
import { plainGround } from '../../src/replay/ground.ts'
import type { Outcome, ReplayInput } from '../../src/replay/outcome.ts'
import { replayPolicy } from '../../src/replay/policies.ts'
import { replayPooled } from '../../src/replay/pooled.ts'
import { replay } from '../../src/replay/replay.ts'
import { report } from '../../src/replay/report.ts'
import { madeUpRides } from './synthetic.ts'

const ground = plainGround()
const pooled = replayPolicy('pooled', 300, ground)
const evening = madeUpRides({ count: 160, seed: 51 }).map((ride) => {
  // As a car drives, so that being alone and at once is what a delay is measured from.
  const { distanceM, durationS } = ground.leg(ride.pickup, ride.dropoff)
  return { ...ride, distanceM, durationS }
})

function played(more: Partial<ReplayInput> = {}): Outcome {
  return replayPooled({
    ...{ recorded: evening, history: [], ground, fleet: 12, policy: pooled, people: null },
    ...{ maxWaitS: 300, seed: 1, stopwatch: () => 0, ...more },
  })
}

/** The most riders in one car at one time. */
function fullest({ rides }: Outcome): number {
  const byDriver = Map.groupBy(
    rides.filter(({ ride }) => ride.state === 'completed'),
    ({ ride }) => ride.driverId,
  )
  const loads = [...byDriver.values()].map((driven) => {
    const steps = driven.flatMap(({ pickedUpAtMs, ride }) => [
      { atMs: pickedUpAtMs!, by: 1 },
      { atMs: ride.changedAtMs, by: -1 },
    ])
    let load = 0
    // At one stop those who leave make room for those who come.
    return Math.max(
      ...steps
        .toSorted((a, b) => a.atMs - b.atMs || a.by - b.by)
        .map(({ by }) => {
          load += by
          return load
        }),
    )
  })
  return Math.max(...loads)
}

describe('a pooled replay', () => {
  test('keeps every promise: the wait, the delay and the seats', () => {
    const outcome = played()
    for (const { ride, unserved, recorded, pickedUpAtMs } of outcome.rides) {
      expect(ride.state).toBe(unserved === null ? 'completed' : 'unfulfilled')
      if (unserved !== null) continue
      expect(pickedUpAtMs! - recorded.requestedAtMs).toBeWithin(0, 300_001)
      const delayMs = ride.changedAtMs - recorded.requestedAtMs - 1_000 * recorded.durationS
      expect(delayMs).toBeWithin(-1, 600_001)
    }
    expect(fullest(outcome)).toBeWithin(2, 5)
  })

  test('repeats to the last digit, and serves far more than alone where cars are short', () => {
    const figures = (outcome: Outcome) => report(outcome, { policy: 'pooled', seed: 1, wallS: 0 })
    expect(figures(played())).toEqual(figures(played()))
    const alone = replay({
      ...{ recorded: evening, history: [], ground, fleet: 12, policy: replayPolicy('plain', 300, ground) },
      ...{ people: null, idle: 'stay', maxWaitS: 300, seed: 1, stopwatch: () => 0 },
    })
    expect(figures(played()).served_share).toBeGreaterThan(1.2 * figures(alone).served_share)
  })

  test('two riders on the same way share one car, which drives it once', () => {
    const [ride] = evening
    const { rides, pooled: driven } = played({ recorded: [ride!, ride!], fleet: 1 })
    const [first, second] = rides
    expect([first!.ride.driverId, first!.pickedUpAtMs]).toEqual([second!.ride.driverId, second!.pickedUpAtMs])
    expect(driven!.emptyM).toBe(0)
    expect(driven!.occupiedM).toBeCloseTo(ride!.distanceM, 0)
  })

  test('a car turned around on its way drives what it has driven, empty or not', () => {
    const outcome = played()
    const { emptyM, occupiedM } = outcome.pooled!
    const aloneM = outcome.rides
      .filter(({ unserved }) => unserved === null)
      .reduce((sum, { recorded }) => sum + recorded.distanceM, 0)
    expect(emptyM).toBeGreaterThan(0)
    // Shared, the way is shorter than alone one after the other; each rider rides at least their own way.
    expect(occupiedM).toBeLessThan(aloneM)
    expect(occupiedM * 4).toBeGreaterThan(aloneM)
    const { occupied_time_share } = report(outcome, { policy: 'pooled', seed: 1, wallS: 0 })
    expect(occupied_time_share).toBeWithin(0.2, 1.0001)
  })
})
