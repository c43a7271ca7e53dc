/** How long riders of a region waited lately, for the pages that promise nothing but say what is usual. */
import { type Kysely, sql } from 'kysely'
import type { CompanyId, RegionId } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import type { Tables } from '../io/tables.ts'

const LOOK_BACK_MS = 60 * 60_000
const KEPT_MS = 15_000
/** Fewer pickups than this in the last hour say nothing about what is usual. */
const FEWEST_PICKUPS = 5

export type UsualWait = (companyId: CompanyId, regionId: RegionId) => Promise<number | null>

/** Median seconds from request to the car's arrival over the last hour; null where too few were picked up. */
export function makeUsualWait({ db, clock }: { db: Kysely<Tables>; clock: Clock }): UsualWait {
  const kept = new Map<RegionId, { untilMs: number; waitS: number | null }>()
  return async (companyId, regionId) => {
    const nowMs = clock.nowMs()
    const known = kept.get(regionId)
    if (known !== undefined && nowMs < known.untilMs) return known.waitS
    const row = await db
      .selectFrom('rides')
      .select([
        sql<number>`count(*)`.as('pickups'),
        sql<number | null>`percentile_cont(0.5) WITHIN GROUP (
          ORDER BY extract(epoch FROM arrived_at - requested_at)::float8)`.as('wait_s'),
      ])
      .where('company_id', '=', companyId)
      .where('region_id', '=', regionId)
      .where('requested_at', '>', new Date(nowMs - LOOK_BACK_MS))
      .where('arrived_at', 'is not', null)
      .executeTakeFirst()
    const waitS = row === undefined || row.pickups < FEWEST_PICKUPS ? null : row.wait_s
    kept.set(regionId, { untilMs: nowMs + KEPT_MS, waitS })
    return waitS
  }
}
