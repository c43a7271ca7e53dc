/**
 * Another policy in shadow of a region's own: each tick with somebody waiting is decided by both, only one acts, and
 * the difference is summed. Sums are written down twice a minute, so a process that dies takes half a minute of
 * figures with it and nothing else.
 */
import { sql } from 'kysely'
import type { Region } from '../companies/companies.ts'
import type { Situation } from '../engine/candidates.ts'
import type { Proposal } from '../engine/decide.ts'
import { compare, decideInShadow, type ShadowDifference, type ShadowPolicy } from '../engine/shadow.ts'
import type { CompanyId, RegionId } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'

const QUARTER_MS = 15 * 60_000
const WRITE_EVERY_MS = 30_000
const KEPT_MS = 30 * 86_400_000

/** Sums of several ticks. */
export interface ShadowSums extends ShadowDifference {
  readonly ticks: number
  /** What deciding took, milliseconds of real time. */
  readonly liveMs: number
  readonly shadowMs: number
}

export interface ShadowKeeper {
  /** Decide the situation of this tick in shadow too, and add up the difference. */
  follow(
    shadow: ShadowPolicy,
    decided: { readonly situation: Situation; readonly live: readonly Proposal[]; readonly liveMs: number },
  ): ShadowSums
  /** Write down what has come together, when it is time to. */
  keep(write: (work: (unit: Work) => Promise<void>) => Promise<unknown>): Promise<void>
}

const NO_SIDE = { rides: 0, etaS: 0, costS: 0 }
const NOTHING: ShadowSums = {
  ...{ ticks: 0, waiting: 0, changed: 0, liveMs: 0, shadowMs: 0 },
  ...{ live: NO_SIDE, shadow: NO_SIDE },
}

export function makeShadowKeeper(region: Region, clock: Clock): ShadowKeeper {
  const open = new Map<number, ShadowSums>()
  let writtenAtMs = clock.nowMs()

  return {
    follow(shadow, { situation, live, liveMs }) {
      const startedMs = clock.nowMs()
      const proposals = decideInShadow(situation, shadow)
      // The clock may be set back a little by the database's in between.
      const shadowMs = Math.max(0, clock.nowMs() - startedMs)
      const tick = { ticks: 1, liveMs: Math.max(0, liveMs), shadowMs, ...compare(situation, live, proposals) }
      const startsAtMs = Math.floor(situation.nowMs / QUARTER_MS) * QUARTER_MS
      open.set(startsAtMs, sum(open.get(startsAtMs) ?? NOTHING, tick))
      return tick
    },
    async keep(write) {
      const nowMs = clock.nowMs()
      if (open.size === 0 || nowMs - writtenAtMs < WRITE_EVERY_MS) return
      writtenAtMs = nowMs
      const sums = [...open]
      open.clear()
      await write(async (unit) => {
        for (const [startsAtMs, quarter] of sums) await addToQuarter(unit, region, startsAtMs, quarter)
      })
    },
  }
}

function sum(a: ShadowSums, b: ShadowSums): ShadowSums {
  const side = (of: 'live' | 'shadow') => ({
    rides: a[of].rides + b[of].rides,
    etaS: a[of].etaS + b[of].etaS,
    costS: a[of].costS + b[of].costS,
  })
  return {
    ...{ ticks: a.ticks + b.ticks, waiting: a.waiting + b.waiting, changed: a.changed + b.changed },
    ...{ liveMs: a.liveMs + b.liveMs, shadowMs: a.shadowMs + b.shadowMs },
    ...{ live: side('live'), shadow: side('shadow') },
  }
}

async function addToQuarter(
  unit: Work,
  region: Region,
  startsAtMs: number,
  { ticks, waiting, changed, live, shadow, liveMs, shadowMs }: ShadowSums,
): Promise<void> {
  const figures = {
    ...{ ticks, waiting, changed, live_ms: liveMs, shadow_ms: shadowMs },
    ...{ live_rides: live.rides, live_eta_s: live.etaS, live_cost_s: live.costS },
    ...{ shadow_rides: shadow.rides, shadow_eta_s: shadow.etaS, shadow_cost_s: shadow.costS },
  }
  await unit.db
    .insertInto('shadow_quarters')
    .values({
      ...{ company_id: region.companyId, region_id: region.id, starts_at: new Date(startsAtMs) },
      ...figures,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['region_id', 'starts_at'])
        .doUpdateSet(
          Object.fromEntries(
            Object.keys(figures).map((column) => [
              column,
              sql`${sql.ref(`shadow_quarters.${column}`)} + ${sql.ref(`excluded.${column}`)}`,
            ]),
          ),
        ),
    )
    .execute()
}

/** What came together in a region since then; null while nothing did. */
export async function shadowSince(
  db: Db,
  companyId: CompanyId,
  { regionId, sinceMs }: { readonly regionId: RegionId; readonly sinceMs: number },
): Promise<ShadowSums | null> {
  const rows = await db
    .selectFrom('shadow_quarters')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('starts_at', '>=', new Date(sinceMs))
    .execute()
  if (rows.length === 0) return null
  return rows
    .map(
      (row): ShadowSums => ({
        ...{ ticks: row.ticks, waiting: row.waiting, changed: row.changed },
        ...{ liveMs: row.live_ms, shadowMs: row.shadow_ms },
        live: { rides: row.live_rides, etaS: row.live_eta_s, costS: row.live_cost_s },
        shadow: { rides: row.shadow_rides, etaS: row.shadow_eta_s, costS: row.shadow_cost_s },
      }),
    )
    .reduce(sum)
}

/** Remove what is older than thirty days; several processes may do it at once. */
export async function forgetOldShadows(db: Db, nowMs: number): Promise<void> {
  await db
    .deleteFrom('shadow_quarters')
    .where('starts_at', '<', new Date(nowMs - KEPT_MS))
    .execute()
}
