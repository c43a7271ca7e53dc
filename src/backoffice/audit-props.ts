/** An entry of the trail as its view wants it: in words, with a way to what it is about. */
import type { AuditEntryProps } from '../../views/backoffice/audit-entry.ts'
import { actionOf } from '../audit/actions.ts'
import { changesOf, textOf } from '../audit/changes.ts'
import type { AuditRow } from '../audit/search.ts'

export function auditEntryProps(row: AuditRow): AuditEntryProps {
  const { before, after, ...more } = row.detail
  return {
    sequence: row.sequence,
    atMs: row.atMs,
    actor: row.actor ?? (row.actorId === null ? null : 'Somebody out of sight'),
    actorHref: row.actorId === null ? null : `/admin/people/${row.actorId}`,
    words: actionOf(row.action).words,
    action: row.action,
    subject: row.subjectName ?? (row.subject === null ? null : short(row.subject)),
    subjectHref: row.subject === null ? null : hrefOf(row.subjectKind, row.subject),
    // "Ada signed in · session 01a1fd55" says nothing more to anybody.
    showSubject: row.subject !== null && row.subjectKind !== 'session' && row.subject !== row.actorId,
    company: row.company,
    changes: changesOf(before, after),
    more: Object.entries(more).map(([name, value]) => ({ name, value: textOf(value) })),
    address: row.address,
    requestId: row.requestId,
  }
}

/** Where one sees more of it; null where there is no page. */
function hrefOf(kind: string | null, id: string): string | null {
  switch (kind) {
    case 'person':
      return `/admin/people/${id}`
    case 'company':
      return `/admin/companies/${id}`
    case 'zone':
      return `/admin/zones/${id}`
    case 'tariff':
      return `/admin/tariffs/${id}`
    case 'ride':
      return `/board?ride=${id}`
    default:
      return null
  }
}

function short(id: string): string {
  return id.length > 13 ? `${id.slice(0, 8)}…` : id
}
