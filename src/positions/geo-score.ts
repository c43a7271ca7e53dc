/**
 * The score under which Redis keeps a place in a geo set, which is a sorted set. GEOADD reads two decimals, makes this
 * score of them, prints it and rewrites itself into ZADD, which reads it again (`geoaddCommand` in `geo.c` of Redis). A
 * ZADD with the score leaves the very same set, for less than half of the server's time. Redis cannot change the score:
 * its dumps hold it.
 */
import type { LatLng } from '../engine/units.ts'

/** A geo set ends where the Web Mercator square does; its longitudes go to 180 on both sides. */
const MAX_LAT = 85.05112878
const MAX_LNG = 180
/** Each side of the map is cut into this many steps, 0.6 m along the equator. */
const STEPS = 2 ** 26

/** False near the poles and at longitude 180, of which a geo set gives no place back, or another. */
export function isOnGeoMap({ lat, lng }: LatLng): boolean {
  return Math.abs(lat) <= MAX_LAT && lng >= -MAX_LNG && lng < MAX_LNG
}

/**
 * The score of a place on the map, the very one GEOADD gives it: the steps from the south in the even bits, those from
 * the west in the odd ones. The operations come in the order they have in `geohashEncode` (`geohash.c` of Redis), so
 * that both round alike.
 */
export function geoScore({ lat, lng }: LatLng): number {
  const south = ((lat + MAX_LAT) / (2 * MAX_LAT)) * STEPS
  const west = ((lng + MAX_LNG) / (2 * MAX_LNG)) * STEPS
  // Bitwise operators cut a number to 32 bits, so the halves are interleaved one by one.
  return interleave(south >>> 16, west >>> 16) * 2 ** 32 + interleave(south & 0xffff, west & 0xffff)
}

function interleave(even: number, odd: number): number {
  return (spread(even) | (spread(odd) << 1)) >>> 0
}

/** Sixteen bits with a gap before each (https://graphics.stanford.edu/~seander/bithacks.html#InterleaveBMN). */
function spread(bits: number): number {
  let spaced = (bits | (bits << 8)) & 0x00ff00ff
  spaced = (spaced | (spaced << 4)) & 0x0f0f0f0f
  spaced = (spaced | (spaced << 2)) & 0x33333333
  return (spaced | (spaced << 1)) & 0x55555555
}
