/** Pages that lose their line at each point of a ride, by socket and by polls: nothing is missed and nothing comes twice. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type AppWorld, BRYANT_PARK, type Person, startApp } from '../support/app-world.ts'
import { bytesOf, pictureOf, WHOLE_CITY } from '../support/board.ts'
import { type Client, makeClient } from '../support/client.ts'
import { askRide, assign, type DriverAnswer, goOnline, pingAt } from '../support/ride-steps.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ places: false })
}, 30_000)
afterAll(() => world?.stop())

interface Hello {
  readonly stream: string
  readonly n: number
}

/** What a message's end says. */
function numberOf(message: string): number {
  const bytes = bytesOf(message)
  if (bytes !== null) return new DataView(bytes).getUint32(4, true)
  const marked = /<!--(\d+)-->$/.exec(message)
  return marked === null ? JSON.parse(message).n : Number(marked[1])
}

/** A page that remembers what it has, whatever brings it. */
class Follower {
  stream: string | null = null
  n = 0
  readonly messages: string[] = []
  constructor(
    readonly client: Client,
    readonly path: string,
  ) {}

  address(): string {
    const and = this.path.includes('?') ? '&' : '?'
    return this.stream === null ? this.path : `${this.path}${and}stream=${this.stream}&after=${this.n}`
  }

  begin({ stream, n }: Hello): void {
    if (stream !== this.stream) this.n = 0
    expect(n).toBe(this.n)
    this.stream = stream
  }

  take(message: string): void {
    expect(numberOf(message)).toBe(this.n + 1)
    this.n += 1
    this.messages.push(message)
  }

  /** On a socket until a message passes; with `null`, until the server has said hello and nothing else for a moment. */
  async bySocket(until: ((message: string) => boolean) | null): Promise<string[]> {
    const from = this.messages.length
    const live = this.client.live(this.address())
    this.begin(JSON.parse(await live.next((message) => message.includes('"type":"stream"'))))
    if (until === null) await Bun.sleep(150)
    else await live.next(until)
    live.close()
    await live.closed
    for (const message of live.messages.slice(1)) if (!message.includes('"beat"')) this.take(message)
    return this.messages.slice(from)
  }

  async poll(): Promise<string[]> {
    const response = await this.client.get(this.address(), { accept: 'application/json' })
    expect(response.status).toBe(200)
    const answer = (await response.json()) as Hello & { messages: string[] }
    this.begin({ stream: answer.stream, n: answer.n - answer.messages.length })
    for (const message of answer.messages) this.take(message)
    return answer.messages
  }

  /** One poll after the other until a message passes. */
  async byPolls(until: (message: string) => boolean): Promise<string[]> {
    const from = this.messages.length
    while (!this.messages.slice(from).some(until)) await this.poll()
    return this.messages.slice(from)
  }
}

const state = (name: string) => (message: string) =>
  message.includes('id="ride-status"') && message.includes(`data-state="${name}"`)
const isStatus = (message: string) => message.startsWith('<')

/** Each step of a ride, with how the driver or the desk takes it. */
function pointsOf(rideId: string): [name: string, take: () => Promise<unknown>][] {
  const { canal } = world
  const step = (name: string) => () =>
    canal.driver.client.done('POST', `/api/v1/rides/${rideId}/steps`, { step: name })
  return [
    ['assigned', () => assign(canal, rideId)],
    ['en_route', step('set_off')],
    ['arrived', step('arrive')],
    ['in_progress', step('board')],
    ['completed', step('finish')],
  ]
}

async function newRide(name: string): Promise<{ rider: Person; id: string }> {
  const rider = await world.newRider(name)
  await goOnline(world, world.canal.driver)
  return { rider, id: (await askRide(rider)).id }
}

describe('a rider’s page cut at each point of the ride', () => {
  test('by socket: away while it happens, back when it has, and lost on the way', async () => {
    const { rider, id } = await newRide('Runa Vale')
    const page = new Follower(rider.client, `/live/rides/${id}`)
    await page.bySocket(state('requested'))
    const { stream } = page
    for (const [name, take] of pointsOf(id)) {
      await take()
      const told = await page.bySocket(state(name))
      // Drawn anew once or, where what was so before was on its way, twice; never the state before the step again.
      expect(told.filter(isStatus).every(state(name))).toBe(true)
      // As if the last message had never arrived.
      const [last] = [page.messages.pop()!]
      page.n -= 1
      const again = await page.bySocket(isStatus(last) ? state(name) : (message) => message.includes('"car"'))
      expect(again.filter(isStatus).every(state(name))).toBe(true)
    }
    expect(page.stream).toBe(stream)
    expect(await page.bySocket(null)).toEqual([])
    const figures = await (await world.stranger.get('/metrics')).text()
    const figure = (name: string) =>
      Number(
        figures
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.split(' ')[1],
      )
    expect(figure('honeycab_streams{line="away"}')).toBeGreaterThan(0)
    expect(figure('honeycab_streams{line="socket"}')).toBe(0)
    expect(figure('honeycab_streams_total{came="back"}')).toBeGreaterThan(9)
    expect(figure('honeycab_streams_total{came="behind"}')).toBe(0)
  }, 30_000)

  test('by polls', async () => {
    const { rider, id } = await newRide('Rika Moor')
    const page = new Follower(rider.client, `/live/rides/${id}`)
    await page.byPolls(state('requested'))
    const { stream } = page
    for (const [name, take] of pointsOf(id)) {
      await take()
      const told = await page.byPolls(state(name))
      expect(told.filter(isStatus).at(-1)).toContain(`data-state="${name}"`)
    }
    expect(page.stream).toBe(stream)
  }, 30_000)

  test('on another process it begins anew, with all there is', async () => {
    const { rider, id } = await newRide('Rosalind Ash')
    const page = new Follower(rider.client, `/live/rides/${id}`)
    await page.bySocket(state('requested'))
    const other = await world.beside()
    const there = makeClient({ origin: other.origin, session: rider.client.session })
    await assign(world.canal, id)
    const live = there.live(page.address())
    const hello = JSON.parse(await live.next((message) => message.includes('"type":"stream"'))) as Hello
    expect(hello.n).toBe(0)
    expect(hello.stream).not.toBe(page.stream!)
    expect(numberOf(await live.next(state('assigned')))).toBe(1)
    live.close()
    await world.canal.dispatcher.client.done('POST', `/api/v1/board/rides/${id}/cancellation`, {
      reason: 'the next part of the test',
    })
  }, 30_000)
})

describe('a poll', () => {
  test('is for whom the page is for, each time anew', async () => {
    const { canal, uptown, stranger } = world
    const { rider, id } = await newRide('Roni Birch')
    const page = new Follower(rider.client, `/live/rides/${id}`)
    await page.poll()
    const json = { accept: 'application/json' }
    for (const person of [canal.otherRider, canal.driver, canal.dispatcher, uptown.rider])
      expect((await person.client.get(page.address(), json)).status).toBe(404)
    expect((await stranger.get(page.address(), json)).status).toBe(401)
    expect((await canal.rider.client.get('/live/driver', json)).status).toBe(403)
    expect((await canal.driver.client.get('/live/board', json)).status).toBe(403)
    for (const query of ['stream=<script>', 'after=-1', 'after=1e3', 'stream=a&after=one'])
      expect((await rider.client.get(`/live/rides/${id}?${query}`, json)).status).toBe(422)
    // A session that ends while it waits, on a page that nothing more happens to.
    await canal.dispatcher.client.done('POST', `/api/v1/board/rides/${id}/cancellation`, { reason: 'a test' })
    await page.byPolls(state('cancelled'))
    const refused = (async () => {
      for (;;) {
        const response = await rider.client.get(page.address(), json)
        if (response.status !== 200) return response.status
        for (const message of ((await response.json()) as { messages: string[] }).messages) page.take(message)
      }
    })()
    await Bun.sleep(200)
    const startedAtMs = performance.now()
    expect((await rider.client.call('DELETE', '/api/v1/session')).status).toBe(204)
    expect(await refused).toBe(401)
    // By itself it would wait for twenty seconds.
    expect(performance.now() - startedAtMs).toBeLessThan(10_000)
  }, 30_000)

  test('opens with a program’s token, and another session of the same person begins anew', async () => {
    const { driver } = world.canal
    const first = new Follower(driver.client, '/live/driver?format=json')
    const [state] = await first.poll()
    expect(JSON.parse(state!)).toMatchObject({ type: 'driver', driverId: driver.driverId, n: 1 })
    const session = await world.auth.mintSession(driver.identityId)
    const second = makeClient({ origin: driver.client.origin, session })
    const answer = (await (
      await second.get(first.address(), { accept: 'application/json' })
    ).json()) as Hello & { messages: string[] }
    expect(answer.stream).not.toBe(first.stream!)
    expect(answer.messages.length).toBeGreaterThan(0)
  })

  test('and positions by POST are enough to drive', async () => {
    const { canal } = world
    await canal.driver.client.call('DELETE', '/api/v1/driver/shift')
    const rider = await world.newRider('Rhys Alder')
    const page = new Follower(canal.driver.client, '/live/driver')
    await page.poll()
    await goOnline(world, canal.driver)
    await page.byPolls((message) => message.includes('data-shift="on"'))
    await askRide(rider)
    await canal.driver.client.done('POST', '/api/v1/positions', { pings: [pingAt(world)] })
    const offered = (message: string) => message.includes('/acceptance"')
    const markup = (await page.byPolls(offered)).find(offered)!
    const [, offer] = /\/offers\/([\w-]+)\/acceptance"/.exec(markup)!
    expect((await canal.driver.client.call('POST', `/api/v1/offers/${offer}/acceptance`, {})).status).toBe(
      200,
    )
    // Riders of the tests before wait too.
    const ride = (await canal.driver.client.done<DriverAnswer>('GET', '/api/v1/driver')).ride!
    await page.byPolls((message) => message.includes(`/rides/${ride.id}/steps`))
    for (const step of ['set_off', 'arrive', 'board', 'finish'])
      await canal.driver.client.done('POST', `/api/v1/rides/${ride.id}/steps`, { step })
    await page.byPolls((message) => message.includes('data-state="waiting"'))
  }, 30_000)
})

describe('the desk’s board', () => {
  test('that was away is told the cars that changed meanwhile, and no other', async () => {
    // Where nobody asks for a car, so that no car changes by itself.
    const { uptown } = world
    await goOnline(world, uptown.driver)
    await uptown.otherDriver.client.call('POST', '/api/v1/driver/shift', {})
    const move = (driver: typeof uptown.driver, metres: number) =>
      driver.client.done('POST', '/api/v1/positions', {
        pings: [pingAt(world, { lat: BRYANT_PARK.lat + metres / 111_195, lng: BRYANT_PARK.lng })],
      })
    const board = new Follower(uptown.dispatcher.client, `/live/board?${WHOLE_CITY}`)
    const first = await board.bySocket((message) => message.includes('board-queue'))
    expect(pictureOf(first).changes[0]!.full).toBe(true)
    await move(uptown.otherDriver, 10)
    await Bun.sleep(1_200)
    await move(uptown.otherDriver, 20)
    const isCars = (message: string) => bytesOf(message) !== null
    await board.bySocket(isCars)
    /** What the page has of both, and what it was told since. */
    const { picture, changes } = pictureOf(board.messages)
    expect(changes.slice(1).map(({ full }) => full)).not.toContain(true)
    expect(new Set(changes.slice(1).flatMap(({ cars }) => cars.map(([id]) => id)))).toEqual(
      new Set([uptown.otherDriver.driverId]),
    )
    expect(picture.cars.size).toBe(2)
    await uptown.otherDriver.client.call('DELETE', '/api/v1/driver/shift')
    await board.byPolls(isCars)
    const after = pictureOf(board.messages)
    expect(after.changes.at(-1)).toMatchObject({ full: false, cars: [], gone: [uptown.otherDriver.driverId] })
    expect([...after.picture.cars.values()].map(([id]) => id)).toEqual([uptown.driver.driverId])
  }, 30_000)
})
