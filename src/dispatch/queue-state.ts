/** What a driver may know of queues at this moment: their place, why they lost one, or that there is none to be had. */
import { sql } from 'kysely'
import type { QueueZones } from '../companies/companies.ts'
import type { LeaveReason } from '../engine/queue.ts'
import type { CompanyId, DriverId, LatLng } from '../engine/units.ts'
import type { Db } from '../io/postgres.ts'

export type DriverQueue =
  | {
      readonly kind: 'standing'
      readonly zone: string
      /** 1 is next. */
      readonly rank: number
      readonly of: number
      readonly enteredAtMs: number
      readonly enteredAs: number
      /** Since when the driver is where they are because they went to the end. */
      readonly moved: { readonly atMs: number; readonly reason: 'declined' | 'expired' } | null
      /** Cars that left this queue with a ride within the last hour. */
      readonly ridesLastHour: number
      /** Whether they are asked for rides from outside the zone too. */
      readonly outsideRides: boolean
    }
  | {
      readonly kind: 'lost'
      readonly zone: string
      readonly atMs: number
      readonly reason: Exclude<LeaveReason, 'ride'>
    }
  /** The car stands in the zone, and all places are taken. */
  | { readonly kind: 'full'; readonly zone: string; readonly placesMost: number }

/** For so long the page says why a place was lost. */
const LOST_SAID_MS = 10 * 60_000
/** Who stood there for less only drove through. */
const PASSES_MS = 2 * 60_000
const HOUR_MS = 3_600_000

/** @param asked.at where the car was last seen */
export async function queueOfDriver(
  db: Db,
  asked: {
    readonly companyId: CompanyId
    readonly driverId: DriverId
    readonly at: LatLng | null
    readonly queueZones: QueueZones | undefined
    readonly nowMs: number
  },
): Promise<DriverQueue | null> {
  const { companyId, driverId, nowMs } = asked
  const last = await db
    .selectFrom('queue_places')
    .innerJoin('zones', 'zones.id', 'queue_places.zone_id')
    .select(['zones.name', 'zones.outside_rides', 'queue_places.zone_id', 'queue_places.region_id'])
    .select(['place', 'entered_at', 'entered_as', 'moved_at', 'moved_reason', 'left_at', 'left_reason'])
    .where('queue_places.company_id', '=', companyId)
    .where('queue_places.driver_id', '=', driverId)
    // An open place has left nothing yet, which sorts first.
    .orderBy('queue_places.left_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (last !== undefined && last.left_at === null) {
    const { rows } = await sql<{ rank: number; of: number; rides: number }>`
      select count(*) filter (where place <= ${last.place}) as rank, count(*) as of, (
        select count(*) from queue_places went
        where went.zone_id = ${last.zone_id} and went.left_reason = 'ride'
        and went.left_at > ${new Date(nowMs - HOUR_MS)}) as rides
      from queue_places
      where region_id = ${last.region_id} and zone_id = ${last.zone_id} and left_at is null`.execute(db)
    const { rank, of, rides } = rows[0]!
    return {
      ...{ kind: 'standing', zone: last.name, outsideRides: last.outside_rides },
      ...{ rank, of, ridesLastHour: rides },
      ...{ enteredAtMs: last.entered_at.getTime(), enteredAs: last.entered_as },
      moved:
        last.moved_at === null || last.moved_reason === null
          ? null
          : { atMs: last.moved_at.getTime(), reason: last.moved_reason },
    }
  }
  const full = asked.at === null ? undefined : asked.queueZones?.index.at(asked.at)[0]?.id
  const zone = asked.queueZones?.zones.find(({ id }) => id === full)
  if (zone !== undefined && (await standingIn(db, zone)) >= zone.placesMost)
    return { kind: 'full', zone: zone.name, placesMost: zone.placesMost }
  if (last?.left_at == null || last.left_reason === null || last.left_reason === 'ride') return null
  const atMs = last.left_at.getTime()
  const hasPassed = atMs - last.entered_at.getTime() < PASSES_MS
  return hasPassed || nowMs - atMs > LOST_SAID_MS
    ? null
    : { kind: 'lost', zone: last.name, atMs, reason: last.left_reason }
}

async function standingIn(db: Db, zone: QueueZones['zones'][number]): Promise<number> {
  const row = await db
    .selectFrom('queue_places')
    .select(({ fn }) => fn.countAll<number>().as('standing'))
    .where('region_id', '=', zone.regionId)
    .where('zone_id', '=', zone.id)
    .where('left_at', 'is', null)
    .executeTakeFirst()
  return row?.standing ?? 0
}
