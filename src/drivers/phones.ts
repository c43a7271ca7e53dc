/** A driver with two phones: one tells where the car is, and the other is told that it does not. */

import type { CompanyId, DriverId } from '../engine/units.ts'
import { ok, type Result, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import { type LoadedShift, openShift, tellShift } from './drivers.ts'

/**
 * From now on this session's phone tells where the car is.
 * @returns `not_on_shift` for who is off shift
 */
export async function takePhone(
  unit: Work,
  of: { companyId: CompanyId; driverId: DriverId; sessionId: string },
): Promise<Result<LoadedShift, 'off_shift'>> {
  const taken = await unit.db
    .updateTable('shifts')
    .set({ phone_session_id: of.sessionId, phone_since: new Date(unit.atMs) })
    .where('company_id', '=', of.companyId)
    .where('driver_id', '=', of.driverId)
    .where('ended_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  if (taken === undefined) return refuse('off_shift')
  tellShift(unit, taken, 'on')
  return ok(taken)
}

/**
 * Since when another phone of the driver than the one of this session tells where the car is; null where this one
 * does, or none in particular, as after the other one has signed out.
 */
export async function otherPhoneSince(
  db: Db,
  of: { companyId: CompanyId; driverId: DriverId; sessionId: string; nowMs: number },
): Promise<number | null> {
  const shift = await openShift(db, of.companyId, of.driverId)
  if (shift === undefined || shift.phone_session_id === null || shift.phone_since === null) return null
  if (shift.phone_session_id === of.sessionId) return null
  const other = await db
    .selectFrom('sessions')
    .select('id')
    .where('id', '=', shift.phone_session_id)
    .where('expires_at', '>', new Date(of.nowMs))
    .executeTakeFirst()
  return other === undefined ? null : shift.phone_since.getTime()
}
