/**
 * From the wire to the index: what a ping costs the server's processor, through the whole product, against a bare
 * Bun.serve that parses, stores and answers. By socket, ten pings a message as JSON and as frames, many messages on
 * their way at once; by POST one ping and ten. Each answer must say that every ping was taken.
 */
import { assert } from '../src/engine/units.ts'
import { writeFrame } from '../src/positions/frame.ts'
import type { Ping } from '../src/positions/shapes.ts'
import { frameOf, openRaw, type RawSocket } from './raw-socket.ts'
import { type Bench, IS_SMALL, median, medianRatio, type Report } from './run.ts'
import type { ReadyServer } from './wire-server.ts'

const DRIVERS = IS_SMALL ? 4 : 64
const ROUNDS = IS_SMALL ? 1 : 9
/** Until what runs over and over is compiled for good. */
const WARMING_ROUNDS = IS_SMALL ? 1 : 4
/**
 * Messages that a driver sends at once, and how often in a round, after the answer to the ones before. A round's are
 * many, so that what a server does every second besides weighs in each as much as it is counted off for.
 */
const STRIDE = IS_SMALL ? 4 : 32
const STRIDES = IS_SMALL ? 2 : 18
const REQUESTS = IS_SMALL ? 8 : 30_000
const REQUESTS_AT_ONCE = 16
const A_BATCH = 10
/** Pings of one driver are this far apart in time, so that a round's all are of the last few seconds. */
const APART_MS = 0.25
const IDLE_MS = IS_SMALL ? 50 : 3_000
/** Far enough back for a round's pings, near enough to move the car. */
const BACK_MS = 15_000

interface Measured {
  /** Microseconds of processor time a ping. */
  readonly cpuUs: number
  /** Answers that did not take every ping. */
  readonly wrong: number
}

interface Usage {
  readonly user: number
  readonly system: number
}

class Contestant {
  #waiting: ((message: unknown) => void)[] = []
  readonly #child: ReturnType<typeof Bun.spawn>
  #ready!: ReadyServer
  readonly #sockets: RawSocket[] = []
  /** By driver: the running number and time of the last ping. */
  readonly #seq: number[] = Array(DRIVERS).fill(0)
  readonly #lastMs: number[] = Array(DRIVERS).fill(0)
  /** What the server uses up by itself, with its ticks and its open sockets. */
  #idleUsAMs = 0

  constructor(readonly kind: 'product' | 'bare') {
    this.#child = Bun.spawn(
      [process.execPath, new URL('wire-server.ts', import.meta.url).pathname, kind, `${DRIVERS}`],
      {
        ipc: (message) => this.#waiting.shift()?.(message),
        stdout: 'ignore',
        stderr: 'inherit',
      },
    )
  }

  async start(): Promise<void> {
    this.#ready = await this.#next<ReadyServer>()
    assert(this.#ready.sessions.length === DRIVERS, 'there are as many drivers as asked for')
    if (this.kind === 'product') await this.#goOnline()
    for (const { cookie } of this.#ready.sessions)
      this.#sockets.push(await openRaw(this.#ready.port, '/live/driver?format=json', { cookie }))
    // What a page is shown first has come and gone.
    await Bun.sleep(300)
  }

  /** Learn what the server uses up by itself, each round anew: at first it compiles what it does over and over. */
  async beIdle(): Promise<void> {
    this.#idleUsAMs = 0
    this.#idleUsAMs = (await this.#cpu(() => Bun.sleep(IDLE_MS))) / IDLE_MS
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.close()
    this.#child.send('stop')
    await this.#child.exited
  }

  async socket(write: (pings: Ping[]) => string | Uint8Array<ArrayBuffer>): Promise<Measured> {
    const sent = this.#sockets.map((socket, driver) => ({
      socket,
      strides: Array.from({ length: STRIDES }, () => {
        const messages = Array.from({ length: STRIDE }, () => this.#pings(driver, A_BATCH))
        return {
          frames: Buffer.concat(messages.map((pings) => frameOf(write(pings)))),
          last: messages.at(-1)!,
        }
      }),
    }))
    let wrong = 0
    const cpuUs = await this.#cpu(async () => {
      const each = sent.map(async ({ socket, strides }) => {
        for (const { frames, last } of strides) {
          await new Promise<void>((resolve) => {
            socket.onText = (text) => {
              const ack = JSON.parse(text) as { type: string; seq?: number; pings?: unknown[] }
              // Drawings and heartbeats come on the same line, whenever they are due.
              if (ack.type !== 'ack' && ack.type !== 'refused') return
              if (ack.type === 'refused' || ack.pings?.length !== 0) wrong++
              if (ack.type === 'refused' || ack.seq === last.at(-1)!.seq) resolve()
            }
            socket.write(frames)
          })
        }
      })
      await Promise.all(each)
    })
    return { cpuUs: cpuUs / (DRIVERS * STRIDES * STRIDE * A_BATCH), wrong }
  }

  async post(batch: number): Promise<Measured> {
    const requests = Array.from({ length: REQUESTS }, (_, n) => {
      const driver = n % DRIVERS
      const pings = this.#pings(driver, batch)
      return { session: this.#ready.sessions[driver]!, body: JSON.stringify({ pings }), ack: ackOf(pings) }
    })
    let wrong = 0
    const lines = Math.min(REQUESTS_AT_ONCE, DRIVERS)
    const cpuUs = await this.#cpu(async () => {
      // A driver's requests are all on one line, so that they stay in order.
      const line = async (first: number) => {
        for (let n = first; n < requests.length; n += lines) {
          const { session, body, ack } = requests[n]!
          const answer = await this.#call('POST', '/api/v1/positions', session, body)
          if ((await answer.text()) !== ack) wrong++
        }
      }
      await Promise.all(Array.from({ length: lines }, (_, first) => line(first)))
    })
    return { cpuUs: cpuUs / (REQUESTS * batch), wrong }
  }

  async #goOnline(): Promise<void> {
    for (const session of this.#ready.sessions) {
      const seen = (await (await this.#call('GET', '/api/v1/driver', session)).json()) as {
        vehicles: { id: string }[]
      }
      const body = JSON.stringify({ vehicleId: seen.vehicles[0]!.id })
      const answer = await this.#call('POST', '/api/v1/driver/shift', session, body)
      assert(answer.ok, `a driver goes on shift: ${answer.status}`)
      await answer.text()
    }
  }

  #call(method: string, path: string, session: ReadyServer['sessions'][number], body?: string) {
    return fetch(`http://127.0.0.1:${this.#ready.port}${path}`, {
      method,
      headers: {
        ...{ cookie: session.cookie, 'x-csrf-token': session.csrf, accept: 'application/json' },
        ...(body && { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }),
      },
      ...(body && { body }),
    })
  }

  /** The next pings of a driver, who drives slowly north. */
  #pings(driver: number, count: number): Ping[] {
    const startMs = Math.max(Math.floor(Date.now()) - BACK_MS, this.#lastMs[driver]! + APART_MS)
    const pings = Array.from({ length: count }, (_, n) => {
      const seq = this.#seq[driver]! + n + 1
      return {
        seq: 1_700_000_000 + seq,
        at: startMs + n * APART_MS,
        lat: Math.round((40.72 + driver / 1000 + seq * 1e-7) * 1e7) / 1e7,
        lng: -73.985,
        ...{ accuracy: 6.5, speed: 8.25, heading: 12 },
      }
    })
    this.#seq[driver]! += count
    this.#lastMs[driver] = pings.at(-1)!.at
    return pings
  }

  /** Microseconds of the server's processor time, on all its threads, beyond what it takes when nothing comes. */
  async #cpu(work: () => Promise<void>): Promise<number> {
    // What a round before left behind is not this one's.
    await this.#ask('tidy')
    const before = await this.#ask('usage')
    const startedMs = performance.now()
    await work()
    const idleUs = (performance.now() - startedMs) * this.#idleUsAMs
    const after = await this.#ask('usage')
    return after.user + after.system - before.user - before.system - idleUs
  }

  #ask(what: 'tidy' | 'usage'): Promise<Usage> {
    this.#child.send(what)
    return this.#next<Usage>()
  }

  #next<T>(): Promise<T> {
    return new Promise<T>((resolve) => this.#waiting.push(resolve as (message: unknown) => void))
  }
}

function ackOf(pings: readonly Ping[]): string {
  return `{"type":"ack","seq":${pings.at(-1)!.seq},"refused":{},"pings":[]}`
}

const asText = (pings: Ping[]) => JSON.stringify({ type: 'pings', pings })
const asFrame = (pings: Ping[]) => writeFrame(pings)!

async function run(): Promise<Report> {
  const [product, bare] = [new Contestant('product'), new Contestant('bare')]
  const ways: Readonly<Record<string, () => Promise<Measured>>> = {
    'socket, 10 as JSON': () => product.socket(asText),
    'bare socket, 10 as JSON': () => bare.socket(asText),
    'socket, 10 in a frame': () => product.socket(asFrame),
    'bare socket, 10 in a frame': () => bare.socket(asFrame),
    'POST, 1': () => product.post(1),
    'bare POST, 1': () => bare.post(1),
    'POST, 10': () => product.post(A_BATCH),
  }
  const times: Record<string, number[]> = Object.fromEntries(Object.keys(ways).map((name) => [name, []]))
  let wrong = 0
  try {
    await Promise.all([product.start(), bare.start()])
    for (let round = 0; round < WARMING_ROUNDS + ROUNDS; round++) {
      await Promise.all([product.beIdle(), bare.beIdle()])
      for (const [name, way] of Object.entries(ways)) {
        const measured = await way()
        wrong += measured.wrong
        if (round >= WARMING_ROUNDS) times[name]!.push(measured.cpuUs)
      }
    }
  } finally {
    await Promise.all([product.stop(), bare.stop()])
  }
  const of = (name: string) => times[name]!
  return {
    figures: {
      ws_ingest_json10_vs_bare: medianRatio(of('bare socket, 10 as JSON'), of('socket, 10 as JSON')),
      ws_ingest_binary10_vs_json10: medianRatio(of('socket, 10 as JSON'), of('socket, 10 in a frame')),
      ws_ingest_binary10_vs_bare: medianRatio(of('bare socket, 10 in a frame'), of('socket, 10 in a frame')),
      http_batch10_cpu_per_ping_gain: medianRatio(of('POST, 1'), of('POST, 10')),
      http_ping_cpu_vs_bare: medianRatio(of('POST, 1'), of('bare POST, 1')),
    },
    table: Object.entries(times).map(([name, all]) => ({
      pings: name,
      'µs of CPU a ping': Number(median(all).toFixed(3)),
    })),
    wrong,
    skipped: [],
  }
}

export const bench: Bench = { name: 'wire', run }
