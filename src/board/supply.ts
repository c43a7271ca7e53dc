/** Rides booked ahead by the quarter of an hour, beside the cars that are expected for them. */
import type { Region } from '../companies/companies.ts'
import { KEPT_DAYS } from '../dispatch/day-counts.ts'
import { addDays, localDay } from '../engine/day.ts'
import { busyCars, QUARTER_MS, type Quarter } from '../engine/needs.ts'
import { type ServiceHours, type UsualHour, usualAt } from '../engine/usual-supply.ts'
import { wallTimeAt } from '../engine/wall-clock.ts'
import type { Fleet } from '../positions/fleet.ts'
import type { LoadedRide } from '../rides/rides.ts'
import type { BoardDeps } from './read.ts'

/** Shifts change within hours: for so long the cars that are on shift say more than what is usual. */
const SHIFT_KNOWN_MS = 60 * 60_000
/** How long a ride keeps its car where no ride has been priced yet. */
const RIDE_S = 1_200
/** From the ride before to the next pickup. */
const BETWEEN_S = 300

export interface PlannedQuarter extends Quarter {
  /** In the order of their pickups. */
  readonly rides: readonly LoadedRide[]
  /** Of days like that one, for the hour; null while nothing is known. */
  readonly usual: UsualHour | null
  /** Where `cars` comes from: who is on shift and may still drive then, or what is usual. */
  readonly from: 'shift' | 'usual'
}

/**
 * The quarters of an hour in which booked rides begin, in order.
 * @param booked in the order of their pickups
 */
export async function planQuarters(
  deps: BoardDeps,
  region: Region,
  booked: readonly LoadedRide[],
): Promise<PlannedQuarter[]> {
  if (booked.length === 0) return []
  const nowMs = Math.floor(deps.clock.nowMs())
  const days = await serviceDays(deps, region, nowMs)
  const rideS = booked.reduce((sum, ride) => sum + ride.duration_s, 0) / booked.length || RIDE_S
  const byQuarter = Map.groupBy(booked, (ride) => Math.floor(ride.scheduled_for!.getTime() / QUARTER_MS))
  return [...byQuarter].map(([quarterNo, rides]) => {
    const atMs = quarterNo * QUARTER_MS
    const { day, minute } = wallTimeAt(atMs, region.timeZone)
    const usual = usualAt(days, day, Math.floor(minute / 60))
    const isKnown = atMs < nowMs + SHIFT_KNOWN_MS || usual === null
    return {
      ...{ atMs, rides, usual, booked: rides.length, from: isKnown ? 'shift' : 'usual' },
      cars: isKnown ? carsUntil(deps.fleet, region, atMs + QUARTER_MS) : Math.round(usual.cars),
      busy: busyCars({ askedAnHour: usual?.asked ?? 0, rideS: rideS + BETWEEN_S }),
    }
  })
}

/** Cars on shift now whose drivers' hours and papers last until then. */
function carsUntil(fleet: Fleet, region: Region, untilMs: number): number {
  let cars = 0
  for (const { duty } of fleet.cars(region.id)) {
    const lasts = (endMs: number | null) => endMs === null || endMs >= untilMs
    if (lasts(duty.hoursEndAtMs) && lasts(duty.drivesUntilMs)) cars++
  }
  return cars
}

async function serviceDays({ db }: BoardDeps, region: Region, nowMs: number): Promise<ServiceHours[]> {
  const rows = await db
    .selectFrom('service_days')
    .select(['local_day', 'cars', 'asked'])
    .where('company_id', '=', region.companyId)
    .where('region_id', '=', region.id)
    .where('local_day', '>=', addDays(localDay(nowMs, region.timeZone), -KEPT_DAYS))
    .execute()
  return rows.map(({ local_day: day, cars, asked }) => ({ day, cars, asked }))
}
