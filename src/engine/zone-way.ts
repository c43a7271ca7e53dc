/** Which zones a ride touches: where it begins, where it ends, and whose borders its way crosses. Pure. */
import type { TripZones } from './tariff.ts'
import type { LatLng } from './units.ts'
import { contains, type ZoneShape } from './zone.ts'

/**
 * The zones of a ride.
 * @param way the line driven or to be driven, in order; of the two ends alone it is straight
 */
export function zonesOfWay(shapes: readonly ZoneShape[], way: readonly LatLng[]): TripZones {
  const [first, last] = [way[0], way.at(-1)]
  if (first === undefined || last === undefined) return { pickup: [], dropoff: [], crossed: [] }
  return {
    pickup: shapes.filter((shape) => contains(shape, first)).map(({ id }) => id),
    dropoff: shapes.filter((shape) => contains(shape, last)).map(({ id }) => id),
    crossed: shapes.filter((shape) => crosses(shape, way)).map(({ id }) => id),
  }
}

/**
 * Whether a way crosses a zone's border: part of it lies in the zone and part of it does not. One that only touches a
 * corner from outside does not; the line between two points goes the short way around the Earth.
 */
export function crosses(shape: ZoneShape, way: readonly LatLng[]): boolean {
  const first = way[0]
  if (first === undefined) return false
  const began = contains(shape, first)
  if (way.some((point) => contains(shape, point) !== began)) return true
  for (let n = 1; n < way.length; n++) if (meetsBorder(shape, way[n - 1]!, way[n]!)) return true
  return false
}

/** Whether the line between two points that lie on one side of the border goes through it. */
function meetsBorder({ edges }: ZoneShape, from: LatLng, to: LatLng): boolean {
  const endX = shortWay(to.lng - from.lng)
  const endY = to.lat - from.lat
  for (let n = 0; n < edges.length; n += 4) {
    // Degrees from the way's beginning, so that the antimeridian is nowhere near.
    const x1 = shortWay(edges[n]! - from.lng)
    const y1 = edges[n + 1]! - from.lat
    const x2 = x1 + shortWay(edges[n + 2]! - edges[n]!)
    const y2 = edges[n + 3]! - from.lat
    // A cut through the Earth at the 180th meridian is no border: it is where a polygon had to be written in two.
    if (Math.abs(edges[n]!) === 180 && Math.abs(edges[n + 2]!) === 180) continue
    const a = endX * y1 - endY * x1
    const b = endX * y2 - endY * x2
    const c = (x2 - x1) * (0 - y1) - (y2 - y1) * (0 - x1)
    const d = (x2 - x1) * (endY - y1) - (y2 - y1) * (endX - x1)
    if (a * b < 0 && c * d < 0) return true
  }
  return false
}

function shortWay(degrees: number): number {
  return degrees > 180 ? degrees - 360 : degrees < -180 ? degrees + 360 : degrees
}
