/** What a clock on the wall says, as instants: most times of a day are one, some are none, and some come twice. */
import { type Day, localDay, weekMinute } from './day.ts'
import { assert } from './units.ts'

const HOUR_MS = 3_600_000
const DAY_MINUTES = 1_440
/** No zone is further from UTC than 14 hours, and an hour more sees the offsets on both sides of a change. */
const FURTHEST_H = 15

/** A time as people say it, where they are. */
export interface WallTime {
  readonly day: Day
  /** Minutes since the wall showed midnight, 0 to 1439. */
  readonly minute: number
}

/**
 * The instants at which the wall shows this time, the earlier first, epoch ms. None when clocks go forward over it,
 * two when they go back over it. The zone's offsets around it are all tried, so no rule about clocks is known here.
 */
export function instantsAt({ day, minute }: WallTime, timeZone: string): number[] {
  assert(Number.isInteger(minute) && minute >= 0 && minute < DAY_MINUTES, 'a day has 1,440 minutes')
  const asUtcMs = Date.parse(`${day}T00:00:00Z`) + minute * 60_000
  const offsets = new Set<number>()
  for (let hour = -FURTHEST_H; hour <= FURTHEST_H; hour++)
    offsets.add(offsetMs(asUtcMs + hour * HOUR_MS, timeZone))
  return [...offsets]
    .map((offset) => asUtcMs - offset)
    .filter((atMs) => showsThen(atMs, { day, minute }, timeZone))
    .toSorted((a, b) => a - b)
}

/** What the wall shows at an instant, to the minute. */
export function wallTimeAt(atMs: number, timeZone: string): WallTime {
  return { day: localDay(atMs, timeZone), minute: weekMinute(atMs, timeZone) % DAY_MINUTES }
}

/** `18:05`; of a day's minute. */
export function minuteText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

/** How far the wall is ahead of UTC, in whole minutes as all zones are today. */
function offsetMs(atMs: number, timeZone: string): number {
  const { day, minute } = wallTimeAt(atMs, timeZone)
  return Date.parse(`${day}T00:00:00Z`) + minute * 60_000 - Math.floor(atMs / 60_000) * 60_000
}

function showsThen(atMs: number, { day, minute }: WallTime, timeZone: string): boolean {
  const shown = wallTimeAt(atMs, timeZone)
  return shown.day === day && shown.minute === minute
}
