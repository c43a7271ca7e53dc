/**
 * Queues as they stand in the database: kept by the tick of whoever holds the region, so that a restart or another
 * holder finds everybody in their place. An answer to an offer moves its driver in the same transaction.
 */
import { sql } from 'kysely'
import type { QueueZones } from '../companies/companies.ts'
import { placeAfterOffer, type QueueChange, type QueuePlace } from '../engine/queue.ts'
import type { Queues } from '../engine/queue-match.ts'
import type { CompanyId, DriverId, RegionId, ZoneId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'

/** More than all queues of a region hold. */
const STANDING_LIMIT = 10_000
/** Whose rider cancelled within this time after the ride was taken gets the place back. */
const BACK_WITHIN_MS = 15 * 60_000
/** How long the page says why a place was lost, and the desk can be asked; then the row goes. */
const KEPT_MS = 30 * 86_400_000
const FORGET_AT_ONCE = 5_000

export interface Standing extends QueuePlace {
  readonly enteredAtMs: number
}

/** Everybody who stands in a queue of the region, in the order of their places. */
export async function standingIn(db: Db, companyId: CompanyId, regionId: RegionId): Promise<Standing[]> {
  const rows = await db
    .selectFrom('queue_places')
    .select(['driver_id', 'zone_id', 'place', 'entered_at'])
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('left_at', 'is', null)
    .orderBy('place')
    .limit(STANDING_LIMIT)
    .execute()
  return rows.map((row) => ({
    driverId: row.driver_id,
    zoneId: row.zone_id,
    order: row.place,
    enteredAtMs: row.entered_at.getTime(),
  }))
}

/** The queues as the matcher reads them; of zones that were closed meanwhile, none. */
export function queuesFor({ zones, index }: QueueZones, standing: readonly QueuePlace[]): Queues {
  const byZone = Map.groupBy(standing, ({ zoneId }) => zoneId)
  return {
    zones: index,
    standing: new Map(
      zones.flatMap(({ id, outsideRides }) => {
        const places = byZone.get(id)
        return places === undefined
          ? []
          : [[id, { drivers: places.map(({ driverId }) => driverId), outsideRides }] as const]
      }),
    ),
  }
}

/** Write what changed: who left, then who joined, each behind the one before. */
export async function changeQueues(
  unit: Work,
  random: Random,
  region: { readonly companyId: CompanyId; readonly id: RegionId },
  changes: readonly QueueChange[],
): Promise<void> {
  const zoneIds = new Set(changes.map(({ zoneId }) => zoneId))
  const before = await driversIn(unit, [...zoneIds])
  for (const change of changes) {
    if (change.type === 'leave') await leave(unit, region.companyId, change.driverId, change.reason)
    else if (!(await returnToPlace(unit, region.companyId, change))) await join(unit, random, region, change)
  }
  await tellQueues(unit, region, before)
}

/**
 * A driver who takes a ride gives up the place, at once, so that nobody is passed over meanwhile.
 * @param region where the ride is
 */
export async function leaveForRide(
  unit: Work,
  region: { readonly companyId: CompanyId; readonly id: RegionId },
  driverId: DriverId,
): Promise<void> {
  const place = await placeOf(unit, region.companyId, driverId)
  if (place === undefined) return
  const before = await driversIn(unit, [place.zone_id])
  await leave(unit, region.companyId, driverId, 'ride')
  await tellQueues(unit, region, before)
}

/** What a declined or lapsed offer of a queue makes of its driver's place in that queue. */
export async function moveAfterOffer(
  unit: Work,
  offer: {
    readonly company_id: CompanyId
    readonly region_id: RegionId
    readonly driver_id: DriverId
    readonly zone_id: ZoneId | null
  },
  state: 'declined' | 'expired',
): Promise<void> {
  if (offer.zone_id === null) return
  const place = await placeOf(unit, offer.company_id, offer.driver_id)
  if (place?.zone_id !== offer.zone_id) return
  const { toEnd, lapses } = placeAfterOffer({ onDecline: place.on_decline }, place.lapses, state)
  await unit.db
    .updateTable('queue_places')
    .set({
      lapses,
      ...(toEnd && {
        place: sql<number>`nextval('queue_order')`,
        moved_at: new Date(unit.atMs),
        moved_reason: state,
      }),
    })
    .where('id', '=', place.id)
    .execute()
  const zone = new Map([[place.zone_id, [] as DriverId[]]])
  if (toEnd) await tellQueues(unit, { companyId: offer.company_id, id: offer.region_id }, zone)
}

/** Remove places that were left long ago; several processes may do it at once. */
export async function forgetOldPlaces(db: Db, nowMs: number): Promise<void> {
  await sql`
    delete from queue_places where id in (
      select id from queue_places where left_at < ${new Date(nowMs - KEPT_MS)}
      order by left_at limit ${FORGET_AT_ONCE} for update skip locked)`.execute(db)
}

function placeOf(unit: Work, companyId: CompanyId, driverId: DriverId) {
  return unit.db
    .selectFrom('queue_places')
    .innerJoin('zones', 'zones.id', 'queue_places.zone_id')
    .select(['queue_places.id', 'queue_places.zone_id', 'queue_places.lapses', 'zones.on_decline'])
    .where('queue_places.company_id', '=', companyId)
    .where('queue_places.driver_id', '=', driverId)
    .where('queue_places.left_at', 'is', null)
    .forUpdate('queue_places')
    .executeTakeFirst()
}

async function leave(
  unit: Work,
  companyId: CompanyId,
  driverId: DriverId,
  reason: Extract<QueueChange, { type: 'leave' }>['reason'],
): Promise<void> {
  await unit.db
    .updateTable('queue_places')
    .set({ left_at: new Date(unit.atMs), left_reason: reason })
    .where('company_id', '=', companyId)
    .where('driver_id', '=', driverId)
    .where('left_at', 'is', null)
    .execute()
}

async function join(
  unit: Work,
  random: Random,
  region: { readonly companyId: CompanyId; readonly id: RegionId },
  { driverId, zoneId }: Extract<QueueChange, { type: 'join' }>,
): Promise<void> {
  await unit.db
    .insertInto('queue_places')
    .values(({ selectFrom, fn }) => ({
      company_id: region.companyId,
      id: random.uuid(),
      region_id: region.id,
      zone_id: zoneId,
      driver_id: driverId,
      entered_at: new Date(unit.atMs),
      entered_as: selectFrom('queue_places as ahead')
        .select(sql<number>`${fn.countAll()} + 1`.as('as'))
        .where('ahead.zone_id', '=', zoneId)
        .where('ahead.left_at', 'is', null),
    }))
    .onConflict((conflict) => conflict.column('driver_id').where('left_at', 'is', null).doNothing())
    .execute()
}

/** A driver whose rider never got in has lost the wait for nothing: they stand again where they stood. */
async function returnToPlace(
  unit: Work,
  companyId: CompanyId,
  { driverId, zoneId }: Extract<QueueChange, { type: 'join' }>,
): Promise<boolean> {
  const { rows } = await sql`
    update queue_places set left_at = null, left_reason = null
    where id = (
      select last.id from queue_places last
      where last.company_id = ${companyId} and last.driver_id = ${driverId} and last.left_at is not null
      order by last.left_at desc limit 1)
    and zone_id = ${zoneId} and left_reason = 'ride' and left_at > ${new Date(unit.atMs - BACK_WITHIN_MS)}
    and (
      select r.state in ('cancelled', 'no_show') and r.boarded_at is null and r.assigned_at >= left_at
      from rides r
      where r.driver_id = ${driverId} and r.ended_at is not null order by r.ended_at desc limit 1)
    returning id`.execute(unit.db)
  return rows.length > 0
}

async function driversIn(unit: Work, zoneIds: readonly ZoneId[]): Promise<Map<ZoneId, DriverId[]>> {
  const rows = await unit.db
    .selectFrom('queue_places')
    .select(['zone_id', 'driver_id'])
    .where('zone_id', 'in', zoneIds)
    .where('left_at', 'is', null)
    .execute()
  return new Map(
    zoneIds.map((zoneId) => [zoneId, rows.flatMap((row) => (row.zone_id === zoneId ? [row.driver_id] : []))]),
  )
}

/** News for everybody who stood in these queues before, or does now: their place may be another one. */
async function tellQueues(
  unit: Work,
  region: { readonly companyId: CompanyId; readonly id: RegionId },
  before: ReadonlyMap<ZoneId, readonly DriverId[]>,
): Promise<void> {
  const after = await driversIn(unit, [...before.keys()])
  for (const [zoneId, drivers] of before)
    unit.tell({
      type: 'queue.changed',
      companyId: region.companyId,
      regionId: region.id,
      zoneId,
      driverIds: [...new Set([...drivers, ...after.get(zoneId)!])],
    })
}
