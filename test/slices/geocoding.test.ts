/** A geocoder elsewhere as riders and programs meet it: on the suggestions, the form, and the API. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { startGeocoder, type TestGeocoder } from '../support/geocoders.ts'

let world: AppWorld
let server: TestGeocoder

beforeAll(async () => {
  server = startGeocoder('photon')
  world = await startApp({
    ...{ running: false, places: true },
    env: { GEOCODER: 'photon', GEOCODER_URL: server.url, OUTGOING_PRIVATE_HOSTS: '127.0.0.1' },
  })
}, 60_000)
afterAll(async () => {
  await world?.stop()
  server.stop()
})
beforeEach(() => {
  server.mood = 'well'
})

const get = async (path: string) => {
  const address = `http://localhost:${world.config.port}${path}`
  const answer = await world.elysia.handle(new Request(address, { headers: { accept: 'text/html' } }))
  return answer.text()
}
const send = (from: string, to: string) =>
  world.canal.rider.client.form('/quotes', { key: crypto.randomUUID(), from, to, seats: '1' })

test('an address our list lacks is suggested with whose data it is', async () => {
  const markup = await get('/places?field=to&q=350+jay+street&near=40.7,-73.98')
  expect(markup).toContain('data-label="350 Jay Street"')
  expect(markup).toContain('© OpenStreetMap contributors')
  expect(await get('/places?field=to&q=times+square&near=40.7,-73.98')).not.toContain('OpenStreetMap')
})

test('a form that is sent with such an address leads to prices there', async () => {
  const answer = await send('Times Square', '350 Jay Street, Brooklyn')
  expect(answer.status).toBe(303)
  const quotes = await world.db
    .selectFrom('quotes')
    .select(['dropoff_label', 'dropoff_lat'])
    .orderBy('created_at', 'desc')
    .limit(1)
    .execute()
  expect(quotes).toEqual([{ dropoff_label: '350 Jay Street', dropoff_lat: 40.6935 }])
})

test('a point is named by it where our list has nothing so near', async () => {
  const nearest = await world.canal.rider.client.done<{ nearest: { label: string; distanceM: number } }>(
    'GET',
    '/api/v1/places/nearest?lat=40.6935&lng=-73.9874',
  )
  expect(nearest).toEqual({ nearest: expect.objectContaining({ label: '350 Jay Street', distanceM: 0 }) })
  const nowhere = await world.canal.rider.client.done('GET', '/api/v1/places/nearest?lat=10&lng=10')
  expect(nowhere).toEqual({ nearest: null })
})

test('when it sends us to a private address, our own list answers and the page says so', async () => {
  let reached = 0
  const inside = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch() {
      reached += 1
      return new Response('secrets')
    },
  })
  server.mood = 'elsewhere'
  server.elsewhere = `http://127.0.0.1:${inside.port}/latest/meta-data`
  const markup = await get('/places?field=to&q=strand+books&near=40.7,-73.98')
  expect(markup).toContain('Strand Bookstore')
  expect(markup).toContain('only our own list was searched')
  const answer = await send('Times Square', 'Nowhere Lane Bridge Palace')
  expect(answer.status).toBe(422)
  expect(await answer.text()).toContain('only our own list was searched')
  expect(reached).toBe(0)
  inside.stop(true)
})

test('programs are told too', async () => {
  const found = await world.canal.rider.client.done<{ places: unknown[]; fallback: string | null }>(
    'GET',
    '/api/v1/places?q=strand+books&finished=true',
  )
  // It was left alone by the test before; the list still has what it has.
  expect(found).toMatchObject({ fallback: 'refused', credit: null })
  expect(found.places).not.toEqual([])
})
