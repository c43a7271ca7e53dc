/** What is kept of a leg that was driven, to learn from: where by hexagon, how far and how long; of nobody. */
import { cellToLatLng, latLngToCell } from 'h3-js'
import { distanceM, polylineLengthM } from '../engine/geo.ts'
import type { LatLng } from '../engine/units.ts'
import { type TrailPoint, trailDistanceM } from '../positions/trail.ts'

/** Hexagons of a tenth of a square kilometre: fine enough to learn from, too coarse for a door. */
const STORED_RESOLUTION = 9

/** Too short to tell a street's pace from a search for the door. */
const STRAIGHT_LEAST_M = 200
const DURATION_LEAST_S = 60
const DURATION_MOST_S = 2 * 3_600
/** Between two fixes: with more, nobody knows which way the car took, or whether it stood. */
const GAP_MOST_MS = 120_000
const SPEED_LEAST_MPS = 1
const SPEED_MOST_MPS = 36
/** Farther than so many times the straight way is a round trip, or by way of somewhere. */
const DETOUR_MOST = 3.5

/** One way that was driven, from the first fix to the last. */
export interface TrailLeg {
  readonly from: LatLng
  readonly to: LatLng
  readonly startedAtMs: number
  readonly distanceM: number
  readonly durationS: number
}

/** The hexagon an end of a leg is kept as, an H3 index. */
export function storedEnd({ lat, lng }: LatLng): string {
  return latLngToCell(lat, lng, STORED_RESOLUTION)
}

/** The middle of a kept end. */
export function endOf(cell: string): LatLng {
  const [lat, lng] = cellToLatLng(cell)
  return { lat, lng }
}

/**
 * What a ride's way tells of the roads: null where it cannot be believed whole. A jump, a gap of two minutes, a way far
 * longer than straight or out of all speed says more about the phone or the rider's wishes than about the streets.
 * @param points in the order of time
 */
export function legOfTrail(points: readonly TrailPoint[]): TrailLeg | null {
  const [from, to] = [points[0], points.at(-1)]
  if (from === undefined || to === undefined) return null
  if (points.some((point, n) => n > 0 && point.atMs - points[n - 1]!.atMs > GAP_MOST_MS)) return null
  const drivenM = trailDistanceM(points)
  // What a trail leaves out of its length is a jump.
  if (drivenM < polylineLengthM(points)) return null
  const durationS = (to.atMs - from.atMs) / 1_000
  const straightM = distanceM(from, to)
  const speedMps = drivenM / durationS
  const isWhole =
    straightM >= STRAIGHT_LEAST_M &&
    durationS >= DURATION_LEAST_S &&
    durationS <= DURATION_MOST_S &&
    speedMps >= SPEED_LEAST_MPS &&
    speedMps <= SPEED_MOST_MPS &&
    drivenM <= DETOUR_MOST * straightM
  return isWhole
    ? {
        from: { lat: from.lat, lng: from.lng },
        to: { lat: to.lat, lng: to.lng },
        ...{ startedAtMs: from.atMs, distanceM: drivenM, durationS },
      }
    : null
}
