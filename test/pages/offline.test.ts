/** The phone without network, through the real pages and the service worker behind them. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import type { LatLng, RideId } from '../../src/engine/units.ts'
import { workerScript } from '../../src/install.ts'
import { loadAssets } from '../../src/web/assets.ts'
import { eventually } from '../contract/eventually.ts'
import { type AppWorld, BRYANT_PARK, startApp, TIMES_SQUARE } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { expectWellLaidOut, openWindow, PHONE, type Window } from '../support/pages.ts'
import { askRide, goOnline } from '../support/ride-steps.ts'
import { describeWith } from '../support/servers.ts'

describeWith('chromium', 'without network', () => {
  let world: AppWorld
  let browser: Browser
  beforeAll(async () => {
    world = await startApp({ offerTtlS: 30 })
    browser = await launchChromium()
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await world?.stop()
  })

  /** Until the worker has the page in its hands. */
  async function underWorker({ page }: Window): Promise<void> {
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready
      if (navigator.serviceWorker.controller === null)
        await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve))
    })
  }

  /** What a browser keeps that is somebody's. */
  function privateOf({ page }: Window): Promise<string[]> {
    return page.evaluate(async () => {
      const cache = await caches.open('honeycab-private')
      return (await cache.keys()).map(({ url }) => new URL(url).pathname)
    })
  }

  test('a page that cannot be loaded says so, and opens by itself when the network is back', async () => {
    const window = await openWindow(browser, world, world.canal.otherRider, PHONE)
    const { page, go } = window
    await go('/rides')
    await underWorker(window)
    await window.context.setOffline(true)
    await page.reload()
    await page.getByRole('heading', { name: 'No network' }).waitFor()
    expect(await page.locator('#offline-ride').isHidden()).toBe(true)
    await expectWellLaidOut(window, 'offline')
    await window.context.setOffline(false)
    await page.locator('#offline-words').waitFor({ state: 'detached' })
    expect(new URL(page.url()).pathname).toBe('/rides')
    await window.context.close()
  }, 60_000)

  test('the ride that was seen last stands there with its time, and nothing of it is left after signing out', async () => {
    const { rider } = world.canal
    const ride = await askRide(rider)
    const window = await openWindow(browser, world, rider, PHONE)
    const { page, go } = window
    await go(`/rides/${ride.id}`)
    await underWorker(window)
    await page.waitForFunction(async () => (await caches.open('honeycab-private')).match('/kept/ride'))
    const headline = (await page.locator('#ride-headline').textContent()) ?? ''
    await window.context.setOffline(true)
    await page.reload()
    await page.locator('#offline-ride').waitFor()
    expect(await page.locator('#offline-headline').textContent()).toBe(headline)
    expect(await page.locator('#offline-ride').textContent()).toMatch(
      /Your ride as of \d+:\d\d.*Times Square → Wall Street/s,
    )
    await expectWellLaidOut(window, 'offline-ride')
    await window.context.setOffline(false)
    await page.locator('#ride-status').waitFor()

    await go('/account/devices')
    await page.locator('main form[action="/sign-out"] button').click()
    await page.waitForURL('**/')
    await eventually('nothing private is kept', async () => (await privateOf(window)).length === 0)
    await window.context.setOffline(true)
    await page.goto(`${rider.client.origin}/rides/${ride.id}`)
    expect(await page.locator('#offline-ride').isHidden()).toBe(true)
    await window.context.close()
    await rider.client.done('POST', `/api/v1/rides/${ride.id}/cancellation`, { feeMinor: 0 })
  }, 60_000)

  test('a session that was ended elsewhere leaves nothing behind either', async () => {
    const { driver } = world.canal
    const window = await openWindow(browser, world, driver, { ...PHONE, at: BRYANT_PARK })
    await window.go('/driver')
    await underWorker(window)
    await window.page.waitForFunction(async () => (await caches.open('honeycab-private')).match('/driver'))
    await window.context.clearCookies()
    await window.go('/driver')
    await window.page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
    await eventually('nothing private is kept', async () => (await privateOf(window)).length === 0)
    await window.context.close()
  }, 60_000)

  test('a new release is there with the next page, and of the old one only what a kept page is made of stays', async () => {
    const released = { number: 1 }
    const url = (name: string) => `/assets/${released.number}/${name}`
    const assets = { url, urls: () => [url('a.css'), url('live.js')], named: () => workerFile }
    const workerFile = loadAssets().named('worker.js')
    const server = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch(request) {
        const { pathname } = new URL(request.url)
        if (pathname === '/worker.js')
          return new Response(workerScript(assets), { headers: { 'content-type': 'text/javascript' } })
        if (pathname.startsWith('/assets/')) return new Response('')
        return new Response(
          `<body data-release="${released.number}"><link rel="stylesheet" href="${url('a.css')}">`,
          {
            headers: { 'content-type': 'text/html' },
          },
        )
      },
    })
    const context = await browser.newContext()
    const page = await context.newPage()
    const files = () =>
      page.evaluate(async () =>
        (await (await caches.open('honeycab-files')).keys()).map(({ url }) => new URL(url).pathname).sort(),
      )
    /** The worker of the present release is the one in charge, and has tidied up. */
    async function settled(): Promise<void> {
      await page.evaluate(async () => {
        const registration = await navigator.serviceWorker.register('/worker.js', { updateViaCache: 'none' })
        await registration.update()
        while (registration.installing !== null || registration.waiting !== null)
          await new Promise((resolve) => setTimeout(resolve, 20))
        await navigator.serviceWorker.ready
      })
    }
    await page.goto(server.url.href)
    await settled()
    await page.reload()
    await eventually('its files are kept', async () => (await files()).includes('/assets/1/a.css'))
    await page.evaluate(async () => {
      const cache = await caches.open('honeycab-private')
      await cache.put(
        '/driver',
        new Response(
          '<body class="a"><script src="/assets/1/offline.js+press.js+live.js+pending.js+counters.js"></script>',
        ),
      )
    })

    released.number = 2
    await page.reload()
    expect(await page.locator('body').getAttribute('data-release')).toBe('2')
    await settled()
    await eventually('the old files are gone', async () => !(await files()).includes('/assets/1/a.css'))
    const kept = await files()
    expect(kept).toContain('/assets/2/offline.js+press.js+live.js+pending.js+counters.js')
    expect(kept.filter((path) => path.startsWith('/assets/1/'))).toEqual([
      '/assets/1/offline.js+press.js+live.js+pending.js+counters.js',
    ])
    await context.close()
    await server.stop(true)
  }, 60_000)

  /** Bo is on the way to a rider, in a window whose job is kept. */
  async function onTheWay(ask = askRide): Promise<{ window: Window; rideId: string }> {
    const { rider, driver } = world.canal
    const window = await openWindow(browser, world, driver, { ...PHONE, at: BRYANT_PARK })
    await goOnline(world, driver, BRYANT_PARK)
    await window.go('/driver')
    await underWorker(window)
    await window.page.locator('#gps:has-text("all sent")').waitFor()
    const { id } = await ask(rider, 'Blue umbrella')
    await window.page.getByRole('button', { name: /Accept/ }).click()
    await window.page.waitForTimeout(450)
    await window.page.getByRole('button', { name: /Set off/ }).click()
    const { lat: latitude, lng: longitude } = TIMES_SQUARE
    await window.context.setGeolocation({ latitude, longitude, accuracy: 8 })
    await window.page.locator('#driver[data-ride=en_route][data-place=near]').waitFor()
    await window.page.waitForFunction(async () => {
      const kept = await (await caches.open('honeycab-private')).match('/driver')
      return (await kept?.text())?.includes('id="step-en_route"')
    })
    return { window, rideId: id }
  }

  /** A press that is not taken for the one before. */
  async function press({ page }: Window, name: RegExp): Promise<void> {
    await page.waitForTimeout(450)
    await page.getByRole('button', { name }).click()
  }

  async function stateOf(rideId: string): Promise<string> {
    const { state } = await world.canal.rider.client.done<{ state: string }>('GET', `/api/v1/rides/${rideId}`)
    return state
  }

  const eventsOf = (rideId: string) =>
    world.db
      .selectFrom('ride_events')
      .select(['type', 'at', 'said_at'])
      .where('ride_id', '=', rideId as RideId)
      .orderBy('version')
      .execute()

  test('a driver without network goes on: address, note and next step, over a reload, and each press counts once', async () => {
    const { window, rideId } = await onTheWay()
    const { page, context } = window
    await context.setOffline(true)
    await press(window, /I’ve arrived/)
    await page.getByRole('button', { name: /Passenger on board/ }).waitFor()
    await page.locator('#queued-steps:has-text("“I’ve arrived” of")').waitFor()
    await expectWellLaidOut(window, 'driver-offline-arrived')

    await page.reload()
    await page.getByRole('button', { name: /Passenger on board/ }).waitFor()
    expect(await page.locator('h1').first().textContent()).toBe('Times Square')
    expect(await page.locator('.rider-note').first().textContent()).toContain('Blue umbrella')
    await press(window, /Passenger on board/)
    await page.getByRole('button', { name: /Complete ride/ }).waitFor()
    expect(await page.locator('h1').first().textContent()).toBe('Wall Street')
    expect(await page.locator('#queued-steps').textContent()).toContain('“Passenger on board” of')
    await expectWellLaidOut(window, 'driver-offline-on-board')
    expect(await stateOf(rideId)).toBe('en_route')

    await context.setOffline(false)
    await eventually('both presses have arrived', async () => (await stateOf(rideId)) === 'in_progress')
    await page.locator('#queued-steps').waitFor({ state: 'detached' })
    await page.locator('#driver:not([data-ahead]) form[data-step=finish]').waitFor()
    await context.setGeolocation({ latitude: 40.7074, longitude: -74.0113, accuracy: 8 })
    await page.waitForTimeout(600)
    await press(window, /Complete ride/)
    await page.locator('[data-ended]').waitFor()
    expect((await eventsOf(rideId)).map(({ type }) => type)).toEqual([
      ...['request', 'assign', 'set_off', 'arrive', 'board', 'finish'],
    ])
    await context.close()
    await world.canal.driver.client.done('DELETE', '/api/v1/driver/shift')
  }, 90_000)

  const FLATIRON = { lat: 40.7411, lng: -73.9897 }
  /** By Bryant Park and the Flatiron to Wall Street. */
  const askWithStops: typeof askRide = async ({ client }, note = '') => {
    const place = (name: string, { lat, lng }: LatLng, label: string) => ({
      ...{ [name]: label, [`${name}_lat`]: String(lat), [`${name}_lng`]: String(lng) },
    })
    const quoted = await client.form('/quotes', {
      ...place('from', TIMES_SQUARE, 'Times Square'),
      ...place('stop1', BRYANT_PARK, 'Bryant Park'),
      ...place('stop2', FLATIRON, 'Flatiron'),
      ...place('to', { lat: 40.7074, lng: -74.0113 }, 'Wall Street'),
    })
    const prices = await (await client.get(quoted.headers.get('location')!)).text()
    const quoteId = /name="quote_id" value="([^"]+)"/.exec(prices)![1]!
    return client.done('POST', '/api/v1/rides', { quoteId, payment: 'cash', note })
  }

  test('stops are driven without network like every other step', async () => {
    const { window, rideId } = await onTheWay(askWithStops)
    const { page, context } = window
    const h1 = page.locator('h1').first()
    await context.setOffline(true)
    for (const [name, leadsTo, at] of [
      [/I’ve arrived/, 'Times Square', TIMES_SQUARE],
      [/Passenger on board/, 'Bryant Park', TIMES_SQUARE],
      [/I’m at stop 1/, 'Bryant Park', BRYANT_PARK],
      [/Go on/, 'Flatiron', BRYANT_PARK],
      [/I’m at stop 2/, 'Flatiron', FLATIRON],
    ] as const) {
      // Farther away the page asks first whether it is so.
      await context.setGeolocation({ latitude: at.lat, longitude: at.lng, accuracy: 8 })
      await page.locator('#driver[data-place=near], #driver:has(form[data-step^=leave_stop])').waitFor()
      await press(window, name)
      await page.locator('#queued-steps', { hasText: name }).waitFor()
      expect(await h1.textContent()).toBe(leadsTo)
    }
    await expectWellLaidOut(window, 'driver-offline-stop')
    await page.reload()
    await press(window, /Go on/)
    await page.getByRole('button', { name: /Complete ride/ }).waitFor()
    expect(await h1.textContent()).toBe('Wall Street')
    expect(await stateOf(rideId)).toBe('en_route')

    await context.setOffline(false)
    await page.locator('#queued-steps').waitFor({ state: 'detached' })
    await page.locator('#driver:not([data-ahead]) form[data-step=finish]').waitFor()
    expect((await eventsOf(rideId)).map(({ type }) => type)).toEqual([
      ...(['request', 'assign', 'set_off', 'arrive', 'board'] as const),
      ...(['reach_stop', 'leave_stop', 'reach_stop', 'leave_stop'] as const),
    ])
    await world.canal.driver.client.done('POST', `/api/v1/rides/${rideId}/steps`, { step: 'finish' })
    await context.close()
    await world.canal.driver.client.done('DELETE', '/api/v1/driver/shift')
  }, 90_000)

  test('an answer that gets lost has no second effect, and a ride cancelled meanwhile is told plainly', async () => {
    const { window, rideId } = await onTheWay()
    const { page, context } = window
    // The press arrives; what comes back does not.
    const lost = Promise.withResolvers<void>()
    await page.route(
      '**/steps',
      async (route) => {
        await route.fetch({ maxRedirects: 0 })
        await route.abort()
        lost.resolve()
      },
      // The page tries again by itself, and that arrives.
      { times: 1 },
    )
    await press(window, /I’ve arrived/)
    await eventually('it has arrived', async () => (await stateOf(rideId)) === 'arrived')
    await lost.promise
    await page.locator('#queued-steps').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: /Passenger on board/ }).waitFor()
    expect((await eventsOf(rideId)).filter(({ type }) => type === 'arrive')).toHaveLength(1)

    await context.setOffline(true)
    await press(window, /Passenger on board/)
    await page.getByRole('button', { name: /Complete ride/ }).waitFor()
    const { cancellation } = await world.canal.rider.client.done<{ cancellation: { feeMinor: number } }>(
      'GET',
      `/api/v1/rides/${rideId}`,
    )
    await world.canal.rider.client.done('POST', `/api/v1/rides/${rideId}/cancellation`, {
      feeMinor: cancellation.feeMinor,
    })
    await context.setOffline(false)
    const told = page.locator('#refused-step')
    await told.waitFor()
    expect(await told.textContent()).toMatch(
      /“Passenger on board” of .* was not counted\. The ride was cancelled before this reached us\./,
    )
    await page.locator('#driver[data-state="waiting"]').waitFor()
    await expectWellLaidOut(window, 'driver-refused-step')
    await page.getByRole('button', { name: 'Understood' }).click()
    await told.waitFor({ state: 'detached' })
    expect(await stateOf(rideId)).toBe('cancelled')
    await context.close()
    await world.canal.driver.client.done('DELETE', '/api/v1/driver/shift')
  }, 90_000)

  test('of two tabs one sends the position, the other says so; it takes over when asked, and when the first is closed', async () => {
    const { driver } = world.canal
    const first = await openWindow(browser, world, driver, { ...PHONE, at: BRYANT_PARK })
    await goOnline(world, driver)
    await first.go('/driver')
    await first.page.locator('#gps:has-text("all sent")').waitFor()
    const page = await first.context.newPage()
    const sends = (tab: Page) => tab.locator('#gps:has-text("all sent")')
    const looksOn = (tab: Page) => tab.locator('#other-tab')
    await page.goto(first.page.url())
    await looksOn(page).waitFor()
    await page.locator('#gps:has-text("Location good")').waitFor()
    await expectWellLaidOut({ ...first, page }, 'driver-second-tab')

    await page.getByRole('button', { name: 'Use this one' }).click()
    await sends(page).waitFor()
    await looksOn(first.page).waitFor()
    expect(await looksOn(page).count()).toBe(0)

    await page.close()
    await sends(first.page).waitFor()
    expect(await looksOn(first.page).count()).toBe(0)
    await first.context.close()
    await driver.client.done('DELETE', '/api/v1/driver/shift')
  }, 60_000)

  test('of two phones the one that went online counts; the other one says so, and takes over by one press on it', async () => {
    const { driver } = world.canal
    const open = async () => {
      const window = await openWindow(browser, world, driver, { ...PHONE, at: BRYANT_PARK })
      await window.go('/driver')
      return window
    }
    const [first, second] = [await open(), await open()]
    const sends = ({ page }: Window) => page.locator('#gps:has-text("all sent")')
    const looksOn = ({ page }: Window) => page.locator('#other-phone')
    await first.page.getByRole('button', { name: /Go online/ }).click()
    await sends(first).waitFor()
    await looksOn(second).waitFor()
    await expectWellLaidOut(second, 'driver-second-phone')
    // As far from the first one as a car gets meanwhile; a leap would not be believed.
    const beside = BRYANT_PARK.lat + 0.0004
    await second.context.setGeolocation({ latitude: beside, longitude: BRYANT_PARK.lng, accuracy: 8 })

    await second.page.getByRole('button', { name: 'Use this phone' }).click()
    await sends(second).waitFor()
    await looksOn(first).waitFor()
    expect(await looksOn(second).count()).toBe(0)
    // What it knew when it took over may be older than the first one's last; a standing phone looks again within 15 s.
    await eventually(
      'the car is where the phone is that counts',
      () => {
        const place = world.fleet.car(driver.driverId)?.position
        return place != null && Math.abs(place.lat - beside) < 0.0001
      },
      25_000,
    )
    expect([first.mistakes, second.mistakes]).toEqual([[], []])
    await first.context.close()
    await second.context.close()
    await driver.client.done('DELETE', '/api/v1/driver/shift')
  }, 60_000)

  test('the screen stays on while positions go out, and is held again once the phone has let it go', async () => {
    const { driver } = world.canal
    const window = await openWindow(browser, world, driver, { ...PHONE, at: BRYANT_PARK })
    const { page, context, go } = window
    // As a phone does it: each look at another app takes the lock away.
    await page.addInitScript(() => {
      let held: EventTarget | null = null
      let isHidden = false
      const request = () => {
        const lock = Object.assign(new EventTarget(), {
          release: () => lock.dispatchEvent(new Event('release')),
        })
        held = lock
        lock.addEventListener('release', () => {
          held = null
        })
        return Promise.resolve(lock)
      }
      Object.defineProperty(navigator, 'wakeLock', { value: { request } })
      Object.defineProperty(document, 'hidden', { get: () => isHidden })
      const look = (away: boolean) => {
        isHidden = away
        if (away) held?.dispatchEvent(new Event('release'))
        document.dispatchEvent(new Event('visibilitychange'))
      }
      Object.assign(window, { isAwake: () => held !== null, look })
    })
    const isAwake = () => page.evaluate(() => (window as unknown as { isAwake(): boolean }).isAwake())
    const look = (away: boolean) =>
      page.evaluate((isAway) => (window as unknown as { look(away: boolean): void }).look(isAway), away)
    await go('/driver')
    expect(await isAwake()).toBe(false)
    await goOnline(world, driver)
    await go('/driver')
    await eventually('the screen is held', isAwake)
    await look(true)
    expect(await isAwake()).toBe(false)
    await look(false)
    await eventually('it is held again', isAwake)
    await context.close()
    await driver.client.done('DELETE', '/api/v1/driver/shift')
  }, 60_000)

  test('location that is blocked is said, and allowed again it goes on by itself', async () => {
    const { driver } = world.canal
    const window = await openWindow(browser, world, driver, PHONE)
    const { page, context, go } = window
    await goOnline(world, driver)
    await context.clearPermissions()
    await go('/driver')
    await page.locator('#gps:has-text("Location is blocked")').waitFor()
    await expectWellLaidOut(window, 'driver-location-blocked')
    await context.setGeolocation({ latitude: BRYANT_PARK.lat, longitude: BRYANT_PARK.lng, accuracy: 8 })
    await context.grantPermissions(['geolocation'])
    await page.locator('#gps:has-text("all sent")').waitFor()
    await context.close()
    await driver.client.done('DELETE', '/api/v1/driver/shift')
  }, 60_000)

  for (const hours of [-5, 3])
    test(`a phone whose clock is ${hours} hours wrong sends positions that count`, async () => {
      const { driver } = world.canal
      const window = await openWindow(browser, world, driver, { ...PHONE, at: BRYANT_PARK })
      await window.page.addInitScript((offMs) => {
        const now = Date.now.bind(Date)
        Date.now = () => now() + offMs
      }, hours * 3_600_000)
      await driver.client.done('POST', '/api/v1/driver/shift', { vehicleId: driver.vehicleId })
      await window.go('/driver')
      await window.page.locator('#gps:has-text("all sent")').waitFor()
      await eventually('the car is where the phone says, just now', () => {
        const position = world.fleet.car(driver.driverId)?.position
        return position != null && Math.abs(world.clock.nowMs() - position.atMs) < 20_000
      })
      await window.context.close()
      await driver.client.done('DELETE', '/api/v1/driver/shift')
    }, 60_000)
})
