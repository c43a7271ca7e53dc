/** Cars that several riders share: what each still has to drive, in order, and what was promised to whom. */
import { type Kysely, sql } from 'kysely'
import type { RideState } from '../engine/ride.ts'
import type { DriverId, LatLng, RideId, RunId } from '../engine/units.ts'
import type { StopKind } from '../io/tables/rides.ts'
import type { Tables } from '../io/tables.ts'

export interface SharedStop {
  readonly rideId: RideId
  readonly kind: StopKind
  readonly at: LatLng
  readonly seats: number
  readonly latestAtMs: number
  readonly state: RideState
  readonly boardedAtMs: number | null
}

export interface SharedRun {
  readonly runId: RunId
  /** Of the car, for shared riders. */
  readonly seats: number
  /** Still to be driven, in order; never empty. */
  readonly stops: readonly SharedStop[]
}

/** The open shared runs, of all drivers or of those named. */
export async function loadSharedRuns(
  db: Kysely<Tables>,
  driverIds?: readonly DriverId[],
): Promise<Map<DriverId, SharedRun>> {
  let query = db
    .selectFrom('runs')
    .innerJoin('run_stops', 'run_stops.run_id', 'runs.id')
    .innerJoin('rides', 'rides.id', 'run_stops.ride_id')
    .innerJoin('vehicles', 'vehicles.id', 'rides.vehicle_id')
    .innerJoin('regions', 'regions.id', 'rides.region_id')
    .select([
      'runs.id as run_id',
      'runs.driver_id',
      'run_stops.ride_id',
      'run_stops.kind',
      'rides.seats',
      'rides.state',
      'rides.boarded_at',
      'rides.pickup_lat',
      'rides.pickup_lng',
      'rides.dropoff_lat',
      'rides.dropoff_lng',
      'rides.latest_pickup_at',
      'rides.latest_dropoff_at',
      sql<number>`least(vehicles.seats, regions.shared_seats)`.as('car_seats'),
    ])
    .where('runs.closed_at', 'is', null)
    .where('runs.shared', '=', true)
    .where('run_stops.done_at', 'is', null)
  if (driverIds !== undefined) query = query.where('runs.driver_id', 'in', [...driverIds])
  const rows = await query.orderBy('run_stops.run_id').orderBy('run_stops.place').execute()
  const runs = new Map<DriverId, { runId: RunId; seats: number; stops: SharedStop[] }>()
  for (const row of rows) {
    const run = runs.get(row.driver_id) ?? { runId: row.run_id, seats: row.car_seats, stops: [] }
    const isPickup = row.kind === 'pickup'
    run.stops.push({
      rideId: row.ride_id,
      kind: row.kind,
      at: isPickup
        ? { lat: row.pickup_lat, lng: row.pickup_lng }
        : { lat: row.dropoff_lat, lng: row.dropoff_lng },
      seats: row.seats,
      latestAtMs: (isPickup ? row.latest_pickup_at : row.latest_dropoff_at)!.getTime(),
      state: row.state,
      boardedAtMs: row.boarded_at?.getTime() ?? null,
    })
    runs.set(row.driver_id, run)
  }
  return runs
}

/** The stop a ride waits for next: its pickup until the rider is on board. */
export function nextStopOf(run: Pick<SharedRun, 'stops'>, rideId: RideId): number {
  return run.stops.findIndex((stop) => stop.rideId === rideId)
}
