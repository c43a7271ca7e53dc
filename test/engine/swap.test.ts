import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { DEFAULT_POLICY, decide, type Policy, type WaitingRide } from '../../src/engine/decide.ts'
import { FleetIndex } from '../../src/engine/fleet-index.ts'
import { distanceM } from '../../src/engine/geo.ts'
import type { AssignedRide } from '../../src/engine/swap.ts'
import type { DriverId, LatLng, RideId } from '../../src/engine/units.ts'

const NOW_MS = 1_800_000_000_000
const CENTRE: LatLng = { lat: 40.75, lng: -73.98 }
const POLICY: Policy = { ...DEFAULT_POLICY, swapGainS: 180, swapsMost: 1, swapNotWithinS: 120, enoughIdle: 0 }
const pace = (metres: number) => metres * 0.2

function at(northM: number, eastM = 0): LatLng {
  return { lat: CENTRE.lat + northM / 111_195, lng: CENTRE.lng + eastM / 84_240 }
}

function assigned(n: number, more: Partial<AssignedRide> = {}): AssignedRide {
  return {
    ...{ rideId: `ride-${n}` as RideId, driverId: `busy-${n}` as DriverId, pickup: CENTRE, classMask: 1 },
    ...{ seats: 1, attributes: 0, excluded: new Set<DriverId>(), etaS: 600, swaps: 0, ...more },
  }
}

function decided(
  policy: Policy,
  cars: readonly LatLng[],
  rides: readonly AssignedRide[],
  waiting: WaitingRide[] = [],
) {
  const fleet = new FleetIndex()
  cars.forEach((place, n) => {
    const handle = fleet.add(`free-${n}` as DriverId, place, { classMask: 1, seats: 4, attributes: 0 })
    fleet.setAvailable(handle, true)
  })
  return decide({ waiting, assigned: rides, fleet, policy, nowMs: NOW_MS, pickupEtaS: pace })
}

test('a ride goes to a free car that wins what the rule asks for, and says from whom', () => {
  expect(decided(POLICY, [at(2_000)], [assigned(1)])).toMatchObject([
    { kind: 'swap', rideId: 'ride-1', driverId: 'free-0', swapsFrom: 'busy-1' },
  ])
  expect(decided(POLICY, [at(2_200)], [assigned(1)])).toEqual([])
})

test('not where the rule is off, the car nearly there, the ride swapped before, or the driver excluded', () => {
  const near = [at(10)]
  expect(decided(POLICY, near, [assigned(1, { etaS: 300 })])).toHaveLength(1)
  expect(decided({ ...POLICY, swapGainS: 0 }, near, [assigned(1)])).toEqual([])
  expect(decided({ ...POLICY, swapNotWithinS: 301 }, near, [assigned(1, { etaS: 300 })])).toEqual([])
  expect(decided(POLICY, near, [assigned(1, { swaps: 1 })])).toEqual([])
  expect(decided(POLICY, near, [assigned(1, { excluded: new Set(['free-0' as DriverId]) })])).toEqual([])
})

test('who waits for a driver comes first', () => {
  const waiting: WaitingRide = {
    ...{ rideId: 'waits' as RideId, pickup: CENTRE, classMask: 1, seats: 1, attributes: 0 },
    ...{ requestedAtMs: NOW_MS, excluded: new Set<DriverId>(), tripS: 0 },
  }
  for (const kind of ['batch', 'nearest', 'longest_wait'] as const)
    expect(decided({ ...POLICY, kind }, [at(10)], [assigned(1)], [waiting])).toMatchObject([
      { kind: 'offer', rideId: 'waits' },
    ])
})

const metres = fc.integer({ min: -3_000, max: 3_000 })
const place = fc.tuple(metres, metres).map(([north, east]) => at(north, east))
const drawn = fc.record({
  cars: fc.array(place, { maxLength: 5 }),
  rides: fc.array(fc.record({ pickup: place, etaS: fc.integer({ min: 0, max: 1_500 }), swaps: fc.nat(1) }), {
    maxLength: 5,
  }),
})

test('together the swaps win as many seconds as any choice of them could, each within the rule', () => {
  fc.assert(
    fc.property(drawn, ({ cars, rides }) => {
      const all = rides.map((ride, n) => assigned(n, ride))
      const answer = decided(POLICY, cars, all)
      for (const { rideId, driverId, pickupEtaS } of answer) {
        const ride = all.find((each) => each.rideId === rideId)!
        expect(ride.swaps).toBe(0)
        expect(ride.etaS).toBeGreaterThanOrEqual(POLICY.swapNotWithinS)
        expect(ride.etaS - pickupEtaS).toBeGreaterThanOrEqual(POLICY.swapGainS)
        expect(driverId.startsWith('free')).toBe(true)
      }
      expect(new Set(answer.map(({ driverId }) => driverId)).size).toBe(answer.length)
      const gain = (ride: number, car: number): number => {
        const { pickup, etaS, swaps } = all[ride]!
        const gainS = etaS - pace(distanceM(cars[car]!, pickup))
        const fits = swaps === 0 && etaS >= POLICY.swapNotWithinS && gainS >= POLICY.swapGainS
        return fits ? gainS : Number.NEGATIVE_INFINITY
      }
      const best = (ride: number, taken: ReadonlySet<number>): number => {
        if (ride === all.length) return 0
        let most = best(ride + 1, taken)
        for (let car = 0; car < cars.length; car++)
          if (!taken.has(car))
            most = Math.max(most, gain(ride, car) + best(ride + 1, new Set([...taken, car])))
        return most
      }
      const won = answer.reduce((sum, { costS }) => sum - costS, 0)
      expect(won).toBeCloseTo(best(0, new Set()), 6)
    }),
    { numRuns: 300 },
  )
})
