/** What is booked for the next hours, beside what the region usually has then. */
import type { BookedHour, BookedLaneProps } from '../../views/board/booked.ts'
import type { Region } from '../companies/companies.ts'
import { KEPT_DAYS } from '../dispatch/day-counts.ts'
import { addDays, localDay } from '../engine/day.ts'
import { usualAt } from '../engine/usual-supply.ts'
import { wallTimeAt } from '../engine/wall-clock.ts'
import { bookedRides, type LoadedRide, referenceOf } from '../rides/rides.ts'
import type { BoardDeps } from './read.ts'

const HOUR_MS = 3_600_000
/** A desk plans a shift ahead, and no further. */
const LANE_MS = 12 * HOUR_MS
const BOOKED_MOST = 1_000
/** More than a desk reads one by one; the table has all of them. */
const LISTED_MOST = 4

export async function readBookedLane(deps: BoardDeps, region: Region): Promise<BookedLaneProps> {
  const nowMs = Math.floor(deps.clock.nowMs())
  const booked = await bookedRides(deps.db, region.companyId, { regionId: region.id, limit: BOOKED_MOST })
  const soon = booked.filter((ride) => pickupOf(ride) < nowMs + LANE_MS)
  const days = soon.length === 0 ? [] : await serviceDays(deps, region, nowMs)
  const byHour = Map.groupBy(soon, (ride) => Math.floor(pickupOf(ride) / HOUR_MS))
  const hours = [...byHour].map(([hourNo, rides]): BookedHour => {
    const { day, minute } = wallTimeAt(pickupOf(rides[0]!), region.timeZone)
    const usual = usualAt(days, day, Math.floor(minute / 60))
    return {
      atMs: hourNo * HOUR_MS,
      rides: rides.length,
      usual: usual === null ? null : { cars: Math.round(usual.cars), asked: Math.round(usual.asked) },
    }
  })
  return {
    total: booked.length,
    hours,
    next: soon.slice(0, LISTED_MOST).map((ride) => ({
      ...{ rideId: ride.id, reference: referenceOf(ride), class: ride.class },
      ...{ pickupAtMs: pickupOf(ride), searchFromMs: ride.release_at!.getTime() },
      ...{ from: ride.pickup_label, to: ride.dropoff_label },
    })),
  }
}

function pickupOf(ride: LoadedRide): number {
  return ride.scheduled_for!.getTime()
}

async function serviceDays({ db }: BoardDeps, region: Region, nowMs: number) {
  const rows = await db
    .selectFrom('service_days')
    .select(['local_day', 'cars', 'asked'])
    .where('company_id', '=', region.companyId)
    .where('region_id', '=', region.id)
    .where('local_day', '>=', addDays(localDay(nowMs, region.timeZone), -KEPT_DAYS))
    .execute()
  return rows.map(({ local_day: day, cars, asked }) => ({ day, cars, asked }))
}
