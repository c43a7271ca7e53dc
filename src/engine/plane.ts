/**
 * The free drivers of one class mask, in dense buckets by cell: a query reads nobody who is busy or drives another
 * class. Tiles that have somebody are listed by their districts, so empty land is never walked over.
 */
import { doubled } from './addresses.ts'
import { type CellTree, CHILDREN } from './cells.ts'

/** Numbers a record: x, y, z of the unit vector, then the driver's handle. */
export const RECORD = 4
const SIZES = 31

/** Blocks of records, each a power of two long; a freed block goes to the next bucket that needs its size. */
export class RecordPool {
  records = new Float64Array(1024 * RECORD)
  #used = 0
  readonly #free: number[][] = Array.from({ length: SIZES }, () => [])

  /** First record of a block of `2 ** size` records. */
  take(size: number): number {
    const kept = this.#free[size]!.pop()
    if (kept !== undefined) return kept
    const start = this.#used
    this.#used += 1 << size
    while (this.#used * RECORD > this.records.length) this.records = doubled(this.records)
    return start
  }

  giveBack(start: number, size: number): void {
    this.#free[size]!.push(start)
  }

  /** Begin anew with as much room. @returns the records there were, for the planes to bring over */
  renew(): Float64Array {
    const before = this.records
    this.records = new Float64Array(before.length)
    this.#used = 0
    for (const blocks of this.#free) blocks.length = 0
    return before
  }
}

export class Plane {
  readonly classMask: number
  readonly #tree: CellTree
  readonly #pool: RecordPool
  count = 0
  /** No driver who was ever in this plane has fewer seats. */
  seatsFewest = Number.POSITIVE_INFINITY
  /** Free drivers by slot of the supply cells. */
  supply = new Int32Array(64)
  /** Two numbers a leaf, since they are read together: its block of records, and how many are in use. */
  heads = new Int32Array(0)
  /** Districts that have somebody, the first `districtCount` of the list. */
  districts = new Int32Array(8)
  districtCount = 0
  /** Per district, its tiles that have somebody: CHILDREN places each. */
  tilesOf = new Int32Array(0)
  tileCounts = new Int32Array(0)
  /** Leaves of a tile that have somebody. */
  #leafCounts = new Int32Array(0)
  /** A block's size as a power of two, and one more; 0: no block. */
  #sizes = new Uint8Array(0)
  /** Where a tile or district stands in the list above it. */
  #tilePlaces = new Int32Array(0)
  #districtPlaces = new Int32Array(0)

  constructor(classMask: number, tree: CellTree, pool: RecordPool) {
    this.classMask = classMask
    this.#tree = tree
    this.#pool = pool
  }

  /** Put a driver's record at the end of a leaf's bucket; returns its place in the bucket. */
  put(leaf: number, x: number, y: number, z: number, handle: number): number {
    this.follow()
    const count = this.heads[2 * leaf + 1]!
    if (count === 0) this.#enter(leaf)
    const size = this.#sizes[leaf]!
    if (size === 0 || count === 1 << (size - 1)) this.#enlarge(leaf)
    this.heads[2 * leaf + 1] = count + 1
    this.count++
    this.write(leaf, count, x, y, z)
    this.#pool.records[RECORD * (this.heads[2 * leaf]! + count) + 3] = handle
    return count
  }

  /** The driver at a place of a bucket has moved inside the leaf. */
  write(leaf: number, place: number, x: number, y: number, z: number): void {
    const { records } = this.#pool
    const i = RECORD * (this.heads[2 * leaf]! + place)
    records[i] = x
    records[i + 1] = y
    records[i + 2] = z
  }

  /** Take a record out; the bucket's last one takes its place. Returns the handle of the one that moved, or -1. */
  take(leaf: number, place: number): number {
    const last = this.heads[2 * leaf + 1]! - 1
    this.heads[2 * leaf + 1] = last
    this.count--
    let moved = -1
    if (last !== place) {
      const { records } = this.#pool
      const start = this.heads[2 * leaf]!
      records.copyWithin(RECORD * (start + place), RECORD * (start + last), RECORD * (start + last + 1))
      moved = records[RECORD * (start + place) + 3]! | 0
    }
    if (last === 0) this.#leave(leaf)
    return moved
  }

  /** Bring the blocks over from where they lay, those of neighbours side by side. */
  layOut(before: Float64Array): void {
    const { heads } = this
    for (let leaf = 0; leaf < this.#sizes.length; leaf++) {
      const size = this.#sizes[leaf]!
      if (size === 0) continue
      const from = RECORD * heads[2 * leaf]!
      const start = this.#pool.take(size - 1)
      this.#pool.records.set(before.subarray(from, from + RECORD * heads[2 * leaf + 1]!), RECORD * start)
      heads[2 * leaf] = start
    }
  }

  /** Follow the tree in size; it grows for every plane at once. */
  follow(): void {
    const { leaves, tiles, districts } = this.#tree
    if (2 * leaves.count <= this.heads.length && districts.count <= this.tileCounts.length) return
    const leafRoom = leaves.at.length / 4
    this.heads = lengthened(this.heads, 2 * leafRoom)
    const sizes = new Uint8Array(leafRoom)
    sizes.set(this.#sizes)
    this.#sizes = sizes
    const tileRoom = Math.max(leafRoom / CHILDREN, tiles.at.length / 4)
    this.#leafCounts = lengthened(this.#leafCounts, tileRoom)
    this.#tilePlaces = lengthened(this.#tilePlaces, tileRoom)
    const districtRoom = districts.at.length / 4
    this.tilesOf = lengthened(this.tilesOf, districtRoom * CHILDREN)
    this.tileCounts = lengthened(this.tileCounts, districtRoom)
    this.#districtPlaces = lengthened(this.#districtPlaces, districtRoom)
  }

  /** So many more, or fewer, are free in a supply cell. */
  supplied(slot: number, more: number): void {
    while (slot >= this.supply.length) this.supply = doubled(this.supply)
    this.supply[slot] = this.supply[slot]! + more
  }

  #enlarge(leaf: number): void {
    const size = this.#sizes[leaf]!
    const start = this.#pool.take(size)
    if (size > 0) {
      const old = this.heads[2 * leaf]!
      const end = old + this.heads[2 * leaf + 1]!
      this.#pool.records.copyWithin(RECORD * start, RECORD * old, RECORD * end)
      this.#pool.giveBack(old, size - 1)
    }
    this.heads[2 * leaf] = start
    this.#sizes[leaf] = size + 1
  }

  #enter(leaf: number): void {
    const tile = (leaf / CHILDREN) | 0
    if (this.#leafCounts[tile]!++ > 0) return
    const district = this.#tree.districtOf[tile]!
    const place = this.tileCounts[district]!++
    this.tilesOf[district * CHILDREN + place] = tile
    this.#tilePlaces[tile] = place
    if (place > 0) return
    if (this.districtCount === this.districts.length) this.districts = doubled(this.districts)
    this.districts[this.districtCount] = district
    this.#districtPlaces[district] = this.districtCount++
  }

  #leave(leaf: number): void {
    this.#pool.giveBack(this.heads[2 * leaf]!, this.#sizes[leaf]! - 1)
    this.#sizes[leaf] = 0
    const tile = (leaf / CHILDREN) | 0
    if (--this.#leafCounts[tile]! > 0) return
    const district = this.#tree.districtOf[tile]!
    const tilesLeft = --this.tileCounts[district]!
    fillGap(this.tilesOf, district * CHILDREN, this.#tilePlaces, tile, tilesLeft)
    if (tilesLeft > 0) return
    fillGap(this.districts, 0, this.#districtPlaces, district, --this.districtCount)
  }
}

function fillGap(list: Int32Array, start: number, places: Int32Array, gone: number, left: number): void {
  const place = places[gone]!
  const last = list[start + left]!
  list[start + place] = last
  places[last] = place
}

function lengthened(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(length)
  longer.set(array)
  return longer
}
