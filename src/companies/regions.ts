/** Operating areas: each belongs to one company and is matched as one. */
import { booleanPointInPolygon } from '@turf/turf'
import type { Kysely, Selectable } from 'kysely'
import type { TravelModel } from '../engine/eta.ts'
import type { CompanyId, LatLng, RegionId } from '../engine/units.ts'
import type { AreaPolygon, RegionRow } from '../io/tables/rides.ts'
import type { Tables } from '../io/tables.ts'

export interface Region {
  readonly companyId: CompanyId
  readonly id: RegionId
  readonly slug: string
  readonly name: string
  readonly timeZone: string
  readonly center: LatLng
  readonly zoom: number
  readonly area: AreaPolygon
  readonly travel: TravelModel
  readonly policy: 'nearest' | 'batch'
  readonly batchWindowMs: number
  readonly radiusM: number
  readonly candidates: number
  readonly offerTtlS: number
  readonly unfulfilledAfterS: number
}

/** Every region of every company; regions are few and change by deploy or by an admin, never by the minute. */
export async function loadRegions(db: Kysely<Tables>): Promise<Region[]> {
  const rows = await db.selectFrom('regions').selectAll().orderBy('company_id').orderBy('slug').execute()
  return rows.map(regionOf)
}

function regionOf(row: Selectable<RegionRow>): Region {
  return {
    companyId: row.company_id,
    id: row.id,
    slug: row.slug,
    name: row.name,
    timeZone: row.time_zone,
    center: { lat: row.center_lat, lng: row.center_lng },
    zoom: row.zoom,
    area: row.area,
    travel: { circuity: row.circuity, speedMps: row.speed_mps },
    policy: row.policy,
    batchWindowMs: row.batch_window_ms,
    radiusM: row.radius_m,
    candidates: row.candidates,
    offerTtlS: row.offer_ttl_s,
    unfulfilledAfterS: row.unfulfilled_after_s,
  }
}

/** The region of a company in whose area the point lies, borders included; undefined where nobody drives. */
export function regionAt(regions: readonly Region[], companyId: CompanyId, at: LatLng): Region | undefined {
  return regions.find(
    (region) =>
      region.companyId === companyId &&
      booleanPointInPolygon([at.lng, at.lat], region.area as GeoJSON.Polygon),
  )
}
