/** The desk puts rides of riders who share into one car: a waiting one into a car under way. */
import { joinByDesk } from '../dispatch/desk-joins.ts'
import { type DriverId, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import { referenceOf } from '../rides/rides.ts'
import { done, type Hand, type Meant, type Outcome, onRide } from './acts.ts'
import { ridesNamed } from './store.ts'

/**
 * Put a waiting ride into a shared car, at once and without asking the driver, as the desk assigns.
 * @param meant.plan what the car had still to drive when the desk looked; left out, whatever it has now
 */
export function join(
  unit: Work,
  hand: Hand,
  meant: Meant & { readonly driverId: DriverId; readonly plan?: string | undefined },
): Outcome {
  const { driverId, plan } = meant
  return onRide(unit, hand, meant, async (ride) => {
    const joined = await joinByDesk(unit, hand.random, {
      ...{ companyId: hand.companyId, rideId: ride.id, driverId, plan },
      ...{ dispatcherId: hand.by.actorId, car: hand.car(driverId), travelS: hand.travelS },
    })
    if (!joined.ok) return refuse(joined.reason)
    const { others, addedDriveS } = joined.value
    const beside = await ridesNamed(unit.db, hand.companyId, others)
    return done(unit, hand, ride, joined.value.ride, {
      ...{ kind: 'join', action: 'ride.joined' },
      detail: {
        ...{ before: { driverId: ride.driver_id }, after: { driverId } },
        ...{ with: beside.map(referenceOf).join(', '), addedS: Math.round(addedDriveS) },
      },
    })
  })
}
