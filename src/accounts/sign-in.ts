/** Signing in: the password, then the second factor where there is one, or a passkey, which is both. */
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import { record } from '../audit/audit.ts'
import type { IdentityId } from '../engine/units.ts'
import type { Bus } from '../io/bus.ts'
import type { Clock } from '../io/clock.ts'
import { commit, type Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { SessionKind } from '../io/tables/sessions.ts'
import { notify } from '../notices/notices.ts'
import { type KnownPassword, keepHash, passwordOf, samePassword } from './credentials.ts'
import { deviceWords } from './device-words.ts'
import { newBrowserToken, programToken, rememberBrowser } from './known-browsers.ts'
import { makeLines } from './lines.ts'
import { forgetTries, giveBackTry, LOCK_MS, MOST_FAILURES, signInTries, takeTry } from './lockout.ts'
import type { Passkeys } from './passkeys.ts'
import { isOurs, type Passwords } from './passwords.ts'
import {
  ask,
  findPending,
  forgetPending,
  holdPending,
  MOST_PENDING_TRIES,
  type Pending,
  takePendingTry,
} from './pending.ts'
import {
  type FactorSealers,
  factorsOf,
  hasSecondFactor,
  type SecondMethod,
  secondMethods,
  useCode,
} from './second-factor.ts'
import type { Issued, Origin, SessionLife } from './session-life.ts'

export interface SignInOptions {
  readonly db: Db
  readonly bus: Bus
  readonly clock: Clock
  readonly random: Random
  readonly passwords: Passwords
  readonly life: Pick<SessionLife, 'startSession'>
  readonly passkeys: Passkeys
  readonly sealers: FactorSealers
}

/** Where somebody signs in: a browser by its own cookie, or a program. */
export interface Place extends Origin {
  /** The browser's cookie of before; null for one that has none yet. */
  readonly browser: string | null
}

export interface SignedIn {
  readonly issued: Issued
  /** Where the person wanted to go; empty for where their work begins. */
  readonly next: string
  /** What the browser is known by from now on; null for a program. */
  readonly browser: string | null
}

export interface SecondStep {
  /** The token under which the second factor is to come. */
  readonly pending: string
  readonly methods: readonly SecondMethod[]
}

export type PasswordOutcome =
  | { readonly state: 'wrong' }
  | ({ readonly state: 'second_factor' } & SecondStep)
  | ({ readonly state: 'signed_in' } & SignedIn)

export type SecondOutcome =
  | { readonly state: 'wrong'; readonly triesLeft: number }
  /** It has run out, was answered, or there were too many wrong answers: back to the password. */
  | { readonly state: 'gone' }
  /** Too many wrong tries altogether: signing in by password rests. */
  | { readonly state: 'locked' }
  | ({ readonly state: 'signed_in' } & SignedIn)

export interface Who {
  /** In lower case. */
  readonly email: string
  readonly password: string
  readonly kind: SessionKind
  readonly remembered: boolean
  /** A path of ours, or empty. */
  readonly next: string
}

export type SignIn = ReturnType<typeof makeSignIn>

export function makeSignIn(options: SignInOptions) {
  const { db, bus, clock, random, passwords, life, passkeys, sealers } = options
  const deps = { db, bus, clock }
  const inLine = makeLines()

  /**
   * By password. An unknown address, a wrong password, a locked account and one without a password get the same
   * refusal after the same work.
   * @throws HttpProblem 503 when too many passwords wait to be checked
   */
  function byPassword(who: Who, place: Place): Promise<PasswordOutcome> {
    return inLine(who.email, async () => {
      const key = signInTries(who.email)
      const known = await passwordOf(db, who.email)
      const taken = await takeTry(db, key, clock.nowMs())
      const isRight = await passwords
        .verify(who.password, known?.hash ?? (await passwords.nobodys()))
        .catch(async (error: unknown) => {
          // Nobody looked at it, so it does not count.
          if (taken !== null) await giveBackTry(db, key, taken)
          throw error
        })
      if (known === null || taken === null || !isRight) {
        await refuse({ email: who.email, known, place, locks: taken?.failures === MOST_FAILURES })
        return { state: 'wrong' }
      }
      const better = isOurs(known.hash) ? null : await passwords.hash(who.password)
      return commit(deps, async (unit): Promise<PasswordOutcome> => {
        // While this was checked the password may have been changed, which ends the sessions there were.
        if (!(await samePassword(unit, known))) return { state: 'wrong' }
        if (better !== null) await keepHash(unit, known, better)
        const { identityId } = known
        const factors = await factorsOf(unit.db, identityId)
        if (hasSecondFactor(factors)) {
          await giveBackTry(unit.db, key, taken)
          const pending = await ask(unit, random, { ...who, identityId })
          return { state: 'second_factor', pending, methods: secondMethods(factors) }
        }
        await forgetTries(unit.db, key)
        return start(unit, { ...who, identityId, secondFactor: false }, place)
      })
    })
  }

  /** The second step by a code: the app's, or a backup code. */
  async function byCode(
    { pending: token, code }: { pending: string; code: string },
    place: Place,
  ): Promise<SecondOutcome> {
    const pending = await findPending(db, token, clock.nowMs())
    if (pending === null) return { state: 'gone' }
    return inLine(pending.email, async () => {
      const tries = await takePendingTry(db, pending.id)
      if (tries === null) return { state: 'gone' }
      const key = signInTries(pending.email)
      const taken = await takeTry(db, key, clock.nowMs())
      if (taken === null) return { state: 'locked' }
      const outcome = await commit(deps, async (unit): Promise<SecondOutcome | null> => {
        if (!(await holdPending(unit, pending.id))) {
          await giveBackTry(unit.db, key, taken)
          return { state: 'gone' }
        }
        const { identityId } = pending
        const used = await useCode(unit.db, sealers, { identityId, code, atMs: unit.atMs })
        if (used === null) return null
        await forgetTries(unit.db, key)
        if (used === 'backup_code') await tellOfBackupCode(unit, pending, place)
        return finish(unit, pending, place)
      })
      if (outcome !== null) return outcome
      const locks = taken.failures === MOST_FAILURES
      await refuse({ email: pending.email, known: pending, place, locks, action: 'second_factor.refused' })
      const triesLeft = Math.min(MOST_PENDING_TRIES - tries, MOST_FAILURES - taken.failures)
      if (triesLeft > 0) return { state: 'wrong', triesLeft }
      await forgetPending(db, pending.id)
      return { state: 'locked' }
    })
  }

  /** The second step by a passkey; nothing about it can be guessed, so a lock does not stop it. */
  async function byPasskeyAfterPassword(
    { pending: token, response }: { pending: string; response: AuthenticationResponseJSON },
    place: Place,
  ): Promise<SecondOutcome> {
    const pending = await findPending(db, token, clock.nowMs())
    if (pending === null) return { state: 'gone' }
    const tries = await takePendingTry(db, pending.id)
    if (tries === null) return { state: 'gone' }
    const outcome = await commit(deps, async (unit): Promise<SecondOutcome | null> => {
      if (!(await holdPending(unit, pending.id))) return { state: 'gone' }
      const { identityId } = pending
      if ((await passkeys.use(unit, { identityId, response })) === null) return null
      await forgetTries(unit.db, signInTries(pending.email))
      return finish(unit, pending, place)
    })
    if (outcome !== null) return outcome
    await refuse({
      email: pending.email,
      known: pending,
      place,
      locks: false,
      action: 'second_factor.refused',
    })
    const triesLeft = MOST_PENDING_TRIES - tries
    return triesLeft > 0 ? { state: 'wrong', triesLeft } : { state: 'gone' }
  }

  /** By a passkey alone: it asks for PIN, finger or face, so it is both factors, locked or not. */
  async function byPasskey(
    given: {
      response: AuthenticationResponseJSON
      kind: SessionKind
      remembered: boolean
      next: string
    },
    place: Place,
  ): Promise<SignedIn | null> {
    const { response, ...rest } = given
    const signedIn = await commit(deps, async (unit) => {
      const used = await passkeys.use(unit, { identityId: null, response })
      if (used?.userVerified !== true || !(await isHere(unit, used.identityId))) return null
      return start(unit, { ...rest, identityId: used.identityId, secondFactor: true }, place)
    })
    if (signedIn === null) await refuse({ email: null, known: null, place, locks: false })
    return signedIn
  }

  /** What a browser asks its passkeys: any to sign in, or after the password one of this person's. */
  async function passkeyOptions(
    pendingToken: string | null,
  ): Promise<PublicKeyCredentialRequestOptionsJSON | null> {
    const atMs = clock.nowMs()
    if (pendingToken === null) return passkeys.requestOptions(db, { identityId: null, atMs })
    const pending = await findPending(db, pendingToken, atMs)
    return pending === null ? null : passkeys.requestOptions(db, { identityId: pending.identityId, atMs })
  }

  /** The second step that waits under this token, for its page; null when there is none. */
  async function secondStep(token: string): Promise<(Pending & Pick<SecondStep, 'methods'>) | null> {
    const pending = await findPending(db, token, clock.nowMs())
    if (pending === null) return null
    return { ...pending, methods: secondMethods(await factorsOf(db, pending.identityId)) }
  }

  async function finish(unit: Work, pending: Pending, place: Place) {
    await forgetPending(unit.db, pending.id)
    return start(unit, { ...pending, secondFactor: true }, place)
  }

  async function start(
    unit: Work,
    who: {
      identityId: IdentityId
      kind: SessionKind
      remembered: boolean
      next: string
      secondFactor: boolean
    },
    place: Place,
  ) {
    const { identityId, kind, remembered, next, secondFactor } = who
    const { address, requestId, userAgent } = place
    const origin = { address, requestId, userAgent }
    const issued = await life.startSession(unit, { identityId, kind, remembered, secondFactor, origin })
    const browser = kind === 'cookie' ? (place.browser ?? newBrowserToken(random)) : null
    if (await rememberBrowser(unit, { identityId, token: browser ?? programToken(place) }))
      await notify(unit, random, {
        kind: 'new_device',
        to: issued.viewer.email,
        identityId,
        language: issued.viewer.language,
        data: { name: issued.viewer.name, atMs: unit.atMs, device: deviceWords(userAgent), address },
      })
    return { state: 'signed_in' as const, issued, next, browser }
  }

  async function tellOfBackupCode(unit: Work, person: Pending, { address, requestId }: Place): Promise<void> {
    const { identityId, email, name, language } = person
    await record(unit.db, random, {
      action: 'backup_codes.used',
      atMs: unit.atMs,
      actorId: identityId,
      subject: identityId,
      address,
      requestId,
    })
    await notify(unit, random, {
      kind: 'second_factor_changed',
      to: email,
      identityId,
      language,
      data: { name, atMs: unit.atMs, what: 'code_used' },
    })
  }

  interface Refusal {
    readonly email: string | null
    readonly known: Pick<KnownPassword, 'identityId' | 'name' | 'language'> | null
    readonly place: Place
    /** Whether this was the try that locked. */
    readonly locks: boolean
    readonly action?: 'session.refused' | 'second_factor.refused'
  }

  /** Write a refusal down; the try that locks is told to the owner, if there is one. */
  async function refuse({ email, known, place, locks, action = 'session.refused' }: Refusal): Promise<void> {
    const { address, requestId } = place
    await commit(deps, async (unit) => {
      const entry = { atMs: unit.atMs, address, requestId, ...(known && { subject: known.identityId }) }
      await record(unit.db, random, { ...entry, action, detail: email === null ? {} : { email } })
      if (!locks || known === null || email === null) return
      const untilMs = unit.atMs + LOCK_MS
      await record(unit.db, random, {
        ...entry,
        action: 'account.locked',
        detail: { until: new Date(untilMs).toISOString() },
      })
      await notify(unit, random, {
        kind: 'locked_out',
        to: email,
        identityId: known.identityId,
        language: known.language,
        data: { name: known.name, untilMs, address, link: '/forgot-password' },
        dedupeKey: `locked_out:${known.identityId}:${untilMs}`,
      })
    })
  }

  return { byPassword, byCode, byPasskeyAfterPassword, byPasskey, passkeyOptions, secondStep }
}

async function isHere(unit: Work, identityId: IdentityId): Promise<boolean> {
  const row = await unit.db
    .selectFrom('identities')
    .select('id')
    .where('id', '=', identityId)
    .where('deleted_at', 'is', null)
    .where('banned_at', 'is', null)
    .executeTakeFirst()
  return row !== undefined
}
