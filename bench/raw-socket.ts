/**
 * A WebSocket client by hand, for benches: it writes many messages with one call, so that what is measured is the server
 * and not how many packets a client can make.
 */
import { assert } from '../src/engine/units.ts'

const TEXT = 1
const BINARY = 2
const FINAL = 0x80
const MASKED = 0x80

export interface RawSocket {
  /** Write frames made by `frameOf`, all at once. */
  write(frames: Uint8Array): void
  /** Called with each text message, in order. */
  onText: (text: string) => void
  /** Called with each binary message, in order; the bytes are the caller's to keep. */
  onBytes: (bytes: Buffer) => void
  close(): void
}

/** One message as its client sends it; the mask is zero, which leaves the bytes as they are. */
export function frameOf(message: string | Uint8Array): Uint8Array {
  const bytes = typeof message === 'string' ? new TextEncoder().encode(message) : message
  assert(bytes.length < 65_536, 'a message has a length of 16 bits')
  const long = bytes.length > 125
  const head = long
    ? [0, MASKED | 126, bytes.length >> 8, bytes.length & 255, 0, 0, 0, 0]
    : [0, MASKED | bytes.length, 0, 0, 0, 0]
  head[0] = FINAL | (typeof message === 'string' ? TEXT : BINARY)
  const frame = new Uint8Array(head.length + bytes.length)
  frame.set(head)
  frame.set(bytes, head.length)
  return frame
}

/** Connect and shake hands. */
export async function openRaw(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<RawSocket> {
  const opened = Promise.withResolvers<void>()
  let heard = Buffer.alloc(0)
  let isOpen = false
  let unsent = new Uint8Array(0)

  function take(): void {
    if (!isOpen) {
      const end = heard.indexOf('\r\n\r\n')
      if (end === -1) return
      const status = heard.toString('latin1', 9, 12)
      if (status !== '101') return void opened.reject(new Error(`the server answered ${status}`))
      heard = heard.subarray(end + 4)
      isOpen = true
      opened.resolve()
    }
    let at = 0
    for (;;) {
      if (heard.length < at + 2) break
      let length = heard[at + 1]! & 127
      let head = 2
      if (length === 126) {
        if (heard.length < at + 4) break
        length = heard.readUInt16BE(at + 2)
        head = 4
      } else if (length === 127) {
        if (heard.length < at + 10) break
        length = Number(heard.readBigUInt64BE(at + 2))
        head = 10
      }
      if (heard.length < at + head + length) break
      const kind = heard[at]! & 15
      if (kind === TEXT) socket.onText(heard.toString('utf8', at + head, at + head + length))
      if (kind === BINARY) socket.onBytes(Buffer.from(heard.subarray(at + head, at + head + length)))
      at += head + length
    }
    heard = heard.subarray(at)
  }

  const tcp = await Bun.connect({
    hostname: '127.0.0.1',
    port,
    socket: {
      data(_tcp, chunk) {
        heard = heard.length === 0 ? Buffer.from(chunk) : Buffer.concat([heard, chunk])
        take()
      },
      drain: flush,
      error: (_tcp, error) => opened.reject(error),
      close: () => opened.reject(new Error('the server closed')),
    },
  })

  function flush(): void {
    const written = tcp.write(unsent)
    unsent = unsent.subarray(Math.max(0, written))
  }

  const socket: RawSocket = {
    write(frames) {
      unsent = unsent.length === 0 ? new Uint8Array(frames) : Uint8Array.from([...unsent, ...frames])
      flush()
    },
    onText: () => {},
    onBytes: () => {},
    close: () => void tcp.end(),
  }
  const lines = Object.entries({
    ...{ host: `127.0.0.1:${port}`, connection: 'Upgrade', upgrade: 'websocket' },
    ...{ 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' },
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  tcp.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  await opened.promise
  return socket
}
