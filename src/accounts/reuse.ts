/** A spent token that came back: its session ends, and whoever signed in with it hears why. */
import { record } from '../audit/audit.ts'
import type { IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { notify } from '../notices/notices.ts'
import { deviceWords } from './device-words.ts'
import { personById } from './people.ts'
import { endSessions } from './session-life.ts'

/**
 * End a session one of whose spent tokens came back: two hold what one was given, and which of them is the right one
 * cannot be told, so both sign in again. Of many who come at once, one ends it and writes the letter.
 */
export async function endReused(
  unit: Work,
  random: Random,
  { identityId, sessionId }: { readonly identityId: IdentityId; readonly sessionId: string },
): Promise<void> {
  // Its row goes with it.
  const session = await unit.db
    .selectFrom('sessions')
    .select(['user_agent', 'impersonator_id'])
    .where('id', '=', sessionId)
    .executeTakeFirst()
  const ended = await endSessions(unit, identityId, { onlySessionId: sessionId })
  if (session === undefined || ended.length === 0) return
  await record(unit.db, random, {
    action: 'session.reused',
    atMs: unit.atMs,
    actorId: identityId,
    subject: sessionId,
  })
  // The browser of an admin in borrowed eyes is the admin's.
  const holder = await personById(unit.db, session.impersonator_id ?? identityId)
  await notify(unit, random, {
    kind: 'session_reused',
    to: holder.email,
    identityId: holder.id,
    language: holder.language,
    dedupeKey: `session_reused:${sessionId}`,
    data: { name: holder.name, atMs: unit.atMs, device: deviceWords(session.user_agent) },
  })
}
