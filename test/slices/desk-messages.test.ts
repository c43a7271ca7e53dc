/** Words of the desk to drivers: who gets them, how far they come, what is answered. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type AppWorld, BRYANT_PARK, type DriverPerson, startApp, WALL_STREET } from '../support/app-world.ts'
import { askRide, assign, goOnline, takeSteps } from '../support/ride-steps.ts'

interface Message {
  readonly id: string
  readonly side: string
  readonly text: string
  readonly by?: string
  readonly deliveredAtMs: number | null
  readonly readAtMs: number | null
}
interface Desk {
  readonly sendings: readonly {
    id: string
    text: string
    drivers: number
    delivered: number
    read: number
    unreadBy: readonly { callSign: string }[]
  }[]
  readonly answers: readonly { driverId: string; text: string }[]
}

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false })
}, 60_000)
afterAll(() => world?.stop())
afterEach(async () => {
  for (const who of [world.canal.driver, world.canal.otherDriver])
    await who.client.call('DELETE', '/api/v1/driver/shift')
})

const send = (audience: object, text: string, mustRead = false) =>
  world.canal.dispatcher.client.call('POST', '/api/v1/board/messages', { audience, text, mustRead })
const desk = () => world.canal.dispatcher.client.done<Desk>('GET', '/api/v1/board/messages')
const thread = async (who: DriverPerson) =>
  (await who.client.done<{ messages: Message[] }>('GET', '/api/v1/driver/messages')).messages
const texts = async (who: DriverPerson) => (await thread(who)).map(({ text }) => text)

test('all on shift get it, nobody else, and the desk sees it come and be read', async () => {
  const { driver, otherDriver } = world.canal
  expect((await send({ kind: 'all' }, 'nobody hears')).status).toBe(409)
  await goOnline(world, driver)
  expect((await send({ kind: 'all' }, 'rain', true)).status).toBe(201)
  expect(await texts(driver)).toEqual(['rain'])
  expect(await texts(otherDriver)).toEqual([])
  const [message] = await thread(driver)
  // Which dispatcher wrote is not the driver's business.
  expect(message).not.toHaveProperty('by')
  const sent = async () => (await desk()).sendings.find(({ text }) => text === 'rain')!
  expect(await sent()).toMatchObject({ drivers: 1, delivered: 0, read: 0, unreadBy: [{}] })
  const page = await (await driver.client.get('/driver')).text()
  expect(page).toContain('id="from-desk"')
  expect(page).toContain('I have read it')
  for (let twice = 0; twice < 2; twice++)
    await driver.client.done('POST', '/api/v1/driver/messages/delivered', { ids: [message!.id] })
  expect(await sent()).toMatchObject({ delivered: 1, read: 0 })
  await driver.client.form('/driver/messages/read', { ids: message!.id, key: crypto.randomUUID() })
  expect(await sent()).toMatchObject({ delivered: 1, read: 1, unreadBy: [] })
  expect(await (await driver.client.get('/driver')).text()).not.toContain('id="from-desk"')
})

test('by state, by class and by hand; whoever is off shift can still be written to by name', async () => {
  const { canal } = world
  const { driver, otherDriver, rider } = canal
  await goOnline(world, driver)
  const { id } = await askRide(rider)
  await assign(canal, id)
  await world.fleet.settle()
  expect((await send({ kind: 'state', state: 'free' }, 'to the free')).status).toBe(409)
  expect((await send({ kind: 'state', state: 'to_pickup' }, 'to those on the way')).status).toBe(201)
  expect(
    (await send({ kind: 'drivers', driverIds: [driver.driverId, otherDriver.driverId] }, 'both')).status,
  ).toBe(201)
  expect(await texts(driver)).toEqual(expect.arrayContaining(['to those on the way', 'both']))
  expect(await texts(otherDriver)).toEqual(['both'])
  // While the car drives it is one line to unfold.
  expect(await (await driver.client.get('/driver')).text()).toMatch(/<details id="from-desk"/)
  await takeSteps(driver, id, 4)
})

test('another company’s drivers are not there', async () => {
  const { uptown } = world
  expect((await send({ kind: 'drivers', driverIds: [uptown.driver.driverId] }, 'hello')).status).toBe(409)
  expect(await texts(uptown.driver)).toEqual([])
})

test('an answer waits for any dispatcher until one has looked, and says that the words before it were read', async () => {
  const { driver, dispatcher } = world.canal
  const path = `/api/v1/board/drivers/${driver.driverId}/messages`
  await dispatcher.client.done('POST', path, { text: 'Where are you?' })
  await driver.client.done('POST', '/api/v1/driver/messages', { text: 'At the pier' })
  const said = (await dispatcher.client.done<{ messages: Message[] }>('GET', path)).messages.slice(-2)
  expect(said).toMatchObject([
    { side: 'desk', by: dispatcher.name, readAtMs: expect.any(Number) },
    { side: 'driver', by: driver.name, text: 'At the pier', readAtMs: null },
  ])
  expect((await desk()).answers).toMatchObject([{ driverId: driver.driverId, text: 'At the pier' }])
  expect(await (await dispatcher.client.get('/board')).text()).toMatch(
    /id="board-messages" class="desk-link desk-link-new"/,
  )
  await dispatcher.client.done('POST', `${path}/seen`, {})
  expect((await desk()).answers).toEqual([])
  expect((await thread(driver)).at(-1)).toMatchObject({ readAtMs: expect.any(Number) })
})

test('a driver’s open page hears it by its line, and a board’s too', async () => {
  const { driver, dispatcher } = world.canal
  await goOnline(world, driver)
  const live = driver.client.live('/live/driver')
  expect(await live.opened).toBe('open')
  await live.next((message) => message.startsWith('<'))
  await dispatcher.client.done('POST', `/api/v1/board/drivers/${driver.driverId}/messages`, {
    text: 'Turn back',
  })
  await world.tracking.flush()
  await live.next((message) => message.startsWith('<') && message.includes('Turn back'))
  live.close()
})

test('however messages and readings follow each other, the desk’s figures are those of the rows', async () => {
  const { driver, otherDriver } = world.canal
  const both = [driver, otherDriver]
  const step = fc.oneof(
    fc.record({ kind: fc.constant('send' as const), to: fc.subarray([0, 1], { minLength: 1 }) }),
    fc.record({ kind: fc.constant('read' as const), who: fc.nat(1) }),
    fc.record({ kind: fc.constant('answer' as const), who: fc.nat(1) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
      /** By sending: who has not read it. */
      const open = new Map<string, Set<number>>()
      for (const one of steps) {
        if (one.kind === 'send') {
          const driverIds = one.to.map((n) => both[n]!.driverId)
          const { id } = (await (await send({ kind: 'drivers', driverIds }, 'model')).json()) as {
            id: string
          }
          open.set(id, new Set(one.to))
          continue
        }
        const path = one.kind === 'read' ? '/api/v1/driver/messages/read' : '/api/v1/driver/messages'
        await both[one.who]!.client.done('POST', path, one.kind === 'read' ? {} : { text: 'yes' })
        for (const waiting of open.values()) waiting.delete(one.who)
      }
      const { sendings } = await desk()
      for (const [id, waiting] of open) {
        const sending = sendings.find((sent) => sent.id === id)!
        expect(sending.drivers - sending.read).toBe(waiting.size)
        expect(sending.unreadBy).toHaveLength(waiting.size)
      }
    }),
    { numRuns: 8, seed: 7 },
  )
})

test('words that are none, or too many, come back with what was typed', async () => {
  const { dispatcher } = world.canal
  expect((await send({ kind: 'all' }, '  ')).status).toBe(422)
  expect((await send({ kind: 'all' }, 'x'.repeat(501))).status).toBe(422)
  const form = { to: 'state:silent', text: 'is anybody there', key: crypto.randomUUID() }
  const page = await dispatcher.client.form('/board/messages', form)
  expect(page.status).toBe(409)
  const markup = await page.text()
  expect(markup).toContain('Nobody is there now')
  expect(markup).toContain('value="is anybody there"')
})

test('those on a part of the map, and those that the list of cars shows, are written to as they are when it is sent', async () => {
  const { driver, otherDriver, dispatcher } = world.canal
  await goOnline(world, driver, BRYANT_PARK)
  await goOnline(world, otherDriver, WALL_STREET)
  await world.fleet.settle()
  const seen = async (who: typeof driver, words: string) => (await texts(who)).includes(words)
  const around = { south: 40.75, north: 40.76, west: -73.99, east: -73.97 }
  expect((await send({ kind: 'view', ...around }, 'Midtown only')).status).toBe(201)
  expect([await seen(driver, 'Midtown only'), await seen(otherDriver, 'Midtown only')]).toEqual([true, false])
  // A map that was dragged once round the Earth shows the same cars.
  const round = { ...around, west: around.west + 360, east: around.east + 360 }
  expect((await send({ kind: 'view', ...round }, 'Round the Earth')).status).toBe(201)
  expect([await seen(driver, 'Round the Earth'), await seen(otherDriver, 'Round the Earth')]).toEqual([
    true,
    false,
  ])
  expect((await send({ kind: 'cars', search: 'q=163' }, 'For the list')).status).toBe(201)
  expect([await seen(driver, 'For the list'), await seen(otherDriver, 'For the list')]).toEqual([false, true])
  expect((await send({ kind: 'view', ...around, north: 40.7 }, 'upside down')).status).toBe(422)
  expect((await send({ kind: 'view', south: 10, north: 11, west: 0, east: 1 }, 'to nobody')).status).toBe(409)
  // By form: the choice that the board made stands first, and stays where nobody is there any more.
  const page = await (await dispatcher.client.get('/board/messages?to=view:40.75,-73.99,40.76,-73.97')).text()
  expect(page).toMatch(
    /<option value="view:40\.75,-73\.99,40\.76,-73\.97" selected>On the part of the map you chose \(1\)/,
  )
  const empty = await dispatcher.client.form('/board/messages', {
    ...{ to: 'cars:q=nobody', text: 'Hello', key: crypto.randomUUID() },
  })
  expect([empty.status, await empty.text()]).toEqual([
    409,
    expect.stringContaining('value="cars:q=nobody" selected'),
  ])
})
