/**
 * The lattice's cells in tiles of eight by eight, side by side in memory, and balls around cells, tiles and districts
 * (eight by eight tiles) as points of the unit ball's surface with a reach. Straight-line (chord) distances grow with
 * the great-circle ones, and in them a ball gives a lower bound that holds at poles, pentagons, face edges and the
 * antimeridian alike, with no case for any of them.
 */
import { Addresses, doubled } from './addresses.ts'
import { HEXAGON_CORNERS, Lattice, type Place } from './lattice.ts'

/** A tile's side is `2 ** TILE_BITS` cells, a district's as many tiles. */
// By shifts: `2 ** 3` is a double to the compiler, and indexes made with one are slow.
export const TILE_BITS = 3
export const TILE_SIDE = 1 << TILE_BITS
/** Cells of a tile, and tiles of a district. */
export const CHILDREN = TILE_SIDE * TILE_SIDE
/** A tile and those around it. */
export const NEIGHBOURS = 9
// Rounding of a unit vector is about 1e-16; a cell of resolution 15 reaches 1e-7. Room between the two.
const ROUNDING = 1e-14

/** One level; four numbers a ball: x, y, z of its centre, then its reach, as fractions of the Earth's radius. */
export class Balls {
  /** All slots in use are below this. */
  count = 0
  at = new Float64Array(CHILDREN * 4)

  /** Room for `more` balls behind the last; returns the first one's slot. */
  extend(more: number): number {
    const first = this.count
    this.count += more
    while (4 * this.count > this.at.length) this.at = doubled(this.at)
    return first
  }

  /** Squared chord from a ball's centre to a point. */
  chord2(slot: number, x: number, y: number, z: number): number {
    const dx = this.at[4 * slot]! - x
    const dy = this.at[4 * slot + 1]! - y
    const dz = this.at[4 * slot + 2]! - z
    return dx * dx + dy * dy + dz * dz
  }

  /** Make a ball hold another one. */
  hold(slot: number, other: Balls, otherSlot: number): void {
    const { at } = other
    const away = Math.sqrt(
      this.chord2(slot, at[4 * otherSlot]!, at[4 * otherSlot + 1]!, at[4 * otherSlot + 2]!),
    )
    this.reachTo(slot, away + at[4 * otherSlot + 3]!)
  }

  /** Make a ball reach as far as `reach`. */
  reachTo(slot: number, reach: number): void {
    this.at[4 * slot + 3] = Math.max(this.at[4 * slot + 3]!, reach + ROUNDING)
  }
}

/**
 * The tiles a fleet has been in. None is ever dropped: a region has so many and no more, and a car that comes back
 * finds its cell warm. Leaf `tile * CHILDREN + (b & 7) * 8 + (a & 7)` is the cell (a, b) of the tile's face.
 */
export class CellTree {
  readonly leaves = new Balls()
  readonly tiles = new Balls()
  readonly districts = new Balls()
  readonly lattice: Lattice
  /** District of each tile. */
  districtOf = new Int32Array(64)
  /** NEIGHBOURS a tile, itself in the middle, rows along b; -1 where no car has been yet. */
  neighbours = new Int32Array(64 * NEIGHBOURS)
  /** No leaf reaches farther. */
  reachMost = 0
  readonly #tileAddresses = new Addresses()
  readonly #districtAddresses = new Addresses()
  readonly #place: Place = { face: 0, a: 0, b: 0, offA: 0, offB: 0 }
  readonly #centre = new Float64Array(3)
  readonly #corner = new Float64Array(3)

  /** @param resolution of the leaves, 0 to 15 */
  constructor(resolution: number) {
    this.lattice = new Lattice(resolution)
  }

  /** Whether a point is in the circle around a leaf's hexagon, which is what its ball holds. */
  holds(leaf: number, x: number, y: number, z: number): boolean {
    const reach = this.leaves.at[4 * leaf + 3]!
    return this.leaves.chord2(leaf, x, y, z) <= reach * reach
  }

  /** The leaf that a point is in, made if new; its balls then hold the point. */
  leafAt(x: number, y: number, z: number): number {
    const place = this.#place
    // On a border either side will do: what counts is that the ball holds the point.
    this.lattice.locate(x, y, z, place)
    const { face, a, b } = place
    const found = this.find(face, a >> TILE_BITS, b >> TILE_BITS)
    const tile = found >= 0 ? found : this.#grow(face, a >> TILE_BITS, b >> TILE_BITS)
    const leaf = leafOf(tile, a, b)
    if (!this.holds(leaf, x, y, z)) this.#widen(leaf, Math.sqrt(this.leaves.chord2(leaf, x, y, z)))
    return leaf
  }

  /** The tile of these coordinates; -1 for one that no car has been in. */
  find(face: number, tileA: number, tileB: number): number {
    return this.#tileAddresses.find(face, tileA, tileB)
  }

  #grow(face: number, tileA: number, tileB: number): number {
    const tile = this.#tileAddresses.add(face, tileA, tileB)
    this.tiles.extend(1)
    const first = this.leaves.extend(CHILDREN)
    if (this.tiles.count > this.districtOf.length) {
      this.districtOf = doubled(this.districtOf)
      this.neighbours = doubled(this.neighbours)
    }
    this.#meetNeighbours(tile, face, tileA, tileB)

    const a = tileA * TILE_SIDE
    const b = tileB * TILE_SIDE
    const half = (TILE_SIDE - 1) / 2
    this.#centreAt(this.tiles, tile, face, a + half, b + half)
    for (let n = 0; n < CHILDREN; n++) {
      const leaf = first + n
      this.#centreAt(this.leaves, leaf, face, a + (n % TILE_SIDE), b + Math.floor(n / TILE_SIDE))
      this.leaves.reachTo(leaf, this.#hexagonReach(face, a + (n % TILE_SIDE), b + Math.floor(n / TILE_SIDE)))
      this.tiles.hold(tile, this.leaves, leaf)
      this.reachMost = Math.max(this.reachMost, this.leaves.at[4 * leaf + 3]!)
    }
    const district = this.#districtFor(face, tileA >> TILE_BITS, tileB >> TILE_BITS)
    this.districtOf[tile] = district
    this.districts.hold(district, this.tiles, tile)
    return tile
  }

  #districtFor(face: number, a: number, b: number): number {
    const known = this.#districtAddresses.find(face, a, b)
    if (known >= 0) return known
    const district = this.#districtAddresses.add(face, a, b)
    this.districts.extend(1)
    const side = TILE_SIDE * TILE_SIDE
    this.#centreAt(this.districts, district, face, (a + 0.5) * side, (b + 0.5) * side)
    return district
  }

  #meetNeighbours(tile: number, face: number, tileA: number, tileB: number): void {
    for (let n = 0; n < NEIGHBOURS; n++) {
      const other = this.find(face, tileA + (n % 3) - 1, tileB + Math.floor(n / 3) - 1)
      this.neighbours[tile * NEIGHBOURS + n] = other
      if (other >= 0) this.neighbours[other * NEIGHBOURS + NEIGHBOURS - 1 - n] = tile
    }
  }

  #centreAt(balls: Balls, slot: number, face: number, a: number, b: number): void {
    this.lattice.pointAt(face, a, b, this.#centre)
    balls.at.set(this.#centre, 4 * slot)
  }

  /** Chord from the centre of a cell to its farthest corner. */
  #hexagonReach(face: number, a: number, b: number): number {
    let reach = 0
    for (let n = 0; n < HEXAGON_CORNERS.length; n++) {
      const [cornerA, cornerB] = HEXAGON_CORNERS[n]!
      this.lattice.pointAt(face, a + cornerA, b + cornerB, this.#corner)
      const [x, y, z] = this.#corner
      const [centreX, centreY, centreZ] = this.#centre
      reach = Math.max(reach, Math.hypot(x! - centreX!, y! - centreY!, z! - centreZ!))
    }
    return reach
  }

  /** Make a leaf reach as far as `reach`, and the balls above it hold the whole leaf. */
  #widen(leaf: number, reach: number): void {
    const tile = Math.floor(leaf / CHILDREN)
    this.leaves.reachTo(leaf, reach)
    this.reachMost = Math.max(this.reachMost, this.leaves.at[4 * leaf + 3]!)
    this.tiles.hold(tile, this.leaves, leaf)
    this.districts.hold(this.districtOf[tile]!, this.tiles, tile)
  }
}

/** The leaf of a cell in its tile. */
function leafOf(tile: number, a: number, b: number): number {
  return tile * CHILDREN + (b & (TILE_SIDE - 1)) * TILE_SIDE + (a & (TILE_SIDE - 1))
}
