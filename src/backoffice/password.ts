/** A new password for somebody who lost theirs. */
import { replacePassword } from '../accounts/credentials.ts'
import { makePasswords, randomPassword } from '../accounts/passwords.ts'
import { ok, type Result, refuse } from '../engine/units.ts'
import { commitForOthers } from '../io/commit.ts'
import type { FoundDeps } from './found.ts'

/** Set a random password, answered once and kept as its hash, and end all sessions of the person. */
export async function renewPassword(deps: FoundDeps, email: string): Promise<Result<string, 'unknown'>> {
  const person = await deps.db
    .selectFrom('identities')
    .select('id')
    .where('email', '=', email.trim().toLowerCase())
    .executeTakeFirst()
  if (person === undefined) return refuse('unknown')
  const password = randomPassword(deps.random)
  const hash = await makePasswords().hash(password)
  await commitForOthers(deps, (unit) => replacePassword(unit, deps.random, { identityId: person.id, hash }))
  return ok(password)
}
