/** What busy places added, minute by minute: kept for four weeks, of cells where several people asked at once. */
import { sql } from 'kysely'
import type { Region } from '../companies/regions.ts'
import { type SurgeCell, type SurgeRules, surgeOf } from '../engine/surge.ts'
import type { CompanyId, RegionId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { SurgedCell } from '../io/tables/surge.ts'

const KEPT_MS = 28 * 86_400_000

export interface SurgeMinute {
  readonly atMs: number
  readonly cells: readonly SurgedCell[]
}

/** Write down a minute; one that is there already stays as it is. */
export async function keepMinute(
  unit: Pick<Work, 'db'>,
  region: Pick<Region, 'companyId' | 'id'>,
  minute: {
    readonly atMs: number
    readonly cells: readonly SurgeCell[]
    readonly rules: SurgeRules
    readonly asking: number
    readonly free: number
  },
): Promise<void> {
  const { atMs, cells, rules, asking, free } = minute
  const surged = cells.map(({ cell, asking, free, step }) => ({
    ...{ cell, asking: oneDecimal(asking), free: oneDecimal(free), step },
    ...surgeOf(rules, step),
  }))
  await unit.db
    .insertInto('surge_minutes')
    .values({
      ...{ company_id: region.companyId, region_id: region.id, at: new Date(atMs) },
      ...{ asking: oneDecimal(asking), free: oneDecimal(free), cells: JSON.stringify(surged) },
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

function oneDecimal(value: number): number {
  return Math.round(value * 10) / 10
}

/** The last minute something was added in, if it is not older than that. */
export async function lastMinute(
  db: Db,
  region: Pick<Region, 'companyId' | 'id'>,
  sinceMs: number,
): Promise<SurgeMinute | null> {
  const row = await db
    .selectFrom('surge_minutes')
    .select(['at', 'cells'])
    .where('company_id', '=', region.companyId)
    .where('region_id', '=', region.id)
    .where('at', '>=', new Date(sinceMs))
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : { atMs: row.at.getTime(), cells: row.cells }
}

/** One bar of the picture: a quarter of an hour that something was added in. */
export interface SurgeQuarter {
  readonly startsAtMs: number
  /** Minutes in which something was added somewhere, and in how many cells at most. */
  readonly minutes: number
  readonly cellsMost: number
  /** The most that was added anywhere, in steps of the rules of then, and in money or hundredths of a percent. */
  readonly factorMostBasisPoints: number | null
  readonly addMostMinor: number | null
}

/** The quarters of an hour since then in which something was added, the oldest first. */
export async function surgeQuarters(
  db: Db,
  companyId: CompanyId,
  { regionId, sinceMs }: { readonly regionId: RegionId; readonly sinceMs: number },
): Promise<SurgeQuarter[]> {
  const { rows } = await sql<{
    starts_at: Date
    minutes: number
    cells_most: number
    factor: number | null
    added: number | null
  }>`
    select date_bin('15 minutes', at, 'epoch') as starts_at,
      count(distinct at)::integer as minutes,
      max(jsonb_array_length(cells))::integer as cells_most,
      max((cell->>'factorBasisPoints')::integer) as factor,
      max((cell->>'addMinor')::integer) as added
    from surge_minutes, jsonb_array_elements(cells) as cell
    where company_id = ${companyId} and region_id = ${regionId} and at >= ${new Date(sinceMs)}
    group by 1 order by 1`.execute(db)
  return rows.map((row) => ({
    startsAtMs: row.starts_at.getTime(),
    ...{ minutes: row.minutes, cellsMost: row.cells_most },
    ...{ factorMostBasisPoints: row.factor, addMostMinor: row.added },
  }))
}

/** Remove what is older than four weeks; several processes may do it at once. */
export async function forgetOldSurge(db: Db, nowMs: number): Promise<void> {
  await db
    .deleteFrom('surge_minutes')
    .where('at', '<', new Date(nowMs - KEPT_MS))
    .execute()
}
