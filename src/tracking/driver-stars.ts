/** What riders found of a driver, as one figure on the page of whoever rides with them. */
import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { CHANGE_WITHIN_MS, RATINGS_FOR_AVERAGE } from '../engine/rating.ts'
import type { CompanyId, DriverId } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import type { Tables } from '../io/tables.ts'

/** The page is drawn every few seconds, and a rating counts after a day: so old it may be. */
const KEPT_MS = 10 * 60_000
/** The newest that count, as on the driver's own page. */
const MOST_COUNTED = 500
const MOST_KEPT = 10_000

/** Average stars to one decimal; null while fewer than five ratings stand. */
export type DriverStars = (companyId: CompanyId, driverId: DriverId) => Promise<number | null>

/**
 * The average of the driver's own page: of ratings that can no longer change, so that nobody sees theirs in it at once.
 */
export function makeDriverStars({ db, clock }: { db: Kysely<Tables>; clock: Clock }): DriverStars {
  const kept = new Map<DriverId, { readonly untilMs: number; readonly average: number | null }>()
  return async (companyId, driverId) => {
    const nowMs = clock.nowMs()
    const known = kept.get(driverId)
    if (known !== undefined && nowMs < known.untilMs) return known.average
    const standing = db
      .selectFrom('ride_ratings')
      .select('stars')
      .where('company_id', '=', companyId)
      .where('driver_id', '=', driverId)
      .where('side', '=', 'rider')
      .where('rated_at', '<=', new Date(nowMs - CHANGE_WITHIN_MS))
      .orderBy('rated_at', 'desc')
      .limit(MOST_COUNTED)
      .as('standing')
    const row = await db
      .selectFrom(standing)
      .select([
        sql<number>`count(*)::int`.as('count'),
        sql<number | null>`round(avg(stars), 1)::float8`.as('average'),
      ])
      .executeTakeFirst()
    const average = row === undefined || row.count < RATINGS_FOR_AVERAGE ? null : row.average
    if (kept.size >= MOST_KEPT) kept.clear()
    kept.set(driverId, { untilMs: nowMs + KEPT_MS, average })
    return average
  }
}
