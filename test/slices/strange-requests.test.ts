/** What only odd or hostile clients send: each gets an answer that is ours, and none of them a look behind it. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { askRide, assign, goOnline } from '../support/ride-steps.ts'

let app: AppWorld
beforeAll(async () => {
  app = await startApp({ running: false })
}, 60_000)
afterAll(() => app.stop())

test('a sign-in link that names the way back twice names its field as the mistake', async () => {
  expect((await app.stranger.get('/sign-in?next=/driver&next=/rides')).status).toBe(422)
  expect(await (await app.stranger.get('/sign-in?next=/rides')).text()).toContain('value="/rides"')
})

test('the description of the API names what may stand behind the question mark', async () => {
  interface Described {
    paths: Record<string, { get?: { parameters: { name: string; in: string; required: boolean }[] } }>
  }
  const { paths } = await app.stranger.done<Described>('GET', '/api/docs/openapi.json')
  const of = (path: string, place: string) =>
    paths[path]?.get?.parameters
      .filter((parameter) => parameter.in === place)
      .map(({ name, required }) => (required ? `${name}!` : name))
  expect(of('/api/v1/rides', 'query')).toEqual(['state', 'from', 'until', 'q', 'before'])
  expect(of('/api/v1/places', 'query')).toContain('q')
  expect(of('/api/v1/rides/{id}', 'path')).toEqual(['id!'])
})

test('who asks to upgrade where no socket is gets the page', async () => {
  const headers = { upgrade: 'websocket', connection: 'Upgrade' }
  expect((await app.stranger.get('/', headers)).status).toBe(200)
  expect((await app.stranger.get('/driver', headers)).status).toBe(303)
})

test('rides are listed before an instant that the database can hold', async () => {
  const { client } = app.canal.rider
  for (const before of ['-271821-04-20T00:00:00.000Z', '%2B275760-09-13T00:00:00.000Z', '1', ''])
    expect([before, (await client.get(`/rides?before=${before}`)).status]).toEqual([before, 422])
  expect((await client.get('/rides?before=2026-11-21T09:00:00.000Z')).status).toBe(200)
})

test('a driver is told only what we have words for', async () => {
  for (const told of ['constructor', 'toString', '__proto__', '<b>']) {
    const answer = await app.canal.driver.client.get(`/driver?told=${encodeURIComponent(told)}`)
    expect([told, answer.status]).toEqual([told, 200])
    expect(await answer.text()).toContain('This is not possible now. Nothing was changed.')
  }
})

test('a place near nothing is asked for without degrees, not with empty ones', async () => {
  expect((await app.stranger.get('/api/v1/places?q=broadway&lat=&lng=')).status).toBe(422)
  expect((await app.stranger.get('/api/v1/places?q=broadway')).status).toBe(200)
})

test('figures are not for those behind a proxy on this machine', async () => {
  expect((await app.stranger.get('/metrics')).status).toBe(200)
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip'])
    expect((await app.stranger.get('/metrics', { [name]: '203.0.113.9' })).status).toBe(404)
})

test('a note is one line that turns nothing around it, and both sides learn half a name', async () => {
  const { rider, driver } = app.canal
  const { id } = await askRide(rider, '  door\u0007 code\r\n\u202e1234\u2069  ')
  await goOnline(app, driver)
  await assign(app.canal, id)
  type Seen = { ride: { note: string; riderName: string } }
  const { ride } = await driver.client.done<Seen>('GET', '/api/v1/driver')
  expect(ride).toMatchObject({ note: 'door code 1234', riderName: 'Ada' })
  const followed = await rider.client.done<{ driver: { name: string } }>('GET', `/api/v1/rides/${id}`)
  expect(followed.driver.name).toBe('Bo L.')
})

test('nothing of this is our mistake', () => {
  expect(app.lines.filter((line) => line.level === 'error')).toEqual([])
})
