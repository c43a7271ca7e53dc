/** Stops between the two ends of a ride: where the car goes next, and which are behind it. */
import { type Kysely, type Selectable, sql } from 'kysely'
import type { TrailFix } from '../engine/driven.ts'
import { distanceM } from '../engine/geo.ts'
import { type CompanyId, type LatLng, ok, type Result, type RideId, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { StopEvidence } from '../io/tables/fares.ts'
import type { QuotedStop, RideStopRow } from '../io/tables/ways.ts'
import type { Tables } from '../io/tables.ts'
import type { LoadedRide } from './store.ts'

export type LoadedStop = Selectable<RideStopRow>

/** The stops of a ride, in the order of the way. */
export function stopsOfRide(db: Kysely<Tables>, companyId: CompanyId, rideId: RideId): Promise<LoadedStop[]> {
  return db
    .selectFrom('ride_stops')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('ride_id', '=', rideId)
    .orderBy('place')
    .execute()
}

/** Behind the car, or where it stands: the driver has been there. */
export function isReached(stop: Pick<LoadedStop, 'arrived_at'>): boolean {
  return stop.arrived_at !== null
}

/** Behind the car, where it stands now, or ahead of it. */
export function standingOf({
  arrived_at,
  left_at,
}: Pick<LoadedStop, 'arrived_at' | 'left_at'>): 'passed' | 'here' | 'ahead' {
  if (left_at !== null) return 'passed'
  return arrived_at === null ? 'ahead' : 'here'
}

/** Put the stops ahead as they are agreed on now; those behind stay, and `stops` begins with them. */
export async function putStops(
  unit: Work,
  ride: Pick<LoadedRide, 'company_id' | 'id'>,
  stops: readonly QuotedStop[],
): Promise<void> {
  await unit.db
    .deleteFrom('ride_stops')
    .where('ride_id', '=', ride.id)
    .where('arrived_at', 'is', null)
    .execute()
  const behind = (await stopsOfRide(unit.db, ride.company_id, ride.id)).length
  const ahead = stops.slice(behind).map(({ lat, lng, label }, n) => ({
    ...{ company_id: ride.company_id, ride_id: ride.id, place: behind + n + 1 },
    ...{ lat, lng, label },
  }))
  if (ahead.length > 0) await unit.db.insertInto('ride_stops').values(ahead).execute()
}

/** Whether a list of stops begins with those the car has been at. */
export function keepsReached(stops: readonly LatLng[], kept: readonly LoadedStop[]): boolean {
  return kept.filter(isReached).every((stop, n) => stops[n]?.lat === stop.lat && stops[n]?.lng === stop.lng)
}

/** The stop the car goes to or stands at; null once all are behind it. */
export function nextStop(stops: readonly LoadedStop[]): LoadedStop | null {
  return stops.find((stop) => stop.left_at === null) ?? null
}

/** The stop where the driver waits now. */
export function waitingStop(stops: readonly LoadedStop[]): LoadedStop | null {
  const next = nextStop(stops)
  return next !== null && isReached(next) ? next : null
}

/** So near a stop the rider gets out there, and a fix between houses may be so wrong. */
const AT_STOP_M = 100

/**
 * The stays at stops that the car was at, each with the first fix that shows it there and the wait that this proves:
 * from the later of fix and the driver's word until it went on. Without a fix no wait is proven.
 * @param of.untilMs the end of a stay that goes on
 */
export function staysAt(
  stops: readonly LoadedStop[],
  of: { readonly fixes: readonly TrailFix[]; readonly fromMs: number; readonly untilMs: number },
): StopEvidence[] {
  let sinceMs = of.fromMs
  return stops.filter(isReached).map((stop) => {
    const arrivedAtMs = stop.arrived_at!.getTime()
    const leftAtMs = Math.max(arrivedAtMs, stop.left_at?.getTime() ?? of.untilMs)
    const from = sinceMs
    const seen = of.fixes.find(
      (fix) => fix.atMs >= from && fix.atMs <= leftAtMs && distanceM(fix, stop) <= AT_STOP_M,
    )
    sinceMs = leftAtMs
    return {
      ...{ place: stop.place, arrivedAtMs, leftAtMs },
      gpsArrivedAtMs: seen?.atMs ?? null,
      gpsAwayM: seen === undefined ? null : Math.round(distanceM(seen, stop)),
      waitedS: seen === undefined ? 0 : Math.max(0, leftAtMs - Math.max(arrivedAtMs, seen.atMs)) / 1000,
    }
  })
}

/**
 * One of the driver's two steps at a stop, on a locked ride: the car is there, or goes on.
 * @param step.place which stop is meant, so that a press that comes twice is not taken for the next one
 */
export async function markStop(
  unit: Work,
  ride: Pick<LoadedRide, 'company_id' | 'id'>,
  step: { readonly type: 'reach_stop' | 'leave_stop'; readonly place: number },
): Promise<Result<LoadedStop, 'not_allowed_now'>> {
  const next = nextStop(await stopsOfRide(unit.db, ride.company_id, ride.id))
  if (next === null || next.place !== step.place) return refuse('not_allowed_now')
  if (isReached(next) !== (step.type === 'leave_stop')) return refuse('not_allowed_now')
  const at = new Date(unit.atMs)
  await unit.db
    .updateTable('ride_stops')
    // Servers' clocks differ: nobody goes on before they came.
    .set(
      step.type === 'reach_stop' ? { arrived_at: at } : { left_at: sql<Date>`greatest(arrived_at, ${at})` },
    )
    .where('ride_id', '=', ride.id)
    .where('place', '=', next.place)
    .execute()
  return ok(next)
}

/** As programs read them: where, and when the car came and went, epoch ms. */
export function stopsJson(stops: readonly LoadedStop[]) {
  return stops.map(({ place, lat, lng, label, arrived_at, left_at }) => ({
    ...{ place, lat, lng, label },
    arrivedAtMs: arrived_at?.getTime() ?? null,
    leftAtMs: left_at?.getTime() ?? null,
  }))
}
