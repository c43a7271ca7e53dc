/** Confirming in a session that runs that it is still its owner's hand: before a sensitive change. */
import type { AuthenticationResponseJSON } from '@simplewebauthn/server'
import { record } from '../audit/audit.ts'
import type { Bus } from '../io/bus.ts'
import type { Clock } from '../io/clock.ts'
import { commit, type Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { Viewer } from '../web/viewer.ts'
import { hashOfPassword, samePassword } from './credentials.ts'
import { makeLines } from './lines.ts'
import { confirmTries, forgetTries, giveBackTry, MOST_FAILURES, takeTry } from './lockout.ts'
import type { Passkeys } from './passkeys.ts'
import type { Passwords } from './passwords.ts'
import { type FactorSealers, useCode } from './second-factor.ts'
import type { Issued, Origin, SessionLife } from './session-life.ts'

export interface ConfirmOptions {
  readonly db: Db
  readonly bus: Bus
  readonly clock: Clock
  readonly random: Random
  readonly passwords: Passwords
  readonly life: Pick<SessionLife, 'rotateSession'>
  readonly passkeys: Passkeys
  readonly sealers: FactorSealers
}

/** One of them. */
export type Proof =
  | { readonly by: 'password'; readonly password: string }
  | { readonly by: 'code'; readonly code: string }
  | { readonly by: 'passkey'; readonly response: AuthenticationResponseJSON }

export type ConfirmOutcome =
  | { readonly state: 'confirmed'; readonly issued: Issued }
  | { readonly state: 'wrong'; readonly triesLeft: number | null }
  | { readonly state: 'locked' }

export type Confirm = ReturnType<typeof makeConfirm>

/** The session gets new tokens with every proof. Wrong ones are counted apart from those of the sign-in page. */
export function makeConfirm(options: ConfirmOptions) {
  const { db, bus, clock, random, passwords, life, passkeys, sealers } = options
  const deps = { db, bus, clock }
  const inLine = makeLines()

  return function confirm(
    viewer: Viewer,
    proof: Proof,
    origin: Pick<Origin, 'address' | 'requestId'>,
  ): Promise<ConfirmOutcome> {
    return inLine(viewer.identityId, () =>
      proof.by === 'passkey' ? byPasskey(viewer, proof.response, origin) : byTyping(viewer, proof, origin),
    )
  }

  async function byPasskey(
    viewer: Viewer,
    response: AuthenticationResponseJSON,
    origin: Pick<Origin, 'address' | 'requestId'>,
  ): Promise<ConfirmOutcome> {
    const { identityId } = viewer
    const issued = await commit(deps, async (unit) => {
      if ((await passkeys.use(unit, { identityId, response })) === null) return null
      return proved(unit, viewer, { secondFactor: true, by: 'passkey' }, origin)
    })
    return issued === null ? { state: 'wrong', triesLeft: null } : { state: 'confirmed', issued }
  }

  async function byTyping(
    viewer: Viewer,
    proof: Exclude<Proof, { by: 'passkey' }>,
    origin: Pick<Origin, 'address' | 'requestId'>,
  ): Promise<ConfirmOutcome> {
    const { identityId } = viewer
    const key = confirmTries(identityId)
    const taken = await takeTry(db, key, clock.nowMs())
    if (taken === null) return { state: 'locked' }
    const hash = proof.by === 'password' ? await checkedHash(viewer, proof.password, taken) : null
    const issued = await commit(deps, async (unit) => {
      if (proof.by === 'password') {
        if (hash === null || !(await samePassword(unit, { identityId, hash }))) return null
      } else {
        const used = await useCode(unit.db, sealers, { identityId, code: proof.code, atMs: unit.atMs })
        if (used === null) return null
        if (used === 'backup_code') await recordBackupCode(unit, viewer, origin)
      }
      await forgetTries(unit.db, key)
      return proved(unit, viewer, { secondFactor: proof.by === 'code', by: proof.by }, origin)
    })
    if (issued !== null) return { state: 'confirmed', issued }
    await record(db, random, {
      action: proof.by === 'code' ? 'second_factor.refused' : 'session.refused',
      atMs: clock.nowMs(),
      actorId: identityId,
      subject: identityId,
      ...origin,
      detail: { confirming: true },
    })
    const triesLeft = MOST_FAILURES - taken.failures
    return triesLeft > 0 ? { state: 'wrong', triesLeft } : { state: 'locked' }
  }

  /** The hash the password fits; null when it does not fit, or there is none. */
  async function checkedHash(
    { identityId }: Viewer,
    password: string,
    taken: { readonly failures: number },
  ): Promise<string | null> {
    const hash = await hashOfPassword(db, identityId)
    const fits = await passwords
      .verify(password, hash ?? (await passwords.nobodys()))
      .catch(async (error: unknown) => {
        await giveBackTry(db, confirmTries(identityId), taken)
        throw error
      })
    return fits ? hash : null
  }

  async function proved(
    unit: Work,
    viewer: Viewer,
    { secondFactor, by }: { secondFactor: boolean; by: Proof['by'] },
    origin: Pick<Origin, 'address' | 'requestId'>,
  ): Promise<Issued> {
    await record(unit.db, random, {
      action: 'session.confirmed',
      atMs: unit.atMs,
      actorId: viewer.identityId,
      subject: viewer.sessionId,
      ...origin,
      detail: { by },
    })
    return life.rotateSession(unit, viewer, { proved: true, secondFactor }, origin)
  }

  async function recordBackupCode(
    unit: Work,
    { identityId }: Viewer,
    origin: Pick<Origin, 'address' | 'requestId'>,
  ): Promise<void> {
    await record(unit.db, random, {
      action: 'backup_codes.used',
      atMs: unit.atMs,
      actorId: identityId,
      subject: identityId,
      ...origin,
    })
  }
}
