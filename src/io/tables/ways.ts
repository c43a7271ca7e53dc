/** Row types of stops between the ends of a ride, and of changes of its way; the tables themselves are in migrations/. */
import type { ColumnType } from 'kysely'
import type { CompanyId, DriverId, QuoteId, RegionId, RideId } from '../../engine/units.ts'

/** A stop as it was promised with a price. */
export interface QuotedStop {
  readonly lat: number
  readonly lng: number
  readonly label: string
}

export interface RideStopRow {
  company_id: CompanyId
  ride_id: RideId
  /** 1, 2, 3 … along the way. */
  place: number
  lat: number
  lng: number
  label: string
  /** When the driver said so. */
  arrived_at: ColumnType<Date | null, Date | null | undefined, Date>
  left_at: ColumnType<Date | null, Date | null | undefined, Date>
}

export const CHANGE_STATES = ['pending', 'agreed', 'refused', 'expired', 'withdrawn'] as const
export type ChangeState = (typeof CHANGE_STATES)[number]

/** Another way that a rider asked for at a price; of a ride that nobody drives it is agreed at once. */
export interface RideChangeRow {
  company_id: CompanyId
  id: string
  region_id: RegionId
  ride_id: RideId
  /** The promise it is about; `quotes.replaces` says which one it takes the place of. */
  quote_id: QuoteId
  state: ChangeState
  /** Who is to answer; null where nobody had to. */
  driver_id: DriverId | null
  asked_at: Date
  expires_at: Date
  ended_at: Date | null
  end_reason: string | null
}

export interface WayTables {
  ride_stops: RideStopRow
  ride_changes: RideChangeRow
}
