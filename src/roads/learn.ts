/**
 * What a region's own rides tell of its roads: the accepted trails of whole local days, taken in once each, kept for four
 * weeks. A leg is kept by hexagon and hour, without ride or person.
 */
import { sql } from 'kysely'
import type { Region } from '../companies/companies.ts'
import { addDays, type Day, dayEndMs, localDay } from '../engine/day.ts'
import { weekHourOf } from '../engine/speeds.ts'
import type { RideId } from '../engine/units.ts'
import { type CommitDeps, commit } from '../io/commit.ts'
import { afterThisTurn } from '../io/turn.ts'
import type { TrailPoint } from '../positions/trail.ts'
import { legOfTrail, storedEnd, type TrailLeg } from './legs.ts'
import type { RoutingProvider } from './provider.ts'

export const KEPT_DAYS = 28
/** Enough of each day to learn from, and a day's work has an end. Which rides, their ids say: a fair draw. */
const LEGS_MOST_A_DAY = 2_000
const RIDES_AT_ONCE = 50
const ROWS_AT_ONCE = 500

/** A leg as it is kept, and what a road engine says of it. */
export interface KeptLeg extends TrailLeg {
  readonly road: { readonly distanceM: number; readonly durationS: number } | null
}

/**
 * Take in the oldest whole day that was not yet, and forget those older than four weeks. Several processes may try: what
 * the first one writes stands.
 * @param engine asked what it says of each way, where there is one
 * @returns whether a day was taken in; there may be more
 */
export async function learnNextDay(
  deps: CommitDeps,
  region: Region,
  engine: Pick<RoutingProvider, 'matrix'> | null,
): Promise<boolean> {
  const today = localDay(deps.clock.nowMs(), region.timeZone)
  const oldest = addDays(today, -KEPT_DAYS)
  const day = await firstUnlearned(deps, region, { oldest, today })
  if (day === null) return false
  const legs: KeptLeg[] = []
  for (const leg of await legsOf(deps, region, day)) legs.push({ ...leg, road: await roadOf(leg, engine) })
  await commit(deps, async (unit) => {
    await unit.db
      .deleteFrom('road_days')
      .where('region_id', '=', region.id)
      .where('local_day', '<', oldest)
      .execute()
    await keepDay(unit, region, { day, legs })
  })
  return true
}

async function firstUnlearned(
  { db }: CommitDeps,
  { companyId, id: regionId, timeZone }: Region,
  { oldest, today }: { oldest: Day; today: Day },
): Promise<Day | null> {
  const first = await db
    .selectFrom('rides')
    .select('requested_at')
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('requested_at', '>=', new Date(dayEndMs(addDays(oldest, -1), timeZone)))
    .orderBy('requested_at')
    .limit(1)
    .executeTakeFirst()
  if (first === undefined) return null
  const rows = await db
    .selectFrom('road_days')
    .select('local_day')
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('local_day', '>=', oldest)
    .execute()
  const known = new Set(rows.map((row) => row.local_day))
  for (let day = localDay(first.requested_at.getTime(), timeZone); day < today; day = addDays(day, 1))
    if (!known.has(day)) return day
  return null
}

async function legsOf({ db }: CommitDeps, region: Region, day: Day): Promise<TrailLeg[]> {
  const { companyId, id: regionId, timeZone } = region
  const rides = await db
    .selectFrom('rides')
    .select('id')
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('state', '=', 'completed')
    // Who shares a car goes by way of others.
    .where('shared', '=', false)
    .where('requested_at', '>=', new Date(dayEndMs(addDays(day, -1), timeZone)))
    .where('requested_at', '<', new Date(dayEndMs(day, timeZone)))
    .orderBy(sql`md5(id::text)`)
    .limit(LEGS_MOST_A_DAY)
    .execute()
  const legs: TrailLeg[] = []
  for (let at = 0; at < rides.length; at += RIDES_AT_ONCE) {
    const ids = rides.slice(at, at + RIDES_AT_ONCE).map(({ id }) => id)
    for (const trail of (await trailsOf(db, companyId, ids)).values()) {
      const leg = legOfTrail(trail)
      if (leg !== null) legs.push(leg)
    }
    // Others have their turn between two handfuls.
    await new Promise<void>(afterThisTurn)
  }
  return legs
}

async function trailsOf(
  db: CommitDeps['db'],
  companyId: Region['companyId'],
  ids: readonly RideId[],
): Promise<Map<RideId, TrailPoint[]>> {
  const rows = await db
    .selectFrom('ride_trails')
    .select(['ride_id', 'at', 'lat', 'lng', 'accuracy_m'])
    .where('company_id', '=', companyId)
    .where('ride_id', 'in', ids)
    .orderBy('ride_id')
    .orderBy('at')
    .execute()
  const trails = new Map<RideId, TrailPoint[]>()
  for (const { ride_id, at, lat, lng, accuracy_m } of rows) {
    const trail = trails.get(ride_id) ?? []
    trails.set(ride_id, trail)
    trail.push({ lat, lng, atMs: at.getTime(), accuracyM: accuracy_m })
  }
  return trails
}

async function roadOf(
  { from, to }: TrailLeg,
  engine: Pick<RoutingProvider, 'matrix'> | null,
): Promise<KeptLeg['road']> {
  const answer = await engine?.matrix({ from: [from], to: [to] })
  return answer?.[0]?.[0] ?? null
}

/** Write what a day had; a day that is there already stays as it is. */
export async function keepDay(
  unit: Pick<Parameters<Parameters<typeof commit>[1]>[0], 'db' | 'atMs'>,
  { companyId, id: regionId, timeZone }: Pick<Region, 'companyId' | 'id' | 'timeZone'>,
  { day, legs }: { day: Day; legs: readonly KeptLeg[] },
): Promise<void> {
  const claimed = await unit.db
    .insertInto('road_days')
    .values({
      ...{ company_id: companyId, region_id: regionId, local_day: day },
      ...{ legs: legs.length, learned_at: new Date(unit.atMs) },
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('local_day')
    .executeTakeFirst()
  if (claimed === undefined) return
  const rows = legs.map(({ from, to, startedAtMs, distanceM, durationS, road }, place) => ({
    ...{ company_id: companyId, region_id: regionId, local_day: day, place },
    ...{ hour: weekHourOf(startedAtMs, timeZone).hour, from_cell: storedEnd(from), to_cell: storedEnd(to) },
    ...{ distance_m: distanceM, duration_s: durationS },
    ...{ road_distance_m: road?.distanceM ?? null, road_duration_s: road?.durationS ?? null },
  }))
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
    await unit.db
      .insertInto('road_legs')
      .values(rows.slice(at, at + ROWS_AT_ONCE))
      .execute()
}
