/** Taps where the page changes meanwhile: what was meant is pressed, once, and nothing else is. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { type AppWorld, startApp, TIMES_SQUARE } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { DESK, makeWindows, PHONE } from '../support/pages.ts'
import { askRide, assign, type DriverAnswer, goOnline, takeSteps } from '../support/ride-steps.ts'
import { describeWith } from '../support/servers.ts'

/** The middle of what is shown, for a finger that looks for nothing. */
async function middleOf(shown: Locator): Promise<readonly [number, number]> {
  const at = (await shown.boundingBox())!
  return [at.x + at.width / 2, at.y + at.height / 2]
}

/** Let time stand nearly still for what has just come, so that a busy machine taps as fast as a finger. @returns ends it */
async function slowDown(page: Page): Promise<() => Promise<void>> {
  const devTools = await page.context().newCDPSession(page)
  await devTools.send('Animation.enable')
  await devTools.send('Animation.setPlaybackRate', { playbackRate: 0.01 })
  return async () => {
    await devTools.send('Animation.setPlaybackRate', { playbackRate: 1 })
    await devTools.detach()
  }
}

/** Tap there the moment it stands on the page. */
async function tapAtOnce(page: Page, selector: string): Promise<void> {
  await page.locator(selector).waitFor()
  await page.touchscreen.tap(...(await middleOf(page.locator(selector))))
}

/** As long as a press holds news up at most, but for what timers come early. */
const HELD_MS = 990

interface Watched {
  readonly presses: { readonly fromMs: number; toMs: number }[]
  readonly changedAtMs: number[]
}

/** Runs in the page: from when to when something was pressed, and when its ride was shown in another state. */
function watchPresses(): void {
  const watched: Watched = { presses: [], changedAtMs: [] }
  Object.assign(globalThis, { watched })
  const state = () => document.getElementById('ride-status')?.dataset.state
  let before = state()
  addEventListener('mousedown', () =>
    watched.presses.push({ fromMs: performance.now(), toMs: Number.POSITIVE_INFINITY }),
  )
  addEventListener('mouseup', () => {
    const last = watched.presses.at(-1)
    if (last !== undefined) last.toMs = performance.now()
  })
  new MutationObserver(() => {
    if (state() !== before) watched.changedAtMs.push(performance.now())
    before = state()
  }).observe(document.body, { childList: true, attributes: true, subtree: true })
}

describeWith('chromium', 'taps while the page changes', () => {
  let world: AppWorld
  let browser: Browser
  const window = makeWindows(() => ({ browser, world }))
  beforeAll(async () => {
    world = await startApp({ places: true })
    browser = await launchChromium()
    await goOnline(world, world.canal.driver, TIMES_SQUARE)
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await world?.stop()
  })

  const asDriver = () => world.canal.driver.client.done<DriverAnswer>('GET', '/api/v1/driver')

  for (const reducedMotion of ['no-preference', 'reduce'] as const)
    test(
      `the second of two taps does not take the step after the one that was meant, motion: ${reducedMotion}`,
      async () => {
        const { canal } = world
        const { id } = await askRide(canal.rider)
        await assign(canal, id)
        await takeSteps(canal.driver, id, 1)
        const { page, go } = await window(canal.driver, { ...PHONE, reducedMotion })
        await go('/driver')
        const arrived = page.getByRole('button', { name: /I’ve arrived/ })
        await arrived.waitFor()
        await arrived.click({ trial: true })
        const goOn = await slowDown(page)
        await arrived.click()
        await tapAtOnce(page, '#step-arrived .big')
        await tapAtOnce(page, '#step-arrived .big')
        expect(await page.locator('[data-waiting]').count()).toBe(0)
        await goOn()
        // As soon as it can be read it is pressed.
        await page.locator('#step-arrived .big').click()
        await page.locator('#step-in_progress').waitFor()
        await canal.driver.client.done('POST', `/api/v1/rides/${id}/steps`, { step: 'finish' })
      },
      BROWSER_TIMEOUT_MS,
    )

  test(
    'an offer that comes under the finger is not answered by it',
    async () => {
      const { canal } = world
      const { page, go } = await window(canal.driver, PHONE)
      await go('/driver')
      await page.locator('#driver[data-state="waiting"]').waitFor()
      const goOn = await slowDown(page)
      const { id } = await askRide(canal.rider)
      await tapAtOnce(page, '.offer .accept')
      await tapAtOnce(page, '.offer .decline')
      expect(await page.locator('[data-waiting]').count()).toBe(0)
      expect((await asDriver()).offer?.rideId).toBe(id)
      await goOn()
      await page.locator('.offer .accept').click()
      await page.locator('#driver[data-state="ride"]').waitFor()
      expect((await asDriver()).ride?.id).toBe(id)
      await takeSteps(canal.driver, id, 4)
    },
    BROWSER_TIMEOUT_MS,
  )

  test(
    'the second of two taps on “Decline” does not take the driver offline',
    async () => {
      const { canal } = world
      const { page, go } = await window(canal.driver, PHONE)
      await go('/driver')
      await page.locator('#driver[data-state="waiting"]').waitFor()
      await askRide(canal.rider)
      const decline = page.locator('.offer .decline')
      await decline.click({ trial: true })
      const goOn = await slowDown(page)
      await decline.click()
      const offline = 'form[action="/driver/shift/end"] button'
      await tapAtOnce(page, offline)
      expect(await page.locator('[data-waiting]').count()).toBe(0)
      await goOn()
      expect((await asDriver()).shift).not.toBeNull()
      await page.locator(offline).click()
      await page.locator('#driver[data-state="off"]').waitFor()
      await goOnline(world, canal.driver, TIMES_SQUARE)
    },
    BROWSER_TIMEOUT_MS,
  )

  test(
    'news waits until what is being pressed was pressed, and comes then',
    async () => {
      const { canal } = world
      const { id } = await askRide(canal.rider)
      const { page, go } = await window(canal.rider, DESK)
      await go(`/rides/${id}`)
      await page.locator('#live-state').waitFor({ state: 'hidden' })
      await page.evaluate(watchPresses)
      const shows = (state: string) => page.locator(`#ride-status[data-state="${state}"]`).waitFor()
      await page.mouse.move(...(await middleOf(page.locator('h1'))))
      await page.mouse.down()
      await assign(canal, id)
      // Longer than news takes, shorter than anybody holds a button.
      await page.waitForTimeout(400)
      await page.mouse.up()
      await shows('assigned')
      // Who holds on does not hold the news up.
      await page.mouse.down()
      await takeSteps(canal.driver, id, 2)
      await shows('arrived')
      await page.mouse.up()
      const { presses, changedAtMs } = await page.evaluate(
        () => (globalThis as unknown as { watched: Watched }).watched,
      )
      expect(presses).toHaveLength(2)
      const isHeld = (atMs: number) =>
        presses.some(({ fromMs, toMs }) => atMs > fromMs && atMs < Math.min(toMs, fromMs + HELD_MS))
      expect([changedAtMs.length > 1, changedAtMs.filter(isHeld)]).toEqual([true, []])
      await canal.driver.client.done('POST', `/api/v1/rides/${id}/steps`, { step: 'board' })
      await canal.driver.client.done('POST', `/api/v1/rides/${id}/steps`, { step: 'finish' })
    },
    BROWSER_TIMEOUT_MS,
  )
})
