/** Row types of what busy places added to prices; the tables themselves are in migrations/. */
import type { JSONColumnType } from 'kysely'
import type { SurgeCell } from '../../engine/surge.ts'
import type { CompanyId, RegionId } from '../../engine/units.ts'

/** What was added to one cell's prices in a minute, and from which counts. */
export interface SurgedCell extends SurgeCell {
  readonly factorBasisPoints?: number
  readonly addMinor?: number
}

/** A minute in which something was added somewhere; `asking` and `free` are of the whole region. */
export interface SurgeMinuteRow {
  company_id: CompanyId
  region_id: RegionId
  at: Date
  asking: number
  free: number
  cells: JSONColumnType<readonly SurgedCell[] & object>
}

export interface SurgeTables {
  surge_minutes: SurgeMinuteRow
}
