/** Who did what: written beside the deed, never changed; the database refuses updates and deletes. */
import type { Kysely } from 'kysely'
import { assert, type CompanyId, type IdentityId } from '../engine/units.ts'
import type { Random } from '../io/random.ts'
import type { Tables } from '../io/tables.ts'
import { ACTIONS, type AuditAction, type SubjectKind } from './actions.ts'

type Values = Readonly<Record<string, unknown>>

export interface AuditEntry {
  /** `noun.verb`, out of the list in actions.ts. */
  readonly action: AuditAction
  readonly atMs: number
  /** Who did it; left out where nobody did, or nobody we know. */
  readonly actorId?: IdentityId
  readonly companyId?: CompanyId
  /** The id of what it was done to. */
  readonly subject?: string
  /** What that is the id of, where it is another than the action's usual one. */
  readonly subjectKind?: SubjectKind
  /** Reasons, counts, and `before` and `after`; never a secret. */
  readonly detail?: Values
  readonly address?: string
  readonly requestId?: string
}

/**
 * Write one entry; with a transaction as `db` it stands or falls with the deed.
 * @throws BugError for a detail that looks like a secret
 */
export async function record(db: Kysely<Tables>, random: Random, entry: AuditEntry): Promise<void> {
  const secret = secretIn(entry.detail)
  assert(secret === null, `the detail of ${entry.action} holds a secret: ${secret}`)
  await db
    .insertInto('audit_entries')
    .values({
      id: random.uuid(),
      at: new Date(entry.atMs),
      action: entry.action,
      actor_id: entry.actorId ?? null,
      company_id: entry.companyId ?? null,
      subject: entry.subject ?? null,
      subject_kind: entry.subject === undefined ? null : (entry.subjectKind ?? ACTIONS[entry.action].subject),
      detail: JSON.stringify(entry.detail ?? {}, shortened),
      address: entry.address ?? null,
      request_id: entry.requestId ?? null,
    })
    .execute()
}

/** What differs between two states of a thing, as `before` and `after` of an entry's detail; null for no difference. */
export function changesBetween(before: Values, after: Values): { before: Values; after: Values } | null {
  const changed = Object.keys(after).filter((name) => !Bun.deepEquals(before[name], after[name]))
  if (changed.length === 0) return null
  const pick = (from: Values) => Object.fromEntries(changed.map((name) => [name, from[name] ?? null]))
  return { before: pick(before), after: pick(after) }
}

/** Longer texts say nothing more to somebody who reads a trail. */
const LONGEST_TEXT = 500
const SECRET_NAME =
  /pass(word|phrase|wd)|secret|token|cookie|csrf|credential|hash|private_?key|(^|[_.])(otp|totp|pin|code)s?$/i
/** Argon2 and bcrypt in PHC form, a session's cookie, a link's token. */
const SECRET_VALUE = /^\$(argon2|2[aby]\$)|^[A-Za-z0-9_-]{32,}\.[A-Za-z0-9+/_=-]{20,}$/

/** The path of the first thing in `value` that is named or written like a secret; null when there is none. */
function secretIn(value: unknown, path = ''): string | null {
  if (typeof value === 'string') return SECRET_VALUE.test(value) ? path : null
  if (typeof value !== 'object' || value === null) return null
  for (const [name, inner] of Object.entries(value)) {
    const where = path === '' ? name : `${path}.${name}`
    if (SECRET_NAME.test(name)) return where
    const found = secretIn(inner, where)
    if (found !== null) return found
  }
  return null
}

function shortened(_name: string, value: unknown): unknown {
  return typeof value === 'string' && value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value
}
