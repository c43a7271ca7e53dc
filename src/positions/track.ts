/**
 * The fixes of one driver that were believed last, by time, in rows of numbers: what the checks compare a new one with.
 * The newest is asked for with every ping and costs a few reads; late ones are looked for row by row.
 */

/** Fixes kept for comparing: a minute at one a second. A power of two, like the rows. */
export const RECENT_FIXES = 64
/** Rows a driver begins with; most send a fix every five seconds and are known for a moment only. */
const FIRST_ROWS = 8

const TIME = 0
const SEQ = 1
const LAT = 2
const LNG = 3
const ACCURACY = 4
const HEADING = 5
const WIDTH = 6

/** Where refused fixes say the car is: the last of them, and how many in a row agree. */
export interface Candidate {
  timeMs: number
  lat: number
  lng: number
  accuracyM: number
  /** 0 while there is none. */
  count: number
}

export class Track {
  readonly candidate: Candidate = { timeMs: 0, lat: 0, lng: 0, accuracyM: 0, count: 0 }
  /** Used round and round, so that no row is moved when the oldest falls out. */
  #rows = new Float64Array(FIRST_ROWS * WIDTH)
  /** All bits of a row's number. */
  #mask = FIRST_ROWS - 1
  #first = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Where the fix of `place` stands; places count from 0, the oldest. */
  #at(place: number): number {
    return ((this.#first + place) & this.#mask) * WIDTH
  }

  /** Epoch ms. */
  timeMs(place: number): number {
    return this.#rows[this.#at(place) + TIME]!
  }
  seq(place: number): number {
    return this.#rows[this.#at(place) + SEQ]!
  }
  lat(place: number): number {
    return this.#rows[this.#at(place) + LAT]!
  }
  lng(place: number): number {
    return this.#rows[this.#at(place) + LNG]!
  }
  accuracyM(place: number): number {
    return this.#rows[this.#at(place) + ACCURACY]!
  }
  headingDeg(place: number): number {
    return this.#rows[this.#at(place) + HEADING]!
  }

  /** How many fixes are not newer than this: the place where one of that time belongs. */
  placeAt(timeMs: number): number {
    let place = this.count
    while (place > 0 && this.timeMs(place - 1) > timeMs) place--
    return place
  }

  has(timeMs: number): boolean {
    const place = this.placeAt(timeMs)
    return place > 0 && this.timeMs(place - 1) === timeMs
  }

  hasSeq(seq: number): boolean {
    for (let place = 0; place < this.count; place++) if (this.seq(place) === seq) return true
    return false
  }

  /** Put a fix in its place; the oldest falls out. */
  insert(
    place: number,
    timeMs: number,
    seq: number,
    lat: number,
    lng: number,
    accuracyM: number,
    headingDeg: number,
  ): void {
    // Older than all, and there is no room for it.
    if (place === 0 && this.#count === RECENT_FIXES) return
    const later = this.#count - place
    this.append(timeMs, seq, lat, lng, accuracyM, headingDeg)
    if (later > 0) this.#moveBack(later)
  }

  /** Put a fix behind the newest; the oldest falls out. Small, so that the compiler puts it where it is called. */
  append(timeMs: number, seq: number, lat: number, lng: number, accuracyM: number, headingDeg: number): void {
    if (this.#count === RECENT_FIXES) this.#first = (this.#first + 1) & this.#mask
    else this.#addRow()
    const rows = this.#rows
    const row = this.#at(this.#count - 1)
    rows[row + TIME] = timeMs
    rows[row + SEQ] = seq
    rows[row + LAT] = lat
    rows[row + LNG] = lng
    rows[row + ACCURACY] = accuracyM
    rows[row + HEADING] = headingDeg
  }

  /** Let the newest fix change places with each of those before it, so many times. */
  #moveBack(times: number): void {
    const rows = this.#rows
    for (let place = this.#count - 1; place > this.#count - 1 - times; place--) {
      const [row, before] = [this.#at(place), this.#at(place - 1)]
      for (let column = 0; column < WIDTH; column++) {
        const value = rows[row + column]!
        rows[row + column] = rows[before + column]!
        rows[before + column] = value
      }
    }
  }

  #addRow(): void {
    if (this.#count++ <= this.#mask) return
    // All are in use, and the first is still the oldest.
    const rows = new Float64Array(2 * this.#rows.length)
    rows.set(this.#rows)
    this.#rows = rows
    this.#mask = 2 * this.#mask + 1
  }
}
