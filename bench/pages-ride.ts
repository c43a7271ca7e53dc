/** A ride under way on the whole product, in a process of its own, and the pages that its rider opens. */
import { assert, type LatLng } from '../src/engine/units.ts'
import type { ReadyServer } from './wire-server.ts'

export type Page = 'landing' | 'request' | 'quotes' | 'track'

export interface TrackRide {
  url(page: Page): string
  /** The rider's, as browsers take it. */
  readonly cookie: { name: string; value: string; url: string; httpOnly: true; sameSite: 'Lax' }
  /** Ask for all files of the pages, until each comes as small as it will. */
  warm(): Promise<void>
  /** What the worker for the time without network fetches, of it and for it. */
  worker(): Promise<{ bytes: number; requests: number }>
  stop(): Promise<void>
}

type Session = ReadyServer['sessions'][number]

const PICKUP = { lat: 40.7074, lng: -74.0113, label: 'Wall Street' }
const DROPOFF = { lat: 40.7332, lng: -73.9907, label: 'Strand Bookstore' }
/** Six kilometres off: the car is on its way for as long as the bench takes. */
const CAR = { lat: 40.758, lng: -73.9855 }
const SPEED_MPS = 8
const WAY_M = 6_000
const PING_EVERY_MS = 2_000

export async function startRide(): Promise<TrackRide> {
  let ready: (server: ReadyServer) => void
  const isReady = new Promise<ReadyServer>((resolve) => {
    ready = resolve
  })
  const child = Bun.spawn(
    [process.execPath, new URL('wire-server.ts', import.meta.url).pathname, 'product', '1', '1', '1'],
    { ipc: (message) => ready(message as ReadyServer), stdout: 'ignore', stderr: 'inherit' },
  )
  let timer: ReturnType<typeof setInterval> | undefined
  const stop = async () => {
    clearInterval(timer)
    child.send('stop')
    await child.exited
  }
  try {
    const server = await isReady
    const origin = `http://localhost:${server.port}`
    const [driver, rider, desk] = [server.sessions[0]!, server.riders[0]!, server.desks[0]!]
    const call = <T>(method: string, path: string, session: Session, body?: unknown) =>
      callApi<T>(origin, method, path, session, body)
    const { driverId, vehicles } = await call<{ driverId: string; vehicles: { id: string }[] }>(
      ...(['GET', '/api/v1/driver', driver] as const),
    )
    await call('POST', '/api/v1/driver/shift', driver, { vehicleId: vehicles[0]!.id })
    const startedMs = performance.now()
    let seq = 0
    const ping = () => {
      const share = Math.min(1, (SPEED_MPS * (performance.now() - startedMs)) / 1_000 / WAY_M)
      const at = Math.floor(Date.now())
      const pings = [{ seq: ++seq, at, ...between(share), accuracy: 6, speed: SPEED_MPS, heading: 200 }]
      return call('POST', '/api/v1/positions', driver, { pings })
    }
    await ping()
    const ask = { from: PICKUP, to: DROPOFF, seats: 1 }
    const { options } = await call<{ options: { quoteId: string }[] }>('POST', '/api/v1/quotes', rider, ask)
    const wish = { quoteId: options[0]!.quoteId, payment: 'cash', note: '' }
    const { id } = await call<{ id: string }>('POST', '/api/v1/rides', rider, wish)
    await call('POST', `/api/v1/board/rides/${id}/assignment`, desk, { driverId })
    await call('POST', `/api/v1/rides/${id}/steps`, driver, { step: 'set_off' })
    timer = setInterval(() => {
      ping().catch((error: unknown) => process.stderr.write(`${error}\n`))
    }, PING_EVERY_MS)
    const again = await call<{ id: string }>('POST', '/api/v1/quotes', rider, ask)
    const paths: Record<Page, string> = {
      ...{ landing: '/', request: '/request', quotes: `/quotes/${again.id}`, track: `/rides/${id}` },
    }
    const url = (page: Page) => `${origin}${paths[page]}`
    const [name = '', value = ''] = rider.cookie.split(/=(.*)/s)
    const markupOf = async (page: Page) => {
      const answer = await fetch(url(page), page === 'landing' ? {} : { headers: { cookie: rider.cookie } })
      assert(answer.ok, `${page} answered ${answer.status}`)
      return answer.text()
    }
    return {
      url,
      cookie: { name, value, url: origin, httpOnly: true, sameSite: 'Lax' },
      async warm() {
        const markups = await Promise.all((Object.keys(paths) as Page[]).map(markupOf))
        const files = new Set(markups.flatMap((markup) => markup.match(/\/assets\/[^"]+/g) ?? []))
        for (const file of files) while (!(await isPacked(`${origin}${file}`))) await Bun.sleep(100)
      },
      async worker() {
        const worker = await weigh(`${origin}/worker.js`)
        const [, list = '[]'] = /HONEYCAB_SHELL\s*=\s*(\[[^\]]*\])/.exec(worker.text) ?? []
        const shell = await Promise.all(
          ['/offline', ...(JSON.parse(list) as string[])].map((path) => weigh(`${origin}${path}`)),
        )
        return {
          bytes: shell.reduce((sum, { bytes }) => sum + bytes, worker.bytes),
          requests: 1 + shell.length,
        }
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function between(share: number): LatLng {
  const on = (from: number, to: number) => Math.round((from + share * (to - from)) * 1e7) / 1e7
  return { lat: on(CAR.lat, PICKUP.lat), lng: on(CAR.lng, PICKUP.lng) }
}

async function callApi<T>(
  origin: string,
  method: string,
  path: string,
  session: Session,
  body?: unknown,
): Promise<T> {
  const answer = await fetch(`${origin}${path}`, {
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
  assert(answer.ok, `${method} ${path} answered ${answer.status}: ${text.slice(0, 200)}`)
  return JSON.parse(text)
}

/** Pictures are packed by themselves. */
async function isPacked(url: string): Promise<boolean> {
  const answer = await fetch(url, { headers: { 'accept-encoding': 'br, gzip' }, decompress: false })
  await answer.arrayBuffer()
  return answer.headers.get('content-encoding') === 'br' || answer.headers.get('content-type') === 'image/png'
}

async function weigh(url: string): Promise<{ bytes: number; text: string }> {
  const text = await (await fetch(url)).text()
  const asked = await fetch(url, { headers: { 'accept-encoding': 'br, gzip' }, decompress: false })
  return { text, bytes: (await asked.arrayBuffer()).byteLength }
}
