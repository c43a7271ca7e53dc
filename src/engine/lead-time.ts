/**
 * How long before its pickup a ride that was booked ahead goes to the matcher: as long as most riders around there,
 * at that hour, waited for their car. Too late and the rider stands in the rain; too early and a car stands idle.
 */
import { gridDisk, latLngToCell } from 'h3-js'
import { assert, type LatLng } from './units.ts'

/** Hexagons of 5 km²: enough rides an hour to learn from, small enough to tell a rank from a suburb. */
export const WAIT_RESOLUTION = 7
/** Upper ends of the classes that waits are counted in, seconds; who waited longer, or in vain, is in the last. */
export const WAIT_CLASSES_S = [60, 120, 180, 240, 300, 420, 600, 900, 1_200, 1_800, 2_700] as const
export const WAIT_COUNTS = WAIT_CLASSES_S.length + 1

/** Of all riders around there at that hour, so many would have had their car in time. */
const IN_TIME = 0.9
/** Fewer rides than this say nothing of one place or hour; then more of both are taken together. */
export const FEWEST_WAITS = 30
/** Where nothing is known yet. */
export const UNLEARNED_LEAD_S = 900
/** Earlier than this a car would stand idle for a rider who may have other plans by then. */
export const LEAD_MOST_S = 2_700
/** What is left over when all goes as usual. */
const SPARE_S = 60
/** A place or an hour beside the one asked about tells half as much of it. */
const BESIDE = 0.5

/** How many riders of a place and an hour waited how long: one count a class. */
export interface WaitCounts {
  /** H3 cell of `WAIT_RESOLUTION`. */
  readonly cell: string
  /** Of the local day, 0 to 23. */
  readonly hour: number
  readonly counts: readonly number[]
}

/** The class that a wait is counted in; null is a wait in vain. */
export function waitClass(waitS: number | null): number {
  if (waitS === null) return WAIT_COUNTS - 1
  const found = WAIT_CLASSES_S.findIndex((limitS) => waitS <= limitS)
  return found === -1 ? WAIT_COUNTS - 1 : found
}

/** Learned by counting; every figure is of past days, and of nobody. */
export class WaitModel {
  /** By cell and hour. */
  readonly #places = new Map<string, Float64Array>()
  readonly #hours = Array.from({ length: 24 }, () => new Float64Array(WAIT_COUNTS))
  readonly #all = new Float64Array(WAIT_COUNTS)

  add({ cell, hour, counts }: WaitCounts): void {
    assert(counts.length === WAIT_COUNTS && hour >= 0 && hour < 24, 'waits are counted by class and hour')
    const key = `${cell} ${hour}`
    let place = this.#places.get(key)
    if (place === undefined) {
      place = new Float64Array(WAIT_COUNTS)
      this.#places.set(key, place)
    }
    for (const into of [place, this.#hours[hour]!, this.#all])
      for (let n = 0; n < WAIT_COUNTS; n++) into[n]! += counts[n]!
  }

  /**
   * Seconds within which nine of ten riders had their car, around a place and an hour of the day; of the whole region at
   * that hour, or at any, where too few rode there. Null while nothing is known.
   */
  usualWaitS(at: LatLng, hour: number): number | null {
    const cell = latLngToCell(at.lat, at.lng, WAIT_RESOLUTION)
    const near = new Float64Array(WAIT_COUNTS)
    for (const beside of gridDisk(cell, 1))
      for (const [hours, weight] of [
        [0, 1],
        [-1, BESIDE],
        [1, BESIDE],
      ] as const) {
        const counts = this.#places.get(`${beside} ${(hour + hours + 24) % 24}`)
        if (counts === undefined) continue
        for (let n = 0; n < WAIT_COUNTS; n++) near[n]! += counts[n]! * weight * (beside === cell ? 1 : BESIDE)
      }
    return shareS(near) ?? shareS(this.#hours[hour]!) ?? shareS(this.#all)
  }
}

/** The cell that a point's waits are counted in. */
export function waitCellOf(at: LatLng): string {
  return latLngToCell(at.lat, at.lng, WAIT_RESOLUTION)
}

/** The upper end of the class in which the share is reached; null for too few waits to tell. */
function shareS(counts: Float64Array): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total < FEWEST_WAITS) return null
  let before = 0
  for (let n = 0; n < WAIT_CLASSES_S.length; n++) {
    before += counts[n]!
    if (before >= total * IN_TIME) return WAIT_CLASSES_S[n]!
  }
  return LEAD_MOST_S
}

/** What is known about a ride's lead when it is asked about. */
export interface LeadSituation {
  /** What past days say; null while nothing was learned. */
  readonly usualWaitS: number | null
  /** The median wait of the last hour; null where too few rode. On a slow evening half as much again is wanted. */
  readonly recentWaitS: number | null
  /** Of the nearest free car, just now; null while none is free. */
  readonly pickupEtaS: number | null
  /** The region's: never later than so long before the pickup. */
  readonly floorS: number
}

/**
 * Seconds before its pickup at which a ride goes to the matcher: between the floor and `LEAD_MOST_S`, and longer where any
 * of what is known says longer.
 */
export function leadS({ usualWaitS, recentWaitS, pickupEtaS, floorS }: LeadSituation): number {
  const wantedS = Math.max(usualWaitS ?? UNLEARNED_LEAD_S, (recentWaitS ?? 0) * 1.5, pickupEtaS ?? 0)
  return Math.ceil(Math.max(floorS, Math.min(LEAD_MOST_S, wantedS + SPARE_S)))
}
