/** A past day of driven legs for the demo city, so that its times are learned ones from the first minute. */
import type { Kysely } from 'kysely'
import { addDays, dayEndMs, localDay } from '../../engine/day.ts'
import { seededRandom } from '../../engine/units.ts'
import type { Tables } from '../../io/tables.ts'
import { type KeptLeg, keepDay } from '../../roads/learn.ts'
import { graphRouting } from '../graph-routing.ts'
import type { RecordedRide } from '../recorded.ts'
import type { RoadGround } from '../road-ground.ts'
import type { DemoWorld } from './seed.ts'

const TIME_ZONE = 'America/New_York'
const SEED = 20_130_102
/** Enough to correct the streets' own times by; each is looked for on the graph when the demo starts. */
const LEGS = 250
/** Drivers differ by so much either way. */
const SPREAD = 0.08

/** The way of recorded rides over the city's own streets, as its cars drive them, at any hour of yesterday. */
export async function makeRoadDay(
  db: Kysely<Tables>,
  { companyId, regionId }: DemoWorld,
  {
    nowMs,
    recorded,
    roads,
  }: { nowMs: number; recorded: () => Promise<readonly RecordedRide[]>; roads: RoadGround },
): Promise<void> {
  const day = addDays(localDay(nowMs, TIME_ZONE), -1)
  const known = await db
    .selectFrom('road_days')
    .select('local_day')
    .where('region_id', '=', regionId)
    .executeTakeFirst()
  if (known !== undefined) return
  const random = seededRandom(SEED)
  const rides = await recorded()
  const routing = graphRouting(roads)
  const beganMs = dayEndMs(addDays(day, -1), TIME_ZONE)
  const spanMs = dayEndMs(day, TIME_ZONE) - beganMs
  const legs: KeptLeg[] = []
  for (let tries = 0; legs.length < LEGS && tries < 2 * LEGS; tries++) {
    const { pickup: from, dropoff: to } = rides[Math.floor(random() * rides.length)]!
    const road = await routing.route({ stops: [from, to] })
    if (road === null || road.distanceM < 200) continue
    const { distanceM } = road
    const durationS = road.durationS * (1 - SPREAD + 2 * SPREAD * random())
    legs.push({ from, to, startedAtMs: beganMs + random() * spanMs, distanceM, durationS, road })
  }
  await db
    .transaction()
    .execute((trx) =>
      keepDay({ db: trx, atMs: nowMs }, { companyId, id: regionId, timeZone: TIME_ZONE }, { day, legs }),
    )
}
