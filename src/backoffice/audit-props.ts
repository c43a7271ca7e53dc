/** An entry of the trail as its view wants it: in words, with a way to what it is about. */
import type { AuditEntryProps } from '../../views/backoffice/audit-entry.ts'
import { actionOf } from '../audit/actions.ts'
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

function changesOf(before: unknown, after: unknown): AuditEntryProps['changes'] {
  const was = recordOf(before)
  const is = recordOf(after)
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].map((name) => ({
    name,
    before: textOf(was[name] ?? null),
    after: textOf(is[name] ?? null),
  }))
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return value.join(', ') || 'none'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function short(id: string): string {
  return id.length > 13 ? `${id.slice(0, 8)}…` : id
}
