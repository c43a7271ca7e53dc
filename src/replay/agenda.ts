/** What will happen when: a heap of future happenings, earliest first, those of one instant in the order they were set. */

interface Entry<T> {
  readonly atMs: number
  readonly turn: number
  readonly what: T
}

export class Agenda<T> {
  readonly #heap: Entry<T>[] = []
  #turn = 0

  /** Set `what` down for an instant, epoch milliseconds. */
  add(atMs: number, what: T): void {
    const entry = { atMs, turn: this.#turn++, what }
    let slot = this.#heap.length
    while (slot > 0) {
      const parent = (slot - 1) >> 1
      if (!isBefore(entry, this.#heap[parent]!)) break
      this.#heap[slot] = this.#heap[parent]!
      slot = parent
    }
    this.#heap[slot] = entry
  }

  /** The instant of the next happening, or infinity. */
  nextAtMs(): number {
    return this.#heap[0]?.atMs ?? Number.POSITIVE_INFINITY
  }

  /** Take the next happening off the agenda, or undefined when it is empty. */
  take(): Entry<T> | undefined {
    const first = this.#heap[0]
    const last = this.#heap.pop()
    if (first === undefined || last === undefined || first === last) return first
    let slot = 0
    for (;;) {
      let child = 2 * slot + 1
      if (child >= this.#heap.length) break
      if (child + 1 < this.#heap.length && isBefore(this.#heap[child + 1]!, this.#heap[child]!)) child++
      if (!isBefore(this.#heap[child]!, last)) break
      this.#heap[slot] = this.#heap[child]!
      slot = child
    }
    this.#heap[slot] = last
    return first
  }
}

function isBefore(a: Entry<unknown>, b: Entry<unknown>): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.turn < b.turn)
}
