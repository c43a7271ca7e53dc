/**
 * H3 cells as nested balls: each cell, its ancestor two resolutions up, and the one four up, as a point of the unit
 * ball's surface with the reach that holds everything below it. Straight-line (chord) distances grow with the
 * great-circle ones, and in them a ball gives a lower bound that holds at poles, pentagons, face edges and the
 * antimeridian alike, with no case for any of them.
 */
import { cellToBoundary, cellToLatLng, cellToParent, latLngToCell } from 'h3-js'

const RAD = Math.PI / 180
/** Two aperture-7 steps: no cell has more descendants two resolutions down. */
export const CHILDREN_MAX = 49
const LEVEL_STEP = 2
const NEIGHBOURS = 6
// A hexagon's neighbours lie 1.73 reaches away and the second ring 3; 2.2 tells them apart under any distortion.
const NEIGHBOUR_REACHES = 2.2
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
  readonly #resolution: number
  /** Squared chord of the circle inside each leaf's hexagon: a point within it is in that H3 cell for certain. */
  #inner2 = new Float64Array(64)
  /** Neighbours that cars have left a leaf for, -1 where none is known yet; spares a call of h3-js. */
  #exits = new Int32Array(64 * NEIGHBOURS).fill(-1)

  /** @param resolution of the leaves, 0 to 15 */
  constructor(resolution: number) {
    this.#resolution = resolution
  }

  /** Whether a point is in the circle around a leaf's hexagon, which is what its ball holds. */
  holds(leaf: number, x: number, y: number, z: number): boolean {
    const reach = this.leaves.at[4 * leaf + 3]!
    return this.leaves.chord2(leaf, x, y, z) <= reach * reach
  }

  /**
   * The leaf of the H3 cell that a point is in, made if new; its balls then hold the point.
   * @param from the leaf the car comes from, -1 for none
   */
  leafAt(lat: number, lng: number, x: number, y: number, z: number, from: number): number {
    const known = from < 0 ? -1 : this.#exitOf(from, x, y, z)
    if (known >= 0) return known
    const cell = latLngToCell(lat, lng, this.#resolution)
    const leaf = this.leaves.slotOf(cell) ?? this.#grow(cell)
    if (!this.holds(leaf, x, y, z)) this.#widen(leaf, Math.sqrt(this.leaves.chord2(leaf, x, y, z)))
    if (from >= 0) this.#rememberExit(from, leaf)
    return leaf
  }

  #exitOf(from: number, x: number, y: number, z: number): number {
    for (let i = from * NEIGHBOURS; i < (from + 1) * NEIGHBOURS; i++) {
      const exit = this.#exits[i]!
      if (exit < 0) return -1
      if (this.leaves.chord2(exit, x, y, z) <= this.#inner2[exit]!) return exit
    }
    return -1
  }

  #rememberExit(from: number, leaf: number): void {
    const { at } = this.leaves
    const farthest = NEIGHBOUR_REACHES * at[4 * from + 3]!
    const away2 = this.leaves.chord2(from, at[4 * leaf]!, at[4 * leaf + 1]!, at[4 * leaf + 2]!)
    if (leaf === from || away2 > farthest * farthest) return
    for (let i = from * NEIGHBOURS; i < (from + 1) * NEIGHBOURS; i++) {
      if (this.#exits[i] === leaf) return
      if (this.#exits[i] === -1) {
        this.#exits[i] = leaf
        return
      }
    }
  }

  #grow(cell: string): number {
    const patchCell = cellToParent(cell, Math.max(0, this.#resolution - LEVEL_STEP))
    const districtCell = cellToParent(cell, Math.max(0, this.#resolution - 2 * LEVEL_STEP))
    const district = this.districts.slotOf(districtCell) ?? this.districts.add(districtCell, -1)
    const patch = this.patches.slotOf(patchCell) ?? this.patches.add(patchCell, district)
    const leaf = this.leaves.add(cell, patch)
    while (leaf >= this.#inner2.length) {
      this.#inner2 = doubled(this.#inner2)
      const known = this.#exits.length
      this.#exits = doubled(this.#exits).fill(-1, known)
    }
    const { outer, inner } = hexagonReach(cell, this.leaves.at, 4 * leaf)
    this.#inner2[leaf] = inner * inner
    this.#widen(leaf, outer)
    return leaf
  }

  /** Make a leaf reach as far as `reach`, and the balls above it hold the whole leaf. */
  #widen(leaf: number, reach: number): void {
    let child = leaf
    let below: Balls = this.leaves
    below.at[4 * leaf + 3] = Math.max(below.at[4 * leaf + 3]!, reach + ROUNDING)
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

/**
 * Chords from the centre of a cell to its farthest corner and to its nearest side. The sides are great circles, so
 * the distance to one is that to the plane through its two corners and the Earth's centre.
 */
function hexagonReach(cell: string, at: Float64Array, offset: number): { outer: number; inner: number } {
  const corners = cellToBoundary(cell).map(([lat, lng]) => unitVector(lat, lng))
  const centre = [at[offset]!, at[offset + 1]!, at[offset + 2]!] as const
  let outer = 0
  let inner = 2
  corners.forEach((corner, i) => {
    const next = corners[(i + 1) % corners.length]!
    outer = Math.max(outer, Math.hypot(corner[0] - centre[0], corner[1] - centre[1], corner[2] - centre[2]))
    const nx = corner[1] * next[2] - corner[2] * next[1]
    const ny = corner[2] * next[0] - corner[0] * next[2]
    const nz = corner[0] * next[1] - corner[1] * next[0]
    const sine = Math.abs(nx * centre[0] + ny * centre[1] + nz * centre[2]) / Math.hypot(nx, ny, nz)
    inner = Math.min(inner, 2 * Math.sin(Math.asin(Math.min(1, sine)) / 2))
  })
  // A millionth off: points on the very border are asked of h3-js.
  return { outer, inner: inner * (1 - 1e-6) }
}

function unitVector(lat: number, lng: number): readonly [number, number, number] {
  const cosLat = Math.cos(lat * RAD)
  return [cosLat * Math.cos(lng * RAD), cosLat * Math.sin(lng * RAD), Math.sin(lat * RAD)]
}
