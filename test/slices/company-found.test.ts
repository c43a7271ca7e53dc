import { afterAll, afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { type App, createApp } from '../../src/app.ts'
import { type Founded, foundCompany } from '../../src/backoffice/found.ts'
import { CompanyFileError, parseCompanyFile } from '../../src/backoffice/mistakes.ts'
import { renewPassword } from '../../src/backoffice/password.ts'
import { reportLines } from '../../src/backoffice/report.ts'
import { loadCompanies } from '../../src/companies/companies.ts'
import { assert } from '../../src/engine/units.ts'
import { makeLocalBus } from '../../src/io/bus/local.ts'
import type { News } from '../../src/io/bus.ts'
import { manualClock } from '../../src/io/clock.ts'
import { sweepOutbox } from '../../src/io/commit.ts'
import { parseConfig } from '../../src/io/config.ts'
import { createLog } from '../../src/io/log.ts'
import { openOutgoing } from '../../src/io/outgoing.ts'
import { systemRandom } from '../../src/io/random.ts'
import { checkInvariants } from '../../src/ops/invariants.ts'
import { makeMemoryPositions } from '../../src/positions/memory-store.ts'
import { type Example, exampleWith } from '../support/company-file.ts'
import { addApp } from '../support/factor.ts'
import { testFiles } from '../support/files.ts'
import { type Browser, browser, ORIGIN } from '../support/front.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const UNION_SQUARE = { lat: 40.7359, lng: -73.9911, label: 'Union Square' }
const CITY_HALL = { lat: 40.7127, lng: -74.0059, label: 'City Hall' }

const clock = manualClock(Date.UTC(2026, 10, 21, 14))
const random = systemRandom(clock)
const log = createLog('silent')
let database: TestDatabase
const apps: App[] = []
const uploads = testFiles()

afterAll(() => uploads.remove())
beforeEach(async () => {
  database = await testDatabase()
})
afterEach(async () => {
  for (const app of apps.splice(0)) await app.drain()
  await database.stop()
})

const found = (change: (file: Example) => void = () => {}, dryRun = false): Promise<Founded> => {
  const deps = { db: database.db, clock, random }
  return foundCompany(deps, parseCompanyFile(exampleWith(change)), { dryRun })
}
/** What a run did, without what it kept. */
const done = async (change?: (file: Example) => void) =>
  reportLines((await found(change)).entries).filter((line) => !line.startsWith('kept'))

async function startApp(bus = makeLocalBus(log)): Promise<App> {
  const config = parseConfig({
    PUBLIC_URL: ORIGIN,
    SESSION_SECRETS: 'a secret of the tests that is long enough to sign with',
    TRUST_PROXY: 'on',
  })
  const store = makeMemoryPositions()
  const app = await createApp({
    config,
    clock,
    random,
    log,
    db: database.db,
    walled: database.walled,
    bus,
    store,
    files: uploads.files,
    outgoing: openOutgoing(config),
  })
  apps.push(app)
  return app
}

async function signedIn(app: App, { passwords }: Founded, email: string): Promise<Browser> {
  const known = passwords.find((person) => person.email === email)
  assert(known !== undefined, 'a new person has a password')
  const person = browser(app.elysia)
  const answer = await person.signIn(email, known.password)
  expect(answer.status).toBe(303)
  // Whoever works at a desk has no desk until there is a second factor.
  if (answer.headers.get('location') === '/account/security') await addApp(person, clock)
  return person
}

/** A call that must succeed, and its JSON. */
async function call<T>(person: Browser, method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
  const answer =
    method === 'GET'
      ? await person.get(path, { accept: 'application/json' })
      : await person.send(method, path, body, {
          csrf: await person.token(),
          headers: { 'idempotency-key': crypto.randomUUID(), origin: ORIGIN },
        })
  const text = await answer.text()
  expect({ path, status: answer.status, ok: answer.ok, text }).toMatchObject({ ok: true })
  return JSON.parse(text) as T
}

interface QuoteAnswer {
  options: { quoteId: string; class: string; fareMinor: number }[]
}
const askPrices = (person: Browser) =>
  call<QuoteAnswer>(person, 'POST', '/api/v1/quotes', { from: UNION_SQUARE, to: CITY_HALL, seats: 1 })

async function request(rider: Browser): Promise<{ id: string; fareMinor: number }> {
  const { options } = await askPrices(rider)
  const { quoteId } = options.find((option) => option.class === 'standard')!
  return call(rider, 'POST', '/api/v1/rides', { quoteId, payment: 'cash', note: '' })
}

const rowsOf = async (table: 'companies' | 'regions' | 'tariffs' | 'vehicles' | 'identities' | 'drivers') =>
  (await database.db.selectFrom(table).select('id').execute()).length
const tariffVersions = () =>
  database.db
    .selectFrom('tariffs')
    .select(['id', 'version', 'per_km_minor'])
    .where('class', '=', 'standard')
    .orderBy('version')
    .execute()

describe('a company founded from its file', () => {
  test('drives at once: quote, request, tick, offer, acceptance, four steps, payment', async () => {
    const founded = await found()
    const app = await startApp()
    const rider = await signedIn(app, founded, 'nell@riders.example')
    const driver = await signedIn(app, founded, 'kit@hudson-street.example')
    const desk = await signedIn(app, founded, 'theo@hudson-street.example')

    await call(driver, 'POST', '/api/v1/driver/shift', {})
    const ping = { seq: 1, at: clock.nowMs(), lat: 40.737, lng: -73.992, accuracy: 8 }
    await call(driver, 'POST', '/api/v1/positions', { pings: [ping] })
    await app.fleet.settle()
    const prices = await askPrices(rider)
    expect(prices.options.map((option) => option.class)).toEqual(['standard', 'accessible', 'black'])
    const ride = await request(rider)
    expect((await desk.get('/board')).status).toBe(200)

    // A batch of requests is matched once its window is over.
    clock.advance(2_000)
    const figures = await app.dispatchers[0]!.run()
    expect(figures).toMatchObject({ offered: 1 })
    const state = await call<{ offer: { id: string } }>(driver, 'GET', '/api/v1/driver')
    await call(driver, 'POST', `/api/v1/offers/${state.offer.id}/acceptance`, {})
    for (const step of ['set_off', 'arrive', 'board', 'finish'])
      await call(driver, 'POST', `/api/v1/rides/${ride.id}/steps`, { step })

    expect(await call(rider, 'GET', `/api/v1/rides/${ride.id}`)).toMatchObject({
      state: 'completed',
      driver: { callSign: '11', plate: 'HS 101 C' },
    })
    const payments = await database.db.selectFrom('payments').select(['amount_minor', 'currency']).execute()
    expect(payments).toEqual([{ amount_minor: ride.fareMinor, currency: 'USD' }])
    expect(await checkInvariants(database.db, { nowMs: clock.nowMs() })).toEqual([])
  })

  test('everybody new gets a password of their own, kept as a hash only', async () => {
    const { passwords } = await found()
    expect(passwords.map(({ email }) => email)).toHaveLength(6)
    expect(new Set(passwords.map(({ password }) => password)).size).toBe(6)
    const rows = await database.db.selectFrom('credentials').select('password').execute()
    for (const { password } of rows) expect(password).toStartWith('$argon2id$')
    const audit = await database.db.selectFrom('audit_entries').selectAll().execute()
    expect(audit.map(({ action }) => action)).toContain('company.founded')
    for (const { password } of passwords) expect(JSON.stringify(audit)).not.toContain(password)
  })
})

describe('running the file again', () => {
  test('without a change changes nothing, and nobody gets another password', async () => {
    const first = await found()
    const before = await database.db.selectFrom('audit_entries').select('id').execute()
    const again = await found()
    expect(reportLines(again.entries)).toEqual([`kept     ${first.entries.length} as they were`])
    expect(again.passwords).toEqual([])
    expect(await database.db.selectFrom('audit_entries').select('id').execute()).toEqual(before)
  })

  test('updates what changed by slug, plate, e-mail and call sign, and says what', async () => {
    await found()
    const lines = await done((file) => {
      file.company.phone = null
      file.regions[0]!.radiusM = 4000
      file.regions[0]!.area.coordinates = [
        [
          [-74.03, 40.69],
          [-73.95, 40.69],
          [-73.95, 40.78],
          [-74.03, 40.69],
        ],
      ]
      file.vehicles[0]!.colour = 'blue'
      file.people[1]!.name = 'Theodore Amadi'
      file.people[1]!.roles!.push('admin')
      file.people[2]!.vehicles!.push('HS 102 C')
      file.people.push({ name: 'Ivy Stone', email: 'ivy@hudson-street.example', roles: ['dispatcher'] })
    })
    expect(lines).toEqual([
      'created  person   ivy@hudson-street.example: dispatcher',
      'changed  company  hudson-street: phone "+1 212 555 0167" -> none',
      'changed  region   downtown: radiusM 3000 -> 4000, area',
      'changed  vehicle  HS 101 C: colour "green" -> "blue"',
      'changed  person   theo@hudson-street.example: name "Theo Amadi" -> "Theodore Amadi", now also admin',
      'changed  driver   11: may take HS 102 C',
    ])
  })

  test('zones and policies by the hour are brought up to the file; a zone it closes is out of use until it opens it', async () => {
    await found()
    const companies = await loadCompanies(database.db)
    const [region] = companies.regions
    expect(region?.policyHours).toEqual([
      { weekdays: [5, 6], fromMinute: 22 * 60, untilMinute: 4 * 60, policy: { radiusM: 5000 } },
    ])
    expect(companies.queueZones(region!.id)?.zones).toMatchObject([{ slug: 'astor-place', placesMost: 8 }])
    const zone = (file: Example) => (file.regions[0]!.zones as Record<string, unknown>[])[0]!
    expect(
      await done((file) => {
        Object.assign(zone(file), { placesMost: 12, closed: true })
        Object.assign(file.regions[0]!, { policyHours: [] })
      }),
    ).toEqual([
      'changed  hours    downtown: 0 windows',
      'changed  zone     downtown astor-place: placesMost 8 -> 12, closed',
    ])
    await companies.reload()
    expect(companies.queueZones(region!.id)).toBeUndefined()
    expect(await done((file) => void Object.assign(zone(file), { placesMost: 12 }))).toEqual([
      'created  hours    downtown: 1 window',
      'changed  zone     downtown astor-place: opened again',
    ])
    expect(await done((file) => void Object.assign(file.regions[0]!, { zones: [] }))).toEqual([
      'left     zone     downtown astor-place',
    ])
  })

  test('what busy places add comes from the file and counts without a restart; a file that is silent changes nothing', async () => {
    await found()
    const companies = await loadCompanies(database.db)
    expect(companies.regions[0]).toMatchObject({ surge: null })
    const withSurge = (surge: unknown) => (file: Example) => void Object.assign(file.regions[0]!, { surge })
    expect(await done(withSurge({ kind: 'add', capMinor: 500 }))).toEqual([
      'changed  region   downtown: surge',
    ])
    await companies.reload()
    expect(companies.regions[0]!.surge).toEqual({
      ...{ kind: 'add', capMinor: 500, stepMinor: 100 },
      ...{ fromPressure: 1.5, fullPressure: 4, leastAround: 5, leastInRegion: 20 },
    })
    expect(await done(() => {})).toEqual([])
    await companies.reload()
    expect(companies.regions[0]!.surge).not.toBeNull()
    await done(withSurge(null))
    await companies.reload()
    expect(companies.regions[0]!.surge).toBeNull()
  })

  test('the rule for nearer cars and the policy in shadow come from the file; both count without a restart', async () => {
    await found()
    const companies = await loadCompanies(database.db)
    expect(companies.regions[0]).toMatchObject({ swapGainS: null, shadowPolicy: null })
    const rules = { swapGainS: 240, shadowPolicy: { policy: 'nearest', radiusM: 4000, idleWorthS: 0 } }
    const change = (file: Example) => void Object.assign(file.regions[0]!, rules)
    expect(await done(change)).toEqual(['changed  region   downtown: swapGainS none -> 240, shadowPolicy'])
    // The same once more is no change.
    expect(await done(change)).toEqual([])
    const shadowPolicy = { kind: 'nearest', radiusM: 4000, idleWorthS: 0 }
    await companies.reload()
    expect(companies.regions[0]).toMatchObject({ swapGainS: 240, shadowPolicy })
  })

  test('licences a company vouches for count at once; what a driver has handed in since is not undone', async () => {
    const licences = () =>
      database.db
        .selectFrom('licences')
        .innerJoin('identities', 'identities.id', 'licences.identity_id')
        .select(['email', 'state', 'expires_on'])
        .where('email', 'like', 'kit@%')
        .orderBy('expires_on')
        .execute()
    const kit = { email: 'kit@hudson-street.example' }
    await found()
    expect(await licences()).toEqual([{ ...kit, state: 'approved', expires_on: '2037-04-12' }])
    const until = (expiresOn: string) => (file: Example) => {
      file.people[2]!.licence!.expiresOn = expiresOn
    }
    expect(await done(until('2040-01-31'))).toEqual([
      'changed  licence  kit@hudson-street.example: until 2040-01-31',
    ])
    expect(await done()).toEqual(['left     licence  kit@hudson-street.example: has one until 2040-01-31'])
    expect(await licences()).toEqual([
      { ...kit, state: 'replaced', expires_on: '2037-04-12' },
      { ...kit, state: 'approved', expires_on: '2040-01-31' },
    ])
  })

  test('a licence of the past is left alone; a company may have none checked, and keeps what it has', async () => {
    const check = async () =>
      (await database.db.selectFrom('companies').select('licence_check').executeTakeFirstOrThrow())
        .licence_check
    const lines = await done((file) => {
      file.people[2]!.licence!.expiresOn = '2026-11-20'
    })
    expect(lines).toContain('left     licence  kit@hudson-street.example: ran out on 2026-11-20')
    expect(await check()).toBe('checked')
    await found((file) => {
      file.company.licences = 'not_checked'
    })
    expect(await check()).toBe('not_checked')
    await found()
    expect(await check()).toBe('not_checked')
  })

  test('two drivers may swap their call signs', async () => {
    await found()
    const lines = await done((file) => {
      file.people[2]!.callSign = '12'
      file.people[3]!.callSign = '11'
    })
    expect(lines).toEqual([
      'changed  driver   12: callSign "11" -> "12"',
      'changed  driver   11: callSign "12" -> "11"',
    ])
  })

  test('what the file no longer names is named and stays', async () => {
    await found()
    const lines = await done((file) => {
      file.regions[0]!.slug = 'lower'
      file.vehicles.splice(2, 1)
      file.people[2]!.vehicles = ['HS 101 C']
      file.people[3]!.roles = ['driver']
      file.people.splice(4, 1)
    })
    expect(lines.filter((line) => line.startsWith('left'))).toEqual([
      'left     region   downtown',
      'left     vehicle  HS 201 W',
      'left     driver   11: may still take HS 201 W',
      'left     person   joao@hudson-street.example: still driver',
      'left     person   wanda@hudson-street.example: still dispatcher',
    ])
    expect(await rowsOf('vehicles')).toBe(4)
    expect(await rowsOf('regions')).toBe(2)
  })

  test('a changed tariff is a new version from now on, and rides keep theirs', async () => {
    const founded = await found()
    const app = await startApp()
    const rider = await signedIn(app, founded, 'nell@riders.example')
    const ride = await request(rider)
    clock.advance(60_000)
    const dearer = (file: Example) => {
      file.regions[0]!.tariffs.standard!.perKmMinor = 340
    }
    expect(await done(dearer)).toEqual([
      'changed  tariff   downtown standard, version 2: perKmMinor 170 -> 340',
    ])
    expect(await done(dearer)).toEqual([])
    const versions = await tariffVersions()
    expect(versions.map(({ version, per_km_minor }) => [version, per_km_minor])).toEqual([
      [1, 170],
      [2, 340],
    ])
    const old = await database.db
      .selectFrom('rides')
      .select(['tariff_id', 'fare_minor'])
      .executeTakeFirstOrThrow()
    expect(old).toEqual({ tariff_id: versions[0]!.id, fare_minor: ride.fareMinor })
    const { options } = await askPrices(rider)
    expect(options.find((option) => option.class === 'standard')!.fareMinor).toBeGreaterThan(ride.fareMinor)
  })

  test('somebody who has an account already keeps its password and gains the roles', async () => {
    const first = await found()
    const other = await found((file) => {
      file.company.slug = 'second'
      file.people = [
        { name: 'Theo Amadi', email: 'theo@hudson-street.example', roles: ['admin'] },
        { name: 'Ida Holm', email: 'ida@second.example', roles: ['driver'], callSign: '11' },
      ]
    })
    expect(other.passwords.map(({ email }) => email)).toEqual(['ida@second.example'])
    const app = await startApp()
    await signedIn(app, first, 'theo@hudson-street.example')
  })
})

describe('nothing changes', () => {
  test('in a dry run, which reports all the same and gives nobody a password', async () => {
    const rehearsed = await found(undefined, true)
    expect(rehearsed.passwords).toEqual([])
    expect(await rowsOf('companies')).toBe(0)
    expect(await rowsOf('identities')).toBe(0)
    const founded = await found()
    expect(founded.entries).toEqual(rehearsed.entries)
  })

  test('where the database knows of mistakes, all of them told', async () => {
    await found()
    await found((file) => {
      file.company.slug = 'second'
      file.company.host = 'second.example.org'
    })
    const wrong = found((file) => {
      file.company.host = 'second.example.org'
      file.company.name = 'Another name'
      file.people[2]!.email = 'kit.moreau@hudson-street.example'
    })
    const error = await wrong.then(
      () => null,
      (thrown: unknown) => thrown,
    )
    assert(error instanceof CompanyFileError, 'the file is refused')
    expect(error.message.split('\n')).toEqual([
      'company.host is the host of second already',
      'people[2].callSign is 11, which kit@hudson-street.example has',
    ])
    const names = await database.db.selectFrom('companies').select('name').execute()
    expect(names.map(({ name }) => name)).toEqual(['Hudson Street Cabs', 'Hudson Street Cabs'])
    expect(await rowsOf('identities')).toBe(6)
  })

  test('of the currency once there are rides', async () => {
    const founded = await found()
    await request(await signedIn(await startApp(), founded, 'nell@riders.example'))
    const change = (file: Example) => {
      file.company.currency = 'EUR'
    }
    await expect(found(change)).rejects.toThrow(
      'company.currency stays USD: there are rides that are paid in it',
    )
  })
})

describe('a new password', () => {
  test('replaces the old one and ends the sessions, also in a process that serves', async () => {
    const founded = await found()
    const bus = makeLocalBus(log)
    const app = await startApp(bus)
    const heard: News[] = []
    bus.on('session.ended', (news) => void heard.push(news))
    const theo = await signedIn(app, founded, 'theo@hudson-street.example')
    expect((await theo.get('/board')).status).toBe(200)

    const renewed = await renewPassword({ db: database.db, clock, random }, ' Theo@hudson-street.example')
    assert(renewed.ok, 'he is known')
    await database.db
      .updateTable('outbox')
      .set({ created_at: new Date(0) })
      .execute()
    // The founding of the company, and the end of the session.
    expect(await sweepOutbox({ db: database.db, bus })).toBe(2)
    expect(heard).toHaveLength(1)
    expect((await theo.get('/board')).status).not.toBe(200)
    const again = browser(app.elysia)
    const old = founded.passwords.find(({ email }) => email === 'theo@hudson-street.example')!
    expect((await again.signIn(old.email, old.password)).status).toBe(422)
    expect((await again.signIn(old.email, renewed.value)).status).toBe(303)
  })

  test('is refused for somebody unknown', async () => {
    const renewed = await renewPassword({ db: database.db, clock, random }, 'nobody@example.org')
    expect(renewed).toEqual({ ok: false, reason: 'unknown' })
  })
})
