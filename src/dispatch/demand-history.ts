/**
 * What a region's own past days tell of demand: whole local days, counted once each by hexagon and quarter of an hour,
 * kept for four weeks. Counts alone are kept, so nothing of it is about a person.
 */
import { sql } from 'kysely'
import type { Region } from '../companies/companies.ts'
import { addDays, type Day, dayEndMs, localDay } from '../engine/day.ts'
import { DemandModel, QUARTERS } from '../engine/demand.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import { type CountTurn, countNextDay, KEPT_DAYS } from './day-counts.ts'

/** Saturdays and Sundays tell less about a weekday, and the other way round. */
const OTHER_KIND_OF_DAY = 0.4
/** A quarter of an hour in one hexagon; what the column holds. */
const MOST_A_QUARTER = 32_767
const ROWS_AT_ONCE = 500

export interface LearnedDemand {
  readonly model: DemandModel
  /** Whole days counted. */
  readonly days: number
}

/** Count the next whole day, as `countNextDay` says. */
export function learnNextDay(db: Db, region: Region, turn: CountTurn): Promise<boolean> {
  const count = (unit: Work, day: Day) => countDay(unit, region, day)
  return countNextDay(db, region, 'demand_days', { ...turn, count })
}

async function countDay(unit: Work, region: Region, day: Day): Promise<void> {
  const { companyId, id: regionId, timeZone } = region
  // On the day the clocks go back an hour is counted twice, as it is lived twice.
  const { rows } = await sql<{ lat: number; lng: number; quarter: number }>`
    select pickup_lat as lat, pickup_lng as lng,
      (extract(hour from at) * 4 + floor(extract(minute from at) / 15))::integer as quarter
    from rides, lateral (select requested_at at time zone ${timeZone} as at) as local
    where company_id = ${companyId} and region_id = ${regionId}
      and requested_at >= ${new Date(dayEndMs(addDays(day, -1), timeZone))}
      and requested_at < ${new Date(dayEndMs(day, timeZone))}`.execute(unit.db)
  const cells = new Map<string, number[]>()
  const model = new DemandModel()
  for (const { lat, lng, quarter } of rows) {
    const cell = model.cellOf({ lat, lng })
    const requests = cells.get(cell) ?? new Array<number>(QUARTERS).fill(0)
    cells.set(cell, requests)
    requests[quarter] = Math.min(MOST_A_QUARTER, requests[quarter]! + 1)
  }
  await keepDay(unit, region, { day, requests: rows.length, cells })
}

/** Write what a day had; a day that is there already stays as it is. */
export async function keepDay(
  unit: Pick<Work, 'db' | 'atMs'>,
  { companyId, id: regionId }: Pick<Region, 'companyId' | 'id'>,
  { day, requests, cells }: { day: Day; requests: number; cells: ReadonlyMap<string, readonly number[]> },
): Promise<void> {
  const claimed = await unit.db
    .insertInto('demand_days')
    .values({
      ...{ company_id: companyId, region_id: regionId, local_day: day },
      ...{ requests, learned_at: new Date(unit.atMs) },
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('local_day')
    .executeTakeFirst()
  if (claimed === undefined) return
  const rows = [...cells].map(([cell, counts]) => ({
    ...{ company_id: companyId, region_id: regionId, local_day: day },
    ...{ cell, requests: [...counts] },
  }))
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
    await unit.db
      .insertInto('demand_cells')
      .values(rows.slice(at, at + ROWS_AT_ONCE))
      .execute()
}

/** What is known for a day like today. */
export async function loadDemand(db: Db, region: Region, nowMs: number): Promise<LearnedDemand> {
  const today = localDay(nowMs, region.timeZone)
  const days = await db
    .selectFrom('demand_days')
    .select('local_day')
    .where('company_id', '=', region.companyId)
    .where('region_id', '=', region.id)
    .where('local_day', '>=', addDays(today, -KEPT_DAYS))
    .execute()
  const weights = new Map(
    days.map(({ local_day }) => [
      local_day,
      isWeekend(local_day) === isWeekend(today) ? 1 : OTHER_KIND_OF_DAY,
    ]),
  )
  const model = new DemandModel()
  for (const weight of weights.values()) model.addDay(weight)
  if (days.length === 0) return { model, days: 0 }
  const cells = await db
    .selectFrom('demand_cells')
    .select(['local_day', 'cell', 'requests'])
    .where('company_id', '=', region.companyId)
    .where('region_id', '=', region.id)
    .where('local_day', 'in', [...weights.keys()])
    .execute()
  for (const { local_day, cell, requests } of cells)
    requests.forEach((count, quarter) => {
      if (count > 0) model.addCounted(cell, quarter, count * weights.get(local_day)!)
    })
  return { model, days: days.length }
}

function isWeekend(day: Day): boolean {
  const weekday = new Date(`${day}T12:00:00Z`).getUTCDay()
  return weekday === 0 || weekday === 6
}
