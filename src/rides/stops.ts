/** Stops between the two ends of a ride: where the car goes next, and which are behind it. */
import type { Kysely, Selectable } from 'kysely'
import type { CompanyId, LatLng, RideId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
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
