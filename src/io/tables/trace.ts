/** Row types of what ticks saw; the tables themselves are in migrations/. */
import type { ColumnType } from 'kysely'
import type { LookKind } from '../../engine/trace.ts'
import type { GateCounts } from '../../engine/trace-gates.ts'
import type { CompanyId, DriverId, RegionId, RideId } from '../../engine/units.ts'

/** One look at a ride, or several ticks that said the same; see `dispatch/trace-store.ts` for `drivers`. */
export interface RideLookRow {
  company_id: CompanyId
  region_id: RegionId
  ride_id: RideId
  /** The first tick, and the last one that said the same. */
  at: Date
  until_at: Date
  ticks: number
  kind: LookKind
  driver_id: DriverId | null
  policy: string
  radius_m: number
  /** Of the last tick: rides that waited, and cars on shift. */
  waiting: number
  cars: number
  decided_ms: number
  gates: ColumnType<GateCounts, string, string>
  drivers: ColumnType<unknown[], string, string>
}

export interface TraceTables {
  ride_looks: RideLookRow
}
