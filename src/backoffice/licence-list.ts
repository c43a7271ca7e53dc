/** The drivers of the companies in reach, those whose licence ends first before the others. */
import { sql } from 'kysely'
import type { CompanyId, DriverId } from '../engine/units.ts'
import type { Db } from '../io/postgres.ts'

export interface ListedDriver {
  readonly id: DriverId
  readonly companyId: CompanyId
  readonly name: string
  readonly callSign: string
  readonly approvedUntil: string | null
  readonly waiting: boolean
  readonly disabled: boolean
  readonly stopped: boolean
}

export const DRIVERS_SHOWN = 100

/** At most one more than are shown, so that the page knows of the others. */
export async function listDrivers(
  db: Db,
  { companyIds, words }: { companyIds: readonly CompanyId[]; words: string },
): Promise<ListedDriver[]> {
  if (companyIds.length === 0) return []
  const like = `%${words.replace(/[\\%_]/g, (char) => `\\${char}`)}%`
  const rows = await db
    .selectFrom('drivers')
    .leftJoin('licences', (join) =>
      join
        .onRef('licences.company_id', '=', 'drivers.company_id')
        .onRef('licences.identity_id', '=', 'drivers.identity_id')
        .on('licences.state', '=', 'approved'),
    )
    .select(({ exists, selectFrom }) => [
      ...(['drivers.id', 'drivers.company_id', 'drivers.name', 'drivers.call_sign'] as const),
      ...(['drivers.disabled_at', 'drivers.stopped_at', 'licences.expires_on'] as const),
      exists(
        selectFrom('licences as handed')
          .select('handed.id')
          .whereRef('handed.company_id', '=', 'drivers.company_id')
          .whereRef('handed.identity_id', '=', 'drivers.identity_id')
          .where('handed.state', '=', 'submitted'),
      ).as('waiting'),
    ])
    .where('drivers.company_id', 'in', [...companyIds])
    .where((eb) =>
      words === ''
        ? eb.lit(true)
        : eb.or([eb('drivers.name', 'ilike', like), eb('drivers.call_sign', 'ilike', like)]),
    )
    .orderBy(sql`licences.expires_on nulls first`)
    .orderBy('drivers.name')
    .limit(DRIVERS_SHOWN + 1)
    .execute()
  return rows.map((row) => ({
    ...{ id: row.id, companyId: row.company_id, name: row.name, callSign: row.call_sign },
    ...{ approvedUntil: row.expires_on, waiting: row.waiting === true },
    ...{ disabled: row.disabled_at !== null, stopped: row.stopped_at !== null },
  }))
}
