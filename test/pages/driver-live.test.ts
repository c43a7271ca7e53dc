import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Server, ServerWebSocket } from 'bun'
import type { Browser, Page } from 'playwright-core'
import type { OfferId } from '../../src/engine/units.ts'
import { PingBatch } from '../../src/positions/batch.ts'
import { readFrame } from '../../src/positions/frame.ts'
import { driverMain, driverPage } from '../../views/drivers/main.ts'
import type { DriverMainProps } from '../../views/drivers/props.ts'
import { eventually } from '../contract/eventually.ts'
import { launchChromium } from '../support/chromium.ts'
import { driverContext, offerProps, offProps, rideProps, waitingProps } from './driver-cases.ts'
import { assetResponse } from './driver-gallery.ts'

const ctx = { ...driverContext, live: '/live/driver' }

function seqsOf(frame: Uint8Array): { seq: number }[] {
  const batch = new PingBatch()
  expect(readFrame(frame, batch)).toBeNull()
  return Array.from({ length: batch.count }, (_, place) => ({ seq: batch.seq(place) }))
}

/** A server that holds one driver's state: forms change it, and it pushes the same component the page is drawn with. */
class Desk {
  state: DriverMainProps = offProps
  heard: { by: 'frame' | 'text' | 'post'; pings: { seq: number }[] }[] = []
  /** As a server of before there were frames. */
  knowsFrames = true
  posts: string[] = []
  swallowing = false
  #sockets = new Set<ServerWebSocket<undefined>>()
  readonly server: Server<undefined>

  constructor() {
    this.server = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: (request, server) => this.#answer(request, server),
      websocket: {
        // After every (re)connect the page gets its state as it is, as from the real server.
        open: (socket) => {
          this.#sockets.add(socket)
          socket.send(driverMain(ctx, this.state).toString())
        },
        close: (socket) => {
          this.#sockets.delete(socket)
        },
        message: (socket, message) => {
          const by = typeof message === 'string' ? 'text' : 'frame'
          if (by === 'frame' && !this.knowsFrames) {
            const refused = {
              type: 'refused',
              detail: 'This message was not understood.',
              fields: ['message'],
            }
            return void socket.send(JSON.stringify(refused))
          }
          const pings = typeof message === 'string' ? JSON.parse(message).pings : seqsOf(message)
          this.heard.push({ by, pings })
          if (!this.swallowing)
            socket.send(JSON.stringify({ type: 'ack', seq: pings.at(-1)?.seq, refused: {} }))
        },
      },
    })
  }

  push(state: DriverMainProps) {
    this.state = state
    for (const socket of this.#sockets) socket.send(driverMain(ctx, state).toString())
  }

  async #answer(request: Request, server: Server<undefined>) {
    const { pathname } = new URL(request.url)
    if (pathname === '/live/driver') {
      return server.upgrade(request, { data: undefined }) ? undefined : new Response('no', { status: 400 })
    }
    if (request.method === 'POST') {
      this.posts.push(pathname)
      if (pathname === '/driver/shift') this.state = waitingProps
      if (pathname.endsWith('/acceptance')) this.state = rideProps
      if (pathname.endsWith('/decline')) return new Response('<h1>Sign in</h1>', { status: 200 })
      return new Response(null, { status: 303, headers: { location: '/driver' } })
    }
    if (pathname === '/driver') {
      return new Response(driverPage(ctx, this.state, { isNight: false }).toString(), {
        headers: { 'content-type': 'text/html; charset=utf-8' },
      })
    }
    return assetResponse(pathname)
  }

  stop() {
    return this.server.stop(true)
  }
}

let browser: Browser
let desk: Desk
let page: Page
beforeAll(async () => {
  browser = await launchChromium()
  desk = new Desk()
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    geolocation: { latitude: 40.7332, longitude: -73.9907, accuracy: 6 },
    permissions: ['geolocation'],
  })
  page = await context.newPage()
  await page.goto(`${desk.server.url}driver`)
  await page.waitForSelector('.map-ready')
}, 30_000)
afterAll(async () => {
  await browser.close()
  await desk.stop()
})

test('going online changes the page in place, and the position starts to go out by the socket', async () => {
  await page.evaluate(() => document.querySelector('.map')?.setAttribute('data-kept', ''))
  await page.getByRole('button', { name: /Go online/ }).click()
  await page.waitForSelector('#driver[data-state="waiting"]')
  expect(desk.posts).toEqual(['/driver/shift'])
  await page.waitForSelector('#gps:has-text("all sent")')
  await eventually('a position goes out', () => desk.heard.length > 0)
  expect(desk.heard[0]!.by).toBe('frame')
  expect(await page.locator('.map[data-kept].map-ready').count()).toBe(1)
}, 20_000)

test('a pushed offer takes the place of the page’s state, on the same map, and its honey drains', async () => {
  desk.push(offerProps)
  await page.waitForSelector('[data-offer]')
  expect(await page.locator('.map[data-kept].map-ready').count()).toBe(1)
  const spent = page.locator('.accept-spent')
  const before = (await spent.boundingBox())?.width ?? 0
  await page.waitForTimeout(600)
  expect((await spent.boundingBox())?.width ?? 0).toBeGreaterThan(before)
}, 20_000)

test('a new offer after another drains from its own start', async () => {
  desk.push({
    ...offerProps,
    offer: { ...offerProps.offer, id: 'offer-2' as OfferId, expiresAtMs: offerProps.nowMs + 15_000 },
  })
  await page.waitForSelector('#offer-offer-2')
  const width = (await page.locator('.accept-spent').boundingBox())?.width ?? Number.NaN
  expect(width).toBeLessThan(90)
}, 20_000)

test('accepting brings the ride with its one next step; a second press at once is the same press', async () => {
  desk.posts = []
  await page.getByRole('button', { name: 'Accept' }).dblclick({ delay: 20 })
  await page.waitForSelector('#driver[data-state="ride"]')
  expect(desk.posts.filter((path) => path.endsWith('/acceptance'))).toHaveLength(1)
  expect(await page.getByRole('button', { name: /I’ve arrived/ }).isVisible()).toBe(true)
}, 20_000)

test('a car that does not come is asked about: it rings once, and the answer is one press', async () => {
  await page.evaluate(() => {
    document.addEventListener('driver:rang', () => {
      document.body.dataset.rang = String(Number(document.body.dataset.rang ?? 0) + 1)
    })
  })
  const nudge = { kind: 'stalled', sinceMs: rideProps.nowMs - 180_000, answersLeft: 2 } as const
  for (const actsAtMs of [rideProps.nowMs + 90_000, rideProps.nowMs + 85_000]) {
    desk.push({ ...rideProps, nudge: { ...nudge, actsAtMs } })
    await page.waitForSelector(`#nudge [data-until="${actsAtMs}"]`)
  }
  expect(await page.locator('body').getAttribute('data-rang')).toBe('1')
  desk.posts = []
  // What has just come is not pressed by a thumb that meant what was there before.
  await page.waitForTimeout(450)
  await page.getByRole('button', { name: 'I’m on my way' }).click()
  await page.waitForTimeout(300)
  expect(desk.posts).toEqual(['/rides/ride-1/on-my-way'])
  desk.push(rideProps)
  await page.waitForSelector('#nudge', { state: 'detached' })
}, 20_000)

test('a press without network waits, the step after it is under the thumb, and it goes out when there is one', async () => {
  const under = async (name: RegExp) => {
    const box = await page.getByRole('button', { name }).boundingBox()
    expect((box?.y ?? Number.NaN) + (box?.height ?? 0)).toBeLessThanOrEqual(844)
  }
  const steps = () => desk.posts.filter((path) => path.endsWith('/steps')).length
  const before = steps()
  await page.waitForFunction(() => document.querySelector('#later [data-later="arrived"]'))
  await page.context().setOffline(true)
  await page.waitForTimeout(500)
  await page.getByRole('button', { name: /I’ve arrived/ }).click()
  await page.waitForSelector('#queued-steps:has-text("goes out once")')
  await under(/Passenger on board/)
  expect(await page.locator('.map[data-kept].map-ready').count()).toBe(1)
  expect(steps()).toBe(before)
  await page.context().setOffline(false)
  await page.waitForSelector('#queued-steps', { state: 'detached' })
  expect(steps()).toBe(before + 1)
  await page.getByRole('button', { name: /I’ve arrived/ }).waitFor()
  await under(/I’ve arrived/)
}, 20_000)

test('the rider’s code is read by the camera; a neighbour’s is told and sent nowhere', async () => {
  const arrived = {
    ...rideProps.ride,
    state: 'arrived',
    codeTriesLeft: 5,
    noShowFromMs: rideProps.nowMs,
  } as const
  desk.state = { ...rideProps, ride: arrived }
  await page.addInitScript(() => {
    const say = { text: '' }
    Object.assign(window, {
      cameraSees: say,
      BarcodeDetector: class {
        static async getSupportedFormats() {
          return ['qr_code']
        }

        detect = async () => (say.text === '' ? [] : [{ rawValue: say.text }])
      },
    })
    const canvas = document.createElement('canvas')
    canvas.getContext('2d')
    Object.assign(navigator.mediaDevices, { getUserMedia: async () => canvas.captureStream(5) })
  })
  await page.reload()
  await page.getByRole('button', { name: 'Scan' }).click()
  await page.waitForSelector('.scan-dialog:has-text("Hold the rider")')
  const sees = (text: string) =>
    page.evaluate((seen) => {
      ;(window as unknown as { cameraSees: { text: string } }).cameraSees.text = seen
    }, text)
  desk.posts = []
  await sees('HC-99999/1234')
  await page.waitForSelector('.scan-dialog:has-text("not the code of your rider")')
  expect(await page.inputValue('#start-code')).toBe('')
  await sees('HC-20401/4821')
  await page.waitForSelector('.scan-dialog', { state: 'detached' })
  expect(await page.inputValue('#start-code')).toBe('4821')
  expect(desk.posts.filter((path) => path.endsWith('/steps'))).toEqual([])
}, 20_000)

test('an offer that is taken back says so when it goes', async () => {
  desk.push({ ...offerProps, offer: { ...offerProps.offer, id: 'offer-4' as OfferId } })
  await page.waitForSelector('#offer-offer-4')
  desk.push(waitingProps)
  await page.waitForSelector('#toasts:has-text("taken back")')
}, 20_000)

test('an answer that is not this page is not swapped into nothing', async () => {
  desk.push({ ...offerProps, offer: { ...offerProps.offer, id: 'offer-3' as OfferId } })
  await page.waitForSelector('#offer-offer-3')
  await page.waitForTimeout(450)
  const loaded = page.waitForEvent('load')
  await page.getByRole('button', { name: 'Decline' }).click()
  await loaded
  expect(await page.locator('#driver').count()).toBe(1)
}, 20_000)

test('a server that knows no frames is sent text from then on', async () => {
  desk.state = waitingProps
  desk.knowsFrames = false
  desk.heard = []
  await page.reload()
  await eventually('a position goes out', () => desk.heard.length > 0)
  expect(new Set(desk.heard.map(({ by }) => by))).toEqual(new Set(['text']))
}, 20_000)
