/** The cars of a region as desks are told of them: what changed since what a desk has, said once for all that have the same. */
import type { DriverId } from '../engine/units.ts'
import type { Made } from '../io/stream.ts'

/** id, call sign, lat × 10⁶, lng × 10⁶, heading, state, age of the fix in seconds. */
export type CarRow = readonly [DriverId, string, number, number, number, string, number]

/** A car as it was looked at: its row, and when its fix was taken. */
export interface SeenCar {
  readonly row: CarRow
  readonly atMs: number
}

interface Told {
  readonly row: CarRow
  readonly atMs: number
  /** The look that found it changed. */
  readonly look: number
}

/** A desk that was away for longer than so many cars took to leave is told of all cars. */
const MOST_GONE = 5_000

export class CarChanges {
  #look = 0
  readonly #told = new Map<DriverId, Told>()
  /** Who left, in the order they did, and the look that missed them. */
  readonly #gone = new Map<DriverId, number>()
  /** Who has less than this look cannot be told any more who left. */
  #floor = 0
  #newest: { readonly had: number; readonly look: number; readonly text: string } | null = null

  /** Look at all cars. @returns whether any moved, changed, came or left */
  look(cars: Iterable<SeenCar>): boolean {
    const look = this.#look + 1
    let changes = 0
    const present = new Set<DriverId>()
    for (const { row, atMs } of cars) {
      const [id] = row
      present.add(id)
      const before = this.#told.get(id)
      if (before?.atMs === atMs && before.row[5] === row[5]) continue
      this.#told.set(id, { row, atMs, look })
      this.#gone.delete(id)
      changes++
    }
    for (const id of this.#told.keys()) {
      if (present.has(id)) continue
      this.#told.delete(id)
      this.#gone.set(id, look)
      changes++
    }
    for (const [id, lookGone] of this.#gone) {
      if (this.#gone.size <= MOST_GONE) break
      this.#gone.delete(id)
      this.#floor = lookGone
    }
    if (changes > 0) this.#look = look
    return changes > 0
  }

  /**
   * What changed since the look `had`, or all cars for who has nothing or too little; null when nothing did.
   * @param now all cars as they are
   */
  message(had: number | null, now: () => Iterable<SeenCar>): Made | null {
    const look = this.#look
    if (had === null || had < this.#floor) {
      const cars = Array.from(now(), ({ row }) => row)
      return { text: JSON.stringify({ type: 'cars', full: true, cars, gone: [] }), mark: look }
    }
    if (had === look) return null
    if (this.#newest?.had !== had || this.#newest.look !== look) {
      const cars = [...this.#told.values()].filter((told) => told.look > had).map(({ row }) => row)
      const gone = [...this.#gone].filter(([, lookGone]) => lookGone > had).map(([id]) => id)
      this.#newest = { had, look, text: JSON.stringify({ type: 'cars', full: false, cars, gone }) }
    }
    return { text: this.#newest.text, mark: look }
  }
}
