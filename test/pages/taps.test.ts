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
    'news waits until what is being pressed was pressed, and comes then',
    async () => {
      const { canal } = world
      const { id } = await askRide(canal.rider)
      const { page, go } = await window(canal.rider, DESK)
      await go(`/rides/${id}`)
      const heading = page.locator('h1').first()
      await page.locator('#live-state').waitFor({ state: 'hidden' })
      const before = await heading.textContent()
      await page.mouse.move(...(await middleOf(heading)))
      await page.mouse.down()
      await assign(canal, id)
      // Longer than news takes, shorter than anybody holds a button.
      await page.waitForTimeout(400)
      expect(await heading.textContent()).toBe(before)
      await page.mouse.up()
      await page.waitForFunction((said) => document.querySelector('h1')?.textContent !== said, before)
      // Who holds on does not hold the news up.
      const then = await heading.textContent()
      await page.mouse.down()
      await takeSteps(canal.driver, id, 2)
      await page.waitForFunction((said) => document.querySelector('h1')?.textContent !== said, then)
      await page.mouse.up()
      await canal.driver.client.done('POST', `/api/v1/rides/${id}/steps`, { step: 'board' })
      await canal.driver.client.done('POST', `/api/v1/rides/${id}/steps`, { step: 'finish' })
    },
    BROWSER_TIMEOUT_MS,
  )
})
