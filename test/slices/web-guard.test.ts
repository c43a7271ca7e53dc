import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { CompanyId } from '../../src/engine/units.ts'
import { PERMISSIONS, permissionGaps } from '../../src/web/permissions.ts'
import {
  type Browser,
  browser,
  type Front,
  foundCompany,
  ORIGIN,
  person,
  startFront,
} from '../support/front.ts'
import { ADA, BO, permissions, routes } from '../support/shell-routes.ts'

let front: Front
let visitor: Browser
let ada: Browser
let bo: Browser
let companyId: CompanyId
let elsewhere: CompanyId

beforeAll(async () => {
  front = await startFront({ routes, permissions })
  companyId = await foundCompany(front, 'canal-street')
  elsewhere = await foundCompany(front, 'elsewhere')
  await person(front, ADA)
  await person(front, { ...BO, roles: ['driver'], companyId })
  visitor = browser(front.app)
  ada = browser(front.app)
  bo = browser(front.app)
  await ada.signIn(ADA.email, ADA.password)
  await bo.signIn(BO.email, BO.password)
}, 60_000)
afterAll(() => front.stop())

describe('who may come in', () => {
  test('the signed-out are led to sign-in and back to where they wanted to go', async () => {
    const response = await visitor.get('/mine?page=2')
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/sign-in?next=%2Fmine%3Fpage%3D2')
  })

  test('a fragment for the signed-out takes the whole page to sign-in', async () => {
    const headers = { 'hx-request': 'true', 'hx-current-url': `${ORIGIN}/rides/7` }
    const response = await visitor.get('/mine', headers)
    expect([response.status, response.headers.get('hx-redirect')]).toEqual([
      401,
      '/sign-in?next=%2Frides%2F7',
    ])
  })

  test('a program gets 401 as a problem document', async () => {
    const response = await visitor.get('/mine', { accept: 'application/json' })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ type: 'about:blank', title: 'Sign in first', status: 401 })
  })

  test('what is the same for everybody asks nobody who they are', async () => {
    expect(await (await ada.get('/style')).text()).toBe('nobody')
    expect(await (await ada.get('/mine')).text()).toBe(ADA.name)
  })

  test('a role opens its own doors only', async () => {
    expect(await (await bo.get('/wheel')).text()).toBe('the wheel')
    expect((await bo.get('/desk')).status).toBe(403)
    expect((await ada.get('/wheel')).status).toBe(403)
    expect((await visitor.get('/wheel')).status).toBe(303)
  })

  test('another company looks like no company at all', async () => {
    expect(await (await bo.get(`/companies/${companyId}`)).text()).toBe(BO.name)
    const words = async (who: Browser, id: string) => {
      const response = await who.get(`/companies/${id}`, { accept: 'application/json' })
      const { reference: _, ...problem } = (await response.json()) as Record<string, unknown>
      return problem
    }
    const nobody = await words(bo, crypto.randomUUID())
    expect(nobody.status).toBe(404)
    expect(await words(bo, elsewhere)).toEqual(nobody)
    expect(await words(ada, companyId)).toEqual(nobody)
  })

  test('a route that is not in the table serves nobody', async () => {
    expect((await bo.get('/unlisted')).status).toBe(500)
  })

  test('the gaps between routes and table are found, both ways', () => {
    const shown = permissionGaps(
      [
        { method: 'GET', path: '/' },
        { method: 'GET', path: '/new' },
      ],
      [
        { method: 'GET', path: '/', who: 'anyone' },
        { method: 'GET', path: '/', who: 'anyone' },
        { method: 'POST', path: '/old', who: 'anyone' },
      ],
    )
    expect(shown).toEqual([
      'no permission for GET /new',
      'no route for POST /old',
      'a route stands twice in the permission table',
    ])
  })

  test('every route of sign-in has its row, with the right doors', () => {
    const mine = front.app.routes.filter(({ path }) => /sign-|session/.test(path))
    expect(mine.length).toBeGreaterThan(12)
    expect(permissionGaps(mine).filter((gap) => gap.startsWith('no permission'))).toEqual([])
    expect(new Set(PERMISSIONS.map(({ method, path }) => `${method} ${path}`)).size).toBe(PERMISSIONS.length)
  })
})

describe('requests that change something', () => {
  test('pass with the token of the session, as a field or as a header', async () => {
    expect(await (await ada.post('/notes', { note: 'hello' })).json()).toEqual({ note: 'hello' })
    const csrf = await ada.token()
    const header = await ada.post(
      '/notes',
      { note: 'hello' },
      { csrf: null, headers: { 'x-csrf-token': csrf } },
    )
    expect(header.status).toBe(200)
    expect((await ada.send('POST', '/api/v1/notes', { note: 'hello' }, { csrf })).status).toBe(200)
  })

  const tokens: [string, () => Promise<string | null>][] = [
    ['no token', async () => null],
    ['an empty token', async () => ''],
    ['a made-up token', async () => 'AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ["another session's token", () => bo.token()],
    ["a visitor's token", () => visitor.token()],
    ['the token of a session that ended', endedToken],
    ['its own token with another nonce', async () => `x${await ada.token()}`],
  ]
  test.each(tokens)('are refused with %s', async (_what, token) => {
    const csrf = await token()
    expect((await ada.post('/notes', { note: 'hello' }, { csrf })).status).toBe(403)
    expect((await ada.send('POST', '/api/v1/notes', { note: 'hello' }, { csrf })).status).toBe(403)
  })

  test('a visitor needs a token too, tied to their own cookie', async () => {
    const other = browser(front.app)
    await other.token()
    const fields = { email: ADA.email, password: ADA.password, next: '' }
    expect((await other.post('/sign-in', fields, { csrf: null })).status).toBe(403)
    expect((await other.post('/sign-in', fields, { csrf: await visitor.token() })).status).toBe(403)
    expect((await other.post('/sign-in', fields)).status).toBe(303)
  })

  const origins: [string, Record<string, string>][] = [
    ['another origin', { origin: 'https://elsewhere.example' }],
    ['an origin that starts like ours', { origin: 'http://localhost.elsewhere.example' }],
    ['our host on another port', { origin: 'http://localhost:9999' }],
    ['no origin at all, as a sandbox says it', { origin: 'null' }],
  ]
  test.each(origins)('are refused from %s, with the right token too', async (_what, headers) => {
    const csrf = await ada.token()
    expect((await ada.post('/notes', { note: 'x' }, { csrf, headers })).status).toBe(403)
    expect((await ada.send('POST', '/api/v1/notes', { note: 'x' }, { csrf, headers })).status).toBe(403)
    const call = { email: ADA.email, password: ADA.password }
    expect((await browser(front.app).send('POST', '/api/v1/session', call, { headers })).status).toBe(403)
  })

  test('are refused when the browser says they cross sites and names no origin', async () => {
    const csrf = await ada.token()
    for (const [site, status] of [
      ['cross-site', 403],
      ['same-site', 403],
      ['same-origin', 200],
      ['none', 200],
    ] as const) {
      const headers = { 'sec-fetch-site': site }
      expect((await ada.send('POST', '/api/v1/notes', { note: 'x' }, { csrf, headers })).status).toBe(status)
    }
  })

  test('come as a form to pages and as JSON to the API, and as nothing else', async () => {
    const csrf = await ada.token()
    const send = async (path: string, type: string, body: BodyInit) => {
      const cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const headers = { cookie, 'content-type': type, 'x-csrf-token': csrf, origin: ORIGIN }
      return (await front.app.handle(new Request(`${ORIGIN}${path}`, { method: 'POST', headers, body })))
        .status
    }
    expect(await send('/notes', 'application/x-www-form-urlencoded', 'note=x')).toBe(200)
    expect(await send('/api/v1/notes', 'application/json; charset=utf-8', '{"note":"x"}')).toBe(200)
    expect(await send('/notes', 'application/json', '{"note":"x"}')).toBe(415)
    expect(await send('/api/v1/notes', 'application/x-www-form-urlencoded', 'note=x')).toBe(415)
    expect(await send('/api/v1/notes', 'text/plain', '{"note":"x"}')).toBe(415)
    expect(await send('/notes', 'text/plain', 'note=x')).toBe(415)
    const multipart = '--b\r\ncontent-disposition: form-data; name="note"\r\n\r\nx\r\n--b--'
    expect(await send('/notes', 'multipart/form-data; boundary=b', multipart)).toBe(415)
  })

  test('a socket opens for our own pages and for programs, never for another site', async () => {
    const app = front.app.listen({ port: 0, hostname: '127.0.0.1' })
    const cookie = `honeycab=${ada.cookies.get('honeycab')}`
    const opens = (headers: Record<string, string>) =>
      new Promise<boolean>((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${app.server!.port}/live/test`, { headers } as never)
        socket.onopen = () => {
          resolve(true)
          socket.close()
        }
        socket.onerror = () => resolve(false)
      })
    try {
      expect(await opens({ cookie, origin: ORIGIN })).toBe(true)
      expect(await opens({ cookie })).toBe(true)
      expect(await opens({ cookie, origin: 'https://elsewhere.example' })).toBe(false)
      expect(await opens({ origin: ORIGIN })).toBe(false)
    } finally {
      await app.stop(true)
    }
  })
})

async function endedToken(): Promise<string> {
  const who = browser(front.app)
  await who.signIn(ADA.email, ADA.password)
  const csrf = await who.token()
  await who.post('/sign-out', {}, { csrf })
  return csrf
}
