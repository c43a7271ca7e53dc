/** Row types of what stands beside a ride under way; the tables themselves are in migrations/. */
import type { CompanyId, DriverId, IdentityId, RideId } from '../../engine/units.ts'

export interface StartCodeRow {
  company_id: CompanyId
  ride_id: RideId
  /** For whom it was made: another driver gets another code. */
  driver_id: DriverId
  code: string
  wrong_tries: number
  opened_at: Date | null
  opened_by: 'driver' | 'desk' | null
  /** Why the desk let the ride start without the code. */
  reason: string | null
}

/** A link for others to follow a ride by; a ride has one, made anew after it was ended. */
export interface RideShareRow {
  company_id: CompanyId
  ride_id: RideId
  /** Who rides, and made it. */
  identity_id: IdentityId
  /** 256 random bits, base64url. */
  salt: string
  /** SHA-256 of the token, hexadecimal. */
  token_hash: string
  opened_at: Date
  /** By who rides; with the ride itself it opens nothing either. */
  ended_at: Date | null
}

export interface RidingTables {
  ride_shares: RideShareRow
  start_codes: StartCodeRow
}
