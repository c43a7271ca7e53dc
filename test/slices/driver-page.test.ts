import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { askRide, assign, goOnline, takeSteps } from '../support/ride-steps.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ places: false })
}, 30_000)
afterAll(() => world?.stop())

test('a finished ride’s result goes when the driver has seen it, and another ride’s does not, without script', async () => {
  const { canal } = world
  const page = async (query = '') => (await canal.driver.client.call('GET', `/driver${query}`)).text()
  await goOnline(world, canal.driver)
  const ride = await askRide(canal.rider)
  await assign(canal, ride.id)
  await takeSteps(canal.driver, ride.id, 4)

  const ended = await page()
  expect(ended).toContain('Ride complete')
  expect(ended).toContain(`href="/driver?seen=${ride.id}"`)
  const seen = await page(`?seen=${ride.id}`)
  expect(seen).not.toContain('Ride complete')
  expect(seen).toContain('Online since')
  expect(await page(`?seen=${crypto.randomUUID()}`)).toContain('Ride complete')
  expect((await canal.driver.client.call('GET', '/driver?seen=1')).status).toBe(422)
})
