import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type AppWorld, BRYANT_PARK, startApp, TIMES_SQUARE } from '../support/app-world.ts'

/** No company's own host name, so it is the cookie that decides. */
const SHARED = 'http://cabs.example'

let world: AppWorld

beforeAll(async () => {
  world = await startApp({ running: false, places: true })
}, 60_000)
afterAll(() => world.stop())

const get = (address: string, cookie = '') =>
  world.elysia.handle(new Request(address, { headers: { accept: 'text/html', ...(cookie && { cookie }) } }))

describe('whose pages these are', () => {
  test('where companies share an address, /at/SLUG chooses one and goes to its first page', async () => {
    expect((await get(`${SHARED}/`)).status).toBe(404)
    const door = await get(`${SHARED}/at/uptown`)
    expect(door.status).toBe(303)
    expect(door.headers.get('location')).toBe('/')
    const [line = ''] = door.headers.getSetCookie()
    expect(line).toStartWith('honeycab-at=uptown;')
    expect(line).toContain('HttpOnly')
    expect(line).toContain('SameSite=Lax')
    expect((await get(`${SHARED}/`, 'honeycab-at=uptown')).status).toBe(200)
  })

  test('the choice is that company: what was asked with another is not there', async () => {
    const { id } = await world.canal.rider.client.done<{ id: string }>('POST', '/api/v1/quotes', {
      from: TIMES_SQUARE,
      to: BRYANT_PARK,
    })
    // As if asked before signing in: then only the company decides who sees it.
    await world.db.updateTable('quotes').set({ rider_id: null }).where('set_id', '=', id).execute()
    const prices = async (slug: string) => (await get(`${SHARED}/quotes/${id}`, `honeycab-at=${slug}`)).status
    expect([await prices('canal-street'), await prices('uptown')]).toEqual([200, 404])
    const page = async (slug: string) => (await get(`${SHARED}/request`, `honeycab-at=${slug}`)).status
    expect([await page('uptown'), await page('canal-street'), await page('nobody')]).toEqual([200, 200, 404])
  })

  test('a company that is not there is a 404 and sets nothing', async () => {
    for (const slug of ['nobody', 'UPTOWN', 'a'.repeat(60), '..%2f']) {
      const response = await get(`${SHARED}/at/${slug}`)
      expect(response.status).toBe(404)
      expect(response.headers.getSetCookie().join()).not.toContain('honeycab-at')
    }
  })

  test('a host name of a company’s own counts for more than the cookie', async () => {
    expect((await get(`http://localhost:${world.config.port}/`, 'honeycab-at=nobody')).status).toBe(200)
  })
})

describe('places', () => {
  const labels = async (query: string) => {
    const markup = await (await get(`http://localhost:${world.config.port}/places?${query}`)).text()
    return [...markup.matchAll(/data-label="([^"]*)"/g)].map(([, label = '']) =>
      label.replaceAll('&amp;', '&'),
    )
  }

  test('a bare point is suggested under the name of what is there, at the point itself', async () => {
    expect(await labels('field=from&at=40.7625,-73.963')).toEqual(['Near 2nd Avenue & East 62nd Street'])
    expect(await labels('field=from&at=10,10')).toEqual([])
  })

  test('what begins with the first word asked for comes before what has it inside', async () => {
    const [first] = await labels('field=from&q=Broadway+%26+Houston&near=40.75,-73.98')
    expect(first).toBe('Broadway & East Houston Street')
  })

  test('second lines are for riders: no notes of the gazetteer’s makers', async () => {
    const markup = await (
      await get(`http://localhost:${world.config.port}/places?field=to&q=times+square`)
    ).text()
    expect(markup).toContain('Times Square')
    expect(markup).not.toMatch(/point:|taxi zone|signed/)
  })
})
