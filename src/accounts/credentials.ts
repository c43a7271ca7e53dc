/** The password a person signs in with, as the rows that keep it. */
import type { Kysely } from 'kysely'
import { record } from '../audit/audit.ts'
import type { IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { Tables } from '../io/tables.ts'
import { retireLinks } from './links.ts'
import { forgetTries, signInTries } from './lockout.ts'
import { forgetPendingOf } from './pending.ts'
import { endSessions } from './session-life.ts'

/** The name under which a password stands among a person's credentials. */
const PASSWORD_PROVIDER = 'credential'

export interface KnownPassword {
  readonly identityId: IdentityId
  readonly name: string
  /** BCP 47, for letters. */
  readonly language: string
  /** In PHC form. */
  readonly hash: string
}

/** The password of who has this address (in lower case); null when nobody has it, or cannot sign in by password. */
export async function passwordOf(db: Db, email: string): Promise<KnownPassword | null> {
  const row = await db
    .selectFrom('identities')
    .innerJoin('credentials', 'credentials.identity_id', 'identities.id')
    .select([
      'identities.id as identityId',
      'identities.name',
      'identities.language',
      'credentials.password as hash',
    ])
    .where('identities.email', '=', email)
    .where('credentials.provider_id', '=', PASSWORD_PROVIDER)
    .where('identities.deleted_at', 'is', null)
    .where('identities.banned_at', 'is', null)
    .executeTakeFirst()
  return row === undefined || row.hash === null ? null : { ...row, hash: row.hash }
}

/** The hash of a person's password; null when they have none. */
export async function hashOfPassword(db: Kysely<Tables>, identityId: IdentityId): Promise<string | null> {
  const row = await db
    .selectFrom('credentials')
    .select('password')
    .where('provider_id', '=', PASSWORD_PROVIDER)
    .where('account_id', '=', identityId)
    .executeTakeFirst()
  return row?.password ?? null
}

/**
 * Whether this is still the person's password. It stays so until the unit of work ends, so that a session started in
 * it is there to be ended by a change that waits.
 */
export async function samePassword(
  unit: Work,
  { identityId, hash }: Pick<KnownPassword, 'identityId' | 'hash'>,
): Promise<boolean> {
  const row = await unit.db
    .selectFrom('credentials')
    .select('password')
    .where('provider_id', '=', PASSWORD_PROVIDER)
    .where('account_id', '=', identityId)
    .forShare()
    .executeTakeFirst()
  return row?.password === hash
}

/** Keep the same password under a better hash. */
export async function keepHash(
  unit: Work,
  { identityId }: Pick<KnownPassword, 'identityId'>,
  hash: string,
): Promise<void> {
  await unit.db
    .updateTable('credentials')
    .set({ password: hash, updated_at: new Date(unit.atMs) })
    .where('provider_id', '=', PASSWORD_PROVIDER)
    .where('account_id', '=', identityId)
    .execute()
}

/** The row that lets a person sign in by password; `hash` is argon2id in PHC form. */
export function passwordRow(random: Random, who: { identityId: IdentityId; hash: string; at: Date }) {
  return {
    id: random.uuid(),
    identity_id: who.identityId,
    provider_id: PASSWORD_PROVIDER,
    account_id: who.identityId,
    password: who.hash,
    created_at: who.at,
    updated_at: who.at,
  }
}

async function forgetTriesOf(unit: Work, identityId: IdentityId): Promise<void> {
  const { email } = await unit.db
    .selectFrom('identities')
    .select('email')
    .where('id', '=', identityId)
    .executeTakeFirstOrThrow()
  await forgetTries(unit.db, signInTries(email))
}

/**
 * Put a new password in the place of the old one, if there was one, and end all sessions of the person. Wrong tries at
 * the old one no longer count: so nobody can keep its owner out for longer than a letter takes.
 */
export async function replacePassword(
  unit: Work,
  random: Random,
  { identityId, hash, exceptSessionId }: { identityId: IdentityId; hash: string; exceptSessionId?: string },
): Promise<void> {
  const at = new Date(unit.atMs)
  await unit.db
    .insertInto('credentials')
    .values(passwordRow(random, { identityId, hash, at }))
    .onConflict((conflict) =>
      conflict.columns(['provider_id', 'account_id']).doUpdateSet({ password: hash, updated_at: at }),
    )
    .execute()
  // In a session that runs nobody is locked out, and no request reaches the tries.
  if (exceptSessionId === undefined) await forgetTriesOf(unit, identityId)
  await forgetPendingOf(unit.db, identityId)
  // A letter sent before must not undo this.
  await retireLinks(unit, 'reset_password', { identityId })
  await endSessions(unit, identityId, exceptSessionId === undefined ? {} : { exceptSessionId })
  await record(unit.db, random, { action: 'password.changed', atMs: unit.atMs, subject: identityId })
}

/** Take the password away: only a link of a letter leads to a new one. */
export async function forgetPassword(unit: Work, identityId: IdentityId): Promise<void> {
  await unit.db
    .deleteFrom('credentials')
    .where('provider_id', '=', PASSWORD_PROVIDER)
    .where('account_id', '=', identityId)
    .execute()
}
