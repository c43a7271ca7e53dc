/** Sessions of every kind, started without a sign-in, and the requests that carry their tokens. */
import type { ApiTokens, Issued, SessionStart } from '../../src/accounts/session-life.ts'
import type { IdentityId } from '../../src/engine/units.ts'
import { commit, type Work } from '../../src/io/commit.ts'
import type { Front } from './front.ts'

export const ORIGIN = { address: '203.0.113.7', requestId: 'r', userAgent: 'Test/1' }
export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Do `work` in a unit of work of its own. */
export function unitOf<T>(front: Front, work: (unit: Work) => Promise<T>): Promise<T> {
  return commit(front, work)
}

export function start(
  front: Front,
  identityId: IdentityId,
  more: Partial<SessionStart> = {},
): Promise<Issued> {
  return unitOf(front, (unit) =>
    front.auth.startSession(unit, {
      ...{ identityId, kind: 'cookie', remembered: true, secondFactor: false, origin: ORIGIN },
      ...more,
    }),
  )
}

export async function startProgram(
  front: Front,
  identityId: IdentityId,
): Promise<Issued & { tokens: ApiTokens }> {
  const issued = await start(front, identityId, { kind: 'token' })
  return { ...issued, tokens: issued.tokens! }
}

/** `name=value` of a Set-Cookie line. */
export function pairOf(line: string | null): string {
  return line!.split(';')[0]!
}

export interface Answer {
  readonly status: number
  readonly name: string | null
  /** The session's cookie that came back, as `name=value`; null when none did. */
  readonly cookie: string | null
}

/** Who the API says these headers are. */
export async function whoIs(front: Front, headers: Record<string, string>): Promise<Answer> {
  const response = await front.app.handle(new Request('http://localhost/api/v1/session', { headers }))
  const body = (await response.json()) as { viewer?: { name: string } | null }
  const line = response.headers.getSetCookie().find((cookie) => /^(__Host-)?honeycab=/.test(cookie))
  return {
    status: response.status,
    name: body.viewer?.name ?? null,
    cookie: line === undefined ? null : pairOf(line),
  }
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
