/** The page's line on a network, a server and a clock that the test moves by hand. */
import { describe, expect, test } from 'bun:test'
import '../../public/line.js'

type Message = string | Record<string, unknown> | ArrayBuffer

/** Waits of the line, in ms, are between half and one and a half of this at first. */
const FIRST_WAIT_MS = 500

function network({ fraction = 0.5 } = {}) {
  let nowMs = 1_000
  const timers = new Set<{ atMs: number; call: () => void }>()
  const sockets: FakeSocket[] = []
  const polls: { path: string; answer: (response: unknown, status?: number) => void; fail: () => void }[] = []
  const heard: Message[] = []
  const states: string[] = []
  /** What the page looks at, where it looks at a part of its subject. */
  const looking: { at: string | null; fits: boolean } = { at: null, fits: true }
  let begun = 0

  class FakeSocket {
    readyState = 0
    binaryType = ''
    readonly sent: string[] = []
    isClosed = false
    readonly listeners: Record<string, ((event: never) => void)[]> = {}
    constructor(readonly path: string) {
      sockets.push(this)
    }
    addEventListener(type: string, listener: (event: never) => void) {
      const of = this.listeners[type] ?? []
      this.listeners[type] = [...of, listener]
    }
    send(text: string) {
      this.sent.push(text)
    }
    close() {
      this.isClosed = true
    }
    say(message: unknown) {
      this.readyState = 1
      const isJson = typeof message === 'object' && !(message instanceof ArrayBuffer)
      const data = isJson ? JSON.stringify(message) : message
      for (const listener of this.listeners.message ?? []) listener({ data } as never)
    }
    end(code: number) {
      this.readyState = 3
      for (const listener of this.listeners.close ?? []) listener({ code } as never)
    }
  }

  const line = HoneycabLine.openLine({
    path: '/live/driver',
    makeSocket: (path) => new FakeSocket(path) as unknown as WebSocket,
    fetch: (path, { signal }) =>
      new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('aborted')))
        polls.push({
          path,
          answer: (body, status = 200) =>
            resolve({ ok: status < 300, status, json: async () => body } as Response),
          fail: () => reject(new Error('no network')),
        })
      }),
    clock: {
      nowMs: () => nowMs,
      after(ms, call) {
        const timer = { atMs: nowMs + ms, call }
        timers.add(timer)
        return () => timers.delete(timer)
      },
    },
    fraction: () => fraction,
    onMessage(message) {
      heard.push(message)
      return looking.fits
    },
    view: () => looking.at,
    onBegin: () => void begun++,
    onState: ({ live, final }) => void states.push(live ? 'live' : final ? 'over' : 'down'),
  })

  /** Move on, firing what falls due in order, and let answers be read. */
  async function pass(ms: number) {
    const untilMs = nowMs + ms
    for (;;) {
      const due = [...timers].filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0]
      if (due === undefined) break
      timers.delete(due)
      nowMs = Math.max(nowMs, due.atMs)
      due.call()
      await settle()
    }
    nowMs = untilMs
    await settle()
  }
  async function settle() {
    for (let turns = 0; turns < 8; turns++) await Promise.resolve()
  }
  return {
    ...{ line, sockets, polls, heard, states, pass, settle, looking },
    begun: () => begun,
    last: () => sockets.at(-1)!,
    hello: (n = 0, stream = 'one') => sockets.at(-1)!.say({ type: 'stream', stream, n, beatMs: 10_000 }),
  }
}

describe('a line by socket', () => {
  test('is live when the server has spoken, and hands on what it says', () => {
    const { last, hello, heard, states } = network()
    expect(states).toEqual([])
    hello()
    expect(states).toEqual(['live'])
    last().say('<p>hello</p><!--1-->')
    last().say({ type: 'car', lat: 1, n: 2 })
    last().say({ type: 'ack', seq: 7 })
    expect(heard).toEqual(['<p>hello</p><!--1-->', { type: 'car', lat: 1, n: 2 }, { type: 'ack', seq: 7 }])
  })

  test('comes back after a random, growing time, saying what it has', async () => {
    const { last, hello, sockets, states, pass } = network()
    hello()
    last().say('<p></p><!--1-->')
    last().end(1006)
    expect(states).toEqual(['live', 'down'])
    await pass(FIRST_WAIT_MS - 1)
    expect(sockets).toHaveLength(1)
    await pass(1)
    expect(last().path).toBe('/live/driver?stream=one&after=1')
    hello(1)
    expect(states.at(-1)).toBe('live')
  })

  test.each([
    [0, 0.5],
    [0.5, 1],
    [1, 1.5],
  ])('with chance %d each wait is %d of one that doubles, up to half a minute', async (fraction, share) => {
    const { last, sockets, polls, pass } = network({ fraction })
    const tries = () => sockets.length + polls.length
    for (const longestMs of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      if (polls.length > 0) polls.at(-1)!.fail()
      else last().end(1006)
      await pass(0)
      const before = tries()
      await pass(longestMs * share - 1)
      expect(tries()).toBe(before)
      await pass(1)
      expect(tries()).toBe(before + 1)
    }
  })

  test('what came before is not taken twice, and where something is missing all of it comes anew', async () => {
    const { last, hello, heard, states, pass } = network()
    hello()
    last().say({ type: 'car', n: 1 })
    last().say({ type: 'car', n: 1 })
    last().say({ type: 'car', n: 2 })
    expect(heard).toHaveLength(2)
    last().say({ type: 'car', n: 4 })
    expect(heard).toHaveLength(2)
    expect(states.at(-1)).toBe('down')
    await pass(FIRST_WAIT_MS)
    expect(last().path).toBe('/live/driver')
    hello(0, 'two')
    last().say({ type: 'car', n: 1 })
    expect(heard).toHaveLength(3)
  })

  test('what an old socket says late is not heard', async () => {
    const { last, hello, heard, line, pass } = network()
    hello()
    const old = last()
    line.cut()
    await pass(FIRST_WAIT_MS)
    hello()
    old.say('<p>old</p><!--1-->')
    expect(heard).toEqual([])
    last().say('<p>new</p><!--1-->')
    expect(heard).toEqual(['<p>new</p><!--1-->'])
  })

  test('answers each beat with what it has, and so does who got much', () => {
    const { last, hello } = network()
    hello()
    last().say({ type: 'car', n: 1 })
    last().say({ type: 'beat' })
    expect(last().sent).toEqual(['{"type":"here","n":1}'])
    last().say(`<p>${'x'.repeat(20_000)}</p><!--2-->`)
    expect(last().sent.at(-1)).toBe('{"type":"here","n":2}')
  })

  test('notices a line that is dead without a word within three beats, and not one that only has little to say', async () => {
    const { last, hello, sockets, states, pass } = network()
    hello()
    for (let beats = 0; beats < 6; beats++) {
      await pass(10_000)
      last().say({ type: 'beat' })
    }
    expect(states).toEqual(['live'])
    await pass(30_000)
    expect(states.slice(0, 2)).toEqual(['live', 'down'])
    expect(sockets[0]!.isClosed).toBe(true)
    expect(sockets.length).toBeGreaterThan(1)
  })

  test('a page that slept looks once more before it gives its line up', async () => {
    const { last, hello, line, states, pass } = network()
    hello()
    // Suspected by the first timer that runs, and heard before the next.
    await pass(20_001)
    last().say({ type: 'beat' })
    line.look()
    await pass(9_000)
    expect(states).toEqual(['live'])
  })

  test.each([1008, 4401, 4429])('%i is final', async (code) => {
    const { last, hello, sockets, states, pass } = network()
    hello()
    last().end(code)
    expect(states).toEqual(['live', 'over'])
    await pass(600_000)
    expect(sockets).toHaveLength(1)
  })

  test('sends only while it is live', () => {
    const { last, hello, line } = network()
    expect(line.send('x')).toBe(false)
    hello()
    expect(line.send('x')).toBe(true)
    line.cut()
    expect(line.send('x')).toBe(false)
    expect(last().sent).toEqual(['x'])
  })

  test('when the network is back it does not wait', async () => {
    const { hello, line, sockets, pass } = network()
    hello()
    for (let times = 0; times < 3; times++) {
      line.cut()
      await pass(60_000)
    }
    const before = sockets.length
    line.cut()
    line.now()
    expect(sockets.length).toBe(before + 1)
  })
})

/** A binary message with this number. */
function frame(n: number): ArrayBuffer {
  const bytes = new Uint8Array([0x48, 0x43, 1, 2, 0, 0, 0, 0, 7])
  new DataView(bytes.buffer).setUint32(4, n, true)
  return bytes.buffer
}

describe('binary messages', () => {
  test('are counted with the others, and one that is missing begins anew', async () => {
    const { last, hello, heard, sockets, states, pass } = network()
    hello()
    last().say('<p></p><!--1-->')
    last().say(frame(2))
    last().say(frame(2))
    expect(heard).toEqual(['<p></p><!--1-->', frame(2)])
    last().say({ type: 'beat' })
    expect(last().sent).toEqual(['{"type":"here","n":2}'])
    last().say(frame(4))
    expect(heard).toHaveLength(2)
    expect(states.at(-1)).toBe('down')
    await pass(FIRST_WAIT_MS * 2)
    expect(sockets.at(-1)!.path).toBe('/live/driver')
  })

  test('that are told to many bear no number; one that does not fit to what came before begins anew', async () => {
    const { last, hello, heard, looking, sockets, pass } = network()
    hello()
    last().say(frame(1))
    last().say(frame(0))
    last().say(frame(0))
    last().say(frame(2))
    last().say({ type: 'beat' })
    expect(heard).toHaveLength(4)
    expect(last().sent).toEqual(['{"type":"here","n":2}'])
    looking.fits = false
    last().say(frame(0))
    await pass(FIRST_WAIT_MS * 2)
    expect(sockets.map(({ path }) => path)).toEqual(['/live/driver', '/live/driver'])
  })

  test('come in the answer to a poll, too', async () => {
    const { last, heard, polls, pass, settle } = network()
    last().end(1006)
    await pass(FIRST_WAIT_MS * 3)
    last().end(1006)
    await pass(FIRST_WAIT_MS * 6)
    const base64 = new Uint8Array(frame(1)).toBase64()
    polls[0]!.answer({ stream: 'one', n: 1, messages: [`base64,${base64}`] })
    await settle()
    expect(heard).toEqual([frame(1)])
  })
})

describe('what is looked at', () => {
  test('is said in the address, when it becomes known, when it changes, and once', async () => {
    const { line, looking, last, hello, pass } = network()
    expect(last().path).toBe('/live/driver')
    looking.at = '1,2,3,4,5'
    line.viewed()
    expect(last().sent).toEqual([])
    hello()
    expect(last().sent).toEqual(['{"type":"view","view":"1,2,3,4,5"}'])
    line.viewed()
    looking.at = '1,2,3,4,6'
    line.viewed()
    expect(last().sent.slice(1)).toEqual(['{"type":"view","view":"1,2,3,4,6"}'])
    last().end(1006)
    await pass(FIRST_WAIT_MS * 2)
    expect(last().path).toBe('/live/driver?stream=one&after=0&view=1%2C2%2C3%2C4%2C6')
    hello()
    expect(last().sent).toEqual([])
  })

  test('is asked for at once by who polls', async () => {
    const { line, looking, last, polls, states, pass, settle } = network()
    last().end(1006)
    await pass(FIRST_WAIT_MS * 3)
    last().end(1006)
    await pass(FIRST_WAIT_MS * 6)
    polls[0]!.answer({ stream: 'one', n: 1, messages: ['<p></p><!--1-->'] })
    await settle()
    last().end(1006)
    await settle()
    const before = polls.length
    looking.at = '1,2,3,4,5'
    line.viewed()
    await settle()
    expect(polls.slice(before).map(({ path }) => path)).toEqual([
      '/live/driver?stream=one&after=1&view=1%2C2%2C3%2C4%2C5',
    ])
    expect(states.at(-1)).toBe('live')
  })

  test('a new stream is told from one that goes on', async () => {
    const { last, hello, begun, pass } = network()
    hello()
    expect(begun()).toBe(1)
    last().end(1006)
    await pass(FIRST_WAIT_MS * 2)
    hello(0)
    expect(begun()).toBe(1)
    last().end(1006)
    await pass(FIRST_WAIT_MS * 4)
    hello(0, 'two')
    expect(begun()).toBe(2)
  })
})

describe('a line where sockets do not get through', () => {
  /** Sockets say nothing, one more when a poll was answered; from then on it is asked. */
  async function blocked() {
    const world = network()
    world.last().end(1006)
    await world.pass(FIRST_WAIT_MS * 3)
    world.last().end(1006)
    await world.pass(FIRST_WAIT_MS * 6)
    expect(world.polls.map(({ path }) => path)).toEqual(['/live/driver'])
    world.polls[0]!.answer({ stream: 'one', n: 2, messages: ['<p></p><!--1-->', '{"type":"driver","n":2}'] })
    await world.settle()
    expect(world.last().path).toBe('/live/driver?stream=one&after=2')
    world.last().end(1006)
    await world.settle()
    expect(world.sockets).toHaveLength(3)
    return world
  }

  test('is one poll after the other, with the same numbers', async () => {
    const { polls, heard, states, settle } = await blocked()
    expect(states).toEqual(['down', 'down', 'live'])
    expect(heard).toEqual(['<p></p><!--1-->', { type: 'driver', n: 2 }])
    expect(polls[1]!.path).toBe('/live/driver?stream=one&after=2')
    polls[1]!.answer({ stream: 'one', n: 2, messages: [] })
    await settle()
    polls[2]!.answer({ stream: 'one', n: 3, messages: ['<p>3</p><!--3-->'] })
    await settle()
    expect(polls[3]!.path).toEndWith('after=3')
    // A server that was started again.
    polls[3]!.answer({ stream: 'two', n: 1, messages: ['<p>new</p><!--1-->'] })
    await settle()
    expect(heard.at(-1)).toBe('<p>new</p><!--1-->')
    expect(polls[4]!.path).toEndWith('stream=two&after=1')
  })

  test('a server that was away is found again by socket', async () => {
    const { last, hello, sockets, polls, states, settle, pass } = network()
    hello()
    last().end(1006)
    for (let tries = 0; polls.length < 2 && tries < 20; tries++) {
      if (polls.length > 0) polls.at(-1)!.fail()
      else last().end(1006)
      await settle()
      await pass(30_000)
    }
    const before = sockets.length
    polls.at(-1)!.answer({ stream: 'two', n: 0, messages: [] })
    await settle()
    expect(sockets.length).toBe(before + 1)
    hello(0, 'two')
    expect(states.at(-1)).toBe('live')
  })

  test('a socket that opens and never says a word is one that does not get through', async () => {
    const world = network()
    await world.pass(60_000)
    expect(world.sockets.length).toBe(2)
    expect(world.sockets.every(({ isClosed }) => isClosed)).toBe(true)
    expect(world.polls).not.toEqual([])
    expect(world.states).not.toContain('live')
  })

  test('says so while nothing comes, and goes on where it was', async () => {
    const { polls, states, settle, pass } = await blocked()
    polls[1]!.fail()
    await settle()
    expect(states.at(-1)).toBe('down')
    await pass(FIRST_WAIT_MS * 2)
    expect(polls[2]!.path).toEndWith('stream=one&after=2')
    polls[2]!.answer({}, 503)
    await settle()
    await pass(FIRST_WAIT_MS * 4)
    // An answer that never comes is not waited for.
    await pass(31_000)
    expect(states.at(-1)).toBe('down')
    polls.at(-1)!.answer({ stream: 'one', n: 2, messages: [] })
    await settle()
    expect(states.at(-1)).toBe('live')
  })

  test.each([401, 403, 404])('%i is final', async (status) => {
    const { polls, states, settle, pass } = await blocked()
    polls[1]!.answer({}, status)
    await settle()
    expect(states.at(-1)).toBe('over')
    await pass(600_000)
    expect(polls).toHaveLength(2)
  })

  test('tries a socket again after a while, and goes on by it where it was', async () => {
    const { polls, sockets, states, hello, last, settle, pass } = await blocked()
    for (let turn = 0; sockets.length === 3 && turn < 20; turn++) {
      await pass(10_000)
      polls.at(-1)!.answer({ stream: 'one', n: 2, messages: [] })
      await settle()
    }
    expect(last().path).toBe('/live/driver?stream=one&after=2')
    const asked = polls.length
    hello(2)
    await pass(9_000)
    expect(polls).toHaveLength(asked)
    expect(states.at(-1)).toBe('live')
    expect(states.filter((state) => state !== 'live').length).toBe(2)
  })

  test('a socket that still does not get through costs nothing', async () => {
    const { polls, sockets, states, last, settle, pass } = await blocked()
    for (let turn = 0; sockets.length === 3 && turn < 20; turn++) {
      await pass(10_000)
      polls.at(-1)!.answer({ stream: 'one', n: 2, messages: [] })
      await settle()
    }
    const asked = polls.length
    last().end(1006)
    await settle()
    expect(polls).toHaveLength(asked + 1)
    expect(states.at(-1)).toBe('live')
  })
})
