/**
 * How soon a rider reads where the car is, on a bad line and a slow phone: the track page of a ride under way on the
 * real product, cold, beside the same page written with React (react-track/). Then what Lighthouse gives the pages a
 * rider opens first, by its simulated throttling.
 */
import { readFileSync } from 'node:fs'
import type { Browser, CDPSession } from 'playwright-core'
import { launchChromium } from '../test/support/chromium.ts'
import { launchJudge, scoreOf, shortOf } from '../test/support/lighthouse.ts'
import { PHONE } from '../test/support/pages.ts'
import { findServer } from '../test/support/servers.ts'
import { type Page, startRide, type TrackRide } from './pages-ride.ts'
import { readTrack, type ShownState } from './react-track/read.ts'
import { type PeerServer, servePeer } from './react-track/serve.ts'
import { type Bench, IS_SMALL, median, medianRatio, type Report } from './run.ts'

const ROUNDS = IS_SMALL ? 1 : 5
/** Slow 3G, as browsers' own tools simulate it: 400 kbit/s and 400 ms for each request. */
const SLOW_3G = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 }
/** A cheap phone beside a machine such as this. */
const CPU_SLOWDOWN = 4
/** Nothing under way for so long: the page has all it asked for. */
const QUIET_MS = 1_000
const PATIENCE_MS = 90_000
const CITY = new URL('../samples/manhattan-map/manhattan.json', import.meta.url)

interface Load {
  readonly paintedMs: number
  /** With headers. */
  readonly bytes: number
  readonly requests: number
  readonly headline: string
}

type Contestant = 'ours' | 'react' | 'drawn'

/** One load with nothing kept, until the page asks for nothing more. */
async function load(browser: Browser, url: string, cookie: TrackRide['cookie'] | null): Promise<Load> {
  // The worker for the time without network comes after the page; the table says what it takes.
  const context = await browser.newContext({ ...PHONE, serviceWorkers: 'block' })
  try {
    if (cookie !== null) await context.addCookies([cookie])
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    const devtools = await context.newCDPSession(page)
    await devtools.send('Network.enable')
    const wire = watchWire(devtools)
    if (!IS_SMALL) {
      await devtools.send('Network.emulateNetworkConditions', SLOW_3G)
      await devtools.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN })
    }
    await page.goto(url, { waitUntil: 'load' })
    // The last to be drawn, by either.
    await page.locator('.leaflet-container canvas').first().waitFor({ state: 'attached' })
    await wire.quiet()
    const { paintedMs, headline } = await page.evaluate(() => ({
      paintedMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
      headline: document.querySelector('h1')?.textContent ?? '',
    }))
    return { paintedMs, headline, ...wire.seen() }
  } finally {
    await context.close()
  }
}

function watchWire(devtools: CDPSession) {
  const underWay = new Set<string>()
  let [bytes, requests, changedMs] = [0, 0, performance.now()]
  devtools.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (!request.url.startsWith('http')) return
    underWay.add(requestId)
    requests++
    changedMs = performance.now()
  })
  const ended = (requestId: string, length: number) => {
    if (!underWay.delete(requestId)) return
    bytes += length
    changedMs = performance.now()
  }
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) =>
    ended(requestId, encodedDataLength),
  )
  devtools.on('Network.loadingFailed', ({ requestId }) => ended(requestId, 0))
  return {
    seen: () => ({ bytes, requests }),
    async quiet() {
      const untilMs = performance.now() + PATIENCE_MS
      while (underWay.size > 0 || performance.now() - changedMs < QUIET_MS) {
        if (performance.now() > untilMs) throw new Error('the page asks for more and more')
        await Bun.sleep(50)
      }
    },
  }
}

/** Our page with the line it usually has. */
async function readOurs(browser: Browser, ride: TrackRide): Promise<ShownState> {
  const context = await browser.newContext(PHONE)
  try {
    await context.addCookies([ride.cookie])
    const page = await context.newPage()
    await page.goto(ride.url('track'))
    return await readTrack(page)
  } finally {
    await context.close()
  }
}

async function race(ride: TrackRide): Promise<Record<Contestant, Load[]>> {
  const loads: Record<Contestant, Load[]> = { ours: [], react: [], drawn: [] }
  const browser = await launchChromium()
  let peer: PeerServer | undefined
  try {
    // Not counted: the server packs each of its files once, the browser starts.
    peer = await servePeer(await readOurs(browser, ride), readFileSync(CITY))
    await ride.warm()
    for (let round = 0; round < ROUNDS; round++) {
      loads.ours.push(await load(browser, ride.url('track'), ride.cookie))
      loads.react.push(await load(browser, peer.url, null))
      loads.drawn.push(await load(browser, peer.drawnUrl, null))
    }
  } finally {
    await browser.close()
    await peer?.stop()
  }
  return loads
}

interface Judged {
  readonly page: Page
  readonly score: number
  readonly row: Readonly<Record<string, string | number>>
}

/** Each page in turn, then again. */
async function judgeAll(ride: TrackRide): Promise<Judged[]> {
  const judge = await launchJudge()
  const pages: readonly Page[] = IS_SMALL ? ['track'] : ['landing', 'request', 'quotes', 'track']
  const seen = new Map(pages.map((page) => [page, [] as Awaited<ReturnType<typeof judge.judge>>[]]))
  try {
    for (let round = 0; round < ROUNDS; round++)
      for (const page of pages) {
        // Who comes to the first page is nobody yet.
        await judge.context.clearCookies()
        if (page !== 'landing') await judge.context.addCookies([ride.cookie])
        seen.get(page)!.push(await judge.judge(ride.url(page), ['performance']))
      }
  } finally {
    await judge.close()
  }
  return pages.map((page) => {
    const reports = seen.get(page)!
    const middle = (id: string) =>
      Math.round(median(reports.map(({ audits }) => audits[id]?.numericValue ?? Number.NaN)))
    const score = median(reports.map((report) => scoreOf(report, 'performance')))
    if (score < 95) process.stderr.write(`${page}:\n  ${shortOf(reports[0]!, 'performance').join('\n  ')}\n`)
    return {
      ...{ page, score },
      row: {
        ...{ page: `Lighthouse: ${page}`, score, 'first paint ms': middle('first-contentful-paint') },
        'largest paint ms': middle('largest-contentful-paint'),
        'blocked ms': middle('total-blocking-time'),
      },
    }
  })
}

function loadRow(page: string, loads: readonly Load[]) {
  const middle = (of: (load: Load) => number) => Math.round(median(loads.map(of)))
  return {
    ...{ page, 'first paint ms': middle(({ paintedMs }) => paintedMs) },
    ...{ bytes: middle(({ bytes }) => bytes), requests: middle(({ requests }) => requests) },
  }
}

async function run(): Promise<Report> {
  if (findServer('chromium') === null) return { figures: {}, table: [], wrong: 0, skipped: ['chromium'] }
  const ride = await startRide()
  try {
    const { ours, react, drawn } = await race(ride)
    const judged = await judgeAll(ride)
    const of = (loads: readonly Load[], figure: 'paintedMs' | 'bytes' | 'requests') =>
      loads.map((load) => load[figure])
    const isWrong = ({ headline, paintedMs }: Load) => !(headline.includes('away') && paintedMs > 0)
    const worker = await ride.worker()
    return {
      figures: {
        pages_first_paint_react: medianRatio(of(react, 'paintedMs'), of(ours, 'paintedMs')),
        pages_first_paint_react_drawn_by_server: medianRatio(of(drawn, 'paintedMs'), of(ours, 'paintedMs')),
        pages_bytes_react: medianRatio(of(react, 'bytes'), of(ours, 'bytes')),
        pages_requests_react: medianRatio(of(react, 'requests'), of(ours, 'requests')),
        ...Object.fromEntries(judged.map(({ page, score }) => [`pages_lighthouse_${page}`, score])),
      },
      table: [
        loadRow('track, ours', ours),
        loadRow('track, React', react),
        loadRow('track, React drawn by its server', drawn),
        { page: 'ours, after it: worker for no network', ...worker },
        ...judged.map(({ row }) => row),
      ],
      wrong: [...ours, ...react, ...drawn].filter(isWrong).length,
      skipped: [],
    }
  } finally {
    await ride.stop()
  }
}

export const bench: Bench = { name: 'pages', run }
