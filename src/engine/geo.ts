/** Distance and direction on a sphere, and along polylines. */
import { assert, type LatLng } from './units.ts'

/** Mean Earth radius (IUGG R1), the one Turf uses; h3-js takes the authalic one, 1.6 m smaller. */
export const EARTH_RADIUS_M = 6_371_008.8
const RAD = Math.PI / 180

/** Great-circle distance in metres, by the haversine formula; exact for antipodes and across the antimeridian. */
export function distanceM(a: LatLng, b: LatLng): number {
  return greatCircleM(a.lat, a.lng, b.lat, b.lng)
}

/** The same distance to the last bit, for callers that hold bare degrees and make no objects. */
export function greatCircleM(latA: number, lngA: number, latB: number, lngB: number): number {
  const s = Math.sin(((latB - latA) * RAD) / 2)
  const t = Math.sin(((lngB - lngA) * RAD) / 2)
  const h = s * s + Math.cos(latA * RAD) * Math.cos(latB * RAD) * t * t
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** Initial bearing from `from` to `to`, degrees clockwise from north in [0, 360). */
export function bearingDeg(from: LatLng, to: LatLng): number {
  const dLng = (to.lng - from.lng) * RAD
  const y = Math.sin(dLng) * Math.cos(to.lat * RAD)
  const x =
    Math.cos(from.lat * RAD) * Math.sin(to.lat * RAD) -
    Math.sin(from.lat * RAD) * Math.cos(to.lat * RAD) * Math.cos(dLng)
  return (Math.atan2(y, x) / RAD + 360) % 360
}

/** The same meridian in [-180, 180): 180 becomes -180. Degrees in, degrees out. */
export function normaliseLng(lng: number): number {
  // In range already: returned untouched, since adding and taking away 180 would cost the last digits.
  if (lng >= -180 && lng < 180) return lng
  const turned = (((lng + 180) % 360) + 360) % 360
  return turned - 180
}

/** Where one arrives after `goM` metres along the great circle that leaves `from` at `headingDeg`. */
export function destination(from: LatLng, headingDeg: number, goM: number): LatLng {
  const angle = goM / EARTH_RADIUS_M
  const heading = headingDeg * RAD
  const sinFrom = Math.sin(from.lat * RAD)
  const cosFrom = Math.cos(from.lat * RAD)
  const sinTo = sinFrom * Math.cos(angle) + cosFrom * Math.sin(angle) * Math.cos(heading)
  const lat = Math.asin(Math.max(-1, Math.min(1, sinTo)))
  const dLng = Math.atan2(Math.sin(heading) * Math.sin(angle) * cosFrom, Math.cos(angle) - sinFrom * sinTo)
  return { lat: lat / RAD, lng: normaliseLng(from.lng + dLng / RAD) }
}

/** Length in metres of a line through `points`; 0 for none or one. */
export function polylineLengthM(points: readonly LatLng[]): number {
  let lengthM = 0
  for (let i = 1; i < points.length; i++) lengthM += distanceM(points[i - 1]!, points[i]!)
  return lengthM
}

/**
 * The point `alongM` metres from the start of a line, and which way the line runs there; before the start it
 * is the first point, past the end the last. A line of one point has no direction: 0.
 * @throws BugError for a line without points
 */
export function alongPolyline(
  points: readonly LatLng[],
  alongM: number,
): { readonly at: LatLng; readonly headingDeg: number } {
  const first = points[0]
  assert(first !== undefined, 'a polyline has points')
  let leftM = Math.max(0, alongM)
  let headingDeg = 0
  for (let i = 1; i < points.length; i++) {
    const from = points[i - 1]!
    const to = points[i]!
    const lengthM = distanceM(from, to)
    if (lengthM === 0) continue
    headingDeg = bearingDeg(from, to)
    if (leftM < lengthM) return { at: leftM === 0 ? from : destination(from, headingDeg, leftM), headingDeg }
    leftM -= lengthM
  }
  return { at: points.at(-1)!, headingDeg }
}
