/** Row types of what the desk keeps beside rides; the tables themselves are in migrations/. */
import type { ColumnType, Generated } from 'kysely'
import type { CompanyId, DriverId, IdentityId, RegionId } from '../../engine/units.ts'

/** What a dispatcher sent to one or several drivers. */
export interface DeskSendingRow {
  company_id: CompanyId
  id: string
  region_id: RegionId
  sender_id: IdentityId
  /** To whom, in words. */
  audience: string
  text: string
  must_read: boolean
  /** How many got it. */
  drivers: number
  sent_at: Date
}

/** One message between the desk and a driver, in either direction. */
export interface DriverMessageRow {
  company_id: CompanyId
  id: string
  region_id: RegionId
  driver_id: DriverId
  /** Grows with every message; its order is that in which they were written. */
  seq: Generated<number>
  sending_id: string | null
  side: 'desk' | 'driver'
  sender_id: IdentityId
  text: string
  must_read: boolean
  sent_at: Date
  /** When the driver's page had it; of a driver's own, null. */
  delivered_at: ColumnType<Date | null, Date | null | undefined, Date | null>
  /** When the driver said that they had read it; of a driver's own, when somebody at the desk did. */
  read_at: ColumnType<Date | null, Date | null | undefined, Date | null>
}

/** What one shift of the desk leaves to the next. */
export interface HandoverNoteRow {
  company_id: CompanyId
  id: string
  region_id: RegionId
  author_id: IdentityId
  text: string
  /** Stays on top until it is done. */
  is_pinned: boolean
  written_at: Date
  /** When somebody else said that it is theirs now, and who. */
  taken_at: ColumnType<Date | null, undefined, Date>
  taken_by: ColumnType<IdentityId | null, undefined, IdentityId>
  done_at: ColumnType<Date | null, undefined, Date | null>
  done_by: ColumnType<IdentityId | null, undefined, IdentityId | null>
}

/** Where all cars of a region were at a moment of the last hours, as `engine/past.ts` packs them. */
export interface FleetFrameRow {
  company_id: CompanyId
  region_id: RegionId
  /** Which quarter of a minute since 1970. */
  slot: number
  at: Date
  cars: number
  frame: Buffer
}

/** A name for what a board's table shows; a shared one is the whole desk's. */
export interface SavedViewRow {
  company_id: CompanyId
  id: string
  owner_id: IdentityId
  name: string
  /** The search part of the board's address, `show=on_board&late=yes`; empty for all live rides. */
  search: string
  is_shared: boolean
  /** Grows with every change. */
  version: Generated<number>
  changed_at: Date
  changed_by: IdentityId | null
}

/** The view that a person's board begins with. */
export interface FirstViewRow {
  company_id: CompanyId
  identity_id: IdentityId
  view_id: string
}

export interface DeskTables {
  saved_views: SavedViewRow
  first_views: FirstViewRow
  fleet_frames: FleetFrameRow
  handover_notes: HandoverNoteRow
  desk_sendings: DeskSendingRow
  driver_messages: DriverMessageRow
}
