/**
 * The safety button: a rider or driver asks the desk for help, and the desk sees where the car was in the last five
 * minutes, says that it has seen it, and closes it with words. An alert outlives restarts and its ride.
 */
import { type Selectable, sql } from 'kysely'
import { hasOpenRun } from '../engine/ride.ts'
import {
  assert,
  type CompanyId,
  type DriverId,
  type IdentityId,
  type LatLng,
  ok,
  type RegionId,
  type Result,
  type RideId,
  refuse,
} from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { SafetyAlertRow } from '../io/tables/riding.ts'
import { findRide, type LoadedRide } from '../rides/rides.ts'

export type SafetySide = 'rider' | 'driver'
export type LoadedSafetyAlert = Selectable<SafetyAlertRow>

/** What of the way the desk is shown. */
export const TRACK_MS = 5 * 60_000
/** Who got out may still ask for help for so long. */
export const AFTERWARDS_MS = 30 * 60_000
/** A fix a second for five minutes. */
const MOST_FIXES = 400

/** Whether help may be asked for about a ride: while somebody drives it, and for half an hour after. */
export function mayAskForHelp(
  ride: Pick<LoadedRide, 'state' | 'driver_id' | 'ended_at'>,
  nowMs: number,
): boolean {
  if (ride.driver_id === null) return false
  return hasOpenRun(ride.state) || nowMs - (ride.ended_at?.getTime() ?? 0) < AFTERWARDS_MS
}

/**
 * Ask the desk for help. Pressed again while it stands, it is the same alert.
 * @param asked.driverId of a driver alone: the ride must be theirs
 */
export async function raiseSafetyAlert(
  unit: Work,
  random: Random,
  asked: {
    readonly companyId: CompanyId
    readonly rideId: RideId
    readonly side: SafetySide
    readonly personId: IdentityId
    readonly driverId?: DriverId
  },
): Promise<Result<LoadedSafetyAlert, 'not_found' | 'not_allowed_now'>> {
  const { companyId, rideId, side } = asked
  const ride = await findRide(unit.db, companyId, rideId)
  if (ride === undefined || (asked.driverId !== undefined && ride.driver_id !== asked.driverId))
    return refuse('not_found')
  const standing = await openAlertOf(unit.db, rideId, side)
  if (standing !== undefined) return ok(standing)
  if (!mayAskForHelp(ride, unit.atMs)) return refuse('not_allowed_now')
  assert(ride.driver_id !== null, 'help is asked for about a ride that somebody drives')
  const raised = await unit.db
    .insertInto('safety_alerts')
    .values({
      ...{ company_id: companyId, id: random.uuid(), region_id: ride.region_id, ride_id: rideId },
      ...{ driver_id: ride.driver_id, side, raised_by: asked.personId, raised_at: new Date(unit.atMs) },
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  // Two presses at once: the other one made it.
  const alert = raised ?? (await openAlertOf(unit.db, rideId, side))
  assert(alert !== undefined, 'one of two presses makes the alert')
  if (raised !== undefined)
    await sql`
      insert into safety_fixes (alert_id, at, lat, lng)
      select ${alert.id}::uuid, at, lat, lng from ride_trails
      where company_id = ${companyId} and ride_id = ${rideId} and at > ${new Date(unit.atMs - TRACK_MS)}
      order by at desc limit ${MOST_FIXES}`.execute(unit.db)
  tellSafety(unit, alert, raised === undefined ? null : alert.id)
  return ok(alert)
}

export type DeskSafetyRefusal = 'not_found' | 'nothing_asked'

/** Somebody at the desk has it in hand; whoever asked for help reads so. The first who says so stays named. */
export async function acknowledgeAlert(
  unit: Work,
  done: { companyId: CompanyId; alertId: string; personId: IdentityId },
): Promise<Result<LoadedSafetyAlert, DeskSafetyRefusal>> {
  const alert = await lockAlert(unit, done)
  if (alert === undefined) return refuse('not_found')
  if (alert.closed_at !== null) return refuse('nothing_asked')
  if (alert.seen_at !== null) return ok(alert)
  return ok(await change(unit, alert, { seen_at: new Date(unit.atMs), seen_by: done.personId }))
}

/** It is over, and how: the words are kept, for the company alone. */
export async function closeAlert(
  unit: Work,
  done: { companyId: CompanyId; alertId: string; personId: IdentityId; words: string },
): Promise<Result<LoadedSafetyAlert, DeskSafetyRefusal>> {
  const alert = await lockAlert(unit, done)
  if (alert === undefined) return refuse('not_found')
  if (alert.closed_at !== null) return refuse('nothing_asked')
  const at = new Date(unit.atMs)
  const seen = alert.seen_at === null ? { seen_at: at, seen_by: done.personId } : {}
  return ok(
    await change(unit, alert, { ...seen, closed_at: at, closed_by: done.personId, words: done.words }),
  )
}

/** The newest alert of one side about a ride, for that side's page. */
export function newestAlertOf(
  db: Db | Work['db'],
  ride: Pick<LoadedRide, 'company_id' | 'id'>,
  side: SafetySide,
): Promise<LoadedSafetyAlert | undefined> {
  return db
    .selectFrom('safety_alerts')
    .selectAll()
    .where('company_id', '=', ride.company_id)
    .where('ride_id', '=', ride.id)
    .where('side', '=', side)
    .orderBy('raised_at', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** All alerts of a ride, the newest first. */
export function alertsOfRide(db: Db, companyId: CompanyId, rideId: RideId): Promise<LoadedSafetyAlert[]> {
  return db
    .selectFrom('safety_alerts')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('ride_id', '=', rideId)
    .orderBy('raised_at', 'desc')
    .limit(20)
    .execute()
}

/** Where the car was in the five minutes before, in order. */
export async function trackOf(db: Db, alertId: string): Promise<(LatLng & { readonly atMs: number })[]> {
  const rows = await db
    .selectFrom('safety_fixes')
    .select(['at', 'lat', 'lng'])
    .where('alert_id', '=', alertId)
    .orderBy('at')
    .limit(MOST_FIXES)
    .execute()
  return rows.map(({ at, lat, lng }) => ({ atMs: at.getTime(), lat, lng }))
}

/** What stands open in a region, who has not been seen first, then the oldest. */
export function openAlerts(db: Db, companyId: CompanyId, regionId: RegionId) {
  return db
    .selectFrom('safety_alerts as a')
    .innerJoin('rides as r', 'r.id', 'a.ride_id')
    .innerJoin('drivers as d', 'd.id', 'a.driver_id')
    .select(['a.id', 'a.ride_id', 'a.side', 'a.raised_at', 'a.seen_at', 'd.call_sign', 'r.pickup_label'])
    .select(['r.dropoff_label', 'r.state'])
    .where('a.company_id', '=', companyId)
    .where('a.region_id', '=', regionId)
    .where('a.closed_at', 'is', null)
    .orderBy(sql`a.seen_at is not null`)
    .orderBy('a.raised_at')
    .limit(50)
    .execute()
}

function openAlertOf(db: Work['db'], rideId: RideId, side: SafetySide) {
  return db
    .selectFrom('safety_alerts')
    .selectAll()
    .where('ride_id', '=', rideId)
    .where('side', '=', side)
    .where('closed_at', 'is', null)
    .executeTakeFirst()
}

function lockAlert(unit: Work, { companyId, alertId }: { companyId: CompanyId; alertId: string }) {
  return unit.db
    .selectFrom('safety_alerts')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('id', '=', alertId)
    .forUpdate()
    .executeTakeFirst()
}

async function change(
  unit: Work,
  alert: LoadedSafetyAlert,
  to: Partial<LoadedSafetyAlert>,
): Promise<LoadedSafetyAlert> {
  const changed = await unit.db
    .updateTable('safety_alerts')
    .set(to)
    .where('id', '=', alert.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  tellSafety(unit, changed, null)
  return changed
}

function tellSafety(unit: Work, alert: LoadedSafetyAlert, raisedId: string | null): void {
  unit.tell({
    type: 'ride.noted',
    ...{ companyId: alert.company_id, regionId: alert.region_id, rideId: alert.ride_id },
    ...{ driverId: alert.driver_id, alertId: raisedId },
  })
}
