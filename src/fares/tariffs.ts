/** The tariff in force for each class of a region. */
import { type Kysely, type Selectable, sql } from 'kysely'
import type { Tariff } from '../engine/fare.ts'
import type { CompanyId, RegionId, VehicleClass } from '../engine/units.ts'
import type { TariffRow } from '../io/tables/rides.ts'
import type { Tables } from '../io/tables.ts'

export interface NamedTariff extends Tariff {
  readonly id: string
  readonly class: VehicleClass
  readonly version: number
  readonly taxLabel: string
  readonly driverShareBasisPoints: number
}

function tariffOf(row: Selectable<TariffRow>): NamedTariff {
  return {
    id: row.id,
    class: row.class,
    version: row.version,
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
  }
}

/** One tariff a class: the newest version that is in force at `at`. */
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
    .where('effective_from', '<=', at)
    .orderBy('class')
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
    .executeTakeFirstOrThrow()
  return tariffOf(row)
}
