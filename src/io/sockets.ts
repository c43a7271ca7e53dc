/** The open sockets of this process: whose they are, what they listen to, and when they must go. */
import type { ServerWebSocket } from 'bun'
import type { IdentityId } from '../engine/units.ts'
import type { Bus } from './bus.ts'
import type { Cancel, Clock } from './clock.ts'
import type { Logger } from './log.ts'
import type { Line } from './stream.ts'

/** A page has one socket; this many pages of one person is more than anyone looks at. */
export const MAX_SOCKETS_AN_IDENTITY = 12
/** Messages of one socket waiting for the one before them; who sends faster than we answer is closed. */
export const MAX_WAITING_MESSAGES = 32
/**
 * How often each socket hears from us, so that a page can tell silence from a line that is dead without saying so; it
 * answers with the number of its newest message. The protocol's own pings are answered by the browser and seen by no page.
 */
export const BEAT_EVERY_MS = 10_000
/** A page that used to answer and has not for so long is gone, whatever its socket says. */
export const UNANSWERED_MS = 45_000
/** Whoever needs so long for a beat and its answer has a line on which as much lies already. */
const LATE_MS = 5_000
/** Beats go out in so many turns, so that thousands of pages do not answer in one instant. */
const BEAT_TURNS = 10
const BEAT = '{"type":"beat"}'
/** What waits in front of a socket that takes no more for now; a quarter of what it is closed for. */
const READY_BELOW_BYTES = 64 * 1024

/**
 * For `new Elysia({ websocket: websocketOptions })`. A client that does not read is closed when 256 KB wait for it,
 * a dead one when it has not answered our pings for 40 s (the server counts in steps of 4, so within 45).
 */
export const websocketOptions = {
  maxPayloadLength: 16 * 1024,
  backpressureLimit: 256 * 1024,
  closeOnBackpressureLimit: true,
  idleTimeout: 40,
  sendPings: true,
} as const

/** Close codes; the page's script comes back after 1011 and 1012, and never after 1008 or 4000 and above. */
export const CLOSE = {
  /** The page has another line by now. */
  moved: 1000,
  /** The sender is too fast or talks nonsense. */
  policy: 1008,
  /** Our mistake. */
  failed: 1011,
  /** The process goes; another one answers. */
  restart: 1012,
  sessionEnded: 4401,
  tooMany: 4429,
  /** What the page showed has ended, or is not for who looks any more. */
  over: 4410,
} as const

/** What came: text, or the bytes of a binary frame. */
export type SocketMessage = string | Uint8Array

/**
 * The part of Elysia's socket that we use. Its wrapper is made anew for each event, `raw` is the socket itself. For
 * each message Elysia would also guess at JSON and wait twice, which costs more than ten pings; so the registry puts
 * itself in the place in `data` that Elysia calls, and no route of ours has a `message` handler.
 */
export interface LiveSocket {
  readonly raw: {
    readonly data: unknown
    sendText(text: string): unknown
    sendBinary(bytes: Uint8Array<ArrayBuffer>): unknown
    subscribe(topic: string): void
    unsubscribe(topic: string): void
  }
  close(code: number, reason: string): void
}

/** Whom pages are counted for: a person, or a link that anybody opens who has it. */
export type HolderId = IdentityId | `share ${string}`

export interface SocketOwner {
  readonly identityId: HolderId
  /** Null where nobody is signed in: then no ending of a session ends it. */
  readonly sessionId: string | null
  /** What to do with a message; the next one waits until this has ended. Absent where nothing may be sent. */
  receive?(message: SocketMessage): void | Promise<void>
  /** The page answers a beat: it has everything up to `n`. Absent where no page is. */
  heard?(n: number): void
  /** What waited in front of the socket has gone. */
  drained?(): void
  /** The socket is gone, by whichever side. */
  closed?(): void
}

export interface Sockets {
  /**
   * Take an opened socket in, and from now on hand its messages to its owner, in the order of arrival and one at a time.
   * When a person has too many, the oldest goes. While the process is leaving, the socket is told to come back elsewhere.
   * @returns the socket as what carries a stream; null when it may not stay
   */
  add(socket: LiveSocket, owner: SocketOwner): Line | null
  /** Wait for what an opened socket is shown first; a failure closes it, and its page comes back by itself. */
  orClose(socket: LiveSocket, shown: Promise<unknown>): Promise<void>
  /** The socket was closed, by whichever side. */
  remove(socket: LiveSocket): void
  /** Close what a session opened; also done for every `session.ended` on the bus. Returns how many there were. */
  closeSession(sessionId: string): number
  /** The sessions that have a socket open here. */
  sessions(): string[]
  /** Close all and refuse new ones: the process is leaving. Returns how many there were. */
  closeAll(code: number, reason?: string): number
  figures(): SocketFigures
  /** Let the beats go out. */
  start(): void
  stop(): void
}

export interface SocketFigures {
  readonly open: number
  /** Since the start: closed because they sent too fast, were too many, or their session ended. */
  readonly closedTooFast: number
  readonly closedTooMany: number
  readonly closedSessionEnded: number
  readonly closedUnanswered: number
  /** What waits in front of all of them. */
  readonly waitingBytes: number
}

interface Open {
  readonly socket: LiveSocket
  readonly owner: SocketOwner
  readonly waiting: SocketMessage[]
  /** False once it was closed, by whichever side. */
  isOpen: boolean
  isBusy: boolean
  readonly turn: Set<Open>
  /** When the page last answered; null for one that never did, which need not. */
  answeredAtMs: number | null
  /** When the first beat went out that is not answered. */
  beatAtMs: number | null
}

/** `{"type":"here","n":12}`, with or without spaces, and nothing else: most messages are not that short. */
const HERE = /^\{\s*"type"\s*:\s*"here"\s*,\s*"n"\s*:\s*(\d{1,15})\s*\}$/
const LONGEST_HERE = 64

/** An empty registry, which listens to the bus for sessions that end on any process. */
export function makeSockets({ bus, clock, log }: { bus: Bus; clock: Clock; log: Logger }): Sockets {
  const byRaw = new Map<object, Open>()
  /** Sets keep the order of arrival, so the first is the oldest. */
  const byIdentity = new Map<HolderId, Set<Open>>()
  const bySession = new Map<string, Set<Open>>()
  const counts = { closedTooFast: 0, closedTooMany: 0, closedSessionEnded: 0, closedUnanswered: 0 }
  const turns = Array.from({ length: BEAT_TURNS }, () => new Set<Open>())
  let opened = 0
  let turn = 0
  let cancelBeat: Cancel | null = null
  let leaving: { code: number; reason: string } | null = null

  function lineOf(open: Open): Line {
    const { raw, close } = open.socket
    return {
      write: (message) =>
        void (typeof message === 'string' ? raw.sendText(message) : raw.sendBinary(message)),
      // A thousand boards are asked every few seconds: no look-up, and no clock while nothing is due.
      isReady: () => waitingBytes(raw) < READY_BELOW_BYTES && !isLate(open),
      flush() {},
      close,
      topics: { join: (topic) => raw.subscribe(topic), leave: (topic) => raw.unsubscribe(topic) },
    }
  }

  /** Whether a page that used to answer has not said for long that a beat has come: what was sent is still on its way. */
  function isLate({ answeredAtMs, beatAtMs }: Open): boolean {
    return beatAtMs !== null && answeredAtMs !== null && clock.nowMs() - beatAtMs > LATE_MS
  }

  function drop(open: Open): void {
    open.isOpen = false
    byRaw.delete(open.socket.raw)
    takeOut(byIdentity, open.owner.identityId, open)
    if (open.owner.sessionId !== null) takeOut(bySession, open.owner.sessionId, open)
    open.turn.delete(open)
    open.waiting.length = 0
    open.owner.closed?.()
  }

  /** Forgotten at once, so that a socket being closed neither counts nor is heard any more. */
  function close(open: Open, code: number, reason: string): void {
    drop(open)
    open.socket.close(code, reason)
  }

  function receive(open: Open, message: SocketMessage): void {
    // Closed, and what was on its way is not heard.
    if (!open.isOpen) return
    const { owner, waiting } = open
    if (owner.heard !== undefined && typeof message === 'string' && message.length <= LONGEST_HERE) {
      const here = HERE.exec(message)
      if (here !== null) {
        open.answeredAtMs = clock.nowMs()
        open.beatAtMs = null
        owner.heard(Number(here[1]))
        return
      }
    }
    if (owner.receive === undefined) close(open, CLOSE.policy, 'nothing may be sent here')
    else if (!open.isBusy) handOver(open, message)
    else if (waiting.length < MAX_WAITING_MESSAGES) waiting.push(message)
    else {
      counts.closedTooFast++
      close(open, CLOSE.policy, 'too many messages')
    }
  }

  function handOver(open: Open, message: SocketMessage): void {
    try {
      const done = open.owner.receive?.(message)
      // Most are done by now, and need nobody to wait for them.
      if (done instanceof Promise) void work(open, done)
    } catch (error) {
      fail(open, error)
    }
  }

  async function work(open: Open, first: Promise<void>): Promise<void> {
    open.isBusy = true
    try {
      await first
      for (;;) {
        const message = open.waiting.shift()
        if (message === undefined) break
        await open.owner.receive?.(message)
      }
    } catch (error) {
      fail(open, error)
    } finally {
      open.isBusy = false
    }
  }

  function fail(open: Open, error: unknown): void {
    log.error({ error }, 'socket.receive_failed')
    if (open.isOpen) close(open, CLOSE.failed, 'something went wrong')
  }

  function beat(): void {
    turn = (turn + 1) % BEAT_TURNS
    const nowMs = clock.nowMs()
    for (const open of [...turns[turn]!])
      if (open.answeredAtMs !== null && nowMs - open.answeredAtMs > UNANSWERED_MS) {
        counts.closedUnanswered++
        close(open, CLOSE.restart, 'no answer')
      } else if (open.owner.heard !== undefined) {
        open.socket.raw.sendText(BEAT)
        open.beatAtMs ??= nowMs
      }
    cancelBeat = clock.after(BEAT_EVERY_MS / BEAT_TURNS, beat)
  }

  function closeSession(sessionId: string): number {
    const sockets = [...(bySession.get(sessionId) ?? [])]
    for (const open of sockets) close(open, CLOSE.sessionEnded, 'signed out')
    counts.closedSessionEnded += sockets.length
    return sockets.length
  }

  bus.on('session.ended', ({ sessionId }) => void closeSession(sessionId))
  bus.on('session.changed', ({ sessionId, reopen }) => {
    if (!reopen) return
    // Who it belongs to may come back at once, as what they are now.
    for (const open of [...(bySession.get(sessionId) ?? [])]) close(open, CLOSE.restart, 'rights changed')
  })

  return {
    add(socket, owner) {
      if (leaving !== null) {
        socket.close(leaving.code, leaving.reason)
        return null
      }
      const mine = turns[opened++ % BEAT_TURNS]!
      const open: Open = {
        ...{ socket, owner, waiting: [], isOpen: true, isBusy: false, turn: mine },
        ...{ answeredAtMs: null, beatAtMs: null },
      }
      mine.add(open)
      byRaw.set(socket.raw, open)
      const handlers = socket.raw.data as {
        message: (raw: object, message: SocketMessage) => void
        drain: () => void
      }
      handlers.message = (_raw, message) => receive(open, message)
      handlers.drain = () => owner.drained?.()
      if (owner.sessionId !== null) putIn(bySession, owner.sessionId, open)
      const own = putIn(byIdentity, owner.identityId, open)
      if (own.size > MAX_SOCKETS_AN_IDENTITY) {
        const [oldest] = own
        if (oldest !== undefined) close(oldest, CLOSE.tooMany, 'too many pages open')
        counts.closedTooMany++
      }
      return lineOf(open)
    },
    async orClose(socket, shown) {
      try {
        await shown
      } catch (error) {
        log.warn({ error }, 'socket.open_failed')
        const open = byRaw.get(socket.raw)
        if (open !== undefined) close(open, CLOSE.failed, 'something went wrong')
      }
    },
    remove(socket) {
      const open = byRaw.get(socket.raw)
      if (open !== undefined) drop(open)
    },
    closeSession,
    sessions: () => [...bySession.keys()],
    closeAll(code, reason = 'restart') {
      leaving = { code, reason }
      const all = [...byRaw.values()]
      for (const open of all) close(open, code, reason)
      return all.length
    },
    figures: () => ({
      ...{ open: byRaw.size, ...counts },
      waitingBytes: [...byRaw.values()].reduce((sum, { socket }) => sum + waitingBytes(socket.raw), 0),
    }),
    start: beat,
    stop: () => cancelBeat?.(),
  }
}

/** Elysia's type of the socket leaves this out. */
function waitingBytes(raw: LiveSocket['raw']): number {
  return (raw as Pick<ServerWebSocket, 'getBufferedAmount'> & typeof raw).getBufferedAmount()
}

function putIn<K>(map: Map<K, Set<Open>>, key: K, open: Open): Set<Open> {
  const set = map.get(key) ?? new Set()
  map.set(key, set.add(open))
  return set
}

function takeOut<K>(map: Map<K, Set<Open>>, key: K, open: Open): void {
  const set = map.get(key)
  set?.delete(open)
  if (set?.size === 0) map.delete(key)
}
