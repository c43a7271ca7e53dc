/** Distance in SQL: everything of the gazetteer is asked for around a point. */
import { sql } from 'kysely'
import type { LatLng } from '../engine/units.ts'

const EARTH_M = 6_371_008.8
const M_PER_DEG = 111_195
/** At the poles every longitude is near; a little before them a box would have to reach around the Earth. */
const POLAR_DEG = 89.5

/** How far a row's `lat` and `lng` are from a point, in metres along a great circle (haversine); poles and antimeridian too. */
export function metresFrom(point: LatLng) {
  const half = (column: string, at: number) =>
    sql`power(sin(radians(${sql.ref(column)} - ${at}::double precision) / 2), 2)`
  const shrink = Math.cos((point.lat * Math.PI) / 180)
  return sql<number>`(2 * ${EARTH_M}::double precision * asin(least(1, sqrt(
    ${half('lat', point.lat)} + ${shrink}::double precision * cos(radians(lat)) * ${half('lng', point.lng)}))))`
}

/** A condition on `lat` and `lng` that an index answers: everything within a distance, and corners beyond it. */
export function boxAround(point: LatLng, withinM: number) {
  const reachLat = withinM / M_PER_DEG
  const lat = sql`lat between ${point.lat - reachLat} and ${point.lat + reachLat}`
  const outermost = Math.abs(point.lat) + reachLat
  if (outermost >= POLAR_DEG) return lat
  const reachLng = reachLat / Math.cos((outermost * Math.PI) / 180)
  const [west, east] = [point.lng - reachLng, point.lng + reachLng]
  if (west < -180) return sql`${lat} and (lng >= ${west + 360} or lng <= ${east})`
  if (east >= 180) return sql`${lat} and (lng >= ${west} or lng <= ${east - 360})`
  return sql`${lat} and lng between ${west} and ${east}`
}
