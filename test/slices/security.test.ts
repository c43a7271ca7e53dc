/** Confirming before a sensitive change, and what a person does with their own factors: promises 35 and 36. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { SHEET_LASTS_MS } from '../../src/accounts/backup-codes.ts'
import { LOCK_MS } from '../../src/accounts/lockout.ts'
import { takeFactorsAway } from '../../src/backoffice/factors.ts'
import type { IdentityId } from '../../src/engine/units.ts'
import { PROOF_LASTS_MS } from '../../src/web/proof.ts'
import { type AuthenticatorApp, addApp, authenticatorApp, readSetUp } from '../support/factor.ts'
import { type Browser, browser, type Front, person, startFront } from '../support/front.ts'

const PASSWORD = 'larks above the canal'
const STEP_MS = 30_000
const APP = '/account/security/app'
const CODES = '/account/security/backup-codes'

let front: Front
let people = 0
let addresses = 1
const newBrowser = () => browser(front.app, `198.51.100.${addresses++}`)

beforeAll(async () => {
  front = await startFront()
}, 60_000)
afterAll(() => front.stop())
afterEach(() => front.clock.advance(2 * STEP_MS))

interface Signed {
  readonly email: string
  readonly identityId: IdentityId
  readonly at: Browser
}
async function signedIn(): Promise<Signed> {
  const email = `person${people++}@demo.honeycab`
  const identityId = await person(front, { name: 'Ada Okafor', email, password: PASSWORD })
  const at = newBrowser()
  await at.signIn(email, PASSWORD)
  return { email, identityId, at }
}
async function withApp(): Promise<Signed & { app: AuthenticatorApp; codes: string[] }> {
  const signed = await signedIn()
  const app = await addApp(signed.at, front.clock)
  const codes = codesOn(await (await signed.at.get(CODES)).text())
  front.clock.advance(2 * STEP_MS)
  return { ...signed, app, codes }
}
const codesOn = (page: string) =>
  [...page.matchAll(/<li><bdi dir="ltr">([a-z0-9-]+)</g)].map((match) => match[1]!)
const key = () => crypto.randomUUID()
const nameOf = async (at: Browser) =>
  ((await (await at.get('/api/v1/session')).json()) as { viewer: { name: string } | null }).viewer?.name
const told = async (identityId: IdentityId) =>
  (
    await front.db
      .selectFrom('notices')
      .select('data')
      .where('identity_id', '=', identityId)
      .where('kind', '=', 'second_factor_changed')
      .orderBy('created_at')
      .orderBy('id')
      .execute()
  ).map(({ data }) => data.what)
const stale = () => front.clock.advance(PROOF_LASTS_MS + 1)

describe('confirming', () => {
  test('is asked for ten minutes after the last factor, and leads back to where one was', async () => {
    const { at } = await signedIn()
    expect((await at.get(APP)).status).toBe(200)
    stale()
    const asked = await at.get(APP)
    expect([asked.status, asked.headers.get('location')]).toEqual([
      303,
      `/confirm?next=${encodeURIComponent(APP)}`,
    ])
    expect((await at.get(asked.headers.get('location')!)).status).toBe(200)
    const done = await at.post('/confirm', { next: APP, password: PASSWORD })
    expect([done.status, done.headers.get('location')]).toEqual([303, APP])
    expect((await at.get(APP)).status).toBe(200)
  })

  test('gives the session a new token; the old one opens nothing', async () => {
    const { at } = await signedIn()
    const before = at.cookies.get('honeycab')!
    await at.post('/confirm', { next: '', password: PASSWORD })
    expect(at.cookies.get('honeycab')).not.toBe(before)
    const old = newBrowser()
    old.cookies.set('honeycab', before)
    expect(await nameOf(old)).toBeUndefined()
    expect(await nameOf(at)).toBe('Ada Okafor')
  })

  test('takes what the person has: the app’s code, a backup code or the password; each code once', async () => {
    const { at, app, codes } = await withApp()
    const page = await (await at.get('/confirm?next=/account/security')).text()
    expect(page).toContain('A code from your app')
    const code = await app.code()
    const tries: [Record<string, string>, number][] = [
      [{ code }, 303],
      [{ code }, 422],
      [{ code: codes[0]! }, 303],
      [{ code: codes[0]! }, 422],
      [{ password: PASSWORD }, 303],
      [{ password: 'wrong' }, 422],
      [{}, 422],
      [{ passkey: '{}' }, 422],
    ]
    for (const [fields, status] of tries)
      expect((await at.post('/confirm', { next: '', ...fields })).status, JSON.stringify(fields)).toBe(status)
  })

  test('never leads elsewhere', async () => {
    const { at } = await signedIn()
    for (const next of ['https://elsewhere.example', '//elsewhere.example', '/\\elsewhere.example']) {
      const done = await at.post('/confirm', { next, password: PASSWORD })
      expect(done.headers.get('location')).toBe('/account/security')
    }
  })

  test('rests after five wrong tries, for half an hour; the session and the sign-in page go on', async () => {
    const { email, at } = await signedIn()
    for (let n = 0; n < 5; n++) await at.post('/confirm', { next: '', password: 'wrong' })
    const locked = await at.post('/confirm', { next: '', password: PASSWORD })
    expect([locked.status, await locked.text()]).toEqual([
      422,
      expect.stringContaining('rests for half an hour'),
    ])
    expect(await nameOf(at)).toBe('Ada Okafor')
    expect((await newBrowser().signIn(email, PASSWORD)).status).toBe(303)
    front.clock.advance(LOCK_MS)
    expect((await at.post('/confirm', { next: '', password: PASSWORD })).status).toBe(303)
  })

  test('is a call of programs too, and gives theirs new tokens', async () => {
    const { email, at } = await signedIn()
    const csrf = await at.token()
    const wrong = await at.send('POST', '/api/v1/session/confirmation', { password: 'wrong' }, { csrf })
    expect(wrong.status).toBe(403)
    const none = await at.send('POST', '/api/v1/session/confirmation', {}, { csrf })
    expect(none.status).toBe(422)
    const right = await at.send('POST', '/api/v1/session/confirmation', { password: PASSWORD }, { csrf })
    expect(await right.json()).toMatchObject({ viewer: { email } })
    const program = newBrowser()
    const pair = (await (
      await program.send('POST', '/api/v1/tokens', { email, password: PASSWORD })
    ).json()) as { accessToken: string }
    const headers = { 'x-session-token': pair.accessToken }
    const answer = await program.send(
      'POST',
      '/api/v1/session/confirmation',
      { password: PASSWORD },
      { headers },
    )
    const { accessToken } = (await answer.json()) as { accessToken: string }
    expect(accessToken).not.toBe(pair.accessToken)
    const ask = (token: string) => program.get('/api/v1/session', { 'x-session-token': token })
    expect((await ask(accessToken)).status).toBe(200)
    expect((await ask(pair.accessToken)).status).toBe(401)
  })
})

describe('the authenticator app', () => {
  test('is shown as a picture and as text, and on only after it has shown a code', async () => {
    const { at, identityId } = await signedIn()
    const page = await at.get(APP)
    const copy = page.clone()
    const { secret, sealed } = await readSetUp(page)
    const markup = await copy.text()
    expect(markup).toContain('<svg xmlns')
    expect(markup).not.toMatch(/style="|<script>/)
    const app = authenticatorApp(secret, front.clock)
    const wrong = await at.post(APP, { key: key(), sealed, code: '000000' })
    expect(wrong.status).toBe(422)
    expect((await readSetUp(wrong)).secret).toBe(secret)
    expect(await told(identityId)).toEqual([])
    const right = await at.post(APP, { key: key(), sealed, code: await app.code() })
    expect([right.status, right.headers.get('location')]).toEqual([303, CODES])
    expect(await told(identityId)).toEqual(['app_added'])
    const entries = await front.db.selectFrom('audit_entries').select(['action', 'detail']).execute()
    expect(entries.map(({ action }) => action)).toContain('second_factor.enabled')
    expect(JSON.stringify(entries)).not.toContain(secret)
  })

  test('is one a person: a second set-up says so', async () => {
    const { at } = await withApp()
    const { secret, sealed } = await readSetUp(await at.get(APP))
    const code = await authenticatorApp(secret, front.clock).code()
    const again = await at.post(APP, { key: key(), sealed, code })
    expect(again.headers.get('location')).toBe('/account/security?done=there_already')
  })

  test('is taken away after a proof; its codes and backup codes open nothing, and a letter tells', async () => {
    const { email, identityId, at } = await withApp()
    stale()
    const asked = await at.post(`${APP}/removal`, { key: key() })
    expect(asked.headers.get('location')).toStartWith('/confirm')
    await at.post('/confirm', { next: '', password: PASSWORD })
    expect((await at.post(`${APP}/removal`, { key: key() })).status).toBe(303)
    expect(await told(identityId)).toEqual(['app_added', 'app_removed'])
    expect((await newBrowser().signIn(email, PASSWORD)).headers.get('location')).toBe('/')
    const left = await front.db
      .selectFrom('backup_codes')
      .select('code_hash')
      .where('identity_id', '=', identityId)
      .execute()
    expect(left).toEqual([])
  })

  test('lost with everything else is taken away by command: sessions end, and a letter tells', async () => {
    const { email, identityId, at } = await withApp()
    expect(await takeFactorsAway(front, ' NOBODY@demo.honeycab')).toEqual({ ok: false, reason: 'unknown' })
    expect(await takeFactorsAway(front, email.toUpperCase())).toEqual({ ok: true, value: true })
    front.clock.advance(2_000)
    expect(await nameOf(at)).toBeUndefined()
    expect((await newBrowser().signIn(email, PASSWORD)).headers.get('location')).toBe('/')
    expect(await told(identityId)).toContain('reset')
    expect(await takeFactorsAway(front, email)).toEqual({ ok: true, value: false })
  })
})

describe('backup codes', () => {
  test('are shown in the session that made them, for ten minutes, until they are put away', async () => {
    const { email, at, app, codes } = await withApp()
    expect(codes).toHaveLength(10)
    const other = newBrowser()
    await other.signIn(email, PASSWORD)
    await other.post('/sign-in/second', { code: await app.code() })
    expect(codesOn(await (await other.get(CODES)).text())).toEqual([])
    expect(codesOn(await (await at.get(CODES)).text())).toEqual(codes)
    await at.post(`${CODES}/kept`, { key: key() })
    expect(await (await at.get(CODES)).text()).toContain('not shown again')
    await at.post(CODES, { key: key() })
    expect(codesOn(await (await at.get(CODES)).text())).toHaveLength(10)
    front.clock.advance(SHEET_LASTS_MS)
    await at.post('/confirm', { next: '', password: PASSWORD })
    expect(codesOn(await (await at.get(CODES)).text())).toEqual([])
  })

  test('sent for twice with one key are made once', async () => {
    const { at, identityId } = await withApp()
    const once = key()
    await at.post(CODES, { key: once })
    const codes = codesOn(await (await at.get(CODES)).text())
    await at.post(CODES, { key: once })
    expect(codesOn(await (await at.get(CODES)).text())).toEqual(codes)
    expect((await told(identityId)).filter((what) => what === 'codes_made')).toHaveLength(1)
  })

  test('are counted on the page, which warns from three on', async () => {
    const { at, identityId } = await withApp()
    const page = async () => (await at.get('/account/security')).text()
    expect(await page()).toContain('10 left')
    expect(await page()).not.toContain('few backup codes')
    const use = async (left: number) => {
      const rows = await front.db
        .selectFrom('backup_codes')
        .select('code_hash')
        .where('identity_id', '=', identityId)
        .orderBy('code_hash')
        .execute()
      await front.db
        .updateTable('backup_codes')
        .set({ used_at: new Date(front.clock.nowMs()) })
        .where('identity_id', '=', identityId)
        .where(
          'code_hash',
          'in',
          rows.slice(left).map(({ code_hash }) => code_hash),
        )
        .execute()
    }
    await use(4)
    expect(await page()).not.toContain('few backup codes')
    await use(3)
    expect(await page()).toContain('few backup codes left')
    await use(0)
    expect(await page()).toContain('You have no backup codes')
  })
})

describe('the page of security', () => {
  test('tells what happened lately to the person, and to nobody else', async () => {
    const { email, at } = await withApp()
    await newBrowser().signIn(email, 'wrong')
    const page = await (await at.get('/account/security')).text()
    for (const words of [
      'Signed in',
      'Turned the second factor on',
      'Was refused at sign-in',
      'Made new backup codes',
    ])
      expect(page).toContain(words)
    const other = await signedIn()
    const theirs = await (await other.at.get('/account/security')).text()
    expect(theirs).not.toContain('Turned the second factor on')
  })

  test('asks signed-out people to sign in, and comes back', async () => {
    const asked = await newBrowser().get('/account/security')
    expect(asked.headers.get('location')).toBe('/sign-in?next=%2Faccount%2Fsecurity')
  })
})
