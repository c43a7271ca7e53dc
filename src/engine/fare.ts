/** Tariff x leg -> the lines of a fare. All money is integer minor units; each line rounds half up, once. */

import type { RideState } from './ride.ts'
import { assert } from './units.ts'

/** The rule that makes a price for one class in one region. */
export interface Tariff {
  readonly currency: string
  readonly baseMinor: number
  readonly bookingFeeMinor: number
  readonly perKmMinor: number
  readonly perMinuteMinor: number
  /** The least a ride costs before tax. */
  readonly minimumMinor: number
  /** Tax in hundredths of a percent: 8.875 % is 888. */
  readonly taxBasisPoints: number
  readonly cancelFeeMinor: number
  /** How long after the assignment a rider may still cancel for nothing. */
  readonly cancelFreeS: number
  readonly noShowFeeMinor: number
  /** How long a driver waits at the pickup before the rider counts as missing. */
  readonly noShowAfterS: number
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
  'minimum',
  'shared',
  'tax',
] as const
export type FareLineCode = (typeof FARE_LINE_CODES)[number]

/** One line of a fare; `quantity` and `unitMinor` show the working where there is one (km, minutes, basis points). */
export interface FareLine {
  readonly code: FareLineCode
  readonly amountMinor: number
  readonly quantity?: number
  readonly unitMinor?: number
}

export interface Fare {
  readonly lines: readonly FareLine[]
  readonly totalMinor: number
  readonly currency: string
}

/** No fare of ours is larger: ten million of the major unit. A figure beyond it is a bug, not a price. */
const MAX_MINOR = 1_000_000_000

/** To the nearest integer, halves away from zero for the non-negative figures a fare is made of. */
export function roundHalfUp(value: number): number {
  return Math.floor(value + 0.5)
}

/**
 * Price one leg by one tariff. The lines sum to the total to the minor unit.
 * @throws BugError for a negative, non-finite or absurdly large leg
 */
export function priceLeg(tariff: Tariff, leg: Leg): Fare {
  assert(Number.isFinite(leg.distanceM) && leg.distanceM >= 0, 'a leg has a distance of zero or more metres')
  assert(Number.isFinite(leg.durationS) && leg.durationS >= 0, 'a leg has a duration of zero or more seconds')
  const km = leg.distanceM / 1000
  const minutes = leg.durationS / 60
  const lines: FareLine[] = [
    { code: 'base', amountMinor: tariff.baseMinor },
    { code: 'booking_fee', amountMinor: tariff.bookingFeeMinor },
    {
      code: 'distance',
      // Multiplied first: 1.005 km at 100 are 100.5 and round up, but 1.005 is no binary fraction.
      amountMinor: roundHalfUp((leg.distanceM * tariff.perKmMinor) / 1000),
      quantity: km,
      unitMinor: tariff.perKmMinor,
    },
    {
      code: 'time',
      amountMinor: roundHalfUp((leg.durationS * tariff.perMinuteMinor) / 60),
      quantity: minutes,
      unitMinor: tariff.perMinuteMinor,
    },
  ]
  const beforeTaxMinor = sum(lines)
  const topUpMinor = tariff.minimumMinor - beforeTaxMinor
  if (topUpMinor > 0) lines.push({ code: 'minimum', amountMinor: topUpMinor, unitMinor: tariff.minimumMinor })
  const taxableMinor = Math.max(beforeTaxMinor, tariff.minimumMinor)
  const taxMinor = roundHalfUp((taxableMinor * tariff.taxBasisPoints) / 10_000)
  if (taxMinor > 0) lines.push({ code: 'tax', amountMinor: taxMinor, quantity: tariff.taxBasisPoints })
  const kept = lines.filter((line) => line.amountMinor !== 0)
  const totalMinor = sum(kept)
  assert(
    Number.isSafeInteger(totalMinor) && totalMinor <= MAX_MINOR,
    'a fare is an integer within the range of money',
  )
  return { lines: kept, totalMinor, currency: tariff.currency }
}

function sum(lines: readonly FareLine[]): number {
  return lines.reduce((total, line) => total + line.amountMinor, 0)
}

/**
 * What of a fare is the driver's: the tariff's share of everything but the tax, which belongs to nobody here.
 * The company keeps the rest, so the two sum to the fare less tax.
 */
export function driverShareMinor(fare: Fare, shareBasisPoints: number): number {
  const taxMinor = sum(fare.lines.filter((line) => line.code === 'tax'))
  return roundHalfUp(((fare.totalMinor - taxMinor) * shareBasisPoints) / 10_000)
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

/**
 * The rider's price for cancelling by state and time: nothing while nobody was found, nothing for a while after
 * the assignment, then the tariff's fee, never more than the fare itself.
 */
export function cancellationTerms(
  tariff: Pick<Tariff, 'cancelFeeMinor' | 'cancelFreeS'>,
  ride: { state: RideState; assignedAtMs: number | null; fareMinor: number },
  nowMs: number,
): CancellationTerms {
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
