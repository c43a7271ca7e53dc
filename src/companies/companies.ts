/** Tenants, and which of them a visitor's page belongs to. */
import type { Kysely } from 'kysely'
import type { CompanyId, LatLng, RegionId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'
import { loadRegions, type Region, regionAt } from './regions.ts'
import { type LoadedZone, loadZones, type QueueZones, queueZonesOf } from './zones.ts'

export type { Region } from './regions.ts'
export type { LoadedZone, QueueZones } from './zones.ts'

export interface Company {
  readonly id: CompanyId
  readonly slug: string
  readonly name: string
  readonly host: string | null
  readonly currency: string
  readonly locale: string
  /** The desk's number, as it is shown and dialled; null where the company gave none. */
  readonly phone: string | null
}

/** The companies, their regions and zones: read at the start, and again after news of a company. */
export interface Companies {
  readonly all: readonly Company[]
  readonly regions: readonly Region[]
  company(id: CompanyId): Company | undefined
  region(id: RegionId): Region | undefined
  /**
   * The company whose page this is: the one of the host name, else the one named by `slug`, else the only one.
   * Undefined where several share an address and none was chosen.
   */
  forVisitor(host: string | null, slug: string | null): Company | undefined
  /** Where this company drives at that point. */
  regionAt(companyId: CompanyId, at: LatLng): Region | undefined
  /** The open zones of a region, by name. */
  zones(regionId: RegionId): readonly LoadedZone[]
  /** Those of them with a queue; undefined where there are none. */
  queueZones(regionId: RegionId): QueueZones | undefined
  /** The region a company's pages show when no point is known yet. */
  homeRegion(companyId: CompanyId): Region | undefined
  /** Read companies, zones and regions anew; a region keeps the clock and the speed it started with. */
  reload(): Promise<void>
}

export async function loadCompanies(db: Kysely<Tables>): Promise<Companies> {
  let all: readonly Company[] = []
  let regions: readonly Region[] = []
  let zones: readonly LoadedZone[] = []
  let queueZones: ReadonlyMap<RegionId, QueueZones> = new Map()
  let reads = 0

  async function reload(): Promise<void> {
    const mine = ++reads
    const rows = await db
      .selectFrom('companies')
      .select(['id', 'slug', 'name', 'host', 'currency', 'locale', 'phone'])
      .where('deleted_at', 'is', null)
      .orderBy('slug')
      .execute()
    const read = await loadRegions(db)
    const readZones = await loadZones(db)
    // A later read has the newer picture, whichever of them comes back first.
    if (mine !== reads) return
    all = rows
    // Cells are laid around zones anew only where one changed.
    if (!Bun.deepEquals(readZones, zones)) {
      zones = readZones
      queueZones = queueZonesOf(zones)
    }
    // What was learned of a region is by its clock and its speed, so these stay what they were at the start; all else is
    // asked anew each time, by the tick or by a page.
    const known = new Map(regions.map((region) => [region.id, region]))
    regions = read.map((region) => {
      const before = known.get(region.id) ?? region
      const now = { ...region, timeZone: before.timeZone, travel: before.travel }
      return Bun.deepEquals(before, now) ? before : now
    })
  }

  await reload()
  return {
    get all() {
      return all
    },
    get regions() {
      return regions
    },
    company: (id) => all.find((company) => company.id === id),
    region: (id) => regions.find((region) => region.id === id),
    forVisitor(host, slug) {
      const name = host?.split(':')[0]?.toLowerCase()
      return (
        all.find((company) => company.host !== null && company.host === name) ??
        all.find((company) => company.slug === slug) ??
        (all.length === 1 ? all[0] : undefined)
      )
    },
    regionAt: (companyId, at) => regionAt(regions, companyId, at),
    zones: (regionId) => zones.filter((zone) => zone.regionId === regionId),
    queueZones: (regionId) => queueZones.get(regionId),
    homeRegion: (companyId) => regions.find((region) => region.companyId === companyId),
    reload,
  }
}
