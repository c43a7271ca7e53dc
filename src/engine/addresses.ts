/** Numbers for lattice coordinates, 0, 1, 2 … in the order of coming; finding one allocates nothing. */

/** Coordinates reach ±4 million at resolution 15: 24 bits each, and 5 for the face, fit a double's 53. */
const HALF = 2 ** 23
const FULL = 2 ** 24

export class Addresses {
  count = 0
  #keys = new Float64Array(64)
  /** Open addressing: numbers of addresses, -1 free; always at most half full. */
  #table = new Int32Array(128).fill(-1)

  /** The number of an address; -1 for one that was not added. */
  find(face: number, a: number, b: number): number {
    const key = keyOf(face, a, b)
    const mask = this.#table.length - 1
    for (let i = hashOf(face, a, b) & mask; ; i = (i + 1) & mask) {
      const address = this.#table[i]!
      if (address < 0 || this.#keys[address] === key) return address
    }
  }

  /** Take in an address that is not here yet; returns its number. */
  add(face: number, a: number, b: number): number {
    const address = this.count++
    if (this.count > this.#keys.length) this.#keys = doubled(this.#keys)
    this.#keys[address] = keyOf(face, a, b)
    if (2 * this.count > this.#table.length) this.#spread()
    else this.#enter(address)
    return address
  }

  #spread(): void {
    this.#table = new Int32Array(2 * this.#table.length).fill(-1)
    for (let address = 0; address < this.count; address++) this.#enter(address)
  }

  #enter(address: number): void {
    const key = this.#keys[address]!
    const rest = Math.floor(key / FULL)
    const mask = this.#table.length - 1
    let i = hashOf(Math.floor(rest / FULL), (rest % FULL) - HALF, (key % FULL) - HALF) & mask
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

/** A typed array of twice the length with the same beginning. */
export function doubled<T extends Float64Array | Int32Array>(array: T): T {
  const Kind = array.constructor as new (length: number) => T
  const bigger = new Kind(array.length * 2)
  bigger.set(array)
  return bigger
}
