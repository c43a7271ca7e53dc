/** Cells by their lattice coordinates, each with the cells around it in rings: what a walk outwards reads in one go. */
import { doubled } from './cells.ts'

/** Rings around a cell that are kept. */
export const RINGS = 3
/** Cells within those rings, the one in the middle too. */
export const DISK = 1 + 3 * RINGS * (RINGS + 1)

/** Steps from the middle, ring by ring; a cell's opposite is found in the same ring, half a turn on. */
const STEPS_A = new Int32Array(DISK)
const STEPS_B = new Int32Array(DISK)
const OPPOSITE = new Int32Array(DISK)
layRings()

/** Coordinates reach ±4 million at resolution 15: 24 bits each, and 5 for the face, fit a double's 53. */
const HALF = 2 ** 23
const FULL = 2 ** 24

export class Addresses {
  count = 0
  /** Leaf of each address; several addresses of cells that lie across an edge of faces share a leaf. */
  leaves = new Int32Array(64)
  /** DISK leaves an address, -1 where no car has been yet. */
  disks = new Int32Array(64 * DISK)
  #keys = new Float64Array(64)
  /** Open addressing: places of keys, -1 free; always at most half full. */
  #table = new Int32Array(128).fill(-1)

  /** The address of a cell; -1 for one that no car has been in. */
  find(face: number, a: number, b: number): number {
    const key = keyOf(face, a, b)
    const mask = this.#table.length - 1
    for (let i = hashOf(face, a, b) & mask; ; i = (i + 1) & mask) {
      const address = this.#table[i]!
      if (address < 0 || this.#keys[address] === key) return address
    }
  }

  /** Take in a cell that is not here yet. */
  add(face: number, a: number, b: number, leaf: number): void {
    const address = this.count++
    if (this.count > this.leaves.length) {
      this.leaves = doubled(this.leaves)
      this.disks = doubled(this.disks)
      this.#keys = doubled(this.#keys)
    }
    this.#keys[address] = keyOf(face, a, b)
    this.leaves[address] = leaf
    if (2 * this.count > this.#table.length) this.#spread()
    else this.#enter(address)
    for (let n = 0; n < DISK; n++) {
      const other = this.find(face, a + STEPS_A[n]!, b + STEPS_B[n]!)
      this.disks[address * DISK + n] = other < 0 ? -1 : this.leaves[other]!
      if (other >= 0) this.disks[other * DISK + OPPOSITE[n]!] = leaf
    }
  }

  #spread(): void {
    this.#table = new Int32Array(2 * this.#table.length).fill(-1)
    for (let address = 0; address < this.count; address++) this.#enter(address)
  }

  #enter(address: number): void {
    const key = this.#keys[address]!
    const b = (key % FULL) - HALF
    const rest = Math.floor(key / FULL)
    const mask = this.#table.length - 1
    let i = hashOf(Math.floor(rest / FULL), (rest % FULL) - HALF, b) & mask
    while (this.#table[i]! >= 0) i = (i + 1) & mask
    this.#table[i] = address
  }
}

function keyOf(face: number, a: number, b: number): number {
  return (face * FULL + a + HALF) * FULL + b + HALF
}

function hashOf(face: number, a: number, b: number): number {
  const mixed = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(face, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 15)) | 0
}

function layRings(): void {
  const turns = [
    [-1, 1],
    [-1, 0],
    [0, -1],
    [1, -1],
    [1, 0],
    [0, 1],
  ] as const
  let n = 1
  for (let ring = 1; ring <= RINGS; ring++) {
    let a = ring
    let b = 0
    const first = n
    for (const [turnA, turnB] of turns)
      for (let step = 0; step < ring; step++) {
        STEPS_A[n] = a
        STEPS_B[n] = b
        OPPOSITE[n] = first + ((n - first + 3 * ring) % (6 * ring))
        a += turnA
        b += turnB
        n++
      }
  }
}
