/**
 * The fixes of one driver that were believed last, by time, in rows of numbers: what the checks compare a new one with.
 * The newest is asked for with every ping and costs a few reads; late ones are looked for row by row.
 */

/** Fixes kept for comparing: a minute at one a second. */
export const RECENT_FIXES = 64
/** Rows a driver begins with; most send a fix every five seconds and are known for a moment only. */
const FIRST_ROWS = 8
/** Room beyond the fixes kept, so that rows are moved down only every so many fixes. */
const SPARE_ROWS = 16

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
  #rows = new Float64Array(FIRST_ROWS * WIDTH)
  /** Rows in use: from the first to before the end. */
  #first = 0
  #end = 0

  get count(): number {
    return this.#end - this.#first
  }

  /** Epoch ms, as in the row of `place`; places count from 0, the oldest. */
  timeMs(place: number): number {
    return this.#rows[(this.#first + place) * WIDTH + TIME]!
  }
  seq(place: number): number {
    return this.#rows[(this.#first + place) * WIDTH + SEQ]!
  }
  lat(place: number): number {
    return this.#rows[(this.#first + place) * WIDTH + LAT]!
  }
  lng(place: number): number {
    return this.#rows[(this.#first + place) * WIDTH + LNG]!
  }
  accuracyM(place: number): number {
    return this.#rows[(this.#first + place) * WIDTH + ACCURACY]!
  }
  headingDeg(place: number): number {
    return this.#rows[(this.#first + place) * WIDTH + HEADING]!
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
    if ((this.#end + 1) * WIDTH > this.#rows.length) this.#makeRoom()
    const rows = this.#rows
    const row = (this.#first + place) * WIDTH
    if (place < this.count) rows.copyWithin(row + WIDTH, row, this.#end * WIDTH)
    this.#end++
    rows[row + TIME] = timeMs
    rows[row + SEQ] = seq
    rows[row + LAT] = lat
    rows[row + LNG] = lng
    rows[row + ACCURACY] = accuracyM
    rows[row + HEADING] = headingDeg
    if (this.count > RECENT_FIXES) this.#first++
  }

  #makeRoom(): void {
    const full = (RECENT_FIXES + SPARE_ROWS) * WIDTH
    const used = this.#rows.subarray(this.#first * WIDTH, this.#end * WIDTH)
    const rows = this.#first > 0 ? this.#rows : new Float64Array(Math.min(full, 2 * this.#rows.length))
    rows.set(used)
    this.#rows = rows
    this.#end -= this.#first
    this.#first = 0
  }
}
