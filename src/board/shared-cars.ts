/** Cars that riders share, as the desk may put one more rider into them: what it means for everybody, in figures. */
import type { SharedCarProps, SharedCarsProps } from '../../views/board/shared-cars.ts'
import type { Region } from '../companies/companies.ts'
import { alongIn, planName } from '../dispatch/desk-joins.ts'
import { type OpenCar, openCars } from '../dispatch/open-cars.ts'
import { travel } from '../engine/eta.ts'
import type { TakenAlong } from '../engine/pool-effect.ts'
import type { TravelS } from '../engine/run.ts'
import type { LatLng, RideId } from '../engine/units.ts'
import { type LoadedRide, referenceOf } from '../rides/rides.ts'
import { type TravelDeps, travelIn } from '../roads/roads.ts'
import type { BoardDeps } from './read.ts'
import { ridesNamed } from './store.ts'

/** Whoever needs a sixth has chosen among five already. */
const CARS_MOST = 5

/** Seconds from place to place in a region, as the pooling counts them. */
export function travelSIn(deps: TravelDeps, region: Region): TravelS<LatLng> {
  const model = travelIn(deps, region)
  return (from, to) => travel(from, to, model).durationS
}

/**
 * The shared cars under way that could take a waiting ride along, the least trouble first, and why the others cannot.
 * @returns null for a ride that goes alone or waits no more, and where nobody shares
 */
export async function sharedCarsFor(
  deps: BoardDeps,
  region: Region,
  ride: LoadedRide,
): Promise<SharedCarsProps | null> {
  if (region.sharing === null || !ride.shared || ride.state !== 'requested') return null
  const nowMs = Math.floor(deps.clock.nowMs())
  const travelS = travelSIn(deps, region)
  const fits: { open: OpenCar; along: TakenAlong<LatLng> }[] = []
  const left = { full: 0, late: 0 }
  for (const open of openCars(deps.fleet, region.id, nowMs)) {
    const along = alongIn(open, ride, { travelS, nowMs })
    if (along.ok) fits.push({ open, along: along.value })
    else if (along.reason === 'no_seat') left.full++
    else if (along.reason === 'too_late') left.late++
  }
  const best = fits.toSorted((a, b) => a.along.costS - b.along.costS).slice(0, CARS_MOST)
  const ids = best.flatMap(({ along }) => along.others.map(({ rideId }) => rideId as RideId))
  const named = new Map((await ridesNamed(deps.db, ride.company_id, ids)).map((other) => [other.id, other]))
  const cars = best.map(({ open: { car, shared }, along }): SharedCarProps => {
    const { driverId, callSign, driverName } = car.duty
    return {
      ...{ driverId, callSign, name: driverName, plan: planName(shared) },
      pickupAtMs: along.pickupAtS * 1000,
      dropoffAtMs: along.dropoffAtS * 1000,
      seats: shared.seats,
      seatsTaken: along.seatsTaken,
      addedS: Math.max(0, along.addedDriveS),
      others: along.others.flatMap((effect) => {
        const other = named.get(effect.rideId as RideId)
        return other === undefined
          ? []
          : [
              {
                ...{ rideId: other.id, reference: referenceOf(other), riderName: other.rider_name },
                pickupLaterS: effect.pickupLaterS,
                dropoffLaterS: effect.dropoffLaterS,
                dropoffAtMs: effect.dropoffAtS * 1000,
                latestAtMs: effect.latestDropoffS * 1000,
              },
            ]
      }),
    }
  })
  return { nowMs, cars, full: left.full, late: left.late }
}
