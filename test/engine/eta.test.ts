import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { DEFAULT_TRAVEL, travel, travelOver } from '../../src/engine/eta.ts'
import { distanceM } from '../../src/engine/geo.ts'

test('a straight kilometre is 1.3 km of road and 200 s of city', () => {
  expect(travelOver(1000)).toEqual({ distanceM: 1300, durationS: 200 })
})

test('a region’s own model replaces the default', () => {
  expect(travelOver(1000, { circuity: 1, speedMps: 10 })).toEqual({ distanceM: 1000, durationS: 100 })
})

test('nowhere is no way and takes no time', () => {
  const here = { lat: 40.75, lng: -73.98 }
  expect(travel(here, here)).toEqual({ distanceM: 0, durationS: 0 })
})

const points = fc.record({
  lat: fc.double({ min: -90, max: 90, noNaN: true }),
  lng: fc.double({ min: -180, max: 179.999, noNaN: true }),
})

test('anywhere on Earth the way is finite, never shorter than the straight line, the same there and back', () => {
  fc.assert(
    fc.property(points, points, (from, to) => {
      const leg = travel(from, to)
      expect(Number.isFinite(leg.distanceM) && Number.isFinite(leg.durationS)).toBe(true)
      expect(leg.distanceM).toBeGreaterThanOrEqual(distanceM(from, to))
      expect(leg.durationS * DEFAULT_TRAVEL.speedMps).toBeCloseTo(leg.distanceM, 3)
      expect(travel(to, from).distanceM).toBeCloseTo(leg.distanceM, 3)
    }),
  )
})

test('across the antimeridian the way is short', () => {
  const leg = travel({ lat: 0, lng: 179.9 }, { lat: 0, lng: -179.9 })
  expect(leg.distanceM).toBeCloseTo(1.3 * 22_239, -2)
})
