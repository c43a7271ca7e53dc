/** People: signing in and out, who is behind a request, roles. Other slices import this file only. */
import { record } from '../audit/audit.ts'
import { assert, type CompanyId, type IdentityId, ok, type Result, refuse } from '../engine/units.ts'
import type { Bus } from '../io/bus.ts'
import type { Clock } from '../io/clock.ts'
import { commit } from '../io/commit.ts'
import type { Logger } from '../io/log.ts'
import { type Db, isUniqueViolation } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { Role } from '../io/tables/accounts.ts'
import { cookieLine, cookieNames } from '../web/cookies.ts'
import type { Viewer } from '../web/viewer.ts'
import { passwordRow, replacePassword } from './credentials.ts'
import { devicesOf } from './devices.ts'
import { makePasswords } from './passwords.ts'
import { makeRecognise } from './recognise.ts'
import { makeRefresh } from './refresh.ts'
import { endSessions, makeSessionLife, type Origin, type SessionConfig } from './session-life.ts'
import { endedAmong, forgetEndedSessions } from './sessions.ts'

export interface AuthOptions {
  readonly db: Db
  readonly bus: Bus
  readonly config: SessionConfig
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
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

/** Everything about identities and their sessions. A session's end is told on the bus as `session.ended`. */
export function makeAuth(options: AuthOptions) {
  const { db, bus, config, clock, random } = options
  const names = cookieNames(config.publicUrl)
  const passwords = makePasswords()
  const life = makeSessionLife(options)
  const { recognise, lookups } = makeRecognise(options)
  const refresh = makeRefresh(options)

  /** End the viewer's session, here at once and in other processes within a second. */
  async function signOut(viewer: Viewer, origin?: Pick<Origin, 'address' | 'requestId'>): Promise<void> {
    const { identityId, sessionId, impersonatorId } = viewer
    await commit({ db, bus, clock }, async (unit) => {
      await endSessions(unit, identityId, { onlySessionId: sessionId })
      await record(unit.db, random, {
        action: 'session.ended',
        atMs: unit.atMs,
        actorId: impersonatorId ?? identityId,
        subject: sessionId,
        ...(origin && { address: origin.address, requestId: origin.requestId }),
      })
    })
  }

  /**
   * A session for somebody this process plays itself, without a password; `cookie` is `name=value`. It counts as one
   * with a second factor.
   */
  async function mintSession(identityId: IdentityId): Promise<{ cookie: string; csrf: string }> {
    const { cookie, csrf } = await commit({ db, bus, clock }, (unit) =>
      life.startSession(unit, {
        ...{ identityId, kind: 'cookie', remembered: true, secondFactor: true, origin: null },
      }),
    )
    assert(cookie !== null, 'a session of the kind cookie has one')
    return { cookie: cookie.split(';')[0]!, csrf }
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

  /** The Set-Cookie line that takes the session cookie away. */
  const signedOutCookie = cookieLine(names.session, '', { secure: names.secure, maxAgeS: 0 })

  /** Remove the rows of sessions that ran out or lay idle; returns how many. For a job, once an hour or so. */
  const forgetEnded = () => forgetEndedSessions(db, clock.nowMs())

  /** The viewer's own sessions. Read beyond their wall: an admin who looks through their eyes stands in it by name. */
  const devicesFor = ({ identityId, sessionId }: Viewer) =>
    devicesOf(db, { identityId, sessionId, nowMs: clock.nowMs() })

  /** Which of these sessions have ended meanwhile. */
  const endedOf = (sessionIds: readonly string[]) => endedAmong(db, sessionIds, clock.nowMs())

  return {
    ...life,
    recognise,
    /** How the look-ups of sessions went, since the start. */
    lookups,
    refresh,
    endedOf,
    devicesFor,
    /** The one queue of this process for checking and hashing passwords. */
    passwords,
    signOut,
    signedOutCookie,
    mintSession,
    createPerson,
    setPassword,
    forgetEnded,
  }
}
