/** The zones that tariffs speak of, as shapes to be asked. */
import type { Kysely } from 'kysely'
import { type TariffRules, zonesOf } from '../engine/tariff.ts'
import type { CompanyId, RegionId } from '../engine/units.ts'
import { shapeOf, type ZoneShape } from '../engine/zone.ts'
import type { Tables } from '../io/tables.ts'

/**
 * Read from the database each time, so that the next price knows of a zone drawn anew, whichever process makes it; a
 * closed zone is none. Nothing is asked where no rule speaks of a zone.
 */
export async function shapesOfRules(
  db: Kysely<Tables>,
  { companyId, regionId }: { readonly companyId: CompanyId; readonly regionId: RegionId },
  tariffs: readonly { readonly rules: Pick<TariffRules, 'zones'> }[],
): Promise<ZoneShape[]> {
  const ids = [...new Set(tariffs.flatMap(({ rules }) => zonesOf(rules)))]
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('zones')
    .select(['id', 'area', 'hysteresis_m'])
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('id', 'in', ids)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .execute()
  return rows.map((row) => shapeOf({ id: row.id, area: row.area, hysteresisM: row.hysteresis_m }))
}
