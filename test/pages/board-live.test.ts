/** The desk's map on the real server: nobody on the road, cars in its view, a line that goes and comes back, without a reload. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import AxeBuilder from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { type AppWorld, BRYANT_PARK, startApp, WALL_STREET } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { DESK, openWindow } from '../support/pages.ts'
import { pingAt } from '../support/ride-steps.ts'
import { describeWith } from '../support/servers.ts'

describeWith('chromium', 'the desk’s map', () => {
  let world: AppWorld
  let browser: Browser
  beforeAll(async () => {
    world = await startApp({ places: false })
    browser = await launchChromium()
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await world?.stop()
  })

  /** The page keeps a picture of its own of what came, which a reload would lose. */
  const watch = (page: Page) =>
    page.evaluate(() => {
      const picture = new HoneycabBoardPicture()
      document.addEventListener('live:begin', () => picture.forget())
      document.addEventListener('live:binary', (event) => picture.apply((event as CustomEvent).detail))
      Object.assign(window, { watched: picture })
    })
  const shown = (page: Page) =>
    page.evaluate(() =>
      [...(Reflect.get(window, 'watched') as HoneycabBoardPicture).cars.values()].map(
        ([, callSign, lat6]) => [callSign, Math.round(lat6 / 1e3)],
      ),
    )
  const untilShown = (page: Page, expected: [string, number][]) =>
    page.waitForFunction((wanted) => {
      const rows = [...(Reflect.get(window, 'watched') as HoneycabBoardPicture).cars.values()]
      return JSON.stringify(rows.map(([, sign, lat6]) => [sign, Math.round(lat6 / 1e3)])) === wanted
    }, JSON.stringify(expected))
  const lat3 = (lat: number) => Math.round(lat * 1e3)

  test('says that nobody is on shift, shows who comes, and goes on after its line was away', async () => {
    const { dispatcher, otherDriver } = world.canal
    const desk = await openWindow(browser, world, dispatcher, DESK)
    const { page, context } = desk
    await desk.go('/board')
    await watch(page)
    const expectMapAccessible = async (name: string) => {
      await desk.picture(name)
      const { violations } = await new AxeBuilder({ page }).include('#board-map').analyze()
      expect(violations.map(({ id }) => `${name} ${id}`)).toEqual([])
    }
    await page.getByText('No car is on shift.').waitFor()
    await expectMapAccessible('70-board-without-cars')

    await otherDriver.client.done('POST', '/api/v1/driver/shift', {})
    const drive = (at: typeof BRYANT_PARK) =>
      otherDriver.client.done('POST', '/api/v1/positions', { pings: [pingAt(world, at)] })
    await drive(BRYANT_PARK)
    await untilShown(page, [['163', lat3(BRYANT_PARK.lat)]])
    expect(await page.getByText('No car is on shift.').isVisible()).toBe(false)

    // To a part of the map without a car, and back by the way that is offered there.
    const look = (at: typeof BRYANT_PARK) =>
      page.evaluate(({ lat, lng }) => {
        window
          .HoneycabMap(document.querySelector<HTMLElement>('#board-map .map')!)
          .leaflet.setView([lat, lng], 15, { animate: false })
      }, at)
    await look(WALL_STREET)
    await page.getByText('No car here; 1 car is elsewhere.').waitFor()
    await expectMapAccessible('71-board-elsewhere')
    expect(await shown(page)).toEqual([])
    await page.getByRole('button', { name: /^Back to / }).click()
    await untilShown(page, [['163', lat3(BRYANT_PARK.lat)]])

    await context.setOffline(true)
    await page.locator('.map.map-old').waitFor()
    const moved = { lat: BRYANT_PARK.lat + 0.001, lng: BRYANT_PARK.lng }
    await drive(moved)
    await context.setOffline(false)
    await untilShown(page, [['163', lat3(moved.lat)]])
    expect(await page.locator('.map.map-old').count()).toBe(0)
    await otherDriver.client.call('DELETE', '/api/v1/driver/shift')
    await page.getByText('No car is on shift.').waitFor()
    expect(
      desk.mistakes.filter(
        (mistake) => !mistake.includes('INTERNET_DISCONNECTED') && !mistake.includes('Failed to fetch'),
      ),
    ).toEqual([])
    await context.close()
  }, 60_000)
})
