/** Zones of regions: read at the start, and again after news of a company. */
import type { Kysely } from 'kysely'
import type { QueueRule } from '../engine/queue.ts'
import type { CompanyId, RegionId } from '../engine/units.ts'
import { type Zone, ZoneIndex, type ZoneKind } from '../engine/zone.ts'
import type { Tables } from '../io/tables.ts'

/** A zone that is not closed. */
export interface LoadedZone extends Zone, QueueRule {
  readonly companyId: CompanyId
  readonly regionId: RegionId
  readonly slug: string
  readonly name: string
  readonly kind: ZoneKind
  readonly hasQueue: boolean
}

/** What a region has of zones with a queue. */
export interface QueueZones {
  readonly zones: readonly LoadedZone[]
  readonly index: ZoneIndex
}

/** Every open zone of every company, by name. */
export async function loadZones(db: Kysely<Tables>): Promise<LoadedZone[]> {
  const rows = await db
    .selectFrom('zones')
    .selectAll()
    .where('deleted_at', 'is', null)
    .orderBy('region_id')
    .orderBy('name')
    .orderBy('slug')
    .execute()
  return rows.map((row) => ({
    companyId: row.company_id,
    regionId: row.region_id,
    id: row.id,
    slug: row.slug,
    name: row.name,
    kind: row.kind,
    area: row.area,
    hasQueue: row.has_queue,
    hysteresisM: row.hysteresis_m,
    placesMost: row.places_most,
    onDecline: row.on_decline,
    outsideRides: row.outside_rides,
  }))
}

/** The rings of zones for a map, to the metre. */
export function outlinesOf(
  zones: readonly Pick<LoadedZone, 'name' | 'area'>[],
): { name: string; rings: [lat: number, lng: number][][] }[] {
  const round = (degrees: number) => Math.round(degrees * 1e5) / 1e5
  return zones.map(({ name, area }) => {
    const parts =
      area.type === 'Polygon' ? [area.coordinates as number[][][]] : (area.coordinates as number[][][][])
    return { name, rings: parts.flat().map((ring) => ring.map(([lng, lat]) => [round(lat!), round(lng!)])) }
  })
}

/** The zones with a queue of each region that has some, ready to be asked. */
export function queueZonesOf(zones: readonly LoadedZone[]): Map<RegionId, QueueZones> {
  const queued = zones.filter(({ hasQueue }) => hasQueue)
  return new Map(
    [...Map.groupBy(queued, ({ regionId }) => regionId)].map(([regionId, own]) => [
      regionId,
      { zones: own, index: new ZoneIndex(own) },
    ]),
  )
}
