/**
 * The free drivers of one class mask, in dense buckets by cell: a query reads nobody who is busy or drives another
 * class. Lists of the cells that have somebody hang below their ancestors, so empty land is never walked over.
 */
import { type CellTree, CHILDREN_MAX, doubled } from './cells.ts'

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
    this.#used += 2 ** size
    while (this.#used * RECORD > this.records.length) this.records = doubled(this.records)
    return start
  }

  giveBack(start: number, size: number): void {
    this.#free[size]!.push(start)
  }
}

export class Plane {
  readonly classMask: number
  readonly #tree: CellTree
  readonly #pool: RecordPool
  count = 0
  /** No driver who was ever in this plane has fewer seats. */
  seatsFewest = Number.POSITIVE_INFINITY
  /** Districts that have somebody, the first `districtCount` of the list. */
  districts = new Int32Array(8)
  districtCount = 0
  /** Per district, its patches that have somebody; per patch, its leaves: CHILDREN_MAX places each. */
  patchesOf = new Int32Array(0)
  patchCounts = new Int32Array(0)
  leavesOf = new Int32Array(0)
  leafCounts = new Int32Array(0)
  /** Per leaf, its block of records, how many are in use, and the block's size as a power of two (-1: no block). */
  starts = new Int32Array(0)
  counts = new Int32Array(0)
  #sizes = new Int32Array(0)
  /** Where a leaf, patch or district stands in the list above it. */
  #leafPlaces = new Int32Array(0)
  #patchPlaces = new Int32Array(0)
  #districtPlaces = new Int32Array(0)

  constructor(classMask: number, tree: CellTree, pool: RecordPool) {
    this.classMask = classMask
    this.#tree = tree
    this.#pool = pool
  }

  /** Put a driver's record at the end of a leaf's bucket; returns its place in the bucket. */
  put(leaf: number, x: number, y: number, z: number, handle: number): number {
    this.#fit()
    const count = this.counts[leaf]!
    if (count === 0) this.#enter(leaf)
    if (this.#sizes[leaf]! < 0 || count === 2 ** this.#sizes[leaf]!) this.#enlarge(leaf)
    this.counts[leaf] = count + 1
    this.count++
    this.write(leaf, count, x, y, z)
    this.#pool.records[RECORD * (this.starts[leaf]! + count) + 3] = handle
    return count
  }

  /** The driver at a place of a bucket has moved inside the leaf. */
  write(leaf: number, place: number, x: number, y: number, z: number): void {
    const { records } = this.#pool
    const i = RECORD * (this.starts[leaf]! + place)
    records[i] = x
    records[i + 1] = y
    records[i + 2] = z
  }

  /** Take a record out; the bucket's last one takes its place. Returns the handle of the one that moved, or -1. */
  take(leaf: number, place: number): number {
    const last = --this.counts[leaf]!
    this.count--
    let moved = -1
    if (last !== place) {
      const { records } = this.#pool
      const start = this.starts[leaf]!
      records.copyWithin(RECORD * (start + place), RECORD * (start + last), RECORD * (start + last + 1))
      moved = records[RECORD * (start + place) + 3]! | 0
    }
    if (last === 0) this.#leave(leaf)
    return moved
  }

  #enlarge(leaf: number): void {
    const size = this.#sizes[leaf]!
    const start = this.#pool.take(size + 1)
    if (size >= 0) {
      const old = this.starts[leaf]!
      this.#pool.records.copyWithin(RECORD * start, RECORD * old, RECORD * (old + this.counts[leaf]!))
      this.#pool.giveBack(old, size)
    }
    this.starts[leaf] = start
    this.#sizes[leaf] = size + 1
  }

  #enter(leaf: number): void {
    const patch = this.#tree.leaves.parents[leaf]!
    const leafPlace = this.leafCounts[patch]!++
    this.leavesOf[patch * CHILDREN_MAX + leafPlace] = leaf
    this.#leafPlaces[leaf] = leafPlace
    if (leafPlace > 0) return
    const district = this.#tree.patches.parents[patch]!
    const patchPlace = this.patchCounts[district]!++
    this.patchesOf[district * CHILDREN_MAX + patchPlace] = patch
    this.#patchPlaces[patch] = patchPlace
    if (patchPlace > 0) return
    if (this.districtCount === this.districts.length) this.districts = doubled(this.districts)
    this.districts[this.districtCount] = district
    this.#districtPlaces[district] = this.districtCount++
  }

  #leave(leaf: number): void {
    this.#pool.giveBack(this.starts[leaf]!, this.#sizes[leaf]!)
    this.#sizes[leaf] = -1
    const patch = this.#tree.leaves.parents[leaf]!
    const leavesLeft = --this.leafCounts[patch]!
    fillGap(this.leavesOf, patch * CHILDREN_MAX, this.#leafPlaces, leaf, leavesLeft)
    if (leavesLeft > 0) return
    const district = this.#tree.patches.parents[patch]!
    const patchesLeft = --this.patchCounts[district]!
    fillGap(this.patchesOf, district * CHILDREN_MAX, this.#patchPlaces, patch, patchesLeft)
    if (patchesLeft > 0) return
    fillGap(this.districts, 0, this.#districtPlaces, district, --this.districtCount)
  }

  /** Follow the tree in size; it grows for every plane at once. */
  #fit(): void {
    const { leaves, patches, districts } = this.#tree
    const hasRoom =
      leaves.count <= this.counts.length &&
      patches.count <= this.leafCounts.length &&
      districts.count <= this.patchCounts.length
    if (hasRoom) return
    const leafRoom = leaves.parents.length
    this.starts = lengthened(this.starts, leafRoom)
    this.counts = lengthened(this.counts, leafRoom)
    const known = this.#sizes.length
    this.#sizes = lengthened(this.#sizes, leafRoom).fill(-1, known)
    this.#leafPlaces = lengthened(this.#leafPlaces, leafRoom)
    const patchRoom = patches.parents.length
    this.leavesOf = lengthened(this.leavesOf, patchRoom * CHILDREN_MAX)
    this.leafCounts = lengthened(this.leafCounts, patchRoom)
    this.#patchPlaces = lengthened(this.#patchPlaces, patchRoom)
    const districtRoom = districts.parents.length
    this.patchesOf = lengthened(this.patchesOf, districtRoom * CHILDREN_MAX)
    this.patchCounts = lengthened(this.patchCounts, districtRoom)
    this.#districtPlaces = lengthened(this.#districtPlaces, districtRoom)
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
