import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { commit } from '../../src/io/commit.ts'
import { NOTICE_KINDS, NOTICE_SWITCHES, notify } from '../../src/notices/notices.ts'
import { switchOf } from '../../src/notices/preferences.ts'
import { FORGOTTEN_PLACE, forgetOldRides, RIDES_KEPT_MS } from '../../src/privacy/forget-rides.ts'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import { blob, jpeg } from '../support/pictures.ts'
import { askRide, assign, goOnline, takeSteps } from '../support/ride-steps.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false })
}, 60_000)
afterAll(() => world?.stop())

const key = () => ({ key: crypto.randomUUID() })
const page = async (person: Person, path: string) => (await person.client.get(path)).text()
const rowOf = ({ identityId }: Person) =>
  world.db.selectFrom('identities').selectAll().where('id', '=', identityId).executeTakeFirstOrThrow()
const deedsOf = ({ identityId }: Person, action: string) =>
  world.db
    .selectFrom('audit_entries')
    .selectAll()
    .where('subject', '=', identityId)
    .where('action', '=', action)
    .execute()
const lettersTo = ({ identityId }: Person) =>
  world.db.selectFrom('notices').selectAll().where('identity_id', '=', identityId).execute()

describe('the name', () => {
  test('is saved tidied, shown everywhere, and the change is in the audit trail', async () => {
    const rider = await world.newRider('Nadia First')
    const answer = await rider.client.form('/account/profile', { ...key(), name: '  Nadia   Second ' })
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe('/account/profile?saved=name')
    expect(await page(rider, '/account/profile?saved=name')).toContain('Your name is saved.')
    expect(await page(rider, '/rides')).toContain('menu of Nadia Second')
    const [deed] = await deedsOf(rider, 'name.changed')
    expect(deed).toMatchObject({ actor_id: rider.identityId, detail: { before: { name: 'Nadia First' } } })
  })

  test.each([
    ['', 'Type your name.'],
    ['x'.repeat(121), 'A name has at most 120 characters.'],
    ['Ada\u202egnp', 'Leave out characters that cannot be seen.'],
  ])('%p comes back with what is wrong', async (name, message) => {
    const answer = await world.canal.rider.client.form('/account/profile', { ...key(), name })
    const text = await answer.text()
    expect(answer.status).toBe(422)
    expect(text).toContain(message)
    expect(text).toContain(`id="field-name-error"`)
  })

  test('joiners of Persian and Hindi names stay', async () => {
    const rider = await world.newRider('Joiner Tester')
    const name = 'عرفان\u200cزاده'
    expect((await rider.client.form('/account/profile', { ...key(), name })).status).toBe(303)
    expect((await rowOf(rider)).name).toBe(name)
  })
})

describe('the telephone', () => {
  test('is kept as E.164 however it was typed; the e-mail is told', async () => {
    const rider = await world.newRider('Phoebe Ring')
    const answer = await rider.client.form('/account/phone', { ...key(), phone: ' +1 (212) 555-0142 ' })
    expect(answer.status).toBe(303)
    expect((await rowOf(rider)).phone).toBe('+12125550142')
    expect(await lettersTo(rider)).toMatchObject([
      { kind: 'phone_changed', address: rider.email, data: { phone: '+12125550142' } },
    ])
    await rider.client.form('/account/phone', { ...key(), phone: '' })
    expect((await rowOf(rider)).phone).toBeNull()
    expect(await deedsOf(rider, 'phone.changed')).toHaveLength(2)
  })

  test.each(['555 0142', '+0123456789', '+1 212 555 0142 ext 7', '+123456', '+1234567890123456', '<b>+1'])(
    '%p comes back as it was typed, with what to type instead',
    async (phone) => {
      const answer = await world.canal.rider.client.form('/account/phone', { ...key(), phone })
      const text = await answer.text()
      expect(answer.status).toBe(422)
      expect(text).toContain('with its country code')
      expect(text).toContain(`value="${Bun.escapeHTML(phone)}"`)
    },
  )

  test('needs a factor given lately', async () => {
    const rider = await world.newRider('Stale Prover')
    const longAgo = new Date(world.clock.nowMs() - 11 * 60_000)
    await world.db
      .updateTable('sessions')
      .set({ proved_at: longAgo })
      .where('identity_id', '=', rider.identityId)
      .execute()
    const answer = await rider.client.form('/account/phone', { ...key(), phone: '+12125550142' })
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe('/confirm?next=%2Faccount%2Fprofile')
    expect((await rowOf(rider)).phone).toBeNull()
  })
})

describe('the look of pages', () => {
  test('the chosen theme is on every page, and stays with the browser after signing out', async () => {
    const rider = await world.newRider('Themis Dark')
    const saved = await rider.client.form('/account/looks', { ...key(), theme: 'dark', language: 'en' })
    expect(saved.headers.get('set-cookie')).toContain('honeycab-theme=dark')
    for (const path of ['/account/profile', '/rides', '/request', '/'])
      expect(await page(rider, path)).toContain('<html lang="en" dir="ltr" data-theme="dark">')
    const text = await (await world.stranger.get('/sign-in', { cookie: 'honeycab-theme=dark' })).text()
    expect(text).toContain('data-theme="dark"')
    expect(text).toContain('<meta name="color-scheme" content="dark">')
  })

  test('without a choice pages follow the device, and a cookie of nonsense changes nothing', async () => {
    expect(await page(world.canal.otherRider, '/rides')).not.toContain('data-theme')
    const text = await (await world.stranger.get('/', { cookie: 'honeycab-theme="><script>' })).text()
    expect(text).not.toContain('data-theme')
  })

  test('a visitor chooses it at the foot of the first page', async () => {
    const landing = await world.stranger.get('/')
    const cookie = landing.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ')
    const csrf = /name="csrf" value="([^"]+)"/.exec(await landing.text())![1]!
    const answer = await world.stranger.form(
      '/theme',
      { csrf, theme: 'light', next: '//elsewhere.example' },
      { cookie },
    )
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe('/')
    expect(answer.headers.get('set-cookie')).toContain('honeycab-theme=light')
  })

  test('American English writes times and dates as there', async () => {
    const rider = await world.newRider('Abe Dates')
    await askRide(rider)
    await rider.client.form('/account/looks', { ...key(), theme: 'device', language: 'en-US' })
    expect(await page(rider, '/rides')).toContain('<html lang="en-US"')
    expect(await page(rider, '/rides')).toMatch(/\d:\d\d[\s\u202f](AM|PM)/)
  })
})

describe('letters', () => {
  const write = (person: Person, kind: 'licence_expiring' | 'locked_out') =>
    commit(world, (unit) =>
      notify(unit, world.random, {
        ...{ to: person.email, identityId: person.identityId },
        ...(kind === 'locked_out'
          ? { kind, data: { name: person.name, untilMs: unit.atMs, link: '/forgot' } }
          : { kind, data: { name: person.name, days: 3, expiresOn: '2026-12-01' } }),
      }),
    )
  const kindsTo = async (person: Person) => (await lettersTo(person)).map(({ kind }) => kind).toSorted()

  test('a letter that was switched off is not written; a security letter always is', async () => {
    const { driver } = world.canal
    expect(await page(driver, '/account/notifications')).toContain('name="licence_reminders"')
    await driver.client.form('/account/notifications', { ...key(), licence_decisions: 'on' })
    await write(driver, 'licence_expiring')
    await write(driver, 'locked_out')
    expect(await kindsTo(driver)).toEqual(['locked_out'])
    const shown = await page(driver, '/account/notifications?saved=letters')
    expect(shown).toMatch(/name="licence_decisions"[^>]* checked/)
    expect(shown).not.toMatch(/name="licence_reminders"[^>]* checked/)
    await driver.client.form('/account/notifications', { ...key(), licence_reminders: 'on' })
    await write(driver, 'licence_expiring')
    expect(await kindsTo(driver)).toEqual(['licence_expiring', 'locked_out'])
  })

  test('no switch reaches a letter that protects the account', () => {
    const optional = NOTICE_KINDS.filter((kind) => switchOf(kind) !== null)
    expect(optional.toSorted()).toEqual(['licence_approved', 'licence_expiring', 'licence_rejected'])
    expect(new Set<string>(Object.values(NOTICE_SWITCHES).flat())).toEqual(new Set(optional))
  })

  test('a switch for such a letter cannot be slipped in', async () => {
    const { driver } = world.canal
    const answer = await driver.client.form('/account/notifications', { ...key(), locked_out: 'on' })
    expect(answer.status).toBe(422)
  })

  test('a rider is told which letters come, and that there is nothing to switch off', async () => {
    const text = await page(world.canal.rider, '/account/notifications')
    expect(text).toContain('We write about rides you booked ahead')
    expect(text).toContain('cannot be switched off')
    expect(text).not.toContain('type="checkbox"')
  })
})

describe('privacy', () => {
  test('drivers read the first name, and the whole one where the rider wants it', async () => {
    const { canal } = world
    const rider = await world.newRider('Wilma Wholename')
    await goOnline(world, canal.driver)
    const ride = await askRide(rider)
    await assign(canal, ride.id)
    const before = await page(canal.driver, '/driver')
    expect(before).toContain('Pick up Wilma ·')
    expect(before).not.toContain('Wholename')
    await rider.client.form('/account/privacy', { ...key(), full_name_to_drivers: 'on' })
    expect(await page(canal.driver, '/driver')).toContain('Pick up Wilma Wholename ·')
    expect((await canal.driver.client.done<{ ride: unknown }>('GET', '/api/v1/driver')).ride).toMatchObject({
      riderName: 'Wilma Wholename',
    })
    expect(await deedsOf(rider, 'privacy.changed')).toHaveLength(1)
    await takeSteps(canal.driver, ride.id, 4)
  })

  test('drivers see the picture during the ride, unless the rider shows it to none', async () => {
    const { canal } = world
    const rider = await world.newRider('Paula Picture')
    const sent = await rider.client.upload(
      '/account/avatar',
      { ...key(), picture: blob(await jpeg()) },
      { accept: 'application/json' },
    )
    const { avatarId } = (await sent.json()) as { avatarId: string }
    expect(await page(rider, '/account/profile')).toContain(`/avatars/${avatarId}`)
    const ride = await askRide(rider)
    await assign(canal, ride.id)
    expect(await page(canal.driver, '/driver')).toContain(`/avatars/${avatarId}`)
    expect((await canal.driver.client.get(`/avatars/${avatarId}`)).status).toBe(200)
    await rider.client.form('/account/privacy', key())
    expect(await page(canal.driver, '/driver')).not.toContain(avatarId)
    expect((await canal.driver.client.get(`/avatars/${avatarId}`)).status).toBe(404)
    await takeSteps(canal.driver, ride.id, 4)
  })

  test('where somebody rode is forgotten after a year, if they want it and not before', async () => {
    const { canal, db } = world
    const riders = [await world.newRider('Fay Forget'), await world.newRider('Kay Keep')]
    const rides = []
    for (const rider of riders) {
      const ride = await askRide(rider, 'by the blue door')
      await assign(canal, ride.id)
      await takeSteps(canal.driver, ride.id, 4)
      rides.push(ride.id)
    }
    await riders[0]!.client.form('/account/privacy', { ...key(), rides_kept_a_year: 'on' })
    expect(await forgetOldRides(world)).toBe(0)
    const longAgo = new Date(world.clock.nowMs() - RIDES_KEPT_MS - 60_000)
    await db
      .updateTable('rides')
      .set({ ended_at: longAgo })
      .where('id', 'in', rides as never[])
      .execute()
    expect((await Promise.all([forgetOldRides(world), forgetOldRides(world)])).toSorted()).toEqual([0, 1])
    const [forgotten, kept] = await Promise.all(
      rides.map((id) =>
        db
          .selectFrom('rides')
          .selectAll()
          .where('id', '=', id as never)
          .executeTakeFirstOrThrow(),
      ),
    )
    expect(forgotten).toMatchObject({
      ...{ pickup_label: FORGOTTEN_PLACE, dropoff_label: FORGOTTEN_PLACE, note: '' },
      ...{ pickup_lat: 40.76, pickup_lng: -73.99, fare_minor: kept!.fare_minor },
    })
    expect(kept).toMatchObject({ pickup_label: 'Times Square', note: 'by the blue door' })
    const quote = await db
      .selectFrom('quotes')
      .select(['pickup_label', 'pickup_lat'])
      .where('id', '=', forgotten!.quote_id)
      .executeTakeFirstOrThrow()
    expect(quote).toEqual({ pickup_label: FORGOTTEN_PLACE, pickup_lat: 40.76 })
    expect(await page(riders[0]!, `/rides/${rides[0]}/receipt`)).toContain(FORGOTTEN_PLACE)
  })
})

test('no page of these says anything but to the person themselves', async () => {
  for (const path of ['/account/profile', '/account/notifications', '/account/privacy']) {
    expect((await world.stranger.get(path)).headers.get('location')).toStartWith('/sign-in')
    expect(await page(world.canal.rider, path)).not.toContain('Eve Marsh')
  }
  expect(world.lines).toEqual([])
})
