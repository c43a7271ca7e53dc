import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { DEFAULT_POLICY, decide, dropCostS, type Policy, pickupCostS } from '../../src/engine/decide.ts'
import { FleetIndex } from '../../src/engine/fleet-index.ts'
import { distanceM } from '../../src/engine/geo.ts'
import { type SoonFree, secondsLeft } from '../../src/engine/soon-free.ts'
import type { DriverId, LatLng, RideId } from '../../src/engine/units.ts'

const NOW_MS = 1_800_000_000_000
const CENTRE: LatLng = { lat: 40.75, lng: -73.98 }
const TRAITS = { classMask: 1, seats: 4, attributes: 0 }
const BATCH: Policy = { ...DEFAULT_POLICY, radiusM: 8_000, soonFreeWithinS: 60, dropOffS: 30, enoughIdle: 0 }
const NEAREST: Policy = { ...BATCH, kind: 'nearest' }
const pace = (metres: number) => metres * 0.2

function at(northM: number, eastM = 0): LatLng {
  return { lat: CENTRE.lat + northM / 111_195, lng: CENTRE.lng + eastM / 84_240 }
}

interface Soon {
  dropoff: LatLng
  leftS: number
}
interface Asked {
  pickup: LatLng
  waitedS?: number
  excluded?: string[]
}

function indexOf(places: Record<string, LatLng>): FleetIndex {
  const index = new FleetIndex()
  for (const [id, place] of Object.entries(places))
    index.setAvailable(index.add(id as DriverId, place, TRAITS), true)
  return index
}

function decided(
  policy: Policy,
  free: Record<string, LatLng>,
  soon: Record<string, Soon>,
  rides: Record<string, Asked>,
) {
  const index = indexOf(Object.fromEntries(Object.entries(soon).map(([id, { dropoff }]) => [id, dropoff])))
  const soonFree: SoonFree = { index, leftS: (handle) => soon[index.driverIdOf(handle)]!.leftS }
  return decide({
    waiting: Object.entries(rides).map(([rideId, { pickup, waitedS = 0, excluded = [] }]) => ({
      ...TRAITS,
      rideId: rideId as RideId,
      pickup,
      seats: 1,
      requestedAtMs: NOW_MS - waitedS * 1_000,
      tripS: 0,
      excluded: new Set(excluded as DriverId[]),
    })),
    fleet: indexOf(free),
    soonFree,
    policy,
    nowMs: NOW_MS,
    pickupEtaS: pace,
  })
}

const here = { ride: { pickup: CENTRE } }

for (const policy of [BATCH, NEAREST]) {
  describe(`${policy.kind}:`, () => {
    test('a ride is held for a driver who lets a rider out at the corner, rather than offered far away', () => {
      const [proposal] = decided(policy, { far: at(3_000) }, { near: { dropoff: at(100), leftS: 40 } }, here)
      expect(proposal).toMatchObject({ kind: 'hold', rideId: 'ride', driverId: 'near' })
      // The rest of the ride, the stop, and the way from the drop-off.
      expect(proposal!.pickupEtaS).toBeCloseTo(40 + 30 + 0.2 * distanceM(at(100), CENTRE), 6)
    })

    test('a free car that is as quick goes first, for it is sure', () => {
      const soon = { near: { dropoff: CENTRE, leftS: 40 } }
      expect(decided(policy, { free: at(350) }, soon, here)).toMatchObject([
        { kind: 'offer', driverId: 'free' },
      ])
    })

    test('who has long to go, or was excluded, is not waited for; nor is anybody where the policy says so', () => {
      const near = { dropoff: CENTRE, leftS: 61 }
      expect(decided(policy, {}, { near }, here)).toEqual([])
      const soon = { near: { ...near, leftS: 60 } }
      expect(decided(policy, {}, soon, here)).toHaveLength(1)
      expect(decided(policy, {}, soon, { ride: { pickup: CENTRE, excluded: ['near'] } })).toEqual([])
      expect(decided({ ...policy, soonFreeWithinS: 0 }, {}, soon, here)).toEqual([])
    })

    test('a driver is held for one ride only', () => {
      const rides = { older: { pickup: CENTRE, waitedS: 9 }, newer: { pickup: CENTRE, waitedS: 2 } }
      const answer = decided(policy, {}, { near: { dropoff: CENTRE, leftS: 10 } }, rides)
      expect(answer).toMatchObject([{ kind: 'hold', rideId: 'older', driverId: 'near' }])
    })
  })
}

test('holding one ride leaves the free car to another, where the sum is better served', () => {
  const answer = decided(
    BATCH,
    { free: at(1_000) },
    { soon: { dropoff: at(0), leftS: 10 } },
    { first: { pickup: at(0), waitedS: 5 }, second: { pickup: at(1_500), waitedS: 1 } },
  )
  expect(answer).toMatchObject([
    { kind: 'hold', rideId: 'first', driverId: 'soon' },
    { kind: 'offer', rideId: 'second', driverId: 'free' },
  ])
})

const metres = fc.integer({ min: -2_500, max: 2_500 })
const place = fc.tuple(metres, metres).map(([north, east]) => at(north, east))
const small = fc.record({
  free: fc.array(place, { maxLength: 4 }),
  soon: fc.array(fc.record({ dropoff: place, leftS: fc.integer({ min: 0, max: 90 }) }), { maxLength: 4 }),
  rides: fc.array(fc.record({ pickup: place, waitedS: fc.integer({ min: 0, max: 300 }) }), { maxLength: 4 }),
})

test('a batch costs what the best of all ways to give rides to free and soon free drivers costs', () => {
  fc.assert(
    fc.property(small, ({ free, soon, rides }) => {
      const policy = { ...BATCH, dropCostS: 9_000 }
      const named = <T>(of: readonly T[], name: string) =>
        Object.fromEntries(of.map((item, n) => [`${name}-${n}`, item]))
      const answer = decided(policy, named(free, 'free'), named(soon, 'soon'), named(rides, 'ride'))

      const ids = answer.map(({ driverId }) => driverId)
      expect(new Set(ids).size).toBe(ids.length)
      for (const { kind, driverId } of answer)
        expect(kind).toBe(driverId.startsWith('free') ? 'offer' : 'hold')

      const cost = (ride: number, driver: number): number => {
        const { pickup } = rides[ride]!
        if (driver < free.length) return pickupCostS(policy, pace(distanceM(free[driver]!, pickup)))
        const { dropoff, leftS } = soon[driver - free.length]!
        if (leftS > policy.soonFreeWithinS) return Number.POSITIVE_INFINITY
        const etaS = leftS + policy.dropOffS + pace(distanceM(dropoff, pickup))
        return pickupCostS(policy, etaS) + policy.soonFreePenaltyS
      }
      const dropS = (ride: number) =>
        dropCostS(policy, { ageMs: rides[ride]!.waitedS * 1_000, tripS: 0, farthestCostS: 0 })
      const best = (ride: number, taken: ReadonlySet<number>): number => {
        if (ride === rides.length) return 0
        let least = dropS(ride) + best(ride + 1, taken)
        for (let driver = 0; driver < free.length + soon.length; driver++)
          if (!taken.has(driver))
            least = Math.min(least, cost(ride, driver) + best(ride + 1, new Set([...taken, driver])))
        return least
      }
      const costs = new Map<string, number>(answer.map(({ rideId, costS }) => [rideId, costS]))
      const ours = rides.reduce((sum, _ride, n) => sum + (costs.get(`ride-${n}`) ?? dropS(n)), 0)
      expect(ours).toBeCloseTo(best(0, new Set()), 6)
    }),
    { numRuns: 300 },
  )
})

describe('what is left of a ride', () => {
  const seconds = fc.integer({ min: 0, max: 5_000 })
  test('is what the road says, or the clock where the car is not seen; each second late counts as one more', () => {
    expect(secondsLeft({ plannedS: 600, elapsedS: 500, roadLeftS: 40 })).toBe(40)
    expect(secondsLeft({ plannedS: 600, elapsedS: 500, roadLeftS: null })).toBe(100)
    expect(secondsLeft({ plannedS: 600, elapsedS: 660, roadLeftS: 40 })).toBe(100)
    expect(secondsLeft({ plannedS: 600, elapsedS: 660, roadLeftS: null })).toBe(60)
  })

  test('is never negative, and a car that stands still near the end is waited for less and less', () => {
    fc.assert(
      fc.property(seconds, seconds, seconds, seconds, (plannedS, elapsedS, roadLeftS, laterS) => {
        const now = secondsLeft({ plannedS, elapsedS, roadLeftS })
        const later = secondsLeft({ plannedS, elapsedS: elapsedS + laterS, roadLeftS })
        expect(now).toBeGreaterThanOrEqual(0)
        expect(later).toBeGreaterThanOrEqual(now)
      }),
    )
  })
})
