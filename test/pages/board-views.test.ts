/** What a desk looks at, on the real app in a real browser: views under a name. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import { AreaIndex } from '../../src/engine/area.ts'
import { type AppWorld, startApp, TIMES_SQUARE, WALL_STREET } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { DESK, expectWellLaidOut, openWindow, PHONE, type Window } from '../support/pages.ts'
import { askRide } from '../support/ride-steps.ts'
import { describeWith } from '../support/servers.ts'

describeWith('chromium', 'what a desk looks at', () => {
  let world: AppWorld
  let browser: Browser
  let ines: Window
  beforeAll(async () => {
    // No offers by themselves: what happens to a ride here, the desk did.
    world = await startApp({ places: false, radiusM: 1 })
    browser = await launchChromium()
    ines = await openWindow(browser, world, world.canal.dispatcher, DESK)
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await world?.stop()
  })

  const palette = async ({ page }: Window, words: string) => {
    await page.keyboard.press('Control+k')
    await page.locator('#palette[open]').waitFor()
    await page.keyboard.type(words)
    await page.locator('#palette-commands [role="option"]').first().waitFor()
  }
  const tab = ({ page }: Window, words: string) =>
    page.locator('#board-table .tab[aria-current]').getByText(words).waitFor()

  describe('a saved view', () => {
    test(
      'is kept and shown by keys and by its name; another desk has it at once, and who acts on an older picture is told',
      async () => {
        const { page } = ines
        await ines.go('/board?show=booked')
        const max = await openWindow(browser, world, world.canal.admin, DESK)
        await max.go('/board')
        await page.keyboard.press('Shift+V')
        await page.waitForFunction(() => document.activeElement?.id === 'view-name')
        await page.keyboard.type('Late at night')
        await page.getByLabel('Share with the desk').first().check()
        await page.keyboard.press('Enter')
        await page.locator('.views-edit').getByText('Late at night').waitFor()
        await expectWellLaidOut(ines, 'saved-views')
        await page.locator('#views-button').getByText('Late at night').waitFor()
        const inMenu = (window: Window, name: string) =>
          window.page.locator(`#views-list [data-saved-view="${name}"]`).waitFor({ state: 'attached' })
        await inMenu(max, 'Late at night')

        await page.keyboard.press('Escape')
        await page.locator('.views-pane').waitFor({ state: 'detached' })
        await palette(ines, 'view live')
        await page.keyboard.press('Enter')
        await tab(ines, 'Live')
        await palette(ines, 'late at night')
        await page.keyboard.press('Enter')
        await tab(ines, 'Booked')
        expect(new URL(page.url()).search).toBe('?show=booked')

        // Ines has the list open when Max renames the view; her menu follows, and her form is refused with who did it.
        await palette(ines, 'save or arrange')
        await page.keyboard.press('Enter')
        // What is shown is kept already, so it is what is arranged.
        await page.waitForFunction(
          () => document.activeElement?.matches('.views-edit[open] input[name="name"]') === true,
        )
        await max.page.keyboard.press('Shift+V')
        await max.page.locator('.views-edit summary').getByText('Late at night').click()
        await max.page.locator('.views-edit[open] input[name="name"]').fill('Graveyard shift')
        await max.page.keyboard.press('Enter')
        await max.page.locator('.views-edit').getByText('Graveyard shift').waitFor()
        await inMenu(ines, 'Graveyard shift')
        await page.locator('.views-edit[open]').getByRole('button', { name: 'Delete' }).click()
        const told = page.getByRole('alert').getByText(/changed this view .* ago\. Nothing was done/)
        expect(await told.textContent()).toStartWith(world.canal.admin.name)

        // Then she deletes what it is now, and thinks better of it.
        await page.locator('.views-edit summary').getByText('Graveyard shift').waitFor()
        if ((await page.locator('.views-edit[open]').count()) === 0)
          await page.locator('.views-edit summary').getByText('Graveyard shift').click()
        await page.locator('.views-edit[open]').getByRole('button', { name: 'Delete' }).click()
        await page.getByText('is deleted.').waitFor()
        await max.page.locator('#views-list [data-saved-view]').waitFor({ state: 'detached' })
        await page.getByRole('button', { name: 'Put it back' }).click()
        await inMenu(max, 'Graveyard shift')
        for (const { mistakes } of [ines, max])
          expect(mistakes.splice(0).filter((mistake) => !mistake.includes('409'))).toEqual([])
        await max.context.close()
      },
      BROWSER_TIMEOUT_MS,
    )

    test(
      'with scripts off it is saved from what is shown, and the board begins with it',
      async () => {
        const bare = await openWindow(browser, world, world.canal.dispatcher, {
          ...DESK,
          javaScriptEnabled: false,
        })
        const { page } = bare
        await bare.go('/board?show=ended&late=yes')
        await page.locator('#views-button').click()
        await page.getByRole('link', { name: 'Save or arrange' }).click()
        await page.getByText('Ended · late', { exact: true }).waitFor()
        await page.getByLabel('Keep it as').fill('What went wrong')
        await page.getByLabel('My board begins with it').first().check()
        await page.getByRole('button', { name: 'Save' }).first().click()
        await page.locator('#views-button').getByText('What went wrong').waitFor()
        await bare.go('/board')
        await tab(bare, 'Ended')
        await page.locator('.tab', { hasText: 'Live' }).click()
        await tab(bare, 'Live')
        expect(bare.mistakes).toEqual([])
        await bare.context.close()
      },
      BROWSER_TIMEOUT_MS,
    )
  })

  describe('zones', () => {
    test(
      'lie over the map by one key, and a press on one shows its rides in table and queue; another key has the map again',
      async () => {
        const { page } = ines
        const here = await askRide(world.canal.rider)
        const there = await askRide(world.canal.otherRider, '', { from: WALL_STREET, to: TIMES_SQUARE })
        const row = (id: string) => page.locator(`#row-${id}`)
        const card = (id: string) => page.locator(`#queue-${id}`)
        await ines.go('/board?show=live')
        await card(there.id).waitFor()
        await page.keyboard.press('z')
        await page.waitForFunction(() => document.activeElement?.matches('[data-area]') === true)
        const tile = page.locator(`#areas-side [data-area="${new AreaIndex([]).areaOf(TIMES_SQUARE)}"]`)
        await tile.getByText('1 short now').waitFor()
        await expectWellLaidOut(ines, 'zones')
        await tile.focus()
        await page.keyboard.press('Enter')
        await row(there.id).waitFor({ state: 'detached' })
        await row(here.id).waitFor()
        await card(there.id).waitFor({ state: 'hidden' })
        await page.locator('#board-narrowed').getByText('1 of 2 here').waitFor()
        expect(await card(here.id).isVisible()).toBe(true)
        // What is drawn for all desks alike stays narrowed here.
        const another = await askRide(await world.newRider('Noor Al-Haddad'), '', {
          from: WALL_STREET,
          to: TIMES_SQUARE,
        })
        await page.locator('#board-narrowed').getByText('1 of 3 here').waitFor()
        expect(await card(another.id).isVisible()).toBe(false)
        await page.locator('#board-narrowed a').click()
        await card(there.id).waitFor()
        await row(another.id).waitFor()
        await page.keyboard.press('z')
        await page.locator('#areas-side').waitFor({ state: 'hidden' })
        await expectWellLaidOut(ines, 'zones-closed')
        // Whoever is on this part of the map is written to by one key more.
        await page.keyboard.press('Shift+G')
        await page.waitForURL(/\/board\/messages\?to=view/)
        expect(await page.locator('select[name="to"]').inputValue()).toStartWith('view:')
        expect(ines.mistakes.splice(0)).toEqual([])
      },
      BROWSER_TIMEOUT_MS,
    )
  })

  test(
    'the supervisor’s page moves by itself: what needs somebody, how long it waits, and what waits for a decision',
    async () => {
      const { page, go, mistakes, context } = await openWindow(browser, world, world.canal.admin, PHONE)
      await go('/board/now')
      await page.evaluate(() => Object.assign(window, { isStillHere: true }))
      const ride = await askRide(await world.newRider('Adaeze Obi'))
      const age = page.locator(`#queue-${ride.id} [data-since]`)
      await age.waitFor()
      const first = (await age.textContent()) ?? ''
      await age.filter({ hasNotText: first }).waitFor()
      const text = 'The lift at the pier is broken'
      await world.canal.dispatcher.client.done('POST', '/api/v1/board/handover', { text })
      await page.locator('#now-waiting').getByText('note to take over').waitFor()
      expect(await page.evaluate(() => Reflect.get(window, 'isStillHere'))).toBe(true)
      expect(mistakes).toEqual([])
      await context.close()
    },
    BROWSER_TIMEOUT_MS,
  )
})
