/** Two companies at work side by side: what the sockets of one hear while the other drives. Pages are walked in routes.test.ts. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { pictureOf, WHOLE_CITY } from '../support/board.ts'
import { askRide, assign, goOnline, pingAt, takeSteps } from '../support/ride-steps.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startApp()
}, 60_000)
afterAll(() => world?.stop())

test("no socket of one company hears of the other's ride, driver or rider", async () => {
  const { canal, uptown } = world
  const upRide = await askRide(uptown.rider, 'at the green gate')
  const foreign = [
    uptown.dispatcher.client.live(`/live/board?${WHOLE_CITY}`),
    // Whose car it is, is not asked of who follows it.
    uptown.admin.client.live(`/live/board?${WHOLE_CITY},${canal.driver.driverId}`),
    uptown.driver.client.live('/live/driver'),
    uptown.otherDriver.client.live('/live/driver?format=json'),
    uptown.rider.client.live(`/live/rides/${upRide.id}`),
  ]
  const own = [
    canal.dispatcher.client.live(`/live/board?${WHOLE_CITY}`),
    canal.driver.client.live('/live/driver'),
  ]
  for (const live of [...foreign, ...own]) expect(await live.opened).toBe('open')

  const ride = await askRide(canal.rider, 'by the blue door')
  const following = canal.rider.client.live(`/live/rides/${ride.id}`)
  expect(await following.opened).toBe('open')
  await goOnline(world, canal.driver)
  await assign(canal, ride.id)
  await takeSteps(canal.driver, ride.id, 2)
  await canal.driver.client.done('POST', '/api/v1/positions', { pings: [pingAt(world)] })
  const carsOf = ({ messages }: { messages: readonly string[] }) =>
    [...pictureOf(messages).picture.cars.values()].map(([id]) => id)
  await own[0]!.next(() => carsOf(own[0]!).includes(canal.driver.driverId))
  await own[1]!.next((message) => message.includes('Ada'))
  await following.next((message) => message.includes('Bo'))
  for (const step of ['board', 'finish'])
    await canal.driver.client.done('POST', `/api/v1/rides/${ride.id}/steps`, { step })
  // The foreign board has drawn since, so what it was going to hear has come.
  const before = foreign.flatMap(({ messages }) => messages)
  foreign[0]!.clear()
  await foreign[0]!.next((message) => message.startsWith('<'), 10_000)

  const marks = [ride.id, ride.reference, canal.driver.driverId, 'Ada', 'blue door', 'HC 2041', 'Bo L']
  const heard = [...before, ...foreign.flatMap(({ messages }) => messages)]
  expect(heard.length).toBeGreaterThan(5)
  expect(pictureOf(heard).changes.flatMap(({ cars }) => cars.map(([id]) => id))).not.toContain(
    canal.driver.driverId,
  )
  for (const mark of marks) expect(heard.filter((message) => message.includes(mark))).toEqual([])
  for (const live of [...foreign, ...own, following]) live.close()
}, 30_000)
