/** Passkeys and the pages of security in a real browser, with an authenticator of Chromium's own making. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { type AppWorld, PASSWORD, type Person, startApp } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { authenticatorApp } from '../support/factor.ts'
import { axeFaults } from '../support/page-checks.ts'
import { openWindow, PHONE, type Window } from '../support/pages.ts'
import { describeWith } from '../support/servers.ts'

const WIDE = { viewport: { width: 1280, height: 900 } }

describeWith('chromium', 'passkeys and security in the browser', () => {
  let world: AppWorld
  let browser: Browser
  let ada: Person
  const open: Window[] = []
  beforeAll(async () => {
    world = await startApp({ passwords: true, running: false })
    ada = await world.newRider('Adaeze Obi')
    browser = await launchChromium()
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await world?.stop()
  })
  beforeEach(async () => {
    for (const { context } of open.splice(0)) await context.close()
  })

  async function window(person: Person | null, options: object = PHONE): Promise<Window> {
    const made = await openWindow(browser, world, person, options)
    open.push(made)
    return made
  }

  /** A device that keeps passkeys; `uv`: asks for a finger or a PIN, which is always given. */
  async function device(page: Page, uv = true): Promise<{ cdp: CDPSession; id: string }> {
    const cdp = await page.context().newCDPSession(page)
    await cdp.send('WebAuthn.enable')
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true },
        ...{ hasUserVerification: uv, isUserVerified: uv, automaticPresenceSimulation: true },
      },
    })
    return { cdp, id: authenticatorId }
  }
  type Credential = Awaited<ReturnType<typeof credentialsOf>>[number]
  async function credentialsOf({ cdp, id }: { cdp: CDPSession; id: string }) {
    return (await cdp.send('WebAuthn.getCredentials', { authenticatorId: id })).credentials
  }
  const put = ({ cdp, id }: { cdp: CDPSession; id: string }, credential: Credential) =>
    cdp.send('WebAuthn.addCredential', { authenticatorId: id, credential })

  async function fine(page: Page): Promise<void> {
    expect(await axeFaults(page)).toEqual([])
  }
  const well = () => {
    expect(open.flatMap(({ mistakes }) => mistakes)).toEqual([])
    expect(world.lines).toEqual([])
  }
  const nameOf = async (page: Page): Promise<string | null> =>
    page.evaluate(async () => (await (await fetch('/api/v1/session')).json()).viewer?.name ?? null)

  let key: Credential

  test('one is made on the page of security, with backup codes beside it', async () => {
    const { page, go, picture } = await window(ada)
    const phone = await device(page)
    await go('/account/security')
    await fine(page)
    await picture('40-security-plain')
    await page.getByRole('link', { name: 'Add a passkey' }).click()
    await page.locator('#field-name').fill('Ada’s phone')
    await fine(page)
    await picture('41-passkey-new')
    await page.getByRole('button', { name: 'Make the passkey' }).click()
    await page.waitForURL('**/account/security/backup-codes')
    expect(await page.locator('.backup-codes li').count()).toBe(10)
    await fine(page)
    await picture('42-backup-codes')
    await page.getByRole('button', { name: 'I have kept them' }).click()
    await page.getByText('Ada’s phone').waitFor()
    await fine(page)
    await picture('43-security-passkey')
    await go('/account/security/backup-codes')
    await page.getByText('These codes are not shown again').waitFor()
    ;[key] = (await credentialsOf(phone)) as [Credential]
    // A second one on the same device is refused by the device itself.
    await go('/account/security/passkeys/new')
    await page.getByRole('button', { name: 'Make the passkey' }).click()
    await page.getByText('has a passkey of yours already').waitFor()
    well()
  }, 60_000)

  test('signs in from the sign-in page without a name or a password, as both factors', async () => {
    const { page, go, picture } = await window(null)
    const phone = await device(page)
    await put(phone, key)
    await go('/sign-in?next=/rides')
    await fine(page)
    await picture('44-sign-in')
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.waitForURL((url) => url.pathname === '/rides')
    expect(await nameOf(page)).toBe('Adaeze Obi')
    const session = await page.evaluate(async () => (await fetch('/api/v1/session')).json())
    expect(session.viewer.secondFactor).toBe(true)
    ;[key] = (await credentialsOf(phone)) as [Credential]
    well()
  }, 60_000)

  test('is the second step after the password', async () => {
    const { page, go, picture } = await window(null, WIDE)
    const phone = await device(page)
    await put(phone, key)
    await go('/sign-in')
    await picture('45-sign-in-wide')
    await page.locator('#field-email').fill(ada.email)
    await page.locator('#field-password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Show' }).click()
    expect(await page.locator('#field-password').getAttribute('type')).toBe('text')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('**/sign-in/second')
    await fine(page)
    await picture('46-second-step')
    await page.getByRole('button', { name: 'Use your passkey' }).click()
    await page.waitForURL((url) => url.pathname === '/')
    expect(await nameOf(page)).toBe('Adaeze Obi')
    ;[key] = (await credentialsOf(phone)) as [Credential]
    well()
  }, 60_000)

  test('without PIN or finger is no sign-in by itself, a copied one is refused, and nothing is answered twice', async () => {
    const { page, go } = await window(null)
    const bare = await device(page, false)
    await put(bare, key)
    await go('/sign-in')
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.getByText(/No passkey was used|does not open an account/).waitFor()
    expect(await nameOf(page)).toBeNull()
    await bare.cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: bare.id })
    // A copy made before the last sign-in counts from where it was.
    const copy = await device(page)
    await put(copy, { ...key, signCount: 0 })
    await go('/sign-in')
    const [request] = await Promise.all([
      page.waitForRequest((sent) => sent.url().endsWith('/sign-in/passkey')),
      page.getByRole('button', { name: 'Use a passkey' }).click(),
    ])
    await page.getByText('does not open an account here').waitFor()
    await copy.cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: copy.id })
    const phone = await device(page)
    await put(phone, key)
    await go('/sign-in')
    const [answered] = await Promise.all([
      page.waitForRequest((sent) => sent.url().endsWith('/sign-in/passkey')),
      page.getByRole('button', { name: 'Use a passkey' }).click(),
    ])
    await page.waitForURL((url) => url.pathname === '/')
    ;[key] = (await credentialsOf(phone)) as [Credential]
    for (const sent of [request, answered]) {
      const passkey = JSON.parse(new URLSearchParams(sent.postData() ?? '').get('passkey')!)
      const again = await world.stranger.call('POST', '/api/v1/session/passkey', { passkey })
      expect(again.status).toBe(401)
    }
  }, 60_000)

  test('confirms a sensitive change, and is taken away again', async () => {
    const { page, go, picture } = await window(null)
    const phone = await device(page)
    await put(phone, key)
    await go('/sign-in?next=/account/security')
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.getByText('Ada’s phone').waitFor()
    await world.db
      .updateTable('sessions')
      .set({ proved_at: new Date(0) })
      .where('identity_id', '=', ada.identityId)
      .execute()
    await page.waitForTimeout(1_100)
    await page.getByRole('button', { name: 'Take away Ada’s phone' }).click()
    await page.waitForURL('**/confirm?next=**')
    await fine(page)
    await picture('47-confirm')
    await page.getByRole('button', { name: 'Confirm with a passkey' }).click()
    await page.waitForURL('**/account/security')
    await page.getByRole('button', { name: 'Take away Ada’s phone' }).click()
    await page.getByText('The passkey is taken away').waitFor()
    expect(await page.getByRole('heading', { name: 'Backup codes' }).count()).toBe(0)
    await picture('48-security-again')
    well()
  }, 60_000)

  test('an app is set up by hand, without scripts', async () => {
    const { page, go, picture } = await window(null, { ...WIDE, javaScriptEnabled: false })
    await go('/sign-in?next=/account/security')
    expect(await page.getByRole('button', { name: 'Use a passkey' }).isVisible()).toBe(false)
    await page.locator('#field-email').fill(ada.email)
    await page.locator('#field-password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('link', { name: 'Set up' }).click()
    await picture('49-app-set-up')
    const secret = ((await page.locator('.secret').textContent()) ?? '').replaceAll(' ', '')
    const app = authenticatorApp(secret, world.clock)
    await page.locator('#field-code').fill('000000')
    await page.getByRole('button', { name: 'Turn on' }).click()
    await page.getByText('That is not the code of now').waitFor()
    expect(((await page.locator('.secret').textContent()) ?? '').replaceAll(' ', '')).toBe(secret)
    await picture('50-app-wrong-code')
    await page.locator('#field-code').fill(await app.code())
    await page.getByRole('button', { name: 'Turn on' }).click()
    await page.waitForURL('**/account/security/backup-codes')
    const code = (await page.locator('.backup-codes li').first().textContent()) ?? ''
    await page.getByRole('button', { name: 'I have kept them' }).click()
    await picture('51-security-app')
    await page.getByLabel(/menu of/).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await go('/sign-in')
    await page.locator('#field-email').fill(ada.email)
    await page.locator('#field-password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('#field-code').fill('123456')
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('There are 4 tries left').waitFor()
    await picture('52-second-step-wrong')
    await page.locator('#field-code').fill(code)
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.waitForURL((url) => url.pathname === '/')
    well()
  }, 60_000)
})
