/** Who is on shift, in which car, and whether free: read from the database, which alone knows. */
import { type Kysely, sql } from 'kysely'
import { drivesUntilMs } from '../drivers/capability.ts'
import { type BreakRow, breakNow, breaksOfOpenShifts, limitOf, shiftHours } from '../drivers/hours.ts'
import type { TravelModel } from '../engine/eta.ts'
import type { RideState } from '../engine/ride.ts'
import { hoursAt } from '../engine/shift.ts'
import type {
  CompanyId,
  DriverId,
  IdentityId,
  LatLng,
  RegionId,
  RideId,
  VehicleClass,
  VehicleId,
} from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'
import type { RideUnderWay } from './drop-offs.ts'
import { loadSharedRuns, type SharedRun } from './shared-runs.ts'

/** One driver on shift, as the dispatch engine and the board need to know them. */
export interface Duty {
  readonly companyId: CompanyId
  readonly regionId: RegionId
  readonly driverId: DriverId
  readonly identityId: IdentityId
  readonly callSign: string
  readonly driverName: string
  readonly vehicleId: VehicleId
  readonly vehicleClass: VehicleClass
  readonly seats: number
  readonly attributes: number
  readonly plate: string
  readonly makeModel: string
  readonly colour: string
  readonly shiftStartedAtMs: number
  /** The session whose phone tells where the car is; null where none in particular does. It may be over by now. */
  readonly phoneSessionId: string | null
  /** Since when nobody is driven: the last drop-off of the shift, else its start. A ride that fell through changes nothing. */
  readonly idleSinceMs: number
  readonly pausedUntilMs: number | null
  /** Until when the driver may drive: 0 when not now, null without an end. */
  readonly drivesUntilMs: number | null
  /** Since when they want, or have, a break; null without one. Nothing is offered meanwhile. */
  readonly breakSinceMs: number | null
  /** When they have driven as long as one may before a rest; null on a break, or where nobody counts. */
  readonly hoursEndAtMs: number | null
  readonly rideId: RideId | null
  readonly rideState: RideState | null
  /** Since when the rider of the ride is in the car; null before. */
  readonly boardedAtMs: number | null
  /** Where the rider of a ride alone is picked up, while that is ahead. */
  readonly pickup: LatLng | null
  /** The ride while the rider is in the car. */
  readonly onBoard: RideUnderWay | null
  readonly hasOffer: boolean
  /** How fast one drives in the region. */
  readonly travel: TravelModel
  /** Where riders share the car; `rideId` is then the ride of the next stop. */
  readonly shared: SharedRun | null
}

/** The rides a driver has under way, and since when each rider is in the car. */
export function ridesOf(duty: Duty): { rideId: RideId; boardedAtMs: number | null }[] {
  if (duty.rideId === null) return []
  const { rideId, boardedAtMs, shared } = duty
  // Everybody under way has their drop-off ahead, once.
  return shared === null ? [{ rideId, boardedAtMs }] : shared.stops.filter((stop) => stop.kind === 'dropoff')
}

/** Whom a driver is on the way to or waits for, and where. */
export function pickupsOf(duty: Duty): { rideId: RideId; at: LatLng }[] {
  const { rideId, pickup, shared } = duty
  if (shared !== null) return shared.stops.filter((stop) => stop.kind === 'pickup')
  return rideId === null || pickup === null ? [] : [{ rideId, at: pickup }]
}

/**
 * The open shifts of all regions, or of the drivers named.
 * @param nowMs from which the hours that are left are counted
 * @param driverIds a driver that is asked for and missing from the answer is off shift
 */
export async function loadDuty(
  db: Kysely<Tables>,
  nowMs: number,
  driverIds?: readonly DriverId[],
): Promise<Duty[]> {
  let query = db
    .selectFrom('shifts')
    .innerJoin('drivers', 'drivers.id', 'shifts.driver_id')
    .innerJoin('vehicles', 'vehicles.id', 'shifts.vehicle_id')
    .leftJoin('rides', (join) =>
      join
        .onRef('rides.driver_id', '=', 'shifts.driver_id')
        .on('rides.state', 'in', ['assigned', 'en_route', 'arrived', 'in_progress'])
        .on('rides.shared', '=', false),
    )
    .leftJoin('offers', (join) =>
      join.onRef('offers.driver_id', '=', 'shifts.driver_id').on('offers.state', '=', 'pending'),
    )
    .innerJoin('companies', 'companies.id', 'shifts.company_id')
    .innerJoin('regions', 'regions.id', 'shifts.region_id')
    .leftJoin('licences', (join) =>
      join
        .onRef('licences.company_id', '=', 'drivers.company_id')
        .onRef('licences.identity_id', '=', 'drivers.identity_id')
        .on('licences.state', '=', 'approved'),
    )
    .select([
      'companies.licence_check',
      'regions.time_zone',
      'regions.circuity',
      'regions.speed_mps',
      'regions.drive_limit_s',
      'regions.rest_s',
      'licences.expires_on',
      'drivers.disabled_at',
      'drivers.held_at',
      'drivers.stopped_at',
      'shifts.company_id',
      'shifts.region_id',
      'shifts.driver_id',
      'shifts.id as shift_id',
      'shifts.started_at',
      'shifts.ended_at',
      'shifts.driven_before_s',
      'shifts.phone_session_id',
      'shifts.drove_until',
      'drivers.identity_id',
      'drivers.call_sign',
      'drivers.name',
      'drivers.paused_until',
      'vehicles.id as vehicle_id',
      'vehicles.class',
      'vehicles.seats',
      'vehicles.attributes',
      'vehicles.plate',
      'vehicles.make_model',
      'vehicles.colour',
      'rides.id as ride_id',
      'rides.state as ride_state',
      'rides.boarded_at',
      'rides.pickup_lat',
      'rides.pickup_lng',
      'rides.dropoff_lat',
      'rides.dropoff_lng',
      'rides.duration_s',
      'offers.id as offer_id',
      sql<Date>`greatest(shifts.started_at, (
        SELECT max(driven.ended_at) FROM rides AS driven
        WHERE driven.driver_id = shifts.driver_id AND driven.state = 'completed'
          AND driven.ended_at > shifts.started_at
      ))`.as('idle_since'),
    ])
    .where('shifts.ended_at', 'is', null)
  if (driverIds !== undefined) query = query.where('shifts.driver_id', 'in', [...driverIds])
  const [rows, sharedRuns, breaks, stops] = await Promise.all([
    query.execute(),
    loadSharedRuns(db, driverIds),
    breaksOfOpenShifts(db, driverIds),
    stopsAhead(db, driverIds),
  ])
  return rows.map((row) => ({
    companyId: row.company_id,
    regionId: row.region_id,
    driverId: row.driver_id,
    identityId: row.identity_id,
    callSign: row.call_sign,
    driverName: row.name,
    vehicleId: row.vehicle_id,
    vehicleClass: row.class,
    phoneSessionId: row.phone_session_id,
    seats: row.seats,
    attributes: row.attributes,
    plate: row.plate,
    makeModel: row.make_model,
    colour: row.colour,
    shiftStartedAtMs: row.started_at.getTime(),
    idleSinceMs: row.idle_since.getTime(),
    pausedUntilMs: row.paused_until?.getTime() ?? null,
    drivesUntilMs: drivesUntilMs(row),
    ...hoursOf(row, breaks.get(row.shift_id) ?? [], nowMs),
    ...underWay(row, sharedRuns.get(row.driver_id) ?? null),
    pickup:
      row.boarded_at !== null || row.pickup_lat === null || row.pickup_lng === null
        ? null
        : { lat: row.pickup_lat, lng: row.pickup_lng },
    onBoard: onBoardOf(row, row.ride_id === null ? [] : (stops.get(row.ride_id) ?? [])),
    hasOffer: row.offer_id !== null,
    travel: { circuity: row.circuity, speedMps: row.speed_mps },
  }))
}

/** Where cars with somebody on board stop before the end of the ride, by ride, in order. */
async function stopsAhead(
  db: Kysely<Tables>,
  driverIds: readonly DriverId[] | undefined,
): Promise<Map<RideId, LatLng[]>> {
  const rows = await db
    .selectFrom('ride_stops')
    .innerJoin('rides', 'rides.id', 'ride_stops.ride_id')
    .select(['ride_stops.ride_id', 'ride_stops.lat', 'ride_stops.lng'])
    .where('rides.state', '=', 'in_progress')
    .where('rides.ended_at', 'is', null)
    .where('ride_stops.left_at', 'is', null)
    .$if(driverIds !== undefined, (query) => query.where('rides.driver_id', 'in', [...driverIds!]))
    .orderBy('ride_stops.place')
    .execute()
  const stops = new Map<RideId, LatLng[]>()
  for (const { ride_id, lat, lng } of rows) stops.set(ride_id, [...(stops.get(ride_id) ?? []), { lat, lng }])
  return stops
}

function onBoardOf(
  row: {
    ride_state: RideState | null
    boarded_at: Date | null
    dropoff_lat: number | null
    dropoff_lng: number | null
    duration_s: number | null
  },
  by: readonly LatLng[],
): RideUnderWay | null {
  const { boarded_at, dropoff_lat, dropoff_lng, duration_s } = row
  if (row.ride_state !== 'in_progress' || boarded_at === null) return null
  if (dropoff_lat === null || dropoff_lng === null || duration_s === null) return null
  return {
    boardedAtMs: boarded_at.getTime(),
    by,
    dropoff: { lat: dropoff_lat, lng: dropoff_lng },
    durationS: duration_s,
  }
}

function underWay(
  alone: { ride_id: RideId | null; ride_state: RideState | null; boarded_at: Date | null },
  shared: SharedRun | null,
): Pick<Duty, 'rideId' | 'rideState' | 'boardedAtMs' | 'shared'> {
  const next = shared?.stops[0]
  if (next !== undefined)
    return { rideId: next.rideId, rideState: next.state, boardedAtMs: next.boardedAtMs, shared }
  const boardedAtMs = alone.boarded_at?.getTime() ?? null
  return { rideId: alone.ride_id, rideState: alone.ride_state, boardedAtMs, shared: null }
}

function hoursOf(
  row: Parameters<typeof shiftHours>[0] & Parameters<typeof limitOf>[0],
  breaks: readonly BreakRow[],
  nowMs: number,
): Pick<Duty, 'breakSinceMs' | 'hoursEndAtMs'> {
  const rules = limitOf(row)
  return {
    breakSinceMs: breakNow(breaks)?.askedAtMs ?? null,
    hoursEndAtMs: rules === null ? null : hoursAt(shiftHours(row, breaks), rules, nowMs).endsAtMs,
  }
}
