/** What is booked for the next hours, beside the cars that are expected for it. */
import type { BookedLaneProps } from '../../views/board/booked.ts'
import type { Region } from '../companies/companies.ts'
import { carsFor } from '../engine/needs.ts'
import { bookedRides, type LoadedRide, referenceOf } from '../rides/rides.ts'
import type { BoardDeps } from './read.ts'
import { type PlannedQuarter, planQuarters } from './supply.ts'

/** A desk plans a shift ahead, and no further. */
const LANE_MS = 12 * 3_600_000
const BOOKED_MOST = 1_000
/** More than a desk reads one by one; the table has all of them. */
const LISTED_MOST = 4

export interface Booked {
  readonly lane: BookedLaneProps
  readonly quarters: readonly PlannedQuarter[]
}

/** The lane of the next twelve hours, and the quarters of an hour it is drawn from. */
export async function readBooked(deps: BoardDeps, region: Region): Promise<Booked> {
  const nowMs = Math.floor(deps.clock.nowMs())
  const booked = await bookedRides(deps.db, region.companyId, { regionId: region.id, limit: BOOKED_MOST })
  const soon = booked.filter((ride) => pickupOf(ride) < nowMs + LANE_MS)
  const quarters = await planQuarters(deps, region, soon)
  return {
    quarters,
    lane: {
      total: booked.length,
      quarters: quarters.map((quarter) => ({
        ...{ atMs: quarter.atMs, rides: quarter.booked, cars: carsFor(quarter), from: quarter.from },
        ...{ onShift: quarter.cars, busy: quarter.busy },
      })),
      next: soon.slice(0, LISTED_MOST).map((ride) => ({
        ...{ rideId: ride.id, reference: referenceOf(ride), class: ride.class },
        ...{ pickupAtMs: pickupOf(ride), searchFromMs: ride.release_at!.getTime() },
        ...{ from: ride.pickup_label, to: ride.dropoff_label },
      })),
    },
  }
}

function pickupOf(ride: LoadedRide): number {
  return ride.scheduled_for!.getTime()
}
