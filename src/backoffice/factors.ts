/** The last way in for somebody who lost phone and backup codes: by command, for who has made sure of them. */

import { endSessions } from '../accounts/session-life.ts'
import { record } from '../audit/audit.ts'
import { ok, type Result, refuse } from '../engine/units.ts'
import { commitForOthers } from '../io/commit.ts'
import { notify } from '../notices/notices.ts'
import type { FoundDeps } from './found.ts'

/** Take app, passkeys and backup codes away, end all sessions, and tell the person; whether there was anything. */
export async function takeFactorsAway(
  { db, clock, random }: FoundDeps,
  email: string,
): Promise<Result<boolean, 'unknown'>> {
  const person = await db
    .selectFrom('identities')
    .select(['id', 'email', 'name', 'language'])
    .where('email', '=', email.trim().toLowerCase())
    .executeTakeFirst()
  if (person === undefined) return refuse('unknown')
  const { id: identityId, name, language } = person
  const had = await commitForOthers({ db, clock }, async (unit) => {
    const tables = [
      'totp_secrets',
      'passkeys',
      'backup_codes',
      'backup_code_sheets',
      'pending_sign_ins',
    ] as const
    let gone = 0n
    for (const table of tables) {
      const result = await unit.db.deleteFrom(table).where('identity_id', '=', identityId).executeTakeFirst()
      gone += result.numDeletedRows
    }
    await endSessions(unit, identityId)
    await record(unit.db, random, {
      action: 'second_factor.disabled',
      atMs: unit.atMs,
      subject: identityId,
      detail: { by: 'command' },
    })
    await notify(unit, random, {
      kind: 'second_factor_changed',
      to: person.email,
      identityId,
      language,
      data: { name, atMs: unit.atMs, what: 'reset' },
    })
    return gone > 0n
  })
  return ok(had)
}
