/** An admin looks through a person's eyes: for a while, for a reason, watched, and back to their own session. */
import type { Auth } from '../accounts/accounts.ts'
import { endSessions, type Issued, type Origin } from '../accounts/session-life.ts'
import { record } from '../audit/audit.ts'
import { assert, type CompanyId, type IdentityId, ok, type Result, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { WebContext } from '../web/context.ts'
import type { Viewer } from '../web/viewer.ts'
import type { PersonDetail } from './people-read.ts'
import type { OfficeScope } from './scope.ts'

/**
 * Whether the viewer may look through this person's eyes. The platform: anybody's but its own people's. A company's
 * admin: those of its riders and drivers, and of nobody who also belongs to another company.
 */
export function mayBorrow(scope: OfficeScope, person: PersonDetail): boolean {
  if (person.id === scope.viewer.identityId || scope.viewer.impersonatorId !== null) return false
  if (person.platform || person.deleted || person.platformBan !== null) return false
  if (scope.platform) return true
  return !person.worksElsewhere && person.roles.every(({ role }) => role === 'driver')
}

export interface Borrowing {
  readonly viewer: Viewer
  readonly identityId: IdentityId
  readonly companyId: CompanyId | null
  readonly reason: string
  readonly origin: Origin
}

/** Begin; the cookie of the answer replaces the viewer's own, whose session goes on without it. */
export async function borrowEyes(
  unit: Work,
  { auth, random }: { readonly auth: Pick<Auth, 'startSession'>; readonly random: Random },
  { viewer, identityId, companyId, reason, origin }: Borrowing,
): Promise<Issued> {
  const issued = await auth.startSession(unit, {
    identityId,
    kind: 'cookie',
    remembered: false,
    secondFactor: viewer.secondFactor,
    impersonatorId: viewer.identityId,
    origin,
  })
  await unit.db
    .updateTable('sessions')
    .set({ own_session_id: viewer.sessionId })
    .where('id', '=', issued.sessionId)
    .execute()
  await record(unit.db, random, {
    action: 'impersonation.started',
    atMs: unit.atMs,
    actorId: viewer.identityId,
    ...(companyId === null ? {} : { companyId }),
    subject: identityId,
    address: origin.address,
    requestId: origin.requestId,
    detail: { reason },
  })
  return issued
}

/** Stop: the borrowed session ends, and the admin's own gets a new cookie; refused where that has ended meanwhile. */
export async function returnEyes(
  unit: Work,
  { auth, random }: { readonly auth: Pick<Auth, 'rotateSession'>; readonly random: Random },
  { viewer, origin }: { readonly viewer: Viewer; readonly origin: Origin },
): Promise<Result<Issued, 'own_session_ended'>> {
  const { impersonatorId, identityId, sessionId } = viewer
  assert(impersonatorId !== null, 'only borrowed eyes are given back')
  const session = await unit.db
    .selectFrom('sessions')
    .leftJoin('sessions as own', 'own.id', 'sessions.own_session_id')
    .select(['own.id as ownId', 'own.expires_at as ownExpiresAt'])
    .where('sessions.id', '=', sessionId)
    .executeTakeFirst()
  await endSessions(unit, identityId, { onlySessionId: sessionId })
  await record(unit.db, random, {
    action: 'impersonation.ended',
    atMs: unit.atMs,
    actorId: impersonatorId,
    subject: identityId,
    address: origin.address,
    requestId: origin.requestId,
  })
  const { ownId, ownExpiresAt } = session ?? {}
  if (ownId == null || ownExpiresAt == null || ownExpiresAt.getTime() <= unit.atMs)
    return refuse('own_session_ended')
  return ok(await auth.rotateSession(unit, { sessionId: ownId, identityId: impersonatorId }, {}, origin))
}

/** For the shell: what is done through borrowed eyes is written down with both people, before it is done. */
export function recordBorrowed({
  db,
  random,
  clock,
}: {
  db: Db
  random: Random
  clock: { nowMs(): number }
}) {
  return async (web: WebContext, asked: { method: string; path: string }): Promise<void> => {
    const { viewer } = web
    if (viewer?.impersonatorId == null) return
    await record(db, random, {
      action: 'impersonation.acted',
      atMs: clock.nowMs(),
      actorId: viewer.impersonatorId,
      subject: viewer.identityId,
      address: web.address,
      requestId: web.requestId,
      detail: { method: asked.method, path: asked.path.slice(0, 200) },
    })
  }
}
