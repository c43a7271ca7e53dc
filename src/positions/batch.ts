/**
 * Pings of one message in columns, whatever they came as. A reader fills it, the checks write their verdicts beside,
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
  const verdict = batch.verdicts[place]!
  return verdict === LIVE || verdict >= FIRST_TRAIL_ONLY
}

/** What is not a number the phone has sent; the columns hold NaN. */
const NOT_SAID = Number.NaN

export class PingBatch {
  count = 0
  /** The highest of the running numbers; −1 while there is none. */
  highestSeq = -1
  readonly seqs = new Float64Array(MAX_PINGS_A_BATCH)
  /** Epoch ms by the phone's clock; NaN for a time that is none, as in the next three. */
  readonly timesMs = new Float64Array(MAX_PINGS_A_BATCH)
  readonly lats = new Float64Array(MAX_PINGS_A_BATCH)
  readonly lngs = new Float64Array(MAX_PINGS_A_BATCH)
  readonly accuraciesM = new Float64Array(MAX_PINGS_A_BATCH)
  /** NaN where the phone did not say. */
  readonly speedsMps = new Float64Array(MAX_PINGS_A_BATCH)
  /** NaN where the phone did not say; of a believed ping the checks put the way it moved there. */
  readonly headingsDeg = new Float64Array(MAX_PINGS_A_BATCH)
  /** Places in the columns by time, oldest first; written by the checks, like all below. */
  readonly order = new Uint16Array(MAX_PINGS_A_BATCH)
  readonly verdicts = new Uint8Array(MAX_PINGS_A_BATCH)
  /** 1 where the car cannot have driven here from the fix before: the way between is not billed. */
  readonly afterJumps = new Uint8Array(MAX_PINGS_A_BATCH)
  /** How many are live, and the place of the newest of them, −1 where there is none. */
  liveCount = 0
  newestLive = -1

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
    this.seqs[place] = seq
    this.timesMs[place] = atMs ?? Number.NaN
    this.lats[place] = lat ?? Number.NaN
    // One meridian, one name: 180 east is stored as 180 west. So are the two names of north.
    this.lngs[place] = lng === 180 ? -180 : (lng ?? Number.NaN)
    this.accuraciesM[place] = accuracyM ?? Number.NaN
    this.speedsMps[place] = speedMps ?? NOT_SAID
    this.headingsDeg[place] = headingDeg === 360 ? 0 : (headingDeg ?? NOT_SAID)
  }

  /** Fill `order`. Pings without a time come first, equal ones in the order they came in. */
  sortByTime(): void {
    const { order, timesMs, count } = this
    let sorted = true
    for (let place = 0; place < count; place++) {
      order[place] = place
      // A time that is none is not in order either way.
      if (place > 0 && !(timesMs[place - 1]! <= timesMs[place]!)) sorted = false
    }
    // The stable order is kept by the places themselves, which a typed array's sort is asked to compare too.
    if (!sorted) order.subarray(0, count).sort((a, b) => instant(timesMs[a]!) - instant(timesMs[b]!) || a - b)
  }
}

function instant(timeMs: number): number {
  return Number.isNaN(timeMs) ? Number.NEGATIVE_INFINITY : timeMs
}
