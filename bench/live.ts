/**
 * A working day at once: two thousand drivers who tell where they are every two seconds, twenty people a second who ask
 * for a ride, drivers who accept, and riders who watch their car come. How long it takes from a driver's ping to the
 * answer and to the rider's screen, and from asking to a driver's being asked. All of it through the sockets and calls
 * that pages and programs use; the server is the whole product on a throwaway database, in a process of its own.
 */
import { writeFrame } from '../src/positions/frame.ts'
import { frameOf, openRaw, type RawSocket } from './raw-socket.ts'
import { type Bench, IS_SMALL, type Report } from './run.ts'
import type { LiveFigures, ReadyServer } from './wire-server.ts'

const DRIVERS = IS_SMALL ? 40 : 2_000
const PING_EVERY_MS = 2_000
const REQUESTS_A_SECOND = IS_SMALL ? 4 : 20
const LASTS_S = IS_SMALL ? 3 : 40
const WARM_UP_S = IS_SMALL ? 1 : 6
const RIDERS = REQUESTS_A_SECOND * LASTS_S
/** Pages that are open at once; each of them watches the ride it asked for. */
const WATCHED = Math.min(RIDERS, 400)
const AT_ONCE = 16
/** What riders do not hear of within this is lost, not late. */
const SETTLE_MS = 4_000
/** Manhattan's lower half, where the demo's cars are. */
const AREA = { south: 40.71, west: -74.008, height: 0.05, width: 0.03 }
const MIDDLE = AREA.south + AREA.height / 2

type Session = ReadyServer['sessions'][number]

interface Driver {
  readonly socket: RawSocket
  readonly session: Session
  lat: number
  lng: number
  seq: number
  readonly sentAtMs: Map<number, number>
}

class Day {
  readonly ackMs: number[] = []
  readonly screenMs: number[] = []
  readonly offerMs: number[] = []
  /** What was answered otherwise than it should be. */
  readonly wrong: string[] = []
  watched = 0
  #drivers: Driver[] = []
  readonly #askedAtMs = new Map<string, number>()
  readonly #accepted = new Set<string>()
  /** When a position was sent, by its latitude and longitude: a rider's page is told no more of it. */
  readonly #sentAtMs = new Map<string, number>()
  readonly #riders: RawSocket[] = []

  constructor(readonly ready: ReadyServer) {}

  async goOnline(): Promise<void> {
    await inTurns(this.ready.sessions, async (session) => {
      const seen = (await this.#call('GET', '/api/v1/driver', session)) as { vehicles: { id: string }[] }
      await this.#call('POST', '/api/v1/driver/shift', session, { vehicleId: seen.vehicles[0]!.id })
    })
    await inTurns(this.ready.sessions, async (session) => {
      const socket = await openRaw(this.ready.port, '/live/driver?format=json', { cookie: session.cookie })
      const driver: Driver = {
        ...{ socket, session, seq: 1_700_000_000, sentAtMs: new Map() },
        lat: AREA.south + Math.random() * AREA.height,
        lng: AREA.west + Math.random() * AREA.width,
      }
      socket.onText = (text) => this.#heard(driver, text)
      this.#drivers.push(driver)
    })
  }

  /** Each driver in turn, spread over the two seconds. @returns how to stop */
  drive(): () => void {
    let next = 0
    let sent = 0
    const startedMs = performance.now()
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - startedMs) / PING_EVERY_MS) * this.#drivers.length)
      for (; sent < due; sent++) this.#ping(this.#drivers[next++ % this.#drivers.length]!)
    }, 5)
    return () => clearInterval(timer)
  }

  async ask(): Promise<void> {
    const asking: Promise<void>[] = []
    const startedMs = performance.now()
    for (const [n, rider] of this.ready.riders.entries()) {
      await Bun.sleep(Math.max(0, startedMs + (n * 1_000) / REQUESTS_A_SECOND - performance.now()))
      asking.push(
        this.#askRide(rider, n < WATCHED).catch((error: unknown) => void this.wrong.push(String(error))),
      )
    }
    await Promise.all(asking)
  }

  stop(): void {
    for (const { socket } of this.#drivers) socket.close()
    for (const socket of this.#riders) socket.close()
  }

  #ping(driver: Driver): void {
    // About ten metres a second, north or south.
    driver.lat = round(driver.lat + (driver.seq % 120 < 60 ? 1 : -1) * 18e-5)
    driver.lng = round(driver.lng)
    driver.seq++
    const nowMs = performance.now()
    driver.sentAtMs.set(driver.seq, nowMs)
    this.#sentAtMs.set(placeKey(driver), nowMs)
    const { seq, lat, lng } = driver
    const ping = { seq, at: Math.floor(Date.now()), lat, lng, accuracy: 6, speed: 10, heading: 0 }
    driver.socket.write(frameOf(writeFrame([ping])!))
  }

  #heard(driver: Driver, text: string): void {
    const nowMs = performance.now()
    const message = JSON.parse(text) as {
      type: string
      seq?: number
      offer?: { id: string; rideId: string } | null
    }
    if (message.type === 'ack') {
      const sentAtMs = driver.sentAtMs.get(message.seq!)
      if (sentAtMs !== undefined) this.ackMs.push(nowMs - sentAtMs)
      driver.sentAtMs.clear()
    } else if (message.type === 'refused') this.wrong.push(text)
    const offer = message.offer
    if (offer == null || this.#accepted.has(offer.id)) return
    this.#accepted.add(offer.id)
    const askedAtMs = this.#askedAtMs.get(offer.rideId)
    if (askedAtMs !== undefined) this.offerMs.push(nowMs - askedAtMs)
    this.#askedAtMs.delete(offer.rideId)
    this.#call('POST', `/api/v1/offers/${offer.id}/acceptance`, driver.session, {}).catch((error: unknown) =>
      this.wrong.push(String(error)),
    )
  }

  async #askRide(rider: Session, watches: boolean): Promise<void> {
    const from = somewhere()
    // Half the town on: two ends at the same place are refused.
    const to = { ...somewhere(), lat: from.lat + (from.lat < MIDDLE ? 0.5 : -0.5) * AREA.height }
    const { options } = (await this.#call('POST', '/api/v1/quotes', rider, { from, to, seats: 1 })) as {
      options: { quoteId: string }[]
    }
    const askedAtMs = performance.now()
    const ride = (await this.#call('POST', '/api/v1/rides', rider, {
      ...{ quoteId: options[0]!.quoteId, payment: 'cash', note: '' },
    })) as { id: string }
    this.#askedAtMs.set(ride.id, askedAtMs)
    if (!watches) return
    const socket = await openRaw(this.ready.port, `/live/rides/${ride.id}`, { cookie: rider.cookie })
    const openedMs = performance.now()
    this.#riders.push(socket)
    this.watched++
    socket.onText = (text) => {
      if (!text.startsWith('{')) return
      const car = JSON.parse(text) as { type: string; lat: number; lng: number; ageMs: number }
      if (car.type !== 'car') return
      const key = placeKey(car)
      const sentAtMs = this.#sentAtMs.get(key)
      // Each position is timed once. What a page is told as it opens was on its way before there was a screen.
      this.#sentAtMs.delete(key)
      if (sentAtMs !== undefined && sentAtMs > openedMs) this.screenMs.push(performance.now() - sentAtMs)
    }
  }

  async #call(method: string, path: string, session: Session, body?: unknown): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${this.ready.port}${path}`, {
      method,
      headers: {
        ...{ cookie: session.cookie, 'x-csrf-token': session.csrf, accept: 'application/json' },
        ...(body !== undefined && {
          ...{ 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
        }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    // Between two drivers an offer may have ended; everything else is a mistake.
    if (!answer.ok && !(answer.status === 409 && path.includes('/acceptance')))
      throw new Error(`${method} ${path} answered ${answer.status}: ${text.slice(0, 200)}`)
    return JSON.parse(text)
  }
}

function somewhere(): { lat: number; lng: number } {
  return { lat: AREA.south + Math.random() * AREA.height, lng: AREA.west + Math.random() * AREA.width }
}

function round(degrees: number): number {
  return Math.round(degrees * 1e7) / 1e7
}

function placeKey({ lat, lng }: { lat: number; lng: number }): string {
  return `${lat.toFixed(7)} ${lng.toFixed(7)}`
}

async function inTurns<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < all.length) await work(all[next++]!)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

async function run(): Promise<Report> {
  const waiting: ((message: unknown) => void)[] = []
  const next = <T>() => new Promise<T>((resolve) => waiting.push(resolve as (message: unknown) => void))
  const child = Bun.spawn(
    [
      process.execPath,
      new URL('wire-server.ts', import.meta.url).pathname,
      'product',
      `${DRIVERS}`,
      `${RIDERS}`,
    ],
    { ipc: (message) => waiting.shift()?.(message), stdout: 'ignore', stderr: 'inherit' },
  )
  const ask = <T>(what: string) => {
    child.send(what)
    return next<T>()
  }
  let day: Day | undefined
  try {
    day = new Day(await next<ReadyServer>())
    await day.goOnline()
    const stop = day.drive()
    await Bun.sleep(WARM_UP_S * 1_000)
    for (const figures of [day.ackMs, day.screenMs, day.offerMs]) figures.length = 0
    await ask('live')
    await day.ask()
    await Bun.sleep(SETTLE_MS)
    const live = await ask<LiveFigures>('live')
    stop()
    const rows: [what: string, ms: readonly number[]][] = [
      ['ping to answer', day.ackMs],
      ['ping to the rider’s screen', day.screenMs],
      ['asked to a driver’s screen', day.offerMs],
    ]
    return {
      figures: {
        live_ping_to_answer_p99_s: percentile(day.ackMs, 0.99) / 1_000,
        live_ping_to_screen_p99_s: percentile(day.screenMs, 0.99) / 1_000,
        live_request_to_offer_p99_s: percentile(day.offerMs, 0.99) / 1_000,
        live_loop_delay_p99_s: live.loopP99Ms / 1_000,
        live_offered_share: day.offerMs.length / RIDERS,
      },
      table: [
        ...rows.map(([what, ms]) => ({
          what,
          count: ms.length,
          'p50 ms': Math.round(percentile(ms, 0.5)),
          'p95 ms': Math.round(percentile(ms, 0.95)),
          'p99 ms': Math.round(percentile(ms, 0.99)),
        })),
        {
          what: 'the server’s loop is late by',
          count: live.loops,
          'p50 ms': Math.round(live.loopP50Ms),
          'p95 ms': Math.round(live.loopP95Ms),
          'p99 ms': Math.round(live.loopP99Ms),
        },
        { what: `processor time, of one core: ${(live.cores * 100).toFixed(0)} %`, count: day.watched },
      ],
      wrong: day.wrong.length,
      skipped: [],
    }
  } finally {
    for (const wrong of day?.wrong.slice(0, 5) ?? []) process.stderr.write(`${wrong}\n`)
    day?.stop()
    child.send('stop')
    await child.exited
  }
}

export const bench: Bench = { name: 'live', run }
