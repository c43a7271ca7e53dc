/** Row types of what rides tell of the roads; the tables themselves are in migrations/. */
import type { ColumnType } from 'kysely'
import type { Day } from '../../engine/day.ts'
import type { CompanyId, RegionId } from '../../engine/units.ts'

/** A whole local day that was looked at, also one without a ride. */
export interface RoadDayRow {
  company_id: CompanyId
  region_id: RegionId
  local_day: ColumnType<Day, Day, never>
  legs: number
  learned_at: Date
}

export interface RoadLegRow {
  company_id: CompanyId
  region_id: RegionId
  local_day: ColumnType<Day, Day, never>
  /** Tells the day's legs apart, from 0, in no order. */
  place: number
  hour: number
  /** H3, of resolution 9. */
  from_cell: string
  to_cell: string
  distance_m: number
  duration_s: number
  /** What a road engine said of it, where there was one. */
  road_distance_m: number | null
  road_duration_s: number | null
}

export interface RoadTables {
  road_days: RoadDayRow
  road_legs: RoadLegRow
}
