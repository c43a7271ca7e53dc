/** The phone without network, through the real pages and the service worker behind them. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import { workerScript } from '../../src/install.ts'
import { loadAssets } from '../../src/web/assets.ts'
import { eventually } from '../contract/eventually.ts'
import { type AppWorld, BRYANT_PARK, startApp } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { expectWellLaidOut, openWindow, PHONE, type Window } from '../support/pages.ts'
import { askRide } from '../support/ride-steps.ts'
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
      await cache.put('/driver', new Response('<body class="a"><script src="/assets/1/live.js"></script>'))
    })

    released.number = 2
    await page.reload()
    expect(await page.locator('body').getAttribute('data-release')).toBe('2')
    await settled()
    await eventually('the old files are gone', async () => !(await files()).includes('/assets/1/a.css'))
    const kept = await files()
    expect(kept).toContain('/assets/2/live.js')
    expect(kept.filter((path) => path.startsWith('/assets/1/'))).toEqual(['/assets/1/live.js'])
    await context.close()
    await server.stop(true)
  }, 60_000)
})
