/** Days as people write them, in a company's time zone. */
import { startOfDayMs } from '../dispatch/driver-state.ts'

const HOUR_MS = 3_600_000

/** The instant the day `2026-11-21` begins in a time zone. */
export function dayStartMs(date: string, timeZone: string): number {
  const local = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })
  // Noon in Greenwich is the same day everywhere but in the far Pacific; there it is looked for next to it.
  const noonMs = Date.parse(`${date}T12:00:00Z`)
  for (const hours of [0, -24, 24]) {
    const startMs = startOfDayMs(noonMs + hours * HOUR_MS, timeZone)
    if (local.format(startMs) === date) return startMs
  }
  return noonMs
}

/** The instant after it: the next day's beginning. */
export function dayEndMs(date: string, timeZone: string): number {
  // Days have 23 to 25 hours; 36 after the beginning lies within the next one.
  return startOfDayMs(dayStartMs(date, timeZone) + 36 * HOUR_MS, timeZone)
}
