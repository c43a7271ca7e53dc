/** Where somebody is signed in, to be seen and ended by them. Promise 31 of the quality bars. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { IdentityId } from '../../src/engine/units.ts'
import { type Front, person, startFront } from '../support/front.ts'
import { DAY, HOUR, MINUTE, ORIGIN, pairOf, start, startProgram, whoIs } from '../support/sessions.ts'

interface Listed {
  readonly id: string
  readonly kind: string
  readonly device: string
  readonly place: string | null
  readonly current: boolean
  readonly impersonatedBy: string | null
}

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0'
let front: Front
let ada: IdentityId
let max: IdentityId
let addresses = 0

beforeAll(async () => {
  front = await startFront()
  max = await person(front, { name: 'Max Weber', email: 'max@demo.honeycab', password: null })
}, 60_000)
afterAll(() => front.stop())

/** A new person each time, with a session to look from. */
async function somebody() {
  ada = await person(front, { name: 'Ada Okafor', email: `ada${addresses++}@demo.honeycab`, password: null })
  const mine = await start(front, ada)
  return { mine, cookie: pairOf(mine.cookie) }
}

async function call(
  method: string,
  path: string,
  as: { cookie: string; csrf: string },
  key = crypto.randomUUID(),
) {
  return front.app.handle(
    new Request(`http://localhost${path}`, {
      method,
      headers: { cookie: as.cookie, 'x-csrf-token': as.csrf, 'idempotency-key': key },
    }),
  )
}

async function listed(cookie: string): Promise<Listed[]> {
  const response = await front.app.handle(
    new Request('http://localhost/api/v1/sessions', { headers: { cookie } }),
  )
  return ((await response.json()) as { sessions: Listed[] }).sessions
}

async function pageFor(cookie: string): Promise<string> {
  const headers = { cookie, accept: 'text/html' }
  return (await front.app.handle(new Request('http://localhost/account/devices', { headers }))).text()
}

describe('the list of devices', () => {
  test('names browser and system, the network and not the address, programs, and the one it is read on', async () => {
    const { mine, cookie } = await somebody()
    const laptop = await start(front, ada, {
      origin: { ...ORIGIN, userAgent: FIREFOX, address: '2001:db8:12:34:56::7' },
    })
    const program = await start(front, ada, {
      kind: 'token',
      origin: { ...ORIGIN, userAgent: 'campus-shuttle/2.1', address: '::ffff:198.51.100.20' },
    })
    const silent = await start(front, ada, { origin: { ...ORIGIN, userAgent: ' ', address: '127.0.0.1' } })
    const sessions = await listed(cookie)
    expect(sessions[0]).toMatchObject({
      id: mine.sessionId,
      current: true,
      place: '203.0.113.x',
      kind: 'cookie',
    })
    const of = (id: string) => sessions.find((session) => session.id === id)
    expect(of(laptop.sessionId)).toMatchObject({
      device: 'Firefox on Windows',
      place: '2001:db8:12::',
      current: false,
    })
    expect(of(program.sessionId)).toMatchObject({
      device: 'campus-shuttle',
      place: '198.51.100.x',
      kind: 'token',
    })
    expect(of(silent.sessionId)).toMatchObject({ device: 'A browser without a name', place: 'this machine' })
    const page = await pageFor(cookie)
    for (const words of [
      'Firefox on Windows',
      'campus-shuttle',
      'API client',
      'This device',
      '2001:db8:12::',
    ])
      expect(page).toContain(words)
    for (const address of ['203.0.113.7', '198.51.100.20', '2001:db8:12:34'])
      expect(page + JSON.stringify(sessions)).not.toContain(address)
  })

  test('tells the person of an admin who looks through their eyes, who may look and end nothing', async () => {
    const { cookie } = await somebody()
    const borrowed = await start(front, ada, { impersonatorId: max })
    expect(await listed(cookie)).toContainEqual(
      expect.objectContaining({ id: borrowed.sessionId, impersonatedBy: 'Max Weber' }),
    )
    expect(await pageFor(cookie)).toContain('Max Weber sees your account through this one')
    const eyes = { cookie: pairOf(borrowed.cookie), csrf: borrowed.csrf }
    expect((await call('DELETE', '/api/v1/sessions', eyes)).status).toBe(403)
    expect((await call('DELETE', `/api/v1/sessions/${borrowed.sessionId}`, eyes)).status).toBe(403)
  })

  test('leaves out what has ended by time, and says when the others were last used', async () => {
    const { cookie } = await somebody()
    await start(front, ada, { remembered: false })
    const old = await start(front, ada)
    front.clock.advance(13 * HOUR)
    expect(await listed(cookie)).toHaveLength(2)
    const page = await pageFor(cookie)
    expect(page.match(/In use now/g)).toHaveLength(1)
    expect(page).toContain('Last used')
    expect(page).toContain(`/account/devices/${old.sessionId}/end`)
    front.clock.advance(MINUTE)
  })

  test('escapes what a browser calls itself', async () => {
    const { cookie } = await somebody()
    await start(front, ada, { origin: { ...ORIGIN, userAgent: '<script>alert(1)</script>' } })
    expect(await pageFor(cookie)).not.toContain('<script>alert')
  })
})

describe('signing out elsewhere', () => {
  test('ends one, once, and is written down; the others stay', async () => {
    const { mine, cookie } = await somebody()
    const [one, two] = [await start(front, ada), await startProgram(front, ada)]
    const key = crypto.randomUUID()
    const as = { cookie, csrf: mine.csrf }
    for (let times = 0; times < 2; times++) {
      const answer = await call('DELETE', `/api/v1/sessions/${one.sessionId}`, as, key)
      expect([answer.status, await answer.json()]).toEqual([200, { ended: 1 }])
    }
    expect((await whoIs(front, { cookie: pairOf(one.cookie) })).name).toBeNull()
    expect((await whoIs(front, { 'x-session-token': two.tokens.accessToken })).name).toBe('Ada Okafor')
    expect((await listed(cookie)).map(({ id }) => id)).toEqual([mine.sessionId, two.sessionId])
    const entries = await front.db
      .selectFrom('audit_entries')
      .select(['action', 'actor_id', 'detail'])
      .where('subject', '=', one.sessionId)
      .where('action', '=', 'session.ended')
      .execute()
    expect(entries).toEqual([{ action: 'session.ended', actor_id: ada, detail: { from: mine.sessionId } }])
    expect((await call('DELETE', `/api/v1/sessions/${one.sessionId}`, as)).status).toBe(404)
  })

  test("of somebody else's session is told that it is not there, and it goes on", async () => {
    const theirs = await start(front, max)
    const { mine, cookie } = await somebody()
    const as = { cookie, csrf: mine.csrf }
    for (const id of [theirs.sessionId, crypto.randomUUID()])
      expect((await call('DELETE', `/api/v1/sessions/${id}`, as)).status).toBe(404)
    expect((await call('DELETE', '/api/v1/sessions/no-id', as)).status).toBeGreaterThanOrEqual(404)
    expect((await whoIs(front, { cookie: pairOf(theirs.cookie) })).name).toBe('Max Weber')
  })

  test('ends all others; this one goes on and nobody else is touched', async () => {
    const theirs = await start(front, max)
    const { mine, cookie } = await somebody()
    const others = [await start(front, ada), await start(front, ada)]
    const program = await startProgram(front, ada)
    const answer = await call('DELETE', '/api/v1/sessions', { cookie, csrf: mine.csrf })
    expect(await answer.json()).toEqual({ ended: 3 })
    for (const { cookie: line } of others)
      expect((await whoIs(front, { cookie: pairOf(line) })).name).toBeNull()
    expect((await whoIs(front, { 'x-session-token': program.tokens.accessToken })).status).toBe(401)
    expect((await whoIs(front, { cookie })).name).toBe('Ada Okafor')
    expect((await whoIs(front, { cookie: pairOf(theirs.cookie) })).name).toBe('Max Weber')
    expect(await pageFor(cookie)).toContain('You are signed in here only.')
  })

  test('of the session it is asked from takes its cookie away', async () => {
    const { mine, cookie } = await somebody()
    const answer = await call('DELETE', `/api/v1/sessions/${mine.sessionId}`, { cookie, csrf: mine.csrf })
    expect(answer.headers.getSetCookie().some((line) => /^honeycab=;.*Max-Age=0/.test(line))).toBe(true)
    expect((await whoIs(front, { cookie })).name).toBeNull()
  })

  test('works as forms too, and says on the page what was done', async () => {
    const { mine, cookie } = await somebody()
    const other = await start(front, ada)
    const post = (path: string) =>
      front.app.handle(
        new Request(`http://localhost${path}`, {
          method: 'POST',
          body: new URLSearchParams({ csrf: mine.csrf, key: crypto.randomUUID() }),
          headers: { cookie, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
        }),
      )
    const one = await post(`/account/devices/${other.sessionId}/end`)
    expect([one.status, one.headers.get('location')]).toEqual([303, '/account/devices?ended=one'])
    expect((await whoIs(front, { cookie: pairOf(other.cookie) })).name).toBeNull()
    expect((await post('/account/devices/end-others')).headers.get('location')).toBe(
      '/account/devices?ended=others',
    )
    const headers = { cookie, accept: 'text/html' }
    for (const [ended, words] of [
      ['one', 'Signed out there.'],
      ['others', 'Signed out everywhere else.'],
      ['<b>', 'Where you are signed in'],
    ] as const) {
      const page = await front.app.handle(
        new Request(`http://localhost/account/devices?ended=${encodeURIComponent(ended)}`, { headers }),
      )
      expect(await page.text()).toContain(words)
    }
  })
})

test('a program that is not used for a week, and a browser after three days, leave the list by themselves', async () => {
  const { cookie } = await somebody()
  await startProgram(front, ada)
  front.clock.advance(2 * DAY)
  expect(await listed(cookie)).toHaveLength(2)
  for (let days = 0; days < 6; days += 2) {
    front.clock.advance(2 * DAY)
    await whoIs(front, { cookie })
  }
  expect((await listed(cookie)).map(({ kind }) => kind)).toEqual(['cookie'])
})
