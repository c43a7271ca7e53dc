/**
 * Wrong tries, counted in the database for all processes. A try is taken before its password or code is looked at,
 * so that however many come at once, no more than five are ever looked at before the lock.
 */
import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { IdentityId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'

/** The fifth wrong try locks. */
export const MOST_FAILURES = 5
/**
 * How long. Wrong tries are also forgotten this long after the last one: guessing slowly then gains nothing over
 * waiting for the lock to open.
 */
export const LOCK_MS = 30 * 60_000
/** Rows that say nothing any more. */
const KEPT_MS = 24 * 3_600_000

/** Whose tries are counted together. */
export type TryKey = string & { readonly brand: 'TryKey' }

/** Signing in with this address, whether somebody has it or not. */
export function signInTries(email: string): TryKey {
  return hashOf(`sign in ${email}`)
}

/** Confirming in a session that runs: apart from the sign-in page, where strangers could use the tries up. */
export function confirmTries(identityId: IdentityId): TryKey {
  return hashOf(`confirm ${identityId}`)
}

function hashOf(text: string): TryKey {
  return createHash('sha256').update(text).digest('base64url') as TryKey
}

export interface TakenTry {
  /** How many there are with this one; the fifth has locked already, should it turn out wrong. */
  readonly failures: number
}

/** Take one try; null while locked. One statement, so tries of all processes stand in line at its row. */
export async function takeTry(db: Kysely<Tables>, key: TryKey, atMs: number): Promise<TakenTry | null> {
  const at = new Date(atMs)
  const until = new Date(atMs + LOCK_MS)
  const stale = new Date(atMs - LOCK_MS)
  const { rows } = await sql<TakenTry>`
    insert into sign_in_tries as tries (key, failures, failed_at) values (${key}, 1, ${at})
    on conflict (key) do update set
      failed_at = ${at},
      failures = case when tries.locked_until is not null or tries.failed_at <= ${stale} then 1
                 else tries.failures + 1 end,
      locked_until = case when tries.locked_until is null and tries.failed_at > ${stale}
                     and tries.failures + 1 >= ${MOST_FAILURES} then ${until}::timestamptz end
    where tries.locked_until is null or tries.locked_until <= ${at}
    returning failures`.execute(db)
  return rows[0] ?? null
}

/** The try was not wrong, but not the whole way either: it does not count, the ones before it still do. */
export async function giveBackTry(db: Kysely<Tables>, key: TryKey, taken: TakenTry): Promise<void> {
  await db
    .updateTable('sign_in_tries')
    .set((eb) => ({
      failures: sql<number>`greatest(failures - 1, 0)`,
      // Only the fifth had locked; a lock that others earned meanwhile stays.
      locked_until: taken.failures >= MOST_FAILURES ? null : eb.ref('locked_until'),
    }))
    .where('key', '=', key)
    .execute()
}

/** Somebody has shown who they are: nothing counts any more, and a lock opens. */
export async function forgetTries(db: Kysely<Tables>, key: TryKey): Promise<void> {
  await db.deleteFrom('sign_in_tries').where('key', '=', key).execute()
}

/** Until when sign-in by password is locked for this address; null when it is open. */
export async function lockedUntilMs(db: Kysely<Tables>, key: TryKey, atMs: number): Promise<number | null> {
  const row = await db
    .selectFrom('sign_in_tries')
    .select('locked_until')
    .where('key', '=', key)
    .executeTakeFirst()
  const untilMs = row?.locked_until?.getTime() ?? 0
  return untilMs > atMs ? untilMs : null
}

/** Remove counts of yesterday; returns how many there were. */
export async function forgetOldTries(db: Kysely<Tables>, atMs: number): Promise<number> {
  const result = await db
    .deleteFrom('sign_in_tries')
    .where('failed_at', '<', new Date(atMs - KEPT_MS))
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
