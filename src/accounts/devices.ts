/** A person's own sessions: to be looked at, and ended by them from anywhere. */
import { record } from '../audit/audit.ts'
import type { IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { SessionKind } from '../io/tables/sessions.ts'
import type { Belongs } from '../web/reach.ts'
import type { Viewer } from '../web/viewer.ts'
import { deviceWords } from './device-words.ts'
import { endSessions, type Origin } from './session-life.ts'

export interface Device {
  readonly sessionId: string
  readonly kind: SessionKind
  /** Such as `Firefox on Windows`. */
  readonly words: string
  readonly isPhone: boolean
  /** Coarse: the network it was started from; null when that is not known. */
  readonly place: string | null
  readonly startedAtMs: number
  /** Within ten minutes. */
  readonly usedAtMs: number
  readonly isThis: boolean
  /** Name of the admin who looks through this person's eyes. */
  readonly impersonatedBy: string | null
}

const NAMELESS: Record<SessionKind, string> = {
  cookie: 'A browser without a name',
  token: 'A program without a name',
}
/** Nobody has more; who does sees the newest. */
const MOST_LISTED = 200

/** The sessions of a person, the one asked from first, then the last used. */
export async function devicesOf(
  db: Db,
  of: { readonly identityId: IdentityId; readonly sessionId: string | null; readonly nowMs: number },
): Promise<Device[]> {
  const rows = await db
    .selectFrom('sessions as session')
    .leftJoin('identities as impersonator', 'impersonator.id', 'session.impersonator_id')
    .select([
      'session.id',
      'session.kind',
      'session.user_agent as userAgent',
      'session.ip_address as address',
      'session.created_at as startedAt',
      'session.updated_at as usedAt',
      'session.impersonator_id as impersonatorId',
      'impersonator.name as impersonatorName',
    ])
    .where('session.identity_id', '=', of.identityId)
    .where('session.expires_at', '>', new Date(of.nowMs))
    .orderBy('session.updated_at', 'desc')
    .orderBy('session.id', 'desc')
    .limit(MOST_LISTED)
    .execute()
  const devices = rows.map((row) => ({
    sessionId: row.id,
    kind: row.kind,
    words: row.userAgent?.trim() ? deviceWords(row.userAgent) : NAMELESS[row.kind],
    isPhone: /\b(iPhone|iPad|Android)\b/.test(row.userAgent ?? ''),
    place: row.address === null ? null : coarsePlace(row.address),
    startedAtMs: row.startedAt.getTime(),
    usedAtMs: row.usedAt.getTime(),
    isThis: row.id === of.sessionId,
    // Whom the reader may not see is told of all the same.
    impersonatedBy: row.impersonatorId === null ? null : (row.impersonatorName ?? 'An administrator'),
  }))
  return devices.toSorted((a, b) => Number(b.isThis) - Number(a.isThis))
}

/** Whose a session is; undefined when there is none with this id. */
export async function ownerOfSession(unit: Work, sessionId: string): Promise<Belongs | undefined> {
  const row = await unit.db
    .selectFrom('sessions')
    .select('identity_id as ownerId')
    .where('id', '=', sessionId)
    .where('expires_at', '>', new Date(unit.atMs))
    .executeTakeFirst()
  return row && { ...row, companyId: null }
}

/** End one of the viewer's own sessions. */
export async function endDevice(
  unit: Work,
  random: Random,
  viewer: Viewer,
  { sessionId, origin }: { sessionId: string; origin: Pick<Origin, 'address' | 'requestId'> },
): Promise<void> {
  const ended = await endSessions(unit, viewer.identityId, { onlySessionId: sessionId })
  if (ended.length === 0) return
  const { address, requestId } = origin
  await record(unit.db, random, {
    action: 'session.ended',
    atMs: unit.atMs,
    actorId: viewer.identityId,
    subject: sessionId,
    address,
    requestId,
    ...(sessionId === viewer.sessionId ? {} : { detail: { from: viewer.sessionId } }),
  })
}

/** End all of the viewer's sessions but this one; says how many there were. */
export async function endOtherDevices(
  unit: Work,
  random: Random,
  viewer: Viewer,
  { address, requestId }: Pick<Origin, 'address' | 'requestId'>,
): Promise<number> {
  const ended = await endSessions(unit, viewer.identityId, { exceptSessionId: viewer.sessionId })
  if (ended.length === 0) return 0
  await record(unit.db, random, {
    action: 'session.all_ended',
    atMs: unit.atMs,
    actorId: viewer.identityId,
    subject: viewer.identityId,
    address,
    requestId,
    detail: { ended: ended.length, except: viewer.sessionId },
  })
  return ended.length
}

/** A network instead of an address: enough to tell home from elsewhere, and nothing to find somebody by. */
function coarsePlace(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (plain === '::1' || plain.startsWith('127.')) return 'this machine'
  if (plain.includes(':')) {
    const groups = plain.split('::')[0]!.split(':').filter(Boolean)
    return `${groups.slice(0, 3).join(':')}::`
  }
  return `${plain.split('.').slice(0, 3).join('.')}.x`
}
