/** Between the password and the second factor: a question that waits for ten minutes and opens nothing else. */
import type { Kysely } from 'kysely'
import type { IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { SessionKind } from '../io/tables/sessions.ts'
import type { Tables } from '../io/tables.ts'
import { tokenHash } from './session-tokens.ts'

export const PENDING_MS = 10 * 60_000
/** After so many the password is asked for again. */
export const MOST_PENDING_TRIES = 5
const TOKEN_BYTES = 32

export interface Pending {
  readonly id: string
  readonly identityId: IdentityId
  readonly email: string
  readonly name: string
  readonly language: string
  readonly kind: SessionKind
  readonly remembered: boolean
  readonly next: string
  readonly tries: number
}

/** Ask for the second factor; returns the token under which the answer is to come. */
export async function ask(
  unit: Pick<Work, 'db' | 'atMs'>,
  random: Random,
  row: { identityId: IdentityId; kind: SessionKind; remembered: boolean; next: string },
): Promise<string> {
  const token = Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url')
  await unit.db
    .insertInto('pending_sign_ins')
    .values({
      id: random.uuid(),
      identity_id: row.identityId,
      token: tokenHash(token),
      kind: row.kind,
      remembered: row.remembered,
      next: row.next,
      expires_at: new Date(unit.atMs + PENDING_MS),
      created_at: new Date(unit.atMs),
    })
    .execute()
  return token
}

function waiting(db: Kysely<Tables>, token: string, atMs: number) {
  return db
    .selectFrom('pending_sign_ins as pending')
    .innerJoin('identities as identity', 'identity.id', 'pending.identity_id')
    .select([
      'pending.id',
      'pending.identity_id as identityId',
      'pending.kind',
      'pending.remembered',
      'pending.next',
      'pending.tries',
      'identity.email',
      'identity.name',
      'identity.language',
    ])
    .where('pending.token', '=', tokenHash(token))
    .where('pending.expires_at', '>', new Date(atMs))
    .where('identity.deleted_at', 'is', null)
    .where('identity.banned_at', 'is', null)
}

/** The sign-in that waits under this token; null when it has run out, or was answered. */
export async function findPending(db: Kysely<Tables>, token: string, atMs: number): Promise<Pending | null> {
  const row = await waiting(db, token, atMs)
    .where('pending.tries', '<', MOST_PENDING_TRIES)
    .executeTakeFirst()
  return row ?? null
}

/** Take one of its tries, before the answer is looked at; null when there is none left. */
export async function takePendingTry(db: Kysely<Tables>, id: string): Promise<number | null> {
  const row = await db
    .updateTable('pending_sign_ins')
    .set((eb) => ({ tries: eb('tries', '+', 1) }))
    .where('id', '=', id)
    .where('tries', '<', MOST_PENDING_TRIES)
    .returning('tries')
    .executeTakeFirst()
  return row?.tries ?? null
}

/** Hold it for the rest of the unit of work, so that one answer counts; false when another one was quicker. */
export async function holdPending(unit: Pick<Work, 'db' | 'atMs'>, id: string): Promise<boolean> {
  const row = await unit.db
    .selectFrom('pending_sign_ins')
    .select('id')
    .where('id', '=', id)
    .where('expires_at', '>', new Date(unit.atMs))
    .forUpdate()
    .executeTakeFirst()
  return row !== undefined
}

export async function forgetPending(db: Kysely<Tables>, id: string): Promise<void> {
  await db.deleteFrom('pending_sign_ins').where('id', '=', id).execute()
}

/** Whatever was asked of this person is not asked any more: their password or their factors are others now. */
export async function forgetPendingOf(db: Kysely<Tables>, identityId: IdentityId): Promise<void> {
  await db.deleteFrom('pending_sign_ins').where('identity_id', '=', identityId).execute()
}

/** Remove those that ran out; returns how many there were. */
export async function forgetOldPending(db: Kysely<Tables>, atMs: number): Promise<number> {
  const result = await db
    .deleteFrom('pending_sign_ins')
    .where('expires_at', '<=', new Date(atMs))
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
