/** One more rider in a run that is under way: looked at again under the locks of the ride, the driver and the run. */
import { hasOpenRun } from '../drivers/drivers.ts'
import { sharedBaseMinor } from '../engine/fare.ts'
import { payOfRun } from '../engine/pool-fare.ts'
import { type DriverId, ok, type Result, type RunId, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { PlannedStop } from '../io/tables/rides.ts'
import type { LoadedRide } from '../rides/rides.ts'
import { type Joining, lockRun, seatsOf } from '../rides/runs.ts'
import type { LoadedOffer } from './offers.ts'

/** How a ride would go along in a run. */
export interface Join {
  readonly runId: RunId
  /** How much longer the run gets. */
  readonly addedS: number
  /** All that is still to be driven, in order. */
  readonly stops: readonly PlannedStop[]
}

/** Whether a locked driver may be asked for a ride: free, or with room in the run named. */
export async function isOpenTo(
  unit: Work,
  { driverId, ride, runId }: { driverId: DriverId; ride: LoadedRide; runId: RunId | null },
): Promise<boolean> {
  if (runId === null) return !(await hasOpenRun(unit.db, driverId))
  const run = await lockRun(unit, runId)
  return ride.shared && run?.shared === true && run.driver_id === driverId && run.closed_at === null
}

/**
 * What accepting an offer means for the driver's run by now. Stops made since the offer are behind it and riders who
 * left are out of it; the seats are counted anew along what remains.
 * @returns undefined for a run of its own: the driver is free, or the run that was meant has ended meanwhile
 */
export async function joiningOf(
  unit: Work,
  offer: LoadedOffer,
  ride: LoadedRide,
): Promise<Result<Joining | undefined, 'driver_busy' | 'no_longer_fits'>> {
  const run = offer.run_id === null ? undefined : await lockRun(unit, offer.run_id)
  if (run === undefined || run.closed_at !== null || offer.stops === null)
    return (await hasOpenRun(unit.db, offer.driver_id)) ? refuse('driver_busy') : ok(undefined)
  const open = await openStops(unit, run.id)
  const key = ({ rideId, kind }: PlannedStop) => `${kind} ${rideId}`
  const left = new Map(open.map((stop) => [key(stop), stop.seats]))
  const stops = offer.stops.filter((stop) => stop.rideId === ride.id || left.has(key(stop)))
  if (stops.length !== open.length + 2) return refuse('no_longer_fits')
  const { capacity, onBoard } = await seatsOf(unit, run.id)
  let taken = onBoard
  for (const stop of stops) {
    const seats = left.get(key(stop)) ?? ride.seats
    taken += stop.kind === 'pickup' ? seats : -seats
    if (taken > capacity) return refuse('no_longer_fits')
  }
  return ok({ runId: run.id, stops, driverMinor: await payFor(unit, run.id, ride) })
}

async function openStops(unit: Work, runId: RunId): Promise<(PlannedStop & { seats: number })[]> {
  const rows = await unit.db
    .selectFrom('run_stops')
    .innerJoin('rides', 'rides.id', 'run_stops.ride_id')
    .select(['run_stops.ride_id', 'run_stops.kind', 'rides.seats'])
    .where('run_stops.run_id', '=', runId)
    .where('run_stops.done_at', 'is', null)
    .execute()
  return rows.map((row) => ({ rideId: row.ride_id, kind: row.kind, seats: row.seats }))
}

/**
 * What the driver gets for the newcomer: the pay of the whole run less what was promised for the others in it, so that
 * the rounding is the run's. Where tariffs pay different shares, each ride has its own, as quoted.
 */
export async function payFor(unit: Work, runId: RunId, ride: LoadedRide): Promise<number> {
  const paid = await unit.db
    .selectFrom('rides')
    .innerJoin('quotes', 'quotes.id', 'rides.quote_id')
    .innerJoin('tariffs', 'tariffs.id', 'rides.tariff_id')
    // Of who has got out already, what it came to.
    .leftJoin('ride_fares', 'ride_fares.ride_id', 'rides.id')
    .select([
      'rides.id',
      'rides.fare_minor',
      'rides.driver_minor',
      'quotes.lines',
      'ride_fares.lines as final_lines',
      'tariffs.driver_share_basis_points',
    ])
    .where((eb) =>
      eb.or([
        eb('rides.id', '=', ride.id),
        eb(
          'rides.id',
          'in',
          eb.selectFrom('run_rides').select('run_rides.ride_id').where('run_rides.run_id', '=', runId),
        ).and('rides.state', 'in', ['assigned', 'en_route', 'arrived', 'in_progress', 'completed']),
      ]),
    )
    .execute()
  const share = paid[0]?.driver_share_basis_points ?? 0
  if (paid.some((row) => row.driver_share_basis_points !== share)) return ride.driver_minor
  const beforeTaxMinor = paid.map(({ fare_minor, lines, final_lines }) =>
    sharedBaseMinor({ totalMinor: fare_minor, lines: final_lines ?? lines }),
  )
  const wholeMinor = payOfRun(beforeTaxMinor, share).reduce((sum, part) => sum + part, 0)
  const promisedMinor = paid.reduce((sum, row) => sum + (row.id === ride.id ? 0 : row.driver_minor), 0)
  return Math.min(ride.fare_minor + ride.promo_minor, Math.max(0, wholeMinor - promisedMinor))
}
