/** What the pickup watchdog said. */
import type { ColumnType } from 'kysely'
import type { CompanyId, DriverId, RegionId, RideId } from '../../engine/units.ts'
import type { Trouble } from '../../engine/watchdog.ts'

/**
 * How an alarm ended: the car does better; the ride was taken from it; or the way to the pickup was over for another
 * reason, such as that the car arrived.
 */
export type AlarmOutcome = 'recovered' | 'reassigned' | 'over'

export interface PickupAlarmRow {
  company_id: CompanyId
  id: string
  region_id: RegionId
  ride_id: RideId
  driver_id: DriverId
  kind: Trouble
  /** Since when it is so: the last fix, the last move, the turn. */
  since_at: Date
  raised_at: Date
  /** When the ride is offered to others, unless it is over by then. */
  acts_at: Date
  /** How often the driver said that they are on their way. */
  answers: ColumnType<number, number | undefined, number>
  answered_at: Date | null
  /** When the desk last left the ride with its car. */
  left_at: Date | null
  ended_at: Date | null
  outcome: AlarmOutcome | null
}

export interface WatchingTables {
  pickup_alarms: PickupAlarmRow
}
