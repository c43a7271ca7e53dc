/**
 * The rescue queue: a ride that so many drivers did not want is put before the desk, which may look wider, put it off,
 * give it to a driver by hand or cancel it with a word to the rider. The engine goes on asking meanwhile: riders are
 * served whether a desk looks or not.
 */
import { sql } from 'kysely'
import type { PutOffMinutes } from '../engine/rescue.ts'
import { type CompanyId, ok, type Result, type RideId, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import { type LoadedRide, lockRide } from '../rides/rides.ts'
import { endPending } from './offer-ends.ts'

type RescueRefusal = 'not_found' | 'not_allowed_now'

interface Rescued {
  readonly companyId: CompanyId
  readonly rideId: RideId
  /** From the region: how long the matcher looks before it gives up. */
  readonly unfulfilledAfterS: number
}

/**
 * Look as far as the region's policy goes at once, and ask again who let an offer lapse; who said no, or had the ride,
 * is not asked again. The search gets its full time anew.
 */
export async function lookWider(unit: Work, rescued: Rescued): Promise<Result<LoadedRide, RescueRefusal>> {
  return changeWaiting(unit, rescued, { wider_at: new Date(unit.atMs), put_off_until: null }, unit.atMs)
}

/** Ask nobody for a while: the offer that is open is taken back, and the search begins anew when the time is over. */
export async function putOff(
  unit: Work,
  rescued: Rescued & { minutes: PutOffMinutes },
): Promise<Result<LoadedRide, RescueRefusal>> {
  const untilMs = unit.atMs + rescued.minutes * 60_000
  const changed = await changeWaiting(unit, rescued, { put_off_until: new Date(untilMs) }, untilMs)
  if (!changed.ok) return changed
  const live = await unit.db
    .selectFrom('offers')
    .selectAll()
    .where('ride_id', '=', rescued.rideId)
    .where('state', '=', 'pending')
    .forUpdate()
    .execute()
  for (const offer of live) await endPending(unit, offer, 'withdrawn', sql<boolean>`true`)
  return changed
}

async function changeWaiting(
  unit: Work,
  { companyId, rideId, unfulfilledAfterS }: Rescued,
  change: { wider_at?: Date; put_off_until: Date | null },
  looksFromMs: number,
): Promise<Result<LoadedRide, RescueRefusal>> {
  const ride = await lockRide(unit.db, companyId, rideId)
  if (ride === undefined) return refuse('not_found')
  if (ride.state !== 'requested') return refuse('not_allowed_now')
  const changed = await unit.db
    .updateTable('rides')
    .set({ ...change, deadline_at: new Date(looksFromMs + unfulfilledAfterS * 1_000) })
    .where('id', '=', rideId)
    .returningAll()
    .executeTakeFirstOrThrow()
  unit.tell({ type: 'rescue.changed', companyId, regionId: ride.region_id, rideId })
  return ok(changed)
}
