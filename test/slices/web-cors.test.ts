import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Browser, browser, type Front, ORIGIN, person, startFront } from '../support/front.ts'
import { ADA, permissions, routes } from '../support/shell-routes.ts'

const FRIEND = 'https://app.example.org'
const CORS = [
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-expose-headers',
  'access-control-max-age',
]
const said = (response: Response) =>
  Object.fromEntries(
    CORS.flatMap((name) => (response.headers.has(name) ? [[name, response.headers.get(name)]] : [])),
  )

let open: Front
let closed: Front
let ada: Browser

beforeAll(async () => {
  open = await startFront({ routes, permissions, env: { ALLOWED_ORIGINS: FRIEND } })
  closed = await startFront({ routes, permissions })
  await person(open, ADA)
  ada = browser(open.app)
  await ada.signIn(ADA.email, ADA.password)
}, 60_000)
afterAll(async () => {
  await open.stop()
  await closed.stop()
})

const asking = (front: Front, path: string, origin: string | null) =>
  browser(front.app).send('OPTIONS', path, undefined, {
    headers: {
      ...(origin === null ? {} : { origin }),
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    },
  })

describe('a script of another origin', () => {
  test('that is named may ask, send and read, exactly as that origin', async () => {
    const asked = await asking(open, '/api/v1/notes', FRIEND)
    expect(asked.status).toBe(204)
    expect(said(asked)).toEqual({
      'access-control-allow-origin': FRIEND,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers':
        'authorization, content-type, idempotency-key, x-csrf-token, x-session-token',
      'access-control-expose-headers': 'retry-after, x-request-id',
      'access-control-max-age': '600',
    })
    expect(asked.headers.get('vary')).toBe('origin')
    expect(asked.headers.get('x-content-type-options')).toBe('nosniff')
    const csrf = await ada.token()
    const sent = await ada.send('POST', '/api/v1/notes', { note: 'x' }, { csrf, headers: { origin: FRIEND } })
    expect(sent.status).toBe(200)
    expect(said(sent)).toEqual({
      'access-control-allow-origin': FRIEND,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'retry-after, x-request-id',
    })
  })

  test('that is named may read what went wrong, too', async () => {
    const refused = await ada.send('POST', '/api/v1/notes', { note: 7 }, { headers: { origin: FRIEND } })
    expect([refused.status, said(refused)['access-control-allow-origin']]).toEqual([403, FRIEND])
  })

  const strangers: [string, string | null][] = [
    ['an origin nobody named', 'https://elsewhere.example'],
    ['one that begins like it', `${FRIEND}.evil.example`],
    ['one that ends like it', 'https://evil-app.example.org'],
    ['the same name without TLS', 'http://app.example.org'],
    ['the same name on another port', `${FRIEND}:8443`],
    ['the same name in capitals', FRIEND.toUpperCase()],
    ['a star', '*'],
    ['a sandbox', 'null'],
    ['nobody', null],
    ['ourselves, who need no permission', ORIGIN],
  ]
  test.each(strangers)('gets nothing when it is %s', async (_who, origin) => {
    const asked = await asking(open, '/api/v1/notes', origin)
    expect(asked.status).toBe(404)
    expect(said(asked)).toEqual({})
    const read = await ada.get('/api/v1/session', origin === null ? {} : { origin })
    expect(said(read)).toEqual({})
    expect(read.headers.get('vary')).toBe('origin')
  })

  test('gets nothing of our pages, named or not', async () => {
    expect(said(await asking(open, '/notes', FRIEND))).toEqual({})
    for (const path of ['/mine', '/open', '/nowhere', '/file', '/assets/x/app.css'])
      expect(said(await ada.get(path, { origin: FRIEND })), path).toEqual({})
  })

  test('gets nothing at all where nobody is named', async () => {
    for (const origin of [FRIEND, ORIGIN, 'null']) {
      const asked = await asking(closed, '/api/v1/notes', origin)
      expect([asked.status, said(asked)]).toEqual([404, {}])
      const read = await browser(closed.app).get('/api/v1/session', { origin })
      expect([said(read), read.headers.has('vary')]).toEqual([{}, false])
    }
  })
})
