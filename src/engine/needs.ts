/**
 * What on a desk's board needs a person: what goes wrong, and when it is too late. Pure: a rule a kind, fed with what is
 * known now, answers null while all is well. The instant a thing fails orders the desk's one list.
 */

import { distanceM } from './geo.ts'
import type { LatLng } from './units.ts'

/** All thresholds of the list, in one place. */
export interface NeedTerms {
  /** Behind what the rider was told, from when a desk should know, seconds; in the car people mind less. */
  readonly lateS: number
  readonly lateOnBoardS: number
  /** A rider who waits for so much longer than told gives up. */
  readonly givesUpS: number
  /** The way through where the car is is longer than the promised one by this factor and so many metres. */
  readonly detour: number
  readonly detourM: number
  /** Once the engine has asked in vain, a person is to look at a ride within this time. */
  readonly rescueS: number
  /** So long before the driver may leave, the desk can still ring the rider. */
  readonly noShowAheadS: number
  /** Booked rides are looked at for so far ahead: time enough to call a driver in. */
  readonly bookedAheadS: number
  /** Papers of somebody at work are spoken of in the last hours; before that the office has had its letters. */
  readonly papersAheadS: number
}

export const NEED_TERMS: NeedTerms = {
  lateS: 180,
  lateOnBoardS: 600,
  givesUpS: 600,
  detour: 1.25,
  detourM: 800,
  rescueS: 180,
  noShowAheadS: 120,
  bookedAheadS: 2 * 3_600,
  papersAheadS: 6 * 3_600,
}

export interface Late {
  readonly lateS: number
  /** When the rider will have waited too long; whoever is in the car already is only late. */
  readonly failsAtMs: number
}

/**
 * A car that will come, or arrive, later than its rider was told.
 * @param toldAtMs when the rider was told to expect it
 * @param expectedAtMs when it is expected by now
 */
export function lateness(
  { toldAtMs, expectedAtMs, isOnBoard }: { toldAtMs: number; expectedAtMs: number; isOnBoard: boolean },
  terms: NeedTerms = NEED_TERMS,
): Late | null {
  const lateS = (expectedAtMs - toldAtMs) / 1_000
  if (lateS < (isOnBoard ? terms.lateOnBoardS : terms.lateS)) return null
  return { lateS, failsAtMs: toldAtMs + terms.givesUpS * 1_000 }
}

/**
 * By how many metres at least the ride becomes longer than promised; null while the car may still be on its way.
 *
 * A way of length L between two points stays within the ellipse of all points whose distances to both add up to at most L
 * (the gardener's construction). A car outside the ellipse of the promised length cannot arrive with it, whichever streets it
 * takes, so no map is needed, and stops between the ends change nothing.
 * @param promisedM length of the way that the price was made for
 */
export function offRouteM(
  { from, to, car, promisedM }: { from: LatLng; to: LatLng; car: LatLng; promisedM: number },
  terms: NeedTerms = NEED_TERMS,
): number | null {
  const throughM = distanceM(from, car) + distanceM(car, to)
  return throughM > promisedM * terms.detour + terms.detourM ? throughM - promisedM : null
}

/** When it is too late for a request: the end of its search, or of the time a person has for one that nobody took. */
export function requestFailsAtMs(
  { deadlineAtMs, rescueAtMs }: { deadlineAtMs: number; rescueAtMs: number | null },
  terms: NeedTerms = NEED_TERMS,
): number {
  return Math.min(deadlineAtMs, rescueAtMs === null ? deadlineAtMs : rescueAtMs + terms.rescueS * 1_000)
}

/** Whether a driver who waits may leave soon: the instant from which they may, or null while that is far off. */
export function noShowSoon(
  { mayLeaveAtMs, nowMs }: { mayLeaveAtMs: number; nowMs: number },
  terms: NeedTerms = NEED_TERMS,
): number | null {
  return mayLeaveAtMs - nowMs <= terms.noShowAheadS * 1_000 ? mayLeaveAtMs : null
}

/** Whether somebody at work has to stop soon because their papers end: when, or null. */
export function papersSoon(
  { endsAtMs, nowMs }: { endsAtMs: number | null; nowMs: number },
  terms: NeedTerms = NEED_TERMS,
): number | null {
  return endsAtMs !== null && endsAtMs > nowMs && endsAtMs - nowMs <= terms.papersAheadS * 1_000
    ? endsAtMs
    : null
}

export const QUARTER_MS = 15 * 60_000

/** A quarter of an hour ahead, with the rides booked for it and the cars expected to be there for them. */
export interface Quarter {
  readonly atMs: number
  readonly booked: number
  /** Cars expected on shift. */
  readonly cars: number
  /** Of those, how many will be busy with rides that are asked for then. */
  readonly busy: number
}

/** Cars that are expected to be free for booked rides in a quarter of an hour. */
export function carsFor({ cars, busy }: Pick<Quarter, 'cars' | 'busy'>): number {
  return Math.max(0, cars - busy)
}

/** Rides of a quarter of an hour that no car is expected for. */
export function uncovered(quarter: Quarter): number {
  return Math.max(0, quarter.booked - carsFor(quarter))
}

/**
 * Cars busy with rides asked for at once, by Little's law: rides that begin in an hour, times how long one keeps its car.
 * Whole cars.
 */
export function busyCars({ askedAnHour, rideS }: { askedAnHour: number; rideS: number }): number {
  return Math.round((askedAnHour * rideS) / 3_600)
}

/** Least time left first; equal ones by their names, so that two looks at the same things agree. */
export function byFailure<T extends { readonly failsAtMs: number; readonly id: string }>(
  needs: readonly T[],
): T[] {
  return needs.toSorted((a, b) => a.failsAtMs - b.failsAtMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}
