/**
 * Draws the driver's and the desk's pages in a real browser, for looking at beside the mock screens:
 * `bun test/pages/driver-gallery.ts [part of a name]`. Pictures land in test/output.
 */
import { mkdirSync } from 'node:fs'
import { seededRandom } from '../../src/engine/units.ts'
import { loadAssets } from '../../src/web/assets.ts'
import type { Html } from '../../views/html.ts'
import { launchChromium } from '../support/chromium.ts'

/** The product's content security policy, so that a page that needs more shows it here. */
export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'"

const assets = loadAssets()

/** A client file, or several as one, as the product serves them under their hashed addresses. */
export function assetResponse(pathname: string): Response {
  try {
    const { bytes, type } = assets.named(pathname.replace(/^\/assets\//, ''))
    // Each server is at a port of its own, so what is kept is never of another one.
    return new Response(bytes, { headers: { 'content-type': type, 'cache-control': 'max-age=3600' } })
  } catch {
    return new Response('none', { status: 404 })
  }
}

/**
 * Serve pages by name, with the files they ask for, on a free port of this machine. A name is a path; behind it may stand
 * its search part, `(htmx)` for what a script is answered, or, of one with `POST ` before it, the act that is sent.
 */
export function serveCases(cases: Record<string, Html>) {
  return Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const { pathname, search } = new URL(request.url)
      const path = pathname.slice(1)
      const names = [
        ...(search === '' ? [] : [`${path}${decodeURIComponent(search)}`]),
        ...(request.headers.get('hx-request') === 'true' ? [`${path} (htmx)`] : []),
        path,
      ]
      const act = new URLSearchParams(request.method === 'POST' ? await request.text() : '').get('act')
      const known = request.method === 'POST' ? [`POST ${path} ${act}`, `POST ${path}`] : names
      const name = known.find((candidate) => candidate in cases)
      const drawn = name === undefined ? undefined : cases[name]
      if (drawn !== undefined) {
        return new Response(drawn.toString(), {
          headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY },
        })
      }
      if (path === 'api/v1/positions') return Response.json({ seq: Number.MAX_SAFE_INTEGER, refused: {} })
      return assetResponse(`/${path}`)
    },
  })
}

/** A hundred and fifty cars around Midtown, as the board's map takes them; the same every time. */
export function fleet(): MapCarRow[] {
  const random = seededRandom(20_418)
  const states: MapCarState[] = [
    'free',
    'to_pickup',
    'on_board',
    'on_board',
    'waiting',
    'free',
    'offered',
    'silent',
  ]
  return Array.from({ length: 150 }, (_, i) => {
    // Along the island's axis, and a little across it.
    const along = random()
    const across = (random() - 0.5) * 0.02
    const lat = 40.72 + along * 0.06 + across * 0.3
    const lng = -73.995 + along * 0.04 + across
    const state = states[Math.floor(random() * states.length)] ?? 'free'
    return [`car-${i}`, String(100 + i), Math.round(lat * 1e6), Math.round(lng * 1e6), i * 29, state, 3]
  })
}

/** Runs in the page: the cars that its socket would bring. */
export function bringCars(rows: MapCarRow[]): void {
  const map = document.querySelector<HTMLElement>('#board-map .map')
  if (map !== null) window.HoneycabMap(map).setCars(rows)
}

interface Shot {
  readonly width: number
  readonly height: number
  readonly scheme: 'light' | 'dark'
}

/** One picture of each case at each size; complaints of the browser's console go to stderr. */
export async function takePictures(
  cases: Record<string, Html>,
  shots: readonly Shot[],
  only = '',
): Promise<void> {
  mkdirSync('test/output', { recursive: true })
  const server = serveCases(cases)
  const browser = await launchChromium()
  try {
    for (const { width, height, scheme } of shots) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: scheme,
        deviceScaleFactor: width < 600 ? 2 : 1,
        geolocation: { latitude: 40.7388, longitude: -73.9867, accuracy: 6 },
        permissions: ['geolocation'],
      })
      const page = await context.newPage()
      page.on('console', (message) => {
        if (message.type() === 'error') process.stderr.write(`${message.text()} ${message.location().url}\n`)
      })
      page.on('pageerror', (error) => process.stderr.write(`${error.message}\n`))
      for (const name of Object.keys(cases)) {
        if (!name.includes(only)) continue
        await page.goto(`${server.url}${name}`)
        await page.waitForTimeout(500)
        if (name.startsWith('board')) await page.evaluate(bringCars, fleet())
        await page.waitForTimeout(250)
        await page.screenshot({ path: `test/output/${name}-${width}-${scheme}.png` })
      }
      await context.close()
    }
  } finally {
    await browser.close()
    await server.stop(true)
  }
}

if (import.meta.main) {
  const { driverCases } = await import('./driver-cases.ts')
  const { boardCases } = await import('./board-cases.ts')
  const only = process.argv[2] ?? ''
  const phone = { width: 390, height: 844 }
  const desk = { width: 1440, height: 900 }
  const both = ['light', 'dark'] as const
  await takePictures(driverCases(false), [{ ...phone, scheme: 'light' }], only)
  await takePictures(
    driverCases(true),
    [phone, { width: 844, height: 390 }, { width: 768, height: 1024 }].map((size) => ({
      ...size,
      scheme: 'dark',
    })),
    only,
  )
  await takePictures(
    boardCases(),
    [phone, { width: 768, height: 1024 }, desk].flatMap((size) =>
      both.map((scheme) => ({ ...size, scheme })),
    ),
    only,
  )
}
