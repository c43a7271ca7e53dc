/**
 * Pings of one message in rows of numbers, whatever they came as. A reader fills it, the checks write their verdicts beside,
 * the answer is made from both; nothing of it lives on, so one is used again and again, and no ping costs an object.
 */
import { MAX_PINGS_A_BATCH } from './shapes.ts'

export const REFUSALS = [
  'invalid',
  'zero',
  'future',
  'too_old',
  'duplicate',
  'inaccurate',
  'impossible_speed',
] as const
export type Refusal = (typeof REFUSALS)[number]
/** Refused as a live position, kept for the trail. */
export const TRAIL_ONLY = ['stale', 'out_of_order'] as const
export type TrailOnly = (typeof TRAIL_ONLY)[number]
export type PingReason = Refusal | TrailOnly

/** By verdict: null moved the car, the others say why not. A verdict is a place in this list. */
export const VERDICTS = [null, ...REFUSALS, ...TRAIL_ONLY] as const
export const LIVE = 0
/** From here on a ping was believed, though it did not move the car. */
const FIRST_TRAIL_ONLY = 1 + REFUSALS.length

export function verdictOf(reason: PingReason): number {
  return VERDICTS.indexOf(reason)
}

/** Whether a ping of a judged batch belongs to the way the car drove, live or not. */
export function isBelieved(batch: PingBatch, place: number): boolean {
  const verdict = batch.verdict(place)
  return verdict === LIVE || verdict >= FIRST_TRAIL_ONLY
}

/** What is not a number the phone has sent; the rows hold NaN. */
const NOT_SAID = Number.NaN

/** What a row holds of a ping, side by side, so that it is one trip to memory. */
const TIME = 0
const SEQ = 1
const LAT = 2
const LNG = 3
const ACCURACY = 4
const SPEED = 5
const HEADING = 6
const VERDICT = 7
const AFTER_JUMP = 8
const WIDTH = 9

export class PingBatch {
  count = 0
  /** The highest of the running numbers; −1 while there is none. */
  highestSeq = -1
  readonly #rows = new Float64Array(MAX_PINGS_A_BATCH * WIDTH)
  /** Places in the batch by time, oldest first; written by the checks, like all below. */
  readonly order = new Uint16Array(MAX_PINGS_A_BATCH)
  /** How many are live, and the place of the newest of them, −1 where there is none. */
  liveCount = 0
  newestLive = -1

  /** Epoch ms by the phone's clock; NaN for a time that is none, as in the next three. */
  timeMs(place: number): number {
    return this.#rows[place * WIDTH + TIME]!
  }
  seq(place: number): number {
    return this.#rows[place * WIDTH + SEQ]!
  }
  lat(place: number): number {
    return this.#rows[place * WIDTH + LAT]!
  }
  lng(place: number): number {
    return this.#rows[place * WIDTH + LNG]!
  }
  accuracyM(place: number): number {
    return this.#rows[place * WIDTH + ACCURACY]!
  }
  /** NaN where the phone did not say. */
  speedMps(place: number): number {
    return this.#rows[place * WIDTH + SPEED]!
  }
  /** NaN where the phone did not say; of a believed ping the checks put the way it moved there. */
  headingDeg(place: number): number {
    return this.#rows[place * WIDTH + HEADING]!
  }
  verdict(place: number): number {
    return this.#rows[place * WIDTH + VERDICT]!
  }
  /** Whether the car cannot have driven here from the fix before: the way between is not billed. */
  isAfterJump(place: number): boolean {
    return this.#rows[place * WIDTH + AFTER_JUMP]! === 1
  }

  /** In the order of time. */
  setVerdict(place: number, verdict: number): void {
    this.#rows[place * WIDTH + VERDICT] = verdict
    if (verdict !== LIVE) return
    this.liveCount++
    this.newestLive = place
  }
  /** How the car came to where a believed ping says it is. */
  setWay(place: number, headingDeg: number, isAfterJump: boolean): void {
    this.#rows[place * WIDTH + HEADING] = headingDeg
    this.#rows[place * WIDTH + AFTER_JUMP] = isAfterJump ? 1 : 0
  }

  clear(): void {
    this.count = 0
    this.highestSeq = -1
  }

  /** One more ping; the caller keeps to MAX_PINGS_A_BATCH. `null` and `undefined` are what the phone did not say. */
  add(
    seq: number,
    atMs: number | null,
    lat: number | null,
    lng: number | null,
    accuracyM: number | null,
    speedMps: number | null | undefined,
    headingDeg: number | null | undefined,
  ): void {
    const place = this.count++
    if (seq > this.highestSeq) this.highestSeq = seq
    const row = place * WIDTH
    const rows = this.#rows
    rows[row + TIME] = atMs ?? Number.NaN
    rows[row + SEQ] = seq
    rows[row + LAT] = lat ?? Number.NaN
    // One meridian, one name: 180 east is stored as 180 west. So are the two names of north.
    rows[row + LNG] = lng === 180 ? -180 : (lng ?? Number.NaN)
    rows[row + ACCURACY] = accuracyM ?? Number.NaN
    rows[row + SPEED] = speedMps ?? NOT_SAID
    rows[row + HEADING] = headingDeg === 360 ? 0 : (headingDeg ?? NOT_SAID)
    rows[row + AFTER_JUMP] = 0
  }

  /** Fill `order`, and begin with the verdicts. Pings without a time come first, equal ones in the order they came in. */
  sortByTime(): void {
    const { order, count } = this
    this.liveCount = 0
    this.newestLive = -1
    let sorted = true
    for (let place = 0; place < count; place++) {
      order[place] = place
      // A time that is none is not in order either way.
      if (place > 0 && !(this.timeMs(place - 1) <= this.timeMs(place))) sorted = false
    }
    if (sorted) return
    // The stable order is kept by the places themselves, which a typed array's sort is asked to compare too.
    order.subarray(0, count).sort((a, b) => instant(this.timeMs(a)) - instant(this.timeMs(b)) || a - b)
  }
}

function instant(timeMs: number): number {
  return Number.isNaN(timeMs) ? Number.NEGATIVE_INFINITY : timeMs
}
