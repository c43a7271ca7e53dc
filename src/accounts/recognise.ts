/** Who is behind a request: the token it carries, looked up, kept alive, and renewed from time to time. */
import type { Bus } from '../io/bus.ts'
import type { Clock } from '../io/clock.ts'
import { commit } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { TokenPurpose } from '../io/tables/sessions.ts'
import { cookieNames, readCookie } from '../web/cookies.ts'
import { HttpProblem } from '../web/problem.ts'
import type { Door, Recogniser } from '../web/shell.ts'
import type { Viewer } from '../web/viewer.ts'
import { endReused } from './reuse.ts'
import { endMs, LIFE, makeIssuer, type SessionConfig, type SessionTerms } from './session-life.ts'
import { hashOf } from './session-tokens.ts'
import { readToken, type TokenFacts } from './sessions.ts'
import { makeViewerCache } from './viewer-cache.ts'

/** How exactly we know when a session was last used; a write for every request would be too much. */
const TOUCH_EVERY_MS = 10 * 60_000
/** A browser whose answer with the new cookie was lost is offered another one after this long. */
const OFFER_AGAIN_MS = 5 * 60_000
/** Requests sent before a browser had its new cookie have arrived by then; what comes later is a copy. */
export const SPENT_GRACE_MS = 30_000

/** `cookie` is a Set-Cookie line to send along: the session's next token. */
type Recognised = Awaited<ReturnType<Recogniser['recognise']>>

export interface RecogniseOptions {
  readonly db: Db
  readonly bus: Bus
  readonly config: SessionConfig
  readonly clock: Clock
  readonly random: Random
}

interface Known {
  readonly viewer: Viewer
  readonly terms: SessionTerms
  /** Raised when this process has offered a new token, so that only one of parallel requests does. */
  rotateAtMs: number
}

export function makeRecognise(options: RecogniseOptions) {
  const { db, bus, clock, random } = options
  const secrets = options.config.sessionSecrets
  const names = cookieNames(options.config.publicUrl)
  const issuer = makeIssuer(options)
  const cache = makeViewerCache<Known>()
  bus.on('session.ended', ({ sessionId }) => cache.drop(sessionId))
  bus.on('session.changed', ({ sessionId }) => cache.drop(sessionId))
  bus.onGap(() => cache.clear())

  /**
   * The person behind a request, by the token in its header or else by its cookie.
   * @throws HttpProblem 401 when there is a token in the header that does not open this door; its cookie is not asked
   */
  async function recognise(request: Request, door: Door): Promise<Recognised> {
    const nowMs = clock.nowMs()
    const header = headerToken(request.headers)
    if (header !== null) {
      const known = door === 'page' ? null : await lookUp('access', header, nowMs)
      if (known === null) throw wrongToken(door)
      return { viewer: known.viewer, cookie: null }
    }
    const known = await lookUp('cookie', readCookie(request.headers.get('cookie'), names.session), nowMs)
    if (known === null) return { viewer: null, cookie: null }
    // The answer to a socket's handshake is no place for a cookie: where it is lost, so is the session.
    const isDue = door !== 'socket' && nowMs >= known.rotateAtMs
    return { viewer: known.viewer, cookie: isDue ? await offerNext(known, nowMs) : null }
  }

  async function lookUp(purpose: TokenPurpose, text: string | null, nowMs: number): Promise<Known | null> {
    const hash = hashOf(secrets, purpose, text)
    return hash === null ? null : cache.get(hash, nowMs, () => load(hash, purpose, nowMs))
  }

  async function load(hash: string, purpose: TokenPurpose, nowMs: number): Promise<Known | null> {
    const facts = await readToken(db, options.config, { hash, purpose, nowMs })
    if (facts === null) return null
    const { viewer, kind, remembered, startedAtMs } = facts
    const terms = { kind, remembered, startedAtMs, impersonated: viewer.impersonatorId !== null }
    if (facts.spentAtMs !== null) {
      if (nowMs - facts.spentAtMs > SPENT_GRACE_MS) await endForReuse(viewer)
      else if (facts.lingers) return { viewer, terms, rotateAtMs: Number.POSITIVE_INFINITY }
      return null
    }
    if (!facts.seen) await settle(hash, facts)
    if (facts.usedAtMs < nowMs - TOUCH_EVERY_MS) await touch(viewer.sessionId, terms, nowMs)
    return { viewer, terms, rotateAtMs: facts.seen ? facts.rotateAtMs : nowMs + LIFE.rotateEveryMs }
  }

  async function touch(sessionId: string, terms: SessionTerms, nowMs: number): Promise<void> {
    const used = { updated_at: new Date(nowMs) }
    // A program's session ends with its refresh token, however often the access token is used.
    const set = terms.kind === 'token' ? used : { ...used, expires_at: new Date(endMs(terms, nowMs)) }
    await db.updateTable('sessions').set(set).where('id', '=', sessionId).execute()
  }

  /**
   * Send the session's next cookie, which counts from its first use on: until then the one before stays good, so an
   * answer that is lost on its way signs nobody out. One of many parallel requests does it.
   */
  async function offerNext(known: Known, nowMs: number): Promise<string | null> {
    known.rotateAtMs = nowMs + OFFER_AGAIN_MS
    const { sessionId } = known.viewer
    return commit(options, async (unit) => {
      const mine = await unit.db
        .updateTable('sessions')
        .set({ rotate_at: new Date(unit.atMs + OFFER_AGAIN_MS) })
        .where('id', '=', sessionId)
        .where('rotate_at', '<=', new Date(nowMs))
        .returning('id')
        .executeTakeFirst()
      if (mine === undefined) return null
      await unit.db
        .deleteFrom('session_tokens')
        .where('session_id', '=', sessionId)
        .where('seen_at', 'is', null)
        .execute()
      return issuer.issueCookie(unit, { id: sessionId, terms: known.terms }, false)
    })
  }

  /** A new cookie has come back, so its browser has it: those before it are spent. */
  async function settle(hash: string, { viewer, issuedAtMs }: TokenFacts): Promise<void> {
    const { sessionId } = viewer
    await commit(options, async (unit) => {
      const at = new Date(unit.atMs)
      // The session's row first, as everywhere: a session that ends takes its tokens along.
      await unit.db
        .updateTable('sessions')
        .set({ rotate_at: new Date(unit.atMs + LIFE.rotateEveryMs) })
        .where('id', '=', sessionId)
        .execute()
      await unit.db.updateTable('session_tokens').set({ seen_at: at }).where('hash', '=', hash).execute()
      await unit.db
        .updateTable('session_tokens')
        .set({ spent_at: at, lingers: true })
        .where('session_id', '=', sessionId)
        .where('hash', '!=', hash)
        .where('issued_at', '<=', new Date(issuedAtMs))
        .where('spent_at', 'is', null)
        .execute()
    })
  }

  async function endForReuse({ identityId, sessionId }: Viewer): Promise<void> {
    await commit(options, (unit) => endReused(unit, random, { identityId, sessionId }))
  }

  return { recognise, lookups: () => cache.figures() }
}

/** The token a program sends, empty or wrong as it may be; null when the cookie is to be asked. */
export function headerToken(headers: Headers): string | null {
  const own = headers.get('x-session-token')
  const bearer = headers.get('authorization')?.match(/^bearer(?: +(.*))?$/i)
  if (!bearer) return own
  const token = bearer[1]?.trim() ?? ''
  // Two that differ: there is no telling which was meant.
  return own === null || own === token ? token : ''
}

/** One answer to every wrong token, so that it cannot be asked what was wrong. */
function wrongToken(door: Door): HttpProblem {
  const detail =
    door === 'page'
      ? 'Tokens open the API under /api/v1, not pages. Send this without the token.'
      : 'This token opens nothing here: it is wrong, or it has run out. Refresh it or sign in again.'
  return new HttpProblem(401, detail, { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } })
}
