import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Browser, browser, type Front, ORIGIN, person, startFront } from '../support/front.ts'
import { ADA, permissions, routes } from '../support/shell-routes.ts'

let front: Front
let visitor: Browser
let ada: Browser

beforeAll(async () => {
  front = await startFront({ routes, permissions })
  await person(front, ADA)
  visitor = browser(front.app)
  ada = browser(front.app)
  await ada.signIn(ADA.email, ADA.password)
}, 60_000)
afterAll(() => front.stop())

test('at an address that leads nowhere somebody who is signed in is not asked to sign in', async () => {
  const said = async (who: Browser) => (await who.get('/nowhere')).text()
  expect(await said(visitor)).toContain('href="/sign-in?')
  const page = await said(ada)
  expect(page).toContain('There is nothing at this address.')
  expect(page).not.toContain('href="/sign-in?')
})

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
      const fields = { email: ADA.email, password: ADA.password, next: '', remember: 'on' }
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
      expect([...rider.cookies.keys()].sort()).toEqual([
        '__Host-honeycab',
        '__Host-honeycab-browser',
        '__Host-honeycab-visitor',
      ])
    } finally {
      await secure.stop()
    }
  })
})

test("a query is text as it was sent: commas and brackets are nobody's list", async () => {
  for (const text of ['a, b', '[1]', '{}', 'a b+'])
    expect(await (await visitor.get(`/asked?q=${encodeURIComponent(text)}`)).text()).toBe(text)
  expect((await visitor.get('/asked?q=a&q=b')).status).toBe(422)
})

test('no page names a socket address that browsers call invalid', async () => {
  const policy = (await visitor.get('/open')).headers.get('content-security-policy')!
  expect(policy).not.toContain('[')
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

test('each unsafe request is one line of the log, with its route, answer and person', async () => {
  const csrf = await ada.token()
  for (const [note, status] of [
    ['fine', 200],
    ['this note is longer than it may be', 422],
  ] as const) {
    const response = await ada.post('/notes', { note }, { csrf })
    const lines = await logged(response)
    expect(lines).toMatchObject([
      { level: 'info', event: 'http.request', method: 'POST', route: '/notes', status },
    ])
    expect(JSON.stringify(lines)).not.toContain(note)
  }
  const response = await visitor.post('/sign-in', { email: ADA.email, password: 'wrong', next: '' })
  expect((await logged(response)).at(-1)).toMatchObject({ event: 'http.request', status: 422 })
})

/** The lines of a request; the last is written after its answer has gone out. */
async function logged(response: Response): Promise<{ event: string }[]> {
  const reference = response.headers.get('x-request-id')!
  for (let turn = 0; turn < 1_000; turn++) {
    const lines = front.lines.filter((line) => line.includes(reference)).map((line) => JSON.parse(line))
    if (lines.some(({ event }) => event === 'http.request')) return lines
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error(`no line for request ${reference}`)
}
