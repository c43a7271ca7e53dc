/**
 * H3 cells as nested balls: each cell, its ancestor two resolutions up, and the one four up, as a point of the unit
 * ball's surface with the reach that holds everything below it. Straight-line (chord) distances grow with the
 * great-circle ones, and in them a ball gives a lower bound that holds at poles, pentagons, face edges and the
 * antimeridian alike, with no case for any of them.
 */
import { cellToBoundary, cellToLatLng, cellToParent, latLngToCell } from 'h3-js'
import { Addresses } from './addresses.ts'
import { Lattice, type Place } from './lattice.ts'

const RAD = Math.PI / 180
/** Two aperture-7 steps: no cell has more descendants two resolutions down. */
export const CHILDREN_MAX = 49
const LEVEL_STEP = 2
// Rounding of a unit vector is about 1e-16; a cell of resolution 15 reaches 1e-7. Room between the two.
const ROUNDING = 1e-14

/** One level of the tree; four numbers a ball: x, y, z of its centre, then its reach, as fractions of the Earth's radius. */
export class Balls {
  /** All slots in use are below this. */
  count = 0
  at = new Float64Array(64 * 4)
  /** Slot of the ball above; -1 at the top. */
  parents = new Int32Array(64)
  readonly #slots = new Map<string, number>()
  /** How many balls each ball of the level above has here. */
  readonly #siblings: number[] = []

  slotOf(cell: string): number | undefined {
    return this.#slots.get(cell)
  }

  /** Balls under one parent lie side by side in memory, since a query looks at them in one go. */
  add(cell: string, parent: number): number {
    const sibling = this.#siblings[parent] ?? 0
    const slot = parent < 0 ? this.count : parent * CHILDREN_MAX + sibling
    if (parent >= 0) this.#siblings[parent] = sibling + 1
    this.count = Math.max(this.count, slot + 1)
    while (slot >= this.parents.length) {
      this.at = doubled(this.at)
      this.parents = doubled(this.parents)
    }
    const [lat, lng] = cellToLatLng(cell)
    const cosLat = Math.cos(lat * RAD)
    this.at[4 * slot] = cosLat * Math.cos(lng * RAD)
    this.at[4 * slot + 1] = cosLat * Math.sin(lng * RAD)
    this.at[4 * slot + 2] = Math.sin(lat * RAD)
    this.parents[slot] = parent
    this.#slots.set(cell, slot)
    return slot
  }

  /** Squared chord from a ball's centre to a point. */
  chord2(slot: number, x: number, y: number, z: number): number {
    const dx = this.at[4 * slot]! - x
    const dy = this.at[4 * slot + 1]! - y
    const dz = this.at[4 * slot + 2]! - z
    return dx * dx + dy * dy + dz * dz
  }
}

/** A typed array of twice the length with the same beginning. */
export function doubled<T extends Float64Array | Int32Array>(array: T): T {
  const Kind = array.constructor as new (length: number) => T
  const bigger = new Kind(array.length * 2)
  bigger.set(array)
  return bigger
}

/**
 * The cells a fleet has been in. None is ever dropped: a region has so many and no more, and a car that comes back
 * finds its cell warm.
 */
export class CellTree {
  readonly leaves = new Balls()
  readonly patches = new Balls()
  readonly districts = new Balls()
  readonly lattice: Lattice
  readonly addresses = new Addresses()
  /** No leaf reaches farther. */
  reachMost = 0
  readonly #place: Place = { face: 0, a: 0, b: 0, offA: 0, offB: 0 }

  /** @param resolution of the leaves, 0 to 15 */
  constructor(resolution: number) {
    this.lattice = new Lattice(resolution)
  }

  /** Whether a point is in the circle around a leaf's hexagon, which is what its ball holds. */
  holds(leaf: number, x: number, y: number, z: number): boolean {
    const reach = this.leaves.at[4 * leaf + 3]!
    return this.leaves.chord2(leaf, x, y, z) <= reach * reach
  }

  /** The leaf of the H3 cell that a point is in, made if new; its balls then hold the point. */
  leafAt(lat: number, lng: number, x: number, y: number, z: number): number {
    const place = this.#place
    const certain = this.lattice.locate(x, y, z, place)
    const address = certain ? this.addresses.find(place.face, place.a, place.b) : -1
    if (address >= 0) return this.addresses.leaves[address]!
    const cell = latLngToCell(lat, lng, this.lattice.resolution)
    const { face, a, b } = place
    const leaf = this.leaves.slotOf(cell) ?? this.#grow(cell)
    if (!this.holds(leaf, x, y, z)) this.#widen(leaf, Math.sqrt(this.leaves.chord2(leaf, x, y, z)))
    if (certain && this.addresses.find(face, a, b) < 0) this.addresses.add(face, a, b, leaf)
    return leaf
  }

  #grow(cell: string): number {
    const { resolution } = this.lattice
    const patchCell = cellToParent(cell, Math.max(0, resolution - LEVEL_STEP))
    const districtCell = cellToParent(cell, Math.max(0, resolution - 2 * LEVEL_STEP))
    const district = this.districts.slotOf(districtCell) ?? this.districts.add(districtCell, -1)
    const patch = this.patches.slotOf(patchCell) ?? this.patches.add(patchCell, district)
    const leaf = this.leaves.add(cell, patch)
    const { at } = this.leaves
    this.#widen(leaf, hexagonReach(cell, at, 4 * leaf))
    // Whoever walks the lattice over a face finds its cells by their centres, wherever the first car came in.
    const place = this.#place
    if (this.lattice.locate(at[4 * leaf]!, at[4 * leaf + 1]!, at[4 * leaf + 2]!, place))
      this.addresses.add(place.face, place.a, place.b, leaf)
    return leaf
  }

  /** Make a leaf reach as far as `reach`, and the balls above it hold the whole leaf. */
  #widen(leaf: number, reach: number): void {
    let child = leaf
    let below: Balls = this.leaves
    below.at[4 * leaf + 3] = Math.max(below.at[4 * leaf + 3]!, reach + ROUNDING)
    this.reachMost = Math.max(this.reachMost, below.at[4 * leaf + 3]!)
    for (const balls of [this.patches, this.districts]) {
      const slot = below.parents[child]!
      const { at } = below
      const away = Math.sqrt(balls.chord2(slot, at[4 * child]!, at[4 * child + 1]!, at[4 * child + 2]!))
      const needed = away + at[4 * child + 3]! + ROUNDING
      balls.at[4 * slot + 3] = Math.max(balls.at[4 * slot + 3]!, needed)
      child = slot
      below = balls
    }
  }
}

/** Chord from the centre of a cell to its farthest corner. */
function hexagonReach(cell: string, at: Float64Array, offset: number): number {
  let reach = 0
  for (const [lat, lng] of cellToBoundary(cell)) {
    const [x, y, z] = unitVector(lat, lng)
    reach = Math.max(reach, Math.hypot(x - at[offset]!, y - at[offset + 1]!, z - at[offset + 2]!))
  }
  return reach
}

function unitVector(lat: number, lng: number): readonly [number, number, number] {
  const cosLat = Math.cos(lat * RAD)
  return [cosLat * Math.cos(lng * RAD), cosLat * Math.sin(lng * RAD), Math.sin(lat * RAD)]
}
