/**
 * From a car's move to every desk that looks on: the processor time of the thread that serves, for telling a thousand desks what
 * moves, against servers that do nothing else with the very same messages at the same pace, as many in a turn: Bun's own
 * publishing to a topic, and the `ws` package under Node. The base is the same server with as many desks open whose map
 * looks elsewhere: they have their heartbeats, are asked whether they are slow, and hear of the queue, which an open
 * desk costs whether cars move or not; drawing what moved is not in it, and so is counted. The pace counts: sockets that
 * were written to a moment ago lie in the processor's caches, and cost half. The desks' end never sleeps meanwhile: to
 * wake it for a message would be the server's time, and the more of it the longer a server takes from one desk to the
 * next; across a network nobody is woken by who sends. Other threads (they compile and collect garbage, for what the
 * base does too) would only make it noisy: a thousand desks wait for the one that serves them all.
 */
import { assert } from '../src/engine/units.ts'
import { writeFrame } from '../src/positions/frame.ts'
import { frameOf, openRaw, type RawSocket } from './raw-socket.ts'
import { type Bench, IS_SMALL, median, medianRatio, type Report } from './run.ts'
import type { ReadyServer } from './wire-server.ts'

const DRIVERS = IS_SMALL ? 10 : 200
const DESKS = IS_SMALL ? 20 : 1_200
/** Where the drivers are, at a zoom that shows single cars. */
const VIEW = '40.7,-74.02,40.78,-73.94,13'
/** Where nobody drives. */
const ELSEWHERE = '30.7,-64.02,30.78,-63.94,13'
/** Of one person; no more pages of anybody are let in. */
const DESKS_A_PERSON = 10
const ROUNDS = IS_SMALL ? 1 : 9
/** Until what runs over and over is compiled for good. */
const WARMING_MS = IS_SMALL ? 0 : 45_000
const LASTS_MS = IS_SMALL ? 2_500 : 8_000
const PING_EVERY_MS = 1_000
/** Cars move every second, and a board looks as often; a busy machine leaves some out. */
const TURNS_LEAST = IS_SMALL ? 1 : LASTS_MS / 2_000
const BEAT = '{"type":"beat"}'

/** Messages that came less than this after one another were sent in one turn. */
const ONE_TURN_MS = 2

/** What the first desk got in one turn of the server's. */
interface Heard {
  readonly frames: Buffer[]
  /** Since the turn before it. */
  readonly afterMs: number
}

interface Usage {
  readonly user: number
  readonly system: number
}

/** A server in a process of its own, which answers each message to it with one. */
class Server {
  #waiting: ((message: unknown) => void)[] = []
  /** That nobody has waited for yet: that it is ready. */
  #came: unknown[] = []
  readonly #child: ReturnType<typeof Bun.spawn>
  constructor(command: string[]) {
    this.#child = Bun.spawn(command, {
      ipc: (message) => {
        const waiting = this.#waiting.shift()
        if (waiting === undefined) this.#came.push(message)
        else waiting(message)
      },
      serialization: 'json',
      stdout: 'ignore',
      stderr: 'inherit',
    })
  }
  async next<T>(): Promise<T> {
    if (this.#came.length > 0) return this.#came.shift() as T
    return new Promise<T>((resolve) => this.#waiting.push(resolve as (message: unknown) => void))
  }
  ask<T>(message: unknown): Promise<T> {
    this.#child.send(message)
    return this.next<T>()
  }
  /** Microseconds of processor time, of the thread that serves, that `work` takes. */
  async cpuUs(work: () => Promise<void>): Promise<number> {
    const before = await this.ask<Usage>('serving')
    await work()
    const after = await this.ask<Usage>('serving')
    return after.user + after.system - before.user - before.system
  }
  async stop(): Promise<void> {
    this.#child.send('stop')
    await this.#child.exited
  }
}

const here = (name: string) => new URL(name, import.meta.url).pathname

class Product {
  readonly #server = new Server([
    ...[process.execPath, here('wire-server.ts'), 'product', `${DRIVERS}`, '0', `${DESKS / DESKS_A_PERSON}`],
  ])
  #ready!: ReadyServer
  #drivers: RawSocket[] = []
  #desks: RawSocket[] = []
  #seq = 1_700_000_000
  /** What the first desk was sent of the cars. */
  heard: Heard[] = []
  #heardAtMs = 0
  /** Messages of the cars, to all desks. */
  delivered = 0
  #stopDriving = () => {}

  /** @param view of all its desks */
  async start(view: string): Promise<void> {
    this.#ready = await this.#server.next<ReadyServer>()
    for (const session of this.#ready.sessions) {
      const seen = (await (await this.#call('GET', '/api/v1/driver', session)).json()) as {
        vehicles: { id: string }[]
      }
      const body = JSON.stringify({ vehicleId: seen.vehicles[0]!.id })
      const answer = await this.#call('POST', '/api/v1/driver/shift', session, body)
      assert(answer.ok, `a driver goes on shift: ${answer.status}`)
      const { cookie } = session
      this.#drivers.push(await openRaw(this.#ready.port, '/live/driver?format=json', { cookie }))
    }
    const timer = setInterval(() => this.#drive(), PING_EVERY_MS)
    this.#stopDriving = () => clearInterval(timer)
    await this.#openDesks(view)
  }

  async #openDesks(view: string): Promise<void> {
    for (let n = 0; n < DESKS; n++) {
      const { cookie } = this.#ready.desks[Math.floor(n / DESKS_A_PERSON)]!
      const desk = await openRaw(this.#ready.port, `/live/board?view=${view}`, { cookie })
      let newest = 0
      desk.onText = (text) => {
        // As a page answers a heartbeat: with the number of its newest message; they go without a hole.
        if (text === BEAT) desk.write(frameOf(`{"type":"here","n":${newest}}`))
        else if (isNumbered(text)) newest++
      }
      desk.onBytes = (frame) => {
        this.delivered++
        if (frame.readUInt32LE(4) > 0) newest++
        if (n === 0) this.#note(frame)
      }
      this.#desks.push(desk)
    }
  }

  #note(frame: Buffer): void {
    const atMs = performance.now()
    const afterMs = atMs - this.#heardAtMs
    this.#heardAtMs = atMs
    if (afterMs < ONE_TURN_MS) this.heard.at(-1)?.frames.push(frame)
    else this.heard.push({ frames: [frame], afterMs })
  }

  /** Processor time of a while of driving, with whoever looks on. */
  drive(): Promise<number> {
    this.heard = []
    this.#heardAtMs = performance.now()
    this.delivered = 0
    return this.#server.cpuUs(() => Bun.sleep(LASTS_MS))
  }

  async stop(): Promise<void> {
    this.#stopDriving()
    for (const socket of [...this.#drivers, ...this.#desks]) socket.close()
    await this.#server.stop()
  }

  #drive(): void {
    this.#seq++
    for (const [n, socket] of this.#drivers.entries()) {
      // All over the view, and past the ranks; to and fro, as far in a second as a car drives.
      const lat = 40.702 + (n % 20) * 0.0035 + Math.abs((this.#seq % 120) - 60) * 1e-4
      const lng = -74.0118 + Math.floor(n / 20) * 0.0075
      const ping = { seq: this.#seq, at: Math.floor(Date.now()), lat, lng, accuracy: 6, speed: 10 }
      socket.write(frameOf(writeFrame([ping])!))
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
}

/** What is told to many at once bears no number of anybody's stream, nor does the message that says which stream it is. */
function isNumbered(text: string): boolean {
  return !text.startsWith('{"type":"stream"') && /"n":\d+\}$|<!--\d+-->$/.test(text.slice(-30))
}

/** A peer with as many desks. */
async function openPeer(command: string[]) {
  const server = new Server([...command, here('fanout-peer.mjs')])
  const { port } = await server.next<{ port: number }>()
  let delivered = 0
  const desks: RawSocket[] = []
  for (let n = 0; n < DESKS; n++) {
    const desk = await openRaw(port, '/', {})
    desk.onBytes = () => void delivered++
    desks.push(desk)
  }
  return {
    /** @returns microseconds of processor time for each message delivered */
    async give(turns: readonly Heard[]): Promise<number> {
      const before = delivered
      const due = turns.reduce((sum, { frames }) => sum + frames.length, 0) * DESKS
      const cpuUs = await server.cpuUs(async () => {
        for (const { frames, afterMs } of turns) {
          await Bun.sleep(afterMs)
          await server.ask({
            frames: frames.map((frame) => frame.toString('base64')),
          })
        }
        while (delivered - before < due) await Bun.sleep(1)
      })
      return cpuUs / due
    },
    async stop() {
      for (const desk of desks) desk.close()
      await server.stop()
    },
  }
}

/** @returns ends it */
function stayAwake(): () => void {
  let isAwake = true
  const turn = () => void (isAwake && setImmediate(turn))
  turn()
  return () => {
    isAwake = false
  }
}

async function run(): Promise<Report> {
  const node = Bun.which('node')
  const [elsewhere, looking] = [new Product(), new Product()]
  const times = { product: [] as number[], publish: [] as number[], ws: [] as number[] }
  let [sizes, inATurn, wrong] = [[] as number[], 0, 0]
  const peers: Awaited<ReturnType<typeof openPeer>>[] = []
  const sleep = stayAwake()
  try {
    await elsewhere.start(ELSEWHERE)
    await looking.start(VIEW)
    const publish = await openPeer([process.execPath])
    peers.push(publish)
    const ws = node === null ? null : await openPeer([node])
    if (ws !== null) peers.push(ws)
    await Bun.sleep(WARMING_MS)
    for (let round = 0; round <= ROUNDS; round++) {
      // In the same while: what the machine does besides, both pay.
      const [baseUs, us] = await Promise.all([elsewhere.drive(), looking.drive()])
      const { delivered } = looking
      // The desks are open still, and hear more.
      const turns = [...looking.heard]
      const frames = turns.flatMap((turn) => turn.frames)
      const most = Math.max(0, ...turns.map((turn) => turn.frames.length))
      if (Math.abs(delivered - frames.length * DESKS) > 2 * most * DESKS || turns.length < TURNS_LEAST)
        wrong++
      const publishUs = await publish.give(turns)
      const wsUs = ws === null ? null : await ws.give(turns)
      // The first round warms up.
      if (round === 0) continue
      sizes = frames.map((frame) => frame.length)
      inATurn = frames.length / turns.length
      times.product.push((us - baseUs) / delivered)
      times.publish.push(publishUs)
      if (wsUs !== null) times.ws.push(wsUs)
    }
  } finally {
    sleep()
    await elsewhere.stop()
    await looking.stop()
    for (const peer of peers) await peer.stop()
  }
  return {
    figures: {
      ws_fanout_vs_bare: medianRatio(times.publish, times.product),
      ...(node === null ? {} : { ws_fanout_vs_ws: medianRatio(times.ws, times.product) }),
    },
    table: Object.entries(times).map(([server, all]) => ({
      server,
      'µs of CPU a message': Number(median(all).toFixed(2)),
      'messages in a turn': Number(inATurn.toFixed(1)),
      'bytes of a message': Math.round(sizes.reduce((sum, size) => sum + size, 0) / sizes.length),
    })),
    wrong,
    skipped: node === null ? ['ws under Node'] : [],
  }
}

export const bench: Bench = { name: 'fanout', run }
