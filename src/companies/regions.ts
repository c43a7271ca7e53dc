/** Operating areas: each belongs to one company and is matched as one. */
import { booleanPointInPolygon } from '@turf/turf'
import type { Kysely, Selectable } from 'kysely'
import type { Policy } from '../engine/decide.ts'
import type { TravelModel } from '../engine/eta.ts'
import type { PolicyWindow } from '../engine/policy-hours.ts'
import type { ShadowPolicy } from '../engine/shadow.ts'
import type { SurgeRules } from '../engine/surge.ts'
import type { CompanyId, LatLng, RegionId } from '../engine/units.ts'
import type { AreaPolygon, RegionRow } from '../io/tables/rides.ts'
import type { PolicyWindowRow } from '../io/tables/zones.ts'
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
  readonly policy: Policy['kind']
  readonly batchWindowMs: number
  readonly radiusM: number
  readonly candidates: number
  readonly offerTtlS: number
  readonly unfulfilledAfterS: number
  /** Null where rides are not shared. */
  readonly sharing: Sharing | null
  /** Whether idle drivers are told where it is busier. */
  readonly idleHints: boolean
  /** How far ahead rides may be booked; 0: not at all. */
  readonly bookAheadDays: number
  /** How long before its pickup a booked ride goes to the matcher at the latest. */
  readonly leadFloorS: number
  /** A ride goes to a nearer car before its pickup where that wins so many seconds; null: never. */
  readonly swapGainS: number | null
  /** Another policy that each tick is decided by too, for comparison only. */
  readonly shadowPolicy: ShadowPolicy | null
  /** What busy places add to a price; null: nothing. */
  readonly surge: SurgeRules | null
  /** What is otherwise at some hours of the week, by the clock of `timeZone`. */
  readonly policyHours: readonly PolicyWindow[]
  /** How long one may drive between two rests; null: nobody counts. */
  readonly driveLimitS: number | null
  readonly restS: number
  /** Whom to call for help, as it is dialled there. */
  readonly emergencyNumber: string
}

/** What riders who share a car are told and get. */
export interface Sharing {
  /** Seats of shared riders in one car at once, where it has as many. */
  readonly seats: number
  /** How much longer than alone the way may get. */
  readonly detourS: number
  /** How long the car may take to come. */
  readonly waitS: number
  /** Off the fare of going alone, in hundredths of a percent. */
  readonly discountBasisPoints: number
}

/** Every region of every company; regions are few and change by deploy or by an admin, never by the minute. */
export async function loadRegions(db: Kysely<Tables>): Promise<Region[]> {
  const rows = await db.selectFrom('regions').selectAll().orderBy('company_id').orderBy('slug').execute()
  const windows = await db
    .selectFrom('policy_windows')
    .selectAll()
    .orderBy('region_id')
    .orderBy('position')
    .execute()
  const windowsOf = Map.groupBy(windows, (window) => window.region_id)
  return rows.map((row) => regionOf(row, windowsOf.get(row.id) ?? []))
}

function windowOf(row: Selectable<PolicyWindowRow>): PolicyWindow {
  return {
    weekdays: row.weekdays,
    fromMinute: row.from_minute,
    untilMinute: row.until_minute,
    policy: {
      ...(row.policy !== null && { kind: row.policy }),
      ...(row.batch_window_ms !== null && { batchWindowMs: row.batch_window_ms }),
      ...(row.radius_m !== null && { radiusM: row.radius_m }),
      ...(row.candidates !== null && { candidates: row.candidates }),
    },
  }
}

function regionOf(row: Selectable<RegionRow>, windows: readonly Selectable<PolicyWindowRow>[]): Region {
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
    sharing: sharingOf(row),
    idleHints: row.idle_hints,
    bookAheadDays: row.book_ahead_days,
    leadFloorS: row.lead_floor_s,
    swapGainS: row.swap_gain_s,
    shadowPolicy: row.shadow_policy,
    surge: row.surge,
    driveLimitS: row.drive_limit_s,
    restS: row.rest_s,
    emergencyNumber: row.emergency_number,
    policyHours: windows.map(windowOf),
  }
}

function sharingOf(row: Selectable<RegionRow>): Sharing | null {
  const { shared_seats: seats, shared_detour_s: detourS, shared_wait_s: waitS } = row
  const discountBasisPoints = row.shared_discount_basis_points
  if (seats === null || detourS === null || waitS === null || discountBasisPoints === null) return null
  return { seats, detourS, waitS, discountBasisPoints }
}

/** The region of a company in whose area the point lies, borders included; undefined where nobody drives. */
export function regionAt(regions: readonly Region[], companyId: CompanyId, at: LatLng): Region | undefined {
  return regions.find(
    (region) =>
      region.companyId === companyId &&
      booleanPointInPolygon([at.lng, at.lat], region.area as GeoJSON.Polygon),
  )
}
