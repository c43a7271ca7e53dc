/** The car of a ride as a part of the pages that follow it: of who rides, and of who has the link. */
import type { Part } from '../io/stream.ts'
import { ridesOf } from '../positions/duty.ts'
import type { LoadedRide } from '../rides/rides.ts'
import { carMessage, type FollowDeps } from './pages.ts'

/**
 * Made from memory, so it goes ahead of what has to be drawn; its mark is when the fix was taken, in epoch ms.
 * @param now the ride as the page last drew it: every change of it is drawn before the car is sent again
 * @param to.forRider whether who looks is who rides
 */
export function carPart(
  deps: Omit<FollowDeps, 'db'>,
  now: () => LoadedRide | undefined,
  to: { readonly forRider: boolean },
): Part {
  return {
    name: 'car',
    make(had) {
      const ride = now()
      // A page is told a fix once, however often it is drawn: what comes next must not wait behind a repetition.
      const car = ride?.driver_id == null ? undefined : deps.fleet.car(ride.driver_id)
      const mark = car?.position?.atMs
      if (ride === undefined || car === undefined || mark === undefined || mark === had) return null
      // Where a car is that gave the ride away since the page was drawn is no business of who follows it any more.
      if (!ridesOf(car.duty).some(({ rideId }) => rideId === ride.id)) return null
      const text = carMessage(deps, ride, to)
      return text === null ? null : { text, mark }
    },
  }
}
