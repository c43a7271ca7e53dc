/** Row types of what comes after a ride; the tables themselves are in migrations/. */
import type { ColumnType } from 'kysely'
import type { CompanyId, DriverId, IdentityId, RideId } from '../../engine/units.ts'
import type { ChatSide } from './chat.ts'

export interface RideRatingRow {
  company_id: CompanyId
  ride_id: RideId
  /** Who rates. */
  side: 'rider' | 'driver'
  rider_id: IdentityId
  driver_id: DriverId
  stars: number
  words: string[]
  text: string
  rated_at: Date
  changed_at: Date
  /** When and by whom a low one was looked at; a change makes it new again. */
  seen_at: ColumnType<Date | null, undefined, Date | null>
  seen_by: ColumnType<IdentityId | null, undefined, IdentityId | null>
}

export interface RideCaseRow {
  company_id: CompanyId
  id: string
  ride_id: RideId
  kind: 'lost_item' | 'problem'
  topic: string
  state: string
  rider_id: IdentityId
  driver_id: DriverId | null
  last_seq: number
  opened_at: Date
  changed_at: Date
}

export interface RideCaseMessageRow {
  company_id: CompanyId
  case_id: string
  /** 1, 2, 3 … within the case. */
  seq: number
  side: ChatSide
  sender_id: IdentityId
  /** What it did to the case, as `engine/ride-case.ts` names it. */
  step: string
  text: string
  sent_at: Date
}

export interface AftercareTables {
  ride_ratings: RideRatingRow
  ride_cases: RideCaseRow
  ride_case_messages: RideCaseMessageRow
}
