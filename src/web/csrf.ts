import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Random } from '../io/random.ts'

const NONCE_BYTES = 12

/**
 * A token that only forms of this session carry: nonce and HMAC-SHA256 over nonce and `tiedTo`. The nonce makes
 * each page's token different, so that compression cannot leak it (BREACH).
 * @param tiedTo `sessionTie`, or before sign-in the visitor cookie's value with its kind in front
 */
export function csrfToken(secrets: readonly string[], tiedTo: string, random: Random): string {
  const nonce = Buffer.from(random.bytes(NONCE_BYTES)).toString('base64url')
  return `${nonce}.${signature(secrets[0]!, nonce, tiedTo)}`
}

/** What the tokens of a session are tied to. */
export function sessionTie(sessionId: string): string {
  return `session ${sessionId}`
}

/** Whether `token` was made for `tiedTo` with any of our secrets. */
export function csrfTokenFits(secrets: readonly string[], tiedTo: string, token: string): boolean {
  const [nonce = '', given = ''] = token.split('.')
  const givenBytes = Buffer.from(given)
  return secrets.some((secret) => {
    const expected = Buffer.from(signature(secret, nonce, tiedTo))
    return expected.length === givenBytes.length && timingSafeEqual(expected, givenBytes)
  })
}

function signature(secret: string, nonce: string, tiedTo: string): string {
  return createHmac('sha256', secret).update(`csrf\n${nonce}\n${tiedTo}`).digest('base64url')
}

/** Whether a socket or form of this origin may use a cookie of ours; programs send no origin and have none to steal. */
export function allowedOrigin(request: Request, allowedOrigins: readonly string[]): boolean {
  const origin = request.headers.get('origin')
  if (origin !== null) return allowedOrigins.includes(origin)
  const site = request.headers.get('sec-fetch-site')
  return site === null || site === 'same-origin' || site === 'none'
}
