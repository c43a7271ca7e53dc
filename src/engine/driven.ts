/** How far and how long a ride was driven, out of its believed fixes; with gaps and jumps in favour of who pays. Pure. */
import type { Leg } from './fare.ts'
import { distanceM } from './geo.ts'
import { assert, type LatLng } from './units.ts'

export interface TrailFix extends LatLng {
  readonly atMs: number
  readonly accuracyM: number | null
}

export interface Driven extends Leg {
  /** Of the time, the part in which fixes came often enough to say where the car was, 0 to 1. */
  readonly coveredShare: number
  /** Longest time in one place, seconds. */
  readonly stoodS: number
  /** The line, each point some metres from the one before. */
  readonly way: readonly LatLng[]
}

/** A phone reports every 5 s and queues what it cannot send; so long a silence says nothing of the way between. */
const GAP_S = 60
/** No car on a street is faster; a fix that would need it is not where the car was. */
const FASTEST_MPS = 60
/** Less than this between two fixes is a standing car's trembling. */
const APART_M = 15
/** A worse fix measures nothing. */
const ACCURATE_M = 100

/** A stay at an agreed stop: paid for as waiting, and so no part of what was driven. */
export interface Pause {
  readonly fromMs: number
  readonly untilMs: number
}

/**
 * The way between two instants. Over a gap only the straight line counts, and a jump not at all, so that what was not
 * seen is not charged.
 * @param fixes in the order of their times; those outside the instants are not looked at
 * @param span.pauses in order, without overlaps: their time is neither driven nor stood
 */
export function drivenOf(
  fixes: readonly TrailFix[],
  {
    fromMs,
    untilMs,
    pauses = [],
  }: { readonly fromMs: number; readonly untilMs: number; readonly pauses?: readonly Pause[] },
): Driven {
  assert(untilMs >= fromMs, 'a ride ends after it began')
  const way: TrailFix[] = []
  let lengthM = 0
  let coveredMs = 0
  let lastMs = fromMs
  let stoodMs = 0
  for (const fix of fixes) {
    if (fix.atMs < fromMs || fix.atMs > untilMs || (fix.accuracyM ?? 0) > ACCURATE_M) continue
    const before = way.at(-1)
    const wentM = before === undefined ? 0 : distanceM(before, fix)
    if (before !== undefined && wentM > APART_M + ((fix.atMs - before.atMs) / 1000) * FASTEST_MPS) continue
    if (fix.atMs - lastMs <= GAP_S * 1000) coveredMs += fix.atMs - lastMs
    lastMs = fix.atMs
    if (before !== undefined && wentM < APART_M) {
      stoodMs = Math.max(stoodMs, fix.atMs - before.atMs - pausedMs(pauses, before.atMs, fix.atMs))
      continue
    }
    lengthM += wentM
    way.push(fix)
  }
  if (way.length > 0 && untilMs - lastMs <= GAP_S * 1000) coveredMs += untilMs - lastMs
  return {
    distanceM: lengthM,
    durationS: (untilMs - fromMs - pausedMs(pauses, fromMs, untilMs)) / 1000,
    coveredShare: untilMs === fromMs ? 0 : coveredMs / (untilMs - fromMs),
    stoodS: stoodMs / 1000,
    way: way.map(({ lat, lng }) => ({ lat, lng })),
  }
}

/** How much of a span is paused. */
function pausedMs(pauses: readonly Pause[], fromMs: number, untilMs: number): number {
  return pauses.reduce(
    (sum, pause) => sum + Math.max(0, Math.min(untilMs, pause.untilMs) - Math.max(fromMs, pause.fromMs)),
    0,
  )
}
