import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  DEFAULT_POLICY,
  decide,
  dropCostS,
  hasSomebody,
  type Policy,
  type Proposal,
  pickupCostS,
  reachShare,
  searchRadiusM,
  tickEveryMs,
  type WaitingRide,
} from '../../src/engine/decide.ts'
import { FleetIndex } from '../../src/engine/fleet-index.ts'
import { distanceM } from '../../src/engine/geo.ts'
import type { DriverId, LatLng, RideId } from '../../src/engine/units.ts'

const NOW_MS = 1_800_000_000_000
const STANDARD = 1
const BLACK = 2
const CENTRE: LatLng = { lat: 40.75, lng: -73.98 }
const METRES_PER_DEGREE = 111_195

/** A point so many metres north and east of the middle of town. */
function at(northM: number, eastM = 0): LatLng {
  const lngScale = METRES_PER_DEGREE * Math.cos((CENTRE.lat * Math.PI) / 180)
  return { lat: CENTRE.lat + northM / METRES_PER_DEGREE, lng: CENTRE.lng + eastM / lngScale }
}

interface Car {
  at: LatLng
  classMask?: number
  seats?: number
  attributes?: number
}

function fleetOf(cars: Record<string, Car>): FleetIndex {
  const fleet = new FleetIndex()
  for (const [driverId, { at, classMask = STANDARD, seats = 4, attributes = 0 }] of Object.entries(cars)) {
    fleet.setAvailable(fleet.add(driverId as DriverId, at, { classMask, seats, attributes }), true)
  }
  return fleet
}

function request(rideId: string, pickup: LatLng, more: Partial<WaitingRide> = {}): WaitingRide {
  return {
    rideId: rideId as RideId,
    pickup,
    classMask: STANDARD,
    seats: 1,
    attributes: 0,
    requestedAtMs: NOW_MS,
    tripS: 0,
    excluded: new Set(),
    ...more,
  }
}

const NEAREST: Policy = { ...DEFAULT_POLICY, kind: 'nearest' }
const BATCH: Policy = { ...DEFAULT_POLICY, kind: 'batch' }
const pace = (metres: number) => metres * 0.2

function proposals(policy: Policy, cars: Record<string, Car>, waiting: WaitingRide[]): Proposal[] {
  return decide({ waiting, fleet: fleetOf(cars), policy, nowMs: NOW_MS, pickupEtaS: pace })
}

function pairs(policy: Policy, cars: Record<string, Car>, waiting: WaitingRide[]): Record<string, string> {
  return Object.fromEntries(
    proposals(policy, cars, waiting).map(({ rideId, driverId }) => [rideId, driverId]),
  )
}

describe('both policies', () => {
  for (const policy of [NEAREST, BATCH]) {
    const kind = policy.kind
    test(`${kind}: a lone request gets its nearest driver, with distance and ETA`, () => {
      const cars = { far: { at: at(900) }, near: { at: at(500) } }
      const [proposal, ...rest] = proposals(policy, cars, [request('ride', CENTRE)])
      expect(rest).toEqual([])
      expect(proposal).toMatchObject({ rideId: 'ride', driverId: 'near' })
      expect(proposal!.pickupDistanceM).toBeCloseTo(distanceM(cars.near.at, CENTRE), 6)
      expect(proposal!.pickupEtaS).toBeCloseTo(0.2 * proposal!.pickupDistanceM, 9)
      expect(proposal!.costS).toBe(pickupCostS(policy, proposal!.pickupEtaS))
    })

    test(`${kind}: a driver who declined is not asked again for that ride`, () => {
      const cars = { near: { at: at(100) }, far: { at: at(900) } }
      const declined = new Set(['near' as DriverId])
      expect(pairs(policy, cars, [request('ride', CENTRE, { excluded: declined })])).toEqual({ ride: 'far' })
    })

    test(`${kind}: only a car of the class, with the seats and attributes, is asked`, () => {
      const cars = {
        black: { at: at(100), classMask: BLACK },
        small: { at: at(200), seats: 3 },
        plain: { at: at(300) },
        ramp: { at: at(400), attributes: 1 },
      }
      const waiting = [request('ride', CENTRE, { seats: 4, attributes: 1 })]
      expect(pairs(policy, cars, waiting)).toEqual({ ride: 'ramp' })
    })

    test(`${kind}: nobody out of reach is asked, and a request reaches further the longer it waits`, () => {
      const cars = { only: { at: at(2_300) } }
      expect(pairs(policy, cars, [request('new', CENTRE)])).toEqual({})
      const old = request('old', CENTRE, { requestedAtMs: NOW_MS - 40_000 })
      expect(pairs(policy, cars, [old])).toEqual({ old: 'only' })
    })

    test(`${kind}: a driver who would come too late is not asked`, () => {
      const hurried = { ...policy, pickupWithinS: 300 }
      const cars = { only: { at: at(1_400) } }
      expect(pairs(hurried, cars, [request('new', CENTRE)])).toEqual({ new: 'only' })
      const old = request('old', CENTRE, { requestedAtMs: NOW_MS - 60_000 })
      expect(pairs(hurried, cars, [old])).toEqual({})
    })

    test(`${kind}: two requests as near to the only driver: the older gets it, in whichever order they come`, () => {
      const cars = { only: { at: at(0) } }
      const newer = request('a-newer', at(500), { requestedAtMs: NOW_MS - 1_000 })
      const older = request('b-older', at(500), { requestedAtMs: NOW_MS - 31_000 })
      expect(pairs(policy, cars, [newer, older])).toEqual({ 'b-older': 'only' })
      expect(pairs(policy, cars, [older, newer])).toEqual({ 'b-older': 'only' })
    })

    test(`${kind}: an empty queue and an empty fleet are no trouble`, () => {
      expect(pairs(policy, { idle: { at: CENTRE } }, [])).toEqual({})
      expect(pairs(policy, {}, [request('ride', CENTRE)])).toEqual({})
    })

    test(`${kind}: the same request at the same instant is decided the same, whatever the order`, () => {
      const cars = { one: { at: at(400) }, two: { at: at(-400) }, three: { at: at(0, 400) } }
      const waiting = ['a', 'b', 'c'].map((rideId) => request(rideId, CENTRE))
      expect(pairs(policy, cars, waiting.toReversed())).toEqual(pairs(policy, cars, waiting))
    })
  }
})

test('nearest serves requests in order, batch gives up the nearest car where the sum is better served', () => {
  const cars = { left: { at: at(-1_000) }, right: { at: at(300) } }
  const waiting = [
    request('first', at(0), { requestedAtMs: NOW_MS - 2_000 }),
    request('second', at(1_600), { requestedAtMs: NOW_MS - 1_000 }),
  ]
  expect(pairs(NEAREST, cars, waiting)).toEqual({ first: 'right' })
  expect(pairs(BATCH, cars, waiting)).toEqual({ first: 'left', second: 'right' })
})

test('a crowd that shares its nearest cars still empties in one tick', () => {
  const cars = Object.fromEntries(
    Array.from({ length: 40 }, (_, n) => [`driver-${n}`, { at: at(100 + 10 * n) }]),
  )
  const crowd = Array.from({ length: 40 }, (_, n) => request(`ride-${n}`, at(-n)))
  expect(proposals(BATCH, cars, crowd)).toHaveLength(40)
})

test('the search starts at the radius, widens with age and stops at the largest', () => {
  const policy: Policy = { ...BATCH, radiusM: 2_000, radiusGrowthMps: 10, radiusMaxM: 8_000 }
  expect(searchRadiusM(policy, 0)).toBe(2_000)
  expect(searchRadiusM(policy, 40_000)).toBe(2_400)
  expect(searchRadiusM(policy, 3_600_000)).toBe(8_000)
  expect(searchRadiusM(policy, -5)).toBe(2_000)
})

test('a batch decides once a window, nearest every second', () => {
  expect(tickEveryMs({ ...BATCH, batchWindowMs: 30_000 })).toBe(30_000)
  expect(tickEveryMs({ ...NEAREST, batchWindowMs: 30_000 })).toBe(1_000)
})

const metres = fc.integer({ min: -3_000, max: 3_000 })
const situation = fc.record({
  cars: fc.array(fc.record({ northM: metres, eastM: metres, classMask: fc.integer({ min: 1, max: 3 }) }), {
    maxLength: 12,
  }),
  rides: fc.array(
    fc.record({
      northM: metres,
      eastM: metres,
      classMask: fc.constantFrom(STANDARD, BLACK),
      waitedS: fc.integer({ min: 0, max: 400 }),
      excluded: fc.array(fc.integer({ min: 0, max: 11 }), { maxLength: 4 }),
    }),
    { maxLength: 10 },
  ),
})

type Drawn = typeof situation extends fc.Arbitrary<infer Value> ? Value : never

function build({ cars, rides }: Drawn) {
  const named = Object.fromEntries(
    cars.map(({ northM, eastM, classMask }, n) => [`driver-${n}`, { at: at(northM, eastM), classMask }]),
  )
  const waiting = rides.map(({ northM, eastM, classMask, waitedS, excluded }, n) =>
    request(`ride-${n}`, at(northM, eastM), {
      classMask,
      requestedAtMs: NOW_MS - waitedS * 1_000,
      excluded: new Set(excluded.map((car) => `driver-${car}` as DriverId)),
    }),
  )
  return { named, waiting }
}

function reachOf(policy: Policy, { cars, rides }: Drawn, ride: WaitingRide): number {
  const share = reachShare(policy, { idle: cars.length, waiting: rides.length })
  return searchRadiusM(policy, NOW_MS - ride.requestedAtMs, share)
}

describe('in any situation', () => {
  test('no driver and no ride twice, nobody excluded, of the wrong class, or beyond the radius', () => {
    fc.assert(
      fc.property(situation, fc.constantFrom(NEAREST, BATCH), (drawn, policy) => {
        const { named, waiting } = build(drawn)
        const answer = proposals(policy, named, waiting)
        expect(new Set(answer.map(({ driverId }) => driverId)).size).toBe(answer.length)
        expect(new Set(answer.map(({ rideId }) => rideId)).size).toBe(answer.length)
        for (const proposal of answer) {
          const ride = waiting.find(({ rideId }) => rideId === proposal.rideId)!
          const car = named[proposal.driverId]!
          expect(ride.excluded.has(proposal.driverId)).toBe(false)
          expect(car.classMask & ride.classMask).not.toBe(0)
          const straightM = distanceM(car.at, ride.pickup)
          expect(proposal.pickupDistanceM).toBeCloseTo(straightM, 6)
          expect(straightM).toBeLessThanOrEqual(reachOf(policy, drawn, ride) + 1e-6)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('a batch costs no more than serving each its nearest would, under the same drop rule', () => {
    fc.assert(
      fc.property(situation, (drawn) => {
        const { named, waiting } = build(drawn)
        // Dearer than the farthest pickup in this town, so that the rule is one for all.
        const dear = { dropCostS: 5_000 }
        const [nearest, batch] = [NEAREST, BATCH].map((policy) => {
          const answer = proposals({ ...policy, ...dear }, named, waiting)
          const costs = new Map(answer.map(({ rideId, costS }) => [rideId, costS]))
          return waiting.reduce((sum, { rideId, requestedAtMs }) => {
            const dropS = dropCostS(
              { ...BATCH, ...dear },
              { ageMs: NOW_MS - requestedAtMs, tripS: 0, farthestCostS: 0 },
            )
            return sum + (costs.get(rideId) ?? dropS)
          }, 0)
        })
        expect(batch).toBeLessThanOrEqual(nearest! + 1e-6)
      }),
      { numRuns: 500 },
    )
  })

  test('what is left over has no free driver that it could have had', () => {
    fc.assert(
      fc.property(situation, fc.constantFrom(NEAREST, BATCH), (drawn, policy) => {
        const { named, waiting } = build(drawn)
        const answer = proposals(policy, named, waiting)
        const free = Object.entries(named).filter(([driverId]) =>
          answer.every((proposal) => proposal.driverId !== driverId),
        )
        for (const ride of waiting) {
          if (answer.some(({ rideId }) => rideId === ride.rideId)) continue
          const reachM = reachOf(policy, drawn, ride)
          const missed = free.filter(
            ([driverId, car]) =>
              !ride.excluded.has(driverId as DriverId) &&
              (car.classMask & ride.classMask) !== 0 &&
              distanceM(car.at, ride.pickup) <= reachM - 1e-6,
          )
          expect(missed).toEqual([])
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('where nobody is free, or will be soon enough to be held for,', () => {
  const car = fc.record({
    north: fc.integer({ min: -9_000, max: 9_000 }),
    east: fc.integer({ min: -9_000, max: 9_000 }),
    /** On board, with so many seconds left; or asked for something else. */
    leftS: fc.option(fc.integer({ min: 0, max: 200 })),
    isFree: fc.boolean(),
  })
  const ride = fc.record({
    north: fc.integer({ min: -9_000, max: 9_000 }),
    east: fc.integer({ min: -9_000, max: 9_000 }),
    ageS: fc.integer({ min: 0, max: 900 }),
    looksWide: fc.boolean(),
  })
  const policies = [NEAREST, BATCH, { ...DEFAULT_POLICY, kind: 'longest_wait' as const }]

  test('nothing is proposed whatever waits; and whoever is proposed was somebody', () => {
    let silent = 0
    fc.assert(
      fc.property(
        fc.array(car, { maxLength: 4 }),
        fc.array(ride, { maxLength: 6 }),
        fc.constantFrom(...policies),
        fc.constantFrom(0, 60, 120),
        (cars, rides, kind, soonFreeWithinS) => {
          const policy = { ...kind, soonFreeWithinS }
          const fleet = new FleetIndex()
          const index = new FleetIndex()
          const leftOf = new Map<number, number>()
          const traits = { classMask: STANDARD, seats: 4, attributes: 0 }
          for (const [n, { north, east, leftS, isFree }] of cars.entries()) {
            const id = `car ${n}` as DriverId
            fleet.setAvailable(fleet.add(id, at(north, east), traits), isFree && leftS === null)
            if (leftS === null) continue
            const handle = index.add(id, at(east, north), traits)
            index.setAvailable(handle, true)
            leftOf.set(handle, leftS)
          }
          const soonFree = { index, leftS: (handle: number) => leftOf.get(handle)! }
          const waiting = rides.map(({ north, east, ageS, looksWide }, n) =>
            request(`ride ${n}`, at(north, east), { requestedAtMs: NOW_MS - ageS * 1_000, looksWide }),
          )
          const answer = decide({ waiting, fleet, soonFree, policy, nowMs: NOW_MS, pickupEtaS: pace })
          const isSomebody =
            cars.some(({ leftS, isFree }) => leftS === null && isFree) ||
            cars.some(({ leftS }) => leftS !== null && leftS <= soonFreeWithinS)
          expect(hasSomebody({ fleet, soonFree, policy })).toBe(isSomebody)
          if (!isSomebody) {
            silent++
            expect(answer).toEqual([])
          }
        },
      ),
      { numRuns: 500 },
    )
    expect(silent).toBeGreaterThan(20)
  })
})
