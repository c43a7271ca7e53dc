/** Where the next riders may be: the guess that idle cars are sent by. */

import type { LatLng, RandomFn } from '../engine/units.ts'
import type { RecordedRide } from './recorded.ts'

const HOUR_MS = 3_600_000
const DAY_S = 86_400

/** A place to send an idle car, or null when nothing is known. */
export type Hunch = (nowMs: number) => LatLng | null

/** A random pickup among those asked for in the last hour; what is still to come is not looked at. */
export function lastHour(rides: readonly RecordedRide[], random: RandomFn): Hunch {
  let oldest = 0
  let known = 0
  return (nowMs) => {
    while (known < rides.length && rides[known]!.requestedAtMs <= nowMs) known++
    while (oldest < known && rides[oldest]!.requestedAtMs <= nowMs - HOUR_MS) oldest++
    return known === oldest ? null : rides[oldest + Math.floor(random() * (known - oldest))]!.pickup
  }
}

/** A random pickup among those of past days in the hour of the day that begins now. */
export function comingHour(
  past: readonly RecordedRide[],
  localSecondsOfDay: (nowMs: number) => number,
  random: RandomFn,
): Hunch {
  const byTimeOfDay = past.toSorted((a, b) => a.localSecondsOfDay - b.localSecondsOfDay)
  const firstFrom = (secondsOfDay: number) => {
    let low = 0
    let high = byTimeOfDay.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (byTimeOfDay[middle]!.localSecondsOfDay < secondsOfDay) low = middle + 1
      else high = middle
    }
    return low
  }
  return (nowMs) => {
    const fromS = localSecondsOfDay(nowMs)
    const toS = fromS + HOUR_MS / 1_000
    const first = firstFrom(fromS)
    const beforeMidnight = firstFrom(toS) - first
    const afterMidnight = toS > DAY_S ? firstFrom(toS - DAY_S) : 0
    const count = beforeMidnight + afterMidnight
    if (count === 0) return null
    const drawn = Math.floor(random() * count)
    return byTimeOfDay[drawn < beforeMidnight ? first + drawn : drawn - beforeMidnight]!.pickup
  }
}
