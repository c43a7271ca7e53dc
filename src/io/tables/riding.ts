/** Row types of what stands beside a ride under way; the tables themselves are in migrations/. */
import type { ColumnType } from 'kysely'
import type { CompanyId, DriverId, IdentityId, RegionId, RideId } from '../../engine/units.ts'

export interface StartCodeRow {
  company_id: CompanyId
  ride_id: RideId
  /** For whom it was made: another driver gets another code. */
  driver_id: DriverId
  code: string
  wrong_tries: number
  opened_at: Date | null
  opened_by: 'driver' | 'desk' | null
  /** Why the desk let the ride start without the code. */
  reason: string | null
}

export interface SafetyAlertRow {
  company_id: CompanyId
  id: string
  region_id: RegionId
  ride_id: RideId
  /** Who drove then. */
  driver_id: DriverId
  side: 'rider' | 'driver'
  raised_by: IdentityId
  raised_at: Date
  seen_at: ColumnType<Date | null, undefined, Date | null>
  seen_by: ColumnType<IdentityId | null, undefined, IdentityId | null>
  closed_at: ColumnType<Date | null, undefined, Date | null>
  closed_by: ColumnType<IdentityId | null, undefined, IdentityId | null>
  /** How it ended, said by the desk. */
  words: ColumnType<string | null, undefined, string | null>
}

export interface SafetyFixRow {
  alert_id: string
  at: Date
  lat: number
  lng: number
}

export interface RidingTables {
  safety_alerts: SafetyAlertRow
  safety_fixes: SafetyFixRow
  start_codes: StartCodeRow
}
