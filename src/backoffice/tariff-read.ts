/** What the office's pages show of tariffs: versions by how they stand, one of them, and what zones are called. */

import { figureLine, type ZoneNames } from '../../views/backoffice/tariff-words.ts'
import type { TariffsPageProps, VersionProps } from '../../views/backoffice/tariffs.ts'
import { CLASS_WORDS } from '../../views/drivers/words.ts'
import type { Company, Region } from '../companies/companies.ts'
import { zonesOf } from '../engine/tariff.ts'
import { type CompanyId, type RegionId, VEHICLE_CLASSES, type ZoneId } from '../engine/units.ts'
import { type TariffVersion, tariffDraft, tariffVersions } from '../fares/tariff-versions.ts'
import type { Db } from '../io/postgres.ts'

export interface StandingVersion extends TariffVersion {
  readonly standing: VersionProps['standing']
}

/** Every version of a region, each with how it stands now. */
export async function standingVersions(
  db: Db,
  { companyId, id: regionId }: Pick<Region, 'companyId' | 'id'>,
  nowMs: number,
): Promise<StandingVersion[]> {
  const versions = await tariffVersions(db, companyId, regionId)
  return versions.map((version) => {
    const { state, effectiveFromMs } = version
    if (state === 'withdrawn') return { ...version, standing: 'withdrawn' }
    if (effectiveFromMs > nowMs) return { ...version, standing: 'to come' }
    // The one that comes into force last stands first.
    const inForce = versions.find(
      (one) => one.class === version.class && one.state === 'published' && one.effectiveFromMs <= nowMs,
    )
    return { ...version, standing: inForce?.id === version.id ? 'in force' : 'past' }
  })
}

export function versionProps(version: StandingVersion): VersionProps {
  const { figures, class: _class, state: _state, ...props } = version
  return { ...props, summary: figureLine(figures) }
}

/** The tariffs whose rules name a zone, where they can still count: in force, to come, drafts. */
export async function tariffsNaming(
  db: Db,
  region: Pick<Region, 'companyId' | 'id'>,
  { zoneId, nowMs }: { readonly zoneId: ZoneId; readonly nowMs: number },
): Promise<{ href: string; words: string }[]> {
  const versions = await standingVersions(db, region, nowMs)
  const drafts = await Promise.all(
    VEHICLE_CLASSES.map((vehicleClass) =>
      tariffDraft(db, { companyId: region.companyId, regionId: region.id, class: vehicleClass }),
    ),
  )
  const names = ({ figures }: { figures: TariffVersion['figures'] }) =>
    zonesOf(figures.rules).includes(zoneId)
  return [
    ...versions
      .filter(({ standing }) => standing === 'in force' || standing === 'to come')
      .filter(names)
      .map(({ id, version, standing, ...of }) => ({
        href: `/admin/tariffs/${id}`,
        words: `${CLASS_WORDS[of.class]}, version ${version} (${standing})`,
      })),
    ...drafts
      .filter((draft) => draft !== undefined)
      .filter(names)
      .map((draft) => ({
        href: `/admin/regions/${region.id}/tariffs/${draft.class}`,
        words: `the draft of ${CLASS_WORDS[draft.class]}`,
      })),
  ]
}

/** The regions of some companies with the classes that have a tariff, a draft, or none yet. */
export async function readTariffs(
  db: Db,
  companies: readonly Company[],
  { regions, nowMs }: { readonly regions: readonly Region[]; readonly nowMs: number },
): Promise<TariffsPageProps['regions']> {
  const ids = companies.map(({ id }) => id)
  const drafts =
    ids.length === 0
      ? []
      : await db
          .selectFrom('tariffs')
          .select(['region_id', 'class'])
          .where('company_id', 'in', ids)
          .where('state', '=', 'draft')
          .execute()
  const own = companies.flatMap((company) =>
    regions.filter(({ companyId }) => companyId === company.id).map((region) => ({ company, region })),
  )
  return Promise.all(
    own.map(async ({ company, region }) => {
      const versions = await standingVersions(db, region, nowMs)
      return {
        ...{ id: region.id, name: region.name, timeZone: region.timeZone },
        company: companies.length > 1 ? company.name : null,
        classes: VEHICLE_CLASSES.map((vehicleClass) => ({
          class: vehicleClass,
          versions: versions.filter((one) => one.class === vehicleClass).map(versionProps),
          hasDraft: drafts.some((draft) => draft.region_id === region.id && draft.class === vehicleClass),
        })),
      }
    }),
  )
}

/** What a region's zones are called, closed ones too: old versions speak of them. */
export async function zoneNames(db: Db, companyId: CompanyId, regionId: RegionId): Promise<ZoneNames> {
  const rows = await db
    .selectFrom('zones')
    .select(['id', 'name', 'deleted_at'])
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .execute()
  return new Map(
    rows.map(({ id, name, deleted_at }) => [id, deleted_at === null ? name : `${name} (closed)`]),
  )
}
