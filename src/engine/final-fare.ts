/**
 * What a ride costs in the end. The promise holds unless the rider changed the trip or let the driver wait; then each
 * reason is named with what it adds and what shows it. A reason that the trail does not bear out changes nothing.
 */
import type { Driven } from './driven.ts'
import { type Fare, type FareLine, lineMinor, priceTrip, type Tariff, type Trip } from './fare.ts'
import { distanceM } from './geo.ts'
import type { TripZones } from './tariff.ts'
import type { LatLng } from './units.ts'

export const WISHES = ['destination', 'stop', 'way'] as const
/** What a rider asked for on the way, as the driver says: to go elsewhere, to stop in between, to take another way. */
export type Wish = (typeof WISHES)[number]

export type FareReasonCode = 'destination_changed' | 'stop_added' | 'way_chosen' | 'waited' | 'waited_at_stop'
export interface FareReason {
  readonly code: FareReasonCode
  /** What it makes the fare more, or less. */
  readonly differenceMinor: number
  /** Metres or seconds that show it: how far from the promised end, how much further driven, how long stood or waited. */
  readonly measured: number
}

/** Why a wish changed nothing: the trail has too many holes, or it shows nothing of the kind. */
export type WishRefusal = 'trail_too_thin' | 'not_borne_out'

/** A quote as it was promised. */
export interface PromisedFare {
  readonly lines: readonly FareLine[]
  readonly totalMinor: number
  readonly trip: Trip
  readonly dropoff: LatLng
}

export interface RideEvidence {
  /** From arrival, proven by a fix at the pickup, to on board; null where nothing proves it: then no wait is charged. */
  readonly waitedS: number | null
  /** The same of each agreed stop that the car was at, in order: 0 where nothing proves a wait. */
  readonly stopWaitsS: readonly number[]
  readonly wish: Wish | null
  readonly driven: Driven
  /** The zones of the way that was driven. */
  readonly zones: TripZones
}

export interface FinalFare {
  readonly fare: Fare
  readonly reasons: readonly FareReason[]
  readonly wishRefused: WishRefusal | null
}

/** With less of the way seen than this, nothing is charged by it. */
const COVERED_LEAST = 0.7
/** Further from the promised door than any place to stop near it. */
const ELSEWHERE_M = 300
const STOOD_S = 120
/** So much further than promised, and by so much at least, is no matter of one more block. */
const FURTHER = 1.2
const FURTHER_M = 500

/**
 * The fare to charge. Without a reason it is the promise, line by line. A destination that changed may make it less; a
 * stop or another way never does, and waiting only adds.
 */
export function finalFare(tariff: Tariff, promised: PromisedFare, evidence: RideEvidence): FinalFare {
  const reasons: FareReason[] = []
  let trip = promised.trip
  let fare: Fare = { lines: promised.lines, totalMinor: promised.totalMinor, currency: tariff.currency }

  const shown = evidence.wish === null ? null : shownOf(evidence.wish, promised, evidence)
  if (shown !== null && typeof shown !== 'string') {
    const { distanceM: drivenM, durationS } = evidence.driven
    const changed = { ...trip, leg: { distanceM: drivenM, durationS }, zones: evidence.zones }
    const priced = priceTrip(tariff, changed)
    if (priced.totalMinor > fare.totalMinor || shown.code === 'destination_changed') {
      if (priced.totalMinor !== fare.totalMinor)
        reasons.push({ ...shown, differenceMinor: priced.totalMinor - fare.totalMinor })
      trip = changed
      fare = priced
    }
  }
  const waited = priceTrip(tariff, { ...trip, waitedS: evidence.waitedS ?? 0 })
  if (lineMinor(waited.lines, 'waiting') > 0 && waited.totalMinor > fare.totalMinor) {
    const differenceMinor = waited.totalMinor - fare.totalMinor
    reasons.push({ code: 'waited', differenceMinor, measured: evidence.waitedS ?? 0 })
    fare = waited
  }
  const { stopWaitsS } = evidence
  const stood = priceTrip(tariff, { ...trip, waitedS: evidence.waitedS ?? 0, stopWaitsS })
  if (
    lineMinor(stood.lines, 'waiting') > lineMinor(fare.lines, 'waiting') &&
    stood.totalMinor > fare.totalMinor
  ) {
    const measured = stopWaitsS.reduce((sum, waitedS) => sum + waitedS, 0)
    reasons.push({ code: 'waited_at_stop', differenceMinor: stood.totalMinor - fare.totalMinor, measured })
    fare = stood
  }
  return { fare, reasons, wishRefused: typeof shown === 'string' ? shown : null }
}

/** What of the trail shows a wish. */
function shownOf(
  wish: Wish,
  { trip, dropoff }: PromisedFare,
  { driven }: RideEvidence,
): Pick<FareReason, 'code' | 'measured'> | WishRefusal {
  const last = driven.way.at(-1)
  if (driven.coveredShare < COVERED_LEAST || last === undefined) return 'trail_too_thin'
  switch (wish) {
    case 'destination': {
      const awayM = distanceM(last, dropoff)
      return awayM > ELSEWHERE_M
        ? { code: 'destination_changed', measured: Math.round(awayM) }
        : 'not_borne_out'
    }
    case 'stop':
      return driven.stoodS >= STOOD_S
        ? { code: 'stop_added', measured: Math.round(driven.stoodS) }
        : 'not_borne_out'
    case 'way': {
      const furtherM = driven.distanceM - trip.leg.distanceM
      return furtherM >= FURTHER_M && driven.distanceM >= trip.leg.distanceM * FURTHER
        ? { code: 'way_chosen', measured: Math.round(furtherM) }
        : 'not_borne_out'
    }
  }
}
