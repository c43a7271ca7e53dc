/** Row types of what rides cost in the end, and of codes; the tables themselves are in migrations/. */
import type { ColumnType } from 'kysely'
import type { FareLine } from '../../engine/fare.ts'
import type { FareReason, Wish, WishRefusal } from '../../engine/final-fare.ts'
import type { CompanyId, DriverId, IdentityId, RideId } from '../../engine/units.ts'

/** What was seen of a ride: instants in epoch ms, metres and seconds. Null is what nothing shows. */
export interface FareEvidence {
  /** When the driver said so, and when a fix showed it. */
  readonly arrivedAtMs: number | null
  readonly gpsArrivedAtMs: number | null
  readonly gpsAwayM: number | null
  readonly boardedAtMs: number | null
  readonly waitedS: number | null
  /** Of each agreed stop that the car was at; left out of rides from before there were any. */
  readonly stops?: readonly StopEvidence[]
  readonly drivenM: number
  readonly drivenS: number
  /** Of the time on board, the part in which fixes came. */
  readonly coveredShare: number
  readonly promisedM: number
  readonly promisedS: number
  readonly wish: Wish | null
  readonly wishRefused: WishRefusal | null
}

/** When the driver said that the car was there and went on, and the first fix near it: epoch ms, metres. */
export interface StopEvidence {
  readonly place: number
  readonly arrivedAtMs: number
  readonly gpsArrivedAtMs: number | null
  readonly gpsAwayM: number | null
  readonly leftAtMs: number
  readonly waitedS: number
}

export interface RideFareRow {
  company_id: CompanyId
  ride_id: RideId
  promised_minor: number
  total_minor: number
  driver_minor: number
  currency: string
  lines: ColumnType<readonly FareLine[], string, never>
  reasons: ColumnType<readonly FareReason[], string, never>
  evidence: ColumnType<FareEvidence, string, never>
  at: Date
}

export interface RideArrivalRow {
  company_id: CompanyId
  ride_id: RideId
  driver_id: DriverId
  at: Date
  away_m: number
}

export interface PromoRow {
  company_id: CompanyId
  id: string
  code: string
  /** One of the two. */
  off_minor: number | null
  off_basis_points: number | null
  most_minor: number | null
  currency: string
  starts_at: Date
  ends_at: Date | null
  uses: ColumnType<number, number | undefined, number>
  uses_most: number | null
  spent_minor: ColumnType<number, number | undefined, number>
  budget_minor: number | null
  created_at: Date
  created_by: IdentityId | null
  closed_at: ColumnType<Date | null, Date | null | undefined, Date | null>
  closed_by: ColumnType<IdentityId | null, IdentityId | null | undefined, IdentityId | null>
}

/** A code used for a ride; released when the ride came to nothing. */
export interface PromoUseRow {
  company_id: CompanyId
  promo_id: string
  ride_id: RideId
  identity_id: IdentityId
  amount_minor: number
  used_at: Date
  released_at: ColumnType<Date | null, undefined, Date>
}

export interface FareTables {
  ride_fares: RideFareRow
  ride_arrivals: RideArrivalRow
  promos: PromoRow
  promo_uses: PromoUseRow
}
