/** The password a person signs in with, as the rows that keep it. */
import { record } from '../audit/audit.ts'
import type { IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import { retireLinks } from './links.ts'
import { endSessions } from './session-life.ts'

/** The name under which a password stands among a person's credentials. */
const PASSWORD_PROVIDER = 'credential'

export interface KnownPassword {
  readonly identityId: IdentityId
  /** In PHC form. */
  readonly hash: string
}

/** The password of who has this address (in lower case); null when nobody has it, or cannot sign in by password. */
export async function passwordOf(db: Db, email: string): Promise<KnownPassword | null> {
  const row = await db
    .selectFrom('identities')
    .innerJoin('credentials', 'credentials.identity_id', 'identities.id')
    .select(['identities.id as identityId', 'credentials.password as hash'])
    .where('identities.email', '=', email)
    .where('credentials.provider_id', '=', PASSWORD_PROVIDER)
    .where('identities.deleted_at', 'is', null)
    .where('identities.banned_at', 'is', null)
    .executeTakeFirst()
  return row === undefined || row.hash === null ? null : { identityId: row.identityId, hash: row.hash }
}

/**
 * Whether this is still the person's password. It stays so until the unit of work ends, so that a session started in
 * it is there to be ended by a change that waits.
 */
export async function samePassword(unit: Work, { identityId, hash }: KnownPassword): Promise<boolean> {
  const row = await unit.db
    .selectFrom('credentials')
    .select('password')
    .where('provider_id', '=', PASSWORD_PROVIDER)
    .where('account_id', '=', identityId)
    .forShare()
    .executeTakeFirst()
  return row?.password === hash
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

/** Put a new password in the place of the old one, if there was one, and end the person's (other) sessions. */
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
