/** What past days asked for in the demo city, so that its drivers are told where it is busier from the first minutes. */
import type { Kysely } from 'kysely'
import { keepDay } from '../../dispatch/demand-history.ts'
import { keepServiceDay } from '../../dispatch/wait-history.ts'
import { addDays, localDay } from '../../engine/day.ts'
import { DemandModel, QUARTER_S, QUARTERS } from '../../engine/demand.ts'
import { seededRandom } from '../../engine/units.ts'
import type { Tables } from '../../io/tables.ts'
import type { RecordedRide } from '../recorded.ts'
import { AROUND_RIDE_S } from './hour.ts'
import type { DemoWorld } from './seed.ts'

const HOURS = 24
/** As many as a region's own history keeps. */
const DAYS = 28
const TIME_ZONE = 'America/New_York'
const SEED = 20_130_101

/**
 * The city lives through one recorded hour again and again, at whatever hour it is. So each quarter of an hour of each
 * past day had rides of that hour, picked by chance, as many as keep the demo's cars as busy as they are now. Days that
 * are there stay as they are.
 * @param of.cars how many cars are out
 * @param of.busyCars how many of them those rides keep at work
 */
export async function makePastDays(
  db: Kysely<Tables>,
  world: DemoWorld,
  {
    nowMs,
    cars,
    busyCars,
    recorded,
  }: { nowMs: number; cars: number; busyCars: number; recorded: () => Promise<readonly RecordedRide[]> },
): Promise<void> {
  const today = localDay(nowMs, TIME_ZONE)
  const known = await db
    .selectFrom('demand_days')
    .select('local_day')
    .where('region_id', '=', world.regionId)
    .execute()
  const isKnown = new Set(known.map((row) => row.local_day))
  const missing = Array.from({ length: DAYS }, (_, n) => addDays(today, -1 - n)).filter(
    (day) => !isKnown.has(day),
  )
  if (missing.length === 0) return
  const rides = await recorded()
  const model = new DemandModel()
  const cells = rides.map(({ pickup }) => model.cellOf(pickup))
  const meanS = rides.reduce((sum, { durationS }) => sum + durationS, 0) / rides.length
  const aQuarter = Math.round((busyCars * QUARTER_S) / (meanS + AROUND_RIDE_S))
  const random = seededRandom(SEED)
  for (const day of missing) {
    const counts = new Map<string, number[]>()
    for (let quarter = 0; quarter < QUARTERS; quarter++)
      for (let n = 0; n < aQuarter; n++) {
        const cell = cells[Math.floor(random() * cells.length)]!
        const requests = counts.get(cell) ?? new Array<number>(QUARTERS).fill(0)
        counts.set(cell, requests)
        requests[quarter]!++
      }
    const region = { companyId: world.companyId, id: world.regionId }
    await db.transaction().execute(async (trx) => {
      const unit = { db: trx, atMs: nowMs }
      await keepDay(unit, region, { day, requests: aQuarter * QUARTERS, cells: counts })
      // How long people waited on days that never were, nobody can say: leads begin unlearned.
      await keepServiceDay(unit, region, {
        ...{ day, cars: Array.from({ length: HOURS }, () => cars), waits: [] },
        asked: Array.from({ length: HOURS }, () => (aQuarter * QUARTERS) / HOURS),
      })
    })
  }
}
