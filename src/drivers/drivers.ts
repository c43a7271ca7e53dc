/** Drivers, their cars and their shifts. */
import { type Kysely, type Selectable, sql } from 'kysely'
import {
  type CompanyId,
  type DriverId,
  type IdentityId,
  ok,
  type RegionId,
  type Result,
  refuse,
  type ShiftId,
  type VehicleId,
} from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { DriverRow, ShiftRow, VehicleRow } from '../io/tables/rides.ts'
import type { Tables } from '../io/tables.ts'
import { type Hindrance, hindranceIn } from './capability.ts'
import { workingHours } from './hours.ts'

export type LoadedDriver = Selectable<DriverRow>
export type LoadedVehicle = Selectable<VehicleRow>
export type LoadedShift = Selectable<ShiftRow>
type Reader = Kysely<Tables>

/** The driver that a person is in a company, if they drive for it; not one who was deleted. */
export function driverOfIdentity(
  db: Reader,
  companyId: CompanyId,
  identityId: IdentityId,
): Promise<LoadedDriver | undefined> {
  return db
    .selectFrom('drivers')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('identity_id', '=', identityId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
}

export function findDriver(
  db: Reader,
  companyId: CompanyId,
  driverId: DriverId,
): Promise<LoadedDriver | undefined> {
  return db
    .selectFrom('drivers')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('id', '=', driverId)
    .executeTakeFirst()
}

export function findVehicle(
  db: Reader,
  companyId: CompanyId,
  vehicleId: VehicleId,
): Promise<LoadedVehicle | undefined> {
  return db
    .selectFrom('vehicles')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('id', '=', vehicleId)
    .executeTakeFirst()
}

/** The cars a driver may take out. */
export function vehiclesOfDriver(
  db: Reader,
  companyId: CompanyId,
  driverId: DriverId,
): Promise<LoadedVehicle[]> {
  return db
    .selectFrom('vehicles')
    .innerJoin('driver_vehicles', 'driver_vehicles.vehicle_id', 'vehicles.id')
    .selectAll('vehicles')
    .where('vehicles.company_id', '=', companyId)
    .where('driver_vehicles.driver_id', '=', driverId)
    .where('vehicles.deleted_at', 'is', null)
    .orderBy('vehicles.plate')
    .limit(50)
    .execute()
}

export function openShift(
  db: Reader,
  companyId: CompanyId,
  driverId: DriverId,
): Promise<LoadedShift | undefined> {
  return db
    .selectFrom('shifts')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('driver_id', '=', driverId)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
}

/** Milliseconds on shift since a moment, the open shift counted until `nowMs`. */
export async function onShiftMs(
  db: Reader,
  companyId: CompanyId,
  { driverId, sinceMs, nowMs }: { driverId: DriverId; sinceMs: number; nowMs: number },
): Promise<number> {
  const shifts = await db
    .selectFrom('shifts')
    .select(['started_at', 'ended_at'])
    .where('company_id', '=', companyId)
    .where('driver_id', '=', driverId)
    .where(sql<boolean>`coalesce(ended_at, 'infinity') > ${new Date(sinceMs)}`)
    .limit(1000)
    .execute()
  return shifts.reduce((totalMs, shift) => {
    const fromMs = Math.max(shift.started_at.getTime(), sinceMs)
    return totalMs + Math.max(0, (shift.ended_at?.getTime() ?? nowMs) - fromMs)
  }, 0)
}

export type StartRefusal =
  | 'not_your_vehicle'
  | 'vehicle_taken'
  | 'on_shift_in_another_vehicle'
  | 'hours_used'
  | Hindrance

/**
 * Go on shift in a car. Starting twice in the same car answers the running shift.
 * @returns `not_your_vehicle` for a car the driver may not take, `vehicle_taken` while somebody else is out in it,
 *   `on_shift_in_another_vehicle` while the driver is out in another one, `hours_used` until they have rested, or what
 *   keeps the driver from driving
 */
export async function startShift(
  unit: Work,
  random: Random,
  shift: {
    companyId: CompanyId
    regionId: RegionId
    driverId: DriverId
    vehicleId: VehicleId
    /** Of the page it is started on: that phone tells where the car is. Left out by programs, then any does. */
    phoneSessionId?: string
  },
): Promise<Result<LoadedShift, StartRefusal>> {
  const driver = await lockDriver(unit, shift.driverId)
  if (driver === undefined || driver.deleted_at !== null) return refuse('not_your_vehicle')
  const running = await openShift(unit.db, shift.companyId, shift.driverId)
  if (running !== undefined)
    return running.vehicle_id === shift.vehicleId ? ok(running) : refuse('on_shift_in_another_vehicle')
  const hindrance = await hindranceIn(unit, shift)
  if (hindrance !== null) return refuse(hindrance)
  const { hours } = await workingHours(unit.db, { ...shift, nowMs: unit.atMs })
  if (hours?.leftMs === 0) return refuse('hours_used')
  const own = await vehiclesOfDriver(unit.db, shift.companyId, shift.driverId)
  if (!own.some((vehicle) => vehicle.id === shift.vehicleId)) return refuse('not_your_vehicle')
  if (!(await holdVehicle(unit, shift.vehicleId))) return refuse('not_your_vehicle')
  const started = await unit.db
    .insertInto('shifts')
    .values({
      company_id: shift.companyId,
      id: random.uuid() as ShiftId,
      region_id: shift.regionId,
      driver_id: shift.driverId,
      vehicle_id: shift.vehicleId,
      started_at: new Date(unit.atMs),
      ended_at: null,
      end_reason: null,
      phone_session_id: shift.phoneSessionId ?? null,
      phone_since: shift.phoneSessionId === undefined ? null : new Date(unit.atMs),
      driven_before_s: hours?.driven == null ? null : Math.round(hours.driven.drivenMs / 1000),
      drove_until: hours?.driven == null ? null : new Date(hours.driven.droveUntilMs),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  if (started === undefined) return refuse('vehicle_taken')
  await unit.db
    .updateTable('drivers')
    .set({ lapsed_in_a_row: 0, paused_until: null })
    .where('id', '=', shift.driverId)
    .execute()
  tellShift(unit, started, 'on')
  return ok(started)
}

/**
 * Go off shift; a live offer is withdrawn, a running ride must be finished or handed back first.
 * @returns whether a shift was running, or `run_open`
 */
export async function endShift(
  unit: Work,
  { companyId, driverId, reason }: { companyId: CompanyId; driverId: DriverId; reason: string },
): Promise<Result<boolean, 'run_open'>> {
  await lockDriver(unit, driverId)
  if (await hasOpenRun(unit.db, driverId)) return refuse('run_open')
  const at = new Date(unit.atMs)
  const ended = await unit.db
    .updateTable('shifts')
    .set({ ended_at: sql`greatest(started_at, ${at})`, end_reason: reason })
    .where('company_id', '=', companyId)
    .where('driver_id', '=', driverId)
    .where('ended_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  if (ended === undefined) return ok(false)
  await closeBreak(unit, driverId)
  await withdrawOffers(unit, { companyId, driverId, regionId: ended.region_id })
  tellShift(unit, ended, 'off')
  return ok(true)
}

/** Close the open break, the driver's row locked; whether there was one. */
export async function closeBreak(unit: Work, driverId: DriverId): Promise<boolean> {
  const closed = await unit.db
    .updateTable('breaks')
    .set({ ended_at: sql`greatest(started_at, ${new Date(unit.atMs)})` })
    .where('driver_id', '=', driverId)
    .where('ended_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return closed !== undefined
}

/** Take back what a driver is asked just now, the driver's row locked; it counts against nobody. */
export async function withdrawOffers(
  unit: Work,
  { companyId, regionId, driverId }: { companyId: CompanyId; regionId: RegionId; driverId: DriverId },
): Promise<void> {
  const withdrawn = await unit.db
    .updateTable('offers')
    .set({ state: 'withdrawn', ended_at: new Date(unit.atMs) })
    .where('driver_id', '=', driverId)
    .where('state', '=', 'pending')
    .returning(['id', 'ride_id'])
    .execute()
  for (const offer of withdrawn)
    unit.tell({
      type: 'offer.changed',
      companyId,
      regionId,
      offerId: offer.id,
      rideId: offer.ride_id,
      driverId,
      state: 'withdrawn',
    })
}

/** Whether the driver has a ride to finish; sure until the unit of work ends once the driver's row is locked. */
export async function hasOpenRun(db: Reader, driverId: DriverId): Promise<boolean> {
  const run = await db
    .selectFrom('runs')
    .select('id')
    .where('driver_id', '=', driverId)
    .where('closed_at', 'is', null)
    .executeTakeFirst()
  return run !== undefined
}

/**
 * One thing at a time a driver: starting, ending, accepting and being assigned wait for each other here.
 * Taken after the ride's lock wherever both are held.
 */
export async function lockDriver(unit: Work, driverId: DriverId): Promise<LoadedDriver | undefined> {
  return unit.db.selectFrom('drivers').selectAll().where('id', '=', driverId).forUpdate().executeTakeFirst()
}

/** Keep a car in the fleet until this unit of work ends; false when it was deleted. */
async function holdVehicle(unit: Work, vehicleId: VehicleId): Promise<boolean> {
  const held = await unit.db
    .selectFrom('vehicles')
    .select('id')
    .where('id', '=', vehicleId)
    .where('deleted_at', 'is', null)
    .forKeyShare()
    .executeTakeFirst()
  return held !== undefined
}

export function tellShift(unit: Work, shift: LoadedShift, state: 'on' | 'off'): void {
  unit.tell({
    type: 'shift.changed',
    companyId: shift.company_id,
    regionId: shift.region_id,
    driverId: shift.driver_id,
    state,
  })
}
