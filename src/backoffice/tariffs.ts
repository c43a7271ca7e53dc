/** The prices of a region out of a company file. */
import { renameZones, type TariffRules, zonesOf } from '../engine/tariff.ts'
import type { RegionId, VehicleClass, ZoneId } from '../engine/units.ts'
import { columnsOf, rulesOf } from '../fares/tariffs.ts'
import type { Founding } from './found.ts'
import { CompanyFileError } from './mistakes.ts'
import { differences } from './report.ts'
import type { RegionEntry, TariffEntry } from './shapes.ts'

interface Priced {
  readonly regionId: RegionId
  readonly slug: string
  readonly currency: string
  readonly tariffs: RegionEntry['tariffs']
}

/**
 * A tariff that differs from the one in force becomes the next version from now on; versions that come into force
 * later, and drafts, stay as they are.
 * @throws CompanyFileError for a rule about a zone that the region does not have
 */
export async function settleTariffs(founding: Founding, priced: Priced): Promise<void> {
  const { unit, random, companyId, entries } = founding
  const { regionId, slug, currency, tariffs } = priced
  const published = await unit.db
    .selectFrom('tariffs')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('state', '<>', 'draft')
    .orderBy('class')
    .orderBy('effective_from', 'desc')
    .orderBy('version', 'desc')
    .execute()
  const inForce = (name: string) =>
    published.find(
      (row) => row.class === name && row.state === 'published' && row.effective_from!.getTime() <= unit.atMs,
    )
  for (const [name, tariff] of Object.entries(tariffs) as [VehicleClass, TariffEntry][]) {
    const before = inForce(name)
    const rules = tariff.rules && (await withZoneIds(founding, priced, tariff.rules))
    const wanted = {
      currency,
      ...columnsOf(tariff),
      ...(rules !== undefined && { rules }),
    }
    const details = before === undefined ? [] : differences({ ...before, rules: rulesOf(before) }, wanted)
    const last = Math.max(0, ...published.map((row) => (row.class === name ? row.version! : 0)))
    const isKept = before !== undefined && details.length === 0
    const version = isKept ? before.version! : last + 1
    const effect = before === undefined ? 'created' : isKept ? 'kept' : 'changed'
    if (!isKept)
      await unit.db
        .insertInto('tariffs')
        .values({
          ...{ company_id: companyId, id: random.uuid(), region_id: regionId, class: name, version },
          ...{ effective_from: new Date(unit.atMs), published_at: new Date(unit.atMs), ...wanted },
          rules: JSON.stringify(rules ?? before?.rules ?? {}),
        })
        .execute()
    entries.push({ effect, kind: 'tariff', name: `${slug} ${name}, version ${version}`, details })
  }
  for (const name of new Set(published.map((row) => row.class)))
    if (tariffs[name] === undefined && inForce(name) !== undefined)
      entries.push({ effect: 'left', kind: 'tariff', name: `${slug} ${name}`, details: [] })
}

async function withZoneIds(
  { unit, companyId }: Founding,
  { regionId, slug }: Priced,
  rules: TariffRules<string>,
): Promise<TariffRules> {
  const named = zonesOf(rules)
  if (named.length === 0) return renameZones(rules, () => '' as ZoneId)
  const rows = await unit.db
    .selectFrom('zones')
    .select(['id', 'slug'])
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('slug', 'in', named)
    .execute()
  const ids = new Map(rows.map((row) => [row.slug, row.id]))
  return renameZones(rules, (zone) => {
    const id = ids.get(zone)
    if (id !== undefined) return id
    throw new CompanyFileError([
      { path: 'regions', message: `have a tariff rule about a zone that ${slug} does not have: ${zone}` },
    ])
  })
}
