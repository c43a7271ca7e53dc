/**
 * A proof of work instead of a riddle (ALTCHA's format): a browser computes for a moment, a person does nothing. A
 * challenge is signed by us and runs out; its solution counts once, in all processes.
 */
import { createHash, createHmac } from 'node:crypto'
import { type Challenge, createChallenge, type Payload, verifySolution } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import { z } from 'zod'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'

/** Time enough to fill in a form; the page asks for a new one after that. */
export const CHALLENGE_LASTS_MS = 20 * 60_000
/**
 * Half a million to a million rounds of HMAC-SHA-256: under a second on a laptop, a few on an old phone, and a core
 * for as long for whoever registers by the thousand. Making one costs us a thousandth of it, checking one HMAC.
 */
const ROUNDS = 1_000
const LEAST_COUNTER = 500
const COUNTERS = 500
/** A payload is about 700 characters. */
export const LONGEST_SOLUTION = 4_000

const hex = z.string().regex(/^[0-9a-f]{2,128}$/)
/** What a browser sends back: base64 of JSON, as ALTCHA's widget and libraries write it. */
const payloadShape = z.object({
  challenge: z.object({
    parameters: z.looseObject({
      algorithm: z.literal('PBKDF2/SHA-256'),
      nonce: hex,
      salt: hex,
      cost: z.literal(ROUNDS),
      keyLength: z.literal(32),
      keyPrefix: hex,
      keySignature: hex,
      data: z.strictObject({ untilMs: z.int() }),
    }),
    signature: hex,
  }),
  solution: z.object({ counter: z.int().min(0), derivedKey: hex, time: z.number().optional() }),
})

export type CaptchaFault = 'wrong' | 'expired' | 'used'

export type Captcha = ReturnType<typeof makeCaptcha>

export function makeCaptcha({ secrets, random }: { secrets: readonly string[]; random: Random }) {
  const keys = secrets.map((secret) => ({
    sign: subkey(secret, 'challenge'),
    solution: subkey(secret, 'key'),
  }))

  /** A fresh challenge. */
  function challenge(nowMs: number): Promise<Challenge> {
    return createChallenge({
      algorithm: 'PBKDF2/SHA-256',
      cost: ROUNDS,
      counter: LEAST_COUNTER + Math.floor(random.fraction() * COUNTERS),
      deriveKey,
      // Not the library's own expiry: that one asks the wall clock.
      data: { untilMs: Math.floor(nowMs) + CHALLENGE_LASTS_MS },
      hmacSignatureSecret: keys[0]!.sign,
      hmacKeySignatureSecret: keys[0]!.solution,
    })
  }

  /** Take a solution, once: null when it is right, of ours, in time and was not used before. */
  async function spend(unit: Pick<Work, 'db' | 'atMs'>, text: string): Promise<CaptchaFault | null> {
    const payload = parse(text)
    if (payload === null || !(await isRight(payload))) return 'wrong'
    const { untilMs } = payload.challenge.parameters.data
    if (unit.atMs >= untilMs) return 'expired'
    const fresh = await unit.db
      .insertInto('captcha_solutions')
      .values({
        challenge_hash: createHash('sha256').update(payload.challenge.signature).digest('base64url'),
        expires_at: new Date(untilMs),
      })
      .onConflict((conflict) => conflict.column('challenge_hash').doNothing())
      .returning('challenge_hash')
      .executeTakeFirst()
    return fresh === undefined ? 'used' : null
  }

  async function isRight({ challenge, solution }: z.infer<typeof payloadShape>): Promise<boolean> {
    for (const { sign, solution: hmacKeySignatureSecret } of keys) {
      const { verified } = await verifySolution({
        ...({ challenge, solution } as Payload),
        deriveKey,
        hmacSignatureSecret: sign,
        hmacKeySignatureSecret,
      })
      if (verified) return true
    }
    return false
  }

  return { challenge, spend }
}

function parse(text: string): z.infer<typeof payloadShape> | null {
  if (text.length > LONGEST_SOLUTION) return null
  try {
    const parsed = payloadShape.safeParse(JSON.parse(Buffer.from(text, 'base64').toString()))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

/** Sessions are signed with the same secret, so what it signs here is another one made from it. */
function subkey(secret: string, use: string): string {
  return createHmac('sha256', secret).update(`captcha ${use}`).digest('hex')
}

/** Forget solutions whose challenge has run out anyway; returns how many there were. */
export async function forgetOldSolutions(db: Db, nowMs: number): Promise<number> {
  const gone = await db
    .deleteFrom('captcha_solutions')
    .where('expires_at', '<=', new Date(nowMs))
    .executeTakeFirst()
  return Number(gone.numDeletedRows)
}
