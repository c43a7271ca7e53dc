/** Passkeys (WebAuthn): made on this person's page, used to sign in, as second factor, and to confirm. */
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import { isUniqueViolation } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { PasskeyChallengesTable } from '../io/tables/factors.ts'
import type { Tables } from '../io/tables.ts'

/** A person looks for their key, types a PIN, tries another finger. */
const CHALLENGE_MS = 5 * 60_000
const CHALLENGE_BYTES = 32
/** More than anybody has devices. */
export const MOST_PASSKEYS = 20

type Purpose = PasskeyChallengesTable['purpose']

export interface UsedPasskey {
  readonly identityId: IdentityId
  /** Whether the authenticator asked for PIN, finger or face: then it is two factors by itself. */
  readonly userVerified: boolean
}

export interface PasskeyRow {
  readonly id: string
  readonly name: string
  readonly synced: boolean
  readonly createdAt: Date
  readonly usedAt: Date | null
}

export type Passkeys = ReturnType<typeof makePasskeys>

/** @param publicUrl where people reach us; passkeys belong to its host and work at no other */
export function makePasskeys({ publicUrl, random }: { publicUrl: string; random: Random }) {
  const relyingParty = { id: new URL(publicUrl).hostname, origin: new URL(publicUrl).origin }

  async function newChallenge(
    db: Kysely<Tables>,
    row: { purpose: Purpose; identityId: IdentityId | null; atMs: number },
  ): Promise<Uint8Array<ArrayBuffer>> {
    const challenge = random.bytes(CHALLENGE_BYTES)
    await db
      .insertInto('passkey_challenges')
      .values({
        challenge: Buffer.from(challenge).toString('base64url'),
        purpose: row.purpose,
        identity_id: row.identityId,
        expires_at: new Date(row.atMs + CHALLENGE_MS),
      })
      .execute()
    return challenge
  }

  /** What the browser needs to make a passkey for this person. */
  async function creationOptions(
    db: Kysely<Tables>,
    who: { identityId: IdentityId; email: string; name: string; atMs: number },
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const challenge = await newChallenge(db, { ...who, purpose: 'register' })
    return generateRegistrationOptions({
      rpName: 'Honeycab',
      rpID: relyingParty.id,
      userID: bytesOf(who.identityId),
      userName: who.email,
      userDisplayName: who.name,
      challenge,
      timeout: CHALLENGE_MS,
      attestationType: 'none',
      excludeCredentials: await credentialsOf(db, who.identityId),
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    })
  }

  /** What the browser needs to use a passkey: any of this site's to sign in, or one of this person's. */
  async function requestOptions(
    db: Kysely<Tables>,
    { identityId, atMs }: { identityId: IdentityId | null; atMs: number },
  ): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const signingIn = identityId === null
    const purpose = signingIn ? 'sign_in' : 'prove'
    const challenge = await newChallenge(db, { purpose, identityId, atMs })
    return generateAuthenticationOptions({
      rpID: relyingParty.id,
      challenge,
      timeout: CHALLENGE_MS,
      // To sign in it stands for the password too; otherwise it is the second thing, and having it is enough.
      userVerification: signingIn ? 'required' : 'preferred',
      ...(signingIn ? {} : { allowCredentials: await credentialsOf(db, identityId) }),
    })
  }

  /** Keep a passkey that was just made; `wrong` when the answer does not belong to a question of ours. */
  async function register(
    unit: Pick<Work, 'db' | 'atMs'>,
    made: { identityId: IdentityId; name: string; response: RegistrationResponseJSON },
  ): Promise<{ readonly id: string } | 'wrong' | 'there_already' | 'too_many'> {
    const { identityId, name, response } = made
    // One after the other, so that two at once do not both find room for the last one.
    await unit.db
      .selectFrom('identities')
      .select('id')
      .where('id', '=', identityId)
      .forNoKeyUpdate()
      .executeTakeFirst()
    if ((await credentialsOf(unit.db, identityId)).length >= MOST_PASSKEYS) return 'too_many'
    const asked = { purpose: 'register', identityId, atMs: unit.atMs } as const
    const expectedChallenge = await useChallenge(unit.db, response.response.clientDataJSON, asked)
    if (expectedChallenge === null) return 'wrong'
    const verification = await verifyRegistrationResponse({
      response,
      expectedChallenge,
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.id,
      requireUserVerification: false,
    }).catch(() => null)
    if (verification?.registrationInfo === undefined) return 'wrong'
    const { credential, credentialBackedUp } = verification.registrationInfo
    const id = random.uuid()
    try {
      await unit.db
        .insertInto('passkeys')
        .values({
          id,
          identity_id: identityId,
          credential_id: credential.id,
          public_key: Buffer.from(credential.publicKey),
          counter: credential.counter,
          transports: credential.transports ?? [],
          name,
          synced: credentialBackedUp,
          created_at: new Date(unit.atMs),
        })
        .execute()
    } catch (error) {
      if (isUniqueViolation(error, 'passkeys_credential_id_key')) return 'there_already'
      throw error
    }
    return { id }
  }

  /**
   * Whose passkey answered a question of ours; null when none of theirs did. The question is used up, and a counter
   * that went back (a copied key) is refused.
   * @param identityId whose it has to be; null to find out, when signing in
   */
  async function use(
    unit: Pick<Work, 'db' | 'atMs'>,
    given: { identityId: IdentityId | null; response: AuthenticationResponseJSON },
  ): Promise<UsedPasskey | null> {
    const { identityId, response } = given
    const row = await unit.db
      .selectFrom('passkeys')
      .select(['id', 'identity_id', 'credential_id', 'public_key', 'counter'])
      .where('credential_id', '=', response.id)
      .forUpdate()
      .executeTakeFirst()
    if (row === undefined || (identityId !== null && row.identity_id !== identityId)) return null
    const { userHandle, clientDataJSON } = response.response
    const owner = Buffer.from(bytesOf(row.identity_id)).toString('base64url')
    if (userHandle !== undefined && userHandle !== '' && userHandle !== owner) return null
    const purpose = identityId === null ? 'sign_in' : 'prove'
    const expectedChallenge = await useChallenge(unit.db, clientDataJSON, {
      purpose,
      identityId,
      atMs: unit.atMs,
    })
    if (expectedChallenge === null) return null
    const verification = await verifyAuthenticationResponse({
      response,
      expectedChallenge,
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.id,
      credential: {
        id: row.credential_id,
        publicKey: new Uint8Array(row.public_key),
        counter: row.counter,
      },
      requireUserVerification: identityId === null,
    }).catch(() => null)
    if (verification?.verified !== true) return null
    const { newCounter, userVerified } = verification.authenticationInfo
    await unit.db
      .updateTable('passkeys')
      .set({ counter: newCounter, used_at: new Date(unit.atMs) })
      .where('id', '=', row.id)
      .execute()
    return { identityId: row.identity_id, userVerified }
  }

  return { creationOptions, requestOptions, register, use }
}

/** The challenge an answer speaks of, if we asked it of this person for this purpose and it was not answered yet. */
async function useChallenge(
  db: Kysely<Tables>,
  clientDataJSON: string,
  asked: { purpose: Purpose; identityId: IdentityId | null; atMs: number },
): Promise<string | null> {
  const challenge = challengeIn(clientDataJSON)
  if (challenge === null) return null
  const used = await db
    .deleteFrom('passkey_challenges')
    .where('challenge', '=', challenge)
    .where('purpose', '=', asked.purpose)
    .where('identity_id', 'is not distinct from', asked.identityId)
    .where('expires_at', '>', new Date(asked.atMs))
    .returning('challenge')
    .executeTakeFirst()
  return used?.challenge ?? null
}

const clientData = z.object({
  challenge: z
    .string()
    .max(200)
    .regex(/^[\w-]+$/),
})

function challengeIn(clientDataJSON: string): string | null {
  try {
    const parsed = clientData.safeParse(JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString()))
    return parsed.success ? parsed.data.challenge : null
  } catch {
    // No JSON, so no answer of a browser's.
    return null
  }
}

/** The 16 bytes of a uuid: what an authenticator keeps as the person's handle. */
function bytesOf(id: IdentityId): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(id.replaceAll('-', ''))
}

async function credentialsOf(db: Kysely<Tables>, identityId: IdentityId) {
  const rows = await db
    .selectFrom('passkeys')
    .select(['credential_id', 'transports'])
    .where('identity_id', '=', identityId)
    .orderBy('created_at')
    .execute()
  return rows.map(({ credential_id: id, transports }) => ({ id, transports }))
}

/** A person's passkeys, oldest first. */
export async function passkeysOf(db: Kysely<Tables>, identityId: IdentityId): Promise<PasskeyRow[]> {
  return db
    .selectFrom('passkeys')
    .select(['id', 'name', 'synced', 'created_at as createdAt', 'used_at as usedAt'])
    .where('identity_id', '=', identityId)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}

/** Take one of the person's passkeys away; its name, or null when it is not there. */
export async function removePasskey(
  db: Kysely<Tables>,
  which: { readonly identityId: IdentityId; readonly id: string },
): Promise<string | null> {
  const gone = await db
    .deleteFrom('passkeys')
    .where('id', '=', which.id)
    .where('identity_id', '=', which.identityId)
    .returning('name')
    .executeTakeFirst()
  return gone?.name ?? null
}

/** Remove questions that were never answered; returns how many there were. */
export async function forgetOldChallenges(db: Kysely<Tables>, atMs: number): Promise<number> {
  const result = await db
    .deleteFrom('passkey_challenges')
    .where('expires_at', '<=', new Date(atMs))
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
