/** The tariff in force for each class of a region. */
import { type Kysely, type Selectable, sql } from 'kysely'
import type { Tariff } from '../engine/fare.ts'
import { PLAIN_RULES, type TariffRules } from '../engine/tariff.ts'
import type { CompanyId, RegionId, VehicleClass } from '../engine/units.ts'
import type { TariffRow } from '../io/tables/rides.ts'
import type { Tables } from '../io/tables.ts'

/** The figures of a tariff, of a draft or of a published version. */
export interface TariffFigures extends Tariff {
  readonly taxLabel: string
  readonly driverShareBasisPoints: number
  readonly rules: TariffRules
}

export interface NamedTariff extends TariffFigures {
  readonly id: string
  readonly class: VehicleClass
  readonly version: number
}

type FigureColumns = Omit<
  Selectable<TariffRow>,
  `${string}_at` | `${string}_by` | 'effective_from' | 'version' | 'state' | 'revision'
>

/** What a row prices by. */
export function figuresOf(row: FigureColumns): TariffFigures {
  return {
    currency: row.currency,
    baseMinor: row.base_minor,
    bookingFeeMinor: row.booking_fee_minor,
    perKmMinor: row.per_km_minor,
    perMinuteMinor: row.per_minute_minor,
    minimumMinor: row.minimum_minor,
    taxBasisPoints: row.tax_basis_points,
    taxLabel: row.tax_label,
    cancelFeeMinor: row.cancel_fee_minor,
    cancelFreeS: row.cancel_free_s,
    noShowFeeMinor: row.no_show_fee_minor,
    noShowAfterS: row.no_show_after_s,
    driverShareBasisPoints: row.driver_share_basis_points,
    rules: rulesOf(row),
  }
}

/** The columns that a tariff's figures are kept in. */
export function columnsOf(figures: Omit<TariffFigures, 'currency' | 'rules'>) {
  return {
    base_minor: figures.baseMinor,
    booking_fee_minor: figures.bookingFeeMinor,
    per_km_minor: figures.perKmMinor,
    per_minute_minor: figures.perMinuteMinor,
    minimum_minor: figures.minimumMinor,
    tax_basis_points: figures.taxBasisPoints,
    tax_label: figures.taxLabel,
    cancel_fee_minor: figures.cancelFeeMinor,
    cancel_free_s: figures.cancelFreeS,
    no_show_fee_minor: figures.noShowFeeMinor,
    no_show_after_s: figures.noShowAfterS,
    driver_share_basis_points: figures.driverShareBasisPoints,
  }
}

/** The rules of a row, of one from before there were any too. */
export function rulesOf({ rules }: Pick<Selectable<TariffRow>, 'rules'>): TariffRules {
  return { ...PLAIN_RULES, ...rules }
}

function tariffOf(row: Selectable<TariffRow>): NamedTariff {
  // Only drafts have no number, and nobody prices a ride by one.
  return { ...figuresOf(row), id: row.id, class: row.class, version: row.version! }
}

/**
 * One tariff a class: of the published versions the one that came into force last before `at`, however they were
 * numbered; of two from the same instant the newer.
 */
export async function tariffsInForce(
  db: Kysely<Tables>,
  companyId: CompanyId,
  { regionId, at }: { regionId: RegionId; at: Date },
): Promise<NamedTariff[]> {
  const rows = await db
    .selectFrom('tariffs')
    .distinctOn('class')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('state', '=', 'published')
    .where('effective_from', '<=', at)
    .orderBy('class')
    .orderBy('effective_from', 'desc')
    .orderBy('version', 'desc')
    .execute()
  return rows.map(tariffOf)
}

/** The very tariff a ride was priced with, however many came after it. */
export async function tariffById(
  db: Kysely<Tables>,
  companyId: CompanyId,
  tariffId: string,
): Promise<NamedTariff> {
  const row = await db
    .selectFrom('tariffs')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('id', '=', sql<string>`${tariffId}::uuid`)
    .where('state', '<>', 'draft')
    .executeTakeFirstOrThrow()
  return tariffOf(row)
}

/** What each of some tariffs calls its tax, by the tariff's id. */
export async function taxLabels(
  db: Kysely<Tables>,
  companyId: CompanyId,
  tariffIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (tariffIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('tariffs')
    .select(['id', 'tax_label'])
    .where('company_id', '=', companyId)
    .where('id', 'in', [...new Set(tariffIds)])
    .execute()
  return new Map(rows.map((row) => [row.id, row.tax_label]))
}
