/** A page's socket as a test sees it: everything that came, and a way to wait for more. */
import { BYTES_BEGIN } from '../../src/io/poll.ts'

export interface LiveClient {
  readonly socket: WebSocket
  /** All messages so far, in order; binary ones as the answer to a poll has them. */
  readonly messages: readonly string[]
  /** JSON messages of this type so far. */
  of<T = Record<string, unknown>>(type: string): T[]
  /** Opened, or refused: the close code of a socket that did not stay. */
  readonly opened: Promise<'open' | number>
  readonly closed: Promise<number>
  /** The first message, of those before too, that passes; fails with what came instead. */
  next(passes: (message: string) => boolean, withinMs?: number): Promise<string>
  /** Forget what came so far. */
  clear(): void
  /** Text and bytes as they are, anything else as JSON. */
  send(message: unknown): void
  close(): void
}

const PATIENCE_MS = 5_000

export function openLive(url: string, headers: Record<string, string>): LiveClient {
  const socket = new WebSocket(url, { headers } as never)
  const messages: string[] = []
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const look of waiting) look()
  }
  socket.binaryType = 'arraybuffer'
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    messages.push(typeof data === 'string' ? data : `${BYTES_BEGIN}${new Uint8Array(data).toBase64()}`)
    wake()
  }
  const closed = new Promise<number>((resolve) => {
    socket.onclose = ({ code }) => {
      resolve(code)
      wake()
    }
  })
  const opened = new Promise<'open' | number>((resolve) => {
    socket.onopen = () => resolve('open')
    void closed.then(resolve)
  })
  socket.onerror = () => {}
  return {
    socket,
    messages,
    opened,
    closed,
    of: <T>(type: string) =>
      messages
        .filter((message) => message.startsWith('{'))
        .map((message) => JSON.parse(message) as T & { type: string })
        .filter((message) => message.type === type),
    next: (passes, withinMs = PATIENCE_MS) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = messages.find(passes)
          if (found === undefined) return
          finish()
          resolve(found)
        }
        const timer = setTimeout(() => {
          finish()
          const seen = messages.map((message) => message.slice(0, 120)).join('\n')
          reject(new Error(`nothing fitting in ${withinMs} ms; came:\n${seen}`))
        }, withinMs)
        const finish = () => {
          clearTimeout(timer)
          waiting.delete(look)
        }
        waiting.add(look)
        look()
      }),
    clear: () => void messages.splice(0),
    send: (message) =>
      socket.send(
        typeof message === 'string' || message instanceof Uint8Array
          ? (message as string | Uint8Array<ArrayBuffer>)
          : JSON.stringify(message),
      ),
    close: () => socket.close(),
  }
}
