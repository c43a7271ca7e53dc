import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { makeAuth } from '../../src/accounts/accounts.ts'
import { makeFactors } from '../../src/accounts/factors.ts'
import { LOCK_MS } from '../../src/accounts/lockout.ts'
import { PENDING_MS } from '../../src/accounts/pending.ts'
import type { Place, Who } from '../../src/accounts/sign-in.ts'
import type { IdentityId } from '../../src/engine/units.ts'
import { type Clock, systemClock } from '../../src/io/clock.ts'
import { createLog } from '../../src/io/log.ts'
import { type AuthenticatorApp, addApp } from '../support/factor.ts'
import { type Browser, browser, type Front, person, startFront } from '../support/front.ts'

const PASSWORD = 'larks above the canal'
const STEP_MS = 30_000
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

let front: Front
let addresses = 1
let people = 0
const newBrowser = (): Browser => browser(front.app, `198.51.${addresses >> 8}.${addresses++ & 255}`)

beforeAll(async () => {
  front = await startFront()
}, 60_000)
afterAll(() => front.stop())
// The next test's codes are others, and what caches keep is over.
afterEach(() => front.clock.advance(2 * STEP_MS))

interface Somebody {
  readonly email: string
  readonly identityId: IdentityId
}

async function somebody(password: string | null = PASSWORD): Promise<Somebody> {
  const email = `person${people++}@demo.honeycab`
  return { email, identityId: await person(front, { name: 'Ada Okafor', email, password }) }
}

/** Somebody with an authenticator app, set up in a session of before. */
async function withApp(): Promise<Somebody & { app: AuthenticatorApp; codes: string[] }> {
  const who = await somebody()
  const at = newBrowser()
  await at.signIn(who.email, PASSWORD)
  const app = await addApp(at, front.clock)
  const page = await (await at.get('/account/security/backup-codes')).text()
  const codes = [...page.matchAll(/<li><bdi dir="ltr">([a-z0-9-]+)</g)].map((match) => match[1]!)
  // The code that set it up is used up.
  front.clock.advance(2 * STEP_MS)
  return { ...who, app, codes }
}

async function viewerName(who: Browser): Promise<string | null> {
  const { viewer } = (await (await who.get('/api/v1/session')).json()) as { viewer: { name: string } | null }
  return viewer?.name ?? null
}

const letters = (identityId: IdentityId) =>
  front.db
    .selectFrom('notices')
    .select(['kind', 'address', 'data'])
    .where('identity_id', '=', identityId)
    .orderBy('created_at')
    .execute()
const actionsOf = async (identityId: IdentityId) =>
  (
    await front.db
      .selectFrom('audit_entries')
      .select('action')
      .where('subject', '=', identityId)
      .orderBy('sequence')
      .execute()
  ).map(({ action }) => action)
const wrongTries = async (email: string, count: number) => {
  for (let n = 0; n < count; n++) await newBrowser().signIn(email, 'larks below the canal')
}

describe('staying signed in', () => {
  test('is for who ticked it: two weeks, else the browser’s own visit and twelve hours at most', async () => {
    const { email } = await somebody()
    const cookieOf = async (fields: Record<string, string>) => {
      const at = newBrowser()
      await at.post('/sign-in', { email, password: PASSWORD, next: '', ...fields })
      return { at, line: at.setCookies.find((line) => line.startsWith('honeycab='))! }
    }
    const ticked = await cookieOf({ remember: 'on' })
    const left = await cookieOf({})
    expect(ticked.line).toContain('Max-Age=1209600')
    expect(left.line).not.toContain('Max-Age')
    front.clock.advance(12 * HOUR_MS - MINUTE_MS)
    expect(await viewerName(left.at)).toBe('Ada Okafor')
    front.clock.advance(2 * MINUTE_MS)
    expect(await viewerName(left.at)).toBeNull()
    expect(await viewerName(ticked.at)).toBe('Ada Okafor')
  })

  test('is a choice of programs too', async () => {
    const { email } = await somebody()
    const at = newBrowser()
    await at.send('POST', '/api/v1/session', { email, password: PASSWORD, remember: true })
    expect(at.setCookies.find((line) => line.startsWith('honeycab='))).toContain('Max-Age=1209600')
  })
})

describe('the second step', () => {
  test('comes after the password, and only then there is a session; where one wanted to go survives it', async () => {
    const { email, app } = await withApp()
    const at = newBrowser()
    const first = await at.post('/sign-in', { email, password: PASSWORD, next: '/rides?page=2' })
    expect([first.status, first.headers.get('location')]).toEqual([303, '/sign-in/second'])
    expect(at.cookies.has('honeycab')).toBe(false)
    expect(at.setCookies.find((line) => line.startsWith('honeycab-pending='))).toMatch(/HttpOnly/)
    expect(await viewerName(at)).toBeNull()
    const page = await (await at.get('/sign-in/second')).text()
    expect(page).toContain('One more step')
    expect(page).not.toContain(email)
    const second = await at.post('/sign-in/second', { code: await app.code() })
    expect([second.status, second.headers.get('location')]).toEqual([303, '/rides?page=2'])
    expect(await viewerName(at)).toBe('Ada Okafor')
    expect(at.cookies.has('honeycab-pending')).toBe(false)
  })

  test('is told to programs as a problem with a handle, and answered by itself', async () => {
    const { email, app } = await withApp()
    const at = newBrowser()
    const first = await at.send('POST', '/api/v1/session', { email, password: PASSWORD })
    expect([first.status, first.headers.get('content-type')]).toEqual([
      401,
      'application/problem+json; charset=utf-8',
    ])
    const problem = (await first.json()) as { pending: string; methods: string[] }
    expect(problem).toMatchObject({ status: 401, methods: ['totp', 'backup_code'], expiresInS: 600 })
    expect(at.cookies.has('honeycab')).toBe(false)
    const answer = { pending: problem.pending, code: await app.code() }
    const second = await at.send('POST', '/api/v1/session/second', answer)
    expect(second.status).toBe(200)
    expect(await second.json()).toMatchObject({ viewer: { email, secondFactor: true } })
    expect(await viewerName(at)).toBe('Ada Okafor')
  })

  test('is asked of who wants a program’s tokens, too', async () => {
    const { email, app } = await withApp()
    const at = newBrowser()
    const first = await at.send('POST', '/api/v1/tokens', { email, password: PASSWORD })
    expect(first.status).toBe(401)
    const { pending } = (await first.json()) as { pending: string }
    const code = await app.code()
    const second = await at.send('POST', '/api/v1/session/second', { pending, code })
    const { accessToken } = (await second.json()) as { accessToken: string }
    expect(at.cookies.has('honeycab')).toBe(false)
    const mine = await newBrowser().get('/api/v1/session', { 'x-session-token': accessToken })
    expect(await mine.json()).toMatchObject({ viewer: { email, secondFactor: true } })
  })

  test('takes a backup code instead, once, and tells by letter', async () => {
    const { email, identityId, codes } = await withApp()
    expect(codes).toHaveLength(10)
    for (const [code, status] of [
      [codes[0]!, 303],
      [codes[0]!, 422],
      [codes[1]!.toUpperCase().replace('-', ' '), 303],
    ] as const) {
      const at = newBrowser()
      await at.signIn(email, PASSWORD)
      expect((await at.post('/sign-in/second', { code })).status).toBe(status)
    }
    const told = (await letters(identityId)).filter(({ data }) => data.what === 'code_used')
    expect(told).toHaveLength(2)
    expect(await actionsOf(identityId)).toContain('backup_codes.used')
  })

  test('takes a code of the app once: the next sign-in needs the next code', async () => {
    const { email, app } = await withApp()
    const code = await app.code()
    for (const status of [303, 422]) {
      const at = newBrowser()
      await at.signIn(email, PASSWORD)
      expect((await at.post('/sign-in/second', { code })).status).toBe(status)
    }
  })

  test('waits for ten minutes', async () => {
    const { email, app } = await withApp()
    const [quick, slow] = [newBrowser(), newBrowser()]
    await quick.signIn(email, PASSWORD)
    await slow.signIn(email, PASSWORD)
    front.clock.advance(PENDING_MS - 1)
    expect((await quick.post('/sign-in/second', { code: await app.code() })).status).toBe(303)
    front.clock.advance(1)
    const late = await slow.post('/sign-in/second', { code: await app.code(30) })
    expect(late.status).toBe(422)
    expect(await late.text()).toContain('That took too long')
  })

  test('says how many tries are left; the fifth wrong one ends it and locks, and the owner is told', async () => {
    const { email, identityId, app } = await withApp()
    const at = newBrowser()
    await at.signIn(email, PASSWORD)
    for (const left of ['are 4 tries', 'are 3 tries', 'are 2 tries', 'is one try']) {
      const answer = await at.post('/sign-in/second', { code: '000000' })
      expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining(left)])
    }
    const last = await at.post('/sign-in/second', { code: '000000' })
    expect(await last.text()).toContain('too many wrong codes')
    expect((await at.post('/sign-in/second', { code: await app.code() })).status).toBe(422)
    // The right password does not help meanwhile.
    expect((await newBrowser().signIn(email, PASSWORD)).status).toBe(422)
    expect((await letters(identityId)).filter(({ kind }) => kind === 'locked_out')).toHaveLength(1)
    front.clock.advance(LOCK_MS)
    expect((await newBrowser().signIn(email, PASSWORD)).headers.get('location')).toBe('/sign-in/second')
  })

  test('cannot be tried without end by starting over: wrong codes of all sign-ins count together', async () => {
    const { email, app } = await withApp()
    const waiting: Browser[] = []
    for (let n = 0; n < 6; n++) {
      const at = newBrowser()
      expect((await at.signIn(email, PASSWORD)).headers.get('location')).toBe('/sign-in/second')
      waiting.push(at)
    }
    for (const at of waiting.slice(0, 5)) await at.post('/sign-in/second', { code: '000000' })
    const refused = await waiting[5]!.post('/sign-in/second', { code: await app.code() })
    expect(await refused.text()).toContain('too many wrong codes')
  })

  test('of fifty right answers at once lets one in', async () => {
    const { email, app } = await withApp()
    const at = newBrowser()
    const first = await at.send('POST', '/api/v1/session', { email, password: PASSWORD })
    const { pending } = (await first.json()) as { pending: string }
    const code = await app.code()
    const place = placeOf('203.0.113.9')
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => front.factors.signIn.byCode({ pending, code }, place)),
    )
    expect(answers.filter(({ state }) => state === 'signed_in')).toHaveLength(1)
    const sessions = await front.db
      .selectFrom('sessions')
      .select('id')
      .where('ip_address', '=', '203.0.113.9')
      .execute()
    expect(sessions).toHaveLength(1)
  })

  test('is gone when the password is another one meanwhile', async () => {
    const { email, identityId, app } = await withApp()
    const at = newBrowser()
    await at.signIn(email, PASSWORD)
    await front.auth.setPassword(identityId, 'two hundred and four')
    expect((await at.post('/sign-in/second', { code: await app.code() })).status).toBe(422)
    expect(await viewerName(at)).toBeNull()
  })

  test('token stands in the database only as a hash, and opens nothing else', async () => {
    const { email } = await withApp()
    const at = newBrowser()
    await at.signIn(email, PASSWORD)
    const token = at.cookies.get('honeycab-pending')!
    const rows = await front.db.selectFrom('pending_sign_ins').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(token)
    at.cookies.set('honeycab', token)
    expect(await viewerName(at)).toBeNull()
  })
})

function placeOf(address: string): Place {
  return { address, requestId: 'r', userAgent: 'test', browser: null }
}
const byPassword = (email: string, password: string): Who => ({
  ...{ email, password, kind: 'cookie', remembered: false, next: '' },
})

describe('five wrong tries', () => {
  test('lock signing in by password for half an hour, wherever they came from; then it opens by itself', async () => {
    const { email } = await somebody()
    await wrongTries(email, 4)
    const at = newBrowser()
    expect((await at.signIn(email, PASSWORD)).status).toBe(303)
    await wrongTries(email, 5)
    expect((await newBrowser().signIn(email, PASSWORD)).status).toBe(422)
    front.clock.advance(LOCK_MS - 1)
    expect((await newBrowser().signIn(email, PASSWORD)).status).toBe(422)
    front.clock.advance(1)
    expect((await newBrowser().signIn(email, PASSWORD)).status).toBe(303)
  })

  test('leave running sessions as they are, and what they may do', async () => {
    const { email } = await somebody()
    const at = newBrowser()
    await at.signIn(email, PASSWORD)
    await wrongTries(email, 6)
    expect(await viewerName(at)).toBe('Ada Okafor')
    expect((await at.post('/confirm', { password: PASSWORD, next: '' })).status).toBe(303)
  })

  test('are told to the owner once, in words that lead to a new password', async () => {
    const { email, identityId } = await somebody()
    await wrongTries(email, 9)
    const told = await letters(identityId)
    expect(told).toHaveLength(1)
    expect(told[0]).toMatchObject({
      kind: 'locked_out',
      address: email,
      data: { name: 'Ada Okafor', link: '/forgot-password' },
    })
    expect((await actionsOf(identityId)).filter((action) => action === 'account.locked')).toHaveLength(1)
  })

  test('are no way to keep somebody out: a new password opens the door at once', async () => {
    const { email, identityId } = await somebody()
    await wrongTries(email, 5)
    await front.auth.setPassword(identityId, 'two hundred and four')
    expect((await newBrowser().signIn(email, 'two hundred and four')).status).toBe(303)
  })

  test('of fifty at once no more than five are looked at, and the right one among the rest does not open', async () => {
    const { email } = await somebody()
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        front.factors.signIn.byPassword(
          byPassword(email, n < 49 ? `wrong ${n}` : PASSWORD),
          placeOf('203.0.113.5'),
        ),
      ),
    )
    expect(outcomes.every(({ state }) => state === 'wrong')).toBe(true)
    const row = await front.db
      .selectFrom('sign_in_tries')
      .select(['failures'])
      .orderBy('failed_at', 'desc')
      .executeTakeFirstOrThrow()
    expect(row.failures).toBe(5)
  })

  test('right ones at once do not lock each other out', async () => {
    const { email } = await somebody()
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () =>
        front.factors.signIn.byPassword(byPassword(email, PASSWORD), placeOf('203.0.113.6')),
      ),
    )
    expect(outcomes.every(({ state }) => state === 'signed_in')).toBe(true)
  })

  test('count together in all processes, and stay counted when one starts again', async () => {
    const { email } = await somebody()
    const process = (clock: Clock) => {
      const { db, bus, random, config } = front
      const auth = makeAuth({ db, bus, clock, random, config, log: createLog('silent') })
      return makeFactors({ db, bus, clock, random, config, auth }).signIn
    }
    const [one, two] = [process(front.clock), process(front.clock)]
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        (n % 2 === 0 ? one : two).byPassword(byPassword(email, `wrong ${n}`), placeOf('203.0.113.7')),
      ),
    )
    expect(outcomes.every(({ state }) => state === 'wrong')).toBe(true)
    const restarted = process(front.clock)
    expect((await restarted.byPassword(byPassword(email, PASSWORD), placeOf('203.0.113.7'))).state).toBe(
      'wrong',
    )
    const failures = await front.db
      .selectFrom('audit_entries')
      .select('id')
      .where('address', '=', '203.0.113.7')
      .where('action', '=', 'account.locked')
      .execute()
    expect(failures).toHaveLength(1)
  }, 30_000)

  test('hold through a jump of the wall clock, either way', async () => {
    const clock = systemClock()
    const { db, bus, random, config } = front
    const auth = makeAuth({ db, bus, clock, random, config, log: createLog('silent') })
    const { signIn } = makeFactors({ db, bus, clock, random, config, auth })
    const { email } = await somebody()
    for (let n = 0; n < 5; n++) await signIn.byPassword(byPassword(email, 'wrong'), placeOf('203.0.113.8'))
    const realNow = Date.now
    for (const jumpMs of [-2 * HOUR_MS, 2 * HOUR_MS]) {
      Date.now = () => realNow() + jumpMs
      const outcome = await signIn.byPassword(byPassword(email, PASSWORD), placeOf('203.0.113.8'))
      Date.now = realNow
      expect(outcome.state).toBe('wrong')
    }
  })
})

describe('unknown, wrong, locked and without a password', () => {
  test('read the same, to people and to programs', async () => {
    const [known, locked, passwordless, gone] = [
      await somebody(),
      await somebody(),
      await somebody(null),
      await somebody(),
    ]
    await wrongTries(locked.email, 5)
    await front.db
      .updateTable('identities')
      .set({ deleted_at: new Date(front.clock.nowMs()) })
      .where('id', '=', gone.identityId)
      .execute()
    const read = async (email: string, password: string) => {
      const call = await newBrowser().send('POST', '/api/v1/session', { email, password })
      const { reference: _, ...problem } = (await call.json()) as Record<string, unknown>
      const page = await newBrowser().signIn(email, password)
      const text = (await page.text()).replace(/(nonce|content|value)="[^"]*"/g, '')
      return {
        status: call.status,
        problem,
        page: page.status,
        text,
        headers: [...call.headers.keys()].sort(),
      }
    }
    const unknown = await read('nobody@demo.honeycab', PASSWORD)
    expect([unknown.status, unknown.page]).toEqual([401, 422])
    expect(await read(known.email, 'wrong')).toEqual(unknown)
    expect(await read(locked.email, PASSWORD)).toEqual(unknown)
    expect(await read(passwordless.email, PASSWORD)).toEqual(unknown)
    expect(await read(gone.email, PASSWORD)).toEqual(unknown)
  }, 30_000)

  test('take the same work: a hash is checked each time, and as many rows are asked and written', async () => {
    const [known, locked, passwordless] = [await somebody(), await somebody(), await somebody(null)]
    await wrongTries(locked.email, 5)
    // The first for an address makes its row; all have one.
    for (const email of [known.email, passwordless.email, 'ghost@demo.honeycab'])
      await newBrowser().signIn(email, 'wrong')
    let checked = 0
    const counting = makeFactors({
      ...front,
      auth: {
        ...front.auth,
        passwords: {
          ...front.auth.passwords,
          verify: (password, hash) => {
            checked++
            return front.auth.passwords.verify(password, hash)
          },
        },
      },
    })
    const timed = async (email: string, password: string) => {
      const samples: number[] = []
      for (let n = 0; n < 3; n++) {
        const startedMs = performance.now()
        const outcome = await counting.signIn.byPassword(byPassword(email, password), placeOf('203.0.113.4'))
        samples.push(performance.now() - startedMs)
        expect(outcome.state).toBe('wrong')
      }
      return samples.toSorted((a, b) => a - b)[1]!
    }
    const medians = {
      unknown: await timed('ghost@demo.honeycab', 'wrong'),
      wrong: await timed(known.email, 'wrong'),
      locked: await timed(locked.email, PASSWORD),
      passwordless: await timed(passwordless.email, 'wrong'),
    }
    expect(checked).toBe(12)
    console.info(
      `medians in ms: ${Object.entries(medians)
        .map(([name, ms]) => `${name} ${ms.toFixed(1)}`)
        .join(', ')}`,
    )
  }, 30_000)
})

describe('a password hashed by another system', () => {
  test('opens the door, and is hashed our way from then on', async () => {
    const { email, identityId } = await somebody()
    const hashOf = async () =>
      (
        await front.db
          .selectFrom('credentials')
          .select('password')
          .where('identity_id', '=', identityId)
          .executeTakeFirstOrThrow()
      ).password!
    const bcrypt = await Bun.password.hash(PASSWORD, { algorithm: 'bcrypt', cost: 4 })
    await front.db
      .updateTable('credentials')
      .set({ password: bcrypt })
      .where('identity_id', '=', identityId)
      .execute()
    await newBrowser().signIn(email, 'wrong')
    expect(await hashOf()).toBe(bcrypt)
    expect((await newBrowser().signIn(email, PASSWORD)).status).toBe(303)
    expect(await hashOf()).toStartWith('$argon2id$v=19$m=19456,t=2,p=1$')
    expect((await newBrowser().signIn(email, PASSWORD)).status).toBe(303)
  })
})

describe('a browser not seen before', () => {
  const newDevice = async (identityId: IdentityId) =>
    (await letters(identityId)).filter(({ kind }) => kind === 'new_device')
  const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; rv:150.0) Gecko/20100101 Firefox/150.0'
  const signInWith = (at: Browser, email: string, agent = FIREFOX) =>
    at.post('/sign-in', { email, password: PASSWORD, next: '' }, { headers: { 'user-agent': agent } })

  test('is told of by letter; the first of a fresh account and the ones known are not', async () => {
    const { email, identityId } = await somebody()
    const [first, second] = [newBrowser(), newBrowser()]
    await signInWith(first, email)
    expect(await newDevice(identityId)).toHaveLength(0)
    await first.post('/sign-out', {})
    await signInWith(first, email)
    expect(await newDevice(identityId)).toHaveLength(0)
    await signInWith(second, email)
    const told = await newDevice(identityId)
    expect(told).toHaveLength(1)
    expect(told[0]).toMatchObject({ address: email, data: { device: 'Firefox on Windows' } })
    await signInWith(second, email)
    expect(await newDevice(identityId)).toHaveLength(1)
  })

  test('is told of for an old account even when it is the first', async () => {
    const { email, identityId } = await somebody()
    front.clock.advance(25 * HOUR_MS)
    await signInWith(newBrowser(), email)
    expect(await newDevice(identityId)).toHaveLength(1)
  })

  test('is known by a cookie that opens nothing, and stands in the database as a hash', async () => {
    const { email } = await somebody()
    const at = newBrowser()
    await signInWith(at, email)
    const token = at.cookies.get('honeycab-browser')!
    expect(token.length).toBe(43)
    const rows = await front.db.selectFrom('known_browsers').select('token').execute()
    expect(JSON.stringify(rows)).not.toContain(token)
    const other = newBrowser()
    other.cookies.set('honeycab-browser', token)
    expect(await viewerName(other)).toBeNull()
  })
})
