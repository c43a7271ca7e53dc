import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Challenge, solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import { LINK_LASTS_MS } from '../../src/accounts/links.ts'
import { manualClock } from '../../src/io/clock.ts'
import { type AppWorld, PASSWORD, startApp } from '../support/app-world.ts'
import { type Client, makeClient } from '../support/client.ts'
import { lettersTo, linkTo } from '../support/letters.ts'

const NEW_PASSWORD = 'seven quiet harbours'
const MINUTE_MS = 60_000
const clock = manualClock(Date.UTC(2026, 10, 21, 9, 0, 0))
let world: AppWorld
let count = 0
const newEmail = () => `nora${count++}@mail.example`

beforeAll(async () => {
  world = await startApp({ passwords: true, clock })
}, 60_000)
afterAll(() => world?.stop())

const registration = (email: string, more: Record<string, unknown> = {}) => ({
  ...{ name: 'Nora Quist', email, password: NEW_PASSWORD, as: 'rider' },
  ...more,
})
const register = (email: string, more?: Record<string, unknown>) =>
  world.stranger.call('POST', '/api/v1/registrations', registration(email, more))
const forgot = (email: string) => world.stranger.call('POST', '/api/v1/password-resets', { email })
const tokenIn = (link: string) => link.split('/').at(-1)!
const verify = (token: string) => world.stranger.call('POST', `/api/v1/verifications/${token}`, {})
const reset = (token: string, password: string) =>
  world.stranger.call('POST', `/api/v1/password-resets/${token}`, { password })
const signIn = (email: string, password: string) =>
  world.stranger.call('POST', '/api/v1/session', { email, password })

/** A visitor's browser: a page's cookie and the token for its forms. */
async function visitor(): Promise<Client> {
  const first = await world.stranger.get('/register')
  const cookie = first.headers.getSetCookie()[0]!.split(';')[0]!
  const csrf = /name="csrf" value="([^"]+)"/.exec(await first.text())![1]!
  return makeClient({ origin: world.stranger.origin, session: { cookie, csrf } })
}

/** What an answer says apart from what differs with every answer, and the address itself. */
async function said(response: Response, email: string): Promise<unknown> {
  const text = (await response.text())
    .replaceAll(email, 'ADDRESS')
    .replaceAll(/(name="csrf"[^>]*(?:value|content)="|nonce=")[^"]+/g, '$1')
    .replaceAll(/content="[\w-]{16}\.[\w-]{43}"/g, '')
  const headers = [...response.headers.keys()].toSorted()
  return { status: response.status, headers, text }
}

/** A registered person who has confirmed the address. */
async function arrived(email = newEmail()): Promise<string> {
  expect((await register(email)).status).toBe(202)
  expect((await verify(tokenIn(await linkTo(world.db, email)))).status).toBe(200)
  return email
}

describe('registering', () => {
  test('sends a letter, and the person is nobody until its link was used', async () => {
    const email = newEmail()
    expect((await register(email)).status).toBe(202)
    expect((await signIn(email, NEW_PASSWORD)).status).toBe(401)
    const [letter] = await lettersTo(world.db, email)
    expect(letter).toMatchObject({ kind: 'verify_email', data: { name: 'Nora Quist', hours: 48 } })
    expect((await verify(tokenIn(await linkTo(world.db, email)))).status).toBe(200)
    const answer = await signIn(email, NEW_PASSWORD)
    expect(answer.status).toBe(200)
    const person = await world.db
      .selectFrom('identities')
      .selectAll()
      .where('email', '=', email)
      .executeTakeFirstOrThrow()
    expect(person).toMatchObject({ name: 'Nora Quist', email_verified: true })
    const [entry] = await world.db
      .selectFrom('audit_entries')
      .select(['action', 'subject'])
      .where('action', '=', 'account.registered')
      .where('subject', '=', person.id)
      .execute()
    expect(entry).toBeDefined()
  })

  test('answers the same for an address that is known, and only the letter tells', async () => {
    const [unknown, known] = [newEmail(), world.canal.rider.email]
    expect(await said(await register(known), known)).toEqual(await said(await register(unknown), unknown))
    const browser = await visitor()
    const asForm = { name: 'Nora Quist', password: NEW_PASSWORD, as: 'rider' }
    const forms = [newEmail(), world.canal.otherRider.email].map(async (email) =>
      said(await browser.form('/register', { ...asForm, email }), email),
    )
    const [first, second] = await Promise.all(forms)
    expect(first).toEqual(second as never)
    const [letter] = await lettersTo(world.db, known)
    expect(letter!.kind).toBe('account_exists')
    expect(letter!.data.link).toMatch(/^\/reset-password\//)
    // The password typed by whoever it was is not theirs.
    expect((await signIn(known, NEW_PASSWORD)).status).toBe(401)
    expect((await signIn(known, PASSWORD)).status).toBe(200)
  })

  test('does the same work for an address that is known: one link, one letter, one hash', async () => {
    const countOf = async (table: 'one_time_links' | 'notices') =>
      Number(
        (
          await world.db
            .selectFrom(table)
            .select((eb) => eb.fn.countAll().as('n'))
            .executeTakeFirstOrThrow()
        ).n,
      )
    for (const email of [newEmail(), world.uptown.rider.email]) {
      const before = [await countOf('one_time_links'), await countOf('notices')]
      await register(email)
      const after = [await countOf('one_time_links'), await countOf('notices')]
      expect(
        after.map((n, i) => n - before[i]!),
        email,
      ).toEqual([1, 1])
    }
  })

  test('keeps the page somebody was on the way to until they have signed in, and no page of others', async () => {
    const next = '/request?from=Pier%209&to=Depot'
    const asked = encodeURIComponent(next)
    const text = async (response: Response) => (await response.text()).replaceAll('&amp;', '&')
    const browser = await visitor()
    expect(await text(await browser.get(`/sign-in?next=${asked}`))).toContain(`"/register?next=${asked}"`)
    const held = `name="next" value="${next}"`
    expect(await text(await browser.get(`/register?next=${asked}`))).toContain(held)
    const email = newEmail()
    const form = { name: 'Nora Quist', email, as: 'rider', next }
    expect(await text(await browser.form('/register', { ...form, password: 'short' }))).toContain(held)
    expect(await text(await browser.form('/register', { ...form, password: NEW_PASSWORD }))).toContain(held)
    const first = await linkTo(world.db, email)
    expect(await text(await browser.form('/verifications', { email, next }))).toContain(held)
    const link = await linkTo(world.db, email)
    expect(link).not.toBe(first)
    for (const one of [first, link]) expect(one).toEndWith(`?next=${asked}`)
    expect(await text(await browser.get(link))).toContain(held)
    const done = await browser.form(link.split('?')[0]!, { next })
    expect(await text(done)).toContain(`href="/sign-in?next=${asked}"`)

    for (const elsewhere of ['https://evil.example/', '//evil.example', '/\\evil.example']) {
      const other = newEmail()
      await browser.form('/register', { ...form, email: other, password: NEW_PASSWORD, next: elsewhere })
      const plain = await linkTo(world.db, other)
      expect(plain).not.toContain('next')
      expect(await text(await browser.get(`${plain}?next=${encodeURIComponent(elsewhere)}`))).not.toContain(
        'evil',
      )
      expect(await text(await browser.form(plain, { next: elsewhere }))).not.toContain('evil')
    }
  })

  test('by two people with one address makes the account of whoever reads its letters', async () => {
    const email = newEmail()
    await register(email, { password: 'what a stranger chose' })
    const stolen = tokenIn(await linkTo(world.db, email))
    await register(email)
    const own = tokenIn(await linkTo(world.db, email))
    expect((await verify(own)).status).toBe(200)
    expect((await verify(stolen)).status).toBe(404)
    expect((await signIn(email, 'what a stranger chose')).status).toBe(401)
    expect((await signIn(email, NEW_PASSWORD)).status).toBe(200)
  })

  test('to drive makes an application to the company of the page, and no driver', async () => {
    const email = newEmail()
    await register(email, { as: 'driver' })
    await verify(tokenIn(await linkTo(world.db, email)))
    const applications = await world.db
      .selectFrom('driver_applications')
      .innerJoin('identities', 'identities.id', 'identity_id')
      .select(['company_id', 'approved'])
      .where('email', '=', email)
      .execute()
    expect(applications).toEqual([{ company_id: world.canal.companyId, approved: null }])
    const { viewer } = (await (await signIn(email, NEW_PASSWORD)).json()) as {
      viewer: { memberships: unknown[] }
    }
    expect(viewer.memberships).toEqual([])
  })

  test('comes back with what was typed, but for the password, and says what to choose instead', async () => {
    const browser = await visitor()
    const fields = {
      name: 'Nora "Q" <Quist>',
      email: 'nora@mail.example',
      password: 'honeycab1',
      as: 'driver',
      altcha: '',
    }
    const answer = await browser.form('/register', fields)
    expect(answer.status).toBe(422)
    const page = await answer.text()
    expect(page).toContain('value="Nora &quot;Q&quot; &lt;Quist&gt;"')
    expect(page).toContain('value="driver" checked')
    expect(page).toContain('Use at least 10 characters.')
    expect(page).not.toContain('honeycab1')
    const empty = await (await browser.form('/register', { as: 'rider' })).text()
    for (const field of ['name', 'email', 'password']) expect(empty).toContain(`id="field-${field}-error"`)
  })

  test('with a proof of work counts that proof once', async () => {
    const challenge = await world.stranger.done<Challenge>('GET', '/api/v1/captcha')
    const solution = await solveChallenge({ challenge, deriveKey })
    const altcha = Buffer.from(JSON.stringify({ challenge, solution })).toString('base64')
    expect((await register(newEmail(), { altcha })).status).toBe(202)
    const again = await register(newEmail(), { altcha })
    expect(again.status).toBe(422)
    expect(await again.json()).toMatchObject({ errors: [{ field: 'altcha' }] })
    const used = await world.db.selectFrom('captcha_solutions').selectAll().execute()
    expect(used).toHaveLength(1)
    expect(altcha).not.toContain(used[0]!.challenge_hash)
  })

  test('fills nobody’s mailbox: a few letters an hour to one address, known or not', async () => {
    for (const email of [newEmail(), world.uptown.otherRider.email]) {
      for (let n = 0; n < 5; n++) expect((await forgot(email)).status).toBe(202)
      const refused = await register(email)
      expect(refused.status).toBe(429)
      expect(refused.headers.has('retry-after')).toBe(true)
      expect((await forgot(email)).status).toBe(429)
      expect((await world.stranger.call('POST', '/api/v1/verifications', { email })).status).toBe(429)
    }
  })
})

describe('the link to confirm an address', () => {
  test('is not used up by looking at it', async () => {
    const email = newEmail()
    await register(email)
    const link = await linkTo(world.db, email)
    const browser = await visitor()
    for (let n = 0; n < 3; n++) {
      const page = await browser.get(link)
      expect(page.status).toBe(200)
      expect(await page.text()).toContain(`<form method="post" action="${link}"`)
    }
    const done = await browser.form(link, {})
    expect(await done.text()).toContain('Your address is confirmed')
    expect((await browser.get(link)).status).toBe(404)
    expect(await (await browser.form(link, {})).text()).toContain('opens nothing any more')
  })

  test('works once, also when fifty use it at the same time', async () => {
    const email = newEmail()
    await register(email)
    const token = tokenIn(await linkTo(world.db, email))
    const answers = await Promise.all(Array.from({ length: 50 }, () => verify(token)))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 404)).toHaveLength(49)
  })

  test('of fifty registrations with one address, used at the same time, makes one account', async () => {
    const email = newEmail()
    const tokens: string[] = []
    for (let n = 0; n < 10; n++) {
      await world.joining.register({
        ...{ name: `Nora ${n}`, email, password: NEW_PASSWORD, companyId: null, wantsToDrive: false },
      })
      tokens.push(tokenIn(await linkTo(world.db, email)))
      clock.advance(1)
    }
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => verify(tokens[n % 10]!)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status >= 500)).toHaveLength(0)
  })

  test('opens for two days and no longer', async () => {
    const [early, late] = [newEmail(), newEmail()]
    await register(early)
    await register(late)
    clock.advance(LINK_LASTS_MS.register - MINUTE_MS)
    expect((await verify(tokenIn(await linkTo(world.db, early)))).status).toBe(200)
    clock.advance(MINUTE_MS)
    expect((await verify(tokenIn(await linkTo(world.db, late)))).status).toBe(404)
  })

  test('comes again when asked for, with the same password behind it, and says the same to everybody', async () => {
    const [waiting, unknown] = [newEmail(), newEmail()]
    await register(waiting)
    const resend = (email: string) => world.stranger.call('POST', '/api/v1/verifications', { email })
    const first = await linkTo(world.db, waiting)
    clock.advance(MINUTE_MS)
    expect(await said(await resend(waiting), waiting)).toEqual(await said(await resend(unknown), unknown))
    expect(await lettersTo(world.db, unknown)).toEqual([])
    const second = await linkTo(world.db, waiting)
    expect(second).not.toBe(first)
    await verify(tokenIn(second))
    expect((await verify(tokenIn(first))).status).toBe(404)
    expect((await signIn(waiting, NEW_PASSWORD)).status).toBe(200)
  })

  test('stands in no answer, log or audit entry, and in the database only as a hash', async () => {
    const email = newEmail()
    const answer = await register(email)
    const token = tokenIn(await linkTo(world.db, email))
    await verify(token)
    expect(JSON.stringify([await answer.text(), ...answer.headers])).not.toContain(token)
    expect(JSON.stringify(world.lines)).not.toContain(token)
    const tables = ['audit_entries', 'one_time_links', 'identities', 'credentials', 'outbox'] as const
    for (const table of tables) {
      const rows = await world.db.selectFrom(table).selectAll().execute()
      expect(JSON.stringify(rows), table).not.toContain(token)
    }
    expect(Buffer.from(token, 'base64url').length).toBeGreaterThanOrEqual(16)
  })

  test('is built from the configuration, whatever host a request names', async () => {
    const email = newEmail()
    await world.stranger.call('POST', '/api/v1/registrations', registration(email), {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
    })
    const [letter] = await lettersTo(world.db, email)
    expect(JSON.stringify(letter)).not.toContain('evil')
    expect(letter!.data.link).toMatch(/^\/verify\/[\w-]{43}$/)
  })

  test('signs nobody in', async () => {
    const email = newEmail()
    await register(email)
    const answer = await (await visitor()).form(await linkTo(world.db, email), {})
    expect(answer.headers.getSetCookie().join()).not.toMatch(/honeycab=/)
  })
})

describe('somebody whose address nobody has confirmed', () => {
  test('may look and ask for prices, but not for a ride, and is sent a letter when they want it', async () => {
    const person = await world.newRider('Ulla Unconfirmed')
    const { identityId, client, email } = person
    const unconfirm = { email_verified: false, email_verified_at: null }
    await world.db.updateTable('identities').set(unconfirm).where('id', '=', identityId).execute()
    clock.advance(MINUTE_MS)
    const places = { from: { lat: 40.758, lng: -73.9855 }, to: { lat: 40.7074, lng: -74.0113 } }
    const quotes = await client.done<{ options: { quoteId: string }[] }>('POST', '/api/v1/quotes', places)
    const ask = { quoteId: quotes.options[0]!.quoteId, payment: 'cash' }
    const refused = await client.call('POST', '/api/v1/rides', ask)
    expect(refused.status).toBe(403)
    expect(await refused.text()).toContain('Confirm your e-mail address first')
    const form = await client.form('/rides', {
      ...{ quote_id: ask.quoteId, payment: 'cash', key: crypto.randomUUID() },
    })
    expect([form.status, form.headers.get('location')]).toEqual([303, '/account/verification'])
    expect(await (await client.get('/account/verification')).text()).toContain('Send me the letter')
    const sent = await client.form('/account/verification', { key: crypto.randomUUID() })
    expect(sent.headers.get('location')).toBe('/account/verification?sent=yes')
    expect((await verify(tokenIn(await linkTo(world.db, email)))).status).toBe(200)
    expect((await client.call('POST', '/api/v1/rides', ask)).status).toBe(201)
  })

  test('confirms nothing with a link to an address they have given up', async () => {
    const { identityId, client } = await world.newRider('Vera Mover')
    await world.db
      .updateTable('identities')
      .set({ email_verified: false })
      .where('id', '=', identityId)
      .execute()
    clock.advance(MINUTE_MS)
    await client.form('/account/verification', { key: crypto.randomUUID() })
    const link = await linkTo(world.db, 'vera@demo.honeycab')
    await world.db
      .updateTable('identities')
      .set({ email: 'una.new@mail.example' })
      .where('id', '=', identityId)
      .execute()
    expect((await verify(tokenIn(link))).status).toBe(404)
    const { email_verified } = await world.db
      .selectFrom('identities')
      .select('email_verified')
      .where('id', '=', identityId)
      .executeTakeFirstOrThrow()
    expect(email_verified).toBe(false)
  })
})

describe('a forgotten password', () => {
  test('is replaced behind a link, which ends every session, signs nobody in and tells by letter', async () => {
    const email = await arrived()
    const signedIn = await signIn(email, NEW_PASSWORD)
    const cookie = signedIn.headers
      .getSetCookie()
      .find((line) => line.startsWith('honeycab='))!
      .split(';')[0]!
    const old = makeClient({ origin: world.stranger.origin, session: { cookie, csrf: '' } })
    const viewer = async () => (await old.done<{ viewer: unknown }>('GET', '/api/v1/session')).viewer
    expect(await viewer()).not.toBeNull()
    clock.advance(MINUTE_MS)
    await forgot(email)
    const link = await linkTo(world.db, email)
    const browser = await visitor()
    expect(await (await browser.get(link)).text()).toContain('Choose a new password')
    const weak = await browser.form(link, { password: 'password123', email })
    expect(weak.status).toBe(422)
    expect(await weak.text()).toContain('tried first')
    const done = await browser.form(link, { password: 'eight louder harbours', email })
    expect(await done.text()).toContain('Your password is changed')
    expect(done.headers.getSetCookie().join()).not.toMatch(/honeycab=/)
    expect(await viewer()).toBeNull()
    expect((await signIn(email, NEW_PASSWORD)).status).toBe(401)
    expect((await signIn(email, 'eight louder harbours')).status).toBe(200)
    expect((await lettersTo(world.db, email)).map(({ kind }) => kind)).toContain('password_changed')
  })

  test('gets the same answer for an address that is known and one that is not', async () => {
    const [known, unknown] = [await arrived(), newEmail()]
    expect(await said(await forgot(known), known)).toEqual(await said(await forgot(unknown), unknown))
    const browser = await visitor()
    const byForm = async (email: string) => said(await browser.form('/forgot-password', { email }), email)
    expect(await byForm(known)).toEqual(await byForm(unknown))
    expect(await lettersTo(world.db, unknown)).toEqual([])
  })

  test('is replaced once, also when fifty use the link at the same time', async () => {
    const email = await arrived()
    await forgot(email)
    const token = tokenIn(await linkTo(world.db, email))
    const from = { address: '203.0.113.9', requestId: 'race' }
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => world.joining.reset(token, `louder harbours number ${n}`, from)),
    )
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
    expect(answers.filter(({ ok }) => !ok)).toHaveLength(49)
    expect((await reset(token, 'eight louder harbours')).status).toBe(404)
  })

  test('the link opens for an hour, and no other one after it was used or the password changed', async () => {
    const email = await arrived()
    await forgot(email)
    const late = tokenIn(await linkTo(world.db, email))
    clock.advance(LINK_LASTS_MS.reset_password)
    expect((await reset(late, 'eight louder harbours')).status).toBe(404)
    await forgot(email)
    const first = tokenIn(await linkTo(world.db, email))
    clock.advance(1)
    await forgot(email)
    const second = tokenIn(await linkTo(world.db, email))
    expect((await reset(second, 'eight louder harbours')).status).toBe(204)
    expect((await reset(first, 'nine louder harbours')).status).toBe(404)
  })

  test('is not replaced by somebody who has the letters of an address given up since', async () => {
    const email = await arrived()
    await forgot(email)
    const token = tokenIn(await linkTo(world.db, email))
    await world.db.updateTable('identities').set({ email: newEmail() }).where('email', '=', email).execute()
    expect((await reset(token, 'eight louder harbours')).status).toBe(404)
  })
})

test('what a password is worth is told by words and a figure, and logged nowhere', async () => {
  const browser = await visitor()
  const worth = async (password: string) =>
    (await browser.form('/password-strength', { password, name: 'Nora Quist', email: '' })).json()
  expect(await worth('nora quist 1')).toMatchObject({
    score: expect.any(Number),
    words: expect.stringContaining('your name'),
  })
  expect(await worth(NEW_PASSWORD)).toMatchObject({ score: 4 })
  expect(JSON.stringify(world.lines)).not.toContain(NEW_PASSWORD)
})

test('nothing went wrong on our side meanwhile', () => {
  expect(world.lines).toEqual([])
})
