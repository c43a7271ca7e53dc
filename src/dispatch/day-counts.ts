/** Which whole local day of a region is to be counted next, and which are old enough to be forgotten. */
import type { Region } from '../companies/companies.ts'
import { addDays, type Day, dayEndMs, localDay } from '../engine/day.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'

/** Where a row says that a day was counted; what was counted goes with it. */
export type CountedDays = 'demand_days' | 'service_days'

/** Days are kept for so long. */
export const KEPT_DAYS = 28

/** When to look, and how to write: one unit of work, fenced by the region's lease. */
export interface CountTurn {
  readonly nowMs: number
  readonly write: (work: (unit: Work) => Promise<void>) => Promise<unknown>
}

/**
 * Count the oldest whole day that was not counted yet, and forget those older than four weeks.
 * @param count counts one day, in the unit that forgets the old ones
 * @returns whether a day was counted; there may be more
 */
export async function countNextDay(
  db: Db,
  region: Region,
  table: CountedDays,
  { nowMs, write, count }: CountTurn & { readonly count: (unit: Work, day: Day) => Promise<void> },
): Promise<boolean> {
  const today = localDay(nowMs, region.timeZone)
  const oldest = addDays(today, -KEPT_DAYS)
  const day = await firstUncounted(db, region, { table, oldest, today })
  if (day === null) return false
  await write(async (unit) => {
    await unit.db
      .deleteFrom(table)
      .where('region_id', '=', region.id)
      .where('local_day', '<', oldest)
      .execute()
    await count(unit, day)
  })
  return true
}

async function firstUncounted(
  db: Db,
  region: Region,
  { table, oldest, today }: { table: CountedDays; oldest: Day; today: Day },
): Promise<Day | null> {
  const first = await db
    .selectFrom('rides')
    .select('requested_at')
    .where('company_id', '=', region.companyId)
    .where('region_id', '=', region.id)
    .where('requested_at', '>=', new Date(dayEndMs(addDays(oldest, -1), region.timeZone)))
    .orderBy('requested_at')
    .limit(1)
    .executeTakeFirst()
  if (first === undefined) return null
  const counted = await db
    .selectFrom(table)
    .select('local_day')
    .where('company_id', '=', region.companyId)
    .where('region_id', '=', region.id)
    .where('local_day', '>=', oldest)
    .execute()
  const known = new Set(counted.map((row) => row.local_day))
  // The day a region opened is not a whole one.
  for (let day = addDays(localDay(first.requested_at.getTime(), region.timeZone), 1); day < today; )
    if (known.has(day)) day = addDays(day, 1)
    else return day
  return null
}
