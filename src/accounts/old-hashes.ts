/** Hashes of older systems that we can check: how they look, and how costly they may be. */

const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/
const ARGON2 =
  /^\$argon2(?:id|i)\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,172}$/
const SHA256 = /^[0-9a-f]{64}$/i
/** A sign-in that takes seconds and gigabytes is a way to stop the server; nobody's parameters are above these. */
const MOST_BCRYPT_COST = 14
const MOST_ARGON2 = { memoryKib: 262_144, passes: 10, lanes: 8 }
/** What bcrypt looks at; the rest of a longer password never counted in the older system. */
export const BCRYPT_BYTES = 72

export type PasswordHashKind = 'bcrypt' | 'argon2'

/** What kind of hash this is; null when it is none that we check, or a too costly one. */
export function passwordHashKind(hash: string): PasswordHashKind | null {
  const bcrypt = BCRYPT.exec(hash)
  if (bcrypt !== null) {
    const cost = Number(bcrypt[1])
    return cost >= 4 && cost <= MOST_BCRYPT_COST ? 'bcrypt' : null
  }
  const [memoryKib = 0, passes = 0, lanes = 0] = ARGON2.exec(hash)?.slice(1).map(Number) ?? []
  const fits =
    memoryKib >= 8 * lanes &&
    memoryKib <= MOST_ARGON2.memoryKib &&
    passes >= 1 &&
    passes <= MOST_ARGON2.passes &&
    lanes >= 1 &&
    lanes <= MOST_ARGON2.lanes
  return fits ? 'argon2' : null
}

/** Whether a backup code was kept as a hash rather than as itself. */
export function isCodeHash(text: string): boolean {
  return SHA256.test(text) || passwordHashKind(text) !== null
}

/** Whether a code's hash costs nothing to check. */
export function isQuickHash(hash: string): boolean {
  return SHA256.test(hash)
}

/** Whether `code` is the one behind `hash`, as the older system would have said. */
export async function codeFits(code: string, hash: string): Promise<boolean> {
  if (isQuickHash(hash))
    return new Bun.CryptoHasher('sha256').update(code).digest('hex') === hash.toLowerCase()
  return Bun.password.verify(code, hash)
}
