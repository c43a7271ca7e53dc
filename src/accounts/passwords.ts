/** Argon2id by Bun, off the main thread, a few at a time. */
import type { Random } from '../io/random.ts'
import { HttpProblem } from '../web/problem.ts'
import { BCRYPT_BYTES } from './old-hashes.ts'

/** OWASP's first recommendation: 19 MiB, two passes; about 27 ms a check on two shared cores. */
const PARAMETERS = { algorithm: 'argon2id', memoryCost: 19_456, timeCost: 2 } as const
const OURS = '$argon2id$v=19$m=19456,t=2,p=1$'
/** Each takes a core and 19 MiB while it runs. */
const AT_ONCE = 2
/** At 27 ms each, two at once, the last in line waits about a second. */
const MOST_WAITING = 64

/** Longest password taken, in characters; all of it counts. */
export const LONGEST_PASSWORD = 1024

export interface Passwords {
  /** @throws HttpProblem 503 when too many are waiting already */
  hash(password: string): Promise<string>
  /** @throws HttpProblem 503 when too many are waiting already */
  verify(password: string, hash: string): Promise<boolean>
  /** A hash that no password fits, for the work of checking one where there is nobody. */
  nobodys(): Promise<string>
}

export function makePasswords(): Passwords {
  const waiting: (() => void)[] = []
  let running = 0

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= AT_ONCE) {
      if (waiting.length >= MOST_WAITING) {
        throw new HttpProblem(503, 'Many people are signing in right now. Try again in a few seconds.', {
          headers: { 'retry-after': '3' },
        })
      }
      // Whoever finishes hands its place on, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else {
      running++
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }

  let nobodys: Promise<string> | null = null

  return {
    nobodys: () => {
      nobodys ??= Bun.password.hash(crypto.randomUUID(), PARAMETERS)
      return nobodys
    },
    hash: (password) => inTurn(() => Bun.password.hash(password, PARAMETERS)),
    verify: (password, hash) => inTurn(() => Bun.password.verify(asHashed(password, hash), hash)),
  }
}

/** Systems that kept bcrypt hashes looked at the first 72 bytes; Bun would look at a hash of longer passwords. */
function asHashed(password: string, hash: string): string | Uint8Array {
  if (!hash.startsWith('$2')) return password
  const bytes = Buffer.from(password)
  return bytes.length > BCRYPT_BYTES ? bytes.subarray(0, BCRYPT_BYTES) : password
}

/** Whether a hash is as we make them; one from another system is made anew when its owner signs in. */
export function isOurs(hash: string): boolean {
  return hash.startsWith(OURS)
}

/** Letters and digits that are not mistaken for each other, in print or by ear; 32 of them, so a byte picks evenly. */
const LEGIBLE = 'abcdefghijkmnpqrstuvwxyz23456789'

/** `count` letters and digits of `LEGIBLE`, 5 bits each. */
export function legible(random: Random, count: number): string {
  return Array.from(random.bytes(count), (byte) => LEGIBLE[byte % LEGIBLE.length]!).join('')
}

/** A password nobody chose: four groups of four, 80 bits. */
export function randomPassword(random: Random): string {
  return Array.from({ length: 4 }, () => legible(random, 4)).join('-')
}
