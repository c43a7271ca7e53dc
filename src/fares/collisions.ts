/** Rides a rider has already that leave no time for another one: a warning, for two people may ride on one account. */
import { collide, type Span } from '../engine/booking.ts'
import type { IdentityId, RideId } from '../engine/units.ts'
import type { Db } from '../io/postgres.ts'

/** More than anybody has open at once. */
const LOOKED_AT = 50

export interface Collision {
  readonly rideId: RideId
  /** When its car is, or was, to be there. */
  readonly atMs: number
  readonly isBooked: boolean
  readonly dropoffLabel: string
}

/** A rider's open and booked rides that collide with a span of time, the earliest first; without one they are about to change. */
export async function collisionsWith(
  db: Db,
  riderId: IdentityId,
  span: Span,
  without: string | null,
): Promise<Collision[]> {
  const open = await db
    .selectFrom('rides')
    .select(['id', 'scheduled_for', 'requested_at', 'duration_s', 'dropoff_label'])
    .where('rider_id', '=', riderId)
    .where('ended_at', 'is', null)
    .orderBy('requested_at')
    .limit(LOOKED_AT)
    .execute()
  return open.flatMap((ride) => {
    const fromMs = (ride.scheduled_for ?? ride.requested_at).getTime()
    if (ride.id === without || !collide(span, { fromMs, durationS: ride.duration_s })) return []
    const { id: rideId, dropoff_label: dropoffLabel } = ride
    return [{ rideId, atMs: fromMs, isBooked: ride.scheduled_for !== null, dropoffLabel }]
  })
}
