/**
 * The life of a session, inside the caller's unit of work: started, given new tokens, ended. Its id stays from start
 * to end, so the tokens of its forms, its sockets and its line in the list of devices stay valid; its own tokens change.
 */
import { record } from '../audit/audit.ts'
import type { IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { SessionKind } from '../io/tables/sessions.ts'
import { cookieLine, cookieNames } from '../web/cookies.ts'
import { csrfToken, sessionTie } from '../web/csrf.ts'
import { HttpProblem } from '../web/problem.ts'
import type { Viewer } from '../web/viewer.ts'
import { newToken } from './session-tokens.ts'
import { readViewer } from './sessions.ts'
import type { FactorConfig } from './staff-factor.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** How long things last. A session ends at its idle or its absolute end, whichever comes first. */
export const LIFE = {
  idleMs: 3 * DAY_MS,
  rememberedMs: 14 * DAY_MS,
  /** Not remembered: the cookie goes with the browser, and a browser that is never closed is signed out overnight. */
  browserMs: 12 * HOUR_MS,
  impersonatedMs: 30 * MINUTE_MS,
  /** A program's access and refresh token, and the whole family of them. */
  accessMs: 15 * MINUTE_MS,
  refreshMs: 7 * DAY_MS,
  familyMs: 30 * DAY_MS,
  rotateEveryMs: DAY_MS,
} as const

/** Where a request came from, for the audit trail. */
export interface Origin {
  readonly address: string
  readonly requestId: string
  readonly userAgent: string
}

export interface SessionStart {
  readonly identityId: IdentityId
  readonly kind: SessionKind
  /** Whether a browser keeps it when it is closed; programs are always remembered. */
  readonly remembered: boolean
  /** Whether a second factor was given. */
  readonly secondFactor: boolean
  /** The admin who will look through this person's eyes. */
  readonly impersonatorId?: IdentityId
  /** Null for people this process plays itself, who leave no trail. */
  readonly origin: Origin | null
}

/** A program's tokens: shown this once, kept as hashes. */
export interface ApiTokens {
  readonly accessToken: string
  readonly refreshToken: string
  readonly accessExpiresAtMs: number
  readonly refreshExpiresAtMs: number
}

/** What the holder of a session is given to open it with. Send it only after the unit of work has been committed. */
export interface Issued {
  readonly sessionId: string
  /** The Set-Cookie line; null for a program. */
  readonly cookie: string | null
  /** Null for a browser. */
  readonly tokens: ApiTokens | null
  /** A token for the session's first form or call. */
  readonly csrf: string
  readonly viewer: Viewer
}

export interface SessionLife {
  /** @throws HttpProblem 401 when the person was banned or deleted meanwhile */
  startSession(unit: Work, start: SessionStart): Promise<Issued>
  /**
   * New tokens for the same session, after a factor or a password; the old ones open nothing from the commit on.
   * @throws HttpProblem 401 when the session has ended meanwhile
   */
  rotateSession(
    unit: Work,
    viewer: Pick<Viewer, 'sessionId' | 'identityId'>,
    gained: { readonly proved?: boolean; readonly secondFactor?: boolean },
    origin: Pick<Origin, 'address' | 'requestId'>,
  ): Promise<Issued>
}

export interface SessionConfig extends FactorConfig {
  readonly publicUrl: string
  readonly sessionSecrets: readonly string[]
}

export interface SessionLifeOptions {
  readonly config: SessionConfig
  readonly random: Random
}

/** Long enough to tell one browser from another. */
const LONGEST_USER_AGENT = 300

/** The facts of a session that its ends are counted from. */
export interface SessionTerms {
  readonly kind: SessionKind
  readonly remembered: boolean
  readonly impersonated: boolean
  readonly startedAtMs: number
}

/** When a session ends for good, however much it is used. */
export function absoluteEndMs(terms: SessionTerms): number {
  if (terms.impersonated) return terms.startedAtMs + LIFE.impersonatedMs
  if (terms.kind === 'token') return terms.startedAtMs + LIFE.familyMs
  return terms.startedAtMs + (terms.remembered ? LIFE.rememberedMs : LIFE.browserMs)
}

/** When a session used (for a program: refreshed) at `usedAtMs` ends unless it is used again. */
export function endMs(terms: SessionTerms, usedAtMs: number): number {
  return Math.min(absoluteEndMs(terms), usedAtMs + (terms.kind === 'token' ? LIFE.refreshMs : LIFE.idleMs))
}

export function makeSessionLife({ config, random }: SessionLifeOptions): SessionLife {
  const issuer = makeIssuer({ config, random })

  return {
    async startSession(unit, start) {
      const at = new Date(unit.atMs)
      const { identityId, kind, origin, impersonatorId = null } = start
      const id = random.uuid()
      const remembered = start.remembered || kind === 'token'
      const terms = { kind, remembered, impersonated: impersonatorId !== null, startedAtMs: unit.atMs }
      await unit.db
        .insertInto('sessions')
        .values({
          id,
          identity_id: identityId,
          kind,
          remembered,
          created_at: at,
          updated_at: at,
          proved_at: at,
          second_factor_at: start.secondFactor ? at : null,
          impersonator_id: impersonatorId,
          ip_address: origin?.address ?? null,
          user_agent: origin?.userAgent.slice(0, LONGEST_USER_AGENT) ?? null,
          expires_at: new Date(endMs(terms, unit.atMs)),
          rotate_at: new Date(unit.atMs + LIFE.rotateEveryMs),
        })
        .execute()
      if (origin !== null) {
        const { address, requestId } = origin
        await record(unit.db, random, {
          action: 'session.started',
          atMs: unit.atMs,
          actorId: impersonatorId ?? identityId,
          subject: id,
          address,
          requestId,
          detail: { kind, secondFactor: start.secondFactor, ...(impersonatorId && { as: identityId }) },
        })
      }
      return issuer.issueFor(unit, { id, terms })
    },

    async rotateSession(unit, viewer, gained, { address, requestId }) {
      const at = new Date(unit.atMs)
      const row = await unit.db
        .updateTable('sessions')
        .set({
          updated_at: at,
          rotate_at: new Date(unit.atMs + LIFE.rotateEveryMs),
          ...(gained.proved === true || gained.secondFactor === true ? { proved_at: at } : {}),
          ...(gained.secondFactor === true ? { second_factor_at: at } : {}),
        })
        .where('id', '=', viewer.sessionId)
        .where('identity_id', '=', viewer.identityId)
        .returning(['id', 'kind', 'remembered', 'impersonator_id', 'created_at'])
        .executeTakeFirst()
      if (row === undefined) throw new HttpProblem(401, 'Sign in to go on.')
      const { sessionId, identityId } = viewer
      await spendTokens(unit, sessionId)
      await record(unit.db, random, {
        action: 'session.refreshed',
        atMs: unit.atMs,
        actorId: row.impersonator_id ?? identityId,
        subject: sessionId,
        address,
        requestId,
        detail: { proved: gained.proved === true, secondFactor: gained.secondFactor === true },
      })
      unit.tell({ type: 'session.changed', sessionId, identityId, reopen: false })
      return issuer.issueFor(unit, {
        id: row.id,
        terms: {
          kind: row.kind,
          remembered: row.remembered,
          impersonated: row.impersonator_id !== null,
          startedAtMs: row.created_at.getTime(),
        },
      })
    },
  }
}

/** What was read of this person for their sessions no longer counts, in any process. */
export async function tellOfPerson(unit: Work, identityId: IdentityId): Promise<void> {
  const rows = await unit.db
    .selectFrom('sessions')
    .select('id')
    .where('identity_id', '=', identityId)
    .execute()
  for (const { id } of rows) unit.tell({ type: 'session.changed', sessionId: id, identityId, reopen: false })
}

/**
 * Each of this person's sessions gets new tokens at its next use, and its sockets open again under the rights of now:
 * for what others change about a person, such as their roles. A program has to refresh.
 */
export async function rotateSoon(unit: Work, identityId: IdentityId): Promise<void> {
  const at = new Date(unit.atMs)
  const rows = await unit.db
    .updateTable('sessions')
    .set({ rotate_at: at })
    .where('identity_id', '=', identityId)
    .returning('id')
    .execute()
  const ids = rows.map(({ id }) => id)
  if (ids.length === 0) return
  await unit.db
    .deleteFrom('session_tokens')
    .where('session_id', 'in', ids)
    .where('purpose', '=', 'access')
    .execute()
  for (const sessionId of ids) unit.tell({ type: 'session.changed', sessionId, identityId, reopen: true })
}

export interface WhichSessions {
  readonly exceptSessionId?: string
  readonly onlySessionId?: string
}

/**
 * End a person's sessions, and those in which they look through somebody else's eyes; their sockets close on every
 * server. Write down the deed it belongs to; returns the ids of those that had not ended before.
 */
export async function endSessions(
  unit: Work,
  identityId: IdentityId,
  { exceptSessionId, onlySessionId }: WhichSessions = {},
): Promise<string[]> {
  const rows = await unit.db
    .deleteFrom('sessions')
    .where((eb) => eb.or([eb('identity_id', '=', identityId), eb('impersonator_id', '=', identityId)]))
    .$if(exceptSessionId !== undefined, (query) => query.where('id', '!=', exceptSessionId!))
    .$if(onlySessionId !== undefined, (query) =>
      query.where((eb) => eb.or([eb('id', '=', onlySessionId!), eb('own_session_id', '=', onlySessionId!)])),
    )
    .returning(['id', 'identity_id'])
    .execute()
  for (const row of rows) unit.tell({ type: 'session.ended', sessionId: row.id, identityId: row.identity_id })
  return rows.map(({ id }) => id)
}

export interface IssueTo {
  readonly id: string
  readonly terms: SessionTerms
}

/** Makes tokens and keeps their hashes. */
export function makeIssuer({ config, random }: SessionLifeOptions) {
  const names = cookieNames(config.publicUrl)
  const secrets = config.sessionSecrets

  async function issueCookie(unit: Work, to: IssueTo, seen: boolean): Promise<string> {
    const at = new Date(unit.atMs)
    const token = newToken(random, secrets, 'cookie')
    await unit.db
      .insertInto('session_tokens')
      .values({
        hash: token.hash,
        session_id: to.id,
        purpose: 'cookie',
        issued_at: at,
        seen_at: seen ? at : null,
      })
      .execute()
    const leftS = Math.floor((absoluteEndMs(to.terms) - unit.atMs) / 1000)
    const maxAgeS = to.terms.remembered ? leftS : null
    return cookieLine(names.session, token.text, { secure: names.secure, maxAgeS })
  }

  async function issuePair(unit: Work, to: IssueTo): Promise<ApiTokens> {
    const at = new Date(unit.atMs)
    const end = absoluteEndMs(to.terms)
    const access = newToken(random, secrets, 'access')
    const refresh = newToken(random, secrets, 'refresh')
    const accessExpiresAtMs = Math.min(end, unit.atMs + LIFE.accessMs)
    const refreshExpiresAtMs = Math.min(end, unit.atMs + LIFE.refreshMs)
    const row = { session_id: to.id, issued_at: at, seen_at: at }
    await unit.db
      .insertInto('session_tokens')
      .values([
        { ...row, hash: access.hash, purpose: 'access', expires_at: new Date(accessExpiresAtMs) },
        { ...row, hash: refresh.hash, purpose: 'refresh', expires_at: new Date(refreshExpiresAtMs) },
      ])
      .execute()
    await unit.db
      .updateTable('sessions')
      .set({ expires_at: new Date(refreshExpiresAtMs) })
      .where('id', '=', to.id)
      .execute()
    return { accessToken: access.text, refreshToken: refresh.text, accessExpiresAtMs, refreshExpiresAtMs }
  }

  async function issueFor(unit: Work, to: IssueTo): Promise<Issued> {
    const isProgram = to.terms.kind === 'token'
    const cookie = isProgram ? null : await issueCookie(unit, to, true)
    const tokens = isProgram ? await issuePair(unit, to) : null
    const viewer = await readViewer(unit.db, config, to.id)
    if (viewer === null) throw new HttpProblem(401, 'This account cannot be signed in to.')
    const csrf = csrfToken(secrets, sessionTie(to.id), { random })
    return { sessionId: to.id, cookie, tokens, csrf, viewer }
  }

  return { issueFor, issueCookie, issuePair }
}

/** From now on these open nothing; one that comes back later shows that somebody else has it too. */
async function spendTokens(unit: Work, sessionId: string): Promise<void> {
  const mine = unit.db.deleteFrom('session_tokens').where('session_id', '=', sessionId)
  await mine.where('purpose', '=', 'access').execute()
  // Sent out but never come back: whoever was to have it does not.
  await mine.where('seen_at', 'is', null).execute()
  await unit.db
    .updateTable('session_tokens')
    .set({ spent_at: new Date(unit.atMs) })
    .where('session_id', '=', sessionId)
    .where('spent_at', 'is', null)
    .execute()
}
