/**
 * The line to Redis. Redis is a help, never the truth: a command that is not answered in 200 ms fails, nothing waits
 * in a queue for a server that is away, and the line comes back by itself.
 *
 * The library's own guards do not fit: its `socketTimeout` also cuts an idle line, and never fires on a frozen server
 * while we keep writing; its command timeout ends once a command is written. So the deadline is ours, and a line
 * that misses it is given up, because what was sent on it may still be done after the server wakes.
 */
import { createClient } from 'redis'
import type { Unsubscribe } from './bus.ts'
import type { Logger } from './log.ts'
import { OutsideError } from './outside.ts'
import type { Random } from './random.ts'

export const COMMAND_TIMEOUT_MS = 200
/** From the first packet to a line that answers. */
const CONNECT_TIMEOUT_MS = 1_000
/** Waits between attempts grow from the first to the last; the last keeps the return within five seconds. */
const RETRY_FIRST_MS = 50
const RETRY_LAST_MS = 1_000
/** A dead peer is noticed on a silent line too. */
const HEARTBEAT_MS = 2_000

function newClient(url: string) {
  return createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: false },
  })
}
export type RedisClient = ReturnType<typeof newClient>

export interface Redis {
  /**
   * Do one command or script.
   * @throws OutsideError when Redis is away or has not answered within 200 ms; the command may have been done
   */
  run<T>(command: (client: RedisClient) => Promise<T>): Promise<T>
  /** Listen on a channel from now on, across lost connections; messages sent while away are lost. */
  subscribe(channel: string, listener: (message: string) => void): Promise<Unsubscribe>
  /** Called each time the line has come back after it was away, with every subscription standing again. */
  onReturn(handler: () => void): Unsubscribe
  /** Whether both lines, for commands and for subscriptions, stand. */
  isReady(): boolean
  close(): void
}

export interface RedisDeps {
  readonly url: string
  readonly log: Logger
  readonly random: Random
  /** COMMAND_TIMEOUT_MS unless given. */
  readonly commandTimeoutMs?: number
}

/** Open the line. A server that is away is no reason not to start: it is logged, and the line comes up later. */
export async function openRedis(deps: RedisDeps): Promise<Redis> {
  const commandTimeoutMs = deps.commandTimeoutMs ?? COMMAND_TIMEOUT_MS
  const listeners = new Map<string, Set<(message: string) => void>>()
  const returnHandlers = new Set<() => void>()
  let isOpen = false
  let isAway = false

  const commands = keepLine(deps, async (_client, stand) => stand(), changed)
  const subscriptions = keepLine(
    deps,
    async (client, stand) => {
      for (const channel of listeners.keys()) await client.subscribe(channel, hear)
      stand()
    },
    changed,
  )
  const isReady = () => commands.current() !== null && subscriptions.current() !== null

  function changed(error?: Error): void {
    if (isReady()) {
      if (isAway) deps.log.info('redis.back')
      isAway = false
      if (isOpen) for (const handler of returnHandlers) guarded(handler)
    } else if (!isAway && error !== undefined) {
      isAway = true
      deps.log.warn({ error: error.message }, 'redis.away')
    }
  }

  function hear(message: string, channel: string): void {
    for (const listener of listeners.get(channel) ?? []) guarded(() => listener(message))
  }

  function guarded(run: () => void): void {
    try {
      run()
    } catch (error) {
      deps.log.error({ error }, 'redis.listener_failed')
    }
  }

  await Promise.race([
    Promise.all([commands.ready, subscriptions.ready]),
    new Promise((resolve) => setTimeout(resolve, CONNECT_TIMEOUT_MS)),
  ])
  isOpen = true

  return {
    async run(command) {
      const client = commands.current()
      if (client === null) throw new OutsideError('redis', 'Redis is away')
      try {
        return await withinDeadline(command(client), commandTimeoutMs)
      } catch (error) {
        if (error instanceof DeadlineError) commands.giveUp(client, error)
        const why = error instanceof Error ? error.message : String(error)
        throw new OutsideError('redis', `Redis did not do it: ${why}`, { cause: error })
      }
    },
    async subscribe(channel, listener) {
      const known = listeners.get(channel)
      const set = known ?? new Set<(message: string) => void>()
      listeners.set(channel, set.add(listener))
      const client = subscriptions.current()
      if (known === undefined && client !== null) {
        // A line that cannot take the subscription is given up; the next one starts with it.
        await client.subscribe(channel, hear).catch((error: Error) => subscriptions.giveUp(client, error))
      }
      return () => {
        set.delete(listener)
        if (set.size > 0 || listeners.get(channel) !== set) return
        listeners.delete(channel)
        subscriptions
          .current()
          ?.unsubscribe(channel)
          .catch(() => {
            // The line is gone, and the channel with it.
          })
      }
    },
    onReturn(handler) {
      returnHandlers.add(handler)
      return () => void returnHandlers.delete(handler)
    },
    isReady,
    close() {
      commands.close()
      subscriptions.close()
    },
  }
}

interface Line {
  /** Null while there is no line that answers. */
  current(): RedisClient | null
  /** Resolves when the line stands for the first time. */
  readonly ready: Promise<void>
  /** Drop this line and make another; does nothing when another was made already. */
  giveUp(client: RedisClient, error: Error): void
  close(): void
}

/**
 * Keep one client alive. Each attempt is a client of its own: the library's retry loop cannot be stopped without
 * leaving a sleeping one behind.
 * @param prepare what a new line needs; it calls `stand` in the same turn in which nothing is missing any more
 */
function keepLine(
  { url, random }: RedisDeps,
  prepare: (client: RedisClient, stand: () => void) => Promise<void>,
  changed: (error?: Error) => void,
): Line {
  const first = Promise.withResolvers<void>()
  let attempt: RedisClient | null = null
  let standing: RedisClient | null = null
  let failures = 0
  let closed = false
  let retry: ReturnType<typeof setTimeout> | undefined
  const heartbeat = setInterval(beat, HEARTBEAT_MS)

  function connect(): void {
    const client = newClient(url)
    attempt = client
    client.on('error', (error: Error) => giveUp(client, error))
    const stand = () => {
      if (attempt !== client) return
      standing = client
      failures = 0
      first.resolve()
      changed()
    }
    const ready = client.connect().then(() => prepare(client, stand))
    withinDeadline(ready, CONNECT_TIMEOUT_MS).catch((error: Error) => giveUp(client, error))
  }

  function giveUp(client: RedisClient, error: Error): void {
    if (attempt !== client) return
    attempt = null
    standing = null
    client.destroy()
    if (closed) return
    changed(error)
    const waitMs = Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** failures++)
    // Half of the wait is random, so that many processes do not come back in one instant.
    retry = setTimeout(connect, waitMs * (0.5 + random.fraction() / 2))
  }

  function beat(): void {
    const client = standing
    if (client === null) return
    withinDeadline(client.ping(), CONNECT_TIMEOUT_MS).catch((error: Error) => giveUp(client, error))
  }

  connect()
  return {
    current: () => standing,
    ready: first.promise,
    giveUp,
    close() {
      closed = true
      clearInterval(heartbeat)
      clearTimeout(retry)
      if (attempt !== null) giveUp(attempt, new Error('closed'))
    },
  }
}

class DeadlineError extends Error {
  override name = 'DeadlineError'
}

/** @throws DeadlineError after `timeoutMs` without an answer */
function withinDeadline<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      // When our own loop was late, the answer may lie in the socket already: one turn to read it.
      setImmediate(() => reject(new DeadlineError(`no answer in ${timeoutMs} ms`)))
    }, timeoutMs)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
