/** Streams over sockets and polls: who may come back to what, for how long, and what ends with whom. */
import { describe, expect, test } from 'bun:test'
import type { IdentityId } from '../../src/engine/units.ts'
import { makeLocalBus } from '../../src/io/bus/local.ts'
import { manualClock } from '../../src/io/clock.ts'
import { createLog } from '../../src/io/log.ts'
import { POLL_WAIT_MS } from '../../src/io/poll.ts'
import { systemRandom } from '../../src/io/random.ts'
import { CLOSE, MAX_SOCKETS_AN_IDENTITY, makeSockets } from '../../src/io/sockets.ts'
import type { Stream } from '../../src/io/stream.ts'
import {
  type Coming,
  type Holder,
  KEEP_AWAY_MS,
  MAX_STREAMS_AN_IDENTITY,
  makeStreams,
} from '../../src/io/streams.ts'
import { fakeSocket } from '../support/fake-socket.ts'

const log = createLog('silent')
const ADA = { identityId: 'ada' as IdentityId, sessionId: 's1', about: 'ride 1' } as const satisfies Holder
/** Who has the link of a ride. */
const LINK: Holder = { identityId: 'share 1', sessionId: null, about: 'shared ride 1' }

function world() {
  const bus = makeLocalBus(log)
  const clock = manualClock(0)
  const sockets = makeSockets({ bus, clock, log })
  const streams = makeStreams({ bus, clock, random: systemRandom(clock), sockets })
  const followers = new Set<Stream>()
  let version = 1
  const page = () => ({
    parts: [{ name: 'status', make: () => ({ text: `<p>${version}</p>` }) }],
    follow(stream: Stream) {
      followers.add(stream)
      return () => void followers.delete(stream)
    },
  })
  return {
    ...{ bus, clock, sockets, streams, followers },
    /** Everybody who follows is told of another version. */
    change() {
      version++
      for (const stream of followers) {
        stream.owe('status')
        stream.pump()
      }
    },
    async open(holder: Holder = ADA, coming: Coming = {}) {
      const socket = fakeSocket()
      await streams.open(socket, holder, coming, { page })
      const hello = socket.sent[0] === undefined ? null : JSON.parse(socket.sent[0])
      return { socket, hello, messages: () => socket.sent.slice(1) }
    },
    poll: (holder: Holder = ADA, coming: Coming = {}, signal = new AbortController().signal) =>
      streams.poll(holder, coming, { page, signal }),
  }
}

describe('a page by socket', () => {
  test('is told its stream, and comes back to it for exactly what it missed', async () => {
    const { open, change, sockets, streams } = world()
    const { socket, hello, messages } = await open()
    expect(hello).toMatchObject({ type: 'stream', n: 0, beatMs: 10_000 })
    expect(messages()).toEqual(['<p>1</p><!--1-->'])
    sockets.remove(socket)
    const back = await open(ADA, { stream: hello.stream, after: 1 })
    expect(back.hello).toMatchObject({ stream: hello.stream, n: 1 })
    expect(back.messages()).toEqual([])
    sockets.remove(back.socket)
    change()
    change()
    const again = await open(ADA, { stream: hello.stream, after: 1 })
    expect(again.messages()).toEqual(['<p>3</p><!--2-->'])
    // What it says it does not have is told it again.
    const lost = await open(ADA, { stream: hello.stream, after: 1 })
    expect(lost.messages()).toEqual(['<p>3</p><!--2-->'])
    expect(again.socket.closed).toEqual([CLOSE.moved])
    expect(streams.figures()).toMatchObject({ open: 1, away: 0, resumed: 3, begun: 1, unheard: 1 })
    lost.socket.receive('{"type":"here","n":2}')
    expect(streams.figures().unheard).toBe(0)
  })

  test('begins anew with all there is when it says what cannot be', async () => {
    const { open } = world()
    const { hello } = await open()
    const others: [Holder, Coming][] = [
      [
        { ...ADA, sessionId: 's2' },
        { stream: hello.stream, after: 1 },
      ],
      [
        { ...ADA, about: 'ride 2' },
        { stream: hello.stream, after: 1 },
      ],
      [
        { ...ADA, identityId: 'bo' as IdentityId },
        { stream: hello.stream, after: 1 },
      ],
      [ADA, { stream: 'of another process', after: 1 }],
      [ADA, { stream: hello.stream, after: 9 }],
    ]
    for (const [holder, coming] of others) {
      const other = await open(holder, coming)
      expect(other.hello.stream).not.toBe(hello.stream)
      expect(other.messages()).toEqual(['<p>1</p><!--1-->'])
    }
  })

  test('is kept for a while, and no longer', async () => {
    const { open, sockets, clock, followers, streams } = world()
    const { socket, hello } = await open()
    sockets.remove(socket)
    clock.advance(KEEP_AWAY_MS - 1)
    const back = await open(ADA, { stream: hello.stream, after: 1 })
    expect(back.hello.stream).toBe(hello.stream)
    clock.advance(KEEP_AWAY_MS * 2)
    sockets.remove(back.socket)
    clock.advance(KEEP_AWAY_MS)
    expect(followers.size).toBe(0)
    expect(streams.figures()).toMatchObject({ open: 0, away: 0 })
    expect((await open(ADA, { stream: hello.stream, after: 1 })).hello.stream).not.toBe(hello.stream)
  })

  test('a slow one is sent nothing until it has taken what waits, and then the newest alone', async () => {
    const { open, change, followers } = world()
    const { socket, messages } = await open()
    socket.waiting = 10_000_000
    for (let times = 0; times < 30; times++) change()
    expect(messages()).toHaveLength(1)
    let readies = 0
    for (const stream of followers) stream.onReady = () => void readies++
    socket.waiting = 0
    socket.drain()
    expect(readies).toBe(1)
    for (const stream of followers) stream.pump()
    expect(messages()).toEqual(['<p>1</p><!--1-->', '<p>31</p><!--2-->'])
  })

  test('one whose page takes seconds to answer is sent nothing until it has, and then the newest alone', async () => {
    const { open, change, sockets, clock } = world()
    const { socket, messages } = await open()
    sockets.start()
    socket.receive('{"type":"here","n":1}')
    clock.advance(10_000)
    change()
    clock.advance(6_000)
    change()
    change()
    const beat = '{"type":"beat"}'
    expect(messages()).toEqual(['<p>1</p><!--1-->', beat, '<p>2</p><!--2-->'])
    socket.receive('{"type":"here","n":2}')
    change()
    expect(messages().filter((message) => message !== beat)).toEqual([
      ...['<p>1</p><!--1-->', '<p>2</p><!--2-->', '<p>5</p><!--3-->'],
    ])
    sockets.stop()
  })

  test('ends with its session, away or not, and with its rights', async () => {
    for (const news of [
      { type: 'session.ended' as const },
      { type: 'session.changed' as const, reopen: true },
    ]) {
      const { bus, open, sockets, followers, streams } = world()
      const here = await open()
      const away = await open()
      sockets.remove(away.socket)
      bus.publish({ ...news, sessionId: 's1', identityId: ADA.identityId })
      expect(here.socket.closed).toEqual([news.type === 'session.ended' ? CLOSE.sessionEnded : CLOSE.restart])
      expect(followers.size).toBe(0)
      expect(streams.sessions()).toEqual([])
      expect((await open(ADA, { stream: away.hello.stream, after: 1 })).hello.n).toBe(0)
    }
  })

  test('a person has so many and no more, and those who are away go first', async () => {
    const { open, sockets, streams, followers } = world()
    const opened: Awaited<ReturnType<typeof open>>[] = []
    for (let n = 0; n < MAX_STREAMS_AN_IDENTITY * 3; n++) {
      const one = await open()
      opened.push(one)
      if (n > 0) sockets.remove(one.socket)
    }
    expect(followers.size).toBe(MAX_STREAMS_AN_IDENTITY)
    expect(opened[0]!.socket.closed).toEqual([])
    expect(streams.figures()).toMatchObject({ open: 1, away: MAX_STREAMS_AN_IDENTITY - 1 })
  })

  test('a link has so many pages and no more, belongs to no session, and ends for good with what it shows', async () => {
    const { open, poll, streams, sockets, followers } = world()
    const opened: Awaited<ReturnType<typeof open>>[] = []
    for (let n = 0; n <= MAX_SOCKETS_AN_IDENTITY; n++) opened.push(await open(LINK))
    const ada = await open()
    expect(opened[0]!.socket.closed).toEqual([CLOSE.tooMany])
    expect(opened.slice(1).flatMap(({ socket }) => socket.closed)).toEqual([])
    // Nobody's session: none of them is looked for, or ended with one.
    expect([streams.sessions(), sockets.sessions()]).toEqual([['s1'], ['s1']])
    streams.endSession('s1')

    const one = opened[1]!
    const [stream] = [...followers].filter(({ id }) => id === one.hello.stream)
    streams.endStream(stream!)
    expect(one.socket.closed).toEqual([CLOSE.over])
    expect(ada.socket.closed).toEqual([CLOSE.sessionEnded])
    expect(followers.has(stream!)).toBe(false)
    // Of a poll that waits, too.
    const begun = (await poll(LINK)) as { stream: string }
    const waiting = poll(LINK, { stream: begun.stream, after: 1 })
    streams.endStream([...followers].at(-1)!)
    expect(await waiting).toEqual({ closedWith: CLOSE.over })
  })
})

describe('a page by polls', () => {
  test('gets what is there at once, and waits for what is not', async () => {
    const { poll, change, streams } = world()
    const first = await poll()
    expect(first).toMatchObject({ n: 1, messages: ['<p>1</p><!--1-->'] })
    const { stream } = first as { stream: string }
    const waiting = poll(ADA, { stream, after: 1 })
    await Bun.sleep(0)
    expect(streams.figures()).toMatchObject({ polling: 1, away: 0 })
    change()
    expect(await waiting).toEqual({ stream, n: 2, messages: ['<p>2</p><!--2-->'] })
    // The answer was lost on its way.
    expect(await poll(ADA, { stream, after: 1 })).toEqual({ stream, n: 2, messages: ['<p>2</p><!--2-->'] })
    change()
    change()
    expect(await poll(ADA, { stream, after: 2 })).toEqual({ stream, n: 3, messages: ['<p>4</p><!--3-->'] })
    expect(streams.figures()).toMatchObject({ polling: 0, away: 1 })
  })

  test('is answered with nothing after a while', async () => {
    const { poll, clock } = world()
    const { stream } = (await poll()) as { stream: string }
    const waiting = poll(ADA, { stream, after: 1 })
    await Bun.sleep(0)
    clock.advance(POLL_WAIT_MS)
    expect(await waiting).toEqual({ stream, n: 1, messages: [] })
  })

  test('ends at once with its session, when the process leaves, and when whoever asked is gone', async () => {
    const { bus, poll, streams } = world()
    const { stream } = (await poll()) as { stream: string }
    const waiting = poll(ADA, { stream, after: 1 })
    await Bun.sleep(0)
    bus.publish({ type: 'session.ended', sessionId: 's1', identityId: ADA.identityId })
    expect(await waiting).toEqual({ closedWith: CLOSE.sessionEnded })

    const again = (await poll()) as { stream: string }
    const asker = new AbortController()
    const given = poll(ADA, { stream: again.stream, after: 1 }, asker.signal)
    await Bun.sleep(0)
    asker.abort()
    expect(await given).toMatchObject({ messages: [] })

    const last = poll(ADA, { stream: again.stream, after: 1 })
    await Bun.sleep(0)
    streams.endAll()
    expect(await last).toEqual({ closedWith: CLOSE.restart })
    expect(await poll()).toEqual({ closedWith: CLOSE.restart })
    expect(streams.figures()).toMatchObject({ open: 0, polling: 0, away: 0 })
  })

  test('goes on by socket where it was, and the other way round', async () => {
    const { poll, open, change } = world()
    const { stream } = (await poll()) as { stream: string }
    const waiting = poll(ADA, { stream, after: 1 })
    await Bun.sleep(0)
    const { socket, messages } = await open(ADA, { stream, after: 1 })
    expect(await waiting).toEqual({ stream, n: 1, messages: [] })
    change()
    expect(messages()).toEqual(['<p>2</p><!--2-->'])
    const back = poll(ADA, { stream, after: 2 })
    await Bun.sleep(0)
    expect(socket.closed).toEqual([CLOSE.moved])
    change()
    expect(await back).toEqual({ stream, n: 3, messages: ['<p>3</p><!--3-->'] })
  })
})
