/** Looking into the trail: whose entries one may see, which of them, newest first, page by page. */
import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { CompanyId, IdentityId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'
import { PERSONAL_ACTIONS } from './actions.ts'

/** Whose trail: everybody's, or that of some companies and of the people who work for them. */
export type AuditScope = { readonly all: true } | { readonly companyIds: readonly CompanyId[] }

export interface AuditFilter {
  /** From this instant on. */
  readonly fromMs?: number
  /** Before this instant. */
  readonly untilMs?: number
  /** Part of the name or e-mail address of who did it, or their id. */
  readonly who?: string
  readonly action?: string
  /** Only these. */
  readonly actions?: readonly string[]
  /** The id of what it was done to, or for people part of their name or e-mail address. */
  readonly subject?: string
  /** Who did it, or to whom it was done. */
  readonly person?: IdentityId
  /** Somewhere in the action, the detail, the address or the request. */
  readonly text?: string
}

export interface AuditRow {
  readonly sequence: string
  readonly atMs: number
  readonly companyId: CompanyId | null
  readonly company: string | null
  readonly actorId: IdentityId | null
  readonly actor: string | null
  readonly action: string
  readonly subjectKind: string | null
  readonly subject: string | null
  /** The name of a person or company that is still there. */
  readonly subjectName: string | null
  readonly detail: Readonly<Record<string, unknown>>
  readonly address: string | null
  readonly requestId: string | null
}

export interface AuditPage {
  readonly rows: readonly AuditRow[]
  /** Give it as `before` for the next page; null: these were the last. */
  readonly next: string | null
}

/** Up to `limit` entries older than `before`, newest first, by the order in which they were written. */
export async function searchAudit(
  db: Kysely<Tables>,
  scope: AuditScope,
  filter: AuditFilter,
  { before, limit }: { readonly before?: string; readonly limit: number },
): Promise<AuditPage> {
  const rows = await db
    .selectFrom('audit_entries as entry')
    .leftJoin('identities as actor', 'actor.id', 'entry.actor_id')
    .leftJoin('companies as owner', 'owner.id', 'entry.company_id')
    .select([
      'entry.sequence',
      'entry.at',
      'entry.company_id as companyId',
      'owner.name as company',
      'entry.actor_id as actorId',
      'actor.name as actor',
      'entry.action',
      'entry.subject_kind as subjectKind',
      'entry.subject',
      'entry.detail',
      'entry.address',
      'entry.request_id as requestId',
    ])
    .where((eb) => eb.and(conditions(scope, filter)))
    .$if(before !== undefined, (query) => query.where('entry.sequence', '<', before!))
    .orderBy('entry.sequence', 'desc')
    .limit(limit + 1)
    .execute()
  const shown = rows.slice(0, limit)
  const names = await subjectNames(db, shown)
  return {
    rows: shown.map(({ at, detail, ...row }) => ({
      ...row,
      subjectName: row.subject === null ? null : (names.get(row.subject) ?? null),
      sequence: String(row.sequence),
      atMs: at.getTime(),
      detail: detail as Record<string, unknown>,
    })),
    next: rows.length > limit ? String(shown.at(-1)!.sequence) : null,
  }
}

/**
 * People and companies that entries are about, by id. Asked for by themselves: a subject is a text, and behind row-level
 * security no join by it would use an index.
 */
async function subjectNames(
  db: Kysely<Tables>,
  rows: readonly { readonly subjectKind: string | null; readonly subject: string | null }[],
): Promise<Map<string, string>> {
  const ids = (kind: string) => [
    ...new Set(
      rows.flatMap(({ subjectKind, subject }) =>
        subjectKind === kind && subject !== null && isUuid(subject) ? subject : [],
      ),
    ),
  ]
  const [people, companies] = [ids('person') as IdentityId[], ids('company') as CompanyId[]]
  const found = await Promise.all([
    people.length === 0
      ? []
      : db.selectFrom('identities').select(['id', 'name']).where('id', 'in', people).execute(),
    companies.length === 0
      ? []
      : db.selectFrom('companies').select(['id', 'name']).where('id', 'in', companies).execute(),
  ])
  return new Map(found.flat().map(({ id, name }) => [id as string, name]))
}

function conditions(scope: AuditScope, filter: AuditFilter): RawBuilder<SqlBool>[] {
  const { fromMs, untilMs, action, who, subject, person, text } = filter
  const all: RawBuilder<SqlBool>[] = []
  if (!('all' in scope)) all.push(within(scope.companyIds))
  if (fromMs !== undefined) all.push(sql`entry.at >= ${new Date(fromMs)}`)
  if (untilMs !== undefined) all.push(sql`entry.at < ${new Date(untilMs)}`)
  if (action !== undefined) all.push(sql`entry.action = ${action}`)
  if (filter.actions !== undefined) all.push(sql`entry.action = any(${[...filter.actions]}::text[])`)
  if (who !== undefined)
    all.push(
      isUuid(who) ? sql`entry.actor_id = ${who}::uuid` : sql`entry.actor_id in (${peopleLike(scope, who)})`,
    )
  if (subject !== undefined)
    all.push(
      sql`(entry.subject = ${subject} or entry.subject in (select id::text from (${peopleLike(scope, subject)}) found))`,
    )
  if (person !== undefined) all.push(sql`(entry.actor_id = ${person}::uuid or entry.subject = ${person})`)
  if (text !== undefined) {
    const like = `%${escapeLike(text)}%`
    all.push(
      sql`(entry.action ilike ${like} or entry.detail::text ilike ${like} or entry.address ilike ${like}
        or entry.request_id = ${text})`,
    )
  }
  return all
}

/** What belongs to the companies, and what their people did or had done to them that belongs to no company. */
function within(companyIds: readonly CompanyId[]): RawBuilder<SqlBool> {
  const ids = sql`${[...companyIds]}::uuid[]`
  return sql`(entry.company_id = any(${ids}) or (
    entry.company_id is null and entry.action = any(${[...PERSONAL_ACTIONS]}::text[]) and (
      entry.actor_id in (select identity_id from memberships where company_id = any(${ids}))
      or entry.subject in (select identity_id::text from memberships where company_id = any(${ids})))))`
}

/** Ids of people by a part of the name; by the e-mail address only where one may know it. */
function peopleLike(scope: AuditScope, words: string): RawBuilder<unknown> {
  const like = `%${escapeLike(words)}%`
  const mayKnow =
    'all' in scope
      ? sql`true`
      : sql`i.id in (select identity_id from memberships where company_id = any(${[...scope.companyIds]}::uuid[]))`
  return sql`select i.id from identities i where i.name ilike ${like} or (i.email ilike ${like} and ${mayKnow})`
}

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text)
}

/** A text to be found as it is inside a LIKE pattern. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}
