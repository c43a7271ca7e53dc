/** A driver with two phones: the server says which one counts, and the other is told. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { type Client, makeClient } from '../support/client.ts'

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

test('when the one that counts signs out, the other one counts', async () => {
  await second.form('/sign-out', {})
  expect(await looksOn(first)).toBe(false)
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
