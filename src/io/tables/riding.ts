/** Row types of what stands beside a ride under way; the tables themselves are in migrations/. */
import type { CompanyId, DriverId, RideId } from '../../engine/units.ts'

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

export interface RidingTables {
  start_codes: StartCodeRow
}
