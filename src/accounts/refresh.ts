/** A program's next pair of tokens for its refresh token, which is spent by it. */
import { ok, type Result, refuse } from '../engine/units.ts'
import { commit } from '../io/commit.ts'
import type { RecogniseOptions } from './recognise.ts'
import { endReused } from './reuse.ts'
import { type Issued, makeIssuer } from './session-life.ts'
import { hashOf } from './session-tokens.ts'

/** `refresh` spends the token it is given. */
export function makeRefresh(options: RecogniseOptions) {
  const { random, config } = options
  const issuer = makeIssuer(options)

  /**
   * One token buys one pair, once. A spent one that comes back ends its session and with it all tokens of the family,
   * the newest too: of two who hold the same token one is not who it was given to, and nobody can tell which. There
   * is no grace for a program that asks twice at once, because a thief who is quick enough would live on in it.
   */
  async function refresh(text: string): Promise<Result<Issued, 'wrong'>> {
    const hash = hashOf(config.sessionSecrets, 'refresh', text)
    if (hash === null) return refuse('wrong')
    return commit(options, async (unit) => {
      const { db } = unit
      const at = new Date(unit.atMs)
      // The session's row first, as everywhere: all who bring a token of one family stand in line at it.
      const session = await db
        .selectFrom('sessions')
        .select(['id', 'identity_id', 'kind', 'remembered', 'impersonator_id', 'created_at', 'expires_at'])
        .where('id', '=', ({ selectFrom }) =>
          selectFrom('session_tokens')
            .select('session_id')
            .where('hash', '=', hash)
            .where('purpose', '=', 'refresh'),
        )
        .forUpdate()
        .executeTakeFirst()
      if (session === undefined) return refuse('wrong')
      const token = await db
        .selectFrom('session_tokens')
        .select(['spent_at', 'expires_at'])
        .where('hash', '=', hash)
        .executeTakeFirst()
      const { id: sessionId, identity_id: identityId } = session
      if (token === undefined) return refuse('wrong')
      if (token.spent_at !== null) {
        await endReused(unit, random, { identityId, sessionId })
        return refuse('wrong')
      }
      if (token.expires_at === null || token.expires_at <= at || session.expires_at <= at)
        return refuse('wrong')
      await db.updateTable('session_tokens').set({ spent_at: at }).where('hash', '=', hash).execute()
      await db
        .deleteFrom('session_tokens')
        .where('session_id', '=', sessionId)
        .where('purpose', '=', 'access')
        .execute()
      await db.updateTable('sessions').set({ updated_at: at }).where('id', '=', sessionId).execute()
      unit.tell({ type: 'session.changed', sessionId, identityId, reopen: false })
      const terms = {
        kind: session.kind,
        remembered: session.remembered,
        impersonated: session.impersonator_id !== null,
        startedAtMs: session.created_at.getTime(),
      }
      return ok(await issuer.issueFor(unit, { id: sessionId, terms }))
    })
  }

  return refresh
}
