/** Whether the sun is up, for pages that go dark with the city. */
import type { LatLng } from './units.ts'

const RAD = Math.PI / 180
const DAY_MS = 86_400_000
/** 2000-01-01 12:00 UTC, from which the series below count days. */
const J2000_MS = 946_728_000_000
/** The sun's upper edge touches the horizon, refraction included. */
const SUNSET_ELEVATION_DEG = -0.833

/**
 * Elevation of the sun's centre above the horizon, degrees; within half a degree for this century.
 * Source: the low-precision formulas of the Astronomical Almanac, section C.
 */
export function sunElevationDeg(at: LatLng, atMs: number): number {
  const days = (atMs - J2000_MS) / DAY_MS
  const anomaly = (357.528 + 0.9856003 * days) * RAD
  const longitude =
    (280.46 + 0.9856474 * days + 1.915 * Math.sin(anomaly) + 0.02 * Math.sin(2 * anomaly)) * RAD
  const obliquity = (23.439 - 0.0000004 * days) * RAD
  const rightAscension = Math.atan2(Math.cos(obliquity) * Math.sin(longitude), Math.cos(longitude))
  const declination = Math.asin(Math.sin(obliquity) * Math.sin(longitude))
  const siderealDeg = 280.46061837 + 360.98564736629 * days
  const hourAngle = (siderealDeg + at.lng) * RAD - rightAscension
  const sine =
    Math.sin(at.lat * RAD) * Math.sin(declination) +
    Math.cos(at.lat * RAD) * Math.cos(declination) * Math.cos(hourAngle)
  return Math.asin(sine) / RAD
}

export function isNight(at: LatLng, atMs: number): boolean {
  return sunElevationDeg(at, atMs) < SUNSET_ELEVATION_DEG
}
