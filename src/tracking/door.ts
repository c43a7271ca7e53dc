/** Who may follow what, decided from rights and never from a message. */
import type { IdentityId } from '../engine/units.ts'
import type { LoadedRide } from '../rides/rides.ts'
import type { Viewer } from '../web/viewer.ts'

/** The rider who asked may follow a ride; drivers and desks have pages of their own. */
export function mayFollowRide(
  viewer: Pick<Viewer, 'identityId'>,
  ride: Pick<LoadedRide, 'rider_id'>,
): boolean {
  return ride.rider_id === (viewer.identityId as IdentityId)
}
