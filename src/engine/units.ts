/** The nouns everything else is said in: branded ids, points, money, and the answer-or-refusal type. */

declare const brand: unique symbol
type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** Ids are uuids (v7 where we make them); the brand keeps a ride's id from being passed as a driver's. */
export type CompanyId = Brand<string, 'CompanyId'>
export type RegionId = Brand<string, 'RegionId'>
export type IdentityId = Brand<string, 'IdentityId'>
export type DriverId = Brand<string, 'DriverId'>
export type ZoneId = Brand<string, 'ZoneId'>
export type VehicleId = Brand<string, 'VehicleId'>
export type ShiftId = Brand<string, 'ShiftId'>
export type BreakId = Brand<string, 'BreakId'>
export type RideId = Brand<string, 'RideId'>
export type QuoteId = Brand<string, 'QuoteId'>
export type OfferId = Brand<string, 'OfferId'>
export type RunId = Brand<string, 'RunId'>
/** An H3 index in its string form; the resolution is part of the variable's name. */
export type Cell = Brand<string, 'Cell'>

/** WGS84 degrees; `lng` in [-180, 180), so the antimeridian is always -180. */
export interface LatLng {
  readonly lat: number
  readonly lng: number
}

/** ISO 4217, upper case. */
export type Currency = string

/** Integer minor units of one currency. */
export interface Money {
  readonly minor: number
  readonly currency: Currency
}

export const VEHICLE_CLASSES = ['standard', 'accessible', 'black'] as const
export type VehicleClass = (typeof VEHICLE_CLASSES)[number]

export type Ok<T> = { readonly ok: true; readonly value: T }
export type Refusal<R extends string> = { readonly ok: false; readonly reason: R }
/** An answer, or a refusal with a reason out of a closed set; callers switch on it exhaustively. */
export type Result<T, R extends string> = Ok<T> | Refusal<R>

export function ok<T>(value: T): Ok<T> {
  return { ok: true, value }
}

export function refuse<R extends string>(reason: R): Refusal<R> {
  return { ok: false, reason }
}

/** A broken promise of our own code, as opposed to bad input or an outside failure. */
export class BugError extends Error {
  override name = 'BugError'
}

/**
 * Stop this request or tick when our own reasoning is wrong; on in production too.
 * @throws BugError with `why`
 */
export function assert(condition: boolean, why: string): asserts condition {
  if (!condition) throw new BugError(why)
}

/** For the end of an exhaustive switch. */
export function never(value: never): never {
  throw new BugError(`unexpected value ${JSON.stringify(value)}`)
}

/** A source of numbers in [0, 1); crypto in production, seeded in tests and replays. */
export type RandomFn = () => number

/**
 * Small, fast, seedable generator with 32 bits of state; good enough for simulations, never for secrets.
 * Source: mulberry32 by Tommy Ettinger (public domain).
 */
export function seededRandom(seed: number): RandomFn {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
