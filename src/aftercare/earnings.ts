/** A driver's books of a week, by day: read from the rides, payments, tips and shifts that stand in the database. */
import { type Day, localDay } from '../engine/day.ts'
import {
  type Books,
  booksBetween,
  daysOfWeek,
  type EarnedRide,
  mondayOf,
  thisMonday,
  type WorkedTime,
} from '../engine/earnings.ts'
import type { CompanyId, DriverId, RideId } from '../engine/units.ts'
import type { Db } from '../io/postgres.ts'
import type { PaymentMethod } from '../io/tables/rides.ts'
import { paymentsOfRides, tipsOfRides } from '../money/money.ts'
import { referenceOf } from '../rides/rides.ts'
import { starsByDriver } from './ratings.ts'

/** More than a car can drive in a week. */
const MOST_RIDES = 3_000
const MOST_SHIFTS = 1_000

export interface BookedRide extends EarnedRide {
  readonly id: RideId
  readonly reference: string
  readonly from: string
  readonly to: string
  readonly outcome: 'completed' | 'cancelled' | 'no_show'
  readonly payment: PaymentMethod
  /** What the driver gave the rider; null while nothing. */
  readonly ratedStars: number | null
}

export interface BookedDay {
  readonly day: Day
  readonly books: Books
  readonly isToday: boolean
  /** Not yet begun. */
  readonly isToCome: boolean
}

export interface WeekOfBooks {
  readonly monday: Day
  readonly sunday: Day
  readonly thisMonday: Day
  readonly days: readonly BookedDay[]
  readonly week: Books
  /** The newest first. */
  readonly rides: readonly (BookedRide & { readonly day: Day })[]
}

/**
 * The week in which `of` lies, else the one that is now.
 * @param asked.of any day of it
 */
export async function readWeek(
  db: Db,
  asked: {
    readonly companyId: CompanyId
    readonly driverId: DriverId
    readonly timeZone: string
    readonly nowMs: number
    readonly of: Day | undefined
  },
): Promise<WeekOfBooks> {
  const { timeZone, nowMs } = asked
  const now = thisMonday(nowMs, timeZone)
  const monday = asked.of === undefined ? now : mondayOf(asked.of)
  const days = daysOfWeek(monday, timeZone)
  const week = { fromMs: days[0]!.fromMs, untilMs: days[6]!.untilMs }
  const [rides, worked] = await Promise.all([ridesOf(db, asked, week), workedIn(db, asked, week)])
  const booksOf = (between: WorkedTime) => booksBetween({ rides, worked }, between)
  const today = localDay(nowMs, timeZone)
  return {
    ...{ monday, sunday: days[6]!.day, thisMonday: now },
    days: days.map(({ day, ...between }) => ({
      ...{ day, books: booksOf(between), isToday: day === today, isToCome: day > today },
    })),
    week: booksOf(week),
    rides: rides.map((ride) => ({ ...ride, day: localDay(ride.endedAtMs, timeZone) })),
  }
}

async function ridesOf(
  db: Db,
  { companyId, driverId }: { readonly companyId: CompanyId; readonly driverId: DriverId },
  { fromMs, untilMs }: WorkedTime,
): Promise<BookedRide[]> {
  const rows = await db
    .selectFrom('rides')
    .select(['id', 'number', 'state', 'ended_at', 'driver_minor', 'payment_method'])
    .select(['pickup_label', 'dropoff_label'])
    .where('company_id', '=', companyId)
    .where('driver_id', '=', driverId)
    .where('ended_at', '>=', new Date(fromMs))
    .where('ended_at', '<', new Date(untilMs))
    .orderBy('ended_at', 'desc')
    .limit(MOST_RIDES)
    .execute()
  const ids = rows.map(({ id }) => id)
  const [payments, tips, stars] = await Promise.all([
    paymentsOfRides(db, companyId, ids),
    tipsOfRides(db, companyId, ids),
    starsByDriver(db, companyId, ids),
  ])
  return rows.map((row) => {
    const payment = payments.get(row.id)
    const isCompleted = row.state === 'completed'
    return {
      ...{ id: row.id, reference: referenceOf(row), from: row.pickup_label, to: row.dropoff_label },
      endedAtMs: row.ended_at!.getTime(),
      isCompleted,
      outcome: isCompleted ? 'completed' : row.state === 'no_show' ? 'no_show' : 'cancelled',
      payment: payment?.method ?? row.payment_method,
      chargedMinor: payment?.amount_minor ?? 0,
      partMinor: isCompleted ? row.driver_minor : 0,
      tipMinor: tips.get(row.id) ?? 0,
      isCash: payment?.method === 'cash',
      ratedStars: stars.get(row.id) ?? null,
    }
  })
}

/** Time on shift that reaches into the stretch; a shift that is open counts up to now. */
async function workedIn(
  db: Db,
  { companyId, driverId, nowMs }: { companyId: CompanyId; driverId: DriverId; nowMs: number },
  { fromMs, untilMs }: WorkedTime,
): Promise<WorkedTime[]> {
  const shifts = await db
    .selectFrom('shifts')
    .select(['started_at', 'ended_at'])
    .where('company_id', '=', companyId)
    .where('driver_id', '=', driverId)
    .where('started_at', '<', new Date(untilMs))
    .where((eb) => eb.or([eb('ended_at', 'is', null), eb('ended_at', '>', new Date(fromMs))]))
    .limit(MOST_SHIFTS)
    .execute()
  return shifts.map(({ started_at, ended_at }) => ({
    ...{ fromMs: started_at.getTime(), untilMs: ended_at?.getTime() ?? nowMs },
  }))
}
