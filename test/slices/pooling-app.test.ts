import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type AppWorld, type Person, startApp, TIMES_SQUARE, WALL_STREET } from '../support/app-world.ts'
import { goOnline, pingAt } from '../support/ride-steps.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false, sharing: true })
}, 60_000)
afterAll(() => world?.stop())

const HERALD_SQUARE = { lat: 40.7497, lng: -73.9878, label: 'Herald Square' }
const UNION_SQUARE = { lat: 40.7359, lng: -73.9911, label: 'Union Square' }

interface Quoted {
  readonly id: string
  readonly options: readonly {
    quoteId: string
    class: string
    fareMinor: number
    shared: { detourS: number; waitS: number; arriveByAtMs: number } | null
    lines: readonly { label: string; amountMinor: number }[]
  }[]
}
interface Ride {
  readonly id: string
  readonly state: string
  readonly shared: boolean
  readonly arriveByAtMs: number
  readonly stopsBefore: number
  readonly etaS: number | null
}
interface DriverSaid {
  readonly offer: { id: string; rideId: string; addedS: number | null; earnedMinor: number } | null
  readonly ride: { id: string } | null
  readonly stops: readonly { kind: string; riderName: string; rideId: string }[]
}

const prices = (rider: Person, from: object, to: object) =>
  rider.client.done<Quoted>('POST', '/api/v1/quotes', { from, to, seats: 1 })
async function share(rider: Person, from: object, to: object): Promise<Ride> {
  const { options } = await prices(rider, from, to)
  const quoteId = options.find((option) => option.class === 'standard' && option.shared !== null)!.quoteId
  return rider.client.done('POST', '/api/v1/rides', { quoteId, payment: 'cash', note: '' })
}
const driverSays = () => world.canal.driver.client.done<DriverSaid>('GET', '/api/v1/driver')
const follow = (rider: Person, ride: Ride) => rider.client.done<Ride>('GET', `/api/v1/rides/${ride.id}`)
const page = async (person: Person, path: string) => (await person.client.call('GET', path)).text()
async function tick(): Promise<void> {
  for (const dispatcher of world.dispatchers) await dispatcher.run()
  await world.fleet.settle()
}
/** The driver says yes to what is on the screen. */
async function accept(): Promise<void> {
  await tick()
  const { offer } = await driverSays()
  await world.canal.driver.client.done('POST', `/api/v1/offers/${offer!.id}/acceptance`, {})
  await world.fleet.settle()
}
async function steps(ride: Ride, ...names: string[]): Promise<void> {
  for (const step of names)
    await world.canal.driver.client.done('POST', `/api/v1/rides/${ride.id}/steps`, { step })
  await world.fleet.settle()
}

test('a shared ride goes where all were promised: another way is refused in words, and its page has no door to it', async () => {
  const { rider } = world.canal
  const ride = await share(rider, { ...TIMES_SQUARE, label: 'Times Square' }, UNION_SQUARE)
  const path = `/api/v1/rides/${ride.id}/change-quotes`
  const refused = await rider.client.call('POST', path, { to: { ...WALL_STREET, label: 'Wall Street' } })
  expect(refused.status).toBe(409)
  expect(await refused.text()).toContain('Others share this car')
  expect(await page(rider, `/rides/${ride.id}/change`)).toContain('Others share this car')
  expect(await page(rider, `/rides/${ride.id}`)).not.toContain('/change"')
  await rider.client.done('POST', `/api/v1/rides/${ride.id}/cancellation`, { feeMinor: 0 })
})

describe('sharing, from the price to the last stop', () => {
  test('the price page tells what one agrees to before one does, and the form works by itself', async () => {
    const { rider } = world.canal
    const quoted = await prices(
      rider,
      { ...TIMES_SQUARE, label: 'Times Square' },
      { ...WALL_STREET, label: 'Wall Street' },
    )
    const [alone, shared] = quoted.options
    expect(shared!.fareMinor).toBeLessThan(alone!.fareMinor)
    expect(shared!.shared).toMatchObject({ detourS: 600, waitS: 600 })
    expect(shared!.lines.find(({ label }) => label === 'Shared ride')!.amountMinor).toBeLessThan(0)
    const markup = await page(rider, `/quotes/${quoted.id}`)
    expect(markup).toContain('Standard shared')
    expect(markup).toContain('may pick up others: at most 10 min longer')
    expect(markup).toContain(`value="${shared!.quoteId}"`)
  })
  test('the driver is asked for one more with what it adds, and works through the stops one by one', async () => {
    const { rider, otherRider, driver, dispatcher } = world.canal
    await goOnline(world, driver, TIMES_SQUARE)
    const hers = await share(
      rider,
      { ...TIMES_SQUARE, label: 'Times Square' },
      { ...WALL_STREET, label: 'Wall Street' },
    )
    expect(hers.shared).toBe(true)
    expect(await page(rider, `/rides/${hers.id}`)).toContain('A shared ride: the car may pick up others.')
    await accept()
    await steps(hers, 'set_off')
    const his = await share(otherRider, HERALD_SQUARE, UNION_SQUARE)
    await tick()
    const asked = await driverSays()
    expect(asked.offer).toMatchObject({ rideId: his.id })
    expect(asked.offer!.addedS).toBeGreaterThanOrEqual(0)
    const question = await page(driver, '/driver')
    expect(question).toContain('Add a rider')
    expect(question).toContain(`/offers/${asked.offer!.id}/acceptance`)
    expect(question).toContain('I’ve arrived')
    await accept()

    const { stops, ride } = await driverSays()
    expect(ride!.id).toBe(hers.id)
    expect(stops.map(({ kind, riderName }) => `${kind} ${riderName}`)).toEqual([
      'pickup Ada',
      'pickup Eve',
      'dropoff Eve',
      'dropoff Ada',
    ])
    expect(await page(driver, '/driver')).toContain('Pick up Eve')

    // Each is told where the car goes first, and nothing of the other.
    const eves = await page(otherRider, `/rides/${his.id}`)
    expect(eves).toContain('Your car picks up another rider first.')
    for (const word of ['Ada', 'Okafor', 'Wall Street', hers.id]) expect(eves).not.toContain(word)
    const adas = await page(rider, `/rides/${hers.id}`)
    for (const word of ['Eve', 'Marsh', 'Union Square', his.id]) expect(adas).not.toContain(word)
    const followed = await follow(otherRider, his)
    expect(followed.stopsBefore).toBe(1)
    expect(JSON.stringify(followed)).not.toContain(hers.id)
    expect(followed.etaS!).toBeGreaterThan((await follow(rider, hers)).etaS!)

    // The desk sees both in one car.
    const pane = await page(dispatcher, `/board/rides/${hers.id}`)
    expect(pane).toContain('In the same car')
    expect(pane).toContain('Eve Marsh')

    await driver.client.done('POST', '/api/v1/positions', { pings: [pingAt(world, TIMES_SQUARE)] })
    await steps(hers, 'arrive', 'board')
    await steps(his, 'set_off', 'arrive', 'board')
    expect(await page(rider, `/rides/${hers.id}`)).toContain('Your car drops off another rider first.')
    await steps(his, 'finish')
    expect(await page(driver, '/driver')).toContain('Eve is there.')
    expect((await follow(rider, hers)).stopsBefore).toBe(0)
    await steps(hers, 'finish')
    expect((await driverSays()).ride).toBeNull()
    const receipt = await page(rider, `/rides/${hers.id}/receipt`)
    expect(receipt).toContain('Shared ride')
  })

  test('a rider may leave a shared car that is on its way, and the other one rides on', async () => {
    const { rider, otherRider } = world.canal
    const hers = await share(
      rider,
      { ...TIMES_SQUARE, label: 'Times Square' },
      { ...WALL_STREET, label: 'Wall Street' },
    )
    await accept()
    const his = await share(otherRider, HERALD_SQUARE, UNION_SQUARE)
    await accept()
    await rider.client.done('POST', `/api/v1/rides/${hers.id}/cancellation`, { feeMinor: 0 })
    await world.fleet.settle()
    expect((await driverSays()).stops.map(({ rideId }) => rideId)).toEqual([his.id, his.id])
    expect((await follow(otherRider, his)).stopsBefore).toBe(0)
    await steps(his, 'set_off', 'arrive', 'board', 'finish')
  })
  test('without script: asked for by the form, added by the driver’s form, with nothing of it open to others', async () => {
    const { rider, otherRider, driver, otherDriver } = world.canal
    const key = (markup: string) => markup.match(/name="key" value="([^"]+)"/)![1]!
    const ask = async (who: Person, from: object, to: object) => {
      const { id, options } = await prices(who, from, to)
      const quoteId = options.find((option) => option.shared !== null)!.quoteId
      const fields = {
        quote_id: quoteId,
        payment: 'cash',
        note: '',
        key: key(await page(who, `/quotes/${id}`)),
      }
      const answer = await who.client.form('/rides', fields)
      expect(answer.status).toBe(303)
      return answer.headers.get('location')!
    }
    const times = { ...TIMES_SQUARE, label: 'Times Square' }
    const hers = await ask(rider, times, { ...WALL_STREET, label: 'Wall Street' })
    await accept()
    const his = await ask(otherRider, HERALD_SQUARE, UNION_SQUARE)
    await tick()
    const question = await page(driver, '/driver')
    const path = question.match(/\/offers\/[0-9a-f-]+\/acceptance/)![0]
    expect((await otherDriver.client.form(path, { key: crypto.randomUUID() })).status).toBe(404)
    expect((await driver.client.form(path, { key: crypto.randomUUID() })).status).toBe(303)
    await world.fleet.settle()
    expect(await page(otherRider, his)).toContain('Your car picks up another rider first.')
    for (const [who, of] of [
      [otherRider, hers],
      [rider, his],
    ] as const)
      expect((await who.client.get(of)).status).toBe(404)
    expect((await world.uptown.rider.client.get(his)).status).toBe(404)
  })
})
