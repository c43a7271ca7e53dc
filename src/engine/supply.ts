/**
 * How many cars are free in each H3 cell of one coarse resolution, kept up to date ping by ping: what prices and hints ask.
 * The cell is the one that h3-js names, always; the counting itself allocates nothing.
 */
import { latLngToCell } from 'h3-js'
import { Addresses, doubled } from './addresses.ts'
import { HEXAGON_CORNERS, Lattice, type Place } from './lattice.ts'

/** Hexagons of 0.7 km²: small enough for one street corner's price, large enough to have cars in them. */
export const SUPPLY_RESOLUTION = 8
/** Rounding, against the radius of a circle. */
const SAFE = 1 - 1e-6

/** The cells that free cars have been in, by slot: 0, 1, 2 … */
export class SupplyCells {
  count = 0
  readonly #lattice: Lattice
  readonly #addresses = new Addresses()
  /** Slot of each address; cells across an edge of faces have several. */
  #slotOf = new Int32Array(64)
  readonly #slots = new Map<string, number>()
  readonly #names: string[] = []
  /** Four numbers a slot: a centre, and the squared radius of a circle that lies within the cell; 0 where none is sure. */
  #circles = new Float64Array(64 * 4)
  readonly #place: Place = { face: 0, a: 0, b: 0, offA: 0, offB: 0 }
  readonly #centre = new Float64Array(3)
  readonly #corner = new Float64Array(3)
  readonly #next = new Float64Array(3)

  constructor(resolution = SUPPLY_RESOLUTION) {
    this.#lattice = new Lattice(resolution)
  }

  /** The slot of a cell's name; -1 for one that no free car has been in. */
  slotOf(cell: string): number {
    return this.#slots.get(cell) ?? -1
  }

  /** The H3 cell of a slot. */
  cellOf(slot: number): string {
    return this.#names[slot]!
  }

  /** Whether a point is in this cell for sure; false says nothing. */
  surelyHolds(slot: number, x: number, y: number, z: number): boolean {
    const c = this.#circles
    const dx = c[4 * slot]! - x
    const dy = c[4 * slot + 1]! - y
    const dz = c[4 * slot + 2]! - z
    return dx * dx + dy * dy + dz * dz < c[4 * slot + 3]!
  }

  /** The slot of the cell a point is in, made if new; degrees and unit vector are of the same point. */
  slotAt(lat: number, lng: number, x: number, y: number, z: number): number {
    const place = this.#place
    if (!this.#lattice.locate(x, y, z, place))
      return this.#slotFor(latLngToCell(lat, lng, this.#lattice.resolution))
    const { face, a, b } = place
    const known = this.#addresses.find(face, a, b)
    if (known >= 0) return this.#slotOf[known]!
    const slot = this.#slotFor(latLngToCell(lat, lng, this.#lattice.resolution))
    const address = this.#addresses.add(face, a, b)
    if (address === this.#slotOf.length) this.#slotOf = doubled(this.#slotOf)
    this.#slotOf[address] = slot
    this.#drawCircle(slot, face, a, b)
    return slot
  }

  #slotFor(cell: string): number {
    let slot = this.#slots.get(cell)
    if (slot === undefined) {
      slot = this.count++
      if (4 * this.count > this.#circles.length) this.#circles = doubled(this.#circles)
      this.#slots.set(cell, slot)
      this.#names.push(cell)
    }
    return slot
  }

  /** Within the hexagon and on its face, where one address is one cell. */
  #drawCircle(slot: number, face: number, a: number, b: number): void {
    this.#lattice.pointAt(face, a, b, this.#centre)
    const [x, y, z] = this.#centre as unknown as [number, number, number]
    let sine = this.#lattice.edgeSine(face, x, y, z)
    for (let n = 0; n < HEXAGON_CORNERS.length; n++) {
      const [fromA, fromB] = HEXAGON_CORNERS[n]!
      const [toA, toB] = HEXAGON_CORNERS[(n + 1) % HEXAGON_CORNERS.length]!
      this.#lattice.pointAt(face, a + fromA, b + fromB, this.#corner)
      this.#lattice.pointAt(face, a + toA, b + toB, this.#next)
      sine = Math.min(sine, sineToGreatCircle(this.#centre, this.#corner, this.#next))
    }
    if (sine <= 0) return
    // A chord is longer than the sine of its arc: a circle drawn with the sine is within the one that touches.
    this.#circles.set([x, y, z, (sine * SAFE) ** 2], 4 * slot)
  }
}

/** Sine of the arc from a point to the great circle through two others. */
function sineToGreatCircle(at: Float64Array, p: Float64Array, q: Float64Array): number {
  const x = p[1]! * q[2]! - p[2]! * q[1]!
  const y = p[2]! * q[0]! - p[0]! * q[2]!
  const z = p[0]! * q[1]! - p[1]! * q[0]!
  return Math.abs(at[0]! * x + at[1]! * y + at[2]! * z) / Math.hypot(x, y, z)
}
