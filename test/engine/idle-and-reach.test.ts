import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  DEFAULT_POLICY,
  decide,
  idleBonusS,
  type Policy,
  pickupCostS,
  reachShare,
  searchRadiusM,
} from '../../src/engine/decide.ts'
import { FleetIndex } from '../../src/engine/fleet-index.ts'
import { distanceM } from '../../src/engine/geo.ts'
import type { DriverId, LatLng, RideId } from '../../src/engine/units.ts'

const NOW_MS = 1_800_000_000_000
const CENTRE: LatLng = { lat: 40.75, lng: -73.98 }
const BATCH: Policy = { ...DEFAULT_POLICY, radiusM: 8_000, enoughIdle: 0, dropCostS: 9_000 }
const NEAREST: Policy = { ...BATCH, kind: 'nearest' }
const pace = (metres: number) => metres * 0.2

function at(northM: number, eastM = 0): LatLng {
  return { lat: CENTRE.lat + northM / 111_195, lng: CENTRE.lng + eastM / 84_240 }
}

interface Car {
  readonly at: LatLng
  readonly idleS: number
}

function decided(policy: Policy, cars: readonly Car[], pickups: readonly LatLng[]) {
  const fleet = new FleetIndex()
  cars.forEach((car, n) => {
    const handle = fleet.add(`car-${n}` as DriverId, car.at, { classMask: 1, seats: 4, attributes: 0 })
    fleet.setAvailable(handle, true)
  })
  const waiting = pickups.map((pickup, n) => ({
    ...{ rideId: `ride-${n}` as RideId, pickup, classMask: 1, seats: 1, attributes: 0 },
    ...{ requestedAtMs: NOW_MS, excluded: new Set<DriverId>(), tripS: 0 },
  }))
  const idleSinceMs = (id: DriverId) => NOW_MS - 1_000 * cars[Number(id.slice(4))]!.idleS
  return decide({ waiting, fleet, idleSinceMs, policy, nowMs: NOW_MS, pickupEtaS: pace })
}

const metres = fc.integer({ min: -2_000, max: 2_000 })
const place = fc.tuple(metres, metres).map(([north, east]) => at(north, east))
const cars = fc.array(fc.record({ at: place, idleS: fc.integer({ min: 0, max: 20_000 }) }), {
  minLength: 1,
  maxLength: 10,
})
const policies = fc.constantFrom(BATCH, NEAREST)

describe('of two drivers nearly as near', () => {
  test('who has waited longer gets the ride, and nearness wins where it says something', () => {
    for (const policy of [BATCH, NEAREST]) {
      const driver = (nearM: number, farM: number) =>
        decided(
          policy,
          [
            { at: at(nearM), idleS: 0 },
            { at: at(-farM), idleS: 3_600 },
          ],
          [CENTRE],
        )[0]!.driverId
      expect(driver(300, 350)).toBe('car-1' as DriverId)
      expect(driver(300, 600)).toBe('car-0' as DriverId)
    }
  })

  test('idling is worth more the longer it lasts, and never more than the policy says', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(100_000), (a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a]
        expect(idleBonusS(BATCH, less)).toBeLessThanOrEqual(idleBonusS(BATCH, more))
        expect(idleBonusS(BATCH, more)).toBeLessThan(BATCH.idleWorthS)
      }),
    )
    expect(idleBonusS(BATCH, 0)).toBe(0)
    expect(idleBonusS(BATCH, -5)).toBe(0)
  })

  test('it never costs a rider more seconds than the policy allows', () => {
    fc.assert(
      fc.property(cars, policies, (fleet, policy) => {
        const [proposal] = decided(policy, fleet, [CENTRE])
        const soonestS = Math.min(...fleet.map((car) => pace(distanceM(car.at, CENTRE))))
        expect(proposal!.pickupEtaS).toBeLessThanOrEqual(soonestS + policy.idleWorthS)
      }),
      { numRuns: 300 },
    )
  })

  test('nor all riders of a batch together more than that for each, nor anybody the car', () => {
    fc.assert(
      fc.property(cars, fc.array(place, { minLength: 1, maxLength: 6 }), (fleet, pickups) => {
        const costOf = (policy: Policy) => {
          const answer = decided(policy, fleet, pickups)
          const wayS = answer.reduce((sum, { pickupEtaS }) => sum + pickupCostS(policy, pickupEtaS), 0)
          return { served: answer.length, wayS }
        }
        const fair = costOf(BATCH)
        const plain = costOf({ ...BATCH, idleWorthS: 0 })
        expect(fair.served).toBe(plain.served)
        expect(fair.wayS).toBeLessThanOrEqual(plain.wayS + fair.served * BATCH.idleWorthS + 1e-6)
      }),
      { numRuns: 300 },
    )
  })
})

describe('while cars are few', () => {
  const policy: Policy = { ...DEFAULT_POLICY, enoughIdle: 2, reachShareLeast: 0.5 }
  const count = fc.nat(500)

  test('the area a new request looks at shrinks with the free cars that come on it, to a quarter at most', () => {
    expect(reachShare(policy, { idle: 20, waiting: 10 })).toBe(1)
    expect(reachShare(policy, { idle: 10, waiting: 10 })).toBeCloseTo(Math.SQRT1_2, 12)
    expect(reachShare(policy, { idle: 1, waiting: 100 })).toBe(0.5)
    expect(reachShare(policy, { idle: 0, waiting: 1 })).toBe(0.5)
    expect(reachShare(policy, { idle: 0, waiting: 0 })).toBe(1)
    expect(reachShare({ ...policy, enoughIdle: 0 }, { idle: 0, waiting: 9 })).toBe(1)
  })

  test('one car more never looks less far, one request more never farther', () => {
    fc.assert(
      fc.property(count, count, (idle, waiting) => {
        const share = reachShare(policy, { idle, waiting })
        expect(share).toBeWithin(policy.reachShareLeast, 1 + Number.EPSILON)
        expect(reachShare(policy, { idle: idle + 1, waiting })).toBeGreaterThanOrEqual(share)
        expect(reachShare(policy, { idle, waiting: waiting + 1 })).toBeLessThanOrEqual(share)
      }),
    )
  })

  test('who waits is found all the same: what waiting adds is not cut, and the largest radius neither', () => {
    expect(searchRadiusM(policy, 0, 0.5)).toBe(1_000)
    expect(searchRadiusM(policy, 100_000, 0.5)).toBe(2_000)
    expect(searchRadiusM(policy, 3_600_000, 0.5)).toBe(policy.radiusMaxM)
    const lonely = { ...policy, radiusM: 1_000 }
    expect(decided(lonely, [{ at: at(900), idleS: 0 }], [CENTRE])).toEqual([])
    expect(decided({ ...lonely, enoughIdle: 1 }, [{ at: at(900), idleS: 0 }], [CENTRE])).toHaveLength(1)
  })
})
