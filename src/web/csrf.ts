import { createHmac, timingSafeEqual } from 'node:crypto'
import type { CompanyId } from '../engine/units.ts'
import type { Random } from '../io/random.ts'

const NONCE_BYTES = 12

/**
 * A token that only forms of this session carry: nonce and HMAC-SHA256 over nonce and `tiedTo`. The nonce makes
 * each page's token different, so that compression cannot leak it (BREACH).
 * @param tiedTo `sessionTie`, or before sign-in the visitor cookie's value with its kind in front
 * @param desk the company at whose desk the page is; it stands in the token, so that its forms say whose they are
 */
export function csrfToken(
  secrets: readonly string[],
  tiedTo: string,
  { random, desk }: { random: Random; desk?: CompanyId | undefined },
): string {
  const nonce = Buffer.from(random.bytes(NONCE_BYTES)).toString('base64url')
  const about = desk === undefined ? '' : `.${desk}`
  return `${nonce}.${signature(secrets[0]!, nonce, `${tiedTo}${about}`)}${about}`
}

/** The company at whose desk the page was that this token is of; null of other pages. Of a token that fits. */
export function deskOfToken(token: string): string | null {
  return token.split('.')[2] ?? null
}

/** What the tokens of a session are tied to. */
export function sessionTie(sessionId: string): string {
  return `session ${sessionId}`
}

/** Whether `token` was made for `tiedTo` with any of our secrets. */
export function csrfTokenFits(secrets: readonly string[], tiedTo: string, token: string): boolean {
  const [nonce = '', given = '', desk] = token.split('.')
  const tied = desk === undefined ? tiedTo : `${tiedTo}.${desk}`
  const givenBytes = Buffer.from(given)
  return secrets.some((secret) => {
    const expected = Buffer.from(signature(secret, nonce, tied))
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
