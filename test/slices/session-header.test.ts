/** Tokens of programs in the header, cookies of browsers, and every mixture. Promise 32 of the quality bars. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { PERMISSIONS } from '../../src/web/permissions.ts'
import { type AppWorld, PASSWORD, startApp } from '../support/app-world.ts'
import { makeClient } from '../support/client.ts'
import { openLive } from '../support/live-client.ts'

interface Tokens {
  readonly accessToken: string
  readonly refreshToken: string
}

let world: AppWorld
/** Ada by her browser, Eve by a program: who answers shows what was asked. */
let cookies: Record<'none' | 'right' | 'wrong' | 'ended', string | null>
let tokens: Record<
  'none' | 'right' | 'empty' | 'garbage' | 'forged' | 'refresh' | 'cookie' | 'expired',
  string | null
>
let origin: string

beforeAll(async () => {
  world = await startApp({ running: false, passwords: true })
  const { rider, otherRider } = world.canal
  origin = rider.client.origin
  const right = rider.client.session!.cookie
  const [name, value = ''] = right.split(/=(.*)/s)
  const gone = await world.auth.mintSession(rider.identityId)
  const old = await signIn(otherRider.email)
  const refreshed = await refresh(old.refreshToken)
  const [token, signature] = refreshed.accessToken.split('.')
  await makeClient({ origin, session: gone }).call('DELETE', '/api/v1/session')
  cookies = { none: null, right, wrong: `${name}=${value.replace(/^./, 'x')}`, ended: gone.cookie }
  tokens = {
    none: null,
    right: refreshed.accessToken,
    empty: '',
    garbage: 'garbage',
    forged: `${token!.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))}.${signature}`,
    refresh: refreshed.refreshToken,
    cookie: decodeURIComponent(value),
    expired: old.accessToken,
  }
}, 60_000)
afterAll(() => world?.stop())

async function signIn(email: string): Promise<Tokens> {
  const answer = await call('POST', '/api/v1/tokens', { email, password: PASSWORD })
  expect(answer.status).toBe(200)
  return (await answer.json()) as Tokens
}

async function refresh(refreshToken: string): Promise<Tokens> {
  const answer = await call('POST', '/api/v1/tokens/refresh', { refreshToken })
  expect(answer.status).toBe(200)
  return (await answer.json()) as Tokens
}

function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  return fetch(`${origin}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      'idempotency-key': crypto.randomUUID(),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

const HEADERS = {
  'X-Session-Token': (token: string) => ({ 'x-session-token': token }),
  'Authorization: Bearer': (token: string) => ({ authorization: `Bearer ${token}` }),
} as const

describe('header and cookie', () => {
  for (const [header, write] of Object.entries(HEADERS))
    for (const tokenKind of [
      'none',
      'right',
      'empty',
      'garbage',
      'forged',
      'refresh',
      'cookie',
      'expired',
    ] as const)
      for (const cookieKind of ['none', 'right', 'wrong', 'ended'] as const)
        test(`${header} ${tokenKind}, cookie ${cookieKind}`, async () => {
          const [token, cookie] = [tokens[tokenKind], cookies[cookieKind]]
          const answer = await call('GET', '/api/v1/session', undefined, {
            ...(token === null ? {} : write(token)),
            ...(cookie === null ? {} : { cookie }),
          })
          if (tokenKind !== 'none' && tokenKind !== 'right') {
            expect(answer.status).toBe(401)
            expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
            expect(answer.headers.get('content-type')).toStartWith('application/problem+json')
            return
          }
          expect(answer.status).toBe(200)
          const { viewer } = (await answer.json()) as { viewer: { name: string } | null }
          const expected = tokenKind === 'right' ? 'Eve Marsh' : cookieKind === 'right' ? 'Ada Okafor' : null
          expect(viewer?.name ?? null).toBe(expected)
        })

  test('two headers that differ are wrong, two that agree are one', async () => {
    const right = tokens.right!
    const status = async (own: string, bearer: string) =>
      (
        await call('GET', '/api/v1/session', undefined, {
          'x-session-token': own,
          authorization: `Bearer ${bearer}`,
        })
      ).status
    expect([await status(right, right), await status(right, 'x'), await status('x', right)]).toEqual([
      200, 401, 401,
    ])
  })

  test('an Authorization of another scheme is not ours, and the cookie counts', async () => {
    const answer = await call('GET', '/api/v1/session', undefined, {
      authorization: 'Basic YTpi',
      cookie: cookies.right!,
    })
    expect(await answer.json()).toMatchObject({ viewer: { name: 'Ada Okafor' } })
  })

  test('a program token in the cookie opens nothing', async () => {
    const [name] = cookies.right!.split('=')
    const answer = await call('GET', '/api/v1/session', undefined, {
      cookie: `${name}=${encodeURIComponent(tokens.right!)}`,
    })
    expect(await answer.json()).toMatchObject({ viewer: null })
  })
})

describe('a token in the header', () => {
  const ours = () => HEADERS['Authorization: Bearer'](tokens.right!)

  test('opens no page, and a wrong one not even those that are open to everybody', async () => {
    for (const row of PERMISSIONS) {
      if (row.method !== 'GET' || /^\/(api|live)\//.test(row.path) || row.impersonal === true) continue
      const path = row.path.replace(/:\w+/g, crypto.randomUUID())
      for (const token of [tokens.right!, 'wrong']) {
        const answer = await call('GET', path, undefined, { 'x-session-token': token, accept: 'text/html' })
        expect([row.path, answer.status]).toEqual([row.path, 401])
      }
    }
  })

  test('needs no token against forged posts, since no browser sends it by itself', async () => {
    const answer = await call('DELETE', '/api/v1/sessions', undefined, ours())
    expect(answer.status).toBe(200)
  })

  test('is bound to our origins all the same', async () => {
    const elsewhere = await call('DELETE', '/api/v1/sessions', undefined, {
      ...ours(),
      origin: 'https://elsewhere.example',
    })
    expect(elsewhere.status).toBe(403)
  })

  test('never makes a call with a cookie do without its token against forged posts', async () => {
    const answer = await call('DELETE', '/api/v1/sessions', undefined, { cookie: cookies.right! })
    expect(answer.status).toBe(403)
  })

  test('gets no cookie back', async () => {
    const answer = await call('GET', '/api/v1/session', undefined, { ...ours(), cookie: cookies.right! })
    expect(answer.headers.getSetCookie().filter((line) => line.startsWith('honeycab='))).toEqual([])
  })

  test('opens a socket as its own person; a wrong one opens none, whatever the cookie', async () => {
    const path = '/live/driver'
    const { accessToken } = await signIn(world.canal.driver.email)
    const url = `${origin.replace(/^http/, 'ws')}${path}`
    const { cookie } = world.canal.driver.client.session!
    const open = async (headers: Record<string, string>) => {
      const live = openLive(url, headers)
      const opened = await live.opened
      live.close()
      return opened
    }
    expect(await open({ authorization: `Bearer ${accessToken}` })).toBe('open')
    expect(await open({ 'x-session-token': accessToken })).toBe('open')
    expect(await open({ cookie, origin })).toBe('open')
    expect(await open({ cookie, origin, 'x-session-token': 'wrong' })).not.toBe('open')
    expect(await open({ cookie, origin, ...ours() })).not.toBe('open')
  })

  test('ends by DELETE /api/v1/tokens, which ends no browser', async () => {
    const { accessToken, refreshToken } = await signIn(world.canal.otherRider.email)
    const headers = { authorization: `Bearer ${accessToken}` }
    expect((await world.canal.rider.client.call('DELETE', '/api/v1/tokens')).status).toBe(403)
    expect((await call('DELETE', '/api/v1/tokens', undefined, headers)).status).toBe(204)
    expect((await call('GET', '/api/v1/session', undefined, headers)).status).toBe(401)
    expect((await call('POST', '/api/v1/tokens/refresh', { refreshToken })).status).toBe(401)
  })
})

describe('asking for tokens', () => {
  test('answers with a pair and who it is, and starts no session of the browser', async () => {
    const { email, name } = world.canal.rider
    const answer = await call('POST', '/api/v1/tokens', { email, password: PASSWORD })
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(await answer.json()).toMatchObject({
      tokenType: 'Bearer',
      accessToken: expect.stringMatching(/^hca_/),
      refreshToken: expect.stringMatching(/^hcr_/),
      viewer: { name },
    })
  })

  test('with a wrong password is refused as at the sign-in page; bad fields are named', async () => {
    const { email } = world.canal.rider
    expect((await call('POST', '/api/v1/tokens', { email, password: 'wrong' })).status).toBe(401)
    expect((await call('POST', '/api/v1/tokens', { email })).status).toBe(422)
    expect((await call('POST', '/api/v1/tokens/refresh', { refreshToken: 7, x: 1 })).status).toBe(422)
    expect((await call('POST', '/api/v1/tokens/refresh', { refreshToken: 'hcr_x.y' })).status).toBe(401)
  })
})

test('the figures say how often a session was known, read, or none', async () => {
  await world.canal.rider.client.get('/rides')
  const metrics = await (await world.stranger.get('/metrics')).text()
  for (const result of ['hit', 'miss', 'unknown'])
    expect(metrics).toMatch(new RegExp(`honeycab_session_lookups_total\\{result="${result}"\\} \\d+`))
})

test('no answer and no address ever holds the token of a cookie', async () => {
  const { rider } = world.canal
  const { cookie, csrf } = await world.auth.mintSession(rider.identityId)
  const client = makeClient({ origin, session: { cookie, csrf } })
  const value = cookie.split(/=(.*)/s)[1]!
  const secret = decodeURIComponent(value).split('.')[0]!
  for (const row of PERMISSIONS) {
    if (row.method !== 'GET') continue
    const answer = await client.get(row.path.replace(/:\w+/g, crypto.randomUUID()))
    const text = `${answer.headers.get('location')} ${await answer.text()}`
    expect([row.path, text.includes(secret)]).toEqual([row.path, false])
  }
  for (const [method, path, body] of [
    ['POST', '/api/v1/session', { email: rider.email, password: 'wrong' }],
    ['POST', '/api/v1/tokens', { email: rider.email, password: PASSWORD }],
    ['GET', '/api/v1/sessions', undefined],
    ['DELETE', '/api/v1/sessions', undefined],
    ['DELETE', '/api/v1/session', undefined],
  ] as const) {
    const answer = await client.call(method, path, body)
    expect([path, (await answer.text()).includes(secret)]).toEqual([path, false])
  }
})
