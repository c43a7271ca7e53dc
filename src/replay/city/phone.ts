/** A simulated person's phone: calls to the public API, and the driver's socket, with nothing a real one could not do. */
import type { Cancel, Clock } from '../../io/clock.ts'
import type { Logger } from '../../io/log.ts'
import type { Random } from '../../io/random.ts'
import { writeFrame } from '../../positions/frame.ts'
import type { Ping } from '../../positions/shapes.ts'

/** A session minted by the process that runs the server; nobody here knows a password. */
export interface Session {
  /** `name=value`. */
  readonly cookie: string
  readonly csrf: string
}

export interface Answer {
  /** 0 when no answer came. */
  readonly status: number
  readonly body: unknown
}

export interface Phone {
  get(path: string): Promise<Answer>
  /** Sent again with the same one-time key while no answer or a 5xx comes, three times in all. */
  send(method: 'POST' | 'DELETE', path: string, body: unknown): Promise<Answer>
}

export interface PhoneDeps {
  /** Where the server listens, an origin. */
  readonly baseUrl: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

const ANSWER_TIMEOUT_MS = 10_000
const TRIES = 3

export function makePhone(deps: PhoneDeps, session: Session): Phone {
  const { baseUrl, clock, random, log } = deps
  const headers = { cookie: session.cookie, 'x-csrf-token': session.csrf, accept: 'application/json' }

  async function ask(path: string, init: RequestInit): Promise<Answer> {
    try {
      const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
      const response = await fetch(`${baseUrl}${path}`, { ...init, signal, redirect: 'manual' })
      const text = await response.text()
      return { status: response.status, body: text === '' ? null : JSON.parse(text) }
    } catch (error) {
      log.debug({ error, path }, 'city.no_answer')
      return { status: 0, body: null }
    }
  }

  return {
    get: (path) => ask(path, { headers }),
    async send(method, path, body) {
      const key = random.uuid()
      for (let tries = 1; ; tries++) {
        const answer = await ask(path, {
          method,
          headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': key },
          body: JSON.stringify(body),
        })
        const failed = answer.status === 0 || answer.status >= 500
        if (failed) log.warn({ method, path, status: answer.status, tries }, 'city.call_failed')
        if (!failed || tries === TRIES) return answer
        await new Promise<void>((resolve) => void clock.after(tries * 1000, resolve))
      }
    },
  }
}

export interface DriverSocket {
  /** Whether they went out; what did not is for the caller to keep. */
  sendPings(pings: readonly Ping[]): boolean
  close(): void
}

/** The page comes back after these waits, each with up to as much again at random, and then always the last. */
const BACK_AFTER_MS = [500, 1_000, 2_000, 5_000, 10_000]
/** Signed out: another session will not come by itself. */
const SESSION_ENDED = 4401

/** The driver's socket, opened again whenever it closes. `heard` gets each JSON message; `framed` pings go as frames. */
export function openDriverSocket(
  deps: PhoneDeps,
  session: Session,
  on: { heard: (message: unknown) => void; opened?: () => void; framed?: boolean },
): DriverSocket {
  const { baseUrl, clock, random, log } = deps
  let socket: WebSocket | null = null
  let failures = 0
  let closed = false
  let cancel: Cancel = () => {}

  function open(): void {
    const url = `${baseUrl.replace(/^http/, 'ws')}/live/driver?format=json`
    // Bun takes options where a browser takes protocols; the types are the browser's.
    const opening = new WebSocket(url, { headers: { cookie: session.cookie } } as unknown as string[])
    socket = opening
    opening.onopen = () => {
      failures = 0
      on.opened?.()
    }
    opening.onmessage = ({ data }) => {
      if (typeof data === 'string' && data.startsWith('{')) on.heard(JSON.parse(data))
    }
    opening.onclose = ({ code }) => {
      if (closed || socket !== opening) return
      socket = null
      if (code === SESSION_ENDED) return void log.warn({ code }, 'city.signed_out')
      const waitMs = BACK_AFTER_MS[Math.min(failures++, BACK_AFTER_MS.length - 1)]!
      cancel = clock.after(waitMs * (1 + random.fraction()), open)
    }
  }
  open()

  return {
    sendPings(pings) {
      if (socket?.readyState !== WebSocket.OPEN) return false
      socket.send((on.framed ? writeFrame(pings) : null) ?? JSON.stringify({ type: 'pings', pings }))
      return true
    },
    close() {
      closed = true
      cancel()
      socket?.close(1000)
    },
  }
}
