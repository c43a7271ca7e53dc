/**
 * The streams of this process: each open page has one, and keeps it for a while after its line is gone, so that a page
 * that comes back in time is told what it missed and nothing twice. Whoever comes too late, to another process or
 * after a restart begins a new stream with all that its page shows. A stream belongs to the session that opened it
 * and to what it is about, and ends with the session or when its rights change.
 */
import type { Bus } from './bus.ts'
import type { Cancel, Clock } from './clock.ts'
import { POLL_WAIT_MS, PollLine } from './poll.ts'
import type { Random } from './random.ts'
import {
  BEAT_EVERY_MS,
  CLOSE,
  type HolderId,
  type LiveSocket,
  type SocketOwner,
  type Sockets,
} from './sockets.ts'
import { type Line, type Part, Stream } from './stream.ts'

/** A lift, a tunnel, a page that sleeps in a pocket for a moment. */
export const KEEP_AWAY_MS = 120_000
/** More than sockets a person may have, for pages that have none. */
export const MAX_STREAMS_AN_IDENTITY = 16
/** A whole town comes back after this many went away; the ones that left first begin anew. */
export const MAX_AWAY = 20_000

/** What a page says when it comes: the stream it had, and the number of the newest message it has of it. */
export interface Coming {
  readonly stream?: string | undefined
  readonly after?: number | undefined
}

/** Who looks at what; made on the server from the viewer's rights. */
export interface Holder {
  readonly identityId: HolderId
  /** Null where nobody is signed in: what it is about ends it. */
  readonly sessionId: string | null
  /** Such as `ride 0193…`: a stream goes on only with the page it was opened for. */
  readonly about: string
}

/** What a page shows, and how to hear what changes of it. */
export interface StreamedPage {
  readonly parts: readonly Part[]
  /** @returns how to stop hearing */
  follow(stream: Stream): () => void
}

export interface OpenedPage {
  readonly page: () => StreamedPage
  /** The page has come, to this stream, and nothing was sent yet. */
  readonly came?: (stream: Stream) => void
  readonly receive?: SocketOwner['receive']
}

export interface PollAnswer {
  readonly stream: string
  /** The number of the newest message the page has with this answer. */
  readonly n: number
  /** As a socket would have carried them. */
  readonly messages: readonly string[]
}

export interface StreamFigures {
  /** With a socket, waiting in a poll, and without a line. */
  readonly open: number
  readonly polling: number
  readonly away: number
  /** Messages that may not have arrived. */
  readonly unheard: number
  /** Since the start: came back to their stream, began one, and of these because they were too far behind. */
  readonly resumed: number
  readonly begun: number
  readonly behind: number
}

export interface Streams {
  /** An opened socket becomes the line of a page; nothing more is to be done but to tell `sockets` when it closes. */
  open(socket: LiveSocket, holder: Holder, coming: Coming, of: OpenedPage): Promise<void>
  /**
   * What comes next, waited for.
   * @returns the code a socket would have been closed with, where there is no answer
   */
  poll(
    holder: Holder,
    coming: Coming,
    of: Omit<OpenedPage, 'receive'> & { readonly signal: AbortSignal },
  ): Promise<PollAnswer | { readonly closedWith: number }>
  /** The sessions that have a stream here. */
  sessions(): string[]
  endSession(sessionId: string): void
  /** What a page shows is over, or not for who looks any more: its line closes for good. */
  endStream(stream: Stream): void
  /** The process leaves. */
  endAll(): void
  figures(): StreamFigures
}

interface Held {
  readonly stream: Stream
  readonly holder: Holder
  stopFollowing: () => void
  /** Set while it has no line. */
  cancelEnd: Cancel | null
}

export function makeStreams(deps: { bus: Bus; clock: Clock; random: Random; sockets: Sockets }): Streams {
  const { bus, clock, random, sockets } = deps
  const byId = new Map<string, Held>()
  /** Sets and maps keep the order of arrival, so the first is the oldest. */
  const away = new Set<Held>()
  const byIdentity = new Map<HolderId, Set<Held>>()
  const bySession = new Map<string, Set<Held>>()
  const counts = { resumed: 0, begun: 0, behind: 0 }
  let isLeaving = false

  function end(held: Held, code: number, reason: string): void {
    byId.delete(held.stream.id)
    takeOut(byIdentity, held.holder.identityId, held)
    if (held.holder.sessionId !== null) takeOut(bySession, held.holder.sessionId, held)
    back(held)
    held.stopFollowing()
    held.stream.line?.close(code, reason)
  }

  function back(held: Held): void {
    away.delete(held)
    held.cancelEnd?.()
    held.cancelEnd = null
  }

  function left(held: Held, line: Line): void {
    if (!held.stream.detach(line) || byId.get(held.stream.id) !== held) return
    away.add(held)
    held.cancelEnd = clock.after(KEEP_AWAY_MS, () => end(held, CLOSE.restart, 'away for too long'))
    const [oldest] = away
    if (away.size > MAX_AWAY && oldest !== undefined) end(oldest, CLOSE.restart, 'too many are away')
  }

  /** The page's stream, with this line: the one it had, where it can be told what it missed, else a new one. */
  function come(holder: Holder, coming: Coming, line: Line, page: () => StreamedPage): Held {
    const had = coming.stream === undefined ? undefined : byId.get(coming.stream)
    if (had !== undefined && isSame(had.holder, holder)) {
      if (had.stream.canGoOn(coming.after ?? 0)) {
        counts.resumed++
        back(had)
        had.stream.attach(line, coming.after ?? 0)?.close(CLOSE.moved, 'the page has another line')
        return had
      }
      counts.behind++
      end(had, CLOSE.moved, 'the page begins anew')
    }
    return begin(holder, line, page())
  }

  function begin(holder: Holder, line: Line, page: StreamedPage): Held {
    counts.begun++
    const own = byIdentity.get(holder.identityId)
    if (own !== undefined && own.size >= MAX_STREAMS_AN_IDENTITY) {
      const one = [...own].find((held) => away.has(held)) ?? [...own][0]
      if (one !== undefined) end(one, CLOSE.tooMany, 'too many pages open')
    }
    const stream = new Stream(Buffer.from(random.bytes(16)).toString('base64url'), page.parts)
    const held: Held = { stream, holder, stopFollowing: () => {}, cancelEnd: null }
    byId.set(stream.id, held)
    putIn(byIdentity, holder.identityId, held)
    if (holder.sessionId !== null) putIn(bySession, holder.sessionId, held)
    stream.attach(line, 0)
    held.stopFollowing = page.follow(stream)
    stream.oweAll()
    return held
  }

  function endSession(sessionId: string, code: number = CLOSE.sessionEnded, reason = 'signed out'): void {
    for (const held of [...(bySession.get(sessionId) ?? [])]) end(held, code, reason)
  }

  bus.on('session.ended', ({ sessionId }) => endSession(sessionId))
  bus.on('session.changed', ({ sessionId, reopen }) => {
    // What it may see now is another thing than what its pages were opened with.
    if (reopen) endSession(sessionId, CLOSE.restart, 'rights changed')
  })

  return {
    async open(socket, holder, coming, { page, came, receive }) {
      let held: Held | undefined
      const line = sockets.add(socket, {
        ...{ identityId: holder.identityId, sessionId: holder.sessionId },
        ...(receive && { receive }),
        heard: (n) => held?.stream.heard(n),
        drained: () => held?.stream.lineReady(),
        closed: () => held && line && left(held, line),
      })
      if (line === null) return
      held = come(holder, coming, line, page)
      came?.(held.stream)
      const { id, last } = held.stream
      line.write(JSON.stringify({ type: 'stream', stream: id, n: last, beatMs: BEAT_EVERY_MS }))
      const { stream } = held
      await sockets.orClose(socket, (async () => stream.pump())())
    },
    async poll(holder, coming, { page, came, signal }) {
      if (isLeaving) return { closedWith: CLOSE.restart }
      const line = new PollLine()
      const held = come(holder, coming, line, page)
      came?.(held.stream)
      const from = held.stream.last
      const cancel = clock.after(POLL_WAIT_MS, () => line.end())
      const gone = () => line.end()
      signal.addEventListener('abort', gone)
      try {
        await held.stream.pump()
        await line.answered
      } finally {
        cancel()
        signal.removeEventListener('abort', gone)
        line.end()
        left(held, line)
      }
      const { closedWith, messages } = line
      if (closedWith !== null && closedWith !== CLOSE.moved) return { closedWith }
      return { stream: held.stream.id, n: from + messages.length, messages }
    },
    sessions: () => [...bySession.keys()],
    endSession,
    endStream({ id }) {
      const held = byId.get(id)
      if (held !== undefined) end(held, CLOSE.over, 'this is over')
    },
    endAll() {
      isLeaving = true
      for (const held of [...byId.values()]) end(held, CLOSE.restart, 'restart')
    },
    figures() {
      const all = [...byId.values()]
      const polling = all.filter(({ stream }) => stream.line instanceof PollLine).length
      return {
        ...{ open: byId.size - away.size - polling, polling, away: away.size, ...counts },
        unheard: all.reduce((sum, { stream }) => sum + stream.unheard, 0),
      }
    },
  }
}

function isSame(a: Holder, b: Holder): boolean {
  return a.sessionId === b.sessionId && a.identityId === b.identityId && a.about === b.about
}

function putIn<K>(map: Map<K, Set<Held>>, key: K, held: Held): void {
  const set = map.get(key) ?? new Set()
  map.set(key, set.add(held))
}

function takeOut<K>(map: Map<K, Set<Held>>, key: K, held: Held): void {
  const set = map.get(key)
  set?.delete(held)
  if (set?.size === 0) map.delete(key)
}
