/**
 * From a car's move to every desk that looks on: the server's processor time for giving a board's messages to a thousand
 * more desks, against servers that do nothing else with the very same messages at the same pace, as many in a turn: Bun's
 * own publishing to a topic, and the `ws` package under Node. What is drawn is drawn once, for one desk as for all, and
 * is not counted; who hears what, and that a slow desk skips to the newest, is. The pace counts: sockets that were
 * written to a moment ago lie in the processor's caches, and cost half. The desks' end never sleeps meanwhile: to wake it
 * for a message would be the server's time, and the more of it the longer a server takes from one desk to the next;
 * across a network nobody is woken by who sends.
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
/** Of one person; no more pages of anybody are let in. */
const DESKS_A_PERSON = 10
const ROUNDS = IS_SMALL ? 1 : 5
const LASTS_MS = IS_SMALL ? 2_500 : 8_000
const PING_EVERY_MS = 1_000
/** Cars move every second, and a board looks as often; a busy machine leaves some out. */
const TURNS_LEAST = IS_SMALL ? 1 : LASTS_MS / 2_000
const BEAT = '{"type":"beat"}'

/** Messages that came less than this after one another were sent in one turn. */
const ONE_TURN_MS = 2

/** What the first desk got in one turn of the server's. */
interface Heard {
  readonly frames: (string | Buffer)[]
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
  /** Microseconds of its processor time that `work` takes. */
  async cpuUs(work: () => Promise<void>): Promise<number> {
    const before = await this.ask<Usage>('usage')
    await work()
    const after = await this.ask<Usage>('usage')
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
  /** What the first desk was sent. */
  heard: Heard[] = []
  #heardAtMs = 0
  delivered = 0
  #stopDriving = () => {}

  /** @param desks how many look on */
  async start(desks: number): Promise<void> {
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
    await this.#openDesks(desks)
  }

  async #openDesks(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      const { cookie } = this.#ready.desks[Math.floor(n / DESKS_A_PERSON)]!
      const desk = await openRaw(this.#ready.port, `/live/board?view=${VIEW}`, { cookie })
      let newest = 0
      const heard = (frame: string | Buffer) => {
        this.delivered++
        // As a page answers a heartbeat: with the number of its newest message; they go without a hole.
        if (frame === BEAT) desk.write(frameOf(`{"type":"here","n":${newest}}`))
        else if (isNumbered(frame) && !isHello(frame)) newest++
        if (n > 0) return
        const atMs = performance.now()
        const afterMs = atMs - this.#heardAtMs
        this.#heardAtMs = atMs
        if (afterMs < ONE_TURN_MS) this.heard.at(-1)?.frames.push(frame)
        else this.heard.push({ frames: [frame], afterMs })
      }
      desk.onText = heard
      desk.onBytes = heard
      this.#desks.push(desk)
    }
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
      // All over the view; to and fro, as far in a second as a car drives.
      const lat = 40.705 + (n % 15) / 200 + Math.abs((this.#seq % 120) - 60) * 1e-4
      const lng = -74.015 + Math.floor(n / 15) / 200
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

/** What is told to many at once bears no number of anybody's stream. */
function isNumbered(frame: string | Buffer): boolean {
  return typeof frame === 'string'
    ? /"n":\d+\}$|<!--\d+-->$/.test(frame.slice(-30))
    : frame.readUInt32LE(4) > 0
}

/** Which stream this is, and up to where. */
function isHello(frame: string | Buffer): boolean {
  return typeof frame === 'string' && frame.startsWith('{"type":"stream"')
}

/** A peer with as many desks. */
async function openPeer(command: string[]) {
  const server = new Server([...command, here('fanout-peer.mjs')])
  const { port } = await server.next<{ port: number }>()
  let delivered = 0
  const desks: RawSocket[] = []
  for (let n = 0; n < DESKS; n++) {
    const desk = await openRaw(port, '/', {})
    desk.onText = () => void delivered++
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
            frames: frames.map((frame) =>
              typeof frame === 'string' ? { text: frame } : { base64: frame.toString('base64') },
            ),
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
  // What the cars and their drawing cost, the one with a single desk pays as well.
  const [one, many] = [new Product(), new Product()]
  const times = { product: [] as number[], publish: [] as number[], ws: [] as number[] }
  let [sizes, inATurn, wrong] = [[] as number[], 0, 0]
  const peers: Awaited<ReturnType<typeof openPeer>>[] = []
  const sleep = stayAwake()
  try {
    await one.start(1)
    await many.start(DESKS)
    const publish = await openPeer([process.execPath])
    peers.push(publish)
    const ws = node === null ? null : await openPeer([node])
    if (ws !== null) peers.push(ws)
    for (let round = 0; round <= ROUNDS; round++) {
      const oneUs = await one.drive()
      const manyUs = await many.drive()
      const { delivered } = many
      // The desks are open still, and hear more.
      const turns = [...many.heard]
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
      times.product.push((manyUs - oneUs) / (delivered - one.delivered))
      times.publish.push(publishUs)
      if (wsUs !== null) times.ws.push(wsUs)
    }
  } finally {
    sleep()
    await one.stop()
    await many.stop()
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
