import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { z } from 'zod'
import { assert, type CompanyId } from '../../src/engine/units.ts'
import { OutsideError } from '../../src/io/outside.ts'
import { requireRole, seeOther } from '../../src/web/context.ts'
import { PERMISSIONS, type Permission, permissionGaps } from '../../src/web/permissions.ts'
import { HttpProblem, notThere } from '../../src/web/problem.ts'
import type { Shell } from '../../src/web/shell.ts'
import {
  type Browser,
  browser,
  type Front,
  foundCompany,
  ORIGIN,
  person,
  startFront,
} from '../support/front.ts'

const ADA = { name: 'Ada Okafor', email: 'ada@demo.honeycab', password: 'larks above the canal' }
const BO = { name: 'Bo Lindqvist', email: 'bo@demo.honeycab', password: 'two hundred and four' }

const noteShape = z.strictObject({
  note: z.string().max(20),
  seats: z.coerce.number().int().min(1).max(8).optional(),
  pin: z.enum(['a', 'b']).optional(),
})
const SECRET = 'postgres://app:hunter2@db/honeycab'

const routes = (shell: Shell) =>
  new Elysia({ name: 'test-routes' })
    .use(shell)
    .get('/open', () => 'open')
    .get('/mine', ({ web }) => web.viewer!.name)
    .get('/desk', () => 'the desk')
    .get('/companies/:id', ({ web, params }) => requireRole(web, ['driver'], params.id as CompanyId).name)
    .get('/wheel', () => 'the wheel')
    .get('/file', () => new Response('body{}', { headers: { 'cache-control': 'public, immutable' } }))
    .get('/gone', () => seeOther('/open'))
    .get('/bug', () => assert(false, SECRET))
    .get('/thrown', () => {
      throw new Error(SECRET)
    })
    .get('/outside', () => {
      throw new OutsideError('postgres', SECRET)
    })
    .get('/refused', () => {
      throw new HttpProblem(409, 'That changed in the meantime.')
    })
    .get('/hidden', () => {
      throw notThere()
    })
    .get('/wrong-answer', () => ({ secret: SECRET }) as never, {
      response: z.strictObject({ fine: z.string() }),
    })
    .get('/numbered/:id', ({ params }) => params.id, { params: z.object({ id: z.uuid() }) })
    .get('/asked', ({ query }) => query.q, { query: z.strictObject({ q: z.string().max(5) }) })
    .post('/notes', ({ body }) => body, { body: noteShape })
    .post('/api/v1/notes', ({ body }) => body, { body: noteShape })
    .post('/wordless', () => 'done')
    .get('/unlisted', () => 'nobody may')
    .ws('/live/test', { message: (socket, text) => void socket.send(text) })

const ANYONE: [Permission['method'], string][] = [
  ['GET', '/open'],
  ['GET', '/file'],
  ['GET', '/gone'],
  ['GET', '/bug'],
  ['GET', '/thrown'],
  ['GET', '/outside'],
  ['GET', '/refused'],
  ['GET', '/hidden'],
  ['GET', '/wrong-answer'],
  ['GET', '/numbered/:id'],
  ['GET', '/asked'],
  ['POST', '/wordless'],
]
const permissions: Permission[] = [
  ...ANYONE.map(([method, path]): Permission => ({ method, path, who: 'anyone' })),
  { method: 'GET', path: '/mine', who: 'signed_in' },
  { method: 'GET', path: '/companies/:id', who: 'signed_in' },
  { method: 'GET', path: '/desk', who: ['dispatcher', 'admin'] },
  { method: 'GET', path: '/wheel', who: ['driver'] },
  { method: 'POST', path: '/notes', who: 'signed_in' },
  { method: 'POST', path: '/api/v1/notes', who: 'signed_in' },
  { method: 'WS', path: '/live/test', who: 'signed_in' },
]

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

describe('the header set', () => {
  const answers: [string, number, (who: Browser) => Promise<Response>][] = [
    ['a page', 200, (who) => who.get('/open')],
    ['the answer to HEAD', 200, (who) => who.send('HEAD', '/open', undefined)],
    ['a file', 200, (who) => who.get('/file')],
    ['a redirect', 303, (who) => who.get('/gone')],
    ['the way to sign in', 303, (who) => who.get('/mine')],
    ['an unknown address', 404, (who) => who.get('/nowhere')],
    ['an unknown method', 404, (who) => who.send('PUT', '/open', {})],
    ['an address that cannot be read', 400, (who) => who.get('/numbered/%E0%A4%A')],
    ['a zero character in the address', 400, (who) => who.get('/asked?q=%00')],
    ['a wrong parameter', 404, (who) => who.get('/numbered/7')],
    ['a wrong query', 422, (who) => who.get('/asked?q=abcdefgh')],
    ['a refusal', 409, (who) => who.get('/refused')],
    ['a bug', 500, (who) => who.get('/bug')],
    ['an outside failure', 503, (who) => who.get('/outside')],
    ['a route without a permission', 500, (who) => who.get('/unlisted')],
    ['a foreign form', 403, (who) => who.post('/wordless', {}, { headers: { origin: 'https://e.example' } })],
    ['a body too large', 413, (who) => who.post('/wordless', { text: 'x'.repeat(70_000) })],
    ['an API call', 200, (who) => who.get('/api/v1/session')],
    ['an API problem', 401, (who) => who.send('POST', '/api/v1/notes', {})],
  ]
  test.each(answers)('is on %s', async (_what, status, ask) => {
    const response = await ask(browser(front.app))
    expect(response.status).toBe(status)
    const { headers } = response
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('same-origin')
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(headers.get('permissions-policy')).toContain('geolocation=(self), screen-wake-lock=(self)')
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    const policy = headers.get('content-security-policy')!
    for (const part of [
      "default-src 'none'",
      "style-src 'self'",
      "img-src 'self' data: https://*.tiles.example",
      "connect-src 'self' ws://localhost",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "object-src 'none'",
    ]) {
      expect(policy.split('; ')).toContain(part)
    }
    expect(policy).toMatch(/script-src 'self' 'nonce-[\w-]{22}'/)
    expect(policy).not.toContain('unsafe')
    expect(headers.has('strict-transport-security')).toBe(false)
  })

  test('keeps pages out of caches, but lets a file say otherwise', async () => {
    expect((await visitor.get('/open')).headers.get('cache-control')).toBe('no-store')
    expect((await visitor.get('/file')).headers.get('cache-control')).toBe('public, immutable')
  })

  test('has a new nonce and request id each time, and ignores an id from outside', async () => {
    const seen = new Set<string>()
    for (let i = 0; i < 3; i++) {
      const { headers } = await visitor.get('/open', { 'x-request-id': 'mine' })
      seen.add(headers.get('content-security-policy')!)
      seen.add(headers.get('x-request-id')!)
    }
    expect(seen.size).toBe(6)
    expect(seen.has('mine')).toBe(false)
  })

  test('on https asks for https for good, and names its cookies __Host-', async () => {
    const secure = await startFront({ publicUrl: 'https://cabs.example' })
    try {
      await person(secure, ADA)
      const rider = browser(secure.app)
      const origin = 'https://cabs.example'
      const fields = { email: ADA.email, password: ADA.password, next: '' }
      const response = await rider.post('/sign-in', fields, { headers: { origin } })
      expect(response.headers.get('strict-transport-security')).toBe('max-age=63072000')
      expect(response.headers.get('content-security-policy')).toContain(
        "connect-src 'self' wss://cabs.example;",
      )
      const line = rider.setCookies.find((cookie) => cookie.startsWith('__Host-honeycab='))!
      const flags = line
        .split('; ')
        .slice(1)
        .map((flag) => flag.toLowerCase())
      expect(flags.sort()).toEqual(['httponly', 'max-age=1209600', 'path=/', 'samesite=lax', 'secure'])
      expect([...rider.cookies.keys()].sort()).toEqual(['__Host-honeycab', '__Host-honeycab-visitor'])
    } finally {
      await secure.stop()
    }
  })
})

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
    expect(mine.length).toBe(6)
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

describe('bodies', () => {
  test('may have 64 KB, declared or not', async () => {
    const csrf = await ada.token()
    const post = (body: BodyInit) => {
      const cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const headers = { cookie, 'content-type': 'application/json', 'x-csrf-token': csrf }
      return front.app.handle(new Request(`${ORIGIN}/api/v1/notes`, { method: 'POST', headers, body }))
    }
    const chunk = new TextEncoder().encode(' '.repeat(16 * 1024))
    let pulled = 0
    const endless = new ReadableStream({
      pull: (controller) => {
        pulled++
        controller.enqueue(chunk)
      },
    })
    expect((await post(endless)).status).toBe(413)
    expect(pulled).toBeLessThan(10)
    expect((await post(`${' '.repeat(65_536 - 12)}{"note":"x"}`)).status).toBe(200)
    expect((await post(`${' '.repeat(65_536 - 11)}{"note":"x"}`)).status).toBe(413)
  })

  const broken: [string, number, string][] = [
    ['{"note":', 400, ''],
    ['[[[['.repeat(5_000), 400, ''],
    [`${'['.repeat(40)}${']'.repeat(40)}`, 400, ''],
    ['"text"', 422, ''],
    ['null', 422, ''],
    ['[]', 422, ''],
    ['', 422, 'note'],
    ['{"note":7}', 422, 'note'],
    ['{"note":"\\u0000"}', 422, 'note'],
    ['{"note":"a","seats":1e99}', 422, 'seats'],
    ['{"note":"a","pin":"secret pin"}', 422, 'pin'],
    ['{"note":"a","__proto__":{"admin":true}}', 422, '__proto__'],
    ['{"note":"a","constructor":1}', 422, 'constructor'],
    ['{"note":"this note is longer than it may be"}', 422, 'note'],
  ]
  test.each(broken)('%p is answered with %p and the field', async (body, status, field) => {
    const csrf = await ada.token()
    const cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { cookie, 'content-type': 'application/json', 'x-csrf-token': csrf }
    const request = new Request(`${ORIGIN}/api/v1/notes`, { method: 'POST', headers, body })
    const response = await front.app.handle(request)
    const text = await response.text()
    expect([response.status, text.includes('secret pin'), text.includes('longer than')]).toEqual([
      status,
      false,
      false,
    ])
    const { errors } = JSON.parse(text) as { errors: { field: string }[] }
    if (field !== '') expect(errors.map((error) => error.field)).toEqual([field])
  })

  test('that are not UTF-8 are refused', async () => {
    const csrf = await ada.token()
    const cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { cookie, 'content-type': 'application/json', 'x-csrf-token': csrf }
    const body = new Uint8Array([0x22, 0xff, 0x22])
    const request = new Request(`${ORIGIN}/api/v1/notes`, { method: 'POST', headers, body })
    expect((await front.app.handle(request)).status).toBe(400)
  })
})

describe('what went wrong', () => {
  const ours: [string, number][] = [
    ['/bug', 500],
    ['/thrown', 500],
    ['/wrong-answer', 500],
    ['/outside', 503],
  ]
  test.each(ours)('%s is told without its text, and with the reference of our log', async (path, status) => {
    for (const accept of ['text/html', 'application/json']) {
      const response = await visitor.get(path, { accept })
      expect(response.status).toBe(status)
      const text = await response.text()
      expect(text).not.toContain('hunter2')
      expect(text).not.toContain('.ts')
      const reference = response.headers.get('x-request-id')!
      expect(text).toContain(reference)
      expect(front.lines.some((line) => line.includes(reference) && line.includes('http.'))).toBe(true)
      if (status === 503) expect(response.headers.get('retry-after')).toBe('5')
    }
  })

  test('is a page for people and a problem document for programs', async () => {
    const page = await visitor.get('/refused')
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await page.text()).toContain('That changed in the meantime.')
    const call = await visitor.get('/refused', { accept: 'application/json' })
    expect(call.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(await call.json()).toMatchObject({
      status: 409,
      detail: 'That changed in the meantime.',
      errors: [],
    })
    expect((await visitor.get('/api/v1/nowhere')).headers.get('content-type')).toContain('problem+json')
  })

  test('what is not yours and what is not there read the same', async () => {
    const read = async (path: string) => {
      const { reference: _, ...rest } = (await (
        await visitor.get(path, { accept: 'application/json' })
      ).json()) as {
        reference: string
      }
      return rest
    }
    expect(await read('/hidden')).toEqual(await read('/nowhere'))
  })
})

async function endedToken(): Promise<string> {
  const who = browser(front.app)
  await who.signIn(ADA.email, ADA.password)
  const csrf = await who.token()
  await who.post('/sign-out', {}, { csrf })
  return csrf
}
