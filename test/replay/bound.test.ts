import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { mostServed } from '../../src/replay/bound.ts'
import { type Ground, plainGround } from '../../src/replay/ground.ts'
import { lineUp } from '../../src/replay/line-up.ts'
import { replayPolicy } from '../../src/replay/policies.ts'
import type { RecordedRide } from '../../src/replay/recorded.ts'
import { replay } from '../../src/replay/replay.ts'
import { madeUpRides } from './synthetic.ts'

const ground = plainGround()
const START_MS = 1_211_594_407_000
const place = (x: number, y: number) => ({ lat: 37.7 + x / 1_000, lng: -122.4 + y / 1_000 })

function ride(atS: number, from: [number, number], to: [number, number], durationS: number): RecordedRide {
  return {
    requestedAtMs: START_MS + 1_000 * atS,
    ...{ localDate: '2008-05-23', localSecondsOfDay: 68_407 + atS },
    ...{ pickup: place(...from), dropoff: place(...to), distanceM: 1_000, durationS },
  }
}

/** The most that can be served by trying every order of every car; a car early waits, a ride begins as soon as it can. */
function exhaustive(
  rides: readonly RecordedRide[],
  starts: readonly { lat: number; lng: number }[],
  maxWaitS: number,
  on: Ground,
) {
  const goOn = (
    left: readonly number[],
    cars: readonly { at: { lat: number; lng: number }; freeS: number }[],
  ): number => {
    const [car, ...others] = cars
    if (car === undefined) return 0
    let most = goOn(left, others)
    for (const n of left) {
      const { requestedAtMs, pickup, dropoff, durationS } = rides[n]!
      const requestS = (requestedAtMs - rides[0]!.requestedAtMs) / 1_000
      const pickupS = Math.max(requestS, car.freeS + on.leg(car.at, pickup).durationS)
      if (pickupS > requestS + maxWaitS) continue
      const later = { at: dropoff, freeS: pickupS + durationS }
      most = Math.max(
        most,
        1 +
          goOn(
            left.filter((each) => each !== n),
            [later, ...others],
          ),
      )
    }
    return most
  }
  return goOn(
    [...rides.keys()],
    starts.map((at) => ({ at, freeS: 0 })),
  )
}

describe('the bound on what anybody could serve', () => {
  const point = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }))
  const rides = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 2_000 }), point, point, fc.integer({ min: 60, max: 1_500 })), {
      ...{ minLength: 1, maxLength: 6 },
    })
    .map((all) => all.toSorted(([a], [b]) => a - b).map((one) => ride(...one)))

  test('is never below what trying every order of every car serves', () => {
    fc.assert(
      fc.property(
        rides,
        fc.array(point, { minLength: 1, maxLength: 2 }),
        fc.constantFrom(60, 300, 600),
        (all, at, maxWaitS) => {
          const starts = at.map((each) => place(...each))
          const bound = mostServed({ rides: all, starts, ground, maxWaitS, steps: 25 })
          expect(bound).toBeGreaterThanOrEqual(exhaustive(all, starts, maxWaitS, ground))
          expect(bound).toBeLessThanOrEqual(all.length)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('tells where cars are short: one car and ten riders at once, each for half an hour', () => {
    const all = Array.from({ length: 10 }, (_, n) => ride(n, [n, 0], [20, 20], 1_800))
    const input = { rides: all, starts: [place(0, 0)], ground, maxWaitS: 600 }
    expect(exhaustive(all, input.starts, 600, ground)).toBe(1)
    expect(mostServed({ ...input, steps: 200 })).toBeLessThanOrEqual(2)
  })

  test('allows everybody where there are cars for all', () => {
    const all = Array.from({ length: 10 }, (_, n) => ride(n, [n, 0], [20, 20], 1_800))
    const starts = all.map(({ pickup }) => pickup)
    expect(mostServed({ rides: all, starts, ground, maxWaitS: 600 })).toBe(10)
  })

  test('is above what our own policies reach, and falls with the fleet', () => {
    const recorded = madeUpRides({ count: 400, seed: 11 })
    const bounds = [10, 20, 40].map((fleet) => {
      const { rides: inOrder, starts } = lineUp(recorded, fleet, 1)
      const most = mostServed({ rides: inOrder, starts, ground, maxWaitS: 600 })
      for (const name of ['batch', 'foreknown'] as const) {
        const policy = replayPolicy(name, 600, ground)
        const outcome = replay({
          ...{ recorded, history: [], ground, fleet, policy, people: null },
          ...{ maxWaitS: 600, seed: 1, stopwatch: () => 0 },
        })
        expect(outcome.rides.filter(({ unserved }) => unserved === null).length).toBeLessThanOrEqual(most)
      }
      return most
    })
    expect(bounds).toEqual(bounds.toSorted((a, b) => a - b))
    expect(bounds[0]).toBeLessThan(200)
  })
})
