import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { setPlatform } from '../../src/backoffice/platform.ts'
import { FLAG_NAMES, FLAGS, type Flag } from '../../src/companies/flags.ts'
import { commit } from '../../src/io/commit.ts'
import { restoreFleet } from '../../src/privacy/fleet-deletions.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'
import type { Client } from '../support/client.ts'
import { example } from '../support/company-file.ts'
import { askPrices, askRide, goOnline } from '../support/ride-steps.ts'

const PLACES = { from: { lat: 40.758, lng: -73.9855 }, to: { lat: 40.7074, lng: -74.0113 } }
let world: AppWorld

beforeAll(async () => {
  world = await startApp({ running: false })
}, 60_000)
afterAll(() => world?.stop())

const send = (who: Client, path: string, fields: Record<string, string> = {}) =>
  who.form(path, { key: crypto.randomUUID(), ...fields })
const companyPath = () => `/admin/companies/${world.canal.companyId}`
const lastEntry = (action: string) =>
  world.db
    .selectFrom('audit_entries')
    .selectAll()
    .where('action', '=', action)
    .orderBy('sequence', 'desc')
    .executeTakeFirst()
const flip = (flag: Flag, isOn: boolean) =>
  send(world.canal.admin.client, `${companyPath()}/flags`, { flag, on: isOn ? 'yes' : 'no' })

describe('what a company says of itself', () => {
  const settings = {
    name: 'Canal Street Cabs',
    phone: '+1 212 555 0101',
    address: '1 Canal Street',
    locale: 'en-GB',
  }

  test('is changed by its admin, known at once, and audited with before and after', async () => {
    const { admin } = world.canal
    const saved = await send(admin.client, companyPath(), settings)
    expect(saved.headers.get('location')).toBe(`${companyPath()}?done=saved`)
    expect(world.companies.company(world.canal.companyId)).toMatchObject({
      name: settings.name,
      locale: 'en-GB',
    })
    expect(await lastEntry('company.changed')).toMatchObject({
      ...{ actor_id: admin.identityId, company_id: world.canal.companyId },
      detail: { before: { name: 'Canal Street Cars' }, after: { name: settings.name } },
    })
    await send(admin.client, companyPath(), { name: 'Canal Street Cars', locale: 'en-US' })
  })

  test('what is wrong is said at its field, and what was typed stays', async () => {
    const refused = await send(world.canal.admin.client, companyPath(), {
      ...settings,
      name: ' ',
      locale: 'klingon?',
    })
    expect(refused.status).toBe(422)
    const page = await refused.text()
    expect(page).toContain('A company needs a name.')
    expect(page).toContain('A language and country')
    expect(page).toContain('value="klingon?"')
    expect(page).toContain('value="1 Canal Street"')
  })

  test('the host is the platform’s to give, and no two companies have one', async () => {
    const { admin } = world.canal
    expect((await send(admin.client, companyPath(), { ...settings, host: '127.0.0.1' })).status).toBe(422)
    const taken = await send(world.platform.client, companyPath(), { ...settings, host: '127.0.0.1' })
    expect(taken.status).toBe(422)
    expect(await taken.text()).toContain('Another company answers at this host.')
    expect(world.companies.company(world.canal.companyId)?.host).toBe('localhost')
  })

  test('nothing of it is another company’s to see or change', async () => {
    const { admin } = world.uptown
    for (const [tail, fields] of [
      ['', settings],
      ['/flags', { flag: 'ride_requests', on: 'no' }],
    ] as const)
      expect((await send(admin.client, `${companyPath()}${tail}`, fields)).status).toBe(404)
    expect((await admin.client.get(companyPath())).status).toBe(404)
    expect((await admin.client.get('/admin/companies')).headers.get('location')).toBe(
      `/admin/companies/${world.uptown.companyId}`,
    )
    expect(
      (await send(admin.client, `/admin/companies/${world.uptown.companyId}/deletion`, { reason: 'tired' }))
        .status,
    ).toBe(403)
  })
})

describe('switches', () => {
  test('each is on the page, with what it does', async () => {
    const page = await (await world.canal.admin.client.get(companyPath())).text()
    for (const { name, words } of Object.values(FLAGS)) {
      expect(page).toContain(Bun.escapeHTML(name))
      expect(page).toContain(Bun.escapeHTML(words))
    }
  })

  test('moved once is one entry; moved to where it stands is none', async () => {
    const { companyId } = world.canal
    const count = async () =>
      (
        await world.db
          .selectFrom('audit_entries')
          .select('id')
          .where('action', '=', 'flag.switched')
          .execute()
      ).length
    const before = await count()
    const answers = await Promise.all([1, 2, 3, 4].map(() => flip('visitor_prices', false)))
    expect(answers.every(({ status }) => status === 303)).toBe(true)
    expect(await flip('visitor_prices', false).then(({ status }) => status)).toBe(303)
    expect(world.flags.isOn(companyId, 'visitor_prices')).toBe(false)
    expect((await count()) - before).toBeGreaterThanOrEqual(1)
    await flip('visitor_prices', true)
    expect(await lastEntry('flag.switched')).toMatchObject({
      detail: { flag: 'visitor_prices', before: { visitor_prices: false }, after: { visitor_prices: true } },
    })
  })

  test('no new rides: riders read so, at this company alone; what is under way goes on', async () => {
    const { canal, uptown } = world
    const under = await askRide(canal.rider, 'before the switch')
    const prices = await askPrices(canal.rider)
    await flip('ride_requests', false)
    const asked = await canal.rider.client.call('POST', '/api/v1/rides', {
      ...{ quoteId: prices.options[0]!.quoteId, payment: 'cash' },
    })
    expect(asked.status).toBe(409)
    expect(await asked.text()).toContain('Canal Street Cars takes no new rides right now.')
    expect((await canal.rider.client.call('POST', '/api/v1/quotes', PLACES)).status).toBe(409)
    expect((await uptown.rider.client.call('POST', '/api/v1/quotes', PLACES)).status).toBe(201)
    expect((await canal.rider.client.get(`/rides/${under.id}`)).status).toBe(200)
    await flip('ride_requests', true)
    expect((await canal.rider.client.call('POST', '/api/v1/quotes', PLACES)).status).toBe(201)
    await canal.dispatcher.client.done('POST', `/api/v1/board/rides/${under.id}/cancellation`, {
      reason: 'the test goes on',
    })
  })

  test('no prices for visitors: they are led to sign in, riders are not', async () => {
    await flip('visitor_prices', false)
    const fields = {
      from: '',
      from_lat: '40.758',
      from_lng: '-73.9855',
      to: '',
      to_lat: '40.7074',
      to_lng: '-74.0113',
    }
    const page = await world.stranger.get('/request')
    const csrf = /name="csrf" value="([^"]+)"/.exec(await page.text())![1]!
    const cookie = page.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const led = await world.stranger.form('/quotes', { ...fields, csrf }, { cookie })
    expect(led.headers.get('location')).toBe('/sign-in?next=%2Frequest')
    expect((await world.canal.rider.client.call('POST', '/api/v1/quotes', PLACES)).status).toBe(201)
    await flip('visitor_prices', true)
  })

  test('cash only: the account is neither offered nor taken', async () => {
    const { rider } = world.canal
    const prices = await askPrices(rider)
    await flip('account_payment', false)
    expect(await (await rider.client.get(`/quotes/${prices.id}`)).text()).not.toContain(
      'Canal Street Cars account',
    )
    const asked = await rider.client.call('POST', '/api/v1/rides', {
      quoteId: prices.options[0]!.quoteId,
      payment: 'account',
    })
    expect(asked.status).toBe(409)
    await flip('account_payment', true)
    expect(await (await rider.client.get(`/quotes/${prices.id}`)).text()).toContain(
      'Canal Street Cars account',
    )
  })

  test('no offers by the engine: the ride waits for the desk', async () => {
    const { canal } = world
    await goOnline(world, canal.driver)
    await flip('automatic_offers', false)
    const ride = await askRide(canal.rider, 'for the desk')
    const offers = () =>
      world.db
        .selectFrom('offers')
        .select('id')
        .where('ride_id', '=', ride.id as never)
        .execute()
    const tick = async () => {
      for (const dispatcher of world.dispatchers) await dispatcher.run()
    }
    await tick()
    expect(await offers()).toEqual([])
    await flip('automatic_offers', true)
    await tick()
    expect(await offers()).toHaveLength(1)
    await canal.dispatcher.client.done('POST', `/api/v1/board/rides/${ride.id}/cancellation`, {
      reason: 'the test goes on',
    })
  })

  test('another process knows by the news, and by a gap in it', async () => {
    const { companyId } = world.canal
    const row = { company_id: companyId, flag: 'account_payment', is_on: false, changed_at: new Date() }
    await world.db
      .insertInto('company_flags')
      .values({ ...row, changed_by: null })
      .onConflict((c) => c.columns(['company_id', 'flag']).doUpdateSet({ is_on: false }))
      .execute()
    expect(world.flags.isOn(companyId, 'account_payment')).toBe(true)
    world.bus.publish({ type: 'company.changed', companyId })
    while (world.flags.isOn(companyId, 'account_payment')) await Bun.sleep(5)
    await flip('account_payment', true)
    expect(FLAG_NAMES.every((flag) => world.flags.isOn(companyId, flag) === FLAGS[flag].isOn)).toBe(true)
  })
})

describe('a new company', () => {
  const ANSWERS = {
    ...{
      name: 'Harbour Cars',
      slug: 'harbour',
      currency: 'EUR',
      time_zone: 'Europe/Lisbon',
      locale: 'pt-PT',
    },
    ...{ phone: '', lat: '38.7223', lng: '-9.1393', radius_km: '8', base: '3.25', per_km: '0.9' },
    ...{ per_minute: '0.15', minimum: '5', admin_name: 'Lia Porto', admin_email: 'lia@harbour.example' },
  }

  test('out of a few answers: it drives at once, its admin gets a letter', async () => {
    const founded = await send(world.platform.client, '/admin/companies', ANSWERS)
    expect(founded.headers.get('location')).toMatch(/^\/admin\/companies\/[0-9a-f-]+\?done=founded$/)
    const company = world.companies.all.find(({ slug }) => slug === 'harbour')
    expect(company).toMatchObject({ name: 'Harbour Cars', currency: 'EUR' })
    expect(world.companies.homeRegion(company!.id)?.timeZone).toBe('Europe/Lisbon')
    // Its region is followed and matched without a restart.
    while (world.dispatchers.length < 3) await Bun.sleep(5)
    const tariff = await world.db
      .selectFrom('tariffs')
      .select(['base_minor', 'per_km_minor'])
      .where('company_id', '=', company!.id)
      .executeTakeFirstOrThrow()
    expect(tariff).toEqual({ base_minor: 325, per_km_minor: 90 })
    const letter = await world.db
      .selectFrom('notices')
      .select('kind')
      .where('address', '=', 'lia@harbour.example')
      .executeTakeFirst()
    expect(letter?.kind).toBe('reset_password')
    expect(await lastEntry('company.founded')).toMatchObject({
      actor_id: world.platform.identityId,
      company_id: company!.id,
    })
    expect((await world.stranger.get('/at/harbour')).status).toBe(303)
  })

  test('one that is there already is not changed by it', async () => {
    const again = await send(world.platform.client, '/admin/companies', { ...ANSWERS, name: 'Taken Over' })
    expect(again.status).toBe(422)
    expect(await again.text()).toContain('short name of another company')
    expect(world.companies.all.find(({ slug }) => slug === 'harbour')?.name).toBe('Harbour Cars')
  })

  const WRONG: [string, Record<string, string>, string][] = [
    ['a currency nobody has', { currency: 'ZZQ' }, 'should be a currency'],
    ['a time zone that is none', { time_zone: 'Mars/Olympus' }, 'should be a time zone'],
    ['a latitude in words', { lat: 'north' }, 'A latitude'],
    ['a price in words', { per_km: '1,60' }, 'An amount'],
    ['an admin without an address', { admin_email: 'lia' }, 'This '],
  ]
  test.each(WRONG)('%s is said at its field', async (_what, change, words) => {
    const refused = await send(world.platform.client, '/admin/companies', {
      ...ANSWERS,
      slug: 'other',
      ...change,
    })
    expect(refused.status).toBe(422)
    const page = await refused.text()
    expect(page).toContain(words)
    expect(page).toContain('aria-invalid="true"')
    expect(page).toContain('value="Harbour Cars"')
  })

  test('out of its file; a wrong file is told line by line, and stays in the box', async () => {
    const file = example()
    const founded = await send(world.platform.client, '/admin/companies/file', { file: JSON.stringify(file) })
    expect(founded.status).toBe(303)
    expect(world.companies.all.map(({ slug }) => slug)).toContain('hudson-street')
    file.company.slug = 'another'
    file.vehicles[0]!.wheels = 4
    const refused = await send(world.platform.client, '/admin/companies/file', { file: JSON.stringify(file) })
    expect(refused.status).toBe(422)
    const page = await refused.text()
    expect(page).toContain('vehicles[0]')
    expect(page).toContain('&quot;another&quot;')
  })

  test('says what the policy in shadow would have done, to the company’s own people', async () => {
    const { canal, uptown, db } = world
    const path = `/admin/companies/${canal.companyId}`
    expect(await (await canal.admin.client.get(path)).text()).not.toContain('In shadow')
    const shadow_policy = JSON.stringify({ kind: 'nearest', soonFreeWithinS: 0 })
    await db.updateTable('regions').set({ shadow_policy }).where('company_id', '=', canal.companyId).execute()
    await world.companies.reload()
    expect(await (await canal.admin.client.get(path)).text()).toContain('Nobody has waited for a car')
    const region = world.companies.regions.find(({ companyId }) => companyId === canal.companyId)!
    await db
      .insertInto('shadow_quarters')
      .values({
        ...{ company_id: canal.companyId, region_id: region.id, starts_at: new Date(world.clock.nowMs()) },
        ...{ ticks: 40, waiting: 100, changed: 12, live_rides: 90, live_eta_s: 18_000, live_cost_s: 30_000 },
        ...{ live_ms: 20, shadow_rides: 80, shadow_eta_s: 20_000, shadow_cost_s: 45_000, shadow_ms: 60 },
      })
      .execute()
    const page = (await (await canal.admin.client.get(path)).text()).replaceAll(/<[^>]+>/g, ' ')
    expect(page).toContain('Each request at once, the nearest car · never waits for a car about to be free')
    expect(page).toMatch(/40 ticks with 100 rides waiting, counted once a tick. For 12 of them/)
    expect(page).toMatch(/Mean time to the pickup\s+200 s\s+250 s/)
    expect(page).toMatch(/Cost of a waiting ride\s+300 s\s+450 s/)
    expect(page).toMatch(/Deciding takes\s+0.5 ms\s+1.5 ms/)
    expect((await uptown.admin.client.get(path)).status).toBe(404)
  })

  test('deleted: not while rides are under way; then its pages are gone, and it is written down why', async () => {
    const { uptown, platform } = world
    const path = `/admin/companies/${uptown.companyId}/deletion`
    const ride = await askRide(uptown.rider, 'on the way')
    expect((await send(platform.client, path, { reason: 'it closed' })).status).toBe(409)
    await uptown.dispatcher.client.done('POST', `/api/v1/board/rides/${ride.id}/cancellation`, {
      reason: 'it closes',
    })
    expect((await send(platform.client, path, { reason: '' })).status).toBe(422)
    const gone = await send(platform.client, path, { reason: 'it closed' })
    expect(gone.headers.get('location')).toBe('/admin/companies?done=deleted')
    expect(world.companies.company(uptown.companyId)).toBeUndefined()
    expect(await lastEntry('company.deleted')).toMatchObject({ detail: { reason: 'it closed' } })
    expect((await uptown.rider.client.get('/request')).status).toBe(404)
    expect((await uptown.dispatcher.client.get('/board')).status).toBe(403)
    // Brought back, it is there again for everybody once told.
    const deletion = await world.db
      .selectFrom('deletions')
      .select('id')
      .where('subject_id', '=', uptown.companyId)
      .executeTakeFirstOrThrow()
    const by = { id: null, address: '', requestId: '' }
    await commit(world, (unit) => restoreFleet(unit, world.random, { deletionId: deletion.id, by }))
    while (world.companies.company(uptown.companyId) === undefined) await Bun.sleep(5)
    expect((await uptown.dispatcher.client.get('/board')).status).toBe(200)
  })
})

describe('where the back office begins', () => {
  test('says plainly that nothing waits', async () => {
    expect(await (await world.canal.admin.client.get('/admin')).text()).toContain('Nothing waits.')
  })

  test('names who is locked out, to the company they work for', async () => {
    const { canal, uptown } = world
    const { lockedUntilMs, signInTries, takeTry } = await import('../../src/accounts/lockout.ts')
    const key = signInTries(canal.driver.email)
    for (let n = 0; n < 5; n++) await takeTry(world.db, key, world.clock.nowMs())
    const page = await (await canal.admin.client.get('/admin')).text()
    expect(page).toContain('Bo Lindqvist is locked out after wrong tries')
    expect(page).toContain(`href="/admin/people/${canal.driver.identityId}"`)
    expect(await (await uptown.admin.client.get('/admin')).text()).not.toContain('Bo Lindqvist')
    await send(canal.admin.client, `/admin/people/${canal.driver.identityId}/unlock`)
    expect(await lockedUntilMs(world.db, key, world.clock.nowMs())).toBeNull()
    expect(await (await canal.admin.client.get('/admin')).text()).toContain('Nothing waits.')
  })
})

describe('who runs the installation', () => {
  test('is said by command: given, taken, told of a wrong address, and audited', async () => {
    const person = await world.newRider('Quin Root')
    const deps = { db: world.db, random: world.random, clock: world.clock }
    expect((await person.client.get('/admin')).status).toBe(403)
    expect(await setPlatform(deps, ' QUIN@demo.honeycab ', true)).toEqual({ ok: true, value: 'done' })
    expect(await setPlatform(deps, person.email, true)).toEqual({ ok: true, value: 'already' })
    expect(await setPlatform(deps, 'nobody@demo.honeycab', true)).toEqual({ ok: false, reason: 'unknown' })
    expect(await lastEntry('platform.granted')).toMatchObject({ subject: person.identityId })
    // A command leaves its news for a serving process's sweep; until then the right counts within a second.
    while ((await person.client.get('/admin/companies/new')).status !== 200) await Bun.sleep(20)
    expect(await setPlatform(deps, person.email, false)).toEqual({ ok: true, value: 'done' })
    expect(await lastEntry('platform.revoked')).toMatchObject({ subject: person.identityId })
    expect(
      await world.db
        .selectFrom('sessions')
        .select('id')
        .where('identity_id', '=', person.identityId)
        .execute(),
    ).toEqual([])
  })
})

test('nothing went wrong on our side', () => {
  expect(world.lines).toEqual([])
})
