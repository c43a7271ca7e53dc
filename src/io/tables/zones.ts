/** Row types of zones, the queues in them, and policies by the hour; the tables themselves are in migrations/. */
import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { PolicyWindow } from '../../engine/policy-hours.ts'
import type { LeaveReason, QueueRule } from '../../engine/queue.ts'
import type { CompanyId, DriverId, RegionId, ZoneId } from '../../engine/units.ts'
import type { ZoneArea, ZoneKind } from '../../engine/zone.ts'
import type { RegionRow } from './rides.ts'

export interface ZoneRow {
  company_id: CompanyId
  id: ZoneId
  region_id: RegionId
  slug: string
  name: string
  kind: ZoneKind
  area: JSONColumnType<ZoneArea & object>
  has_queue: boolean
  hysteresis_m: number
  places_most: number
  on_decline: QueueRule['onDecline']
  outside_rides: boolean
  /** Closed: no queue stands in it any more; the row stays for the places and offers that name it. */
  deleted_at: ColumnType<Date | null, Date | null | undefined, Date | null>
}

/** One stay of a driver in a zone's queue; open while `left_at` is null, and a driver has one open at most. */
export interface QueuePlaceRow {
  company_id: CompanyId
  id: string
  region_id: RegionId
  zone_id: ZoneId
  driver_id: DriverId
  /** The smaller came first; who goes to the end gets a new one. */
  place: Generated<number>
  entered_at: Date
  /** As the how-manieth: 1 is first. */
  entered_as: number
  /** Offers of this queue let lapse since the driver came or went to the end. */
  lapses: ColumnType<number, number | undefined, number>
  /** When the driver last went to the end, and why. */
  moved_at: ColumnType<Date | null, undefined, Date>
  moved_reason: ColumnType<'declined' | 'expired' | null, undefined, 'declined' | 'expired'>
  left_at: ColumnType<Date | null, undefined, Date>
  left_reason: ColumnType<LeaveReason | null, undefined, LeaveReason>
}

/** Where a column is null, the region's own value counts. */
export interface PolicyWindowRow {
  company_id: CompanyId
  region_id: RegionId
  position: number
  weekdays: readonly number[]
  from_minute: PolicyWindow['fromMinute']
  until_minute: PolicyWindow['untilMinute']
  policy: RegionRow['policy'] | null
  batch_window_ms: number | null
  radius_m: number | null
  candidates: number | null
}

export interface ZoneTables {
  zones: ZoneRow
  queue_places: QueuePlaceRow
  policy_windows: PolicyWindowRow
}
