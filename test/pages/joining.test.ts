import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import { invite } from '../../src/accounts/invitations.ts'
import { commit } from '../../src/io/commit.ts'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { linkTo } from '../support/letters.ts'
import { DESK, expectAccessible, openWindow, PHONE, type Window } from '../support/pages.ts'
import { describeWith } from '../support/servers.ts'

const NEW_PASSWORD = 'seven quiet harbours'

describeWith('chromium', 'coming in through the real pages', () => {
  let world: AppWorld
  let browser: Browser
  const open: Window[] = []
  beforeAll(async () => {
    world = await startApp({ places: true, passwords: true })
    browser = await launchChromium()
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await world?.stop()
  })
  afterEach(async () => {
    const mistakes = open.flatMap((made) => made.mistakes)
    for (const { context } of open.splice(0)) await context.close()
    expect(mistakes).toEqual([])
    expect(world.lines).toEqual([])
  })

  async function window(person: Person | null, options: Parameters<typeof openWindow>[3] = PHONE) {
    const made = await openWindow(browser, world, person, options)
    open.push(made)
    return made
  }

  test('registers by keyboard, is told what the password is worth, confirms, signs in and asks for a ride', async () => {
    const rider = await window(null)
    const { page } = rider
    const email = 'nora@mail.example'
    await rider.go('/sign-in')
    await expectAccessible(rider, '60-sign-in')
    await page.getByRole('link', { name: 'Create an account' }).click()
    await expectAccessible(rider, '61-register')
    await page.getByLabel('Name').focus()
    await page.keyboard.type('Nora Quist')
    await page.keyboard.press('Tab')
    await page.keyboard.type(email)
    await page.keyboard.press('Tab')
    await page.keyboard.type('nora quist')
    await page.getByText('built on your name').waitFor()
    await expectAccessible(rider, '62-weak')
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type(NEW_PASSWORD)
    await page.getByText('Strong.').waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Look into your mail' }).waitFor()
    await expectAccessible(rider, '63-letter-sent')
    // The browser had worked for it, without anybody pressing anything.
    expect(await world.db.selectFrom('captcha_solutions').selectAll().execute()).toHaveLength(1)

    await rider.go(await linkTo(world.db, email))
    await expectAccessible(rider, '64-verify')
    await page.getByRole('button', { name: 'Confirm my address' }).click()
    await page.getByRole('heading', { name: 'Your address is confirmed' }).waitFor()
    await expectAccessible(rider, '65-verified')
    await page.reload().catch(() => {})
    await page.getByRole('heading', { name: 'This link opens nothing any more' }).waitFor()
    await expectAccessible(rider, '66-gone')
    await rider.go('/sign-in?next=%2Frequest')
    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.waitForURL('**/request')
    for (const [field, words] of [
      ['from', 'times squ'],
      ['to', 'strand book'],
    ]) {
      await page.locator(`#field-${field}`).fill(words!)
      await page.locator(`#${field}-suggestions [data-label]`).first().click()
    }
    await page.locator('#ask').click()
    await page.waitForURL('**/rides/*')
  }, 60_000)

  test('registers to drive without scripts, and forgets the password', async () => {
    const driver = await window(null, { ...PHONE, javaScriptEnabled: false })
    const { page } = driver
    const email = 'dora@mail.example'
    await driver.go('/register?as=driver')
    await page.getByLabel('Name').fill('Dora Wheel')
    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password').fill('password123')
    await page.getByRole('button', { name: 'Create account' }).click()
    await driver.picture('70-refused')
    expect(await page.locator('#field-password-error').textContent()).toContain('tried first')
    expect(await page.getByRole('radio', { name: 'I also drive' }).isChecked()).toBe(true)
    await page.getByLabel('Password').fill(NEW_PASSWORD)
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByRole('heading', { name: 'Look into your mail' }).waitFor()
    await driver.go(await linkTo(world.db, email))
    await driver.picture('71-verify-driver')
    await page.getByRole('button', { name: 'Confirm my address' }).click()
    await page.getByText('Your application to drive is with the company').waitFor()

    await driver.go('/forgot-password')
    await driver.picture('72-forgot')
    await page.getByLabel('E-mail').fill(email)
    await page.getByRole('button', { name: 'Send the link' }).click()
    await page.getByRole('heading', { name: 'Look into your mail' }).waitFor()
    await driver.picture('73-forgot-sent')
    await driver.go(await linkTo(world.db, email))
    await driver.picture('74-reset')
    await page.getByLabel('New password').fill('eight louder harbours')
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.getByRole('heading', { name: 'Your password is changed' }).waitFor()
    await driver.picture('75-reset-done')
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password').fill('eight louder harbours')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.waitForURL((url) => url.pathname === '/')
  }, 60_000)

  test('every other page has nothing that axe finds, in every state', async () => {
    const visitor = await window(null)
    const { page } = visitor
    await visitor.go('/register')
    await page.locator('form[action="/register"]').evaluate((form: HTMLFormElement) => {
      form.noValidate = true
    })
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.locator('#field-name-error').waitFor()
    await expectAccessible(visitor, '80-register-empty')
    await visitor.go('/forgot-password')
    await expectAccessible(visitor, '81-forgot')
    await page.getByLabel('E-mail').fill(world.canal.rider.email)
    await page.getByRole('button', { name: 'Send the link' }).click()
    await page.getByRole('heading', { name: 'Look into your mail' }).waitFor()
    await expectAccessible(visitor, '82-forgot-sent')
    await visitor.go(await linkTo(world.db, world.canal.rider.email))
    await page.getByLabel('New password').fill('ada okafor')
    await page.locator('.strength[data-score]').waitFor()
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.locator('#field-password-error').waitFor()
    await expectAccessible(visitor, '83-reset-refused')
    const { companyId, admin } = world.canal
    const by = {
      viewer: { identityId: admin.identityId, name: admin.name },
      from: { address: '', requestId: '' },
    }
    await commit(world, (unit) =>
      invite(unit, world.random, by, { companyId, email: 'sam@mail.example', role: 'dispatcher' }),
    )
    const invitation = await linkTo(world.db, 'sam@mail.example')
    await visitor.go(invitation)
    await expectAccessible(visitor, '84-invitation')

    const rider = await window(world.canal.rider)
    await rider.go(invitation)
    await expectAccessible(rider, '85-invitation-other')
    await rider.go('/account/password')
    await expectAccessible(rider, '86-password')
    await world.db
      .updateTable('identities')
      .set({ email_verified: false })
      .where('id', '=', world.canal.otherRider.identityId)
      .execute()
    const unconfirmed = await window(world.canal.otherRider)
    await unconfirmed.go('/account/verification')
    await expectAccessible(unconfirmed, '87-unverified')
    await unconfirmed.page.getByRole('button', { name: 'Send me the letter' }).click()
    await unconfirmed.page.getByText('The letter is on its way').waitFor()
    await expectAccessible(unconfirmed, '88-unverified-sent')
  }, 60_000)

  test('the office invites, is told what is wrong, and decides who drives', async () => {
    const { canal } = world
    const rider = await window(canal.rider)
    await rider.go('/drive')
    await expectAccessible(rider, '96-drive')
    await rider.page.getByRole('button', { name: 'Apply to drive' }).click()
    await rider.page.getByText('Your application is with Canal Street Cars').waitFor()
    await expectAccessible(rider, '97-drive-asked')
    const office = await window(canal.admin, DESK)
    const { page } = office
    await office.go('/admin/people')
    await page.getByRole('link', { name: /Invite somebody/ }).click()
    await page.getByLabel('E-mail').fill(canal.dispatcher.email)
    await page.getByRole('button', { name: 'Send the invitation' }).click()
    await page.locator('#field-email-error').waitFor()
    await page.getByLabel('E-mail').fill('sam@mail.example')
    await page.getByRole('button', { name: 'Send the invitation' }).click()
    await page.getByText('The invitation is on its way').waitFor()
    const ada = page.locator('li', { hasText: canal.rider.email })
    await ada.locator('summary', { hasText: 'Approve' }).click()
    await ada.getByLabel('Call sign').fill('204')
    await page.getByRole('button', { name: 'Approve Ada Okafor' }).click()
    await page.getByText('Another driver has this call sign').waitFor()
    await expectAccessible(office, '98-joining')
    const phone = await window(canal.admin, PHONE)
    await phone.go('/admin/joining')
    await expectAccessible(phone, '99-joining-phone')
    await ada.getByLabel('Call sign').fill('305')
    await page.getByRole('button', { name: 'Approve Ada Okafor' }).click()
    await page.getByText('They drive for you now').waitFor()
    expect(await ada.count()).toBe(0)
  }, 60_000)

  test('campuses are kept by whoever runs the installation', async () => {
    const office = await window(world.platform, DESK)
    const { page } = office
    await office.go('/admin/campuses')
    await expectAccessible(office, '90-campuses-empty')
    await page.getByLabel('Name').fill('Hill University')
    await page.getByLabel('City').fill('New York')
    await page.getByLabel('Time zone').fill('New York')
    await page.getByRole('textbox', { name: 'Domain' }).fill('hill')
    await page.getByRole('button', { name: 'Add the campus' }).click()
    await page.locator('#field-domain-error').waitFor()
    await expectAccessible(office, '91-campus-refused')
    await page.getByLabel('Time zone').fill('America/New_York')
    await page.getByRole('textbox', { name: 'Domain' }).fill('Demo.Honeycab')
    await page.getByRole('button', { name: 'Add the campus' }).click()
    await page.getByText('The campus is added').waitFor()
    await page
      .getByText(/people with a confirmed address/)
      .first()
      .waitFor()
    await page.getByRole('textbox', { name: 'Domain' }).fill('students.hill.example')
    await page.getByRole('button', { name: 'Add the domain' }).click()
    await page.getByText('The domain is added').waitFor()
    await page.locator('summary', { hasText: 'Remove Hill University' }).click()
    await expectAccessible(office, '92-campus')
    await office.go('/admin/campuses')
    await expectAccessible(office, '93-campuses')
    const phone = await window(world.platform, PHONE)
    await phone.go('/admin/campuses')
    await expectAccessible(phone, '94-campuses-phone')
    const visitor = await window(null)
    await visitor.go('/register')
    await visitor.page.getByLabel('Name').fill('Cam Pus')
    await visitor.page.getByLabel('E-mail').fill('cam@students.hill.example')
    await visitor.page.getByLabel('Password').fill(NEW_PASSWORD)
    await visitor.page.getByRole('button', { name: 'Create account' }).click()
    await visitor.page.getByText('This is an address of Hill University').waitFor()
    await expectAccessible(visitor, '95-letter-sent-campus')
    await page.getByRole('link', { name: 'Hill University' }).click()
    await page.getByRole('button', { name: 'Remove demo.honeycab' }).click()
    await page.getByText('The domain is removed').waitFor()
  }, 60_000)
})
