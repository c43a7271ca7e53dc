/** Whom the desk is shown first for a ride. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type AppWorld, BRYANT_PARK, startApp, TIMES_SQUARE } from '../support/app-world.ts'
import { askRide, type DriverAnswer, goOnline } from '../support/ride-steps.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false })
}, 60_000)
afterAll(() => world?.stop())

test('who declined stands after who was not asked, however near', async () => {
  const { rider, driver, otherDriver, dispatcher } = world.canal
  const ride = await askRide(rider)
  await goOnline(world, driver, TIMES_SQUARE)
  await goOnline(world, otherDriver, BRYANT_PARK)
  const choice = async () => {
    await world.fleet.settle()
    const path = `/api/v1/board/rides/${ride.id}/candidates`
    const answer = await dispatcher.client.done<{ candidates: { callSign: string; reason: string }[] }>(
      'GET',
      path,
    )
    return answer.candidates.map(({ callSign, reason }) => [callSign, reason])
  }
  expect(await choice()).toEqual([
    ['204', 'nearest'],
    ['163', expect.stringMatching(/ km$/)],
  ])

  for (const dispatcher of world.dispatchers) await dispatcher.run()
  const { offer } = await driver.client.done<DriverAnswer>('GET', '/api/v1/driver')
  await driver.client.done('POST', `/api/v1/offers/${offer!.id}/decline`)
  expect(await choice()).toEqual([
    ['163', expect.stringMatching(/ km$/)],
    ['204', 'declined before'],
  ])
})
