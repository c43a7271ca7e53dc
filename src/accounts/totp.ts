/** Codes of an authenticator app (RFC 6238): six digits, every thirty seconds, each of them good once. */
import type { Kysely } from 'kysely'
import { createGuardrails, generateSecret, generateURI, verify } from 'otplib'
import type { IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Tables } from '../io/tables.ts'
import type { Sealer } from './sealing.ts'

/** A phone's clock may be one step early or late. */
const DRIFT_S = 30
const ISSUER = 'Honeycab'
/** Ours have 20 bytes; older systems gave out 10, and people keep those when they come over. */
const guardrails = createGuardrails({ MIN_SECRET_BYTES: 10 })
const BASE32 = /^[A-Z2-7]{16,128}$/

export const TOTP_CODE = /^\d{6}$/

export interface TotpInvitation {
  /** Base32, to be typed where no camera is. */
  readonly secret: string
  /** `otpauth://…`, for the QR code. */
  readonly uri: string
  /** The secret for this person's set-up form: nothing is stored before a code has proved that the app has it. */
  readonly sealed: string
}

/** A secret for an app; with `sealed`, the one that was given before. Null when that is not this person's. */
export function inviteTotp(
  sealer: Sealer,
  who: { readonly identityId: IdentityId; readonly email: string },
  sealed?: string,
): TotpInvitation | null {
  const about = setUpOf(who.identityId)
  const secret = sealed === undefined ? generateSecret() : sealer.unseal(sealed, about)
  if (secret === null) return null
  const uri = generateURI({ issuer: ISSUER, label: who.email, secret })
  return { secret, uri, sealed: sealed ?? sealer.seal(secret, about) }
}

/** Keep the secret of the set-up form, if `code` is its app's. One is kept: a second set-up is refused. */
export async function confirmTotp(
  unit: Pick<Work, 'db' | 'atMs'>,
  sealer: Sealer,
  given: { readonly identityId: IdentityId; readonly sealed: string; readonly code: string },
): Promise<'kept' | 'wrong' | 'there_already'> {
  const secret = sealer.unseal(given.sealed, setUpOf(given.identityId))
  const step = secret === null ? null : await stepOf(secret, given.code, unit.atMs)
  if (secret === null || step === null) return 'wrong'
  const kept = await keep(unit, sealer, { identityId: given.identityId, secret, step })
  return kept ? 'kept' : 'there_already'
}

/**
 * Keep a secret that the person's app has already, from another system.
 * @returns false when it is no Base32 secret, or the person has one
 */
export async function adoptTotp(
  unit: Pick<Work, 'db' | 'atMs'>,
  sealer: Sealer,
  given: { readonly identityId: IdentityId; readonly secret: string },
): Promise<boolean> {
  const secret = given.secret.replace(/[\s=-]/g, '').toUpperCase()
  if (!BASE32.test(secret)) return false
  return keep(unit, sealer, { identityId: given.identityId, secret, step: 0 })
}

async function keep(
  unit: Pick<Work, 'db' | 'atMs'>,
  sealer: Sealer,
  row: { identityId: IdentityId; secret: string; step: number },
): Promise<boolean> {
  const made = await unit.db
    .insertInto('totp_secrets')
    .values({
      identity_id: row.identityId,
      sealed: sealer.seal(row.secret, row.identityId),
      last_step: row.step,
      created_at: new Date(unit.atMs),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('identity_id')
    .executeTakeFirst()
  return made !== undefined
}

/** Use a code up: true once per time step, however many try it at the same time. */
export async function useTotp(
  db: Kysely<Tables>,
  sealer: Sealer,
  given: { readonly identityId: IdentityId; readonly code: string; readonly atMs: number },
): Promise<boolean> {
  const { identityId, code, atMs } = given
  const row = await db
    .selectFrom('totp_secrets')
    .select('sealed')
    .where('identity_id', '=', identityId)
    .executeTakeFirst()
  const secret = row === undefined ? null : sealer.unseal(row.sealed, identityId)
  const step = secret === null ? null : await stepOf(secret, code, atMs)
  if (step === null) return false
  const used = await db
    .updateTable('totp_secrets')
    .set({ last_step: step, used_at: new Date(atMs) })
    .where('identity_id', '=', identityId)
    .where('last_step', '<', step)
    .returning('last_step')
    .executeTakeFirst()
  return used !== undefined
}

/** The time step a code belongs to; null when it is none of now, the one before and the one after. */
async function stepOf(secret: string, code: string, atMs: number): Promise<number | null> {
  if (!TOTP_CODE.test(code)) return null
  const epoch = Math.floor(atMs / 1000)
  const result = await verify({ secret, token: code, epoch, epochTolerance: DRIFT_S, guardrails })
  return result.valid && 'timeStep' in result ? result.timeStep : null
}

function setUpOf(identityId: IdentityId): string {
  return `set-up ${identityId}`
}
