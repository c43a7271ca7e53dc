/** Waiting rides that were merged, given to a driver by the desk: all of them as one run, or none. */
import { planTogether } from '../engine/pool-together.ts'
import type { TravelS } from '../engine/run.ts'
import {
  assert,
  type CompanyId,
  type DriverId,
  type IdentityId,
  type LatLng,
  ok,
  type Result,
  refuse,
} from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { type Car, POSITION_FRESH_MS } from '../positions/fleet.ts'
import type { LoadedRide } from '../rides/rides.ts'
import { assignRest } from './merged-offers.ts'
import { plannedStops } from './merging.ts'
import { type AssignRefusal, assignByDesk } from './offers.ts'
import { poolRequestOf } from './open-cars.ts'

export type AssignMergedRefusal = AssignRefusal | 'car_silent' | 'merged_no_seat' | 'merged_late'

/**
 * Give all rides of one mark to a driver, with the stops in the cheapest order that keeps everybody's promise from where
 * the car is now.
 * @param given.rides all that wait with the mark, locked
 * @param given.seats of a car for riders who share, in the region
 * @returns the rides with their driver, in the order of the pickups; `merged_late` where from there somebody would be
 *   later than they were told, `car_silent` where nobody knows where it is
 */
export async function assignMergedByDesk(
  unit: Work,
  random: Random,
  given: {
    readonly companyId: CompanyId
    readonly rides: readonly LoadedRide[]
    readonly driverId: DriverId
    readonly dispatcherId: IdentityId
    /** As the process knows it; undefined where it does not. */
    readonly car: Car | undefined
    readonly seats: number
    readonly travelS: TravelS<LatLng>
  },
): Promise<Result<LoadedRide[], AssignMergedRefusal>> {
  const { companyId, driverId, dispatcherId, car, travelS } = given
  const from = car?.position ?? null
  if (car === undefined || from === null || unit.atMs - from.atMs > POSITION_FRESH_MS)
    return refuse('car_silent')
  const plan = planTogether(given.rides.map(poolRequestOf), {
    ...{ from, fromAtS: unit.atMs / 1000, capacity: Math.min(given.seats, car.duty.seats), travelS },
  })
  if (!plan.ok) return refuse(plan.reason === 'no_seat' ? 'merged_no_seat' : 'merged_late')
  const stops = plannedStops(plan.value, unit.atMs)
  const inOrder = stops.flatMap(({ kind, rideId }) =>
    kind === 'pickup' ? (given.rides.find(({ id }) => id === rideId) ?? []) : [],
  )
  const [first, ...rest] = inOrder
  assert(first !== undefined && stops[0] !== undefined, 'a plan begins with somebody')
  const assigned = await assignByDesk(unit, random, {
    ...{ companyId, rideId: first.id, driverId, dispatcherId, pickupEtaS: stops[0].etaS ?? null },
  })
  if (!assigned.ok) return assigned
  assert(assigned.value.vehicle_id !== null, 'a ride with a driver has a car')
  const others = await assignRest(unit, random, {
    offer: { company_id: companyId, driver_id: driverId, ride_id: first.id, stops },
    rest,
    vehicleId: assigned.value.vehicle_id,
    actor: { kind: 'dispatcher', id: dispatcherId },
  })
  return ok([assigned.value, ...others])
}
