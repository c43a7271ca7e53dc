/** Who at the desk did what: the company's audit trail as far as it is about rides and drivers, to be looked through. */
import type { Kysely } from 'kysely'
import type { AuditEntryProps } from '../../views/backoffice/audit-entry.ts'
import { ACTIONS, type AuditAction, actionOf, type SubjectKind } from '../audit/actions.ts'
import { changesOf, textOf } from '../audit/changes.ts'
import { type AuditFilter, type AuditRow, isUuid, searchAudit } from '../audit/search.ts'
import type { CompanyId, DriverId, RideId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'
import { driverNames, referencesOf } from './store.ts'

const PAGE_SIZE = 50

/** What the desk works on; sign-ins, rights and settings are the office's to read. */
const SUBJECTS: ReadonlySet<SubjectKind> = new Set(['ride', 'driver', 'sending', 'note', 'view'])
/** Whoever joins or leaves the fleet is the office's as well. */
const NOT_THE_DESKS: ReadonlySet<string> = new Set([
  ...['driver.applied', 'driver.approved', 'driver.rejected', 'driver.deleted', 'driver.restored'],
])

export const DESK_ACTIONS: readonly AuditAction[] = (Object.keys(ACTIONS) as AuditAction[]).filter(
  (name) => SUBJECTS.has(ACTIONS[name].subject) && !NOT_THE_DESKS.has(name),
)

export interface DeedsAsked {
  /** Part of a name. */
  readonly who?: string | undefined
  readonly action?: string | undefined
  /** A ride's number, a driver's call sign, or an id. */
  readonly about?: string | undefined
  readonly fromMs?: number | undefined
  readonly untilMs?: number | undefined
  /** Where the page before ended. */
  readonly before?: string | undefined
}

export interface Deeds {
  readonly entries: readonly AuditRow[]
  /** By the ids of what the entries are about. */
  readonly names: ReadonlyMap<string, string>
  readonly next: string | null
}

/** Newest first, a page at a time; nothing for a ride or a driver that the company does not have. */
export async function readDeeds(db: Kysely<Tables>, companyId: CompanyId, asked: DeedsAsked): Promise<Deeds> {
  const subject = asked.about === undefined ? undefined : await subjectOf(db, companyId, asked.about)
  if (subject === null) return { entries: [], names: new Map(), next: null }
  const filter: AuditFilter = {
    actions: DESK_ACTIONS,
    ...(asked.who !== undefined && { who: asked.who }),
    ...(asked.action !== undefined && { action: asked.action }),
    ...(subject !== undefined && { subject }),
    ...(asked.fromMs !== undefined && { fromMs: asked.fromMs }),
    ...(asked.untilMs !== undefined && { untilMs: asked.untilMs }),
  }
  const { rows, next } = await searchAudit(db, { companyIds: [companyId] }, filter, {
    limit: PAGE_SIZE,
    ...(asked.before !== undefined && { before: asked.before }),
  })
  return { entries: rows, names: await namesOf(db, companyId, rows), next }
}

/** The id of what was typed; null for what is not there. */
async function subjectOf(db: Kysely<Tables>, companyId: CompanyId, about: string): Promise<string | null> {
  if (isUuid(about)) return about
  const number = /^(?:HC-)?(\d{4,12})$/i.exec(about)?.[1]
  const ride =
    number === undefined
      ? undefined
      : await db
          .selectFrom('rides')
          .select('id')
          .where('company_id', '=', companyId)
          .where('number', '=', Number(number))
          .executeTakeFirst()
  if (ride !== undefined) return ride.id
  const driver = await db
    .selectFrom('drivers')
    .select('id')
    .where('company_id', '=', companyId)
    .where('call_sign', '=', about)
    .executeTakeFirst()
  return driver?.id ?? null
}

async function namesOf(
  db: Kysely<Tables>,
  companyId: CompanyId,
  rows: readonly AuditRow[],
): Promise<Map<string, string>> {
  const ids = (kind: SubjectKind) =>
    rows.flatMap((row) => (row.subjectKind === kind && row.subject !== null ? row.subject : []))
  const names = new Map<string, string>(await referencesOf(db, companyId, ids('ride') as RideId[]))
  // A detail may name drivers too: who had a ride before, who has it now.
  const drivers = rows.flatMap(({ detail }) =>
    Object.values({ ...(detail.before as object), ...(detail.after as object) }).filter(
      (value): value is string => typeof value === 'string' && isUuid(value),
    ),
  )
  for (const [id, { callSign, name }] of await driverNames(db, companyId, [
    ...ids('driver'),
    ...drivers,
  ] as DriverId[]))
    names.set(id, `${callSign} ${name}`)
  return names
}

/** An entry as its view wants it, with ways to the ride or the driver. */
export function deedProps(row: AuditRow, names: ReadonlyMap<string, string>): AuditEntryProps {
  const { before, after, ...more } = row.detail
  const said = (text: string) => names.get(text) ?? text
  return {
    ...{ sequence: row.sequence, atMs: row.atMs, action: row.action, words: actionOf(row.action).words },
    actor: row.actor ?? (row.actorId === null ? null : 'Somebody out of sight'),
    actorHref: null,
    subject: row.subject === null ? null : (names.get(row.subject) ?? null),
    subjectHref: hrefOf(row),
    showSubject: row.subject !== null && names.has(row.subject),
    // The desk has one company.
    company: null,
    changes: changesOf(before, after).map((change) => ({
      ...change,
      ...{ before: said(change.before), after: said(change.after) },
    })),
    more: Object.entries(more).map(([name, value]) => ({ name, value: textOf(value) })),
    ...{ address: row.address, requestId: row.requestId },
  }
}

function hrefOf({ subjectKind, subject }: AuditRow): string | null {
  if (subject === null) return null
  if (subjectKind === 'ride') return `/board?ride=${subject}`
  return subjectKind === 'driver' ? `/board?driver=${subject}` : null
}
