/**
 * What the pickup watchdog said of a car, in Postgres: raised and ended by whoever holds the region, put off by the
 * driver who says that they are on their way, or by the desk. The instant at which it acts stands in the row, so a
 * restart or another holder keeps it.
 */
import { type Selectable, sql } from 'kysely'
import {
  type CompanyId,
  type DriverId,
  ok,
  type RegionId,
  type Result,
  type RideId,
  refuse,
} from '../engine/units.ts'
import { type Trouble, WATCH_TERMS } from '../engine/watchdog.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { AlarmOutcome, PickupAlarmRow } from '../io/tables/watching.ts'
import { changeRide, type LoadedRide, lockRide, SYSTEM } from '../rides/rides.ts'
import { isOnItsWay } from './swaps.ts'

export type LoadedAlarm = Selectable<PickupAlarmRow>

/** Why the ride left its driver, in its events: what the desk reads, and the old driver. */
export const WATCHDOG_REASONS: Readonly<Record<Trouble, string>> = {
  dark: 'the car went dark',
  stalled: 'the car stood still',
  retreating: 'the car drove away',
}

/** A driver's page says for so long that the watchdog took their ride. */
const TAKEN_SAID_MS = 5 * 60_000

export interface WatchedRide {
  readonly companyId: CompanyId
  readonly regionId: RegionId
  readonly rideId: RideId
  readonly driverId: DriverId
}

/** Say that something is wrong with the car of a ride; null when the ride has moved on, or it was said already. */
export async function raiseAlarm(
  unit: Work,
  random: Random,
  raised: WatchedRide & { kind: Trouble; sinceMs: number; actsAtMs: number },
): Promise<LoadedAlarm | null> {
  const { companyId, regionId, rideId, driverId, kind } = raised
  const ride = await lockRide(unit.db, companyId, rideId)
  if (ride === undefined || !isOnItsWay(ride, driverId)) return null
  const made = await unit.db
    .insertInto('pickup_alarms')
    .values({
      ...{
        company_id: companyId,
        id: random.uuid(),
        region_id: regionId,
        ride_id: rideId,
        driver_id: driverId,
      },
      kind,
      since_at: new Date(Math.min(raised.sinceMs, unit.atMs)),
      raised_at: new Date(unit.atMs),
      acts_at: new Date(Math.max(raised.actsAtMs, unit.atMs)),
      ...{ answered_at: null, left_at: null, ended_at: null, outcome: null },
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  if (made === undefined) return null
  tellAlarm(unit, raised)
  return made
}

/** It is over; false when somebody ended it before. */
export async function endAlarm(unit: Work, alarm: LoadedAlarm, outcome: AlarmOutcome): Promise<boolean> {
  const ended = await unit.db
    .updateTable('pickup_alarms')
    .set({ ended_at: new Date(unit.atMs), outcome })
    .where('id', '=', alarm.id)
    .where('ended_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  if (ended !== undefined) tellAlarm(unit, watchedOf(alarm))
  return ended !== undefined
}

/**
 * Take the ride from a car that did not get better in time. Looks again under the ride's lock: the driver may have
 * answered, arrived or handed it back in this moment.
 * @returns the ride as it waits again, or null when there is no reason any more
 */
export async function reassign(unit: Work, random: Random, alarm: LoadedAlarm): Promise<LoadedRide | null> {
  const ride = await lockRide(unit.db, alarm.company_id, alarm.ride_id)
  if (ride === undefined || !isOnItsWay(ride, alarm.driver_id)) return null
  const due = await unit.db
    .selectFrom('pickup_alarms')
    .select('id')
    .where('id', '=', alarm.id)
    .where('ended_at', 'is', null)
    .where('acts_at', '<=', new Date(unit.atMs))
    .forUpdate()
    .executeTakeFirst()
  if (due === undefined) return null
  const released = await changeRide(unit, random, {
    companyId: alarm.company_id,
    rideId: alarm.ride_id,
    event: { type: 'release' },
    actor: SYSTEM,
    reason: WATCHDOG_REASONS[alarm.kind],
  })
  if (!released.ok) return null
  await endAlarm(unit, alarm, 'reassigned')
  return released.value
}

export type AnswerRefusal = 'not_found' | 'nothing_asked' | 'answered_enough'

/**
 * The driver says that they are on their way, which gives them a while longer.
 * @returns `nothing_asked` when nothing is said of the car by now, `answered_enough` when only moving helps
 */
export async function answerAlarm(
  unit: Work,
  answered: { companyId: CompanyId; rideId: RideId; driverId: DriverId },
): Promise<Result<LoadedAlarm, AnswerRefusal>> {
  const { companyId, rideId, driverId } = answered
  const ride = await lockRide(unit.db, companyId, rideId)
  if (ride === undefined || ride.driver_id !== driverId) return refuse('not_found')
  const alarm = await liveAlarmOf(unit.db, ride)
  if (alarm === undefined) return refuse('nothing_asked')
  if ((await answersLeft(unit.db, alarm)) === 0) return refuse('answered_enough')
  const changed = await putOff(unit, alarm, WATCH_TERMS.answerS, {
    answers: alarm.answers + 1,
    answered_at: new Date(unit.atMs),
  })
  return changed === undefined ? refuse('nothing_asked') : ok(changed)
}

/** How often the driver of an alarm may still say so; what they said on the same ride before counts. */
export async function answersLeft(
  db: Db | Work['db'],
  alarm: Pick<LoadedAlarm, 'ride_id' | 'driver_id'>,
): Promise<number> {
  const { given } = await db
    .selectFrom('pickup_alarms')
    .select(sql<number>`coalesce(sum(answers), 0)::int`.as('given'))
    .where('ride_id', '=', alarm.ride_id)
    .where('driver_id', '=', alarm.driver_id)
    .executeTakeFirstOrThrow()
  return Math.max(0, WATCH_TERMS.answersMost - given)
}

/** The desk leaves the ride with its car for a while, whatever the watchdog says of it. */
export async function leaveWithCar(
  unit: Work,
  left: { companyId: CompanyId; rideId: RideId },
): Promise<Result<LoadedAlarm, 'not_found' | 'nothing_asked'>> {
  const ride = await lockRide(unit.db, left.companyId, left.rideId)
  if (ride === undefined) return refuse('not_found')
  const alarm = await liveAlarmOf(unit.db, ride)
  if (alarm === undefined) return refuse('nothing_asked')
  const changed = await putOff(unit, alarm, WATCH_TERMS.deskS, { left_at: new Date(unit.atMs) })
  return changed === undefined ? refuse('nothing_asked') : ok(changed)
}

/** Act later: so many seconds from now, and never sooner than it would have. */
async function putOff(
  unit: Work,
  alarm: LoadedAlarm,
  seconds: number,
  said: { answers?: number; answered_at?: Date; left_at?: Date },
): Promise<LoadedAlarm | undefined> {
  const changed = await unit.db
    .updateTable('pickup_alarms')
    .set({ ...said, acts_at: new Date(Math.max(alarm.acts_at.getTime(), unit.atMs + seconds * 1_000)) })
    .where('id', '=', alarm.id)
    .where('ended_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  if (changed !== undefined) tellAlarm(unit, watchedOf(changed))
  return changed
}

/** What is said of the car of this ride now; nothing of a ride that is not on its way, or of a car before it. */
export async function liveAlarmOf(
  db: Db | Work['db'],
  ride: Pick<LoadedRide, 'company_id' | 'id' | 'state' | 'driver_id'>,
): Promise<LoadedAlarm | undefined> {
  if (ride.driver_id === null || !isOnItsWay(ride, ride.driver_id)) return undefined
  return await db
    .selectFrom('pickup_alarms')
    .selectAll()
    .where('company_id', '=', ride.company_id)
    .where('ride_id', '=', ride.id)
    .where('driver_id', '=', ride.driver_id)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
}

/** Everything that is said in a region now. */
export function liveAlarms(
  db: Db,
  { companyId, regionId }: { companyId: CompanyId; regionId: RegionId },
): Promise<LoadedAlarm[]> {
  return db
    .selectFrom('pickup_alarms')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('ended_at', 'is', null)
    .orderBy('acts_at')
    .execute()
}

/** Everything that was said about a ride, in order. */
export function alarmsOfRide(db: Db, companyId: CompanyId, rideId: RideId): Promise<LoadedAlarm[]> {
  return db
    .selectFrom('pickup_alarms')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('ride_id', '=', rideId)
    .orderBy('raised_at')
    .limit(100)
    .execute()
}

/** The ride that the watchdog took from a driver a moment ago, for their page; undefined after some minutes. */
export function takenFromDriver(
  db: Db,
  companyId: CompanyId,
  { driverId, nowMs }: { driverId: DriverId; nowMs: number },
): Promise<LoadedAlarm | undefined> {
  return db
    .selectFrom('pickup_alarms')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('driver_id', '=', driverId)
    .where('ended_at', '>', new Date(nowMs - TAKEN_SAID_MS))
    .where('outcome', '=', 'reassigned')
    .orderBy('ended_at', 'desc')
    .executeTakeFirst()
}

function watchedOf(alarm: LoadedAlarm): WatchedRide {
  return {
    companyId: alarm.company_id,
    regionId: alarm.region_id,
    rideId: alarm.ride_id,
    driverId: alarm.driver_id,
  }
}

function tellAlarm(unit: Work, { companyId, regionId, rideId, driverId }: WatchedRide): void {
  unit.tell({ type: 'alarm.changed', companyId, regionId, rideId, driverId })
}
