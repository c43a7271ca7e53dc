/** What a region usually has at an hour: cars on shift and rides asked for, from its own past days. */
import type { Day } from './day.ts'

/** A whole past day, by hour of it. */
export interface ServiceHours {
  readonly day: Day
  readonly cars: readonly number[]
  readonly asked: readonly number[]
}

export interface UsualHour {
  readonly cars: number
  readonly asked: number
}

/** A habit needs more than one day; two of a kind are the least that look like one. */
const FEWEST_DAYS = 2

/**
 * The mean of the days of its kind, weekend or not, at an hour of a day to come; of all days where there are fewer than two
 * of its kind. Null while nothing is known.
 * @param hour of the local day, 0 to 23
 */
export function usualAt(days: readonly ServiceHours[], day: Day, hour: number): UsualHour | null {
  const alike = days.filter((past) => isWeekend(past.day) === isWeekend(day))
  const counted = alike.length >= FEWEST_DAYS ? alike : days
  if (counted.length === 0) return null
  const mean = (of: (past: ServiceHours) => number) =>
    counted.reduce((sum, past) => sum + of(past), 0) / counted.length
  return { cars: mean(({ cars }) => cars[hour] ?? 0), asked: mean(({ asked }) => asked[hour] ?? 0) }
}

function isWeekend(day: Day): boolean {
  const weekday = new Date(`${day}T12:00:00Z`).getUTCDay()
  return weekday === 0 || weekday === 6
}
