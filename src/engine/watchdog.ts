/**
 * The pickup watchdog: whether a car on its way to a rider still comes. Fed with where the car was seen and how far it
 * has to go, it says when the car has gone dark, has stalled or drives away, and when that is over. Each needs to hold
 * for a while before it is said, and to be over for a while before it is taken back: GPS jitters, and traffic lights are
 * no stall. Pure; the measurements behind the terms stand in docs/watching.md.
 */
import { distanceM } from './geo.ts'
import type { LatLng } from './units.ts'

export const TROUBLES = ['dark', 'stalled', 'retreating'] as const
/** Nothing heard of the car; the car does not move; the car drives away from its rider. */
export type Trouble = (typeof TROUBLES)[number]

/** All thresholds of the watchdog, in one place. */
export interface WatchTerms {
  /** After it was given the ride a car may finish what it does for so long before it counts as standing still. */
  readonly startS: number
  /** Seconds without a fix. */
  readonly darkAfterS: number
  /** Seconds within `stalledWithinM` of one place. */
  readonly stalledAfterS: number
  readonly stalledWithinM: number
  /** So near the pickup, a car may look for a kerb: it neither stalls nor retreats there. Straight metres. */
  readonly nearM: number
  /** By so much the ETA, and the straight distance, are worse than at their best. */
  readonly retreatS: number
  readonly retreatM: number
  /** ... for so long. */
  readonly retreatForS: number
  /** What was said is taken back after it has been over for so long. */
  readonly clearForS: number
  /** From the moment it is said, the driver has so long until the ride is offered to others. */
  readonly actsAfterS: Readonly<Record<Trouble, number>>
  /** A driver who says that they are on their way gets so long; and may say it so often a ride. */
  readonly answerS: number
  readonly answersMost: number
  /** The desk that leaves the ride with its car gives it so long. */
  readonly deskS: number
  /** From so many silent cars at once, and this share of all on shift, the fault is not a driver's. */
  readonly outageCars: number
  readonly outageShare: number
}

export const WATCH_TERMS: WatchTerms = {
  startS: 30,
  // Half as much again as the age from which a position is too old for an offer: three fixes missed at the slowest rate.
  darkAfterS: 45,
  stalledAfterS: 120,
  stalledWithinM: 60,
  nearM: 200,
  retreatS: 60,
  retreatM: 300,
  retreatForS: 20,
  clearForS: 10,
  actsAfterS: { dark: 60, stalled: 90, retreating: 90 },
  answerS: 180,
  answersMost: 2,
  deskS: 300,
  outageCars: 5,
  outageShare: 0.5,
}

/** One look at a car and its way to the pickup. */
export interface Seen {
  readonly nowMs: number
  /** The newest position; null while there is none. */
  readonly fix: (LatLng & { readonly atMs: number }) | null
  /** Straight from there to the pickup. */
  readonly distanceM: number
  /** From there to the pickup, by whatever tells travel times. */
  readonly etaS: number
  /** Since when fixes could be heard without a break, epoch ms; what was not heard before is nobody's silence. */
  readonly hearingSinceMs?: number
}

interface Way {
  readonly etaS: number
  readonly distanceM: number
}

/** What is remembered of one car on its way to one rider. */
export interface Watch {
  /** Since when the car is judged, epoch ms: it was given the ride, and could be heard from here. */
  readonly sinceMs: number
  /** The newest fix so far. */
  readonly fix: Seen['fix']
  /** Where the car has been since `atMs`, give or take. */
  readonly place: (LatLng & { readonly atMs: number }) | null
  /** The last fix lay outside of that place: one more, and it has left it. */
  readonly isLeaving: boolean
  /** Two fixes in a row lay so near the pickup that the car need not move. */
  readonly isNear: boolean
  /** The least way left, and that of the fix before. A single wild fix is no best. */
  readonly best: Way | null
  readonly before: Way | null
  /** Since when the way left is that much longer than the best; null while it is not. */
  readonly worseSinceMs: number | null
  /** What is wrong and since when: since the last fix, the last move, the turn. */
  readonly trouble: { readonly kind: Trouble; readonly sinceMs: number } | null
  /** The longest way left since the car drives away: less than that means it has turned. */
  readonly worst: Way | null
  /** Since when what is wrong no longer is. */
  readonly goodSinceMs: number | null
}

/**
 * Begin to watch a car.
 * @param sinceMs when it was given the ride, or later: since when its fixes could be heard here
 * @param trouble what another process has already said of it
 */
export function beginWatch(sinceMs: number, trouble: Watch['trouble'] = null): Watch {
  return {
    ...{ sinceMs, fix: null, place: null, isLeaving: false, isNear: false },
    ...{ best: null, before: null, worseSinceMs: null, trouble, worst: null, goodSinceMs: null },
  }
}

/**
 * Look once more. Any rhythm will do; what is between two looks is not seen.
 * @returns the watch after it, whose `trouble` is what to say of the car
 */
export function look(watch: Watch, seen: Seen, terms: WatchTerms = WATCH_TERMS): Watch {
  const moved = withFix(watch, seen, terms)
  if (moved.trouble === null) {
    const trouble = troubleOf(moved, seen, terms)
    return trouble === null ? moved : { ...moved, trouble, worst: wayOf(seen), goodSinceMs: null }
  }
  if (!isOver(moved, moved.trouble.kind, seen, terms))
    return { ...moved, worst: longer(moved.worst, seen), goodSinceMs: null }
  const goodSinceMs = moved.goodSinceMs ?? seen.nowMs
  if (seen.nowMs - goodSinceMs < terms.clearForS * 1_000) return { ...moved, goodSinceMs }
  // From here it is judged anew: what went before has been said.
  const place = seen.fix === null ? null : { ...pointOf(seen.fix), atMs: seen.fix.atMs }
  return {
    ...moved,
    ...{ place, isLeaving: false, best: wayOf(seen), before: wayOf(seen), worseSinceMs: null },
    ...{ trouble: null, worst: null, goodSinceMs: null },
  }
}

/** What a new fix says of where the car is and how far it has to go; an old one says nothing new. */
function withFix(watch: Watch, seen: Seen, terms: WatchTerms): Watch {
  const { fix } = seen
  if (fix === null || (watch.fix !== null && fix.atMs <= watch.fix.atMs)) return watch
  const way = wayOf(seen)
  const best = shorter(watch.best, longer(watch.before, way))
  const isWorse = way.etaS >= best.etaS + terms.retreatS && way.distanceM >= best.distanceM + terms.retreatM
  const isNear = Math.max(watch.before?.distanceM ?? 0, way.distanceM) <= terms.nearM
  const away = watch.place === null || distanceM(watch.place, fix) > terms.stalledWithinM
  const hasLeft = watch.place === null || (away && watch.isLeaving)
  // Said to stand by who watched before: then it stands where it is first seen, and not since now.
  const stoodSinceMs =
    watch.fix === null && watch.trouble?.kind === 'stalled' ? watch.trouble.sinceMs : fix.atMs
  return {
    ...watch,
    fix,
    // A car at its rider's door need not move.
    place: hasLeft || isNear ? { ...pointOf(fix), atMs: stoodSinceMs } : watch.place,
    isLeaving: away && !hasLeft,
    isNear,
    best,
    before: way,
    worseSinceMs: isWorse && !isNear ? (watch.worseSinceMs ?? fix.atMs) : null,
  }
}

function troubleOf(watch: Watch, { nowMs, hearingSinceMs = 0 }: Seen, terms: WatchTerms): Watch['trouble'] {
  const { fix, place, worseSinceMs } = watch
  const heardAtMs = Math.max(watch.sinceMs, hearingSinceMs, fix?.atMs ?? 0)
  if (nowMs - heardAtMs >= terms.darkAfterS * 1_000) return { kind: 'dark', sinceMs: heardAtMs }
  if (fix === null) return null
  if (place !== null) {
    const standsSinceMs = Math.max(place.atMs, watch.sinceMs + terms.startS * 1_000)
    // Counted to the last fix: what was not seen is no standing still.
    if (fix.atMs - standsSinceMs >= terms.stalledAfterS * 1_000)
      return { kind: 'stalled', sinceMs: standsSinceMs }
  }
  if (worseSinceMs !== null && fix.atMs - worseSinceMs >= terms.retreatForS * 1_000)
    return { kind: 'retreating', sinceMs: worseSinceMs }
  return null
}

/** Whether a trouble does not hold at this moment. A car out of sight has not recovered from anything. */
function isOver(watch: Watch, kind: Trouble, { nowMs }: Seen, terms: WatchTerms): boolean {
  const { fix } = watch
  if (fix === null || nowMs - fix.atMs >= terms.darkAfterS * 1_000) return false
  const now = watch.before
  if (kind === 'dark' || watch.isNear) return true
  if (kind === 'stalled') return hasMoved(watch)
  return watch.worst !== null && now !== null && now.etaS <= watch.worst.etaS - terms.retreatS / 2
}

/** The car has got away from where it stood when it was said that it stands. */
function hasMoved({ place, trouble }: Watch): boolean {
  return place !== null && trouble !== null && place.atMs > trouble.sinceMs
}

function wayOf({ etaS, distanceM }: Seen | Way): Way {
  return { etaS, distanceM }
}

function shorter(a: Way | null, b: Way): Way {
  return a === null || b.etaS < a.etaS ? b : a
}

function longer(a: Way | null, b: Way): Way {
  return a === null || b.etaS > a.etaS ? wayOf(b) : a
}

function pointOf({ lat, lng }: LatLng): LatLng {
  return { lat, lng }
}

/** What was said of a car, as the desk and its driver read it. */
export interface Alarm {
  readonly kind: Trouble
  /** When the ride is offered to others unless it is over by then. */
  readonly actsAtMs: number
}

/** When the ride of a car is offered to others, if what was noticed now is not over by then. */
export function actsAtMs(kind: Trouble, nowMs: number, terms: WatchTerms = WATCH_TERMS): number {
  return nowMs + terms.actsAfterS[kind] * 1_000
}

export type WatchMove = 'raise' | 'end' | 'reassign' | 'wait' | null

/**
 * What follows from a look. A deadline that passed while nobody looked counts from the look: the driver had no chance.
 * @param isOutage so many cars are silent that no driver is to blame for being dark: said, and not acted on
 */
export function nextMove(
  { trouble }: Pick<Watch, 'trouble'>,
  alarm: Alarm | null,
  { nowMs, isOutage }: { readonly nowMs: number; readonly isOutage: boolean },
): WatchMove {
  if (trouble === null) return alarm === null ? null : 'end'
  if (alarm === null) return 'raise'
  if (nowMs < alarm.actsAtMs || (alarm.kind === 'dark' && isOutage)) return 'wait'
  return 'reassign'
}

/** Whether so many cars are silent at once that the fault lies with the network or with us. */
export function isOutage(
  cars: { readonly silent: number; readonly onShift: number },
  terms: WatchTerms = WATCH_TERMS,
): boolean {
  return cars.silent >= terms.outageCars && cars.silent >= terms.outageShare * cars.onShift
}
