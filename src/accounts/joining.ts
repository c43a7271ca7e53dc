/**
 * Coming in: registering, showing that an address is one's own, a forgotten password. What is answered, and the work
 * behind it, is the same whether an address is known or not; only the letter tells, and only its reader.
 *
 * Whoever registers is nobody yet: name and hash wait in their link. So nobody can take an address that is not theirs,
 * and of two who register with one address each confirms the password of their own letter.
 */
import { withNext } from '../../views/parts/next.ts'
import { record } from '../audit/audit.ts'
import { type CompanyId, type IdentityId, ok, type Result, refuse } from '../engine/units.ts'
import type { CommitDeps, Work } from '../io/commit.ts'
import { commit } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { notify } from '../notices/notices.ts'
import type { WebContext } from '../web/context.ts'
import { replacePassword } from './credentials.ts'
import { LINK_LASTS_MS, makeLink, type OneTimeLink, peekLink, retireLinks, useLink } from './links.ts'
import { forgetTries, signInTries } from './lockout.ts'
import type { AboutPerson } from './password-rules.ts'
import type { Passwords } from './passwords.ts'
import { companyNamesOf, insertPerson, markVerified, personByEmail, personById } from './people.ts'
import { rotateSoon } from './session-life.ts'

export interface JoiningDeps extends CommitDeps {
  readonly random: Random
  readonly passwords: Passwords
}

/** For the audit trail. */
export type From = Pick<WebContext, 'address' | 'requestId'>

export interface Registration {
  readonly name: string
  /** Lower case. */
  readonly email: string
  readonly password: string
  /** The company on whose pages they are. */
  readonly companyId: CompanyId | null
  /** They want to drive for it; its admins decide. */
  readonly wantsToDrive: boolean
  /** A path of ours they were on the way to; empty for none. It travels in the letter's link. */
  readonly next?: string
}

export type Joining = ReturnType<typeof makeJoining>

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const VERIFY_KINDS = ['register', 'verify_email'] as const

export function makeJoining(deps: JoiningDeps) {
  const { db, clock, random, passwords } = deps

  /**
   * Send the letter that completes a registration; to somebody who has an account, the one that says so.
   * @throws HttpProblem 503 when too many passwords wait to be hashed
   */
  async function register(wish: Registration): Promise<void> {
    const passwordHash = await passwords.hash(wish.password)
    await commit(deps, async (unit) => {
      const known = await personByEmail(unit.db, wish.email)
      if (known === undefined) await sendRegisterLink(unit, { ...wish, passwordHash })
      else if (known.email_verified) await sendKnownLetter(unit, known.id, wish.email)
      else await sendVerifyLink(unit, known.id, wish.email, wish.next)
    })
  }

  async function sendRegisterLink(
    unit: Work,
    wish: Omit<Registration, 'password'> & { readonly passwordHash: string },
  ): Promise<void> {
    const { name, email, passwordHash, companyId, wantsToDrive, next = '' } = wish
    const token = await makeLink(unit, random, {
      kind: 'register',
      email,
      ...(companyId === null ? {} : { companyId }),
      registering: { name, passwordHash, wantsToDrive },
    })
    await notify(unit, random, {
      ...{ kind: 'verify_email', to: email, identityId: null },
      ...(companyId === null ? {} : { companyId }),
      data: { name, link: withNext(`/verify/${token}`, next), hours: LINK_LASTS_MS.register / HOUR_MS },
    })
  }

  async function sendKnownLetter(unit: Work, identityId: IdentityId, email: string): Promise<void> {
    const { name, language } = await personById(unit.db, identityId)
    const token = await makeLink(unit, random, { kind: 'reset_password', email, identityId })
    const link = `/reset-password/${token}`
    await notify(unit, random, {
      kind: 'account_exists',
      to: email,
      identityId,
      language,
      data: { name, link },
    })
  }

  async function sendVerifyLink(unit: Work, identityId: IdentityId, email: string, next = ''): Promise<void> {
    const { name, language } = await personById(unit.db, identityId)
    const token = await makeLink(unit, random, { kind: 'verify_email', email, identityId })
    await notify(unit, random, {
      ...{ kind: 'verify_email', to: email, identityId, language },
      data: { name, link: withNext(`/verify/${token}`, next), hours: LINK_LASTS_MS.verify_email / HOUR_MS },
    })
  }

  /** Send the letter to confirm an address once more, if there is something to confirm. */
  async function resend(email: string, next = ''): Promise<void> {
    await commit(deps, async (unit) => {
      const known = await personByEmail(unit.db, email)
      if (known !== undefined && !known.email_verified && known.deleted_at === null)
        return sendVerifyLink(unit, known.id, email, next)
      const waiting = await unit.db
        .selectFrom('one_time_links')
        .selectAll()
        .where('email', '=', email)
        .where('kind', '=', 'register')
        .where('used_at', 'is', null)
        .where('expires_at', '>', new Date(unit.atMs))
        .orderBy('created_at', 'desc')
        .limit(1)
        .executeTakeFirst()
      if (known !== undefined || waiting === undefined) return
      const { name, password_hash, company_id, wants_to_drive } = waiting
      // The table's check says that a registration has both.
      const wish = { name: name!, passwordHash: password_hash!, companyId: company_id }
      await sendRegisterLink(unit, { ...wish, email, wantsToDrive: wants_to_drive, next })
    })
  }

  /** What a link of a letter would confirm; null when it opens nothing any more. */
  const pendingVerification = (token: string): Promise<OneTimeLink | null> =>
    peekLink(db, VERIFY_KINDS, token, clock.nowMs())

  /**
   * Use the link of a letter up: the account is made, or its address confirmed. It signs nobody in: whoever chose the
   * password does that with it.
   * @returns `gone` when the link opens nothing (any more), `known` when the address got an account another way
   */
  async function verify(
    token: string,
    from: From,
  ): Promise<Result<{ email: string; applied: boolean; companyId: CompanyId | null }, 'gone' | 'known'>> {
    return commit(deps, async (unit) => {
      const link = await useLink(unit, VERIFY_KINDS, token)
      if (link === null) return refuse('gone')
      const { email, company_id: companyId } = link
      if (link.kind === 'verify_email') {
        const identityId = link.identity_id!
        if (!(await markVerified(unit, { identityId, email }))) return refuse('gone')
        await retireLinks(unit, 'verify_email', { identityId })
        // Where they are signed in, the next request shall know.
        await rotateSoon(unit, identityId)
        await recordOf(unit, 'account.verified', identityId, from)
        return ok({ email, applied: false, companyId })
      }
      const identityId = await insertPerson(unit, random, {
        ...{ name: link.name!, email, passwordHash: link.password_hash! },
      })
      await retireLinks(unit, 'register', { email })
      if (identityId === null) return refuse('known')
      await recordOf(unit, 'account.registered', identityId, from)
      const applied = link.wants_to_drive && companyId !== null
      if (applied) await applyToDrive(unit, random, { identityId, companyId, from })
      return ok({ email, applied, companyId })
    })
  }

  /** Send a link to choose a new password, if the address has an account. */
  async function forgot(email: string, from: From): Promise<void> {
    await commit(deps, async (unit) => {
      const known = await personByEmail(unit.db, email)
      const there = known !== undefined && known.deleted_at === null
      const { address, requestId } = from
      await record(unit.db, random, {
        ...{ action: 'password.reset_asked', atMs: unit.atMs, address, requestId, detail: { email } },
        ...(there ? { subject: known.id } : {}),
      })
      // To an address nobody has, a link that opens nothing: it costs the same.
      const token = await makeLink(unit, random, {
        ...{ kind: 'reset_password', email },
        ...(there ? { identityId: known.id } : {}),
      })
      if (!there) return
      const minutes = LINK_LASTS_MS.reset_password / MINUTE_MS
      await notify(unit, random, {
        ...{ kind: 'reset_password', to: email, identityId: known.id, language: known.language },
        data: { name: known.name, link: `/reset-password/${token}`, minutes },
      })
    })
  }

  /** Whose password a link would change, and what it must not be built on; null when it opens nothing any more. */
  async function pendingReset(token: string): Promise<AboutPerson | null> {
    const link = await peekLink(db, ['reset_password'], token, clock.nowMs())
    if (link?.identity_id == null) return null
    const about = await aboutPerson(link.identity_id)
    return about.email === link.email ? about : null
  }

  /** What others know of a person: their password shall not be built on it. */
  async function aboutPerson(identityId: IdentityId): Promise<AboutPerson> {
    const { name, email } = await personById(db, identityId)
    return { name, email, companies: await companyNamesOf(db, { identityId }) }
  }

  /**
   * Use a reset link up: the new password stands, and every session of the person has ended. It signs nobody in, so
   * a second factor is still asked for.
   * @throws HttpProblem 503 when too many passwords wait to be hashed
   */
  async function reset(token: string, password: string, from: From): Promise<Result<null, 'gone'>> {
    const hash = await passwords.hash(password)
    // Hashing takes its time; who comes second need not stand in line for the row to hear it.
    if ((await pendingReset(token)) === null) return refuse('gone')
    return commit(deps, async (unit) => {
      const link = await useLink(unit, ['reset_password'], token)
      const identityId = link?.identity_id ?? null
      if (link === null || identityId === null) return refuse('gone')
      const person = await personById(unit.db, identityId)
      // Whoever reads the letters of an address given up meanwhile has no say any more.
      if (person.deleted_at !== null || person.email !== link.email) return refuse('gone')
      await replacePassword(unit, random, { identityId, hash })
      // The letter went to their address, and here they are.
      await markVerified(unit, { identityId, email: link.email })
      // Wrong tries at the old password say nothing of the new one.
      await forgetTries(unit.db, signInTries(person.email))
      await recordOf(unit, 'password.reset', identityId, from)
      await tellPasswordChanged(unit, random, person)
      return ok(null)
    })
  }

  function recordOf(
    unit: Work,
    action: 'account.verified' | 'account.registered' | 'password.reset',
    identityId: IdentityId,
    { address, requestId }: From,
  ): Promise<void> {
    const who = { actorId: identityId, subject: identityId }
    return record(unit.db, random, { action, atMs: unit.atMs, ...who, address, requestId })
  }

  return {
    register,
    resend,
    sendVerifyLink,
    pendingVerification,
    verify,
    forgot,
    pendingReset,
    aboutPerson,
    reset,
  }
}

/** Ask a company to be its driver; a second asking while the first is open changes nothing. */
export async function applyToDrive(
  unit: Work,
  random: Random,
  { identityId, companyId, from }: { identityId: IdentityId; companyId: CompanyId; from: From },
): Promise<void> {
  const made = await unit.db
    .insertInto('driver_applications')
    .values({
      ...{ company_id: companyId, id: random.uuid(), identity_id: identityId },
      asked_at: new Date(unit.atMs),
    })
    .onConflict((conflict) =>
      conflict.columns(['company_id', 'identity_id']).where('decided_at', 'is', null).doNothing(),
    )
    .returning('id')
    .executeTakeFirst()
  if (made === undefined) return
  const { address, requestId } = from
  await record(unit.db, random, {
    ...{ action: 'driver.applied', atMs: unit.atMs, actorId: identityId, companyId, address, requestId },
    ...{ subject: identityId, subjectKind: 'person' },
  })
}

/** Tell somebody by letter that their password is another one now. */
export async function tellPasswordChanged(
  unit: Work,
  random: Random,
  person: { id: IdentityId; name: string; email: string; language: string },
): Promise<void> {
  await notify(unit, random, {
    ...{ kind: 'password_changed', to: person.email, identityId: person.id, language: person.language },
    data: { name: person.name, atMs: unit.atMs },
  })
}
