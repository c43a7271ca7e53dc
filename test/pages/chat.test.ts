import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { DESK, expectWellLaidOut, makeWindows, PHONE } from '../support/pages.ts'
import { askRide, assign, goOnline, takeSteps } from '../support/ride-steps.ts'
import { describeWith } from '../support/servers.ts'

describeWith('chromium', 'messages about a ride in the real pages', () => {
  let world: AppWorld
  let browser: Browser
  let rideId: string
  const window = makeWindows(() => ({ browser, world }))
  beforeAll(async () => {
    world = await startApp()
    browser = await launchChromium()
    await goOnline(world, world.canal.driver)
    rideId = (await askRide(world.canal.rider)).id
    await assign(world.canal, rideId)
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await world?.stop()
  })
  const unfold = (page: Page) => page.locator('#chat > summary').click()
  const bubble = (page: Page, text: string) => page.locator('.chat-bubble', { hasText: text })

  test('rider, driver and desk write to each other, live, and each sees what was read', async () => {
    const { canal } = world
    const rider = await window(canal.rider, PHONE)
    const driver = await window(canal.driver, PHONE)
    const desk = await window(canal.dispatcher, DESK)
    await rider.go(`/rides/${rideId}`)
    await driver.go('/driver')
    await desk.go(`/board?ride=${rideId}`)

    await unfold(rider.page)
    await rider.page.locator('#chat-text').fill('Red coat, by the kiosk')
    await rider.page.getByRole('button', { name: 'Send' }).click()
    await bubble(rider.page, 'Red coat').waitFor()
    expect(await rider.page.locator('#chat-text').inputValue()).toBe('')

    // Folded up it says that there is something; opened, the rider learns that it was read.
    await driver.page.getByText('1 new').waitFor()
    await driver.page.bringToFront()
    await unfold(driver.page)
    await bubble(driver.page, 'Red coat').waitFor()
    await rider.page.locator('.chat-ticks', { hasText: 'read' }).waitFor()
    await rider.page.getByText('Bo L. has this open').waitFor()
    await driver.page.getByRole('button', { name: 'Two minutes away' }).click()
    await bubble(rider.page, 'Two minutes away').waitFor()
    // What is half written stays while the page is drawn anew around it.
    await driver.page.locator('#chat-text').pressSequentially('Wait')
    await rider.page.getByText('Bo L. is typing').waitFor()

    await desk.page.bringToFront()
    await unfold(desk.page)
    await bubble(desk.page, 'Two minutes away').waitFor()
    await desk.page.locator('#chat-text').fill('Take the side door')
    await desk.page.keyboard.press('Enter')
    await bubble(rider.page, 'Take the side door').waitFor()
    await bubble(driver.page, 'Take the side door').waitFor()
    expect(await driver.page.locator('#chat-text').inputValue()).toBe('Wait')

    await rider.page.bringToFront()
    await rider.page.getByRole('button', { name: 'Report this message' }).first().click()
    await bubble(desk.page, 'Two minutes away').waitFor()
    await desk.page.getByText('reported').first().waitFor({ timeout: 15_000 })
    for (const [made, name] of [
      [rider, '90-chat-rider'],
      [driver, '91-chat-driver'],
      [desk, '92-chat-desk'],
    ] as const)
      await expectWellLaidOut(made, name)
  }, 60_000)

  test('without scripts the same forms work, and a page that is back shows what was said', async () => {
    const rider = await window(world.canal.rider, { ...PHONE, javaScriptEnabled: false })
    await rider.go(`/rides/${rideId}`)
    await unfold(rider.page)
    await rider.page.getByRole('button', { name: 'I don’t see you yet' }).click()
    await rider.page.waitForURL('**/rides/*#chat-log')
    expect(await bubble(rider.page, 'I don’t see you yet').count()).toBe(1)
  }, 30_000)

  test('what did not go out stays in its field and is said so', async () => {
    // What passes by a page's worker is not the browser's to cut.
    const rider = await window(world.canal.rider, { ...PHONE, serviceWorkers: 'block' })
    await rider.go(`/rides/${rideId}`)
    await unfold(rider.page)
    await rider.page.route('**/messages', (route) => route.abort())
    await rider.page.locator('#chat-text').fill('Are you near?')
    await rider.page.getByRole('button', { name: 'Send' }).click()
    await rider.page.getByText('your message was not sent').waitFor()
    expect(await rider.page.locator('#chat-text').inputValue()).toBe('Are you near?')
    rider.mistakes.splice(0)
    await takeSteps(world.canal.driver, rideId, 4)
    // The page of a ride that is over is another one: the messages are folded up again.
    await rider.page.getByRole('link', { name: /See the receipt/ }).waitFor()
    await unfold(rider.page)
    await rider.page.getByText('nothing more can be said here').waitFor()
  }, 30_000)

  test('what was lost: each side reads at once what the other did, and keeps what it was typing', async () => {
    const { canal } = world
    const path = `/rides/${rideId}/cases/lost-item`
    await canal.rider.client.done('POST', `/api/v1${path}`, { topic: 'phone', text: 'A black one' })
    const rider = await window(canal.rider, PHONE)
    const driver = await window(canal.driver, PHONE)
    await rider.go(path)
    await driver.go(`/driver${path}`)
    const words = rider.page.getByLabel('Your words')
    await words.pressSequentially('It may be under')
    await driver.page.getByLabel('Your words').fill('It lay under the seat')
    await driver.page.getByRole('button', { name: 'I found it' }).click()
    await rider.page.getByText('It lay under the seat').waitFor()
    expect(await words.inputValue()).toBe('It may be under')
    expect(await words.evaluate((field) => field === document.activeElement)).toBe(true)
    await rider.page.getByRole('button', { name: 'I have it back' }).click()
    await driver.page.getByText('says it is back').waitFor()
    for (const [made, name] of [
      [rider, '93-case-rider'],
      [driver, '94-case-driver'],
    ] as const)
      await expectWellLaidOut(made, name)
  }, 30_000)
})
