/**
 * The dispatcher's board under ten thousand cars that drive: in the system's Chromium, on the real server, how even its
 * frames are, what its line brings, whether its memory stays, how soon it is ready and how soon twenty open boards show
 * what one desk did. In the same run the usual way, a Leaflet marker a car and all cars as JSON: how many cars until it
 * shows fewer than 30 frames a second. `BENCH_LONG=1` looks for ten minutes, `BENCH_SMALL=1` tells no speed.
 */
import type { Browser, CDPSession, Page } from 'playwright-core'
import { assert } from '../src/engine/units.ts'
import { launchChromium } from '../test/support/chromium.ts'
import { DESK } from '../test/support/pages.ts'
import { findServer } from '../test/support/servers.ts'
import { servePeerBoard } from './board-peer.ts'
import type { ReadyBoard, Session } from './board-server.ts'
import { openRaw } from './raw-socket.ts'
import { type Bench, IS_SMALL, type Report } from './run.ts'

const CARS = IS_SMALL ? 300 : 10_000
const BOARDS = IS_SMALL ? 4 : 20
const ACTIONS = IS_SMALL ? 2 : 30
const LOOK_S = IS_SMALL ? 3 : process.env.BENCH_LONG === '1' ? 600 : 40
const SETTLE_MS = IS_SMALL ? 1_000 : 5_000
const PATIENCE_MS = 60_000
const PEER_CARS = IS_SMALL ? [50] : [125, 250, 500, 1_000, 2_000, 4_000, 8_000]
const PEER_LOOK_S = IS_SMALL ? 1 : 6
const LEAST_FPS = 30
/** Where a picture says how many cars the region has (docs/wire.md); Bo is one more. */
const ALL_CARS_AT = 12
const VIEW = 'view=40.70000,-74.07000,40.81000,-73.89000,13.00'

/** Between frames, ms, for a while. */
function framesOf(page: Page, seconds: number): Promise<number[]> {
  return page.evaluate(
    (forMs) =>
      new Promise<number[]>((done) => {
        const gaps: number[] = []
        const startedMs = performance.now()
        let lastMs = startedMs
        const look = () => {
          const nowMs = performance.now()
          gaps.push(nowMs - lastMs)
          lastMs = nowMs
          if (nowMs - startedMs < forMs) requestAnimationFrame(look)
          else done(gaps)
        }
        requestAnimationFrame(look)
      }),
    seconds * 1_000,
  )
}

async function heapBytes(devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage')
  return (await devtools.send('Runtime.getHeapUsage')).usedSize
}

interface Look {
  readonly interactiveMs: number
  readonly shownMs: number
  /** Cars of the region, as the page was told last. */
  readonly carsTold: number
  readonly frameMs: readonly number[]
  readonly draggedMs: readonly number[]
  readonly kBASecond: number
  readonly farKBASecond: number
  readonly heapFrom: number
  readonly heapTo: number
  readonly mistakes: readonly string[]
}

async function lookAt(browser: Browser, origin: string, session: Session): Promise<Look> {
  const context = await browser.newContext({ ...DESK, serviceWorkers: 'block' })
  try {
    const [name = '', value = ''] = session.cookie.split(/=(.*)/s)
    await context.addCookies([{ name, value, url: origin, httpOnly: true, sameSite: 'Lax' }])
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    const mistakes: string[] = []
    page.on('pageerror', ({ message }) => mistakes.push(message))
    await page.addInitScript(() => {
      document.addEventListener('live:binary', () => {
        Reflect.set(window, 'firstCarsMs', Reflect.get(window, 'firstCarsMs') ?? performance.now())
      })
    })
    const devtools = await context.newCDPSession(page)
    await devtools.send('Network.enable')
    let [bytes, carsTold] = [0, 0]
    devtools.on('Network.webSocketFrameReceived', ({ response: { opcode, payloadData } }) => {
      if (opcode !== 2) {
        bytes += Buffer.byteLength(payloadData)
        return
      }
      const frame = Buffer.from(payloadData, 'base64')
      bytes += frame.length
      carsTold = frame.readUInt32LE(ALL_CARS_AT)
    })
    await page.goto(`${origin}/board`)
    await page.waitForFunction(() => Reflect.get(window, 'firstCarsMs') !== undefined)
    const { interactiveMs, shownMs } = await page.evaluate(() => ({
      interactiveMs:
        performance.getEntriesByType('navigation')[0]?.toJSON().domContentLoadedEventEnd ?? Number.NaN,
      shownMs: Reflect.get(window, 'firstCarsMs') as number,
    }))
    await page.waitForTimeout(SETTLE_MS)
    const heapFrom = await heapBytes(devtools)
    const [fromBytes, fromMs] = [bytes, performance.now()]
    const frameMs = await framesOf(page, LOOK_S)
    const kBASecond = (bytes - fromBytes) / (performance.now() - fromMs)
    const heapTo = await heapBytes(devtools)
    const dragging = framesOf(page, IS_SMALL ? 1 : 6)
    for (let turn = 0; turn < (IS_SMALL ? 1 : 3); turn++) {
      await page.mouse.move(700, 300)
      await page.mouse.down()
      await page.mouse.move(760, 380, { steps: 20 })
      await page.mouse.move(700, 300, { steps: 20 })
      await page.mouse.up()
    }
    const draggedMs = await dragging
    await page.evaluate(() => {
      window
        .HoneycabMap(document.querySelector<HTMLElement>('#board-map .map')!)
        .leaflet.setZoom(11, { animate: false })
    })
    await page.waitForTimeout(1_000)
    const [farBytes, farMs] = [bytes, performance.now()]
    await page.waitForTimeout(IS_SMALL ? 1_000 : 10_000)
    const farKBASecond = (bytes - farBytes) / (performance.now() - farMs)
    return {
      ...{ interactiveMs, shownMs, carsTold, frameMs, draggedMs, kBASecond, farKBASecond, heapFrom, heapTo },
      mistakes,
    }
  } finally {
    await context.close()
  }
}

/** From a press of one desk to the queue of every open board. @returns ms of each, and how many never heard */
async function act(ready: ReadyBoard): Promise<{ tookMs: number[]; missed: number }> {
  const heard: string[] = []
  const waiting = new Set<() => void>()
  const boards = await Promise.all(
    ready.desks.slice(0, BOARDS).map(({ cookie }) => openRaw(ready.port, `/live/board?${VIEW}`, { cookie })),
  )
  for (const [n, board] of boards.entries())
    board.onText = (text) => {
      if (!text.startsWith('<')) return
      heard[n] = text
      for (const look of waiting) look()
    }
  const tookMs: number[] = []
  let missed = 0
  const shownEverywhere = async (startedMs: number, passes: (text: string) => boolean) => {
    const told = new Set<number>()
    await new Promise<void>((done) => {
      const finish = () => {
        clearTimeout(timer)
        waiting.delete(look)
        done()
      }
      const timer = setTimeout(finish, 10_000)
      const look = () => {
        for (const [n, text] of heard.entries()) {
          if (text === undefined || told.has(n) || !passes(text)) continue
          told.add(n)
          tookMs.push(performance.now() - startedMs)
        }
        if (told.size === boards.length) finish()
      }
      waiting.add(look)
      look()
    })
    missed += boards.length - told.size
  }
  const call = async (session: Session, path: string, body: unknown): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${ready.port}${path}`, {
      method: 'POST',
      headers: {
        ...{ cookie: session.cookie, 'x-csrf-token': session.csrf, accept: 'application/json' },
        ...{ 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
      },
      body: JSON.stringify(body),
    })
    const text = await answer.text()
    assert(answer.ok, `${path} answered ${answer.status}: ${text.slice(0, 200)}`)
    return JSON.parse(text)
  }
  for (let n = 0; n < ACTIONS; n++) {
    const rider = ready.riders[n]!
    const from = { lat: 40.73 + (n % 10) / 500, lng: -73.99 }
    const { options } = (await call(rider, '/api/v1/quotes', {
      ...{ from, to: { lat: 40.76, lng: -73.98 }, seats: 1 },
    })) as { options: { quoteId: string }[] }
    const wish = { quoteId: options[0]!.quoteId, payment: 'cash', note: '' }
    const { id } = (await call(rider, '/api/v1/rides', wish)) as { id: string }
    await shownEverywhere(performance.now(), (text) => text.includes(id))
    tookMs.splice(-boards.length)
    const startedMs = performance.now()
    await call(ready.desks[0]!, `/api/v1/board/rides/${id}/cancellation`, { reason: 'rider_asked' })
    await shownEverywhere(startedMs, (text) => !text.includes(id))
    await Bun.sleep(200 + Math.random() * 600)
  }
  for (const board of boards) board.close()
  return { tookMs, missed }
}

/** How many cars a marker each can be shown at 30 frames a second. */
async function markers(browser: Browser): Promise<{ most: number; rows: [cars: number, fps: number][] }> {
  const peer = servePeerBoard()
  const page = await browser.newPage({ viewport: DESK.viewport! })
  const rows: [number, number][] = []
  try {
    await page.goto(peer.url)
    for (const cars of PEER_CARS) {
      peer.show(cars)
      await page.waitForFunction((least) => document.querySelectorAll('.car').length >= least, cars, {
        timeout: PATIENCE_MS,
      })
      await page.waitForTimeout(1_000)
      const gaps = await framesOf(page, PEER_LOOK_S)
      const fps = (gaps.length * 1_000) / gaps.reduce((sum, gap) => sum + gap, 0)
      rows.push([cars, fps])
      if (fps < LEAST_FPS) break
    }
    return { most: rows.filter(([, fps]) => fps >= LEAST_FPS).at(-1)?.[0] ?? 0, rows }
  } finally {
    await page.close()
    await peer.stop()
  }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

async function run(): Promise<Report> {
  if (findServer('chromium') === null) return { figures: {}, table: [], wrong: 0, skipped: ['chromium'] }
  let toldReady: (ready: ReadyBoard) => void
  const isReady = new Promise<ReadyBoard>((resolve) => {
    toldReady = resolve
  })
  const child = Bun.spawn(
    [
      ...[process.execPath, new URL('board-server.ts', import.meta.url).pathname],
      ...[CARS, ACTIONS, BOARDS].map(String),
    ],
    { ipc: (message) => toldReady(message as ReadyBoard), stdout: 'ignore', stderr: 'inherit' },
  )
  const browser = await launchChromium()
  try {
    const ready = await isReady
    await Bun.sleep(SETTLE_MS)
    const look = await lookAt(browser, `http://localhost:${ready.port}`, ready.desks[0]!)
    const { tookMs, missed } = await act(ready)
    const peer = await markers(browser)
    const p95 = percentile(look.frameMs, 0.95)
    for (const mistake of look.mistakes) process.stderr.write(`${mistake}\n`)
    const row = (what: string, figure: number | string) => ({ what, figure })
    return {
      figures: {
        board_frame_p95_s: p95 / 1_000,
        board_kb_a_second: look.kBASecond,
        board_heap_growth: look.heapTo / look.heapFrom,
        board_interactive_s: look.interactiveMs / 1_000,
        board_action_p99_s: percentile(tookMs, 0.99) / 1_000,
        board_cars_over_markers: CARS / Math.max(1, peer.most),
      },
      table: [
        row('cars of the region', CARS),
        row('frame, p50 ms', percentile(look.frameMs, 0.5).toFixed(1)),
        row('frame, p95 ms', p95.toFixed(1)),
        row('frame while the map is dragged, p95 ms', percentile(look.draggedMs, 0.95).toFixed(1)),
        row('line, city centre, kB/s', look.kBASecond.toFixed(1)),
        row('line, counted from far away, kB/s', look.farKBASecond.toFixed(1)),
        row(`heap at first and after ${LOOK_S} s, MB`, `${mb(look.heapFrom)}, ${mb(look.heapTo)}`),
        row('page interactive, cold, ms', Math.round(look.interactiveMs)),
        row('first cars, cold, ms', Math.round(look.shownMs)),
        row(`act to ${BOARDS} boards, p50 ms`, Math.round(percentile(tookMs, 0.5))),
        row(`act to ${BOARDS} boards, p99 ms`, Math.round(percentile(tookMs, 0.99))),
        ...peer.rows.map(([cars, fps]) =>
          row(`a marker each: ${cars} cars, frames a second`, fps.toFixed(1)),
        ),
      ],
      wrong: look.mistakes.length + missed + (look.carsTold === CARS + 1 ? 0 : 1),
      skipped: [],
    }
  } finally {
    await browser.close()
    child.send('stop')
    await child.exited
  }
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}

export const bench: Bench = { name: 'board', run }
