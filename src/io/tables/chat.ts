/** Row types of what is said about a ride; the tables themselves are in migrations/. */
import type { ColumnType } from 'kysely'
import type { CompanyId, DriverId, IdentityId, RideId } from '../../engine/units.ts'

/** Who talks: the desk is all dispatchers of the company together. */
export type ChatSide = 'rider' | 'driver' | 'desk'

export interface ChatRow {
  company_id: CompanyId
  ride_id: RideId
  last_seq: number
}

export interface ChatMessageRow {
  company_id: CompanyId
  ride_id: RideId
  /** 1, 2, 3 … within the ride. */
  seq: number
  side: ChatSide
  sender_id: IdentityId
  /** Of a driver's message, for a ride may have had several. */
  driver_id: DriverId | null
  text: string
  sent_at: Date
  reported_at: ColumnType<Date | null, Date | null | undefined, Date | null>
  reported_side: ColumnType<'rider' | 'driver' | null, undefined, 'rider' | 'driver' | null>
}

export interface ChatSideRow {
  company_id: CompanyId
  ride_id: RideId
  side: ChatSide
  read_seq: number
  typing_at: Date | null
  here_at: Date | null
}

export interface ChatTables {
  chats: ChatRow
  chat_messages: ChatMessageRow
  chat_sides: ChatSideRow
}
