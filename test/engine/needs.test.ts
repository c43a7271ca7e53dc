import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { distanceM } from '../../src/engine/geo.ts'
import {
  busyCars,
  byFailure,
  carsFor,
  lateness,
  NEED_TERMS,
  noShowSoon,
  offRouteM,
  papersSoon,
  requestFailsAtMs,
  uncovered,
} from '../../src/engine/needs.ts'

const NOW_MS = 1_795_000_000_000
const MIN_MS = 60_000

describe('late', () => {
  const late = (minutes: number, isOnBoard = false) =>
    lateness({ toldAtMs: NOW_MS, expectedAtMs: NOW_MS + minutes * MIN_MS, isOnBoard })

  test('from three minutes behind what the rider was told; with the rider in the car from ten', () => {
    expect(late(2.9)).toBeNull()
    expect(late(3)).toEqual({ lateS: 180, failsAtMs: NOW_MS + 10 * MIN_MS })
    expect(late(9.9, true)).toBeNull()
    expect(late(10, true)?.lateS).toBe(600)
    expect(late(-5)).toBeNull()
  })
})

describe('off route', () => {
  const FROM = { lat: 40.7333, lng: -73.991 }
  const TO = { lat: 40.7829, lng: -73.959 }
  const promisedM = distanceM(FROM, TO) * 1.3

  test('a car on the straight way, at either end, or round two corners is not', () => {
    const middle = { lat: (FROM.lat + TO.lat) / 2, lng: (FROM.lng + TO.lng) / 2 }
    for (const car of [FROM, TO, middle, { lat: FROM.lat, lng: TO.lng }, { lat: TO.lat, lng: FROM.lng }])
      expect(offRouteM({ from: FROM, to: TO, car, promisedM })).toBeNull()
  })

  test('a car that drives the other way is, once it makes the ride a quarter and 800 m longer', () => {
    const away = { lat: FROM.lat - 0.04, lng: FROM.lng }
    const excessM = offRouteM({ from: FROM, to: TO, car: away, promisedM })!
    expect(excessM).toBeCloseTo(distanceM(FROM, away) + distanceM(away, TO) - promisedM, 6)
    expect(excessM).toBeGreaterThan(promisedM * 0.25)
  })

  test('no way of the promised length, whatever its corners, is ever off route at any of them', () => {
    const point = fc.record({
      lat: fc.double({ min: 40.6, max: 40.9, noNaN: true }),
      lng: fc.double({ min: -74.1, max: -73.8, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(point, { minLength: 2, maxLength: 8 }), (way) => {
        const lengthM = way.slice(1).reduce((sum, corner, n) => sum + distanceM(way[n]!, corner), 0)
        for (const car of way)
          expect(offRouteM({ from: way[0]!, to: way.at(-1)!, car, promisedM: lengthM })).toBeNull()
      }),
    )
  })
})

test('a request fails with its search, or three minutes after it was handed to the desk', () => {
  const deadlineAtMs = NOW_MS + 10 * MIN_MS
  expect(requestFailsAtMs({ deadlineAtMs, rescueAtMs: null })).toBe(deadlineAtMs)
  expect(requestFailsAtMs({ deadlineAtMs, rescueAtMs: NOW_MS })).toBe(NOW_MS + 3 * MIN_MS)
  expect(requestFailsAtMs({ deadlineAtMs: NOW_MS, rescueAtMs: NOW_MS })).toBe(NOW_MS)
})

test('a driver who may leave within two minutes is spoken of, and one who may already', () => {
  expect(noShowSoon({ mayLeaveAtMs: NOW_MS + 121_000, nowMs: NOW_MS })).toBeNull()
  expect(noShowSoon({ mayLeaveAtMs: NOW_MS + 120_000, nowMs: NOW_MS })).toBe(NOW_MS + 120_000)
  expect(noShowSoon({ mayLeaveAtMs: NOW_MS - 5_000, nowMs: NOW_MS })).toBe(NOW_MS - 5_000)
})

test('papers are spoken of in their last hours; without an end, or when it is over, nothing is said', () => {
  const soon = (endsAtMs: number | null) => papersSoon({ endsAtMs, nowMs: NOW_MS })
  expect(soon(NOW_MS + NEED_TERMS.papersAheadS * 1_000)).toBe(NOW_MS + NEED_TERMS.papersAheadS * 1_000)
  expect(soon(NOW_MS + NEED_TERMS.papersAheadS * 1_000 + 1)).toBeNull()
  expect(soon(null)).toBeNull()
  expect(soon(0)).toBeNull()
})

describe('booked rides and cars', () => {
  test('cars that are busy with other rides are not there for booked ones', () => {
    const quarter = { atMs: NOW_MS, booked: 4, cars: 10, busy: 8 }
    expect(carsFor(quarter)).toBe(2)
    expect(uncovered(quarter)).toBe(2)
    expect(uncovered({ ...quarter, busy: 12 })).toBe(4)
    expect(uncovered({ ...quarter, busy: 0 })).toBe(0)
  })

  test('thirty rides an hour of twenty minutes keep ten cars', () => {
    expect(busyCars({ askedAnHour: 30, rideS: 1_200 })).toBe(10)
    expect(busyCars({ askedAnHour: 0, rideS: 1_200 })).toBe(0)
  })

  test('more cars never leave more rides uncovered, and what is uncovered was booked', () => {
    const few = fc.nat({ max: 50 })
    fc.assert(
      fc.property(few, few, few, (booked, cars, busy) => {
        const open = uncovered({ atMs: 0, booked, cars, busy })
        expect(open).toBeLessThanOrEqual(booked)
        expect(uncovered({ atMs: 0, booked, cars: cars + 1, busy })).toBeLessThanOrEqual(open)
      }),
    )
  })
})

test('least time left comes first, and the order does not depend on the one it was found in', () => {
  const need = fc.record({ id: fc.string({ maxLength: 3 }), failsAtMs: fc.nat({ max: 5 }) })
  fc.assert(
    fc.property(fc.uniqueArray(need, { selector: ({ id }) => id }), (needs) => {
      const sorted = byFailure(needs)
      expect(byFailure(needs.toReversed())).toEqual(sorted)
      for (const [n, { failsAtMs }] of sorted.entries())
        expect(failsAtMs).toBeGreaterThanOrEqual(sorted[n - 1]?.failsAtMs ?? 0)
    }),
  )
})
