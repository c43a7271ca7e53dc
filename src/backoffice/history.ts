/** The last changes of one thing, out of the trail, for the page on which it is changed. */

import type { HistoryProps } from '../../views/backoffice/history.ts'
import type { AuditAction } from '../audit/actions.ts'
import { searchAudit } from '../audit/search.ts'
import type { CompanyId } from '../engine/units.ts'
import type { Db } from '../io/postgres.ts'

const SHOWN = 5

/** Newest first; `link` leads to all of them. */
export async function historyOf(
  db: Db,
  { companyId, subject, action }: { companyId: CompanyId; subject: string; action: AuditAction },
): Promise<HistoryProps> {
  const { rows } = await searchAudit(db, { companyIds: [companyId] }, { subject, action }, { limit: SHOWN })
  return {
    entries: rows.map(({ atMs, actor, detail }) => ({
      ...{ atMs, actor },
      before: valuesOf(detail.before),
      after: valuesOf(detail.after),
    })),
    link: `/admin/audit?${new URLSearchParams({ subject, action })}`,
  }
}

function valuesOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
