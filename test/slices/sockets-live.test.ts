import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { writeFrame } from '../../src/positions/frame.ts'
import { type AppWorld, BRYANT_PARK, startApp } from '../support/app-world.ts'
import { bytesOf, pictureOf, WHOLE_CITY } from '../support/board.ts'
import {
  askPrices,
  askRide,
  assign,
  type DriverAnswer,
  goOnline,
  pingAt,
  type RideAnswer,
  takeSteps,
} from '../support/ride-steps.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ places: false })
}, 30_000)
afterAll(() => world?.stop())

async function expectOneAnswer(answers: readonly Response[]): Promise<void> {
  const [first, ...others] = await Promise.all(answers.map((answer) => answer.json()))
  for (const other of others) expect(other).toEqual(first)
}

const says =
  (...words: string[]) =>
  (message: string) =>
    words.every((word) => message.includes(word))
const state = (name: string) => says('id="ride-status"', `data-state="${name}"`)

describe("a rider's page", () => {
  test('is told of every step, sees the car at most once a second, and comes back to the present', async () => {
    const { canal } = world
    const rider = await world.newRider('Ruth Vale')
    await goOnline(world, canal.driver)
    const ride = await askRide(rider)
    const live = rider.client.live(`/live/rides/${ride.id}`)
    expect(await live.opened).toBe('open')
    await live.next(state('requested'))
    await assign(canal, ride.id)
    await live.next(state('assigned'))
    expect(JSON.parse(await live.next(says('"type":"car"')))).toEqual({
      ...{ type: 'car', ...BRYANT_PARK, headingDeg: expect.any(Number) },
      ...{ ageMs: expect.any(Number), etaS: expect.any(Number), pickupM: expect.any(Number) },
      n: expect.any(Number),
    })
    for (const [step, then] of [
      ['set_off', 'en_route'],
      ['arrive', 'arrived'],
      ['board', 'in_progress'],
    ] as const) {
      live.clear()
      await canal.driver.client.done('POST', `/api/v1/rides/${ride.id}/steps`, { step })
      await live.next(state(then))
    }
    live.clear()
    const began = performance.now()
    for (let i = 0; i < 12; i++) {
      const at = { lat: BRYANT_PARK.lat - i * 0.0001, lng: BRYANT_PARK.lng }
      await canal.driver.client.done('POST', '/api/v1/positions', { pings: [pingAt(world, at)] })
      await Bun.sleep(150)
    }
    const lastedS = (performance.now() - began) / 1000
    const cars = live.of<{ lat: number }>('car')
    expect(cars.length).toBeGreaterThan(0)
    expect(cars.length).toBeLessThanOrEqual(Math.ceil(lastedS) + 1)
    expect(cars.at(-1)!.lat).toBeLessThan(BRYANT_PARK.lat)

    live.close()
    await canal.driver.client.done('POST', `/api/v1/rides/${ride.id}/steps`, { step: 'finish' })
    const again = rider.client.live(`/live/rides/${ride.id}`)
    await again.next(state('completed'))
    expect(again.of('car')).toEqual([])
    again.close()
  }, 20_000)

  test('stays closed for others, other companies, other sites and the signed-out', async () => {
    const { canal, uptown, stranger } = world
    const ride = await askRide(await world.newRider('Rosa Quill'))
    const path = `/live/rides/${ride.id}`
    for (const person of [canal.otherRider, canal.driver, canal.dispatcher, uptown.rider, uptown.dispatcher])
      expect(await person.client.live(path).opened).not.toBe('open')
    expect(await stranger.live(path).opened).not.toBe('open')
    const rider = await world.newRider('Rita Quill')
    const own = await askRide(rider)
    const elsewhere = { origin: 'https://elsewhere.example' }
    expect(await rider.client.live(`/live/rides/${own.id}`, elsewhere).opened).not.toBe('open')
    expect(await canal.dispatcher.client.live('/live/board', elsewhere).opened).not.toBe('open')
    expect(await canal.driver.client.live('/live/driver', elsewhere).opened).not.toBe('open')
  })

  test('closes for good when its session ends', async () => {
    const rider = await world.newRider('Rhea Stone')
    const ride = await askRide(rider)
    const live = rider.client.live(`/live/rides/${ride.id}`)
    await live.next(state('requested'))
    const startedAtMs = performance.now()
    expect((await rider.client.call('DELETE', '/api/v1/session')).status).toBe(204)
    expect(await live.closed).toBe(4401)
    expect(performance.now() - startedAtMs).toBeLessThan(2_000)
    expect(await rider.client.live(`/live/rides/${ride.id}`).opened).not.toBe('open')
  })

  test('may not say anything', async () => {
    const rider = await world.newRider('Rory Wren')
    const ride = await askRide(rider)
    const live = rider.client.live(`/live/rides/${ride.id}`)
    await live.next(state('requested'))
    live.send({ type: 'hello' })
    expect(await live.closed).toBe(1008)
  })
})

describe("a driver's page", () => {
  test('gets the offer by itself, as a fragment and as JSON, and what became of it', async () => {
    const { uptown } = world
    const page = uptown.driver.client.live('/live/driver')
    const program = uptown.driver.client.live('/live/driver?format=json')
    await page.next(says('<main id="driver"'))
    expect(JSON.parse(await program.next(says('"type":"driver"')))).toMatchObject({
      shift: null,
      offer: null,
    })
    await goOnline(world, uptown.driver)
    page.send({ type: 'pings', pings: [pingAt(world)] })
    expect(JSON.parse(await page.next(says('"type":"ack"')))).toMatchObject({ refused: {} })
    page.clear()
    program.clear()
    const ride = await askRide(uptown.rider)
    await page.next(says('id="driver"', '/acceptance"'))
    const offered = JSON.parse(await program.next(says(ride.id))) as DriverAnswer
    expect(offered.offer!.remainingMs).toBeGreaterThan(10_000)

    // Twenty taps at once: one ride, one answer.
    const key = crypto.randomUUID()
    const taps = await Promise.all(
      Array.from({ length: 20 }, () =>
        uptown.driver.client.call(
          'POST',
          `/api/v1/offers/${offered.offer!.id}/acceptance`,
          {},
          {
            'idempotency-key': key,
          },
        ),
      ),
    )
    expect(taps.map(({ status }) => status)).toEqual(Array(20).fill(200))
    await expectOneAnswer(taps)
    await page.next(says('id="driver"', `/rides/${ride.id}/steps`))
    await takeSteps(uptown.driver, ride.id, 4)
    page.close()
    program.close()
  }, 20_000)

  test('takes frames as it takes JSON, names what is wrong with one, and stays open', async () => {
    const { uptown } = world
    await goOnline(world, uptown.driver)
    const live = uptown.driver.client.live('/live/driver')
    await live.next(says('<main id="driver"'))
    const before = world.positions.latest(uptown.driver.driverId)!
    const ping = pingAt(world, { lat: before.lat + 0.0001, lng: before.lng })
    const frame = writeFrame([{ ...ping, speed: 3 }])!
    live.send(frame)
    expect(JSON.parse(await live.next(says('"type":"ack"')))).toEqual({
      ...{ type: 'ack', seq: ping.seq, refused: {}, pings: [] },
    })
    const now = world.positions.latest(uptown.driver.driverId)!
    expect(now).toMatchObject({ speedMps: 3, atMs: ping.at })
    expect(now.lat).toBeCloseTo(before.lat + 0.0001, 6)
    live.clear()
    live.send(frame)
    expect(JSON.parse(await live.next(says('"type":"ack"')))).toEqual({
      ...{ type: 'ack', seq: ping.seq, refused: { duplicate: 1 } },
      pings: [{ seq: ping.seq, reason: 'duplicate', kept: false }],
    })
    for (const [bytes, why] of [
      [new Uint8Array(), 'too_short'],
      [new Uint8Array(40).fill(7), 'not_pings'],
      [frame.subarray(0, 39), 'truncated'],
      [new Uint8Array([...frame, 0]), 'too_long'],
    ] as const) {
      live.clear()
      live.send(bytes)
      expect(JSON.parse(await live.next(says('"type":"refused"')))).toMatchObject({ frame: why })
    }
    live.close()
  })

  test('answers nonsense without moving the car, and stays open', async () => {
    const { uptown } = world
    const before = JSON.stringify(world.positions.latest(uptown.driver.driverId))
    const live = uptown.driver.client.live('/live/driver')
    await live.next(says('<main id="driver"'))
    const nonsense = [
      'not json',
      '{"type":"pings"}',
      { type: 'pings', pings: [] },
      { type: 'pings', pings: [pingAt(world)], driverId: uptown.otherDriver.driverId },
      { type: 'pings', pings: [{ ...pingAt(world), companyId: 'x' }] },
      { type: 'pings', pings: Array(2_000).fill(null) },
      { type: 'become_admin' },
      [1, 2, 3],
      'null',
    ]
    for (const [n, message] of nonsense.entries()) {
      live.clear()
      live.send(message)
      const answer = JSON.parse(await live.next(says('"type":"')))
      expect(answer.type, `message ${n}`).toBe('refused')
    }
    live.clear()
    // Infinity is a number to JSON.parse; it is judged like any other ping.
    live.send('{"type":"pings","pings":[{"seq":900001,"at":1e999,"lat":1e999,"lng":0,"accuracy":1}]}')
    expect(JSON.parse(await live.next(says('"type":"ack"'))).refused).toEqual({ invalid: 1 })
    expect(JSON.stringify(world.positions.latest(uptown.driver.driverId))).toBe(before)
    live.close()
  })
})

describe("the desk's board", () => {
  test('gets all cars once, then those that changed, with counts and queue', async () => {
    const { canal } = world
    const driver = canal.otherDriver.client
    await driver.done('POST', '/api/v1/driver/shift', {})
    const earlier = { at: Math.floor(world.clock.nowMs()) - 5_000 }
    await driver.done('POST', '/api/v1/positions', { pings: [pingAt(world, BRYANT_PARK, earlier)] })
    await world.fleet.settle()
    const live = canal.dispatcher.client.live(`/live/board?${WHOLE_CITY}`)
    const shown = () => pictureOf(live.messages)
    const car = () => [...shown().picture.cars.values()].find(([id]) => id === canal.otherDriver.driverId)
    await live.next(() => car() !== undefined)
    expect(shown().changes[0]!.full).toBe(true)
    expect(JSON.stringify(shown().changes)).not.toContain(world.uptown.driver.driverId)
    await live.next(says('id="board-queue"', 'id="board-counts"'))
    const before = live.messages.length
    const at = { lat: BRYANT_PARK.lat - 0.0002, lng: BRYANT_PARK.lng }
    await canal.otherDriver.client.done('POST', '/api/v1/positions', { pings: [pingAt(world, at)] })
    // The view's 0.3 degrees in 65,535 steps.
    await live.next(() => Math.abs(car()![2] / 1e6 - at.lat) < 3e-6)
    const [delta] = shown().changes.slice(1)
    expect([delta!.full, delta!.cars.map((row) => row.slice(0, 2))]).toEqual([
      false,
      [[canal.otherDriver.driverId, '163']],
    ])
    // Told by its number from now on.
    expect(
      bytesOf(live.messages.slice(before).find((message) => bytesOf(message) !== null)!)!.byteLength,
    ).toBe(62)
    const rider = await world.newRider('Rolf Ives')
    const ride = await askRide(rider)
    await live.next(says('id="board-queue"', ride.id))
    await canal.otherDriver.client.call('DELETE', '/api/v1/driver/shift')
    await live.next(() => car() === undefined)
    live.close()
  }, 20_000)
})

describe('a desk’s view', () => {
  test('is what it hears of, and what it follows beyond; without one it hears of no car', async () => {
    const { canal } = world
    const driver = canal.otherDriver.client
    await driver.done('POST', '/api/v1/driver/shift', {})
    await driver.done('POST', '/api/v1/positions', { pings: [pingAt(world, BRYANT_PARK)] })
    await world.fleet.settle()
    const live = canal.dispatcher.client.live('/live/board')
    await live.next(says('id="board-queue"'))
    expect(pictureOf(live.messages).changes).toEqual([])
    const look = (view: string) => live.send({ type: 'view', view })
    const shown = () => [...pictureOf(live.messages).picture.cars.values()].map(([id]) => id)
    look('40.75000,-73.99000,40.76000,-73.98000,15.00')
    await live.next(() => shown().includes(canal.otherDriver.driverId))
    look('40.70000,-74.01500,40.71000,-74.00500,15.00')
    await live.next(() => !shown().includes(canal.otherDriver.driverId))
    expect(live.of('followed')).toEqual([])
    look(`40.70000,-74.01500,40.71000,-74.00500,15.00,${canal.otherDriver.driverId}`)
    await live.next(says('"followed"', canal.otherDriver.driverId))
    expect(shown()).not.toContain(canal.otherDriver.driverId)
    // Another company's car is followed by nobody here.
    look(`40.70000,-74.01500,40.71000,-74.00500,15.00,${world.uptown.driver.driverId}`)
    await live.next(says('"followed","car":null'))
    for (const nonsense of ['', '1,2,3', '50,0,40,1,13', '0,0,60,120,18', 'a,b,c,d,e', '1,2,3,4,5,x'])
      look(nonsense)
    live.send('{"type":"view"}')
    live.send(new Uint8Array([1, 2, 3]))
    await live.next(() => live.of('refused').length === 8)
    expect(
      (await canal.dispatcher.client.get('/live/board?view=nonsense', { accept: 'application/json' })).status,
    ).toBe(422)
    live.close()
    await driver.call('DELETE', '/api/v1/driver/shift')
  }, 20_000)
})

describe('sent twice', () => {
  test('twenty requests at once with one key are one ride, and one answer', async () => {
    const rider = await world.newRider('Inga Vogel')
    const { options } = await askPrices(rider)
    const body = { quoteId: options[0]!.quoteId, payment: 'cash' }
    const key = crypto.randomUUID()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        rider.client.call('POST', '/api/v1/rides', body, { 'idempotency-key': key }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201))
    await expectOneAnswer(answers)
    const { rides } = await rider.client.done<{ rides: RideAnswer[] }>('GET', '/api/v1/rides')
    expect(rides).toHaveLength(1)
    const other = await rider.client.call(
      'POST',
      '/api/v1/rides',
      { ...body, note: 'other' },
      { 'idempotency-key': key },
    )
    expect(other.status).toBe(422)
    expect(await other.text()).toContain('"field":"key"')
  })

  test("a page's forms too: the ride, its cancellation and the driver's steps", async () => {
    const { canal } = world
    const rider = await world.newRider('Odd Berg')
    const twice = async (client = rider.client, path = '', fields: Record<string, string> = {}) => {
      const form = { ...fields, key: crypto.randomUUID() }
      const answers = [await client.form(path, form), await client.form(path, form)]
      expect(answers.map(({ status }) => status)).toEqual([303, 303])
      const [first, second] = answers.map(({ headers }) => headers.get('location'))
      expect(second).toBe(first!)
      return first!
    }
    const { options } = await askPrices(rider)
    const page = await twice(rider.client, '/rides', { quote_id: options[0]!.quoteId, payment: 'cash' })
    expect(page).toMatch(/^\/rides\/[0-9a-f-]{36}$/)
    await goOnline(world, canal.driver)
    const rideId = page.slice('/rides/'.length)
    await assign(canal, rideId)
    expect(await twice(canal.driver.client, `${page}/steps`, { step: 'set_off' })).toBe('/driver')
    expect(await twice(canal.driver.client, `${page}/hand-back`, { reason: 'Car trouble' })).toBe('/driver')
    await canal.driver.client.call('DELETE', '/api/v1/driver/shift')
    expect(await twice(rider.client, `${page}/cancellation`, { fee_minor: '0' })).toBe(page)
    const { rides } = await rider.client.done<{ rides: RideAnswer[] }>('GET', '/api/v1/rides')
    expect(rides.map((ride) => ride.state)).toEqual(['cancelled'])
  })
})

test('nothing went wrong on our side meanwhile', () => {
  expect(world.lines).toEqual([])
})
