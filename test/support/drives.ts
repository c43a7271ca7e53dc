/** Drives to a pickup for the watchdog: recorded or made up fixes in even steps, and what can go wrong with them. */

import { travelOver } from '../../src/engine/eta.ts'
import { destination, distanceM } from '../../src/engine/geo.ts'
import type { LatLng, RandomFn } from '../../src/engine/units.ts'
import { beginWatch, look, type Trouble, WATCH_TERMS, type Watch } from '../../src/engine/watchdog.ts'

export interface Fix extends LatLng {
  readonly atMs: number
}

/**
 * Where a car is each `stepS` on its way through these fixes, straight from one to the next. Fixes came about once a
 * minute: a gap of over `holeS` stays a hole, which began when the next fix was due.
 */
export function interpolated(
  fixes: readonly Fix[],
  { stepS, dueS = 60, holeS = 90 }: { stepS: number; dueS?: number; holeS?: number },
): Fix[] {
  const steps: Fix[] = []
  let next = 1
  for (let atMs = fixes[0]!.atMs; atMs <= fixes.at(-1)!.atMs; atMs += stepS * 1_000) {
    while (next < fixes.length - 1 && fixes[next]!.atMs < atMs) next++
    const [from, to] = [fixes[next - 1]!, fixes[next]!]
    if (to.atMs - from.atMs > holeS * 1_000 && atMs > from.atMs + dueS * 1_000 && atMs < to.atMs) continue
    const share = Math.min(1, Math.max(0, (atMs - from.atMs) / (to.atMs - from.atMs)))
    steps.push({
      atMs,
      lat: from.lat + share * (to.lat - from.lat),
      lng: from.lng + share * (to.lng - from.lng),
    })
  }
  return steps
}

/** From a place in the drive on: no more fixes; the car stands; it drives back the way it came. */
export function withFault(drive: readonly Fix[], from: number, fault: Trouble): Fix[] {
  return drive.flatMap((fix, n): Fix[] => {
    if (n <= from) return [fix]
    if (fault === 'dark') return []
    const there = drive[fault === 'stalled' ? from : Math.max(0, 2 * from - n)]!
    return [{ ...there, atMs: fix.atMs }]
  })
}

/**
 * A drive as in a city of blocks: legs along two directions, now and then a red light or a slow street, fixes every
 * five seconds that lie some metres off. The pickup is its last fix.
 */
export function madeUpDrive(random: RandomFn, { lastsS = 600, startMs = 0 } = {}): Fix[] {
  const from = { lat: 40.7 + 0.08 * random(), lng: -74 + 0.05 * random() }
  const turnDeg = random() * 360
  const fixes: Fix[] = []
  let at: LatLng = from
  let legM = 0
  let heading = turnDeg
  let speedMps = 8
  let standsS = 0
  for (let atS = 0; atS <= lastsS; atS += 5) {
    const off = destination(at, random() * 360, 8 * random())
    fixes.push({ ...off, atMs: startMs + atS * 1_000 })
    if (standsS > 0) {
      standsS -= 5
      continue
    }
    if (legM <= 0) {
      legM = 80 + 400 * random()
      heading = turnDeg + (random() < 0.5 ? 0 : 90)
      speedMps = 2 + 9 * random()
      if (random() < 0.4) standsS = 10 + 75 * random()
    }
    at = destination(at, heading, 5 * speedMps)
    legM -= 5 * speedMps
  }
  return fixes
}

/** What the watchdog said of a drive, in order. */
export interface Said {
  readonly kind: Trouble
  /** Seconds from the first fix until it was said, and until it was over; null: it never was. */
  readonly atS: number
  readonly overAtS: number | null
}

/**
 * Watch a drive, one look in five seconds, to the end of what the car was given.
 * @param pickup where it should go
 * @param untilMs so long, though there be no more fixes
 */
export function watched(
  drive: readonly Fix[],
  { pickup, untilMs = drive.at(-1)!.atMs, terms = WATCH_TERMS, stepS = 5 }: WatchedDrive,
): { said: Said[]; watch: Watch } {
  const startMs = drive[0]!.atMs
  let watch = beginWatch(startMs)
  const said: Said[] = []
  let next = 0
  for (let nowMs = startMs; nowMs <= untilMs; nowMs += stepS * 1_000) {
    while (next + 1 < drive.length && drive[next + 1]!.atMs <= nowMs) next++
    const fix = drive[next]!
    const straightM = distanceM(fix, pickup)
    const before = watch.trouble
    watch = look(watch, { nowMs, fix, distanceM: straightM, etaS: travelOver(straightM).durationS }, terms)
    const atS = (nowMs - startMs) / 1_000
    if (before === null && watch.trouble !== null) said.push({ kind: watch.trouble.kind, atS, overAtS: null })
    if (before !== null && watch.trouble === null) said.push({ ...said.pop()!, overAtS: atS })
  }
  return { said, watch }
}

interface WatchedDrive {
  readonly pickup: LatLng
  readonly untilMs?: number
  readonly terms?: typeof WATCH_TERMS
  readonly stepS?: number
}
