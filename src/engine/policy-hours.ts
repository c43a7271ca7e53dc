/**
 * A region's policy by weekday and hour. The clock on the wall counts: an hour that clocks skip does not come, one that
 * they repeat comes twice.
 */
import { WEEK_MINUTES, weekMinute } from './day.ts'
import type { Policy } from './policy.ts'

export type PolicyOverride = Partial<
  Pick<Policy, 'kind' | 'batchWindowMs' | 'radiusM' | 'radiusGrowthMps' | 'radiusMaxM' | 'candidates'>
>

/** From one time of the day to another, on some days of the week, another policy than the region's own. */
export interface PolicyWindow {
  /** 1 is Monday, 7 Sunday (ISO 8601): the days on which it begins. */
  readonly weekdays: readonly number[]
  /** Minutes after midnight by the wall, 0 to 1439. */
  readonly fromMinute: number
  /** 0 to 1440, not included; not after `fromMinute`: of the next day. */
  readonly untilMinute: number
  readonly policy: PolicyOverride
}

export const DAY_MINUTES = 1_440

/** Minutes of the week from Monday's midnight, the last one not included; a window that ends after Sunday is in two. */
export type WeekSpan = readonly [from: number, until: number]

/** When in the week a window is open, in order. */
export function spansOf({ weekdays, fromMinute, untilMinute }: PolicyWindow): WeekSpan[] {
  const lengthM = untilMinute > fromMinute ? untilMinute - fromMinute : untilMinute + DAY_MINUTES - fromMinute
  return weekdays
    .flatMap((weekday): WeekSpan[] => {
      const from = (weekday - 1) * DAY_MINUTES + fromMinute
      const until = from + lengthM
      return until <= WEEK_MINUTES
        ? [[from, until]]
        : [
            [from, WEEK_MINUTES],
            [0, until - WEEK_MINUTES],
          ]
    })
    .toSorted((a, b) => a[0] - b[0])
}

/** The place of the window that is open at an instant, -1 for none; of several the first in the list. */
export function windowAt(windows: readonly PolicyWindow[], atMs: number, timeZone: string): number {
  if (windows.length === 0) return -1
  const minute = weekMinute(atMs, timeZone)
  return windows.findIndex((window) =>
    spansOf(window).some(([from, until]) => minute >= from && minute < until),
  )
}

/** The policy of an instant: the region's own, with what the window that is open says otherwise. */
export function policyAt(
  base: Policy,
  windows: readonly PolicyWindow[],
  { atMs, timeZone }: { readonly atMs: number; readonly timeZone: string },
): Policy {
  const open = windows[windowAt(windows, atMs, timeZone)]
  if (open === undefined) return base
  const policy = { ...base, ...open.policy }
  // A wider first look than the furthest one would never be reached.
  return { ...policy, radiusMaxM: Math.max(policy.radiusMaxM, policy.radiusM) }
}

export interface Overlap {
  /** Places in the list. */
  readonly windows: readonly [number, number]
  readonly span: WeekSpan
}

/** Where two windows are open at once: the first such span of each pair. A window that meets itself counts too. */
export function overlapsOf(windows: readonly PolicyWindow[]): Overlap[] {
  const spans = windows.flatMap((window, place) =>
    spansOf(window).map(([from, until]) => ({ from, until, place })),
  )
  const found = new Map<string, Overlap>()
  for (const [n, a] of spans.entries())
    for (const b of spans.slice(n + 1)) {
      const from = Math.max(a.from, b.from)
      const until = Math.min(a.until, b.until)
      const key = `${a.place} ${b.place}`
      if (from < until && !found.has(key))
        found.set(key, { windows: [a.place, b.place], span: [from, until] })
    }
  return [...found.values()]
}

/** Where no window is open, in order: there the region's own policy counts. */
export function gapsOf(windows: readonly PolicyWindow[]): WeekSpan[] {
  const spans = windows.flatMap(spansOf).toSorted((a, b) => a[0] - b[0])
  const gaps: WeekSpan[] = []
  let covered = 0
  for (const [from, until] of spans) {
    if (from > covered) gaps.push([covered, from])
    covered = Math.max(covered, until)
  }
  return covered < WEEK_MINUTES ? [...gaps, [covered, WEEK_MINUTES]] : gaps
}
