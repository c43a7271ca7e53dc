/**
 * A driver's run and the rides in it: opened with the first, closed with the last. The run's row is the lock: two
 * rides that leave at once wait for each other there, or each would leave it to the other to close the run.
 */
import { sql } from 'kysely'
import { assert, type DriverId, type RideId, type RunId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { PlannedStop, StopKind } from '../io/tables/rides.ts'
import type { LoadedRide } from './store.ts'

/** How a ride joins a run that is under way. */
export interface Joining {
  readonly runId: RunId
  /** What is still to be driven, the new ride's stops among them, in order. */
  readonly stops: readonly PlannedStop[]
  /** What the driver gets for this ride in this run, minor units. */
  readonly driverMinor: number
}

/** A new run with this ride in it; of a shared one the stops are kept, for others may come in between. */
export async function openRun(
  unit: Work,
  random: Random,
  ride: LoadedRide,
  driverId: DriverId,
): Promise<void> {
  const runId = random.uuid() as RunId
  await unit.db
    .insertInto('runs')
    .values({
      company_id: ride.company_id,
      id: runId,
      driver_id: driverId,
      shared: ride.shared,
      opened_at: new Date(unit.atMs),
      closed_at: null,
    })
    .execute()
  const stops = (['pickup', 'dropoff'] as const).map((kind) => ({ rideId: ride.id, kind }))
  await putIn(unit, ride, { runId, stops: ride.shared ? stops : [] })
}

/** One more ride in a run that is under way, whose row the caller has locked (`lockRun`). */
export async function joinRun(unit: Work, ride: LoadedRide, of: Joining): Promise<void> {
  assert(ride.shared, 'only a shared ride joins others')
  const { rows } = await sql<{ after: number }>`
    SELECT coalesce(max(place) + 1, 0)::int AS after FROM run_stops
    WHERE run_id = ${of.runId} AND done_at IS NOT NULL`.execute(unit.db)
  const after = rows[0]?.after ?? 0
  for (const [n, stop] of of.stops.entries())
    if (stop.rideId !== ride.id)
      await unit.db
        .updateTable('run_stops')
        .set({ place: after + n })
        .where('run_id', '=', of.runId)
        .where('ride_id', '=', stop.rideId)
        .where('kind', '=', stop.kind)
        .execute()
  await putIn(unit, ride, of, after)
}

async function putIn(
  unit: Work,
  ride: LoadedRide,
  { runId, stops }: { readonly runId: RunId; readonly stops: readonly PlannedStop[] },
  after = 0,
): Promise<void> {
  await unit.db
    .insertInto('run_rides')
    .values({
      company_id: ride.company_id,
      run_id: runId,
      ride_id: ride.id,
      shared: ride.shared,
      joined_at: new Date(unit.atMs),
      left_at: null,
    })
    .execute()
  const own = stops.flatMap((stop, n) =>
    stop.rideId === ride.id
      ? [
          {
            company_id: ride.company_id,
            run_id: runId,
            ride_id: ride.id,
            kind: stop.kind,
            place: after + n,
            done_at: null,
          },
        ]
      : [],
  )
  if (own.length > 0) await unit.db.insertInto('run_stops').values(own).execute()
}

/** Keep a run as it is until the unit of work ends. Taken after the locks of the ride and the driver. */
export function lockRun(unit: Work, runId: RunId) {
  return unit.db.selectFrom('runs').selectAll().where('id', '=', runId).forUpdate().executeTakeFirst()
}

/** Seats of a locked shared run: those of its car for riders who share, and those taken now. */
export async function seatsOf(unit: Work, runId: RunId): Promise<{ capacity: number; onBoard: number }> {
  const { rows } = await sql<{ capacity: number; onBoard: number }>`
    SELECT min(least(vehicles.seats, regions.shared_seats))::int AS capacity,
      coalesce(sum(rides.seats) FILTER (WHERE rides.state = 'in_progress'), 0)::int AS "onBoard"
    FROM run_rides
    JOIN rides ON rides.id = run_rides.ride_id
    JOIN vehicles ON vehicles.id = rides.vehicle_id
    JOIN regions ON regions.id = rides.region_id
    WHERE run_rides.run_id = ${runId} AND run_rides.left_at IS NULL`.execute(unit.db)
  const seats = rows[0]
  assert(seats !== undefined && seats.capacity !== null, 'an open run has somebody in it')
  return seats
}

/**
 * Whether a shared rider finds a seat now: the order of the stops says so, but a driver may take them in another one.
 * The run stays locked until the unit of work ends.
 */
export async function hasSeatFor(unit: Work, ride: LoadedRide): Promise<boolean> {
  const runId = await runOf(unit, ride.id)
  if (runId === null) return true
  await lockRun(unit, runId)
  const { capacity, onBoard } = await seatsOf(unit, runId)
  return onBoard + ride.seats <= capacity
}

/**
 * A ride leaves its run; with the last the run is closed. It never ends before it began: the instant of a unit of work
 * is read before its locks, and servers' clocks differ.
 */
export async function leaveRun(unit: Work, ride: LoadedRide, outcome: 'done' | 'gone'): Promise<void> {
  const at = new Date(unit.atMs)
  const runId = await runOf(unit, ride.id)
  assert(runId !== null, 'a ride with a driver is in a run')
  await lockRun(unit, runId)
  if (outcome === 'done') await stopDone(unit, ride, 'dropoff')
  // Who was never picked up is no stop any more.
  await unit.db
    .deleteFrom('run_stops')
    .where('run_id', '=', runId)
    .where('ride_id', '=', ride.id)
    .where('done_at', 'is', null)
    .execute()
  await unit.db
    .updateTable('run_rides')
    .set({ left_at: sql`greatest(joined_at, ${at})` })
    .where('run_id', '=', runId)
    .where('ride_id', '=', ride.id)
    .where('left_at', 'is', null)
    .execute()
  await sql`
    UPDATE runs SET closed_at = greatest(opened_at, ${at}::timestamptz)
    WHERE id = ${runId} AND NOT EXISTS (
      SELECT FROM run_rides WHERE run_id = ${runId} AND left_at IS NULL)`.execute(unit.db)
}

/** The car was there: the stop is behind it. */
export async function stopDone(unit: Work, ride: LoadedRide, kind: StopKind): Promise<void> {
  await unit.db
    .updateTable('run_stops')
    .set({ done_at: new Date(unit.atMs) })
    .where('ride_id', '=', ride.id)
    .where('kind', '=', kind)
    .where('done_at', 'is', null)
    .execute()
}

async function runOf(unit: Work, rideId: RideId): Promise<RunId | null> {
  const row = await unit.db
    .selectFrom('run_rides')
    .select('run_id')
    .where('ride_id', '=', rideId)
    .where('left_at', 'is', null)
    .executeTakeFirst()
  return row?.run_id ?? null
}
