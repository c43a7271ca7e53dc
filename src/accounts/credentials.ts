/** The password a person signs in with, as the rows that keep it. */
import { record } from '../audit/audit.ts'
import type { IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { PASSWORD_PROVIDER } from './better-auth.ts'
import { retireLinks } from './links.ts'
import { deleteSessions } from './sessions.ts'

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

/** Put a new password in the place of the old one, if there was one, and end all sessions of the person. */
export async function replacePassword(
  unit: Work,
  random: Random,
  { identityId, hash }: { identityId: IdentityId; hash: string },
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
  const ended = await deleteSessions(unit.db, { identityId })
  for (const sessionId of ended) unit.tell({ type: 'session.ended', sessionId, identityId })
  await record(unit.db, random, { action: 'password.changed', atMs: unit.atMs, subject: identityId })
}
