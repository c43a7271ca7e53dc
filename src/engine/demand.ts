/** How many requests to expect where and when: counts of past days, by hexagon and quarter of an hour. */
import { cellToLatLng, latLngToCell } from 'h3-js'
import type { LatLng } from './units.ts'

export const QUARTER_S = 900
export const QUARTERS = 96

/** A hexagon and what is asked for in it. */
export interface DemandCell {
  readonly cell: string
  readonly centre: LatLng
  /** Requests a day, by quarter of an hour from local midnight. */
  readonly perQuarter: Float64Array
}

/**
 * Learned by counting. Days differ in weight, so that a Friday can be guessed from other weekdays more than from a
 * Sunday; a quarter borrows from those beside it, since six days of one are few.
 */
export class DemandModel {
  readonly #resolution: number
  readonly #cells = new Map<string, DemandCell>()
  #days = 0

  /** @param resolution H3 resolution; 8 is hexagons of 0.7 km² */
  constructor(resolution = 8) {
    this.#resolution = resolution
  }

  /** Tell of a day before its requests; `weight` 1 is a whole day. */
  addDay(weight: number): void {
    this.#days += weight
  }

  /** Take in one request of a past day. */
  add(at: LatLng, localSecondsOfDay: number, weight: number): void {
    this.addCounted(
      latLngToCell(at.lat, at.lng, this.#resolution),
      Math.floor(localSecondsOfDay / QUARTER_S) % QUARTERS,
      weight,
    )
  }

  /** Take in requests of a cell and a quarter of an hour, counted before; each weighs as its day does. */
  addCounted(cell: string, quarter: number, weight: number): void {
    let known = this.#cells.get(cell)
    if (known === undefined) {
      const [lat, lng] = cellToLatLng(cell)
      known = { cell, centre: { lat, lng }, perQuarter: new Float64Array(QUARTERS) }
      this.#cells.set(cell, known)
    }
    const { perQuarter } = known
    perQuarter[quarter]! += weight / 2
    perQuarter[(quarter + 1) % QUARTERS]! += weight / 4
    perQuarter[(quarter + QUARTERS - 1) % QUARTERS]! += weight / 4
  }

  get cells(): Iterable<DemandCell> {
    return this.#cells.values()
  }

  cellOf(at: LatLng): string {
    return latLngToCell(at.lat, at.lng, this.#resolution)
  }

  /** Requests expected in a cell between two times of the local day; `toS` may lie past midnight. */
  expected({ perQuarter }: DemandCell, fromS: number, toS: number): number {
    if (this.#days === 0) return 0
    let sum = 0
    for (let atS = fromS; atS < toS; ) {
      const nextS = Math.min(toS, (Math.floor(atS / QUARTER_S) + 1) * QUARTER_S)
      sum += (perQuarter[Math.floor(atS / QUARTER_S) % QUARTERS]! * (nextS - atS)) / QUARTER_S
      atS = nextS
    }
    return sum / this.#days
  }
}
