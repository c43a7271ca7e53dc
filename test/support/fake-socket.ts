/** An opened socket without a network: what was sent on it, how it was closed, and messages as the server would hand them on. */
import type { LiveSocket } from '../../src/io/sockets.ts'

export interface FakeSocket extends LiveSocket {
  readonly closed: number[]
  readonly topics: Set<string>
  readonly sent: string[]
  readonly bytes: Uint8Array[]
  /** What waits in front of it, in bytes. */
  waiting: number
  /** As the server does it for a message that came. */
  receive(message: string): void
  /** As the server does it when what waited has gone. */
  drain(): void
}

export function fakeSocket(): FakeSocket {
  const data: { message?: (raw: object, message: string) => void; drain?: () => void } = {}
  const raw = {
    data,
    sendText: (text: string) => void socket.sent.push(text),
    sendBinary: (bytes: Uint8Array) => void socket.bytes.push(bytes),
    subscribe: (topic: string) => void socket.topics.add(topic),
    unsubscribe: (topic: string) => void socket.topics.delete(topic),
    getBufferedAmount: () => socket.waiting,
  }
  const socket: FakeSocket = {
    ...{ raw, closed: [], topics: new Set<string>(), sent: [], bytes: [], waiting: 0 },
    close: (code) => void socket.closed.push(code),
    receive: (message) => data.message?.(raw, message),
    drain: () => data.drain?.(),
  }
  return socket
}
