/** What a trail says: how far the car was driven. */
import { distanceM } from '../engine/geo.ts'
import type { LatLng } from '../engine/units.ts'
import { canDrive, MAX_EXCUSED_M, type Timed } from './pings.ts'

/** A point of a stored trail; its accuracy may not have been kept. */
export interface TrailPoint extends LatLng {
  readonly atMs: number
  readonly accuracyM: number | null
  readonly afterJump?: boolean
}

/** Metres along the points, given in the order of time. A jump splits the trace: what nobody can drive is not billed. */
export function trailDistanceM(points: readonly TrailPoint[]): number {
  let totalM = 0
  for (let index = 1; index < points.length; index++) {
    const from = points[index - 1]!
    const to = points[index]!
    if (to.afterJump !== true && canDrive(graded(from), graded(to))) totalM += distanceM(from, to)
  }
  return totalM
}

function graded(point: TrailPoint): Timed {
  return { lat: point.lat, lng: point.lng, atMs: point.atMs, accuracyM: point.accuracyM ?? MAX_EXCUSED_M }
}
