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

/** Of every answer on a pass, but for the request's id; one for all passes, so that it is not far to look. */
interface AnswerInit {
  readonly headers: Headers
}

interface Pass {
  /** Whether a token in its header is the proof, or the cookie: the same words are worth something else in the other. */
  readonly isByToken: boolean
  readonly sessionId: string
  readonly driverId: DriverId
  readonly take: ReturnType<PingDoor['plainCalls']>
  /** The other headers that decide whether a call may come in must be the same, too. */
  readonly admission: readonly (string | null)[]
  readonly answer: AnswerInit
  /** The ids of its requests begin as its own and count on: to make up a new one costs as much as all else of an id. */
  readonly idHead: string
  uses: number
  readonly usesMost: number
  readonly untilMs: number
  /** Its session may end while a body is on its way. */
  isOver: boolean
}

/** With an authorization of another kind it is not for us to say who this is, so no pass has one. */
const ADMISSION = ['authorization', 'x-csrf-token', 'origin', 'sec-fetch-site', 'host', 'content-type']
/** Of a version 7 uuid the time and half of the chance; the rest of the digits count the uses. */
const ID_HEAD = 24
const ID_ZEROS = '00000'
const FIRST_ID = 1_000_000

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
  /** By their proof, the oldest first. */
  const passes = new Map<string, Pass>()
  let used = 0
  /** By whose scripts may read it. */
  const answers = new Map<string | undefined, AnswerInit>()

  function answerTo(request: Request): AnswerInit {
    const cors = corsHeaders(request, config.corsOrigins)
    const reader = cors['access-control-allow-origin']
    const known = answers.get(reader)
    if (known !== undefined) return known
    const made = {
      headers: new Headers({
        ...fixedHeaders(config),
        'content-security-policy': answerPolicy(),
        ...cors,
        'content-type': 'application/json; charset=utf-8',
      }),
    }
    answers.set(reader, made)
    return made
  }

  function end(proof: string, pass: Pass): void {
    pass.isOver = true
    passes.delete(proof)
  }

  function closeSession(sessionId: string): void {
    for (const [proof, pass] of passes) if (pass.sessionId === sessionId) end(proof, pass)
  }
  bus.on('session.ended', ({ sessionId }) => closeSession(sessionId))
  bus.on('session.changed', ({ sessionId }) => closeSession(sessionId))
  bus.onGap(() => {
    for (const [proof, pass] of passes) end(proof, pass)
  })

  /** Looked at from both ends: a clock that was set back must not make a pass last. */
  function hasTime(pass: Pass): boolean {
    const leftMs = pass.untilMs - clock.nowMs()
    return leftMs > 0 && leftMs <= PASS_MS
  }

  function acknowledge(pass: Pass, taken: Acknowledgement): Response {
    pass.uses++
    used++
    const requestId = `${pass.idHead}${FIRST_ID + pass.uses}`
    pass.answer.headers.set('x-request-id', requestId)
    log.debug({ requestId, driverId: pass.driverId }, 'pings.passed')
    return new Response(writeAnswer(taken), pass.answer)
  }

  return {
    give(request, web, driverId) {
      const viewer = requireViewer(web)
      const { headers } = request
      const token = headers.get('x-session-token')
      const proof = token ?? headers.get('cookie')
      if (proof === null || headers.get('authorization') !== null) return
      const before = passes.get(proof)
      // Used up before its time: until then each call counts by itself.
      if (before !== undefined && before.uses >= before.usesMost && hasTime(before)) return
      if (before !== undefined) end(proof, before)
      const [oldest] = passes
      if (passes.size >= MOST_PASSES && oldest !== undefined) end(...oldest)
      passes.set(proof, {
        isByToken: token !== null,
        sessionId: viewer.sessionId,
        driverId,
        take: door.plainCalls({ driverId, sessionId: viewer.sessionId }),
        admission: ADMISSION.map((name) => headers.get(name)),
        answer: answerTo(request),
        idHead: random.uuid().slice(0, ID_HEAD) + ID_ZEROS,
        uses: 0,
        usesMost: limits.isExempt(web.address) ? Number.POSITIVE_INFINITY : USES_A_PASS,
        untilMs: clock.nowMs() + PASS_MS,
        isOver: false,
      })
    },
    answer(request, wholeWay) {
      const { headers } = request
      const token = headers.get('x-session-token')
      const proof = token ?? headers.get('cookie')
      const pass = proof === null ? undefined : passes.get(proof)
      if (
        pass === undefined ||
        pass.isByToken !== (token !== null) ||
        !fits(pass, headers) ||
        pass.uses >= pass.usesMost ||
        !hasTime(pass)
      )
        return wholeWay(request)
      const bytes = Number(headers.get('content-length') ?? Number.NaN)
      if (!(bytes > 0 && bytes <= BODY_LIMIT_BYTES)) return wholeWay(request)
      return request.text().then((text) => {
        const taken = pass.isOver ? undefined : pass.take(parsed(text))
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
