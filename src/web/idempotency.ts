/** One-time keys: a form or call sent twice has one effect, and both get the same answer. */
import { createHash } from 'node:crypto'
import type { ExpressionBuilder, Transaction } from 'kysely'
import pg from 'pg'
import { assert, type IdentityId } from '../engine/units.ts'
import { OutsideError } from '../io/outside.ts'
import type { Db } from '../io/postgres.ts'
import type { Tables } from '../io/tables.ts'
import { HttpProblem } from './problem.ts'

/** What is kept of an answer; a page's answer is a 303 with the path it leads to. */
export interface KeptAnswer {
  readonly status: number
  readonly body: unknown
  readonly location?: string
}

/** Whom a key belongs to: a person, or a browser that has not signed in (`visitorOf`). */
export type KeyHolder = { readonly identityId: IdentityId } | { readonly visitor: string }

/** One use of a key. */
export type KeyUse = KeyHolder & {
  /** Method and path as the table of permissions writes them, and the ride or offer it is about. */
  readonly route: string
  readonly key: string
  /** From `hashBody`. */
  readonly bodyHash: string
}

/** A use with its instant, epoch milliseconds. */
export type OneTimeKey = KeyUse & { readonly atMs: number }

/** A browser's own random value as it is kept with its keys. */
export function visitorOf(cookie: string): { readonly visitor: string } {
  return { visitor: createHash('sha256').update(cookie).digest('base64url') }
}

/** How long an answer is kept. */
export const KEY_KEPT_MS = 24 * 3_600_000
const KEY_FORM = /^[A-Za-z0-9_-]{8,128}$/
const LOCK_NOT_AVAILABLE = '55P03'

/**
 * Do `work` once per key. It runs in `db`'s transaction, which keeps its answer too; a second request waits for
 * the first (up to the connection's lock timeout) and gets what that one got. When `work` throws, nothing is kept
 * and the key may be used again. Needs the transaction to be READ COMMITTED, as ours are.
 * @throws HttpProblem 409 while the first is still being done, 422 when the key came with another body
 */
export async function once(
  db: Transaction<Tables>,
  use: OneTimeKey,
  work: () => Promise<KeptAnswer>,
): Promise<KeptAnswer & { readonly replayed: boolean }> {
  const { route, key } = use
  const row = {
    ...{ identity_id: null, visitor: null, ...holderColumns(use) },
    ...{ route, key, body_hash: use.bodyHash, created_at: new Date(use.atMs) },
  }
  const claimed = await db
    .insertInto('idempotency_keys')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('key')
    .executeTakeFirst()
    .catch(stillBusy)
  if (claimed === undefined) return { ...(await keptAnswer(db, use)), replayed: true }
  const answer = await work()
  await db
    .updateTable('idempotency_keys')
    .set({ status: answer.status, answer: JSON.stringify({ body: answer.body, location: answer.location }) })
    .where(sameUse(use))
    .execute()
  return { ...answer, replayed: false }
}

function holderColumns(use: KeyHolder): { identity_id: IdentityId } | { visitor: string } {
  return 'identityId' in use ? { identity_id: use.identityId } : { visitor: use.visitor }
}

function sameUse(use: KeyUse) {
  return (eb: ExpressionBuilder<Tables, 'idempotency_keys'>) =>
    eb.and({ ...holderColumns(use), route: use.route, key: use.key })
}

/** A key that stays locked is not the database's fault here: the first sending of it is still at work. */
function stillBusy(error: unknown): never {
  const cause = error instanceof OutsideError ? error.cause : error
  if (cause instanceof pg.DatabaseError && cause.code === LOCK_NOT_AVAILABLE) {
    throw new HttpProblem(409, 'This is still being done. Look again in a moment.', {
      headers: { 'retry-after': '1' },
    })
  }
  throw error
}

/** What a key was answered before; null where it was not used. */
export function keptBefore(db: Db, use: KeyUse): Promise<KeptAnswer | null> {
  return readKept(db, use)
}

async function keptAnswer(db: Transaction<Tables>, use: OneTimeKey): Promise<KeptAnswer> {
  const kept = await readKept(db, use)
  assert(kept !== null, 'a key that could not be claimed is there')
  return kept
}

async function readKept(db: Db, use: KeyUse): Promise<KeptAnswer | null> {
  const kept = await db
    .selectFrom('idempotency_keys')
    .select(['body_hash', 'status', 'answer'])
    .where(sameUse(use))
    .executeTakeFirst()
  if (kept === undefined) return null
  if (kept.body_hash !== use.bodyHash) {
    throw new HttpProblem(422, 'This was sent before with other content. Load the page again.', {
      errors: [{ field: 'key', message: 'This one-time key was used for something else.' }],
    })
  }
  assert(kept.status !== null, 'a committed one-time key has its answer')
  const { body, location } = kept.answer as Pick<KeptAnswer, 'body' | 'location'>
  return { status: kept.status, body, ...(location === undefined ? {} : { location }) }
}

/**
 * The one-time key of a request, from its Idempotency-Key header or the form's `key` field.
 * @throws HttpProblem 422 when there is none, or it is not 8 to 128 letters, digits, hyphens and underscores
 */
export function oneTimeKey(key = ''): string {
  if (KEY_FORM.test(key)) return key
  throw new HttpProblem(422, 'A one-time key is needed, so that this is done only once.', {
    errors: [{ field: 'key', message: 'Send 8 to 128 letters, digits, hyphens or underscores.' }],
  })
}

/** SHA-256 of a parsed body, whatever the order of its fields; the one-time key itself does not count. */
export function hashBody(body: unknown): string {
  const { key: _key, ...fields } = (body ?? {}) as Record<string, unknown>
  return createHash('sha256').update(canonical(fields)).digest('base64url')
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(',')}}`
}

/** Forget keys older than a day; returns how many there were. */
export async function forgetOldKeys(db: Db, nowMs: number): Promise<number> {
  const result = await db
    .deleteFrom('idempotency_keys')
    .where('created_at', '<', new Date(nowMs - KEY_KEPT_MS))
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
