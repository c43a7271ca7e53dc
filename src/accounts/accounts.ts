/** People: signing in and out, who is behind a request, roles. Other slices import this file only. */
import { isAPIError } from 'better-auth/api'
import { record } from '../audit/audit.ts'
import { assert, type CompanyId, type IdentityId, ok, type Result, refuse } from '../engine/units.ts'
import type { Bus } from '../io/bus.ts'
import type { Clock } from '../io/clock.ts'
import { commit } from '../io/commit.ts'
import type { Logger } from '../io/log.ts'
import { type Db, isUniqueViolation } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { Role } from '../io/tables/accounts.ts'
import { cookieLine, cookieNames, readCookie } from '../web/cookies.ts'
import { csrfToken, sessionTie } from '../web/csrf.ts'
import type { Viewer } from '../web/viewer.ts'
import { makeEngine } from './better-auth.ts'
import { passwordRow, replacePassword } from './credentials.ts'
import { makePasswords } from './passwords.ts'
import { tokenHash } from './session-tokens.ts'
import {
  deleteSessions,
  endedAmong,
  forgetEndedSessions,
  readSession,
  signedToken,
  tokenOf,
} from './sessions.ts'
import { makeViewerCache } from './viewer-cache.ts'

export interface AuthOptions {
  readonly db: Db
  readonly bus: Bus
  readonly config: { readonly publicUrl: string; readonly sessionSecrets: readonly string[] }
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

/** Where a request came from, for the audit trail. */
export interface Origin {
  readonly address: string
  readonly requestId: string
  readonly userAgent: string
}

export interface SignedIn {
  readonly viewer: Viewer
  /** The Set-Cookie line of the new session. */
  readonly cookie: string
  /** A token for the new session's first form or call. */
  readonly csrf: string
}

export interface NewPerson {
  /** 1 to 120 characters. */
  readonly name: string
  readonly email: string
  /** Null: nobody can sign in as this person with a password. */
  readonly password: string | null
  readonly memberships: readonly { readonly companyId: CompanyId; readonly role: Role }[]
}

export type Auth = ReturnType<typeof makeAuth>

/** Long enough to tell one browser from another. */
const LONGEST_USER_AGENT = 300

/** Everything about identities and their sessions. A session's end is told on the bus as `session.ended`. */
export function makeAuth(options: AuthOptions) {
  const { db, bus, config, clock, random } = options
  const names = cookieNames(config.publicUrl)
  const passwords = makePasswords()
  const engine = makeEngine({ ...options, passwords })
  const cache = makeViewerCache()
  bus.on('session.ended', ({ sessionId }) => cache.drop(sessionId))
  bus.onGap(() => cache.clear())

  /** The person behind a request or socket by its session cookie; null when signed out. */
  async function viewerOf(request: Request): Promise<Viewer | null> {
    const cookie = readCookie(request.headers.get('cookie'), names.session)
    const token = tokenOf(config.sessionSecrets, cookie)
    if (token === null) return null
    const nowMs = clock.nowMs()
    return cache.get(tokenHash(token), nowMs, () => readSession(db, token, nowMs))
  }

  /**
   * Start a session. An unknown e-mail and a wrong password get one and the same refusal after the same work.
   * @throws HttpProblem 503 when too many passwords wait to be checked
   */
  async function signIn(
    who: { readonly email: string; readonly password: string },
    origin: Origin,
  ): Promise<Result<SignedIn, 'wrong'>> {
    const headers = new Headers({
      'user-agent': origin.userAgent.slice(0, LONGEST_USER_AGENT),
      'x-forwarded-for': origin.address,
    })
    const answer = await engine.api
      .signInEmail({ body: { email: who.email, password: who.password }, headers, returnHeaders: true })
      .catch((error: unknown) => {
        if (isAPIError(error) && error.statusCode < 500) return null
        throw error
      })
    const { address, requestId } = origin
    const atMs = clock.nowMs()
    if (answer === null) {
      await record(db, random, {
        action: 'session.refused',
        atMs,
        address,
        requestId,
        detail: { email: who.email },
      })
      return refuse('wrong')
    }
    const cookie = answer.headers.getSetCookie().find((line) => line.startsWith(`${names.session}=`))
    const viewer = await readSession(db, answer.response.token, atMs)
    assert(cookie !== undefined && viewer !== null, 'a session just started has a cookie and a row')
    const { identityId, sessionId } = viewer
    await record(db, random, {
      action: 'session.started',
      atMs,
      actorId: identityId,
      subject: sessionId,
      address,
      requestId,
    })
    return ok({ viewer, cookie, csrf: csrfFor(sessionId) })
  }

  /** End the viewer's session, here at once and in other processes within a second. */
  async function signOut(viewer: Viewer, origin?: Pick<Origin, 'address' | 'requestId'>): Promise<void> {
    await commit({ db, bus, clock }, async (unit) => {
      const { identityId, sessionId } = viewer
      const ended = await deleteSessions(unit.db, { identityId, sessionId })
      for (const id of ended) unit.tell({ type: 'session.ended', sessionId: id, identityId })
      await record(unit.db, random, {
        action: 'session.ended',
        atMs: unit.atMs,
        actorId: viewer.identityId,
        subject: viewer.sessionId,
        ...origin,
      })
    })
  }

  /** A session for somebody this process plays itself, without a password; `cookie` is `name=value`. */
  async function mintSession(identityId: IdentityId): Promise<{ cookie: string; csrf: string }> {
    const { internalAdapter } = await engine.$context
    const { id, token } = await internalAdapter.createSession(identityId)
    const value = encodeURIComponent(signedToken(config.sessionSecrets[0]!, token))
    return { cookie: `${names.session}=${value}`, csrf: csrfFor(id) }
  }

  /** A new identity with its roles; refused when somebody has this e-mail already. */
  async function createPerson(person: NewPerson): Promise<Result<IdentityId, 'email_taken'>> {
    const id = random.uuid() as IdentityId
    const hash = person.password === null ? null : await passwords.hash(person.password)
    const at = new Date(clock.nowMs())
    try {
      await db.transaction().execute(async (trx) => {
        const dates = { created_at: at, updated_at: at }
        const email = person.email.toLowerCase()
        await trx
          .insertInto('identities')
          .values({
              ...{ id, name: person.name, email, ...dates },
              // Whoever makes accounts for others answers for their addresses.
              ...{ email_verified: true, email_verified_at: at },
            })
          .execute()
        if (hash !== null)
          await trx
            .insertInto('credentials')
            .values(passwordRow(random, { identityId: id, hash, at }))
            .execute()
        if (person.memberships.length > 0) {
          const rows = person.memberships.map(({ companyId, role }) => ({
            company_id: companyId,
            identity_id: id,
            role,
            created_at: at,
          }))
          await trx.insertInto('memberships').values(rows).execute()
        }
      })
      return ok(id)
    } catch (error) {
      if (isUniqueViolation(error, 'identities_email_key')) return refuse('email_taken')
      throw error
    }
  }

  /** Give a person a new password; it ends all their sessions. */
  async function setPassword(identityId: IdentityId, password: string): Promise<void> {
    const hash = await passwords.hash(password)
    await commit({ db, bus, clock }, (unit) => replacePassword(unit, random, { identityId, hash }))
  }

  function csrfFor(sessionId: string): string {
    return csrfToken(config.sessionSecrets, sessionTie(sessionId), random)
  }

  /** The Set-Cookie line that takes the session cookie away. */
  const signedOutCookie = cookieLine(names.session, '', { secure: names.secure, maxAgeS: 0 })

  /** Remove the rows of sessions that ran out or lay idle; returns how many. For a job, once an hour or so. */
  const forgetEnded = () => forgetEndedSessions(db, clock.nowMs())

  /** Which of these sessions have ended meanwhile. */
  const endedOf = (sessionIds: readonly string[]) => endedAmong(db, sessionIds, clock.nowMs())

  return {
    viewerOf,
    endedOf,
    signIn,
    signOut,
    signedOutCookie,
    mintSession,
    createPerson,
    setPassword,
    forgetEnded,
    /** The queue of hashes, which all that hash share. */
    passwords,
  }
}
