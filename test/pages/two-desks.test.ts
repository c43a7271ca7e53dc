/** Two dispatchers on one ride, each in a browser of their own. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { DESK, expectWellLaidOut, openWindow } from '../support/pages.ts'
import { askRide, assign, goOnline } from '../support/ride-steps.ts'
import { describeWith } from '../support/servers.ts'

describeWith('chromium', 'two dispatchers on one ride', () => {
  let world: AppWorld
  let browser: Browser
  beforeAll(async () => {
    world = await startApp()
    browser = await launchChromium()
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await world?.stop()
  })

  test(
    'with scripts off a ride is taken off its driver and cancelled, each question asked',
    async () => {
      const { canal } = world
      const { id } = await askRide(canal.rider)
      await goOnline(world, canal.driver)
      await assign(canal, id)
      const { page, go, context } = await openWindow(browser, world, canal.dispatcher, {
        ...DESK,
        javaScriptEnabled: false,
      })
      await go(`/board?ride=${id}`)
      await page.getByRole('button', { name: 'Unassign' }).click()
      await page.locator('dialog[open] .button-danger').click()
      await page.locator('#board-ride .badge', { hasText: 'unassigned' }).waitFor()
      await page.locator('.pane-more summary').click()
      await page.getByRole('button', { name: 'Cancel ride' }).click()
      await page.locator('dialog[open] [command="close"]').click()
      expect(await page.locator('dialog[open]').count()).toBe(0)
      await page.getByRole('button', { name: 'Cancel ride' }).click()
      await page.locator('dialog[open] .button-danger').click()
      await page.locator('#board-ride .badge', { hasText: 'Cancelled' }).waitFor()
      await context.close()
      await canal.driver.client.call('DELETE', '/api/v1/driver/shift')
    },
    BROWSER_TIMEOUT_MS,
  )

  test(
    'see each other, cannot undo each other by accident, and each takes back their own',
    async () => {
      const { canal } = world
      const { id } = await askRide(canal.rider)
      await goOnline(world, canal.driver)
      const ines = await openWindow(browser, world, canal.dispatcher, DESK)
      const max = await openWindow(browser, world, canal.admin, DESK)
      await ines.go(`/board?ride=${id}`)
      await max.go(`/board?ride=${id}`)
      await max.page.getByText(`${canal.dispatcher.name} has it open too.`).waitFor()
      await ines.page.getByText(`${canal.admin.name} has it open too.`).waitFor()

      // Ines is asked whether to cancel when Max gives the ride away.
      await ines.page.locator('.pane-more summary').click()
      await ines.page.getByRole('button', { name: 'Cancel ride' }).click()
      await max.page.locator('#assign').waitFor()
      await max.page.keyboard.press('Enter')
      const undo = max.page.locator('#board-undo form')
      await undo.getByText('given to 204.').waitFor()
      await ines.page.locator('dialog[open] .button-danger').click()
      const notice = ines.page
        .getByRole('alert')
        .getByText(/gave this ride to 204 .* ago\. Your choice was not used\./)
      await notice.waitFor()
      expect(await notice.textContent()).toStartWith(canal.admin.name)

      // Max takes it back by one key; Ines's pane follows by itself.
      await max.page.bringToFront()
      await max.page.keyboard.press('u')
      await max.page.locator('#board-ride .badge', { hasText: 'unassigned' }).waitFor()
      await ines.page.locator('#board-ride .badge', { hasText: 'unassigned' }).waitFor()
      await undo.waitFor({ state: 'detached' })

      await ines.page.bringToFront()
      await ines.page.locator('[data-act="edit"]').click()
      await ines.page.getByRole('heading', { name: /^Change HC-/ }).waitFor()
      await expectWellLaidOut(ines, 'desk-edit')
      await max.page.getByText(`${canal.dispatcher.name} is changing this ride.`).waitFor()
      await ines.page.getByLabel('Note for the driver').fill('By the blue door')
      await ines.page.getByRole('button', { name: 'Save name and note' }).click()
      await ines.page.getByText('“By the blue door”').waitFor()
      await max.page.getByText('“By the blue door”').waitFor()
      for (const { context, mistakes } of [ines, max]) {
        // The refusal is an answer like any other; the browser writes its status down all the same.
        expect(mistakes.filter((mistake) => !mistake.includes('409'))).toEqual([])
        await context.close()
      }
    },
    BROWSER_TIMEOUT_MS,
  )
})
