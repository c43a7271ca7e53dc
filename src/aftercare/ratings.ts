/** How rider and driver rate each other after a ride: once each, changeable for a day, low ones shown to the desk. */
import type { Kysely, Selectable } from 'kysely'
import {
  CHANGE_WITHIN_MS,
  fittingWords,
  LOW_STARS,
  type RatingSide,
  type RatingSummary,
  rateUntilMs,
  summaryOf,
} from '../engine/rating.ts'
import {
  type CompanyId,
  type DriverId,
  type IdentityId,
  ok,
  type Result,
  type RideId,
  refuse,
} from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { RideRatingRow } from '../io/tables/aftercare.ts'
import type { Tables } from '../io/tables.ts'
import { type LoadedRide, lockRide } from '../rides/rides.ts'

export type LoadedRating = Selectable<RideRatingRow>
export type RatingRefusal = 'not_found' | 'not_allowed_now' | 'rating_too_late' | 'rating_stands'

/** Whose word it is: the rider's of their ride, or that of the driver who drove it. */
export type Rater =
  | { readonly side: 'rider'; readonly riderId: IdentityId }
  | { readonly side: 'driver'; readonly driverId: DriverId }

/** The newest that an average is made of. */
const MOST_COUNTED = 500
/** What is low and older than this nobody needs to look at any more. */
const LOW_FOR_MS = 30 * 86_400_000
const MOST_LOW = 200

/**
 * Rate a completed ride, or change what was said of it.
 * @returns `rating_too_late` two weeks after the ride, `rating_stands` a day after it was first rated
 */
export async function rateRide(
  unit: Work,
  rated: {
    readonly companyId: CompanyId
    readonly rideId: RideId
    readonly by: Rater
    readonly stars: number
    readonly words: readonly string[]
    readonly text: string
  },
): Promise<Result<LoadedRide, RatingRefusal>> {
  const { by, stars, text } = rated
  // The ride's lock lets two presses of one button pass one after the other.
  const ride = await lockRide(unit.db, rated.companyId, rated.rideId)
  if (ride === undefined || !isRater(ride, by)) return refuse('not_found')
  if (ride.state !== 'completed' || ride.ended_at === null || ride.driver_id === null)
    return refuse('not_allowed_now')
  const before = await ratingOf(unit.db, ride, by.side)
  const ratedAtMs = before?.rated_at.getTime() ?? null
  if (rateUntilMs({ endedAtMs: ride.ended_at.getTime(), ratedAtMs }, unit.atMs) === null)
    return refuse(before === undefined ? 'rating_too_late' : 'rating_stands')
  const said = { stars, words: fittingWords(by.side, stars, rated.words), text }
  // A press that waited for the lock may have begun before the one it follows.
  const changed_at = new Date(Math.max(unit.atMs, ratedAtMs ?? 0))
  if (before === undefined)
    await unit.db
      .insertInto('ride_ratings')
      .values({
        ...{ company_id: ride.company_id, ride_id: ride.id, side: by.side },
        ...{ rider_id: ride.rider_id, driver_id: ride.driver_id, rated_at: changed_at, changed_at, ...said },
      })
      .execute()
  else
    await unit.db
      .updateTable('ride_ratings')
      .set({ ...said, changed_at, seen_at: null, seen_by: null })
      .where('ride_id', '=', ride.id)
      .where('side', '=', by.side)
      .execute()
  return ok(ride)
}

/** Whether this is who may rate the ride. */
export function isRater(ride: Pick<LoadedRide, 'rider_id' | 'driver_id'>, by: Rater): boolean {
  return by.side === 'rider' ? ride.rider_id === by.riderId : ride.driver_id === by.driverId
}

/** What a side said of a ride. */
export function ratingOf(
  db: Kysely<Tables>,
  ride: Pick<LoadedRide, 'company_id' | 'id'>,
  side: RatingSide,
): Promise<LoadedRating | undefined> {
  return db
    .selectFrom('ride_ratings')
    .selectAll()
    .where('company_id', '=', ride.company_id)
    .where('ride_id', '=', ride.id)
    .where('side', '=', side)
    .executeTakeFirst()
}

/** What drivers said of several rides, stars by ride. */
export async function starsByDriver(
  db: Kysely<Tables>,
  companyId: CompanyId,
  rideIds: readonly RideId[],
): Promise<Map<RideId, number>> {
  if (rideIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('ride_ratings')
    .select(['ride_id', 'stars'])
    .where('company_id', '=', companyId)
    .where('side', '=', 'driver')
    .where('ride_id', 'in', [...rideIds])
    .execute()
  return new Map(rows.map((row) => [row.ride_id, row.stars]))
}

export interface DriversRatings extends RatingSummary {
  /** Given, and not yet past the day in which they may change. */
  readonly fresh: number
  /** What riders wrote, in an order that tells nothing of the rides; none while there are too few ratings. */
  readonly texts: readonly string[]
}

/**
 * What riders found of a driver. A rating counts once it can no longer change, and nothing of it tells which ride it
 * is of: the driver reads it a day later, among others.
 */
export async function ratingsOfDriver(
  db: Kysely<Tables>,
  companyId: CompanyId,
  { driverId, nowMs }: { readonly driverId: DriverId; readonly nowMs: number },
): Promise<DriversRatings> {
  const rows = await db
    .selectFrom('ride_ratings')
    .select(['stars', 'words', 'text', 'rated_at'])
    .where('company_id', '=', companyId)
    .where('driver_id', '=', driverId)
    .where('side', '=', 'rider')
    .orderBy('rated_at', 'desc')
    .limit(MOST_COUNTED)
    .execute()
  const standing = rows.filter(({ rated_at }) => rated_at.getTime() + CHANGE_WITHIN_MS <= nowMs)
  const summary = summaryOf(standing)
  const texts = standing.flatMap(({ text }) => (text === '' ? [] : [text]))
  return {
    ...summary,
    fresh: rows.length - standing.length,
    texts: summary.average === null ? [] : texts.toSorted(),
  }
}

export interface LowRating extends LoadedRating {
  readonly number: number
  readonly rider_name: string
  readonly driver_name: string
  readonly call_sign: string
}

/** Low ratings of the last weeks that nobody at the desk has looked at, the newest first. */
export async function lowRatings(
  db: Kysely<Tables>,
  companyId: CompanyId,
  nowMs: number,
): Promise<LowRating[]> {
  return db
    .selectFrom('ride_ratings as g')
    .innerJoin('rides as r', 'r.id', 'g.ride_id')
    .innerJoin('drivers as d', 'd.id', 'g.driver_id')
    .selectAll('g')
    .select(['r.number', 'r.rider_name', 'd.name as driver_name', 'd.call_sign'])
    .where('g.company_id', '=', companyId)
    .where('g.stars', '<=', LOW_STARS)
    .where('g.seen_at', 'is', null)
    .where('g.rated_at', '>', new Date(nowMs - LOW_FOR_MS))
    .orderBy('g.rated_at', 'desc')
    .limit(MOST_LOW)
    .execute()
}

/** Somebody at the desk has looked at a low rating: it waits for nobody any more. Twice is once. */
export async function markSeen(
  unit: Work,
  {
    companyId,
    rideId,
    side,
    seenBy,
  }: {
    readonly companyId: CompanyId
    readonly rideId: RideId
    readonly side: RatingSide
    readonly seenBy: IdentityId
  },
): Promise<boolean> {
  const { numUpdatedRows } = await unit.db
    .updateTable('ride_ratings')
    .set({ seen_at: new Date(unit.atMs), seen_by: seenBy })
    .where('company_id', '=', companyId)
    .where('ride_id', '=', rideId)
    .where('side', '=', side)
    .where('seen_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
