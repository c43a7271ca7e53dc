/** Somebody may not drive or ride at a company any more, from now on: what they have under way there comes to an end. */
import { endShift } from '../drivers/drivers.ts'
import { type CompanyId, type IdentityId, ok, type Result, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { cancelByDesk, openRidesOfDriver, releaseRide } from '../rides/rides.ts'

export interface Leaving {
  readonly companyId: CompanyId
  readonly identityId: IdentityId
  /** Who sends them away. */
  readonly by: IdentityId
  readonly reason: string
}

/**
 * Take a driver off the ride they are on the way to, which goes back to the matcher, and end their shift.
 * @returns `carrying` while somebody is on board, who must not be stranded
 */
export async function leaveWheel(
  unit: Work,
  random: Random,
  { companyId, identityId, by, reason }: Leaving,
): Promise<Result<null, 'carrying'>> {
  const driver = await unit.db
    .selectFrom('drivers')
    .select('id')
    .where('company_id', '=', companyId)
    .where('identity_id', '=', identityId)
    .executeTakeFirst()
  if (driver === undefined) return ok(null)
  for (const { id: rideId } of await openRidesOfDriver(unit.db, companyId, driver.id)) {
    const actor = { kind: 'dispatcher', id: by } as const
    const released = await releaseRide(unit, random, {
      ...{ companyId, rideId, driverId: driver.id, actor, reason },
    })
    // Boarded, or ended, while we looked: the lock on the ride has told the truth.
    if (released.ok) continue
    const open = await openRidesOfDriver(unit.db, companyId, driver.id)
    if (open.some((ride) => ride.id === rideId)) return refuse('carrying')
  }
  const ended = await endShift(unit, { companyId, driverId: driver.id, reason: 'not allowed to drive' })
  return ended.ok ? ok(null) : refuse('carrying')
}

/** Cancel the rides they wait for, at no cost; who is on board already is brought to where they go. */
export async function leaveQueue(
  unit: Work,
  random: Random,
  { companyId, identityId, by, reason }: Leaving,
): Promise<void> {
  const waiting = await unit.db
    .selectFrom('rides')
    .select('id')
    .where('company_id', '=', companyId)
    .where('rider_id', '=', identityId)
    .where('ended_at', 'is', null)
    .where('state', '<>', 'in_progress')
    .orderBy('id')
    .execute()
  for (const { id } of waiting)
    await cancelByDesk(unit, random, { companyId, rideId: id, dispatcherId: by, reason })
}
