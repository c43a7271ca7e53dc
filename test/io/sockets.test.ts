import { afterEach, describe, expect, test } from 'bun:test'
import { connect, type Socket } from 'node:net'
import { Elysia } from 'elysia'
import type { IdentityId } from '../../src/engine/units.ts'
import { makeLocalBus } from '../../src/io/bus/local.ts'
import { manualClock } from '../../src/io/clock.ts'
import { createLog } from '../../src/io/log.ts'
import {
  BEAT_EVERY_MS,
  CLOSE,
  MAX_SOCKETS_AN_IDENTITY,
  MAX_WAITING_MESSAGES,
  makeSockets,
  type SocketOwner,
  UNANSWERED_MS,
  websocketOptions,
} from '../../src/io/sockets.ts'
import { eventually } from '../contract/eventually.ts'
import { fakeSocket } from '../support/fake-socket.ts'

const log = createLog('silent')
const ADA = 'ada' as IdentityId
const BO = 'bo' as IdentityId

function owner(identityId: IdentityId, sessionId: string, more: Partial<SocketOwner> = {}): SocketOwner {
  return { identityId, sessionId, ...more }
}

function registry() {
  const bus = makeLocalBus(log)
  const clock = manualClock(0)
  return { bus, clock, sockets: makeSockets({ bus, clock, log }) }
}

describe('the registry of sockets', () => {
  test('a socket as a line hears the topics that it joined, until it leaves them', () => {
    const { sockets } = registry()
    const socket = fakeSocket()
    const { topics } = sockets.add(socket, owner(ADA, 's1'))!
    for (const topic of ['cars 1', 'cars 2']) topics!.join(topic)
    topics!.leave('cars 1')
    expect([...socket.topics]).toEqual(['cars 2'])
  })

  test('when a session ends its sockets close, and nobody else’s', () => {
    const { bus, sockets } = registry()
    const [one, two, other] = [fakeSocket(), fakeSocket(), fakeSocket()]
    sockets.add(one, owner(ADA, 's1'))
    sockets.add(two, owner(ADA, 's1'))
    sockets.add(other, owner(ADA, 's2'))
    bus.publish({ type: 'session.ended', sessionId: 's1', identityId: ADA })
    expect([one.closed, two.closed, other.closed]).toEqual([[4401], [4401], []])
    expect(sockets.figures()).toMatchObject({ open: 1, closedSessionEnded: 2 })
    expect(sockets.closeSession('s1')).toBe(0)
  })

  test("when a session's rights change its sockets are told to come back, when only its token changes they stay", () => {
    const { bus, sockets } = registry()
    const [one, other] = [fakeSocket(), fakeSocket()]
    sockets.add(one, owner(ADA, 's1'))
    sockets.add(other, owner(ADA, 's2'))
    bus.publish({ type: 'session.changed', sessionId: 's1', identityId: ADA, reopen: false })
    expect([one.closed, other.closed]).toEqual([[], []])
    bus.publish({ type: 'session.changed', sessionId: 's1', identityId: ADA, reopen: true })
    expect([one.closed, other.closed]).toEqual([[CLOSE.restart], []])
    expect(sockets.figures().open).toBe(1)
  })

  test('a person with too many sockets loses the oldest', () => {
    const { sockets } = registry()
    const all = Array.from({ length: MAX_SOCKETS_AN_IDENTITY + 1 }, fakeSocket)
    const other = fakeSocket()
    sockets.add(other, owner(BO, 's9'))
    for (const socket of all) sockets.add(socket, owner(ADA, 's1'))
    expect(all.map((socket) => socket.closed.length)).toEqual([1, ...all.slice(1).map(() => 0)])
    expect(all[0]!.closed).toEqual([CLOSE.tooMany])
    expect(other.closed).toEqual([])
  })

  test('a socket that was removed makes room', () => {
    const { sockets } = registry()
    for (let times = 0; times < MAX_SOCKETS_AN_IDENTITY * 3; times++) {
      const socket = fakeSocket()
      sockets.add(socket, owner(ADA, 's1'))
      sockets.remove(socket)
      expect(socket.closed).toEqual([])
    }
    expect(sockets.figures().open).toBe(0)
  })

  test('a process that leaves tells all to come back, and those who still come too', () => {
    const { sockets } = registry()
    const [early, late] = [fakeSocket(), fakeSocket()]
    sockets.add(early, owner(ADA, 's1'))
    expect(sockets.closeAll(1012)).toBe(1)
    expect(sockets.add(late, owner(ADA, 's1'))).toBeNull()
    expect([early.closed, late.closed]).toEqual([[1012], [1012]])
    expect(sockets.figures().open).toBe(0)
  })

  test('messages are done one at a time in the order they came', async () => {
    const { sockets } = registry()
    const socket = fakeSocket()
    const done: unknown[] = []
    const first = Promise.withResolvers<void>()
    const receive = async (message: unknown) => {
      if (message === '1') await first.promise
      done.push(message)
    }
    sockets.add(socket, owner(ADA, 's1', { receive }))
    for (const message of ['1', '2', '3']) socket.receive(message)
    expect(done).toEqual([])
    first.resolve()
    await eventually('all are done', () => done.length === 3)
    expect(done).toEqual(['1', '2', '3'])
  })

  test('who sends faster than we answer is closed, and what waited is not done', async () => {
    const { sockets } = registry()
    const socket = fakeSocket()
    const done: unknown[] = []
    const first = Promise.withResolvers<void>()
    const receive = async (message: unknown) => {
      done.push(message)
      await first.promise
    }
    sockets.add(socket, owner(ADA, 's1', { receive }))
    for (let message = 0; message <= MAX_WAITING_MESSAGES + 1; message++) socket.receive(`${message}`)
    expect(socket.closed).toEqual([CLOSE.policy])
    first.resolve()
    await Bun.sleep(0)
    expect(done).toEqual(['0'])
    expect(sockets.figures()).toMatchObject({ open: 0, closedTooFast: 1 })
  })

  test('a handler that fails closes its socket as our mistake', async () => {
    const { sockets } = registry()
    const socket = fakeSocket()
    const receive = async () => {
      throw new Error('broken')
    }
    sockets.add(socket, owner(ADA, 's1', { receive }))
    socket.receive('1')
    await eventually('it was closed', () => socket.closed.length > 0)
    expect(socket.closed).toEqual([CLOSE.failed])
  })

  test('who may send nothing is closed when it does', () => {
    const { sockets } = registry()
    const socket = fakeSocket()
    sockets.add(socket, owner(ADA, 's1'))
    socket.receive('hello')
    expect(socket.closed).toEqual([CLOSE.policy])
  })
})

describe('beats', () => {
  test('each page hears one in its time, and they are spread over it', () => {
    const { sockets, clock } = registry()
    const all = Array.from({ length: 10 }, fakeSocket)
    for (const [n, socket] of all.entries())
      sockets.add(socket, owner(`p${n}` as IdentityId, 's', { heard() {} }))
    const nobodys = fakeSocket()
    sockets.add(nobodys, owner(BO, 's2'))
    sockets.start()
    const beaten = () => all.filter(({ sent }) => sent.length > 0).length
    expect(beaten()).toBe(1)
    clock.advance(BEAT_EVERY_MS / 2)
    expect(beaten()).toBe(6)
    clock.advance(BEAT_EVERY_MS / 2)
    expect(all.map(({ sent }) => sent[0])).toEqual(Array(10).fill('{"type":"beat"}'))
    expect(nobodys.sent).toEqual([])
    sockets.stop()
    const before = all.flatMap(({ sent }) => sent).length
    clock.advance(BEAT_EVERY_MS * 2)
    expect(all.flatMap(({ sent }) => sent)).toHaveLength(before)
  })

  test('an answer says what the page has, and is no message to its owner', () => {
    const { sockets } = registry()
    const socket = fakeSocket()
    const heard: number[] = []
    sockets.add(socket, owner(ADA, 's1', { heard: (n) => void heard.push(n) }))
    socket.receive('{"type":"here","n":12}')
    socket.receive('{ "type": "here", "n": 13 }')
    expect(heard).toEqual([12, 13])
    expect(socket.closed).toEqual([])
    socket.receive('{"type":"here","n":-1}')
    expect(socket.closed).toEqual([CLOSE.policy])
  })

  test('a page that used to answer and does no more is closed to come back; one that never did stays', () => {
    const { sockets, clock } = registry()
    const [answers, silent, program] = [fakeSocket(), fakeSocket(), fakeSocket()]
    for (const [n, socket] of [answers, silent, program].entries())
      sockets.add(socket, owner(`p${n}` as IdentityId, 's', { heard() {} }))
    sockets.start()
    for (const socket of [answers, silent]) socket.receive('{"type":"here","n":0}')
    for (let ms = 0; ms < UNANSWERED_MS + BEAT_EVERY_MS; ms += BEAT_EVERY_MS) {
      clock.advance(BEAT_EVERY_MS)
      answers.receive('{"type":"here","n":0}')
    }
    expect([answers, silent, program].map(({ closed }) => closed)).toEqual([[], [CLOSE.restart], []])
    expect(sockets.figures()).toMatchObject({ open: 2, closedUnanswered: 1 })
    sockets.stop()
  })
})

describe('sockets of a real server', () => {
  const ends: (() => void | Promise<void>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  function serve(receive: (message: unknown) => void | Promise<void>) {
    const { sockets } = registry()
    const app = new Elysia({ websocket: websocketOptions })
      .ws('/live', {
        open(ws) {
          sockets.add(ws, owner(ADA, 's1', { receive }))!.topics!.join('all')
        },
        close: (ws) => sockets.remove(ws),
      })
      .listen({ port: 0, hostname: '127.0.0.1' })
    ends.push(async () => void (await app.stop(true)))
    return { sockets, app, port: app.server!.port! }
  }

  async function open(port: number): Promise<{ socket: WebSocket; closed: Promise<number> }> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/live`)
    const closed = new Promise<number>((resolve) =>
      socket.addEventListener('close', (event) => resolve(event.code)),
    )
    await new Promise((resolve) => socket.addEventListener('open', resolve))
    ends.push(() => socket.close())
    return { socket, closed }
  }

  test('messages keep their order through slow handlers', async () => {
    const done: unknown[] = []
    const { port } = serve(async (message) => {
      const { n, wait } = JSON.parse(message as string) as { n: number; wait: number }
      await Bun.sleep(wait)
      done.push(n)
    })
    const { socket } = await open(port)
    ;[5, 0, 3, 0].forEach((wait, n) => void socket.send(JSON.stringify({ n, wait })))
    await eventually('all are done', () => done.length === 4)
    expect(done).toEqual([0, 1, 2, 3])
  })

  test('what comes is handed on as it came, bytes as bytes', async () => {
    const got: unknown[] = []
    const { port } = serve((message) => void got.push(message))
    const { socket } = await open(port)
    socket.send('{"n":1}')
    socket.send(new Uint8Array([1, 2, 255]))
    await eventually('both came', () => got.length === 2)
    expect(got[0]).toBe('{"n":1}')
    expect([...(got[1] as Uint8Array)]).toEqual([1, 2, 255])
  })

  test('at a restart every client is told 1012', async () => {
    const { port, sockets } = serve(() => {})
    const [one, two] = [await open(port), await open(port)]
    await eventually('both are in', () => sockets.figures().open === 2)
    sockets.closeAll(1012)
    expect(await Promise.all([one.closed, two.closed])).toEqual([1012, 1012])
  })

  test('a session that ends closes the real socket, which is then forgotten', async () => {
    const { port, sockets } = serve(() => {})
    const { closed } = await open(port)
    await eventually('it is in', () => sockets.figures().open === 1)
    sockets.closeSession('s1')
    expect(await closed).toBe(4401)
    expect(sockets.figures().open).toBe(0)
  })

  test('a message over 16 KB ends the connection', async () => {
    const got: unknown[] = []
    const { port, sockets } = serve((message) => void got.push(message))
    const { socket, closed } = await open(port)
    socket.send('x'.repeat(16 * 1024 + 1))
    await closed
    await eventually('it is forgotten', () => sockets.figures().open === 0)
    expect(got).toEqual([])
  })

  test('a client that never reads is closed at a small buffer', async () => {
    const { port, sockets, app } = serve(() => {})
    const reader = await openWithoutReading(port)
    ends.push(() => void reader.destroy())
    await eventually('it is in', () => sockets.figures().open === 1)
    const frame = 'x'.repeat(64 * 1024)
    let sentBytes = 0
    // The kernels of both ends hold some megabytes before anything waits in ours.
    while (sockets.figures().open === 1 && sentBytes < 128 * 1024 * 1024) {
      app.server!.publish('all', frame)
      sentBytes += frame.length
      await Bun.sleep(0)
    }
    expect(sockets.figures().open).toBe(0)
    expect(sentBytes).toBeLessThan(32 * 1024 * 1024)
  })
})

/** A handshake by hand, since every WebSocket client reads by itself. */
async function openWithoutReading(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  const key = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64')
  socket.write(
    `GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  )
  await new Promise((resolve) => socket.once('data', resolve))
  socket.pause()
  return socket
}
