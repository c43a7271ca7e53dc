/** A driver with two phones: the server says which one counts, and the other is told. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { eventually } from '../contract/eventually.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { type Client, makeClient } from '../support/client.ts'
import { askRide, assign } from '../support/ride-steps.ts'

let world: AppWorld
let first: Client
let second: Client
beforeAll(async () => {
  world = await startApp()
  const { driver } = world.canal
  first = driver.client
  second = makeClient({ origin: first.origin, session: await world.auth.mintSession(driver.identityId) })
}, 60_000)
afterAll(() => world.stop())

const page = async (phone: Client) => (await phone.get('/driver')).text()
const looksOn = async (phone: Client) => (await page(phone)).includes('id="other-phone"')
const key = () => ({ key: crypto.randomUUID() })

test('the phone on which one goes online counts; another one is told, and takes over when asked', async () => {
  await first.form('/driver/shift', { vehicle_id: world.canal.driver.vehicleId, ...key() })
  expect([await looksOn(first), await looksOn(second)]).toEqual([false, true])
  expect(await page(second)).toContain('data-other-phone')

  const live = first.live('/live/driver')
  await live.opened
  expect((await second.form('/driver/phone', key())).status).toBe(303)
  expect([await looksOn(first), await looksOn(second)]).toEqual([true, false])
  await live.next((message) => message.includes('id="other-phone"'))
  live.close()
}, 30_000)

let seq = 0
const ping = () => ({
  pings: [
    { seq: ++seq, at: Math.round(world.clock.nowMs()) - 100 + seq, lat: 40.7332, lng: -73.9907, accuracy: 6 },
  ],
})
const posted = async (phone: Client) => (await phone.call('POST', '/api/v1/positions', ping())).status

test('positions and steps of the phone that looks on are refused, by post and by socket, and change with the phone', async () => {
  expect(await posted(second)).toBe(200)
  await eventually('the other one is refused', async () => (await posted(first)) === 409)
  const live = first.live('/live/driver?format=json')
  await live.opened
  live.send(JSON.stringify({ type: 'pings', ...ping() }))
  expect(await live.next((message) => message.includes('"refused"'))).toContain('Another phone of yours')
  live.close()

  const { canal } = world
  const { id } = await askRide(canal.rider)
  await assign(canal, id)
  const step = (phone: Client) => phone.call('POST', `/api/v1/rides/${id}/steps`, { step: 'set_off' })
  const refused = await step(first)
  expect([refused.status, (await refused.json()).detail]).toEqual([
    409,
    expect.stringContaining('Another phone'),
  ])
  const told = await first.form(`/rides/${id}/steps`, { step: 'set_off', ...key() })
  expect(told.headers.get('location')).toBe('/driver?told=other_phone')
  expect((await step(second)).status).toBe(200)

  // A pass that the one had lets it in no more once the other counts.
  await first.form('/driver/phone', key())
  await eventually(
    'the phones changed',
    async () => (await posted(first)) === 200 && (await posted(second)) === 409,
  )
  await second.form('/driver/phone', key())
  await eventually(
    'the phones changed',
    async () => (await posted(first)) === 409 && (await posted(second)) === 200,
  )
  await canal.dispatcher.client.done('POST', `/api/v1/board/rides/${id}/cancellation`, { reason: 'over' })
}, 30_000)

test('when the one that counts signs out, the other one counts', async () => {
  await second.form('/sign-out', {})
  expect(await looksOn(first)).toBe(false)
  expect(await posted(first)).toBe(200)
}, 30_000)

test('a shift that a program began takes positions from anywhere, and off shift there is nothing to take', async () => {
  await first.done('DELETE', '/api/v1/driver/shift')
  const refused = await first.form('/driver/phone', key())
  expect(refused.headers.get('location')).toBe('/driver?told=off_shift')
  await first.done('POST', '/api/v1/driver/shift', { vehicleId: world.canal.driver.vehicleId })
  const third = makeClient({
    origin: first.origin,
    session: await world.auth.mintSession(world.canal.driver.identityId),
  })
  expect([await looksOn(first), await looksOn(third)]).toEqual([false, false])
}, 30_000)
