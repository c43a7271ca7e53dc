/** Row types of what desks do; the tables themselves are in migrations/. */
import type { ColumnType, JSONColumnType } from 'kysely'
import type { RideState } from '../../engine/ride.ts'
import type { CompanyId, DriverId, IdentityId, RegionId, RideId } from '../../engine/units.ts'

export type DeskActKind =
  | 'assign'
  | 'reassign'
  | 'release'
  | 'cancel'
  | 'hold'
  | 'unhold'
  | 'widen'
  | 'edit'
  | 'join'
  | 'merge'
  | 'part'

/** A ride as it was before an act, as far as taking the act back needs it; instants are ISO texts in the database. */
export interface RideBefore {
  readonly state: RideState
  readonly driverId: DriverId | null
  /** Columns of the ride by name. */
  readonly columns: Readonly<Record<string, unknown>>
  /** The driver was asked: nothing of the ride changed yet, and taking it back is to ask no more. */
  readonly isAsked?: true
  /** Merged rides that went to the same driver in the same act, as it left them and as they were before. */
  readonly together?: readonly {
    readonly rideId: RideId
    readonly version: number
    readonly columns: Readonly<Record<string, unknown>>
  }[]
  /** Who rang, where the act put their name or number right: as they were, and as it left them. */
  readonly caller?: {
    readonly before: { readonly name: string; readonly phone: string | null }
    readonly after: { readonly name: string; readonly phone: string | null }
  }
  /** The stops between its ends, where the act changed them. */
  readonly stops?: readonly { readonly lat: number; readonly lng: number; readonly label: string }[]
}

export interface DeskActRow {
  company_id: CompanyId
  id: string
  region_id: RegionId
  ride_id: RideId
  actor_id: IdentityId
  kind: DeskActKind
  batch_id: string | null
  at: Date
  undo_until: Date
  ride_version: number
  before: JSONColumnType<RideBefore>
  driver_id: DriverId | null
  reason: string | null
  undone_at: ColumnType<Date | null, undefined, Date>
}

export interface DeskActTables {
  desk_acts: DeskActRow
}
