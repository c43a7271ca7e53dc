/** Tokens of sessions: made of chance, signed, sent once, kept only as their SHA-256. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Random } from '../io/random.ts'
import type { TokenPurpose } from '../io/tables/sessions.ts'

/** 256 bits, so a plain hash cannot be searched back. */
const TOKEN_BYTES = 32
const TOKEN_CHARS = 43
/** In front of a program's tokens, so that people and scanners of leaked secrets know one when they see it. */
const PREFIX: Record<TokenPurpose, string> = { cookie: '', access: 'hca_', refresh: 'hcr_' }

export interface NewToken {
  /** What is sent out, this once: token, dot, HMAC-SHA256. */
  readonly text: string
  /** What stands in `session_tokens`. */
  readonly hash: string
}

export function newToken(random: Random, secrets: readonly string[], purpose: TokenPurpose): NewToken {
  const token = `${PREFIX[purpose]}${Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url')}`
  return { text: `${token}.${signature(secrets[0]!, token)}`, hash: tokenHash(token) }
}

/**
 * The hash under which a token is to be looked up; null for what was never ours or is of another purpose. The
 * signature spares the database all the guesses, it opens nothing by itself.
 */
export function hashOf(
  secrets: readonly string[],
  purpose: TokenPurpose,
  text: string | null,
): string | null {
  const dot = text?.lastIndexOf('.') ?? -1
  if (text === null || dot < 1) return null
  const token = text.slice(0, dot)
  if (purposeOf(token) !== purpose) return null
  const given = Buffer.from(text.slice(dot + 1))
  const fits = secrets.some((secret) => {
    const expected = Buffer.from(signature(secret, token))
    return expected.length === given.length && timingSafeEqual(expected, given)
  })
  return fits ? tokenHash(token) : null
}

/** What stands in `session_tokens.hash` for a token without its signature. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** A cookie's token has no prefix, but chance may begin one with any letters; so the length counts too. */
function purposeOf(token: string): TokenPurpose {
  if (token.length <= TOKEN_CHARS) return 'cookie'
  return token.startsWith(PREFIX.access) ? 'access' : token.startsWith(PREFIX.refresh) ? 'refresh' : 'cookie'
}

function signature(secret: string, token: string): string {
  return createHmac('sha256', secret).update(token).digest('base64')
}
