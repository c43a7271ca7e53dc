/** Where it is busy: what a company's admins let a region add, each change with its entry in the trail. */
import { changesBetween, record } from '../audit/audit.ts'
import type { Region } from '../companies/companies.ts'
import type { SurgeRules } from '../engine/surge.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { setByOffice } from './office-set.ts'
import type { Doer } from './roles.ts'

/** Null switches it off. Says whether anything was otherwise before. */
export async function changeSurge(
  unit: Work,
  random: Random,
  { viewer, web }: Doer,
  { region, rules }: { readonly region: Pick<Region, 'companyId' | 'id'>; readonly rules: SurgeRules | null },
): Promise<boolean> {
  const { surge } = await unit.db
    .selectFrom('regions')
    .select('surge')
    .where('company_id', '=', region.companyId)
    .where('id', '=', region.id)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow()
  if (Bun.deepEquals(surge, rules)) return false
  await unit.db
    .updateTable('regions')
    .set({ surge: rules === null ? null : JSON.stringify(rules), office_set: setByOffice(['surge']) })
    .where('company_id', '=', region.companyId)
    .where('id', '=', region.id)
    .execute()
  const detail = changesBetween({ kind: 'off', ...surge }, { ...blankOf(surge), kind: 'off', ...rules })
  await record(unit.db, random, {
    ...{ action: 'surge.changed', atMs: unit.atMs, actorId: viewer.identityId, companyId: region.companyId },
    ...{ subject: region.id, address: web.address, requestId: web.requestId, detail: detail ?? {} },
  })
  unit.tell({ type: 'company.changed', companyId: region.companyId })
  return true
}

/** What was said before and is not any more is told as gone. */
function blankOf(before: SurgeRules | null): Record<string, null> {
  return Object.fromEntries(Object.keys(before ?? {}).map((name) => [name, null]))
}
