/** Real pages whose line is cut, blocked, dead without a word, or whose server is killed: said, and nothing lost. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { type AppWorld, BRYANT_PARK, type Person, startApp } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { expectAccessible, openWindow, PHONE, type Window } from '../support/pages.ts'
import { askRide, assign, goOnline, STEPS } from '../support/ride-steps.ts'
import { describeWith } from '../support/servers.ts'

const AFTER = { set_off: 'en_route', arrive: 'arrived', board: 'in_progress', finish: 'completed' } as const

describeWith('chromium', 'a page whose line is not what it should be', () => {
  let world: AppWorld
  let browser: Browser
  const open: Window[] = []
  beforeAll(async () => {
    world = await startApp({ places: false })
    browser = await launchChromium()
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await world?.stop()
  })
  afterEach(async () => {
    const mistakes = open.flatMap((made) => made.mistakes)
    for (const { context } of open.splice(0)) await context.close()
    // That there is no network the browser says too.
    expect(mistakes.filter((mistake) => !/WebSocket|ERR_|Failed to load resource/.test(mistake))).toEqual([])
  })

  async function window(person: Person, options: Parameters<typeof openWindow>[3] = PHONE) {
    const made = await openWindow(browser, world, person, options)
    open.push(made)
    // What lands on the page, and that it is the same page all the time.
    await made.page.addInitScript(() => {
      const landed: string[] = []
      Object.assign(window, { landed })
      document.addEventListener('live:fragment', (event) => {
        const { detail } = event as CustomEvent<HTMLElement>
        landed.push(`${detail.id} ${detail.dataset.state}`)
      })
    })
    return made
  }
  const shows = (page: Page, state: string) => page.locator(`#ride-status[data-state="${state}"]`).waitFor()
  const bar = (page: Page) => page.locator('#live-state')
  const landed = (page: Page) => page.evaluate(() => (window as unknown as { landed: string[] }).landed)
  const take = (id: string, step: string) =>
    world.canal.driver.client.done('POST', `/api/v1/rides/${id}/steps`, { step })

  async function ridden(name: string) {
    const rider = await world.newRider(name)
    await goOnline(world, world.canal.driver)
    return { rider, id: (await askRide(rider)).id }
  }

  test('cut at each point of a ride it says since when it is not live, and is right again when it is back', async () => {
    const { rider, id } = await ridden('Rufus Vale')
    const made = await window(rider)
    const { page, context } = made
    await made.go(`/rides/${id}`)
    await shows(page, 'requested')
    await page.waitForFunction(() => (window as unknown as { landed: string[] }).landed.length > 0)
    const points = [['requested', () => assign(world.canal, id), 'assigned'] as const]
    const steps = STEPS.map((step) => [AFTER[step], () => take(id, step), AFTER[step]] as const)
    for (const [, happen, then] of [...points, ...steps]) {
      await context.setOffline(true)
      await bar(page).waitFor({ state: 'visible' })
      expect(await bar(page).textContent()).toMatch(/Not live since \d+:\d\d.*\. Trying again\./)
      if (then === 'arrived') await expectAccessible(made, '95-not-live')
      await happen()
      await context.setOffline(false)
      await shows(page, then)
      await bar(page).waitFor({ state: 'hidden' })
    }
    const states = (await landed(page)).filter((one, n, all) => one !== all[n - 1])
    expect(states).toEqual(
      ['requested', 'assigned', 'en_route', 'arrived', 'in_progress', 'completed'].map(
        (state) => `ride-status ${state}`,
      ),
    )
  }, 90_000)

  test('where sockets are blocked, a ride is asked for, driven and followed all the same', async () => {
    const { rider, id } = await ridden('Reza Elm')
    const blocked = async (person: Person, options: Parameters<typeof openWindow>[3]) => {
      const made = await window(person, options)
      await made.page.routeWebSocket(/\/live\//, (socket) => void socket.close({ code: 1011 }))
      return made
    }
    const rides = await blocked(rider, PHONE)
    const drives = await blocked(world.canal.driver, { ...PHONE, at: BRYANT_PARK })
    const asked: string[] = []
    for (const { page } of [rides, drives])
      page.on('request', (request) => void asked.push(new URL(request.url()).pathname))
    await rides.go(`/rides/${id}`)
    await drives.go('/driver')
    await assign(world.canal, id)
    await shows(rides.page, 'assigned')
    await drives.page.locator('#driver[data-state="ride"]').waitFor()
    await drives.page.locator('#gps:has-text("all sent")').waitFor()
    for (const step of STEPS.slice(0, 3)) {
      await take(id, step)
      await shows(rides.page, AFTER[step])
    }
    expect(await bar(rides.page).isHidden()).toBe(true)
    expect(asked).toContain(`/live/rides/${id}`)
    expect(asked).toContain('/live/driver')
    expect(asked).toContain('/api/v1/positions')
    await drives.page.locator(`form[action="/rides/${id}/steps"]`).first().waitFor()
    await take(id, 'finish')
    await shows(rides.page, 'completed')
    await drives.page.locator('#driver[data-state="waiting"]').waitFor()
  }, 90_000)

  test('a line that is dead without a word is noticed, and goes on where it was', async () => {
    const { rider, id } = await ridden('Rhea Pine')
    const made = await window(rider)
    const opened: string[] = []
    const hellos: { stream: string; n: number }[] = []
    let isDead = false
    await made.page.routeWebSocket(/\/live\//, (socket) => {
      opened.push(socket.url())
      const server = socket.connectToServer()
      const first = opened.length === 1
      server.onMessage((message) => {
        if (isDead && first) return
        const text = String(message)
        if (!text.startsWith('{"type":"stream"')) return socket.send(message)
        const hello = JSON.parse(text)
        hellos.push(hello)
        // Beats that come sooner, so that the test need not wait for half a minute.
        socket.send(JSON.stringify({ ...hello, beatMs: first ? 600 : hello.beatMs }))
      })
    })
    await made.go(`/rides/${id}`)
    await shows(made.page, 'requested')
    await made.page.waitForFunction(() => (window as unknown as { landed: string[] }).landed.length > 0)
    isDead = true
    await assign(world.canal, id)
    await shows(made.page, 'assigned')
    expect(opened.length).toBeGreaterThan(1)
    expect(opened[1]).toContain(`stream=${hellos[0]!.stream}&after=`)
    expect(hellos[1]!.stream).toBe(hellos[0]!.stream)
    expect(hellos[1]!.n).toBeGreaterThan(0)
    await world.canal.dispatcher.client.done('POST', `/api/v1/board/rides/${id}/cancellation`, {
      reason: 'the next part of the test',
    })
    await shows(made.page, 'cancelled')
  }, 60_000)

  // Last: what the old process held in memory is gone.
  test('a server that is killed and started again in the middle of a ride is found again by the same page', async () => {
    const { rider, id } = await ridden('Rune Ash')
    await assign(world.canal, id)
    const made = await window(rider)
    await made.go(`/rides/${id}`)
    await shows(made.page, 'assigned')
    await made.page.waitForFunction(() => (window as unknown as { landed: string[] }).landed.length > 0)
    await world.restart()
    await take(id, 'set_off')
    await shows(made.page, 'en_route')
    await bar(made.page).waitFor({ state: 'hidden' })
    await take(id, 'arrive')
    await shows(made.page, 'arrived')
    expect(new Set(await landed(made.page))).toEqual(
      new Set(['assigned', 'en_route', 'arrived'].map((state) => `ride-status ${state}`)),
    )
  }, 60_000)
})
