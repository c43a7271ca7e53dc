/**
 * Tariff x trip -> the lines of a fare. All money is integer minor units; each line rounds half up, once. The order of
 * the lines is the order of the reckoning: base, booking fee, distance, time (or a flat fare in their place), sums by
 * zone, the tables by time, surge, the minimum, waiting, what sharing and a code take off, tax, rounding. A tip comes
 * after the ride and is no part of the fare.
 */

import type { RideState } from './ride.ts'
import {
  type CancellationStep,
  type LocalTime,
  NO_ZONES,
  PLAIN_RULES,
  type RoundingRule,
  scheduleAt,
  type TariffRules,
  type TripZones,
  type WaitingRule,
  WHOLE,
  zoneRulesFor,
} from './tariff.ts'
import { assert } from './units.ts'

/** The rule that makes a price for one class in one region. */
export interface Tariff {
  readonly currency: string
  readonly baseMinor: number
  readonly bookingFeeMinor: number
  readonly perKmMinor: number
  readonly perMinuteMinor: number
  /** The least a ride costs before tax, sums by zone not counted; a flat fare has none. */
  readonly minimumMinor: number
  /** Tax in hundredths of a percent: 8.875 % is 888. */
  readonly taxBasisPoints: number
  readonly cancelFeeMinor: number
  /** How long after the assignment a rider may still cancel for nothing. */
  readonly cancelFreeS: number
  readonly noShowFeeMinor: number
  /** How long a driver waits at the pickup before the rider counts as missing. */
  readonly noShowAfterS: number
  /** By time, zone and state; left out: none of it. */
  readonly rules?: TariffRules
}

export interface Leg {
  readonly distanceM: number
  readonly durationS: number
}

export const FARE_LINE_CODES = [
  'base',
  'booking_fee',
  'distance',
  'time',
  'flat_fare',
  'zone_fee',
  'toll',
  'schedule',
  'surge',
  'minimum',
  'waiting',
  'shared',
  'promo',
  'tax',
  'rounding',
] as const
export type FareLineCode = (typeof FARE_LINE_CODES)[number]

/**
 * One line of a fare; `quantity` and `unitMinor` show the working where there is one (km, minutes, basis points), and
 * `name` says whose rule it is, in the company's words ("Airport fee", "Night"). Only sums by zone come more than once.
 */
export interface FareLine {
  readonly code: FareLineCode
  readonly amountMinor: number
  readonly quantity?: number
  readonly unitMinor?: number
  readonly name?: string
}

export interface Fare {
  readonly lines: readonly FareLine[]
  readonly totalMinor: number
  readonly currency: string
}

/** How much busier it is: a factor on the way's price (12,500 is a quarter more) and a sum on top, either or both. */
export interface SurgeTerms {
  readonly factorBasisPoints?: number
  readonly addMinor?: number
}

/** What a promo code takes off what is left before tax: a sum, or a part up to a sum. */
export interface PromoTerms {
  readonly code: string
  readonly offMinor?: number
  readonly offBasisPoints?: number
  readonly mostMinor?: number | null
}

/** A ride to be priced. */
export interface Trip {
  readonly leg: Leg
  /** When it begins, by the wall; the tables count as they stand then, however long it takes. Null: no tables. */
  readonly time: LocalTime | null
  readonly zones: TripZones
  readonly surge?: SurgeTerms | null | undefined
  /** From the driver's arrival until the rider was on board, the free time included. */
  readonly waitedS?: number | undefined
  /** The same of each stop on the way; each has its own free time. */
  readonly stopWaitsS?: readonly number[] | undefined
  /** For a ride that may be shared, hundredths of a percent. */
  readonly sharedDiscountBasisPoints?: number | undefined
  readonly promo?: PromoTerms | null | undefined
}

/** No fare of ours is larger: ten million of the major unit. A figure beyond it is a bug, not a price. */
const MAX_MINOR = 1_000_000_000

/** To the nearest integer, halves up. */
export function roundHalfUp(value: number): number {
  return Math.floor(value + 0.5)
}

/**
 * Price one trip by one tariff. The lines sum to the total to the minor unit, and none of them is nothing.
 * @throws BugError for a negative, non-finite or absurdly large leg, and for a surge or discount that cannot be
 */
export function priceTrip(tariff: Tariff, trip: Trip): Fare {
  const { leg, surge } = trip
  assert(Number.isFinite(leg.distanceM) && leg.distanceM >= 0, 'a leg has a distance of zero or more metres')
  assert(Number.isFinite(leg.durationS) && leg.durationS >= 0, 'a leg has a duration of zero or more seconds')
  const rules = tariff.rules ?? PLAIN_RULES
  const zoned = zoneRulesFor(rules.zones, trip.zones)
  const { flat } = zoned
  const lines: FareLine[] = []
  const add = (line: FareLine): number => {
    if (line.amountMinor !== 0) lines.push(line)
    return line.amountMinor
  }

  let wayMinor = 0
  if (flat === null) wayMinor += add({ code: 'base', amountMinor: tariff.baseMinor })
  const bookingMinor = add({ code: 'booking_fee', amountMinor: tariff.bookingFeeMinor })
  if (flat === null) {
    wayMinor += add({
      code: 'distance',
      // Multiplied first: 1.005 km at 100 are 100.5 and round up, but 1.005 is no binary fraction.
      amountMinor: roundHalfUp((leg.distanceM * tariff.perKmMinor) / 1000),
      quantity: leg.distanceM / 1000,
      unitMinor: tariff.perKmMinor,
    })
    wayMinor += add({
      code: 'time',
      amountMinor: roundHalfUp((leg.durationS * tariff.perMinuteMinor) / 60),
      quantity: leg.durationS / 60,
      unitMinor: tariff.perMinuteMinor,
    })
  } else wayMinor += add({ code: 'flat_fare', amountMinor: flat.amountMinor, name: flat.name })

  for (const { amountMinor, name } of zoned.fees) add({ code: 'zone_fee', amountMinor, name })
  for (const { amountMinor, name } of zoned.tolls) add({ code: 'toll', amountMinor, name })

  let ownMinor = wayMinor
  if (flat === null || flat.varies) {
    const row = trip.time === null ? null : scheduleAt(rules, trip.time)
    if (row !== null)
      ownMinor += add({
        code: 'schedule',
        amountMinor: partOf(ownMinor, row.factorBasisPoints - WHOLE) + row.addMinor,
        quantity: row.factorBasisPoints,
        unitMinor: row.addMinor,
        name: row.name,
      })
    if (surge != null) {
      const { factorBasisPoints = WHOLE, addMinor = 0 } = surge
      assert(factorBasisPoints >= WHOLE && addMinor >= 0, 'surge takes nothing off')
      ownMinor += add({
        code: 'surge',
        amountMinor: partOf(ownMinor, factorBasisPoints - WHOLE) + addMinor,
        quantity: factorBasisPoints,
        unitMinor: addMinor,
      })
    }
  }
  ownMinor += bookingMinor
  const topUpMinor = flat === null ? tariff.minimumMinor - ownMinor : 0
  if (topUpMinor > 0)
    ownMinor += add({ code: 'minimum', amountMinor: topUpMinor, unitMinor: tariff.minimumMinor })

  addWaiting(add, rules.waiting, [trip.waitedS ?? 0, ...(trip.stopWaitsS ?? [])])
  const { sharedDiscountBasisPoints: discount } = trip
  if (discount !== undefined) {
    assert(discount >= 0 && discount <= WHOLE, 'a discount is a part of the fare')
    add({ code: 'shared', amountMinor: 0 - partOf(ownMinor, discount), quantity: discount })
  }
  addPromo(add, trip.promo ?? null, sum(lines))
  const taxBasisPoints = zoned.tax?.taxBasisPoints ?? tariff.taxBasisPoints
  add({
    code: 'tax',
    amountMinor: partOf(sum(lines), taxBasisPoints),
    quantity: taxBasisPoints,
    ...(zoned.tax !== null && { name: zoned.tax.name }),
  })
  addRounding(add, rules.rounding, sum(lines))
  const totalMinor = sum(lines)
  assert(
    Number.isSafeInteger(totalMinor) && totalMinor >= 0 && totalMinor <= MAX_MINOR,
    'a fare is an integer within the range of money',
  )
  return { lines, totalMinor, currency: tariff.currency }
}

/** Price a leg by the tariff's plain figures, without what depends on time and place. */
export function priceLeg(tariff: Tariff, leg: Leg): Fare {
  return priceTrip(tariff, { leg, time: null, zones: NO_ZONES })
}

type Add = (line: FareLine) => number

function addWaiting(add: Add, rule: WaitingRule | null, waitsS: readonly number[]): void {
  if (rule === null) return
  assert(
    waitsS.every((waitedS) => Number.isFinite(waitedS) && waitedS >= 0),
    'a wait has zero or more seconds',
  )
  const paidS = waitsS.reduce((sum, waitedS) => sum + Math.max(0, waitedS - rule.graceS), 0)
  add({
    code: 'waiting',
    amountMinor: Math.min(
      roundHalfUp((paidS * rule.perMinuteMinor) / 60),
      rule.mostMinor ?? Number.POSITIVE_INFINITY,
    ),
    quantity: paidS / 60,
    unitMinor: rule.perMinuteMinor,
  })
}

function addPromo(add: Add, promo: PromoTerms | null, beforeMinor: number): void {
  if (promo === null) return
  const partMinor = Math.min(
    partOf(beforeMinor, promo.offBasisPoints ?? 0),
    promo.mostMinor ?? Number.POSITIVE_INFINITY,
  )
  const offMinor = Math.min(beforeMinor, partMinor + (promo.offMinor ?? 0))
  assert(offMinor >= 0, 'a code takes something off')
  add({ code: 'promo', amountMinor: 0 - offMinor, name: promo.code })
}

function addRounding(add: Add, rule: RoundingRule | null, totalMinor: number): void {
  if (rule === null) return
  const steps = totalMinor / rule.toMinor
  const whole =
    rule.mode === 'up' ? Math.ceil(steps) : rule.mode === 'down' ? Math.floor(steps) : roundHalfUp(steps)
  add({ code: 'rounding', amountMinor: whole * rule.toMinor - totalMinor, unitMinor: rule.toMinor })
}

function partOf(minor: number, basisPoints: number): number {
  return roundHalfUp((minor * basisPoints) / WHOLE)
}

function sum(lines: readonly FareLine[]): number {
  return lines.reduce((total, line) => total + line.amountMinor, 0)
}

/** What lines of one kind come to. */
export function lineMinor(lines: readonly FareLine[], code: FareLineCode): number {
  return sum(lines.filter((line) => line.code === code))
}

/**
 * What of a fare is the driver's: the tariff's share of everything but the tax, which belongs to nobody here. What a
 * code took off is the company's cost and not the driver's. The company keeps the rest.
 */
export function driverShareMinor(fare: Pick<Fare, 'lines' | 'totalMinor'>, shareBasisPoints: number): number {
  return roundHalfUp((sharedBaseMinor(fare) * shareBasisPoints) / WHOLE)
}

/** What driver and company share: the fare before tax and before what a code took off; never below nothing. */
export function sharedBaseMinor({ lines, totalMinor }: Pick<Fare, 'lines' | 'totalMinor'>): number {
  return Math.max(0, totalMinor - lineMinor(lines, 'tax') - lineMinor(lines, 'promo'))
}

/** What cancelling costs the rider now, and until when it costs nothing (null: no end in sight, or already over). */
export interface CancellationTerms {
  readonly feeMinor: number
  readonly freeUntilMs: number | null
  /** Since when it costs something, where it once was free. */
  readonly wasFreeUntilMs: number | null
  /** What it costs once it is no longer free. */
  readonly laterFeeMinor: number
}

/** When a ride came into the states that cancelling is priced by, epoch ms; null where it did not. */
export interface CancelledRide {
  readonly state: RideState
  readonly assignedAtMs: number | null
  readonly setOffAtMs?: number | null
  readonly arrivedAtMs?: number | null
  readonly fareMinor: number
}

/**
 * The rider's price for cancelling by state and time: nothing while nobody was found, then by the tariff's steps if it
 * has some; else nothing for a while after the assignment, then the fee. Never more than the fare itself.
 */
export function cancellationTerms(
  tariff: Pick<Tariff, 'cancelFeeMinor' | 'cancelFreeS' | 'rules'>,
  ride: CancelledRide,
  nowMs: number,
): CancellationTerms {
  const steps = tariff.rules?.cancellation ?? []
  if (steps.length > 0) return termsBySteps(steps, ride, nowMs)
  const laterFeeMinor = Math.min(tariff.cancelFeeMinor, ride.fareMinor)
  if (ride.assignedAtMs === null || ride.state === 'requested')
    return { feeMinor: 0, freeUntilMs: null, wasFreeUntilMs: null, laterFeeMinor }
  const freeUntilMs = ride.assignedAtMs + tariff.cancelFreeS * 1000
  if (ride.state !== 'arrived' && nowMs < freeUntilMs)
    return { feeMinor: 0, freeUntilMs, wasFreeUntilMs: null, laterFeeMinor }
  const wasFreeUntilMs = nowMs < freeUntilMs ? null : freeUntilMs
  return { feeMinor: laterFeeMinor, freeUntilMs: null, wasFreeUntilMs, laterFeeMinor }
}

/** From when on a driver who waits at the pickup may report the rider missing, epoch ms. */
export function noShowFromMs(tariff: Pick<Tariff, 'noShowAfterS'>, arrivedAtMs: number): number {
  return arrivedAtMs + tariff.noShowAfterS * 1000
}

/** The largest fee of the steps that have come; free until the first of those that will come without anybody's doing. */
function termsBySteps(
  steps: readonly CancellationStep[],
  ride: CancelledRide,
  nowMs: number,
): CancellationTerms {
  const { state, assignedAtMs, setOffAtMs = null, arrivedAtMs = null, fareMinor } = ride
  const capped = (minor: number) => Math.min(minor, fareMinor)
  const laterFeeMinor = capped(Math.max(...steps.map(({ feeMinor }) => feeMinor)))
  if (assignedAtMs === null || state === 'requested')
    return { feeMinor: 0, freeUntilMs: null, wasFreeUntilMs: null, laterFeeMinor }
  const sinceMs = { assigned: assignedAtMs, en_route: setOffAtMs, arrived: arrivedAtMs }
  const moments = steps.flatMap(({ from, afterS, feeMinor }) => {
    const since = sinceMs[from]
    return since === null || feeMinor === 0 ? [] : [{ atMs: since + afterS * 1000, feeMinor }]
  })
  const come = moments.filter(({ atMs }) => atMs <= nowMs)
  const first = Math.min(...moments.map(({ atMs }) => atMs))
  if (come.length === 0)
    return {
      feeMinor: 0,
      freeUntilMs: Number.isFinite(first) ? first : null,
      wasFreeUntilMs: null,
      laterFeeMinor,
    }
  return {
    feeMinor: capped(Math.max(...come.map(({ feeMinor }) => feeMinor))),
    freeUntilMs: null,
    wasFreeUntilMs: first > assignedAtMs ? first : null,
    laterFeeMinor,
  }
}

/**
 * What cancelling a ride booked ahead costs before anybody was asked to drive it: nothing until so long before its
 * pickup, then the tariff's fee; without a rule for it always nothing.
 */
export function bookedAheadTerms(
  tariff: Pick<Tariff, 'rules'>,
  ride: { readonly pickupAtMs: number; readonly fareMinor: number },
  nowMs: number,
): CancellationTerms {
  const rule = tariff.rules?.bookedAhead ?? null
  const laterFeeMinor = Math.min(rule?.feeMinor ?? 0, ride.fareMinor)
  if (rule === null || laterFeeMinor === 0)
    return { feeMinor: 0, freeUntilMs: null, wasFreeUntilMs: null, laterFeeMinor: 0 }
  const freeUntilMs = ride.pickupAtMs - rule.freeUntilS * 1000
  return nowMs < freeUntilMs
    ? { feeMinor: 0, freeUntilMs, wasFreeUntilMs: null, laterFeeMinor }
    : { feeMinor: laterFeeMinor, freeUntilMs: null, wasFreeUntilMs: freeUntilMs, laterFeeMinor }
}
