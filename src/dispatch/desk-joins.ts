/** A waiting ride put into a car that others share already, by the desk, at once: within what everybody was promised. */
import { hindranceIn } from '../drivers/capability.ts'
import { lockDriver, openShift } from '../drivers/drivers.ts'
import { type TakenAlong, takeAlong } from '../engine/pool-effect.ts'
import type { TravelS } from '../engine/run.ts'
import {
  type CompanyId,
  type DriverId,
  type IdentityId,
  type LatLng,
  ok,
  type Result,
  type RideId,
  refuse,
} from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { type Car, classMaskOf } from '../positions/fleet.ts'
import { loadSharedRuns, type SharedRun } from '../positions/shared-runs.ts'
import { changeRide, type LoadedRide, lockRide } from '../rides/rides.ts'
import { lockRun } from '../rides/runs.ts'
import { payFor } from './joining.ts'
import { type AssignRefusal, restingWhy, withdrawLiveOffers } from './offers.ts'
import { type OpenCar, openCar, plannedStops, poolRequestOf, runOf, suits } from './open-cars.ts'

export type WhyNoRoom = 'no_seat' | 'too_late' | 'other_car'

/** How a ride would go along in a car; null for a ride whose rider goes alone. */
export function alongIn(
  open: OpenCar,
  ride: LoadedRide,
  { travelS, nowMs }: { readonly travelS: TravelS<LatLng>; readonly nowMs: number },
): Result<TakenAlong<LatLng>, WhyNoRoom> {
  const wanted = { classMask: classMaskOf(ride.class), attributes: ride.attributes }
  if (!suits(open.car, wanted)) return refuse('other_car')
  return takeAlong(runOf(open, nowMs), poolRequestOf(ride), travelS)
}

/** Names what a car still has to drive, so that whoever agrees agrees to that and to nothing else. */
export function planName({ stops }: SharedRun): string {
  return stops.map(({ kind, rideId }) => `${kind[0]}${rideId.slice(0, 8)}`).join('.')
}

export type DeskJoinRefusal =
  | AssignRefusal
  | 'not_shared'
  | 'no_shared_run'
  | 'plan_changed'
  | 'car_silent'
  | 'no_seat'
  | 'promise_broken'
  | 'other_car'

export interface DeskJoined {
  readonly ride: LoadedRide
  /** Who rides with them. */
  readonly others: readonly RideId[]
  readonly addedDriveS: number
}

/**
 * The desk puts a waiting shared ride into a driver's shared run. What was looked at is worked out again under the locks
 * of ride, driver and run; live offers of the ride and of the driver are withdrawn.
 * @param joined.plan the run as the desk looked at it (`planName`); left out, as it is now
 * @returns `plan_changed` when somebody got in or out since, `promise_broken` where somebody would be later than told
 */
export async function joinByDesk(
  unit: Work,
  random: Random,
  joined: {
    readonly companyId: CompanyId
    readonly rideId: RideId
    readonly driverId: DriverId
    readonly dispatcherId: IdentityId
    readonly plan?: string | undefined
    /** As the process knows it; undefined where it does not. */
    readonly car: Car | undefined
    readonly travelS: TravelS<LatLng>
  },
): Promise<Result<DeskJoined, DeskJoinRefusal>> {
  const { companyId, driverId } = joined
  const ride = await lockRide(unit.db, companyId, joined.rideId)
  if (ride === undefined) return refuse('not_found')
  if (ride.state !== 'requested') return refuse('not_allowed_now')
  if (!ride.shared) return refuse('not_shared')
  const driver = await lockDriver(unit, driverId)
  if (driver === undefined || driver.company_id !== companyId) return refuse('not_found')
  const shift = await openShift(unit.db, companyId, driverId)
  if (shift === undefined) return refuse('not_on_shift')
  if ((await hindranceIn(unit, joined)) !== null) return refuse('driver_may_not_drive')
  const resting = await restingWhy(unit, { ...joined, regionId: shift.region_id })
  if (resting !== null) return refuse(resting)
  const shared = await lockedRun(unit, driverId)
  if (shared === undefined) return refuse('no_shared_run')
  if (joined.plan !== undefined && joined.plan !== planName(shared)) return refuse('plan_changed')
  const open = joined.car === undefined ? null : openCar(joined.car, shared, unit.atMs)
  if (open === null) return refuse('car_silent')
  const along = alongIn(open, ride, { travelS: joined.travelS, nowMs: unit.atMs })
  if (!along.ok) return refuse(along.reason === 'too_late' ? 'promise_broken' : along.reason)
  await withdrawLiveOffers(unit, joined)
  const changed = await changeRide(unit, random, {
    ...{ companyId, rideId: ride.id, event: { type: 'assign', driverId } },
    actor: { kind: 'dispatcher', id: joined.dispatcherId },
    assignment: {
      vehicleId: shift.vehicle_id,
      pickupEtaS: along.value.pickupAtS - unit.atMs / 1000,
      joins: {
        runId: shared.runId,
        stops: plannedStops(shared, along.value.stops),
        driverMinor: await payFor(unit, shared.runId, ride),
      },
    },
  })
  if (!changed.ok) return changed
  const others = [...new Set(shared.stops.map(({ rideId }) => rideId))]
  return ok({ ride: changed.value, others, addedDriveS: along.value.addedDriveS })
}

/** The driver's open shared run as the database has it, held until the unit ends. */
async function lockedRun(unit: Work, driverId: DriverId): Promise<SharedRun | undefined> {
  const seen = (await loadSharedRuns(unit.db, [driverId])).get(driverId)
  if (seen === undefined) return undefined
  await lockRun(unit, seen.runId)
  // Read again: somebody may have got in or out while this waited for the lock.
  const now = (await loadSharedRuns(unit.db, [driverId])).get(driverId)
  return now?.runId === seen.runId ? now : undefined
}
