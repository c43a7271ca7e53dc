import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import { commit } from '../../src/io/commit.ts'
import type { SessionKind } from '../../src/io/tables/sessions.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { DESK, expectAccessible, openWindow, PHONE } from '../support/pages.ts'
import { describeWith } from '../support/servers.ts'

const ELSEWHERE: readonly (readonly [SessionKind, string])[] = [
  [
    'cookie',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1',
  ],
  ['cookie', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0'],
  ['token', 'campus-shuttle-sync/2.1'],
]

describeWith('chromium', 'the list of devices', () => {
  let world: AppWorld
  let browser: Browser
  beforeAll(async () => {
    world = await startApp({ running: false })
    browser = await launchChromium()
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await world?.stop()
  })

  for (const [size, options, n] of [
    ['a phone', PHONE, 0],
    ['a desk', DESK, 1],
  ] as const)
    test(`is used by keyboard on ${size}; axe finds nothing in any state`, async () => {
      const person = [world.canal.rider, world.canal.otherRider][n]!
      for (const [kind, userAgent] of ELSEWHERE)
        await commit(world, (unit) =>
          world.auth.startSession(unit, {
            ...{ identityId: person.identityId, kind, remembered: true, secondFactor: false },
            origin: { address: '203.0.113.9', requestId: 'r', userAgent },
          }),
        )
      const window = await openWindow(browser, world, person, options)
      const { page } = window
      await window.go('/account/devices')
      await expectAccessible(window, `90-devices-${n}`)
      // This one, the cast's own, and the three from elsewhere.
      expect(await page.locator('.device').count()).toBe(2 + ELSEWHERE.length)
      await page.getByRole('button', { name: 'Sign out Firefox on Windows' }).focus()
      await page.keyboard.press('Enter')
      await page.getByText('Signed out there.').waitFor()
      expect(await page.locator('.device').count()).toBe(1 + ELSEWHERE.length)
      await expectAccessible(window, `91-devices-one-${n}`)
      await page.getByRole('button', { name: 'Sign out everywhere else' }).focus()
      await page.keyboard.press('Enter')
      await page.getByText('You are signed in here only.').waitFor()
      await expectAccessible(window, `92-devices-none-${n}`)
      // This one goes on, through a reload and to another page.
      await window.go('/rides')
      expect(new URL(page.url()).pathname).toBe('/rides')
      expect(window.mistakes).toEqual([])
      await window.context.close()
    }, 60_000)
})
