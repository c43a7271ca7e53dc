/**
 * Pings by POST without asking each time who sends them. A call that went the whole way in leaves a pass; one that
 * brings the very same proof within the next minute is taken at once. A pass is to calls what an open socket is to
 * messages: it ends with its session, by the news or by the look every second, and what is out of the ordinary about
 * a call goes the whole way again.
 */
import type { DriverId } from '../engine/units.ts'
import type { Bus } from '../io/bus.ts'
import type { Clock } from '../io/clock.ts'
import type { Logger } from '../io/log.ts'
import type { Random } from '../io/random.ts'
import { type Acknowledgement, writeAnswer } from '../positions/answer.ts'
import type { PingDoor } from '../positions/door.ts'
import { BODY_LIMIT_BYTES, keepBody } from '../web/body.ts'
import { requireViewer, type WebContext } from '../web/context.ts'
import { corsHeaders } from '../web/cors.ts'
import { answerPolicy, fixedHeaders, type HeaderConfig } from '../web/headers.ts'

export const PINGS_PATH = '/api/v1/positions'
/** After this a call goes the whole way once more: its session's cookie may be due, its use is counted and logged. */
const PASS_MS = 60_000
/** Four a second; who sends more meets the limit that all calls have. */
const USES_A_PASS = 240
const MOST_PASSES = 20_000

export interface PingPasses {
  /** A call went the whole way in, and this driver's pings were taken. */
  give(request: Request, web: WebContext, driverId: DriverId): void
  /** The answer to a call: at once where it has a pass that fits, else what the whole way answers. */
  answer(request: Request, wholeWay: (request: Request) => Answered): Answered
  /** Sessions that hold a pass here. */
  sessions(): Iterable<string>
  closeSession(sessionId: string): void
  figures(): { readonly held: number; readonly used: number }
}

type Answered = Response | Promise<Response>

interface Pass {
  readonly sessionId: string
  readonly driverId: DriverId
  readonly take: ReturnType<PingDoor['plainCalls']>
  /** The other headers that decide whether a call may come in must be the same, too. */
  readonly admission: readonly (string | null)[]
  readonly answerHeaders: Headers
  readonly untilMs: number
  usesLeft: number
}

const ADMISSION = ['x-csrf-token', 'origin', 'sec-fetch-site', 'host', 'content-type'] as const

export function makePingPasses(deps: {
  readonly door: Pick<PingDoor, 'plainCalls'>
  readonly bus: Bus
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly limits: { isExempt(address: string): boolean }
  readonly config: HeaderConfig & { readonly corsOrigins: readonly string[] }
}): PingPasses {
  const { door, bus, clock, random, log, limits, config } = deps
  const passes = new Map<string, Pass>()
  let used = 0
  const fixed = { ...fixedHeaders(config), 'content-security-policy': answerPolicy() }

  function closeSession(sessionId: string): void {
    for (const [proof, pass] of passes) if (pass.sessionId === sessionId) passes.delete(proof)
  }
  bus.on('session.ended', ({ sessionId }) => closeSession(sessionId))
  bus.on('session.changed', ({ sessionId }) => closeSession(sessionId))
  bus.onGap(() => passes.clear())

  /** Looked at from both ends: a clock that was set back must not make a pass last. */
  function hasTime(pass: Pass): boolean {
    const leftMs = pass.untilMs - clock.nowMs()
    return leftMs > 0 && leftMs <= PASS_MS
  }

  function acknowledge(pass: Pass, taken: Acknowledgement): Response {
    pass.usesLeft--
    used++
    const requestId = random.uuid()
    pass.answerHeaders.set('x-request-id', requestId)
    log.debug({ requestId, driverId: pass.driverId }, 'pings.passed')
    return new Response(writeAnswer(taken), { headers: pass.answerHeaders })
  }

  return {
    give(request, web, driverId) {
      const viewer = requireViewer(web)
      const proof = proofOf(request.headers)
      if (proof === null) return
      const before = passes.get(proof)
      // Used up before its time: until then each call counts by itself.
      if (before !== undefined && before.usesLeft <= 0 && hasTime(before)) return
      const oldest = passes.size >= MOST_PASSES ? passes.keys().next().value : undefined
      if (oldest !== undefined) passes.delete(oldest)
      // By age, so that the first is the oldest.
      passes.delete(proof)
      passes.set(proof, {
        sessionId: viewer.sessionId,
        driverId,
        take: door.plainCalls({ driverId, sessionId: viewer.sessionId }),
        admission: ADMISSION.map((name) => request.headers.get(name)),
        answerHeaders: new Headers({
          ...fixed,
          ...corsHeaders(request, config.corsOrigins),
          'content-type': 'application/json; charset=utf-8',
        }),
        untilMs: clock.nowMs() + PASS_MS,
        usesLeft: limits.isExempt(web.address) ? Number.POSITIVE_INFINITY : USES_A_PASS,
      })
    },
    answer(request, wholeWay) {
      const { headers } = request
      const proof = proofOf(headers)
      const pass = proof === null ? undefined : passes.get(proof)
      if (
        proof === null ||
        pass === undefined ||
        !fits(pass, headers) ||
        pass.usesLeft <= 0 ||
        !hasTime(pass)
      )
        return wholeWay(request)
      const bytes = Number(headers.get('content-length') ?? Number.NaN)
      if (!(bytes > 0 && bytes <= BODY_LIMIT_BYTES)) return wholeWay(request)
      return request.text().then((text) => {
        // The session may have ended while the body came.
        const taken = passes.get(proof) === pass ? pass.take(parsed(text)) : undefined
        if (taken !== undefined) return acknowledge(pass, taken)
        keepBody(request, text)
        return wholeWay(request)
      })
    },
    *sessions() {
      for (const pass of passes.values()) yield pass.sessionId
    },
    closeSession,
    figures: () => ({ held: passes.size, used }),
  }
}

/**
 * What says who this is, with its kind: the same words are worth something else in another header. A token in a header
 * keeps the cookie from being asked; with both kinds of token, or another kind of authorization, it is not for us to say.
 */
function proofOf(headers: Headers): string | null {
  const session = headers.get('x-session-token')
  if (headers.get('authorization') !== null) return null
  if (session !== null) return `token ${session}`
  const cookie = headers.get('cookie')
  return cookie === null ? null : `cookie ${cookie}`
}

function fits(pass: Pass, headers: Headers): boolean {
  for (let at = 0; at < ADMISSION.length; at++)
    if (headers.get(ADMISSION[at]!) !== pass.admission[at]) return false
  return true
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The whole way in says what is wrong with it.
    return undefined
  }
}
