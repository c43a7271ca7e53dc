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

export interface DemandTables {
  demand_days: DemandDayRow
  demand_cells: DemandCellRow
}
