/** A licence's way: pictures, words, the decision, the letters; racing reviewers; who sees what; time. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { applyToDrive } from '../../src/accounts/joining.ts'
import { capabilityOf } from '../../src/drivers/capability.ts'
import { manualClock } from '../../src/io/clock.ts'
import { commit } from '../../src/io/commit.ts'
import { watchLicences } from '../../src/licences/expiry.ts'
import { type AppWorld, type DriverPerson, type Person, startApp } from '../support/app-world.ts'
import { decide, handIn, LICENCE_WORDS, sendSides } from '../support/licences.ts'
import { blob, jpeg, licencePicture } from '../support/pictures.ts'

const START_MS = Date.UTC(2026, 10, 21, 14)
const DAY_MS = 86_400_000
const clock = manualClock(START_MS)
let world: AppWorld
let driver: DriverPerson
let admin: Person
beforeAll(async () => {
  world = await startApp({ clock })
  admin = world.canal.admin
}, 60_000)
afterAll(() => world?.stop())
let turn = 0
beforeEach(async () => {
  // Nobody hands in twenty licences an hour, so two take turns.
  driver = turn++ % 2 === 0 ? world.canal.driver : world.canal.otherDriver
  await world.db.deleteFrom('licences').where('identity_id', '=', driver.identityId).execute()
  await world.db.deleteFrom('notices').execute()
})

const statesOf = async ({ identityId }: Person) =>
  (
    await world.db
      .selectFrom('licences')
      .select('state')
      .where('identity_id', '=', identityId)
      .orderBy('created_at')
      .orderBy('id')
      .execute()
  ).map(({ state }) => state)
const letters = async () =>
  (await world.db.selectFrom('notices').select(['kind', 'address', 'data']).orderBy('id').execute()).map(
    ({ kind, address, data }) => ({ kind, address, data }),
  )
const trail = async (action: 'licence.approved' | 'licence.rejected', subject: string) =>
  (
    await world.db
      .selectFrom('audit_entries')
      .select('actor_id')
      .where('action', '=', action)
      .where('subject', '=', subject)
      .execute()
  ).length
const page = async (person: Person, path = '/driver/licence') => (await person.client.get(path)).text()
const goOnline = (person: DriverPerson) =>
  person.client.call('POST', '/api/v1/driver/shift', { vehicleId: person.vehicleId })
const words = (change: Record<string, string> = {}) => ({
  key: crypto.randomUUID(),
  ...LICENCE_WORDS,
  ...change,
})

describe('handing in a licence', () => {
  test('pictures are read, shown for correction, and what was corrected is handed in', async () => {
    expect(await page(driver)).toContain('Three steps')
    const front = blob(
      await licencePicture([
        ...['NEW YORK STATE', 'DRIVER LICENSE', 'ID: 204 456 789', 'CLASS E', '1 LINDQVIST', '2 BO'],
        ...['DOB: 04/12/1985', 'ISS: 01/15/2024', 'EXP: 01/15/2031'],
      ]),
    )
    const sent = await driver.client.upload('/driver/licence/pictures', {
      ...{ key: crypto.randomUUID(), front, back: blob(await jpeg()) },
    })
    expect(sent.headers.get('location')).toBe('/driver/licence?saved=pictures#words-title')
    const form = await page(driver)
    for (const read of [
      'value="Bo Lindqvist"',
      'value="204 456 789"',
      'value="2031-01-15"',
      'selected>United States',
    ])
      expect(form).toContain(read)
    expect(form).toContain('Compare each with your card')
    const handed = await driver.client.form('/driver/licence', words({ number: 'T204 9999' }))
    expect(handed.headers.get('location')).toBe('/driver/licence?saved=submitted')
    expect(await statesOf(driver)).toEqual(['submitted'])
    expect(await page(driver)).toContain('Waiting for review')
    const queue = await page(admin, '/admin/licences')
    const id = /\/admin\/licences\/([0-9a-f-]{36})/.exec(queue)![1]!
    const review = await page(admin, `/admin/licences/${id}`)
    expect(review).toContain('The machine read “204 456 789”')
    expect(review).toContain('The same name.')
    expect(await letters()).toEqual([])
  }, 60_000)

  test('a mistake brings the form back with what was typed and the mistake at its field', async () => {
    await sendSides(driver)
    for (const [change, field] of [
      [{ expires_on: '2026-11-20' }, 'expires_on'],
      [{ expires_on: '2030-02-30' }, 'expires_on'],
      [{ expires_on: '2023-01-01' }, 'expires_on'],
      [{ legal_name: '   ' }, 'legal_name'],
      [{ legal_name: '12345' }, 'legal_name'],
      [{ number: '<b>' }, 'number'],
      [{ country: 'USA' }, 'country'],
      [{ classes: 'x'.repeat(61) }, 'classes'],
    ] as const) {
      const answer = await driver.client.form('/driver/licence', words(change))
      const form = await answer.text()
      expect([answer.status, form.includes(`id="field-${field}-error"`)], JSON.stringify(change)).toEqual([
        422,
        true,
      ])
      if (field !== 'number') expect(form).toContain('value="T204 4567"')
    }
    expect((await driver.client.form('/driver/licence', words({ state: 'approved' }))).status).toBe(422)
    expect(await statesOf(driver)).toEqual(['draft'])
  })

  test('the words alone are not enough: both sides are needed', async () => {
    const answer = await driver.client.form('/driver/licence', words())
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('Send a picture of each side first.')
    await sendSides(driver, { back: blob(await jpeg()) })
    expect((await driver.client.form('/driver/licence', words())).status).toBe(422)
    expect((await sendSides(driver, { front: new Blob(['no picture']) })).status).toBe(422)
  })

  test('a second one takes the place of the first, whose pictures go', async () => {
    const first = await handIn(driver)
    const before = await world.db
      .selectFrom('licences')
      .select(['front_id', 'back_id'])
      .where('id', '=', first)
      .executeTakeFirstOrThrow()
    const second = await handIn(driver, { number: 'T204 0002' })
    expect((await statesOf(driver)).toSorted()).toEqual(['submitted', 'withdrawn'])
    for (const id of [before.front_id, before.back_id])
      expect((await driver.client.get(`/uploads/${id}`)).status).toBe(404)
    expect((await decide(admin, first, 'approved')).status).toBe(409)
    expect((await decide(admin, second, 'approved')).status).toBe(200)
  })
})

describe('the decision', () => {
  test('approved, the driver may drive and is told; sent back, the reason is told and another try is open', async () => {
    expect(await (await goOnline(driver)).text()).toContain('has to be approved first')
    const first = await handIn(driver)
    expect(await page(driver, '/driver')).toContain('being looked at')
    expect((await decide(admin, first, 'rejected')).status).toBe(422)
    expect((await decide(admin, first, 'rejected', 'The back is blurred.')).status).toBe(200)
    expect(await page(driver)).toContain('The back is blurred.')
    expect(await page(driver, '/driver')).toContain('was not approved')
    const second = await handIn(driver)
    expect((await decide(admin, second, 'approved')).status).toBe(200)
    expect(await page(driver)).toContain('Good until <b>15 Jan 2031</b>')
    expect((await goOnline(driver)).status).toBe(201)
    expect(await letters()).toEqual([
      {
        ...{ kind: 'licence_rejected', address: driver.email },
        data: { name: driver.name, reason: 'The back is blurred.' },
      },
      {
        kind: 'licence_approved',
        address: driver.email,
        data: { name: driver.name, expiresOn: '2031-01-15' },
      },
    ])
    expect([await trail('licence.rejected', first), await trail('licence.approved', second)]).toEqual([1, 1])
    await driver.client.call('DELETE', '/api/v1/driver/shift')
  })

  test('the one that counts goes on counting until the new one is approved', async () => {
    await decide(admin, await handIn(driver, { expires_on: '2027-01-15' }), 'approved')
    const next = await handIn(driver)
    expect(await page(driver)).toContain('Until then your present one counts')
    expect((await goOnline(driver)).status).toBe(201)
    await driver.client.call('DELETE', '/api/v1/driver/shift')
    await decide(admin, next, 'rejected', 'Another person.')
    expect((await statesOf(driver)).toSorted()).toEqual(['approved', 'rejected'])
    await decide(admin, await handIn(driver), 'approved')
    expect((await statesOf(driver)).toSorted()).toEqual(['approved', 'rejected', 'replaced'])
  })

  test('of fifty who decide at once one wins, and the others are told', async () => {
    const id = await handIn(driver)
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        n % 2 === 0 ? decide(admin, id, 'approved') : decide(admin, id, 'rejected', `Reason ${n}`),
      ),
    )
    const won = answers.filter(({ status }) => status === 200)
    expect(won).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(49)
    expect(await letters()).toHaveLength(1)
    expect((await trail('licence.approved', id)) + (await trail('licence.rejected', id))).toBe(1)
    const late = await admin.client.form(`/admin/licences/${id}/decision`, {
      ...{ key: crypto.randomUUID(), verdict: 'approved' },
    })
    expect(late.headers.get('location')).toBe(`/admin/licences/${id}?told=decided_already`)
    expect(await page(admin, `/admin/licences/${id}?told=decided_already`)).toContain('Somebody else decided')
  })

  test('is the company’s own admins’: others neither see nor decide', async () => {
    const { canal, uptown } = world
    const id = await handIn(driver)
    for (const person of [canal.dispatcher, canal.rider, driver]) {
      expect((await person.client.get(`/admin/licences/${id}`)).status).toBe(403)
      expect((await decide(person, id, 'approved')).status).toBe(403)
    }
    expect((await uptown.admin.client.get(`/admin/licences/${id}`)).status).toBe(404)
    expect((await decide(uptown.admin, id, 'approved')).status).toBe(404)
    const family = driver.name.split(' ')[1]!
    expect(await page(uptown.admin, '/admin/licences')).not.toContain(family)
    expect(await page(uptown.admin, '/admin/licences?view=drivers')).not.toContain(family)
    expect(await page(admin, `/admin/licences?view=drivers&q=${family.slice(0, 4).toLowerCase()}`)).toContain(
      driver.name,
    )
    expect(await statesOf(driver)).toEqual(['submitted'])
  })

  test('somebody who asked to drive becomes a driver with the first one approved', async () => {
    const person = await world.newRider('Aya Applicant')
    expect(await page(person)).toContain('You do not drive here')
    expect((await sendSides(person)).status).toBe(404)
    const { companyId } = world.canal
    const from = { address: '127.0.0.1', requestId: crypto.randomUUID() }
    await commit(world, (unit) =>
      applyToDrive(unit, world.random, { identityId: person.identityId, companyId, from }),
    )
    const id = await handIn(person)
    expect(await page(admin, '/admin/licences')).toContain('wants to drive')
    expect(await page(admin, `/admin/licences/${id}`)).toContain('and make them a driver')
    expect((await decide(admin, id, 'approved')).status).toBe(200)
    const made = await world.db
      .selectFrom('drivers')
      .innerJoin('memberships', 'memberships.identity_id', 'drivers.identity_id')
      .select(['drivers.call_sign', 'memberships.role'])
      .where('drivers.identity_id', '=', person.identityId)
      .execute()
    expect(made).toEqual([{ call_sign: '205', role: 'driver' }])
    clock.advance(2_000)
    expect((await person.client.get('/driver')).status).toBe(200)
    const open = await world.db
      .selectFrom('driver_applications')
      .select('approved')
      .where('identity_id', '=', person.identityId)
      .execute()
    expect(open).toEqual([{ approved: true }])
  })

  test('somebody who was taken off the fleet and asked again is put back on it, with what they had', async () => {
    const { companyId } = world.canal
    const { identityId, driverId } = driver
    const key = () => ({ key: crypto.randomUUID() })
    const removed = () =>
      admin.client.form(`/admin/deletion/driver/${driverId}`, { ...key(), reason: 'left the company' })
    const row = () =>
      world.db
        .selectFrom('drivers')
        .select(['id', 'deleted_at', 'call_sign'])
        .where('company_id', '=', companyId)
        .where('identity_id', '=', identityId)
        .execute()
    const before = await row()
    // What waited when they were taken off the fleet does not bring them back.
    const waiting = await handIn(driver)
    expect((await removed()).status).toBe(303)
    expect((await decide(admin, waiting, 'approved')).status).toBe(404)
    expect((await row())[0]!.deleted_at).not.toBeNull()
    const from = { address: '127.0.0.1', requestId: crypto.randomUUID() }
    await commit(world, (unit) => applyToDrive(unit, world.random, { identityId, companyId, from }))
    clock.advance(2_000)
    expect((await decide(admin, await handIn(driver), 'approved')).status).toBe(200)
    expect(await row()).toEqual(before)
    clock.advance(2_000)
    expect((await driver.client.get('/driver')).status).toBe(200)
    expect(await page(admin, '/admin/deleted')).not.toContain('left the company')
    // The office may say yes without a licence: the same row, with the call sign it has.
    expect((await removed()).status).toBe(303)
    await commit(world, (unit) => applyToDrive(unit, world.random, { identityId, companyId, from }))
    const { id } = await world.db
      .selectFrom('driver_applications')
      .select('id')
      .where('identity_id', '=', identityId)
      .where('decided_at', 'is', null)
      .executeTakeFirstOrThrow()
    const given = await admin.client.form(`/admin/applications/${id}/approval`, {
      ...{ ...key(), call_sign: '399' },
    })
    expect(given.status).toBe(303)
    expect(await row()).toEqual(before)
    expect(await page(admin, '/admin/deleted')).not.toContain('left the company')
  })
})

describe('driving turned off and on', () => {
  const capability = (person: Person, fields: Record<string, string>) =>
    person.client.form(
      `/admin/drivers/${driver.driverId}/capability`,
      { key: crypto.randomUUID(), ...fields },
      { accept: 'application/json' },
    )
  const own = (able: 'on' | 'off') =>
    driver.client.form(
      '/driver/capability',
      { key: crypto.randomUUID(), able },
      { accept: 'application/json' },
    )

  test('by the company for a reason, with a letter; the driver cannot turn it on', async () => {
    await decide(admin, await handIn(driver), 'approved')
    await world.db.deleteFrom('notices').execute()
    expect((await capability(admin, { able: 'off' })).status).toBe(422)
    expect((await capability(world.uptown.admin, { able: 'off', reason: 'x' })).status).toBe(404)
    expect((await capability(admin, { able: 'off', reason: 'Complaints.' })).status).toBe(200)
    expect(await (await goOnline(driver)).text()).toContain('turned driving off')
    expect(await page(driver)).toContain('Complaints.')
    expect((await own('on')).status).toBe(409)
    expect((await capability(admin, { able: 'on' })).status).toBe(200)
    expect((await goOnline(driver)).status).toBe(201)
    await driver.client.call('DELETE', '/api/v1/driver/shift')
    expect((await letters()).map(({ kind }) => kind)).toEqual(['driving_disabled', 'driving_enabled'])
  })

  test('by drivers for themselves, without a letter, and not without end', async () => {
    await decide(admin, await handIn(driver), 'approved')
    await world.db.deleteFrom('notices').execute()
    expect((await own('off')).status).toBe(200)
    expect(await (await goOnline(driver)).text()).toContain('for yourself')
    expect((await own('on')).status).toBe(200)
    expect(await letters()).toEqual([])
    const statuses: number[] = []
    for (let n = 0; n < 10; n++) statuses.push((await own(n % 2 === 0 ? 'off' : 'on')).status)
    expect(statuses.at(-1)).toBe(429)
    await world.db
      .updateTable('drivers')
      .set({ stopped_at: null })
      .where('id', '=', driver.driverId)
      .execute()
  })

  test('an open shift ends with the next tick', async () => {
    await decide(admin, await handIn(driver), 'approved')
    expect((await goOnline(driver)).status).toBe(201)
    await capability(admin, { able: 'off', reason: 'Complaints.' })
    for (const dispatcher of world.dispatchers) await dispatcher.run()
    const shift = await world.db
      .selectFrom('shifts')
      .select('end_reason')
      .where('driver_id', '=', driver.driverId)
      .where('end_reason', '<>', 'ended by driver')
      .executeTakeFirst()
    expect(shift?.end_reason).toBe('driver_disabled')
    await capability(admin, { able: 'on' })
  })
})

// Last, as it moves the clock on by weeks.
describe('time', () => {
  test('a reminder that could not go out on its day is made up for once, with the days that are left', async () => {
    const at = new Date(clock.nowMs()).toISOString().slice(0, 10)
    const day = (days: number) => new Date(Date.parse(at) + days * DAY_MS).toISOString().slice(0, 10)
    await decide(admin, await handIn(driver, { expires_on: day(5) }), 'approved')
    await world.db.deleteFrom('notices').execute()
    for (let n = 0; n < 3; n++) await watchLicences({ ...world, random: world.random })
    expect((await letters()).map(({ kind, data }) => [kind, (data as { days: number }).days])).toEqual([
      ['licence_expiring', 5],
    ])
  })

  test('reminders go out 7, 3 and 1 days ahead, once each however many look, then the end', async () => {
    // Midnight in New York.
    const today = Date.UTC(2026, 10, 22, 5)
    clock.advance(today - clock.nowMs())
    await decide(admin, await handIn(driver, { expires_on: '2026-12-02' }), 'approved')
    await world.db.deleteFrom('notices').execute()
    const deps = { ...world, random: world.random }
    const told: Record<string, unknown[]> = {}
    for (let day = 0; day < 13; day++) {
      // Five processes, several times a day.
      for (let hour = 0; hour < 24; hour += 8) {
        await Promise.all(Array.from({ length: 5 }, () => watchLicences(deps)))
        clock.advance(8 * 3_600_000)
      }
      const sent = (await letters()).filter(({ address }) => address === driver.email)
      if (sent.length > 0)
        told[new Date(today + day * DAY_MS).toISOString().slice(5, 10)] = sent.map(({ kind, data }) => [
          kind,
          (data as { days?: number }).days,
        ])
      // As the clean-up does it: what was sent before is no longer known there.
      await world.db.deleteFrom('notices').execute()
    }
    expect(told).toEqual({
      '11-25': [['licence_expiring', 7]],
      '11-29': [['licence_expiring', 3]],
      '12-01': [['licence_expiring', 1]],
      '12-03': [['licence_expired', undefined]],
    })
    expect((await statesOf(driver)).at(-1)).toBe('expired')
    const capability = await capabilityOf(world.db, {
      ...{ companyId: world.canal.companyId, driverId: driver.driverId, nowMs: clock.nowMs() },
    })
    expect(capability?.hindrance).toBe('licence_expired')
  })
})

test('nothing went wrong on our side meanwhile', () => {
  expect(world.lines).toEqual([])
})
