/**
 * The last hours of a region: where its cars were, kept every fifteen seconds for six hours, and its rides as they were
 * at an instant, read from their events. Any process keeps a moment; the first one does, the others find it kept.
 */
import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { Region } from '../companies/companies.ts'
import { FRAME_STATES, type FrameCar, packFrame, type RideMoment, unpackFrame } from '../engine/past.ts'
import type { DriverId, LatLng, RideId } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import type { Db } from '../io/postgres.ts'
import type { Tables } from '../io/tables.ts'
import type { Fleet } from '../positions/fleet.ts'
import { referenceOf } from '../rides/rides.ts'
import { driverNames } from './store.ts'

/** As often as a car on a street has turned a corner. */
export const FRAME_EVERY_MS = 15_000
/** A shift's last hours; where people were longer ago is nobody's business. */
export const PAST_KEPT_MS = 6 * 3_600_000
/** As much as one answer carries. */
export const PAST_SPAN_MS = 5 * 60_000
const MOST_RIDES = 2_000

/** Keep this moment of every region that has cars on shift. @returns how many were new */
export async function keepFrames(deps: {
  readonly db: Db
  readonly clock: Clock
  readonly fleet: Pick<Fleet, 'cars' | 'stateOf'>
  readonly regions: readonly Region[]
}): Promise<number> {
  const nowMs = Math.floor(deps.clock.nowMs())
  let kept = 0
  for (const region of deps.regions) {
    const cars = framesCars(deps.fleet, region)
    if (cars.length === 0) continue
    const { numInsertedOrUpdatedRows } = await deps.db
      .insertInto('fleet_frames')
      .values({
        ...{ company_id: region.companyId, region_id: region.id, at: new Date(nowMs), cars: cars.length },
        slot: Math.floor(nowMs / FRAME_EVERY_MS),
        frame: Buffer.from(packFrame(cars)),
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    kept += Number(numInsertedOrUpdatedRows ?? 0n)
  }
  return kept
}

function framesCars(fleet: Pick<Fleet, 'cars' | 'stateOf'>, region: Region): FrameCar[] {
  const cars: FrameCar[] = []
  for (const car of fleet.cars(region.id)) {
    if (car.position === null) continue
    const { lat, lng, headingDeg } = car.position
    const state = fleet.stateOf(car)
    cars.push({
      driverId: car.duty.driverId,
      lat,
      lng,
      headingDeg,
      state: state === 'paused' ? 'break' : state,
    })
  }
  return cars
}

/** Forget moments past their time. */
export async function forgetOldFrames(db: Kysely<Tables>, nowMs: number): Promise<void> {
  await db
    .deleteFrom('fleet_frames')
    .where('at', '<', new Date(nowMs - PAST_KEPT_MS))
    .execute()
}

export interface PastRide {
  readonly id: RideId
  readonly reference: string
  readonly riderName: string
  readonly from: LatLng & { readonly label: string }
  readonly to: LatLng & { readonly label: string }
  /** In the order of time. */
  readonly moments: readonly RideMoment[]
}

export interface Past {
  /** The oldest and the newest moment kept; null where there is none. */
  readonly kept: { readonly fromMs: number; readonly untilMs: number } | null
  readonly frames: readonly { readonly atMs: number; readonly cars: readonly FrameCar[] }[]
  readonly rides: readonly PastRide[]
  readonly drivers: ReadonlyMap<DriverId, { readonly callSign: string; readonly name: string }>
  /** More rides went on than are told. */
  readonly hasMore: boolean
}

/**
 * What went on from one instant to another, at most `PAST_SPAN_MS` later: the moments of the cars within, with the last
 * one before so that there is a picture from the start; and the rides that were open at any time of it.
 */
export async function readPast(
  db: Kysely<Tables>,
  region: Region,
  span: { readonly fromMs: number; readonly untilMs: number },
): Promise<Past> {
  const fromMs = span.fromMs
  const untilMs = Math.min(span.untilMs, fromMs + PAST_SPAN_MS)
  const [kept, rows, rides] = await Promise.all([
    keptOf(db, region),
    db
      .selectFrom('fleet_frames')
      .select(['at', 'frame'])
      .where('company_id', '=', region.companyId)
      .where('region_id', '=', region.id)
      // By the slot alone, which the key is ordered by; two before, for a chore may come late.
      .where('slot', '>=', Math.floor(fromMs / FRAME_EVERY_MS) - 2)
      .where('slot', '<=', Math.floor(untilMs / FRAME_EVERY_MS))
      .orderBy('slot')
      .execute(),
    ridesBetween(db, region, { fromMs, untilMs }),
  ])
  const frames = rows.flatMap(({ at, frame }) => {
    const cars = unpackFrame(frame)
    return cars === null || at.getTime() > untilMs ? [] : [{ atMs: at.getTime(), cars }]
  })
  const begins = Math.max(
    0,
    frames.findLastIndex(({ atMs }) => atMs <= fromMs),
  )
  const drivers = await driverNames(db, region.companyId, [
    ...new Set([
      ...frames.flatMap(({ cars }) => cars.map(({ driverId }) => driverId)),
      ...rides.flatMap(({ moments }) => moments.flatMap(({ driverId }) => driverId ?? [])),
    ]),
  ])
  return {
    kept,
    frames: frames.slice(begins),
    rides: rides.slice(0, MOST_RIDES),
    drivers,
    hasMore: rides.length > MOST_RIDES,
  }
}

/** The oldest and the newest moment there is of a region; null for none. */
export async function keptOf(db: Kysely<Tables>, region: Region): Promise<Past['kept']> {
  const bounds = await db
    .selectFrom('fleet_frames')
    .select(({ fn }) => [fn.min('at').as('first'), fn.max('at').as('last')])
    .where('company_id', '=', region.companyId)
    .where('region_id', '=', region.id)
    .executeTakeFirst()
  if (bounds?.first == null || bounds.last == null) return null
  return { fromMs: bounds.first.getTime(), untilMs: bounds.last.getTime() }
}

async function ridesBetween(
  db: Kysely<Tables>,
  region: Region,
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
): Promise<PastRide[]> {
  const rides = await db
    .selectFrom('rides')
    .select(['id', 'number', 'rider_name', 'pickup_lat', 'pickup_lng', 'pickup_label'])
    .select(['dropoff_lat', 'dropoff_lng', 'dropoff_label'])
    .where('company_id', '=', region.companyId)
    .where('region_id', '=', region.id)
    .where('requested_at', '<=', new Date(untilMs))
    .where((eb) => eb.or([eb('ended_at', 'is', null), eb('ended_at', '>=', new Date(fromMs))]))
    .orderBy('requested_at', 'desc')
    .limit(MOST_RIDES + 1)
    .execute()
  if (rides.length === 0) return []
  const events = await db
    .selectFrom('ride_events')
    .select(['ride_id', 'to_state', 'at', 'driver_id', 'type'])
    .where('company_id', '=', region.companyId)
    .where(sql<boolean>`ride_id = any(${rides.map(({ id }) => id)}::uuid[])`)
    .where('at', '<=', new Date(untilMs))
    .orderBy('ride_id')
    .orderBy('version')
    .execute()
  const byRide = Map.groupBy(events, ({ ride_id }) => ride_id)
  return rides.map((ride) => ({
    ...{ id: ride.id, reference: referenceOf(ride), riderName: ride.rider_name },
    from: { lat: ride.pickup_lat, lng: ride.pickup_lng, label: ride.pickup_label },
    to: { lat: ride.dropoff_lat, lng: ride.dropoff_lng, label: ride.dropoff_label },
    moments: (byRide.get(ride.id) ?? []).map(({ to_state, at, driver_id, type }) => ({
      ...{ atMs: at.getTime(), state: to_state },
      // The event of a release still names whom it was taken from.
      driverId: to_state === 'requested' || type === 'release' ? null : driver_id,
    })),
  }))
}

/** The same as a program and the page's script read it: cars as numbers, drivers once. */
export function pastJson({ kept, frames, rides, drivers, hasMore }: Past) {
  const ids = [...new Set(frames.flatMap(({ cars }) => cars.map(({ driverId }) => driverId)))]
  const numbers = new Map(ids.map((id, n) => [id, n]))
  return {
    kept,
    states: FRAME_STATES,
    drivers: ids.map((id) => ({
      id,
      callSign: drivers.get(id)?.callSign ?? '',
      name: drivers.get(id)?.name ?? '',
    })),
    // Number of the driver, latitude and longitude × 10⁶, heading, number of the state.
    frames: frames.map(({ atMs, cars }) => ({
      atMs,
      cars: cars.map((car) => [
        ...[numbers.get(car.driverId)!, Math.round(car.lat * 1e6), Math.round(car.lng * 1e6), car.headingDeg],
        FRAME_STATES.indexOf(car.state),
      ]),
    })),
    rides: rides.map(({ moments, ...ride }) => ({
      ...ride,
      moments: moments.map(({ atMs, state, driverId }) => ({
        ...{ atMs, state, driverId },
        callSign: driverId === null ? null : (drivers.get(driverId)?.callSign ?? null),
      })),
    })),
    hasMore,
  }
}
