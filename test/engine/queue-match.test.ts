import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  DEFAULT_POLICY,
  decide,
  type Policy,
  type Situation,
  type WaitingRide,
} from '../../src/engine/decide.ts'
import { FleetIndex } from '../../src/engine/fleet-index.ts'
import type { Queues } from '../../src/engine/queue-match.ts'
import type { DriverId, LatLng, RideId, ZoneId } from '../../src/engine/units.ts'
import { ZoneIndex } from '../../src/engine/zone.ts'

const NOW_MS = 1_800_000_000_000
const STANDARD = 1
const BLACK = 2
const RANK = 'rank' as ZoneId
const box = (west: number, south: number, east: number, north: number) => ({
  type: 'Polygon' as const,
  coordinates: [
    [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ],
  ],
})
const zones = new ZoneIndex([{ id: RANK, area: box(0, 0, 0.01, 0.01), hysteresisM: 30 }])
const IN_RANK: LatLng = { lat: 0.005, lng: 0.005 }
/** 300 m east of it. */
const BESIDE: LatLng = { lat: 0.005, lng: 0.0127 }

interface Car {
  readonly at?: LatLng
  readonly classMask?: number
  readonly seats?: number
  readonly attributes?: number
  readonly busy?: boolean
}
function fleetOf(cars: Record<string, Car>): FleetIndex {
  const fleet = new FleetIndex()
  for (const [
    id,
    { at = IN_RANK, classMask = STANDARD, seats = 4, attributes = 0, busy = false },
  ] of Object.entries(cars))
    fleet.setAvailable(fleet.add(id as DriverId, at, { classMask, seats, attributes }), !busy)
  return fleet
}
function ride(id: string, more: Partial<WaitingRide> = {}): WaitingRide {
  return {
    rideId: id as RideId,
    pickup: IN_RANK,
    classMask: STANDARD,
    seats: 1,
    attributes: 0,
    requestedAtMs: NOW_MS,
    tripS: 0,
    excluded: new Set(),
    ...more,
  }
}
const queueOf = (drivers: string, outsideRides = false): Queues => ({
  zones,
  standing: new Map([[RANK, { drivers: drivers.split(' ') as DriverId[], outsideRides }]]),
})
const KINDS: Policy['kind'][] = ['nearest', 'batch', 'longest_wait']
function decided(waiting: WaitingRide[], cars: Record<string, Car>, more: Partial<Situation> = {}): string[] {
  return decide({
    waiting,
    fleet: fleetOf(cars),
    policy: DEFAULT_POLICY,
    nowMs: NOW_MS,
    pickupEtaS: (distanceM) => distanceM / 6,
    ...more,
  }).map(({ rideId, driverId, zoneId }) => `${rideId} ${driverId}${zoneId === undefined ? '' : ` ${zoneId}`}`)
}

describe('a ride that begins at a rank', () => {
  test.each(KINDS)('goes to who stands first, not to who is nearest (%s)', (kind) => {
    const cars = { first: { at: { lat: 0.001, lng: 0.001 } }, second: {}, passing: {} }
    const policy = { ...DEFAULT_POLICY, kind }
    expect(decided([ride('r')], cars, { policy, queues: queueOf('first second') })).toEqual(['r first rank'])
  })

  test('goes to the next one where the first does not fit or was asked before', () => {
    const cars = {
      black: { classMask: BLACK },
      small: { seats: 2 },
      plain: {},
      asked: {},
      ramp: { attributes: 1 },
      busy: { busy: true },
    }
    const queues = queueOf('busy black small asked plain ramp')
    const excluded = new Set(['asked'] as DriverId[])
    expect(decided([ride('r', { seats: 3, excluded })], cars, { queues })).toEqual(['r plain rank'])
    expect(decided([ride('r', { attributes: 1 })], cars, { queues })).toEqual(['r ramp rank'])
    expect(decided([ride('r', { classMask: BLACK })], cars, { queues })).toEqual(['r black rank'])
  })

  test('several rides go down the queue, the oldest first; who is left over is matched as anywhere', () => {
    const waiting = [
      ride('late'),
      ride('early', { requestedAtMs: NOW_MS - 5_000 }),
      ride('last', { requestedAtMs: NOW_MS + 1 }),
    ]
    const cars = { a: {}, b: {}, near: { at: BESIDE } }
    expect(decided(waiting, cars, { queues: queueOf('a b') })).toEqual([
      'early a rank',
      'late b rank',
      'last near',
    ])
  })

  test('is matched as anywhere when nobody stands there', () => {
    const queues: Queues = { zones, standing: new Map() }
    expect(decided([ride('r')], { near: { at: BESIDE } }, { queues })).toEqual(['r near'])
  })

  test('is not offered to who could not be there in time', () => {
    const waiting = [ride('r', { requestedAtMs: NOW_MS - 55_000 })]
    const policy = { ...DEFAULT_POLICY, pickupWithinS: 60 }
    const cars = { far: { at: { lat: 0.001, lng: 0.001 } }, near: {} }
    expect(decided(waiting, cars, { policy, queues: queueOf('far near') })).toEqual(['r near rank'])
  })
})

describe('a ride from elsewhere', () => {
  const outside = ride('r', { pickup: BESIDE })
  const cars = { stands: {}, free: { at: { lat: 0.005, lng: 0.03 } } }

  test.each(KINDS)('takes nobody out of a queue that keeps its cars (%s)', (kind) => {
    const policy = { ...DEFAULT_POLICY, kind, radiusM: 5_000 }
    expect(decided([outside], cars, { policy, queues: queueOf('stands', false) })).toEqual(['r free'])
  })

  test('may take the nearest out of one that does not', () => {
    const policy = { ...DEFAULT_POLICY, radiusM: 5_000 }
    expect(decided([outside], cars, { policy, queues: queueOf('stands', true) })).toEqual(['r stands'])
  })
})

test('of zones around a pickup the smallest whose queue has a fitting car serves it', () => {
  const airport = 'airport' as ZoneId
  const both = new ZoneIndex([
    { id: airport, area: box(-0.1, -0.1, 0.1, 0.1), hysteresisM: 30 },
    { id: RANK, area: box(0, 0, 0.01, 0.01), hysteresisM: 30 },
  ])
  const standing = (rank: string[]) =>
    new Map([
      [airport, { drivers: ['lot' as DriverId], outsideRides: false }],
      [RANK, { drivers: rank as DriverId[], outsideRides: false }],
    ])
  const cars = { lot: { at: { lat: 0.05, lng: 0.05 } }, door: {} }
  expect(decided([ride('r')], cars, { queues: { zones: both, standing: standing(['door']) } })).toEqual([
    'r door rank',
  ])
  expect(
    decided(
      [ride('r')],
      { ...cars, door: { busy: true } },
      { queues: { zones: both, standing: standing(['door']) } },
    ),
  ).toEqual(['r lot airport'])
})

describe('the longest wait in a whole region', () => {
  const policy = { ...DEFAULT_POLICY, kind: 'longest_wait' as const, radiusM: 2_000, reachShareLeast: 1 }
  const idle = (sinceS: Record<string, number>) => (driverId: DriverId) => NOW_MS - sinceS[driverId]! * 1_000

  test('of all in reach who has been idle longest is asked, near or not', () => {
    const cars = { near: {}, idler: { at: BESIDE }, far: { at: { lat: 0.005, lng: 0.05 } } }
    const idleSinceMs = idle({ near: 60, idler: 600, far: 9_999 })
    expect(decided([ride('r')], cars, { policy, idleSinceMs })).toEqual(['r idler'])
  })

  test('any town: nobody in reach who fits is left idle longer than who was asked', () => {
    const spot = fc.record({
      lat: fc.double({ min: 0, max: 0.05, noNaN: true }),
      lng: fc.double({ min: 0, max: 0.05, noNaN: true }),
    })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(spot, fc.integer({ min: 0, max: 3_600 })), { minLength: 1, maxLength: 12 }),
        fc.array(spot, { minLength: 1, maxLength: 6 }),
        (drivers, pickups) => {
          const cars = Object.fromEntries(drivers.map(([at], n) => [`d${n}`, { at }]))
          const idleSinceMs = idle(Object.fromEntries(drivers.map(([, s], n) => [`d${n}`, s])))
          const waiting = pickups.map((pickup, n) => ride(`r${n}`, { pickup }))
          const fleet = fleetOf(cars)
          const proposals = decide({
            waiting,
            fleet,
            policy,
            nowMs: NOW_MS,
            pickupEtaS: (m) => m / 6,
            idleSinceMs,
          })
          const taken = new Set<DriverId>()
          const found = fleet.makeResult(drivers.length)
          for (const { rideId, pickup } of waiting) {
            const count = fleet.nearest(
              {
                ...pickup,
                k: drivers.length,
                maxM: policy.radiusM,
                classMask: STANDARD,
                seatsMin: 1,
                attributes: 0,
              },
              found,
            )
            const inReach = [...found.handles.slice(0, count)]
              .map((handle) => fleet.driverIdOf(handle))
              .filter((id) => !taken.has(id))
            const longest = Math.min(...inReach.map(idleSinceMs))
            const got = proposals.find((proposal) => proposal.rideId === rideId)?.driverId
            if (inReach.length === 0) expect(got).toBeUndefined()
            else {
              expect(idleSinceMs(got!)).toBe(longest)
              taken.add(got!)
            }
          }
        },
      ),
      { numRuns: 150 },
    )
  })
})
