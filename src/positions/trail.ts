/** What a trail says: how far the car was driven. */
import { distanceM } from '../engine/geo.ts'
import type { LatLng } from '../engine/units.ts'
import { canDrive, excusedM, MAX_EXCUSED_M } from './pings.ts'

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
    if (to.afterJump !== true && canBeDriven(from, to)) totalM += distanceM(from, to)
  }
  return totalM
}

function canBeDriven(from: TrailPoint, to: TrailPoint): boolean {
  const errorsM = excusedM(from.accuracyM ?? MAX_EXCUSED_M, to.accuracyM ?? MAX_EXCUSED_M)
  return canDrive(Math.abs(to.atMs - from.atMs), errorsM, from.lat, from.lng, to.lat, to.lng)
}
