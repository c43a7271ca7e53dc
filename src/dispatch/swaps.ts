/**
 * A ride that a driver is on the way to goes to a much nearer one, where the region says so. The nearer driver is
 * asked first; only their yes releases the other, in the same unit of work, so the rider always has a car. Who made
 * room is told why, keeps the seconds they have been idle, and may be asked for the ride again.
 */
import { sql } from 'kysely'
import type { Region } from '../companies/regions.ts'
import type { Policy } from '../engine/decide.ts'
import { travel } from '../engine/eta.ts'
import type { AssignedRide } from '../engine/swap.ts'
import { assert, type DriverId } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import { classMaskOf, type Fleet, POSITION_FRESH_MS } from '../positions/fleet.ts'
import { changeRide, type LoadedRide, SYSTEM } from '../rides/rides.ts'
import { type TravelDeps, travelIn } from '../roads/roads.ts'
import { type LoadedOffer, NOBODY_ASKED } from './offer-ends.ts'

/** Why the ride left a driver, in its events and on the offer they had accepted. */
export const SWAPPED = 'a nearer car took over'
const ASSIGNED_LIMIT = 2_000

/** The ride is still on its way to be picked up by this driver. */
export function isOnItsWay(ride: Pick<LoadedRide, 'state' | 'driver_id'>, driverId: DriverId): boolean {
  return ride.driver_id === driverId && (ride.state === 'assigned' || ride.state === 'en_route')
}

/**
 * Rides that another car might take over: accepted by their driver (the desk's own choice stands, and so does a turn at
 * a rank), whose car was just seen, and about which nobody is being asked.
 */
export async function assignedRides(
  deps: { readonly db: Db; readonly fleet: Pick<Fleet, 'car'>; readonly clock: Clock } & TravelDeps,
  region: Region,
  policy: Policy,
): Promise<AssignedRide[]> {
  const { db, fleet, clock } = deps
  const rows = await db
    .selectFrom('rides')
    .innerJoin('offers as won', (join) =>
      join
        .onRef('won.ride_id', '=', 'rides.id')
        .on('won.state', '=', 'accepted')
        .on('won.released_at', 'is', null)
        .on('won.zone_id', 'is', null),
    )
    .select([
      ...(['rides.id', 'rides.class', 'rides.seats', 'rides.attributes', 'rides.pickup_lat'] as const),
      ...(['rides.pickup_lng', 'rides.driver_id', 'rides.swaps'] as const),
      sql<DriverId[] | null>`(
        SELECT array_agg(DISTINCT asked.driver_id::text) FROM offers AS asked
        WHERE asked.ride_id = rides.id AND asked.state IN ('declined', 'expired', 'accepted')
      )`.as('asked'),
    ])
    .where('rides.company_id', '=', region.companyId)
    .where('rides.region_id', '=', region.id)
    .where('rides.state', 'in', ['assigned', 'en_route'])
    // Others may share that car by now, and were promised its way.
    .where('rides.shared', '=', false)
    .where('rides.swaps', '<', policy.swapsMost)
    .where(NOBODY_ASKED)
    .orderBy('rides.requested_at')
    .limit(ASSIGNED_LIMIT)
    .execute()
  const nowMs = clock.nowMs()
  const model = travelIn(deps, region)
  return rows.flatMap((row): AssignedRide[] => {
    const position = row.driver_id === null ? null : (fleet.car(row.driver_id)?.position ?? null)
    if (row.driver_id === null || position === null || nowMs - position.atMs > POSITION_FRESH_MS) return []
    const pickup = { lat: row.pickup_lat, lng: row.pickup_lng }
    return [
      {
        ...{ rideId: row.id, driverId: row.driver_id, pickup, classMask: classMaskOf(row.class) },
        ...{ seats: row.seats, attributes: row.attributes, excluded: new Set(row.asked ?? []) },
        ...{ etaS: travel(position, pickup, model).durationS, swaps: row.swaps },
      },
    ]
  })
}

/**
 * Take the ride from the driver who is on the way, for the one whose offer is being accepted. Both drivers, the ride
 * and the offer are locked by the caller.
 */
export async function releaseForSwap(
  unit: Work,
  random: Random,
  ride: LoadedRide,
  offer: LoadedOffer,
): Promise<void> {
  assert(
    offer.swaps_from !== null && isOnItsWay(ride, offer.swaps_from),
    'the ride is with whom it is taken from',
  )
  await unit.db
    .updateTable('offers')
    .set({ reason: SWAPPED })
    .where('ride_id', '=', ride.id)
    .where('state', '=', 'accepted')
    .where('released_at', 'is', null)
    .execute()
  const released = await changeRide(unit, random, {
    companyId: ride.company_id,
    rideId: ride.id,
    event: { type: 'release' },
    actor: SYSTEM,
    reason: SWAPPED,
    keepsOffer: offer.id,
  })
  assert(released.ok, 'a ride on its way can be released')
  await unit.db
    .updateTable('rides')
    .set((eb) => ({ swaps: eb('swaps', '+', 1) }))
    .where('id', '=', ride.id)
    .execute()
  await unit.db
    .updateTable('drivers')
    .set({ swapped_at: new Date(unit.atMs) })
    .where('id', '=', offer.swaps_from)
    .execute()
}
