/** Sessions as rows: finding one by its cookie, keeping it alive, ending it. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IdentityId } from '../engine/units.ts'
import type { Db } from '../io/postgres.ts'
import type { Viewer } from '../web/viewer.ts'
import { tokenHash } from './session-tokens.ts'

/** Unused for this long, a session has ended. */
export const SESSION_IDLE_MS = 3 * 24 * 3_600_000
/** How exactly we know when a session was last used; a write for every request would be too much. */
const TOUCH_EVERY_MS = 10 * 60_000

/** The cookie's value as better-auth writes it: token, dot, HMAC-SHA256 in base64. */
export function signedToken(secret: string, token: string): string {
  return `${token}.${createHmac('sha256', secret).update(token).digest('base64')}`
}

/** The token of a cookie signed with any of `secrets`; null otherwise. */
export function tokenOf(secrets: readonly string[], cookie: string | null): string | null {
  const dot = cookie?.lastIndexOf('.') ?? -1
  if (cookie === null || dot < 1) return null
  const token = cookie.slice(0, dot)
  const given = Buffer.from(cookie)
  const fits = secrets.some((secret) => {
    const expected = Buffer.from(signedToken(secret, token))
    return expected.length === given.length && timingSafeEqual(expected, given)
  })
  return fits ? token : null
}

/** Who holds the session with this token, with all their roles; null when it has ended. */
export async function readSession(db: Db, token: string, nowMs: number): Promise<Viewer | null> {
  const rows = await db
    .selectFrom('sessions as session')
    .innerJoin('identities as identity', 'identity.id', 'session.identity_id')
    .leftJoin('memberships as membership', 'membership.identity_id', 'identity.id')
    .select([
      'session.id as sessionId',
      'session.updated_at as usedAt',
      'session.created_at as startedAt',
      'session.kind as sessionKind',
      'session.proved_at as provedAt',
      'session.second_factor_at as secondFactorAt',
      'session.impersonator_id as impersonatorId',
      'identity.id as identityId',
      'identity.name',
      'identity.email',
      'identity.email_verified as emailVerified',
      'identity.platform',
      'identity.language',
      'identity.theme',
      'identity.avatar_id as avatarId',
      'membership.company_id as companyId',
      'membership.role',
    ])
    .where('session.token', '=', tokenHash(token))
    .where('session.expires_at', '>', new Date(nowMs))
    .where('session.updated_at', '>', new Date(nowMs - SESSION_IDLE_MS))
    .where('identity.deleted_at', 'is', null)
    .where('identity.banned_at', 'is', null)
    .orderBy('membership.created_at')
    .orderBy('membership.role')
    .execute()
  const first = rows[0]
  if (first === undefined) return null
  if (first.usedAt.getTime() < nowMs - TOUCH_EVERY_MS) await touch(db, first.sessionId, nowMs)
  const { identityId, name, email, emailVerified, platform, language, theme, avatarId } = first
  const { sessionId, sessionKind, impersonatorId, startedAt, provedAt, secondFactorAt } = first
  const memberships = rows.flatMap(({ companyId, role }) =>
    companyId === null || role === null ? [] : [{ companyId, role }],
  )
  return {
    ...{ identityId, name, email, emailVerified, platform, language, theme, avatarId, memberships },
    ...{ sessionId, sessionKind, impersonatorId },
    provedAtMs: (provedAt ?? startedAt).getTime(),
    secondFactor: secondFactorAt !== null,
  }
}

async function touch(db: Db, sessionId: string, nowMs: number): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ updated_at: new Date(nowMs) })
    .where('id', '=', sessionId)
    .execute()
}

/** End one person's sessions, all or one; returns those that had not ended before. */
export async function deleteSessions(
  db: Pick<Db, 'deleteFrom'>,
  whose: { identityId: IdentityId; sessionId?: string },
): Promise<string[]> {
  let query = db.deleteFrom('sessions').where('identity_id', '=', whose.identityId)
  if (whose.sessionId !== undefined) query = query.where('id', '=', whose.sessionId)
  const rows = await query.returning('id').execute()
  return rows.map(({ id }) => id)
}

/** Which of these sessions have ended, by sign-out, by time or by lying idle. */
export async function endedAmong(db: Db, sessionIds: readonly string[], nowMs: number): Promise<string[]> {
  if (sessionIds.length === 0) return []
  const rows = await db
    .selectFrom('sessions')
    .select('id')
    .where('id', 'in', sessionIds)
    .where('expires_at', '>', new Date(nowMs))
    .where('updated_at', '>', new Date(nowMs - SESSION_IDLE_MS))
    .execute()
  const alive = new Set<string>(rows.map(({ id }) => id))
  return sessionIds.filter((id) => !alive.has(id))
}

/** Remove what ran out or was not used; returns how many there were. */
export async function forgetEndedSessions(db: Db, nowMs: number): Promise<number> {
  const result = await db
    .deleteFrom('sessions')
    .where((eb) =>
      eb.or([
        eb('expires_at', '<=', new Date(nowMs)),
        eb('updated_at', '<=', new Date(nowMs - SESSION_IDLE_MS)),
      ]),
    )
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
