import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { tokenHash } from '../../src/accounts/session-tokens.ts'
import type { IdentityId } from '../../src/engine/units.ts'
import { type Browser, browser, type Front, foundCompany, person, startFront } from '../support/front.ts'

const ADA = { name: 'Ada Okafor', email: 'ada@demo.honeycab', password: 'larks above the canal' }
const BO = { name: 'Bo Lindqvist', email: 'bo@demo.honeycab', password: 'two hundred and four' }
const INES = { name: 'Ines Duarte', email: 'ines@demo.honeycab', password: 'the desk never sleeps' }

let front: Front
let ada: IdentityId
let addresses = 1
/** Everybody from an address of their own, so that limits of one test do not reach another. */
const newBrowser = (): Browser => browser(front.app, `198.51.100.${addresses++}`)

beforeAll(async () => {
  front = await startFront()
  const companyId = await foundCompany(front, 'canal-street')
  ada = await person(front, ADA)
  await person(front, { ...BO, roles: ['driver'], companyId })
  await person(front, { ...INES, roles: ['dispatcher'], companyId })
}, 60_000)
afterAll(() => front.stop())

describe('signing in', () => {
  test('the right password starts a session and leads to where the work begins', async () => {
    const rider = newBrowser()
    const response = await rider.signIn(ADA.email, ADA.password)
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/')
    expect((await newBrowser().signIn(BO.email, BO.password)).headers.get('location')).toBe('/driver')
    expect((await newBrowser().signIn(INES.email, INES.password)).headers.get('location')).toBe('/board')
    const session = await (await rider.get('/api/v1/session')).json()
    expect(session).toMatchObject({ viewer: { name: ADA.name, email: ADA.email, memberships: [] } })
  })

  test('the address may be typed in any case, with spaces around it', async () => {
    expect((await newBrowser().signIn('  ADA@Demo.Honeycab ', ADA.password)).status).toBe(303)
  })

  test('the cookie is for the whole site, not for scripts, and not sent along by other sites', async () => {
    const rider = newBrowser()
    await rider.signIn(ADA.email, ADA.password)
    const line = rider.setCookies.find((cookie) => cookie.startsWith('honeycab='))!
    const flags = line
      .split('; ')
      .slice(1)
      .map((flag) => flag.toLowerCase())
    expect(flags.sort()).toEqual(['httponly', 'max-age=1209600', 'path=/', 'samesite=lax'])
  })

  test('the database knows only the hash of the token, and no answer or log line has the token', async () => {
    const rider = newBrowser()
    await rider.signIn(ADA.email, ADA.password)
    const token = decodeURIComponent(rider.cookies.get('honeycab')!).split('.')[0]!
    const rows = await front.db.selectFrom('session_tokens').select('hash').execute()
    expect(rows.map((row) => row.hash)).toContain(tokenHash(token))
    expect(JSON.stringify(rows)).not.toContain(token)
    expect(await (await rider.get('/api/v1/session')).text()).not.toContain(token)
    expect(front.lines.join('')).not.toContain(token)
    expect(front.lines.join('')).not.toContain(ADA.password)
  })

  test('passwords are kept as argon2id with 19 MiB and two passes', async () => {
    const rows = await front.db.selectFrom('credentials').select('password').execute()
    for (const { password } of rows) expect(password).toStartWith('$argon2id$v=19$m=19456,t=2,')
  })

  test('a session remembers from where it was started, for its owner to see', async () => {
    const rider = browser(front.app, '203.0.113.77')
    const fields = { email: ADA.email, password: ADA.password, next: '' }
    await rider.post('/sign-in', fields, { headers: { 'user-agent': `Test ${'x'.repeat(1_000)}` } })
    const row = await front.db
      .selectFrom('sessions')
      .select(['user_agent', 'created_at'])
      .where('ip_address', '=', '203.0.113.77')
      .executeTakeFirstOrThrow()
    expect(row.user_agent).toStartWith('Test xxx')
    expect(row.user_agent!.length).toBe(300)
    expect(row.created_at.getTime()).toBe(front.clock.nowMs())
  })

  test('an unknown address and a wrong password get the same answer', async () => {
    const read = async (email: string, password: string) => {
      const call = await newBrowser().send('POST', '/api/v1/session', { email, password })
      const { reference: _, ...problem } = (await call.json()) as Record<string, unknown>
      const response = await newBrowser().signIn(email, password)
      // What differs from page to page anyway: nonces, tokens, and the address as it was typed.
      const text = (await response.text()).replace(/(nonce|content|value)="[^"]*"/g, '')
      const names = [...call.headers.keys()].sort()
      return { status: call.status, problem, page: response.status, text, names }
    }
    const unknown = await read('nobody@demo.honeycab', 'larks above the canal')
    expect(unknown.status).toBe(401)
    expect(unknown.page).toBe(422)
    expect(await read(ADA.email, 'larks below the canal')).toEqual(unknown)
  })

  test('what was typed as a password comes back in no answer', async () => {
    const rider = newBrowser()
    const secret = 'a very particular secret'
    const answers = [
      await rider.signIn(ADA.email, secret),
      await rider.post('/sign-in', { email: 'no address', password: secret, next: '' }),
      await rider.post('/sign-in', { email: ADA.email, password: secret, next: '', extra: secret }),
      await rider.send('POST', '/api/v1/session', { email: 7, password: [secret] }),
      await rider.send('POST', '/api/v1/session', { email: ADA.email, password: secret.repeat(99) }),
      await rider.send('POST', '/api/v1/session', { email: ADA.email, password: { secret } }),
    ]
    for (const answer of answers) {
      expect([401, 422]).toContain(answer.status)
      expect(await answer.text()).not.toContain(secret)
    }
  })

  test('bad fields are named', async () => {
    const response = await newBrowser().send('POST', '/api/v1/session', { email: 'x', stay: true })
    expect(response.status).toBe(422)
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(await response.json()).toMatchObject({
      status: 422,
      errors: [
        { field: 'email', message: 'This should be an e-mail address.' },
        { field: 'password', message: 'This field is needed.' },
        { field: 'stay', message: 'This field is not known.' },
      ],
    })
  })

  test('a person without a password cannot sign in with any', async () => {
    await person(front, { name: 'Sim 1', email: 'sim1@demo.honeycab', password: null })
    expect((await newBrowser().signIn('sim1@demo.honeycab', 'x')).status).toBe(422)
  })

  test('a password may hold any character', async () => {
    const password = '\0 ключ 🔑 " < % + &'
    await person(front, { name: 'Any', email: 'any@demo.honeycab', password })
    expect((await newBrowser().signIn('any@demo.honeycab', password)).status).toBe(303)
  })

  test('an e-mail address belongs to one person, whatever its case', async () => {
    const again = await front.auth.createPerson({ ...ADA, email: 'ADA@demo.honeycab', memberships: [] })
    expect(again).toEqual({ ok: false, reason: 'email_taken' })
  })
})

describe('where sign-in leads', () => {
  const cases: [string, string][] = [
    ['/rides?page=2', '/rides?page=2'],
    ['/rides/7#receipt', '/rides/7#receipt'],
    ['//elsewhere.example', '/'],
    ['/\\elsewhere.example', '/'],
    ['/.//elsewhere.example', '/'],
    ['/%09/elsewhere.example', '/%09/elsewhere.example'],
    ['/\t/elsewhere.example', '/'],
    ['https://elsewhere.example', '/'],
    ['javascript:alert(1)', '/'],
    ['', '/'],
  ]
  test.each(cases)('next %j leads to %j', async (next, location) => {
    const rider = newBrowser()
    const response = await rider.post('/sign-in', { email: ADA.email, password: ADA.password, next })
    expect(response.headers.get('location')).toBe(location)
    expect((await rider.get(`/sign-in?next=${encodeURIComponent(next)}`)).headers.get('location')).toBe(
      location,
    )
  })
})

describe('a session', () => {
  test('ends at once, also for whoever kept the cookie', async () => {
    const rider = newBrowser()
    await rider.signIn(ADA.email, ADA.password)
    const kept = browser(front.app)
    for (const [name, value] of rider.cookies) kept.cookies.set(name, value)
    expect(await viewerName(kept)).toBe(ADA.name)
    const ended: string[] = []
    const off = front.bus.on('session.ended', ({ identityId }) => void ended.push(identityId))
    const response = await rider.post('/sign-out', {})
    off()
    expect(response.headers.get('location')).toBe('/')
    expect(rider.cookies.has('honeycab')).toBe(false)
    expect(await viewerName(kept)).toBeNull()
    expect(ended).toEqual([ada])
  })

  test('ends by the API too', async () => {
    const rider = newBrowser()
    const { csrf } = (await (
      await rider.send('POST', '/api/v1/session', { email: ADA.email, password: ADA.password })
    ).json()) as { csrf: string }
    expect((await rider.send('DELETE', '/api/v1/session', {})).status).toBe(403)
    expect((await rider.send('DELETE', '/api/v1/session', {}, { csrf })).status).toBe(204)
    expect((await rider.send('DELETE', '/api/v1/session', {}, { csrf })).status).toBe(401)
  })

  test('a new sign-in ends the one the browser had', async () => {
    const rider = newBrowser()
    await rider.signIn(ADA.email, ADA.password)
    const first = rider.cookies.get('honeycab')!
    await rider.signIn(BO.email, BO.password)
    expect(await viewerName(rider)).toBe(BO.name)
    rider.cookies.set('honeycab', first)
    expect(await viewerName(rider)).toBeNull()
  })

  test('a new password ends all sessions and opens with nothing else', async () => {
    const id = await person(front, { name: 'Wen', email: 'wen@demo.honeycab', password: 'the old one' })
    const rider = newBrowser()
    await rider.signIn('wen@demo.honeycab', 'the old one')
    await front.auth.setPassword(id, 'the new one')
    expect(await viewerName(rider)).toBeNull()
    expect((await rider.signIn('wen@demo.honeycab', 'the old one')).status).toBe(422)
    expect((await rider.signIn('wen@demo.honeycab', 'the new one')).status).toBe(303)
  })

  test('a changed, unsigned or foreign cookie is nobody', async () => {
    const rider = newBrowser()
    await rider.signIn(ADA.email, ADA.password)
    const cookie = decodeURIComponent(rider.cookies.get('honeycab')!)
    const [token = '', signature = ''] = cookie.split('.')
    for (const forged of [
      token,
      `${token}.`,
      `${token}.${'A'.repeat(43)}=`,
      `x${cookie}`,
      `.${signature}`,
      '%',
    ]) {
      rider.cookies.set('honeycab', forged === '%' ? forged : encodeURIComponent(forged))
      expect(await viewerName(rider)).toBeNull()
    }
  })

  test('minted for a simulated person, it signs in without a password', async () => {
    const minted = await front.auth.mintSession(ada)
    const rider = newBrowser()
    const [name = '', value = ''] = minted.cookie.split(/=(.*)/s)
    rider.cookies.set(name, value)
    expect(await viewerName(rider)).toBe(ADA.name)
    expect((await rider.post('/sign-out', {}, { csrf: minted.csrf })).status).toBe(303)
    expect(await viewerName(rider)).toBeNull()
  })

  test('ends when it was not used for three days, and after two weeks of use', async () => {
    const day = 24 * 3_600_000
    const mine = await startFront()
    try {
      await person(mine, ADA)
      const [idle, busy] = [browser(mine.app), browser(mine.app)]
      await idle.signIn(ADA.email, ADA.password)
      await busy.signIn(ADA.email, ADA.password)
      for (let days = 1; days < 14; days++) {
        mine.clock.advance(day)
        expect(await viewerName(busy)).toBe(ADA.name)
      }
      expect(await viewerName(idle)).toBeNull()
      expect(await mine.auth.forgetEnded()).toBe(1)
      expect(await viewerName(busy)).toBe(ADA.name)
      mine.clock.advance(day)
      expect(await viewerName(busy)).toBeNull()
    } finally {
      await mine.stop()
    }
  })

  test('one signed with the secret before the newest still counts', async () => {
    const rider = newBrowser()
    await rider.signIn(ADA.email, ADA.password)
    const old = front.config.sessionSecrets[0]!
    const { makeAuth } = await import('../../src/accounts/accounts.ts')
    const { createLog } = await import('../../src/io/log.ts')
    const rotated = makeAuth({
      ...front,
      log: createLog('silent'),
      config: {
        publicUrl: front.config.publicUrl,
        sessionSecrets: ['another secret, newer and just as long', old],
        databaseUrl: null,
        host: '127.0.0.1',
      },
    })
    const cookie = `honeycab=${rider.cookies.get('honeycab')}`
    const request = new Request('http://localhost/', { headers: { cookie } })
    expect((await rotated.recognise(request, 'page')).viewer?.email).toBe(ADA.email)
  })
})

describe('limits on sign-in', () => {
  test('ten tries for one e-mail from one address close it there for a while; known or not', async () => {
    for (const email of [BO.email, 'ghost@demo.honeycab']) {
      const from = newBrowser()
      for (let attempt = 1; attempt <= 10; attempt++) {
        expect((await from.signIn(email, 'wrong')).status).toBe(422)
      }
      const refused = await from.signIn(email, BO.password)
      expect(refused.status).toBe(429)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(800)
      expect(await refused.text()).toContain('Too many tries')
      const call = await from.send('POST', '/api/v1/session', { email, password: BO.password })
      expect([call.status, call.headers.get('content-type')]).toEqual([
        429,
        'application/problem+json; charset=utf-8',
      ])
      expect((await newBrowser().signIn(email, 'wrong')).status).toBe(422)
    }
  }, 20_000)

  test('a success forgives the tries before it', async () => {
    const from = newBrowser()
    for (let round = 0; round < 4; round++) {
      for (let attempt = 0; attempt < 4; attempt++) await from.signIn(INES.email, 'wrong')
      expect((await from.signIn(INES.email, INES.password)).status).toBe(303)
      await from.post('/sign-out', {})
    }
  }, 20_000)
})

test('while the database is away nobody is signed out or refused: the answer says to try again', async () => {
  const mine = await startFront()
  await person(mine, ADA)
  const [rider, stranger] = [browser(mine.app), browser(mine.app)]
  await rider.signIn(ADA.email, ADA.password)
  mine.clock.advance(2_000)
  await mine.stop()
  const answers = [
    await rider.get('/sign-in'),
    await stranger.signIn(ADA.email, ADA.password),
    await stranger.send('POST', '/api/v1/session', { email: ADA.email, password: ADA.password }),
  ]
  for (const answer of answers) {
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    expect(answer.headers.getSetCookie().some((line) => line.startsWith('honeycab='))).toBe(false)
  }
}, 20_000)

test('signing in and out leaves an audit trail that cannot be changed', async () => {
  const rider = newBrowser()
  front.clock.advance(1)
  await rider.signIn(ADA.email, ADA.password)
  front.clock.advance(1)
  await rider.post('/sign-out', {})
  front.clock.advance(1)
  await rider.signIn(ADA.email, 'wrong')
  const rows = await front.db.selectFrom('audit_entries').selectAll().orderBy('at', 'desc').limit(3).execute()
  expect(rows.map(({ action }) => action)).toEqual(['session.refused', 'session.ended', 'session.started'])
  expect(rows[2]).toMatchObject({ actor_id: ada, subject: rows[1]!.subject, address: rows[0]!.address })
  const attempt = front.db.updateTable('audit_entries').set({ subject: 'nobody' }).execute()
  await expect(attempt).rejects.toThrow('append-only')
  await expect(front.db.deleteFrom('audit_entries').execute()).rejects.toThrow('append-only')
})

async function viewerName(who: Browser): Promise<string | null> {
  const { viewer } = (await (await who.get('/api/v1/session')).json()) as { viewer: { name: string } | null }
  return viewer?.name ?? null
}
