/** The desk's map on the real server: nobody on the road, cars in its view, a line that goes and comes back, without a reload. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import AxeBuilder from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { type AppWorld, BRYANT_PARK, startApp, WALL_STREET } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'

import { multiplyRide, takeManyAway } from '../support/many-rides.ts'
import { DESK, expectAccessible, expectWellLaidOut, openWindow } from '../support/pages.ts'
import { askRide, assign, goOnline, pingAt } from '../support/ride-steps.ts'
import { describeWith } from '../support/servers.ts'

/** By number: right to left, joined, stacked, wide, hidden, as long as a name may be, and one that turns what follows. */
const NAMES: Readonly<Record<number, string>> = {
  1: 'نور الهدى عبد الرحمن',
  2: 'שִׁירָה כֹּהֵן־לֵוִי',
  3: 'Zoë 👩‍👩‍👧‍👦 🏳️‍🌈 Nguyễn Thị Ánh',
  4: 'ปรียานุช น้ำผึ้ง',
  5: `Z${'\u0334\u0328\u031b\u035a\u0344'.repeat(8)}a${'\u0337\u0350'.repeat(10)}lgo`,
  6: 'क्षत्रिय श्रीनिवासन्',
  7: 'W'.repeat(100),
  8: '李小龍與司馬相如',
  9: '\u202eelohw eht snrut\u202c',
  10: 'ნინო · Ծովինար · ⵉⴷⵉⵔ',
}

/** More drawings of a full queue than may be on their way to one page. */
const CHANGES = 8

describeWith('chromium', 'the desk’s map', () => {
  let world: AppWorld
  let browser: Browser
  beforeAll(async () => {
    // The matcher asks only who stands at the pickup; what happens to a ride here, the desk did.
    world = await startApp({ places: false, radiusM: 1 })
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
    const drive = (at: typeof BRYANT_PARK, agoMs = 0) => {
      const ping = pingAt(world, at)
      return otherDriver.client.done('POST', '/api/v1/positions', {
        pings: [{ ...ping, at: ping.at - agoMs }],
      })
    }
    // Long enough ago to have come by then to where it drives below.
    await drive(BRYANT_PARK, 5_000)
    await untilShown(page, [['163', lat3(BRYANT_PARK.lat)]])
    await page.getByText('No car is on shift.').waitFor({ state: 'hidden' })

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

  /** The board never loads itself anew; counts how often it was loaded. */
  const countLoads = (page: Page) => {
    const loads: string[] = []
    page.on('load', () => void loads.push(page.url()))
    return loads
  }
  const bar = (page: Page) => page.locator('#live-state')
  /** What the browser says of a server that is away. */
  const ownMistakes = (mistakes: readonly string[]) =>
    mistakes.filter((mistake) => !/WebSocket|ERR_|Failed to (fetch|load resource)/.test(mistake))

  test('sounds are for what cannot wait; muted, a call for help alone is heard', async () => {
    const { canal } = world
    const desk = await openWindow(browser, world, canal.dispatcher, DESK)
    const { page, context } = desk
    await page.addInitScript(() => {
      const heard: string[] = []
      document.addEventListener('board:sound', (event) => void heard.push((event as CustomEvent).detail))
      Object.assign(window, { heard })
    })
    await desk.go('/board')
    const untilHeard = (expected: readonly string[]) =>
      page.waitForFunction(
        (wanted) => JSON.stringify(Reflect.get(window, 'heard')) === wanted,
        JSON.stringify(expected),
      )
    const ask = async (name: string) => (await askRide(await world.newRider(name))).id
    /** Less than a minute is left of this request; the board shows it with the drawing for the next one. */
    const short = (id: string) =>
      world.db
        .updateTable('rides')
        .set({ deadline_at: new Date(world.clock.nowMs() + 50_000) })
        .where('id', '=', id as never)
        .execute()
    // Before anything was pressed the browser lets no page sound, which the switch says.
    const mute = page.getByRole('button', { name: 'Mute' })
    expect(await mute.getAttribute('title')).toContain('as soon as you press anything')
    await page.keyboard.press('q')
    await page.waitForFunction(
      () => document.getElementById('board-mute')?.title === 'Sounds are on (S mutes)',
    )
    const first = await ask('Sol Brink')
    await page.locator(`#queue-${first}`).waitFor()
    await short(first)
    const second = await ask('Sam Quill')
    // One tone for the one that runs short, and none for its request or anything else before.
    await untilHeard(['short'])
    await page.keyboard.press('s')
    expect(await mute.getAttribute('aria-pressed')).toBe('true')
    await short(second)
    await goOnline(world, canal.driver)
    const ride = await askRide(canal.rider)
    await assign(canal, ride.id)
    await page.locator(`#queue-${second} .queue-short`).waitFor()
    await canal.rider.client.done('POST', `/api/v1/rides/${ride.id}/safety`, {})
    await untilHeard(['short', 'safety'])
    // It is kept for the next time, as a switch of this machine.
    await page.reload()
    await page.waitForFunction(() => document.getElementById('board-mute')?.ariaPressed === 'true')
    await page.keyboard.press('s')
    expect(await mute.getAttribute('aria-pressed')).toBe('false')
    expect(desk.mistakes).toEqual([])
    for (const id of [first, second, ride.id]) await cancel(id)
    await canal.driver.client.call('DELETE', '/api/v1/driver/shift')
    await context.close()
  }, 60_000)

  test('filters by keyboard, while the table goes on moving under them', async () => {
    const { canal } = world
    const desk = await openWindow(browser, world, canal.dispatcher, DESK)
    const { page, context } = desk
    await desk.go('/board')
    await page.locator('.filter-button').focus()
    await page.keyboard.press('Enter')
    const filters = page.locator('#table-filters')
    await filters.waitFor()
    const field = (name: string) => page.locator(`#filter-${name}`)
    while (!(await field('payment').evaluate((of) => of === document.activeElement)))
      await page.keyboard.press('Tab')
    await page.keyboard.type('cash')
    while (!(await field('from').evaluate((of) => of === document.activeElement)))
      await page.keyboard.press('Tab')
    await page.keyboard.type('Times')
    // A ride comes, and the table is drawn anew under the open filters.
    const ride = await askRide(await world.newRider('Fay Until'))
    await page.locator(`#row-${ride.id}`).waitFor()
    await page.keyboard.type(' Squ')
    expect(await field('payment').inputValue()).toBe('cash')
    expect(await field('from').inputValue()).toBe('Times Squ')
    await expectAccessible(desk, '71-board-filters')
    await page.keyboard.press('Enter')
    await page.locator('.filter-chip', { hasText: 'from Times Squ' }).waitFor()
    await page.locator('.filter-chip', { hasText: 'pays by cash' }).waitFor()
    await page.locator(`#row-${ride.id}`).waitFor()
    await page.keyboard.press('Escape')
    await filters.waitFor({ state: 'hidden' })
    expect(new URL(page.url()).searchParams.get('from')).toBe('Times Squ')
    expect(desk.mistakes).toEqual([])
    await cancel(ride.id)
    await context.close()
  }, 60_000)

  test('asleep for an hour, past a restart of the server: says how old it is, lets nothing old through, and is right again', async () => {
    const { canal } = world
    const { dispatcher, driver, otherDriver } = canal
    await goOnline(world, driver)
    const ride = await askRide(canal.rider)
    const desk = await openWindow(browser, world, dispatcher, DESK)
    const { page, context } = desk
    const loads = countLoads(page)
    // A machine that sleeps: nothing gets through and no timer runs; awake, the wall clock is an hour on, and the
    // page's own one is not.
    let isAway = false
    const sockets: (() => void)[] = []
    await page.addInitScript(() => {
      const now = Date.now.bind(Date)
      const slept = { ms: 0 }
      Date.now = () => now() + slept.ms
      Object.assign(window, { slept })
    })
    await page.routeWebSocket(/\/live\//, (socket) => {
      if (isAway) return void socket.close({ code: 1011 })
      const server = socket.connectToServer()
      let isDead = false
      sockets.push(() => {
        isDead = true
      })
      server.onMessage((message) => void (isDead || socket.send(message)))
      server.onClose(() => void (isDead || socket.close({ code: 1011 })))
    })
    await page.route(/\/board\/(rides|table)/, (route) =>
      isAway && route.request().method() === 'GET' ? route.abort() : route.continue(),
    )
    await desk.go(`/board?ride=${ride.id}`)
    await page.locator('#assign input[data-call-sign="204"]').waitFor({ state: 'attached' })
    await page.locator(`#queue-${ride.id}`).waitFor()

    isAway = true
    for (const die of sockets.splice(0)) die()
    const asleepAtMs = Date.now()
    await world.restart()
    await goOnline(world, otherDriver, WALL_STREET)
    await canal.admin.client.done('POST', `/api/v1/board/rides/${ride.id}/assignment`, {
      driverId: otherDriver.driverId,
    })
    const asked = await askRide(canal.otherRider)
    await page.evaluate(() => {
      const { slept } = window as unknown as { slept: { ms: number } }
      slept.ms += 3_600_000
    })
    await bar(page).waitFor()
    const clock = (atMs: number) =>
      new Intl.DateTimeFormat('en-GB', {
        ...{ hour: '2-digit', minute: '2-digit', timeZone: 'America/New_York' },
      }).format(atMs)
    const heard = [0, 60_000].map((agoMs) => clock(asleepAtMs - agoMs))
    const said = /^Not live since (.*)\. Trying again\. What you see may have moved\.$/.exec(
      ((await bar(page).textContent()) ?? '').trim(),
    )
    expect(heard).toContain(said?.[1] ?? '')
    await expectAccessible(desk, '72-board-awake')

    // What it still shows is not what is so, and who presses it is told.
    await page.keyboard.press('Enter')
    await page
      .getByRole('alert')
      .getByText(
        new RegExp(`^${canal.admin.name} gave this ride to 163 .* ago\\. Your choice was not used\\.$`),
      )
      .waitFor()
    expect(await driverOf(ride.id)).toBe(otherDriver.driverId)
    expect(await page.locator(`#queue-${asked.id}`).count()).toBe(0)

    isAway = false
    await page.locator(`#queue-${asked.id}`).waitFor()
    await bar(page).waitFor({ state: 'hidden' })
    await page.locator(`#queue-${ride.id}`).waitFor({ state: 'detached' })
    // Clocks of the page go by the server's again.
    await page.waitForFunction(
      (told) => document.getElementById('board-clock')?.textContent?.startsWith(told.hour) === true,
      { hour: clock(Date.now()).slice(0, 2) },
    )
    expect(loads.length).toBe(1)
    expect(ownMistakes(desk.mistakes)).toEqual([])
    for (const id of [ride.id, asked.id]) await cancel(id)
    for (const one of [driver, otherDriver]) await one.client.call('DELETE', '/api/v1/driver/shift')
    await context.close()
  }, 90_000)

  test('ten thousand people wait, with names of every script: the board answers, says what it leaves out and finds the rest', async () => {
    const { dispatcher, rider } = world.uptown
    const ride = await askRide(rider)
    await multiplyRide(world.db, ride.id, { times: 9_999, names: { ...NAMES, 7777: 'Wally Hidden' } })
    const desk = await openWindow(browser, world, dispatcher, DESK)
    const { page, context } = desk
    await desk.go('/board')
    await page.getByText('9,940 more have longer.').waitFor()
    await page.getByText('100 are listed, and 9,900 more. Search or filter to find the others.').waitFor()
    await page.getByText('No car is on shift.').waitFor()
    await expectWellLaidOut(desk, '73-board-ten-thousand')
    // Much is left out, so the page is no longer than with a hundred.
    expect((await page.content()).length).toBeLessThan(300_000)
    // In a row each name is one line, whatever it is made of, and the row is as it is with any name.
    const heights = await page
      .locator('#board-table tbody tr')
      .evaluateAll((rows) => rows.map((row) => Math.round(row.getBoundingClientRect().height)))
    expect([heights.length, new Set(heights).size]).toEqual([100, 1])
    for (const n of [1, 5, 7, 9]) {
      const row = page.locator(`#board-table tbody tr:nth-child(${n + 1})`)
      const reference = (await row.locator('td').nth(1).textContent())!.trim()
      await row.locator('.row-link').press('Enter')
      await page.getByRole('heading', { name: reference, exact: true }).waitFor()
      const terms = page.locator('.pane-terms')
      expect(await terms.locator('bdi').first().textContent()).toBe(NAMES[n]!)
      // What a name is made of ends with it: the price stands where it stands for everybody.
      const { over, isBeside } = await terms.evaluate((line) => {
        const name = line.querySelector('bdi')!.getClientRects()
        const price = line.querySelector('b')!.getBoundingClientRect()
        const last = name[name.length - 1]!
        const pane = document.getElementById('board-ride')!
        return {
          over: pane.scrollWidth - pane.clientWidth,
          isBeside: price.left >= last.right || price.top >= last.bottom - 2,
        }
      })
      expect([n, over, isBeside]).toEqual([n, 0, true])
      await page.getByText('No free car of this class is in reach.').waitFor()
      if (n === 7) await desk.picture('74-board-long-name')
    }
    await page.keyboard.press('/')
    await page.keyboard.type('wally')
    await page.locator('#board-table tbody').getByText('Wally Hidden').waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('t')
    await page.keyboard.press('Enter')
    await page.locator('.pane-terms').getByText('Wally Hidden').waitFor()
    expect(desk.mistakes).toEqual([])
    await context.close()
  }, 90_000)

  test('a slow client: what happens meanwhile is not kept for it, and it gets the newest alone', async () => {
    const { dispatcher, admin } = world.uptown
    // A full queue is enough here.
    await takeManyAway(world.db)
    const quick = await openWindow(browser, world, dispatcher, DESK)
    const slow = await openWindow(browser, world, admin, DESK)
    const drawings: number[] = []
    slow.page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        const text = String(payload)
        if (text.includes('id="board-queue"')) drawings.push(text.length)
      }),
    )
    for (const desk of [quick, slow]) {
      await desk.go('/board')
      await desk.page.locator('.queue-card').first().waitFor()
    }
    await slow.page.waitForFunction(() => document.body.dataset.view !== undefined)
    const cdp = await slow.context.newCDPSession(slow.page)
    const throttle = (bytesAS: number) =>
      cdp.send('Network.emulateNetworkConditions', {
        ...{ offline: false, latency: 0, downloadThroughput: bytesAS, uploadThroughput: bytesAS },
      })
    await cdp.send('Network.enable')
    await throttle(1_000)
    const before = drawings.length
    let first = ''
    for (let n = 0; n < CHANGES; n++) {
      first = (await quick.page.locator('.queue-card').first().getAttribute('id'))!
      await dispatcher.client.done(
        'POST',
        `/api/v1/board/rides/${first.replace('queue-', '')}/cancellation`,
        {
          reason: 'double request',
        },
      )
      await quick.page.locator(`#${first}`).waitFor({ state: 'detached' })
    }
    expect(await slow.page.locator(`#${first}`).count()).toBe(1)
    await throttle(-1)
    await slow.page.locator(`#${first}`).waitFor({ state: 'detached' })
    expect(drawings.length - before).toBeLessThan(CHANGES)
    for (const { context, mistakes } of [quick, slow]) {
      expect(mistakes).toEqual([])
      await context.close()
    }
  }, 90_000)

  const cancel = (id: string) =>
    world.canal.dispatcher.client.done('POST', `/api/v1/board/rides/${id}/cancellation`, {
      reason: 'the next part of the test',
    })
  const driverOf = async (id: string) =>
    (
      await world.db
        .selectFrom('rides')
        .select('driver_id')
        .where('id', '=', id as never)
        .executeTakeFirstOrThrow()
    ).driver_id
})
