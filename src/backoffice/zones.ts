/** The zones of a region out of a company file. */
import type { RegionId, ZoneId } from '../engine/units.ts'
import type { Founding } from './found.ts'
import { differences } from './report.ts'
import { hasQueue, type ZoneEntry } from './zone-shape.ts'

/** Make the zones that are not there, bring the others up to the file; those it leaves out stay and are told. */
export async function settleZones(
  { unit, random, companyId, entries }: Founding,
  { regionId, slug, zones }: { regionId: RegionId; slug: string; zones: readonly ZoneEntry[] },
): Promise<void> {
  const known = await unit.db
    .selectFrom('zones')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .orderBy('slug')
    .execute()
  for (const zone of zones) {
    const row = known.find((one) => one.slug === zone.slug)
    const plain = {
      name: zone.name,
      kind: zone.kind,
      has_queue: hasQueue(zone),
      hysteresis_m: zone.hysteresisM,
      places_most: zone.placesMost,
      on_decline: zone.onDecline,
      outside_rides: zone.outsideRides,
    }
    const written = {
      ...plain,
      area: JSON.stringify(zone.area),
      deleted_at: zone.closed ? (row?.deleted_at ?? new Date(unit.atMs)) : null,
    }
    const name = `${slug} ${zone.slug}`
    if (row === undefined) {
      await unit.db
        .insertInto('zones')
        .values({
          ...{ company_id: companyId, id: random.uuid() as ZoneId, region_id: regionId, slug: zone.slug },
          ...written,
        })
        .execute()
      entries.push({ effect: 'created', kind: 'zone', name, details: zone.closed ? ['closed'] : [] })
      continue
    }
    const details = [
      ...differences({ ...row }, { ...plain, area: zone.area }),
      ...((row.deleted_at !== null) === zone.closed ? [] : [zone.closed ? 'closed' : 'opened again']),
    ]
    if (details.length > 0) await unit.db.updateTable('zones').set(written).where('id', '=', row.id).execute()
    entries.push({ effect: details.length > 0 ? 'changed' : 'kept', kind: 'zone', name, details })
  }
  for (const row of known)
    if (row.deleted_at === null && !zones.some((zone) => zone.slug === row.slug))
      entries.push({ effect: 'left', kind: 'zone', name: `${slug} ${row.slug}`, details: [] })
}
