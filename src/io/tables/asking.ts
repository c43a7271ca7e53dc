/** Row types of the tables that migration 31 makes. */
import type { ColumnType } from 'kysely'
import type { CompanyId, IdentityId, QuoteId, RegionId } from '../../engine/units.ts'

export interface SavedPlaceRow {
  id: string
  identity_id: IdentityId
  /** A person has one home and one work at most. */
  kind: 'home' | 'work' | 'other'
  name: string
  label: string
  lat: number
  lng: number
  created_at: ColumnType<Date, Date, never>
}

/** Somebody who was told that no car is free, and wants to hear when one is. */
export interface FreeWaitRow {
  id: string
  company_id: CompanyId
  identity_id: IdentityId
  /** What for: way, class, seats and needs stand there. */
  quote_id: QuoteId
  region_id: RegionId
  asked_at: Date
  until_at: Date
  told_at: ColumnType<Date | null, undefined, Date>
}

export interface AskingTables {
  saved_places: SavedPlaceRow
  free_waits: FreeWaitRow
}
