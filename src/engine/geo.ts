/** Distance and direction on a sphere, and along polylines. */
import type { LatLng } from './units.ts'

/** Mean Earth radius (IUGG R1), the one that h3-js and Turf use. */
export const EARTH_RADIUS_M = 6_371_008.8
const RAD = Math.PI / 180

/** Great-circle distance in metres, by the haversine formula; exact for antipodes and across the antimeridian. */
export function distanceM(a: LatLng, b: LatLng): number {
  const s = Math.sin(((b.lat - a.lat) * RAD) / 2)
  const t = Math.sin(((b.lng - a.lng) * RAD) / 2)
  const h = s * s + Math.cos(a.lat * RAD) * Math.cos(b.lat * RAD) * t * t
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
