/** What a company says of itself, its switches, and its end: changed on a page, audited, known everywhere at once. */
import { changesBetween, record } from '../audit/audit.ts'
import { FLAGS, type Flag } from '../companies/flags.ts'
import { type CompanyId, ok, type Result, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { setByOffice } from './office-set.ts'
import type { Doer } from './roles.ts'

export interface CompanySettings {
  readonly name: string
  readonly phone: string | null
  readonly address: string | null
  /** As receipts and licences of the trade name them. */
  readonly tax_number: string | null
  readonly licence_number: string | null
  readonly locale: string
  /** Only where the platform changes it: whoever has a host has the pages at it. */
  readonly host?: string | null
}

/** @returns `host_taken` when another company answers at that host */
export async function changeCompany(
  unit: Work,
  random: Random,
  { viewer, web }: Doer,
  { companyId, settings }: { readonly companyId: CompanyId; readonly settings: CompanySettings },
): Promise<Result<null, 'not_there' | 'host_taken'>> {
  const before = await unit.db
    .selectFrom('companies')
    .select(['name', 'phone', 'address', 'tax_number', 'licence_number', 'locale', 'host'])
    .where('id', '=', companyId)
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (before === undefined) return refuse('not_there')
  const changes = changesBetween(before, { ...settings })
  if (changes === null) return ok(null)
  if (settings.host != null) {
    const other = await unit.db
      .selectFrom('companies')
      .select('id')
      .where('host', '=', settings.host)
      .where('id', '<>', companyId)
      .executeTakeFirst()
    if (other !== undefined) return refuse('host_taken')
  }
  await unit.db
    .updateTable('companies')
    .set({ ...settings, office_set: setByOffice(Object.keys(changes.after)) })
    .where('id', '=', companyId)
    .execute()
  await record(unit.db, random, {
    ...{ action: 'company.changed', atMs: unit.atMs, actorId: viewer.identityId, companyId },
    ...{ subject: companyId, address: web.address, requestId: web.requestId, detail: changes },
  })
  unit.tell({ type: 'company.changed', companyId })
  return ok(null)
}

/** Move a switch; says whether it stood the other way. */
export async function switchFlag(
  unit: Work,
  random: Random,
  { viewer, web }: Doer,
  { companyId, flag, isOn }: { readonly companyId: CompanyId; readonly flag: Flag; readonly isOn: boolean },
): Promise<boolean> {
  const row = await unit.db
    .selectFrom('company_flags')
    .select('is_on')
    .where('company_id', '=', companyId)
    .where('flag', '=', flag)
    .forUpdate()
    .executeTakeFirst()
  const before = row?.is_on ?? FLAGS[flag].isOn
  if (before === isOn) return false
  const values = { is_on: isOn, changed_at: new Date(unit.atMs), changed_by: viewer.identityId }
  await unit.db
    .insertInto('company_flags')
    .values({ company_id: companyId, flag, ...values })
    .onConflict((conflict) => conflict.columns(['company_id', 'flag']).doUpdateSet(values))
    .execute()
  await record(unit.db, random, {
    ...{ action: 'flag.switched', atMs: unit.atMs, actorId: viewer.identityId, companyId },
    ...{ subject: companyId, address: web.address, requestId: web.requestId },
    detail: { flag, before: { [flag]: before }, after: { [flag]: isOn } },
  })
  unit.tell({ type: 'company.changed', companyId })
  return true
}
