import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { greatCircleDistance, UNITS } from 'h3-js'
import {
  alongPolyline,
  bearingDeg,
  destination,
  distanceM,
  EARTH_RADIUS_M,
  normaliseLng,
  polylineLengthM,
} from '../../src/engine/geo.ts'
import { BugError, type LatLng } from '../../src/engine/units.ts'

const points = fc.record({
  lat: fc.double({ min: -90, max: 90, noNaN: true }),
  lng: fc.double({ min: -180, max: 180, noNaN: true, maxExcluded: true }),
})
const inTown = fc.record({
  lat: fc.double({ min: 40.6, max: 40.9, noNaN: true }),
  lng: fc.double({ min: -74.1, max: -73.8, noNaN: true }),
})

describe('distance', () => {
  test('is the angle h3-js says it is, times the mean radius', () => {
    fc.assert(
      fc.property(inTown, inTown, (a, b) => {
        const theirs = greatCircleDistance([a.lat, a.lng], [b.lat, b.lng], UNITS.rads)
        expect(Math.abs(distanceM(a, b) - theirs * EARTH_RADIUS_M)).toBeLessThan(1e-6)
      }),
    )
  })

  test('is a quarter, a half and none of the way round', () => {
    const quarterM = (Math.PI / 2) * EARTH_RADIUS_M
    expect(distanceM({ lat: 0, lng: 0 }, { lat: 90, lng: 17 })).toBeCloseTo(quarterM, 6)
    expect(distanceM({ lat: 0, lng: 0 }, { lat: 0, lng: -180 })).toBeCloseTo(2 * quarterM, 6)
    expect(distanceM({ lat: 90, lng: 0 }, { lat: 90, lng: 120 })).toBeCloseTo(0, 6)
  })

  test('is short across the antimeridian', () => {
    expect(distanceM({ lat: 0, lng: 179.9995 }, { lat: 0, lng: -179.9995 })).toBeCloseTo(111.195, 2)
  })

  test('is the same there and back', () => {
    fc.assert(fc.property(points, points, (a, b) => expect(distanceM(a, b)).toBe(distanceM(b, a))))
  })
})

describe('direction', () => {
  test('north is 0, east 90, south 180, west 270', () => {
    const home = { lat: 0, lng: 0 }
    expect(bearingDeg(home, { lat: 1, lng: 0 })).toBe(0)
    expect(bearingDeg(home, { lat: 0, lng: 1 })).toBeCloseTo(90, 9)
    expect(bearingDeg(home, { lat: -1, lng: 0 })).toBeCloseTo(180, 9)
    expect(bearingDeg(home, { lat: 0, lng: -1 })).toBeCloseTo(270, 9)
  })

  test('going the distance in the direction arrives', () => {
    fc.assert(
      fc.property(inTown, inTown, (from, to) => {
        const arrived = destination(from, bearingDeg(from, to), distanceM(from, to))
        expect(distanceM(arrived, to)).toBeLessThan(1e-3)
      }),
    )
  })

  test('going far never leaves the map', () => {
    const metres = fc.double({ min: 0, max: 5e7, noNaN: true })
    fc.assert(
      fc.property(points, fc.double({ min: 0, max: 360, noNaN: true }), metres, (from, headingDeg, goM) => {
        const at = destination(from, headingDeg, goM)
        expect(Math.abs(at.lat)).toBeLessThanOrEqual(90)
        expect(at.lng).toBeGreaterThanOrEqual(-180)
        expect(at.lng).toBeLessThan(180)
      }),
    )
  })
})

describe('longitude', () => {
  test.each([
    [180, -180],
    [-180, -180],
    [540, -180],
    [181, -179],
    [-181, 179],
    [0, 0],
    [179.9999999999, 179.9999999999],
  ])('%p is kept as %p', (given, kept) => {
    expect(normaliseLng(given)).toBe(kept)
  })

  test('a hair under -180 stays in range', () => {
    const lng = normaliseLng(-180.00000000000003)
    expect(lng).toBeGreaterThanOrEqual(-180)
    expect(lng).toBeLessThan(180)
  })
})

describe('a polyline', () => {
  const line: LatLng[] = [
    { lat: 40.75, lng: -73.99 },
    { lat: 40.76, lng: -73.99 },
    { lat: 40.76, lng: -73.99 },
    { lat: 40.76, lng: -73.98 },
  ]

  test('is as long as its parts', () => {
    expect(polylineLengthM(line)).toBe(distanceM(line[0]!, line[1]!) + distanceM(line[2]!, line[3]!))
    expect(polylineLengthM([])).toBe(0)
    expect(polylineLengthM(line.slice(0, 1))).toBe(0)
  })

  test('is walked from its start to its end, and no further', () => {
    expect(alongPolyline(line, -5)).toEqual({ at: line[0]!, headingDeg: 0 })
    expect(alongPolyline(line, 1e9).at).toEqual(line[3]!)
    expect(alongPolyline(line, 1e9).headingDeg).toBeCloseTo(90, 1)
    expect(alongPolyline(line.slice(0, 1), 10)).toEqual({ at: line[0]!, headingDeg: 0 })
  })

  test('a point on it is as far along as was asked', () => {
    const lengthM = polylineLengthM(line)
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), (share) => {
        const { at } = alongPolyline(line, share * lengthM)
        const firstM = distanceM(line[0]!, line[1]!)
        const alongM = at.lng > -73.99 + 1e-9 ? firstM + distanceM(line[1]!, at) : distanceM(line[0]!, at)
        expect(Math.abs(alongM - share * lengthM)).toBeLessThan(1e-2)
      }),
    )
  })

  test('without points is a mistake of ours', () => {
    expect(() => alongPolyline([], 1)).toThrow(BugError)
  })
})
