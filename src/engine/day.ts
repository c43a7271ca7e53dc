/** Calendar days, and which instants lie in them where somebody is: clocks change, some of them at midnight. */
import { assert } from './units.ts'

/** `2027-04-30`. Days of one length compare as text. */
export type Day = string

const FORM = /^\d{4}-\d{2}-\d{2}$/
const DAY_MS = 86_400_000
/** No zone is further from UTC than 14 hours, and no change of clocks moves one by more than a day (Samoa, 2011). */
const FURTHEST_MS = 2 * DAY_MS

const formats = new Map<string, Intl.DateTimeFormat>()

/** The day that the calendar on the wall shows at an instant. */
export function localDay(atMs: number, timeZone: string): Day {
  let format = formats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn' },
      ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
    })
    formats.set(timeZone, format)
  }
  return format.format(atMs)
}

const ends = new Map<string, number>()
/** Days asked for are the expiries of licences: few, and the same ones all the time. */
const MOST_ENDS = 20_000

/**
 * The first instant after a day: at it the wall shows a later one. Found by halving, so that days of 23 and 25 hours,
 * and midnights that do not exist or come twice, need no rule of their own.
 */
export function dayEndMs(day: Day, timeZone: string): number {
  assert(isDay(day), 'a day is a day of the calendar')
  const key = `${day} ${timeZone}`
  const known = ends.get(key)
  if (known !== undefined) return known
  const noonMs = Date.parse(`${day}T12:00:00Z`)
  let inside = noonMs - FURTHEST_MS
  let outside = noonMs + FURTHEST_MS
  while (outside - inside > 1) {
    const middle = Math.floor((inside + outside) / 2)
    if (localDay(middle, timeZone) > day) outside = middle
    else inside = middle
  }
  if (ends.size >= MOST_ENDS) ends.clear()
  ends.set(key, outside)
  return outside
}

/** Whole days from one day to another; negative when it lies behind. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS)
}

export function addDays(day: Day, days: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

/** Whether a text is a day that the calendar has. */
export function isDay(text: string): text is Day {
  if (!FORM.test(text)) return false
  const atMs = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().slice(0, 10) === text
}

export const WEEK_MINUTES = 10_080
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const clocks = new Map<string, Intl.DateTimeFormat>()

/** Which minute of the week the clock on the wall shows at an instant; 0 begins Monday. */
export function weekMinute(atMs: number, timeZone: string): number {
  let format = clocks.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' },
      ...{ weekday: 'short', hour: '2-digit', minute: '2-digit' },
    })
    clocks.set(timeZone, format)
  }
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]))
  const day = WEEKDAYS.indexOf(parts.get('weekday')!)
  return day * 1_440 + Number(parts.get('hour')) * 60 + Number(parts.get('minute'))
}
