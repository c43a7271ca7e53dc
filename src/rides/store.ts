/** Rides in Postgres: each query is named by what it answers, every one within a company. */
import type { Kysely, Selectable } from 'kysely'
import type { CompanyId, DriverId, IdentityId, RegionId, RideId } from '../engine/units.ts'
import type { RideEventRow, RideRow, StopKind } from '../io/tables/rides.ts'
import type { Tables } from '../io/tables.ts'

export type LoadedRide = Selectable<RideRow>
export type LoadedRideEvent = Selectable<RideEventRow>
type Reader = Kysely<Tables>

/** The ride, locked until the unit of work ends; every change of a ride starts here, so that locks have one order. */
export function lockRide(db: Reader, companyId: CompanyId, rideId: RideId): Promise<LoadedRide | undefined> {
  return db
    .selectFrom('rides')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('id', '=', rideId)
    .forUpdate()
    .executeTakeFirst()
}

export function findRide(db: Reader, companyId: CompanyId, rideId: RideId): Promise<LoadedRide | undefined> {
  return db
    .selectFrom('rides')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('id', '=', rideId)
    .executeTakeFirst()
}

/** The rides a driver has under way; where several share the car, in the order in which the car comes to them. */
export function openRidesOfDriver(
  db: Reader,
  companyId: CompanyId,
  driverId: DriverId,
): Promise<LoadedRide[]> {
  return db
    .selectFrom('rides')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('driver_id', '=', driverId)
    .where('state', 'in', ['assigned', 'en_route', 'arrived', 'in_progress'])
    .where('ended_at', 'is', null)
    .orderBy((eb) =>
      eb
        .selectFrom('run_stops')
        .select((stop) => stop.fn.min('place').as('place'))
        .whereRef('run_stops.ride_id', '=', 'rides.id')
        .where('done_at', 'is', null),
    )
    .execute()
}

/** What a driver still has to drive of a run that riders share, in order. */
export function openStopsOfDriver(
  db: Reader,
  companyId: CompanyId,
  driverId: DriverId,
): Promise<{ ride_id: RideId; kind: StopKind }[]> {
  return db
    .selectFrom('runs')
    .innerJoin('run_stops', 'run_stops.run_id', 'runs.id')
    .select(['run_stops.ride_id', 'run_stops.kind'])
    .where('runs.company_id', '=', companyId)
    .where('runs.driver_id', '=', driverId)
    .where('runs.closed_at', 'is', null)
    .where('run_stops.done_at', 'is', null)
    .orderBy('run_stops.place')
    .execute()
}

/** What a driver drove to its end since a moment, the newest first. */
export function endedRidesOfDriver(
  db: Reader,
  companyId: CompanyId,
  { driverId, since, limit }: { driverId: DriverId; since: Date; limit: number },
): Promise<LoadedRide[]> {
  return db
    .selectFrom('rides')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('driver_id', '=', driverId)
    .where('ended_at', '>=', since)
    .orderBy('ended_at', 'desc')
    .limit(limit)
    .execute()
}

/** Rides of a region that were booked ahead and still wait for their time, the next first. */
export function bookedRides(
  db: Reader,
  companyId: CompanyId,
  { regionId, limit }: { regionId: RegionId; limit: number },
): Promise<LoadedRide[]> {
  return db
    .selectFrom('rides')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('state', '=', 'scheduled')
    .orderBy('scheduled_for')
    .orderBy('number')
    .limit(limit)
    .execute()
}

/** A rider's rides at a company that are booked ahead or have not ended, the earliest first. */
export function ridesToCome(db: Reader, companyId: CompanyId, riderId: IdentityId): Promise<LoadedRide[]> {
  return db
    .selectFrom('rides')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('rider_id', '=', riderId)
    .where('ended_at', 'is', null)
    .orderBy('requested_at')
    .limit(100)
    .execute()
}

/** What happened to a ride, in order. */
export function eventsOfRide(db: Reader, companyId: CompanyId, rideId: RideId): Promise<LoadedRideEvent[]> {
  return db
    .selectFrom('ride_events')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('ride_id', '=', rideId)
    .orderBy('version')
    .execute()
}
