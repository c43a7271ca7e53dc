/** What goes into a replay and what comes out of it. */
import type { Tariff } from '../engine/fare.ts'
import type { Ride } from '../engine/ride.ts'
import type { Ground } from './ground.ts'
import type { LeaveCause, People } from './people.ts'
import type { IdleRule, ReplayPolicy } from './policies.ts'
import type { RecordedRide } from './recorded.ts'

export interface ReplayInput {
  readonly recorded: readonly RecordedRide[]
  /** Past rides of other days that demand may be learned from; empty to know only the day itself so far. */
  readonly history: readonly RecordedRide[]
  readonly ground: Ground
  readonly fleet: number
  readonly policy: ReplayPolicy
  /** What idle cars do, where it is not the policy's own rule. */
  readonly idle?: IdleRule | undefined
  /** How drivers and riders answer; null where all take what they get. */
  readonly people: People | null
  readonly maxWaitS: number
  readonly seed: number
  /** Milliseconds of real time, for the tick figures only; nothing is decided by it. */
  readonly stopwatch: () => number
}

/** Why a request was not served. */
export type UnservedCause = LeaveCause | 'no_driver_in_time' | 'driver_too_late'

/** What became of one request; the store of the replay. */
export interface ReplayedRide {
  readonly recorded: RecordedRide
  readonly fareMinor: number
  ride: Ride
  pickedUpAtMs: number | null
  /** Driven towards the pickup, whether the rider was still there or not. */
  pickupM: number
  unserved: UnservedCause | null
}

export interface Outcome {
  readonly rides: readonly ReplayedRide[]
  readonly fleet: number
  readonly repositioningM: number
  /** Offers that drivers declined. */
  readonly declines: number
  /** How long each tick with riders waiting and cars free took. */
  readonly tickMs: readonly number[]
  /** What the cars drove, where riders share them and the rides do not add up to it. */
  readonly pooled?: { readonly emptyM: number; readonly occupiedM: number; readonly occupiedS: number }
}

/** Round figures near a large American city's meter; no figure of the report but the fares depends on them. */
export const TARIFF: Tariff = {
  currency: 'USD',
  baseMinor: 300,
  bookingFeeMinor: 0,
  perKmMinor: 160,
  perMinuteMinor: 50,
  minimumMinor: 500,
  taxBasisPoints: 0,
  cancelFeeMinor: 500,
  cancelFreeS: 120,
  noShowFeeMinor: 500,
  noShowAfterS: 300,
}
