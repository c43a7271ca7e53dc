/**
 * What past days tell of waits, and of cars and requests by the hour: whole local days, counted once each, kept for four
 * weeks. Counts alone are kept, so nothing of it is about a person.
 */
import { sql } from 'kysely'
import type { Region } from '../companies/companies.ts'
import { addDays, type Day, dayEndMs, localDay } from '../engine/day.ts'
import { WAIT_COUNTS, WaitModel, waitCellOf, waitClass } from '../engine/lead-time.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import { type CountTurn, countNextDay, KEPT_DAYS } from './day-counts.ts'

const HOURS = 24
/** What a column of counts holds. */
const MOST_COUNTED = 32_767
const ROWS_AT_ONCE = 500

/** Count the next whole day, as `countNextDay` says. */
export function learnNextWaits(db: Db, region: Region, turn: CountTurn): Promise<boolean> {
  const count = (unit: Work, day: Day) => countDay(unit, region, day)
  return countNextDay(db, region, 'service_days', { ...turn, count })
}

async function countDay(unit: Work, region: Region, day: Day): Promise<void> {
  const { companyId, id: regionId, timeZone } = region
  const fromAt = new Date(dayEndMs(addDays(day, -1), timeZone))
  const untilAt = new Date(dayEndMs(day, timeZone))
  const { rows } = await sql<{ lat: number; lng: number; hour: number; waitS: number | null; told: boolean }>`
    SELECT pickup_lat AS lat, pickup_lng AS lng,
      extract(hour FROM requested_at AT TIME ZONE ${timeZone})::integer AS hour,
      extract(epoch FROM arrived_at - requested_at)::float8 AS "waitS",
      NOT shared AND (arrived_at IS NOT NULL OR state = 'unfulfilled') AS told
    FROM rides WHERE company_id = ${companyId} AND region_id = ${regionId}
      AND requested_at >= ${fromAt} AND requested_at < ${untilAt}`.execute(unit.db)
  const shifts = await sql<{ hour: number; cars: number }>`
    SELECT hour, count(shifts.id)::integer AS cars
    FROM generate_series(0, ${HOURS - 1}::integer) AS hour
    LEFT JOIN shifts ON shifts.company_id = ${companyId} AND shifts.region_id = ${regionId}
      AND tstzrange(started_at, coalesce(ended_at, 'infinity'), '[)')
        @> ((${day}::date + make_interval(hours => hour, mins => 30)) AT TIME ZONE ${timeZone})
    GROUP BY hour ORDER BY hour`.execute(unit.db)
  const asked = new Array<number>(HOURS).fill(0)
  const waits = new Map<string, { cell: string; hour: number; counts: number[] }>()
  for (const { hour, waitS, told, ...at } of rows) {
    asked[hour] = Math.min(MOST_COUNTED, asked[hour]! + 1)
    // Who shares a car waits for another one's way, and who gave up early waited for nobody.
    if (!told) continue
    const cell = waitCellOf(at)
    const key = `${cell} ${hour}`
    const row = waits.get(key) ?? { cell, hour, counts: new Array<number>(WAIT_COUNTS).fill(0) }
    waits.set(key, row)
    const n = waitClass(waitS)
    row.counts[n] = Math.min(MOST_COUNTED, row.counts[n]! + 1)
  }
  const cars = shifts.rows.map((row) => Math.min(MOST_COUNTED, row.cars))
  await keepServiceDay(unit, region, { day, cars, asked, waits: [...waits.values()] })
}

export interface ServiceDay {
  readonly day: Day
  /** By hour of the local day. */
  readonly cars: readonly number[]
  readonly asked: readonly number[]
  readonly waits: readonly {
    readonly cell: string
    readonly hour: number
    readonly counts: readonly number[]
  }[]
}

/** Write what a day had; a day that is there already stays as it is. */
export async function keepServiceDay(
  unit: Pick<Work, 'db' | 'atMs'>,
  { companyId, id: regionId }: Pick<Region, 'companyId' | 'id'>,
  { day, cars, asked, waits }: ServiceDay,
): Promise<void> {
  const of = { company_id: companyId, region_id: regionId, local_day: day }
  const claimed = await unit.db
    .insertInto('service_days')
    .values({ ...of, cars: [...cars], asked: [...asked], learned_at: new Date(unit.atMs) })
    .onConflict((conflict) => conflict.doNothing())
    .returning('local_day')
    .executeTakeFirst()
  if (claimed === undefined) return
  const rows = waits.map(({ cell, hour, counts }) => ({ ...of, cell, hour, counts: [...counts] }))
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
    await unit.db
      .insertInto('wait_cells')
      .values(rows.slice(at, at + ROWS_AT_ONCE))
      .execute()
}

/** All that is known of a region's waits; days count alike, for there are few rides a place and hour. */
export async function loadWaits(db: Db, region: Region, nowMs: number): Promise<WaitModel> {
  const oldest = addDays(localDay(nowMs, region.timeZone), -KEPT_DAYS)
  const rows = await db
    .selectFrom('wait_cells')
    .select(['cell', 'hour', 'counts'])
    .where('company_id', '=', region.companyId)
    .where('region_id', '=', region.id)
    .where('local_day', '>=', oldest)
    .execute()
  const model = new WaitModel()
  for (const row of rows) model.add(row)
  return model
}
