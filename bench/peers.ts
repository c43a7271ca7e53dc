/** The others: what one would write with H3 in an afternoon. */
import { cellArea, gridDisk, latLngToCell, UNITS } from 'h3-js'
import { distanceM } from '../src/engine/geo.ts'
import type { City } from './workload.ts'

/** Of a city: cells of 0.7 km². Who knows to expect a million cars takes the next finer, 0.1 km², and pays for it in a small fleet. */
export const RESOLUTION = { city: 8, fine: 9 } as const
// From anywhere in the middle cell, a disk of so many rings holds all within (rings × 1.5 − 0.5) edges.
const CLEAR_A_RING = 1.5
const CLEAR_LESS = 0.5
// Cells are a little uneven: the shortest edge against that of a regular hexagon of the same area, over the city.
const UNEVEN = 0.93

export interface Found {
  car: number
  metres: number
}

/** A Map from the cell's string to a Set of cars, and disks of cells widened until k are surely found. */
export class NaiveH3 {
  readonly #cells = new Map<string, Set<number>>()
  readonly #cellOf: string[] = []
  readonly #lats: Float64Array
  readonly #lngs: Float64Array
  readonly #city: City
  readonly #edgeM: number
  readonly #resolution: number

  constructor(city: City, { resolution = RESOLUTION.city }: { resolution?: number } = {}) {
    this.#city = city
    this.#resolution = resolution
    const middle = latLngToCell(city.lats[0]!, city.lngs[0]!, resolution)
    this.#edgeM = UNEVEN * Math.sqrt((2 * cellArea(middle, UNITS.m2)) / (3 * Math.sqrt(3)))
    this.#lats = city.lats.slice()
    this.#lngs = city.lngs.slice()
    for (let car = 0; car < this.#lats.length; car++) {
      const cell = latLngToCell(this.#lats[car]!, this.#lngs[car]!, resolution)
      this.#cellOf.push(cell)
      this.#setOf(cell).add(car)
    }
  }

  move(car: number, lat: number, lng: number): void {
    this.#lats[car] = lat
    this.#lngs[car] = lng
    const cell = latLngToCell(lat, lng, this.#resolution)
    const old = this.#cellOf[car]!
    if (cell === old) return
    this.#cells.get(old)?.delete(car)
    this.#setOf(cell).add(car)
    this.#cellOf[car] = cell
  }

  /** k nearest free cars of a class within `maxM`, ascending. */
  nearest(at: { lat: number; lng: number }, k: number, maxM: number, classMask: number): Found[] {
    const { classMasks, free } = this.#city
    const cell = latLngToCell(at.lat, at.lng, this.#resolution)
    const ringsMax = Math.ceil((maxM / this.#edgeM + CLEAR_LESS) / CLEAR_A_RING)
    for (let rings = 1; ; rings = Math.min(2 * rings, ringsMax)) {
      const clearM = Math.min(maxM, (rings * CLEAR_A_RING - CLEAR_LESS) * this.#edgeM)
      const found: Found[] = []
      for (const near of gridDisk(cell, rings)) {
        const cars = this.#cells.get(near)
        if (cars === undefined) continue
        for (const car of cars) {
          if (free[car] === 0 || (classMasks[car]! & classMask) === 0) continue
          const metres = distanceM({ lat: this.#lats[car]!, lng: this.#lngs[car]! }, at)
          if (metres <= clearM) found.push({ car, metres })
        }
      }
      if (found.length < k && clearM < maxM) continue
      return found.sort((a, b) => a.metres - b.metres).slice(0, k)
    }
  }

  positionOf(car: number): { lat: number; lng: number } {
    return { lat: this.#lats[car]!, lng: this.#lngs[car]! }
  }

  #setOf(cell: string): Set<number> {
    let cars = this.#cells.get(cell)
    if (cars === undefined) {
      cars = new Set()
      this.#cells.set(cell, cars)
    }
    return cars
  }
}
