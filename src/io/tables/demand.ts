/** Row types of what past days tell of demand; the tables themselves are in migrations/. */
import type { ColumnType } from 'kysely'
import type { Day } from '../../engine/day.ts'
import type { CompanyId, RegionId } from '../../engine/units.ts'

/** A whole local day that was looked at, also one without a request. */
export interface DemandDayRow {
  company_id: CompanyId
  region_id: RegionId
  local_day: ColumnType<Day, Day, never>
  requests: number
  learned_at: Date
}

export interface DemandCellRow {
  company_id: CompanyId
  region_id: RegionId
  local_day: ColumnType<Day, Day, never>
  /** H3, of the resolution of `DemandModel`. */
  cell: string
  /** Of 96 quarters of an hour from local midnight. */
  requests: number[]
}

/** A whole local day of a region, by hour of it: cars on shift in the middle of the hour, and rides asked for. */
export interface ServiceDayRow {
  company_id: CompanyId
  region_id: RegionId
  local_day: ColumnType<Day, Day, never>
  cars: number[]
  asked: number[]
  learned_at: Date
}

/** How many riders of a hexagon and an hour waited how long: one count a class (`engine/lead-time.ts`). */
export interface WaitCellRow {
  company_id: CompanyId
  region_id: RegionId
  local_day: ColumnType<Day, Day, never>
  cell: string
  hour: number
  counts: number[]
}

export interface DemandTables {
  service_days: ServiceDayRow
  wait_cells: WaitCellRow
  demand_days: DemandDayRow
  demand_cells: DemandCellRow
}
