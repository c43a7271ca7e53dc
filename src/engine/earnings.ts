/** What a driver earned in a stretch of time, and how it adds up. Minor units of one currency throughout. */
import { addDays, type Day, dayEndMs, localDay, WEEK_MINUTES, weekMinute } from './day.ts'

/** A ride as the driver's books know it. */
export interface EarnedRide {
  readonly endedAtMs: number
  readonly isCompleted: boolean
  /** What the rider was charged, the tip not counted; a fee of a ride that was not driven is the company's. */
  readonly chargedMinor: number
  /** The driver's part of it. */
  readonly partMinor: number
  readonly tipMinor: number
  readonly isCash: boolean
}

/** A shift, or the part of one so far. */
export interface WorkedTime {
  readonly fromMs: number
  readonly untilMs: number
}

export interface Books {
  readonly rides: number
  readonly faresMinor: number
  /** What of the fares is not the driver's; below zero where a code of the company's paid part of the ride. */
  readonly companyMinor: number
  readonly tipsMinor: number
  readonly earnedMinor: number
  /** In the driver's hands. */
  readonly cashMinor: number
  /** Earned and not in their hands yet; below zero the driver owes it to the company. */
  readonly owedMinor: number
  readonly onlineMs: number
}

/** The books from one instant up to another: rides by when they ended, time by when it was worked. */
export function booksBetween(
  { rides, worked }: { readonly rides: readonly EarnedRide[]; readonly worked: readonly WorkedTime[] },
  { fromMs, untilMs }: WorkedTime,
): Books {
  const driven = rides.filter(
    (ride) => ride.isCompleted && ride.endedAtMs >= fromMs && ride.endedAtMs < untilMs,
  )
  const sum = (of: (ride: EarnedRide) => number) => driven.reduce((total, ride) => total + of(ride), 0)
  const faresMinor = sum((ride) => ride.chargedMinor)
  const partMinor = sum((ride) => ride.partMinor)
  const tipsMinor = sum((ride) => ride.tipMinor)
  const cashMinor = sum((ride) => (ride.isCash ? ride.chargedMinor : 0))
  return {
    rides: driven.length,
    ...{ faresMinor, companyMinor: faresMinor - partMinor, tipsMinor, earnedMinor: partMinor + tipsMinor },
    ...{ cashMinor, owedMinor: partMinor + tipsMinor - cashMinor },
    onlineMs: worked.reduce(
      (total, one) => total + Math.max(0, Math.min(one.untilMs, untilMs) - Math.max(one.fromMs, fromMs)),
      0,
    ),
  }
}

/** Less says nothing of an hour. */
const HOURLY_FROM_MS = 10 * 60_000

/** What an hour online brought, minor units; null of hardly any time. */
export function perHourMinor({
  earnedMinor,
  onlineMs,
}: Pick<Books, 'earnedMinor' | 'onlineMs'>): number | null {
  return onlineMs < HOURLY_FROM_MS ? null : Math.round((earnedMinor * 3_600_000) / onlineMs)
}

const DAY_MINUTES = WEEK_MINUTES / 7

/** The Monday of the week in which a day lies. */
export function mondayOf(day: Day): Day {
  // Noon by UTC lies on the day itself in this zone, so its minute of the week tells which day it is.
  return addDays(day, -Math.floor(weekMinute(Date.parse(`${day}T12:00:00Z`), 'UTC') / DAY_MINUTES))
}

/** The seven days of a week with their instants: days of 23 and 25 hours have as many. */
export function daysOfWeek(monday: Day, timeZone: string): (WorkedTime & { readonly day: Day })[] {
  return Array.from({ length: 7 }, (_, i) => addDays(monday, i)).map((day) => ({
    ...{ day, fromMs: dayEndMs(addDays(day, -1), timeZone), untilMs: dayEndMs(day, timeZone) },
  }))
}

/** The week that is now. */
export function thisMonday(nowMs: number, timeZone: string): Day {
  return mondayOf(localDay(nowMs, timeZone))
}
