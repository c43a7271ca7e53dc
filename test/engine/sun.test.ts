import { describe, expect, test } from 'bun:test'
import { isNight, sunElevationDeg } from '../../src/engine/sun.ts'
import type { LatLng } from '../../src/engine/units.ts'

const NEW_YORK = { lat: 40.7128, lng: -74.006 }
const MINUTE_MS = 60_000

/** Published times of sunrise and sunset, UTC; the formulas are good for a few minutes. */
const TABLE: [string, LatLng, number, number][] = [
  ['New York on 21 November 2026', NEW_YORK, Date.UTC(2026, 10, 21, 11, 53), Date.UTC(2026, 10, 21, 21, 33)],
  ['New York at midsummer 2026', NEW_YORK, Date.UTC(2026, 5, 21, 9, 25), Date.UTC(2026, 5, 22, 0, 31)],
  [
    'London at the equinox of 2026',
    { lat: 51.5074, lng: -0.1278 },
    Date.UTC(2026, 2, 20, 6, 3),
    Date.UTC(2026, 2, 20, 18, 13),
  ],
  [
    'Sydney at midsummer 2026',
    { lat: -33.8688, lng: 151.2093 },
    Date.UTC(2026, 11, 21, 18, 42),
    Date.UTC(2026, 11, 22, 9, 5),
  ],
]

describe.each(TABLE)('%s', (_name, at, sunriseMs, sunsetMs) => {
  test('it is night until sunrise and from sunset on, to a few minutes', () => {
    expect(isNight(at, sunriseMs - 5 * MINUTE_MS)).toBe(true)
    expect(isNight(at, sunriseMs + 5 * MINUTE_MS)).toBe(false)
    expect(isNight(at, sunsetMs - 5 * MINUTE_MS)).toBe(false)
    expect(isNight(at, sunsetMs + 5 * MINUTE_MS)).toBe(true)
  })
})

test('at noon the sun stands 90° less latitude plus declination high', () => {
  // Midsummer in New York: 90 - 40.71 + 23.44.
  expect(sunElevationDeg(NEW_YORK, Date.UTC(2026, 5, 21, 16, 58))).toBeCloseTo(72.72, 0)
  // On the equator at the equinox it is overhead.
  expect(sunElevationDeg({ lat: 0, lng: 0 }, Date.UTC(2026, 2, 20, 12, 7))).toBeGreaterThan(89)
})

test('beyond the polar circle the night lasts all winter’s day, and the day all summer’s night', () => {
  const tromso = { lat: 69.65, lng: 18.96 }
  for (let hour = 0; hour < 24; hour++) {
    expect(isNight(tromso, Date.UTC(2026, 11, 21, hour))).toBe(true)
    expect(isNight(tromso, Date.UTC(2026, 5, 21, hour))).toBe(false)
  }
})

test('at the poles and the antimeridian the answer is a number', () => {
  for (const at of [
    { lat: 90, lng: 0 },
    { lat: -90, lng: 0 },
    { lat: 0, lng: -180 },
  ])
    expect(Math.abs(sunElevationDeg(at, Date.UTC(2026, 6, 1)))).toBeLessThanOrEqual(90)
})
