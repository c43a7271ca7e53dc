/** Signing in, confirming, and a person's factors, on the sessions and the queue of passwords of `auth`. */
import type { IdentityId } from '../engine/units.ts'
import type { Bus } from '../io/bus.ts'
import type { Clock } from '../io/clock.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { Auth } from './accounts.ts'
import { makeConfirm } from './confirm.ts'
import { forgetOldBrowsers } from './known-browsers.ts'
import { forgetOldTries } from './lockout.ts'
import { makeOwnFactors } from './own-factors.ts'
import { forgetOldChallenges, makePasskeys } from './passkeys.ts'
import { forgetOldPending } from './pending.ts'
import { makeSealer } from './sealing.ts'
import type { FactorSealers } from './second-factor.ts'
import { securityEventsOf } from './security-events.ts'
import { makeSignIn } from './sign-in.ts'

export interface FactorsOptions {
  readonly db: Db
  readonly bus: Bus
  readonly clock: Clock
  readonly random: Random
  readonly config: { readonly publicUrl: string; readonly sessionSecrets: readonly string[] }
  readonly auth: Auth
}

export type Factors = ReturnType<typeof makeFactors>

export function makeFactors({ db, bus, clock, random, config, auth }: FactorsOptions) {
  const sealers = makeFactorSealers(config.sessionSecrets, random)
  const passkeys = makePasskeys({ publicUrl: config.publicUrl, random })
  const { passwords } = auth
  const parts = { db, bus, clock, random, passwords, life: auth, passkeys, sealers }
  return {
    signIn: makeSignIn(parts),
    confirm: makeConfirm(parts),
    own: makeOwnFactors(parts),
    sealers,
    passkeys,
    /** What strangers tried has no actor, so a person's own request would not reach it. */
    lately: (identityId: IdentityId) => securityEventsOf(db, identityId),
  }
}

export function makeFactorSealers(secrets: readonly string[], random: Random): FactorSealers {
  return {
    totp: makeSealer(secrets, 'totp', random),
    backupCodes: makeSealer(secrets, 'backup codes', random),
  }
}

/** What signing in leaves behind and nobody needs any more. For a chore; safe in several processes at once. */
export async function forgetOldSignIns(db: Db, nowMs: number): Promise<void> {
  await forgetOldTries(db, nowMs)
  await forgetOldPending(db, nowMs)
  await forgetOldChallenges(db, nowMs)
  await forgetOldBrowsers(db, nowMs)
  await db.deleteFrom('backup_code_sheets').where('expires_at', '<=', new Date(nowMs)).execute()
}
