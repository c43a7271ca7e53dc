import { describe, expect, test } from 'bun:test'
import { DEFAULT_TRAVEL, travel } from '../../src/engine/eta.ts'
import { isEnded } from '../../src/engine/ride.ts'
import { seededRandom } from '../../src/engine/units.ts'
import { Cars } from '../../src/replay/cars.ts'
import { plainGround } from '../../src/replay/ground.ts'
import { afterDemand, afterTheLastHour } from '../../src/replay/idle.ts'
import type { Outcome, ReplayInput } from '../../src/replay/outcome.ts'
import { People } from '../../src/replay/people.ts'
import { replayPolicy } from '../../src/replay/policies.ts'
import type { RecordedRide } from '../../src/replay/recorded.ts'
import { replay } from '../../src/replay/replay.ts'
import { report } from '../../src/replay/report.ts'
import { EVENING_S, madeUpRides } from './synthetic.ts'

type Kind = 'nearest' | 'batch'
// Not a whole minute, or the stamps would be spread.
const EVENING_MS = EVENING_S * 1_000 + 7_000

const ground = plainGround()

function played(kind: Kind, input: Partial<ReplayInput> = {}): Outcome {
  return replay({
    recorded: madeUpRides({ count: 400, seed: 11 }),
    history: [],
    fleet: 60,
    ground,
    policy: replayPolicy(kind, 600, ground),
    people: null,
    maxWaitS: 600,
    seed: 1,
    stopwatch: () => 0,
    ...input,
  })
}

/** All figures that must repeat. */
function figures(kind: Kind, input: Partial<ReplayInput> = {}) {
  return report(played(kind, input), { policy: kind, seed: input.seed ?? 1, wallS: 0 })
}

function ride(more: Partial<RecordedRide>): RecordedRide {
  return {
    requestedAtMs: EVENING_MS,
    localDate: '2008-05-23',
    localSecondsOfDay: 68_400,
    pickup: { lat: 37.76, lng: -122.43 },
    dropoff: { lat: 37.77, lng: -122.42 },
    distanceM: 2_000,
    durationS: 400,
    ...more,
  }
}

describe('a replay', () => {
  for (const kind of ['nearest', 'batch'] as const) {
    test(`${kind}: every request comes to an end, served within the longest wait or not at all`, () => {
      const { rides } = played(kind, { fleet: 40 })
      expect(rides).toHaveLength(400)
      for (const { ride, recorded, pickedUpAtMs } of rides) {
        if (ride.state === 'completed') {
          expect(pickedUpAtMs! - recorded.requestedAtMs).toBeWithin(0, 600_001)
          expect(ride.changedAtMs).toBe(pickedUpAtMs! + 1_000 * recorded.durationS)
        } else {
          expect(ride).toEqual({
            state: 'unfulfilled',
            driverId: null,
            changedAtMs: recorded.requestedAtMs + 600_000,
          })
        }
      }
    })

    test(`${kind}: no car is on two rides at once, and each sets out from where it was left`, () => {
      const { rides } = played(kind, { fleet: 40 })
      const byDriver = Map.groupBy(
        rides.filter(({ ride }) => ride.state === 'completed'),
        ({ ride }) => ride.driverId,
      )
      for (const driven of byDriver.values()) {
        const inOrder = driven.toSorted((a, b) => a.pickedUpAtMs! - b.pickedUpAtMs!)
        inOrder.slice(1).forEach((next, n) => {
          const before = inOrder[n]!
          const pickupMs = (next.pickupM / DEFAULT_TRAVEL.speedMps) * 1_000
          expect(next.pickedUpAtMs! - pickupMs).toBeGreaterThanOrEqual(before.ride.changedAtMs - 1)
        })
      }
    })

    test(`${kind}: the same seed repeats to the last digit, another does not`, () => {
      expect(figures(kind)).toEqual(figures(kind))
      expect(figures(kind, { seed: 2 })).not.toEqual({ ...figures(kind), seed: 2 })
    })

    test(`${kind}: serves a larger share with more cars, and everybody with plenty`, () => {
      const shares = [20, 40, 300].map((fleet) => figures(kind, { fleet }).served_share)
      expect(shares).toEqual(shares.toSorted((a, b) => a - b))
      expect(shares.at(-1)).toBe(1)
    })
  }

  test('a batch serves more than nearest at once where cars are short', () => {
    const served = (kind: Kind) =>
      [1, 2, 3, 4].reduce((sum, seed) => sum + figures(kind, { fleet: 40, seed }).served_share, 0)
    expect(served('batch')).toBeGreaterThan(served('nearest'))
  })

  test('nobody is decided upon before asking: what comes later changes nothing before', () => {
    const recorded = madeUpRides({ count: 400, seed: 11 }).toSorted(
      (a, b) => a.requestedAtMs - b.requestedAtMs,
    )
    const start = { lat: 37.76, lng: -122.43 }
    const early = recorded.slice(0, 200).map((each) => ({ ...each, pickup: start }))
    const cutMs = early.at(-1)!.requestedAtMs
    const known = (outcome: Outcome) =>
      outcome.rides
        .slice(0, 200)
        .filter(({ pickedUpAtMs }) => pickedUpAtMs !== null && pickedUpAtMs <= cutMs)
        .map(({ ride, pickedUpAtMs }) => [ride.driverId, pickedUpAtMs])
    // Everybody asks at one corner, so the cars start there with or without the rest of the evening.
    const later = recorded.slice(200).map((each) => ({ ...each, pickup: start, dropoff: start }))
    const alone = known(played('batch', { recorded: early }))
    expect(alone.length).toBeGreaterThan(20)
    expect(known(played('batch', { recorded: [...early, ...later] }))).toEqual(alone)
  })

  test('one car and three requests add up by hand', () => {
    const first = ride({})
    const second = ride({ requestedAtMs: EVENING_MS + 100_000, distanceM: 1_000, durationS: 100 })
    const third = ride({ requestedAtMs: EVENING_MS + 101_000 })
    const back = travel(first.dropoff, first.pickup)
    const backS = Math.round(1_000 * back.durationS) / 1_000
    expect(figures('nearest', { recorded: [first, second, third], fleet: 1 })).toEqual({
      policy: 'nearest',
      fleet: 1,
      seed: 1,
      requests: 3,
      served_share: 0.666667,
      served_share_by_length_quartile: [0, 1, 1, 0],
      wait_mean_s: expect.closeTo((300 + backS) / 2, 5),
      wait_p50_s: 0,
      wait_p95_s: expect.closeTo(300 + backS, 5),
      delay_mean_s: expect.closeTo((300 + backS) / 2, 5),
      pickup_km: expect.closeTo(back.distanceM / 1_000, 5),
      repositioning_km: 0,
      empty_km_share: expect.closeTo(back.distanceM / (back.distanceM + 3_000), 5),
      occupied_time_share: 1,
      rides_per_car: 2,
      declines: 0,
      cancels: { no_driver_in_time: 1 },
      tick_p50_ms: 0,
      tick_p99_ms: 0,
      wall_s: 0,
    })
  })

  test('a car idle for ten minutes goes to where riders were, and that counts as empty', () => {
    const away = { lat: 37.79, lng: -122.4 }
    const first = ride({ dropoff: away, durationS: 600 })
    const last = ride({ requestedAtMs: EVENING_MS + 3_000_000 })
    const outcome = played('nearest', { recorded: [first, last], fleet: 1 })
    const back = travel(away, first.pickup, DEFAULT_TRAVEL)
    expect(outcome.repositioningM).toBeCloseTo(back.distanceM, 3)
    expect(outcome.rides[1]).toMatchObject({ pickedUpAtMs: last.requestedAtMs })
    const { empty_km_share, rides_per_car } = report(outcome, { policy: 'nearest', seed: 1, wallS: 0 })
    expect(empty_km_share).toBeCloseTo(back.distanceM / (back.distanceM + 4_000), 5)
    expect(rides_per_car).toBe(2)
  })

  test('a car called on its way to another place sets out from where it has come to', () => {
    const away = { lat: 37.79, lng: -122.4 }
    const first = ride({ dropoff: away, durationS: 600 })
    const home = travel(away, first.pickup, DEFAULT_TRAVEL)
    const halfwayMs = EVENING_MS + 1_200_000 + 1_000 * Math.round(home.durationS / 2)
    const second = ride({ requestedAtMs: halfwayMs })
    const outcome = played('nearest', { recorded: [first, second], fleet: 1 })
    expect(outcome.repositioningM).toBeCloseTo(home.distanceM / 2, -1)
    expect(outcome.rides[1]!.pickupM).toBeCloseTo(home.distanceM / 2, -1)
  })

  test('a nearer car that comes free takes a ride over, and the way driven for nothing counts as empty', () => {
    const far = { lat: 37.8, lng: -122.43 }
    const near = { lat: 37.75, lng: -122.43 }
    const recorded = [
      ride({ dropoff: far, durationS: 100 }),
      ride({ requestedAtMs: EVENING_MS + 1, dropoff: near, durationS: 300 }),
      ride({ requestedAtMs: EVENING_MS + 200_000, pickup: near }),
    ]
    const nearest = replayPolicy('nearest', 1_200, ground)
    const swapping = { ...nearest, matching: { ...nearest.matching, swapGainS: 60 } }
    const [stays, swapped] = [nearest, swapping].map((policy) =>
      played('nearest', { recorded, fleet: 2, policy, maxWaitS: 1_200, idle: 'stay' }),
    ) as [Outcome, Outcome]
    const way = ground.leg(far, near)
    expect(stays.rides[2]!.pickupM).toBeCloseTo(way.distanceM, 3)
    expect(stays.rides[2]!.pickedUpAtMs! - EVENING_MS).toBeWithin(
      199_000 + way.durationS * 1_000,
      203_000 + way.durationS * 1_000,
    )
    const [, before, ride2] = swapped.rides
    expect(ride2!.ride.driverId).toBe(before!.ride.driverId)
    const freeS = (before!.pickedUpAtMs! - EVENING_MS) / 1_000 + 300
    expect((ride2!.pickedUpAtMs! - EVENING_MS) / 1_000).toBeWithin(freeS, freeS + 3)
    const drivenForNothingM = (way.distanceM * (freeS - 200)) / way.durationS
    expect(ride2!.pickupM).toBeWithin(drivenForNothingM - 20, drivenForNothingM + 20)
  })

  test('swapping: every request comes to an end, and who refuses to take over is not asked again', () => {
    const policy = replayPolicy('swapping', 600, ground)
    const swapped = played('batch', { policy, fleet: 40 })
    expect(swapped.rides.every(({ ride }) => isEnded(ride.state))).toBe(true)
    const asked: string[] = []
    const people = new People(1)
    people.accepts = (place, car) => {
      asked.push(`${place} ${car}`)
      return (place + car) % 3 > 0
    }
    const { rides, declines } = played('batch', { policy, fleet: 40, people })
    expect(rides.every(({ ride }) => isEnded(ride.state))).toBe(true)
    expect(declines).toBeGreaterThan(0)
    expect(new Set(asked).size).toBe(asked.length)
  })

  test('runs with past days to learn from', () => {
    const history = madeUpRides({ count: 500, seed: 12, daysLater: 1 })
    expect(figures('batch', { history })).toEqual(figures('batch', { history }))
    expect(figures('batch', { history })).not.toEqual(figures('batch'))
  })
})

describe('where idle cars go', () => {
  const corner = { lat: 37, lng: -122 }

  test('by the last hour: to its pickups, not to older and not to coming ones', () => {
    const places = [0, 1_800, 5_000, 9_000].map((afterS, n) =>
      ride({ requestedAtMs: EVENING_MS + afterS * 1_000, pickup: { lat: 38 + n, lng: -122 } }),
    )
    const moves = afterTheLastHour(places, seededRandom(5))
    const cars = new Cars(
      Array.from({ length: 40 }, () => corner),
      EVENING_MS - 600_000,
    )
    expect(moves(EVENING_MS - 1, cars, [])).toEqual([])
    const drawn = new Set(moves(EVENING_MS + 5_100_000, cars, []).map(({ to }) => to.lat))
    expect([...drawn].toSorted()).toEqual([39, 40])
    expect(moves(EVENING_MS + 8_900_000, cars, [])).toEqual([])
  })

  test('by the last hour: a car as good as there stays, and is looked at again later', () => {
    const moves = afterTheLastHour([ride({ pickup: { lat: 37.001, lng: -122 } })], seededRandom(5))
    const cars = new Cars([corner], EVENING_MS - 600_000)
    expect(moves(EVENING_MS, cars, [])).toEqual([])
    expect(cars.doing[0]).toEqual({ type: 'resting', sinceMs: EVENING_MS })
  })

  test('by demand: to where more is expected soon than there are cars, over midnight too', () => {
    const busy = { lat: 37.05, lng: -122 }
    const history = Array.from({ length: 40 }, (_, n) =>
      ride({ pickup: busy, localDate: '2008-05-22', localSecondsOfDay: 30 * n }),
    )
    const movesAt = (secondsOfDay: number, cars: Cars) =>
      afterDemand(history, () => secondsOfDay)(EVENING_MS, cars, []).map(({ car }) => car)
    const rested = () => new Cars([corner, corner], EVENING_MS - 300_000)
    expect(movesAt(85_800, rested())).toEqual([0, 1])
    expect(movesAt(0, rested())).toEqual([0, 1])
    expect(movesAt(40_000, rested())).toEqual([])
    expect(movesAt(0, new Cars([corner], EVENING_MS - 299_000))).toEqual([])
  })

  test('by demand: cars that will be free there count, and so do those on their way', () => {
    const busy = { lat: 37.05, lng: -122 }
    const history = [ride({ pickup: busy, localDate: '2008-05-22', localSecondsOfDay: 400 })]
    const others = Array.from({ length: 9 }, () => corner)
    const moved = (prepare: (cars: Cars, car: number) => void) => {
      const cars = new Cars([corner, ...others], EVENING_MS - 300_000)
      for (let car = 1; car <= others.length; car++) prepare(cars, car)
      return afterDemand(history, () => 0)(EVENING_MS, cars, []).some(({ car }) => car === 0)
    }
    expect(
      moved((cars, car) => cars.take(car, EVENING_MS, { freeAtMs: EVENING_MS + 7e6, freeAt: busy })),
    ).toBe(true)
    expect(
      moved((cars, car) => cars.take(car, EVENING_MS, { freeAtMs: EVENING_MS + 60_000, freeAt: busy })),
    ).toBe(false)
    expect(moved((cars, car) => void cars.reposition(car, busy, EVENING_MS))).toBe(false)
  })
})
