import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { DEFAULT_POLICY, decide, type Policy, type Situation } from '../../src/engine/decide.ts'
import { FleetIndex } from '../../src/engine/fleet-index.ts'
import { compare, decideInShadow } from '../../src/engine/shadow.ts'
import type { DriverId, LatLng, RideId } from '../../src/engine/units.ts'

const NOW_MS = 1_800_000_000_000
const CENTRE: LatLng = { lat: 40.75, lng: -73.98 }
const POLICY: Policy = { ...DEFAULT_POLICY, radiusM: 8_000, enoughIdle: 0 }

function at(northM: number, eastM = 0): LatLng {
  return { lat: CENTRE.lat + northM / 111_195, lng: CENTRE.lng + eastM / 84_240 }
}

function situation(cars: readonly LatLng[], pickups: readonly LatLng[], policy = POLICY): Situation {
  const fleet = new FleetIndex()
  cars.forEach((place, n) => {
    const handle = fleet.add(`car-${n}` as DriverId, place, { classMask: 1, seats: 4, attributes: 0 })
    fleet.setAvailable(handle, true)
  })
  const waiting = pickups.map((pickup, n) => ({
    ...{ rideId: `ride-${n}` as RideId, pickup, classMask: 1, seats: 1, attributes: 0 },
    ...{ requestedAtMs: NOW_MS - n, excluded: new Set<DriverId>(), tripS: 600 },
  }))
  return { waiting, fleet, policy, nowMs: NOW_MS, pickupEtaS: (metres) => metres * 0.2 }
}

test('nearest in the shadow of a batch gives other cars, and the sums say at what price', () => {
  // The older ride takes the car between both; the newer one is left with nobody within reach of a long way.
  const now = situation([at(-1_000), at(300)], [at(1_600), at(0)])
  const live = decide(now)
  const difference = compare(now, live, decideInShadow(now, { kind: 'nearest' }))
  expect(difference.changed).toBe(2)
  expect(difference).toMatchObject({ waiting: 2, live: { rides: 2 }, shadow: { rides: 2 } })
  expect(difference.live.costS).toBeLessThan(difference.shadow.costS)
  expect(difference.live.etaS).toBeCloseTo((1_000 + 1_300) * 0.2, 0)
  expect(difference.shadow.etaS).toBeCloseTo((300 + 2_600) * 0.2, 0)
})

test('a ride that only one of both would offer counts as changed, and costs the other what leaving it costs', () => {
  const now = situation([at(3_000)], [CENTRE])
  const difference = compare(now, decide(now), decideInShadow(now, { radiusM: 1_000 }))
  expect(difference).toMatchObject({ changed: 1, live: { rides: 1 }, shadow: { rides: 0, etaS: 0 } })
  expect(difference.shadow.costS).toBeGreaterThan(difference.live.costS)
})

const metres = fc.integer({ min: -3_000, max: 3_000 })
const places = fc.array(
  fc.tuple(metres, metres).map(([north, east]) => at(north, east)),
  { maxLength: 8 },
)

test('the policy itself in shadow differs in nothing, and no shadow changes what is decided', () => {
  fc.assert(
    fc.property(places, places, fc.integer({ min: 100, max: 4_000 }), (cars, pickups, radiusM) => {
      const now = situation(cars, pickups)
      const live = decide(now)
      const same = compare(now, live, decideInShadow(now, {}))
      expect(same.changed).toBe(0)
      expect(same.shadow).toEqual(same.live)
      decideInShadow(now, { kind: 'nearest', radiusM })
      expect(decide(now)).toEqual(live)
    }),
    { numRuns: 200 },
  )
})
