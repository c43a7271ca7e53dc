import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { IdentityId, RideId } from '../../src/engine/units.ts'
import type { Role } from '../../src/io/tables/accounts.ts'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import { type Client, makeClient } from '../support/client.ts'
import { askPrices, askRide, goOnline } from '../support/ride-steps.ts'

let world: AppWorld
let platform: Person

beforeAll(async () => {
  world = await startApp({ running: false, passwords: true })
  platform = world.platform
}, 60_000)
afterAll(() => world?.stop())

/** A form of a person's page, sent once. */
const send = (who: Client, person: IdentityId, tail: string, fields: Record<string, string> = {}) =>
  who.form(`/admin/people/${person}/${tail}`, { key: crypto.randomUUID(), ...fields })

const rolesOf = async (identityId: IdentityId): Promise<Role[]> =>
  (
    await world.db
      .selectFrom('memberships')
      .select('role')
      .where('identity_id', '=', identityId)
      .orderBy('role')
      .execute()
  ).map(({ role }) => role)

const lastEntry = (action: string) =>
  world.db
    .selectFrom('audit_entries')
    .selectAll()
    .where('action', '=', action)
    .orderBy('sequence', 'desc')
    .executeTakeFirstOrThrow()

const askedRide = async (rider: Person, note: string) => ({ id: (await askRide(rider, note)).id as RideId })

/** The page without its top, where the admin's own name stands. */
const listed = (page: string) => page.slice(page.indexOf('<main'))

/** Somebody new who works at Canal Street. */
async function hire(name: string, roles: readonly Role[]): Promise<Person> {
  const person = await world.newRider(name)
  const { companyId } = world.canal
  for (const role of roles)
    await world.db
      .insertInto('memberships')
      .values({ company_id: companyId, identity_id: person.identityId, role })
      .execute()
  return person
}

describe('who is in sight', () => {
  test("an admin finds the company's people and its riders, and nobody of the other company", async () => {
    await askRide(world.canal.otherRider, 'by the door')
    const page = await (await world.canal.admin.client.get('/admin/people')).text()
    for (const name of ['Bo Lindqvist', 'Ines Duarte', 'Max Weber', 'Eve Marsh']) expect(page).toContain(name)
    for (const name of ['Uri Strand', 'Ursa Wharf', 'Uma Rivers', 'Petra Grid'])
      expect(page).not.toContain(name)
    // Who has neither worked there nor ridden there is nobody of theirs.
    expect(page).not.toContain('Ada Okafor')
  })

  test('the platform finds everybody', async () => {
    const page = await (await platform.client.get('/admin/people')).text()
    for (const name of ['Bo Lindqvist', 'Uri Strand', 'Ada Okafor', 'Max Weber']) expect(page).toContain(name)
  })

  const SEARCHES: [string, string[], string[]][] = [
    ['q=lind', ['Bo Lindqvist'], ['Max Weber']],
    ['q=ines%40demo', ['Ines Duarte'], ['Bo Lindqvist']],
    ['q=%25', [], ['Bo Lindqvist']],
    ['role=driver', ['Bo Lindqvist', 'Cy Duval'], ['Ines Duarte']],
    ['role=admin', ['Max Weber'], ['Bo Lindqvist']],
    ['state=banned', [], ['Bo Lindqvist']],
  ]
  test.each(SEARCHES)('searching %s', async (query, found, missing) => {
    const page = listed(
      await world.canal.admin.client.get(`/admin/people?${query}`).then((answer) => answer.text()),
    )
    for (const name of found) expect(page).toContain(name)
    for (const name of missing) expect(page).not.toContain(name)
  })

  test('another company named in the address shows nothing of it', async () => {
    const { admin } = world.canal
    const page = await (await admin.client.get(`/admin/people?company=${world.uptown.companyId}`)).text()
    expect(page).not.toMatch(/Uri Strand|Ursa Wharf/)
  })

  test('page by page, everybody once', async () => {
    for (let n = 0; n < 120; n++) await world.newRider(`Crowd${n} Member`)
    const seen: string[] = []
    let path: string | undefined = '/admin/people?q=crowd'
    while (path !== undefined) {
      const page = await (await platform.client.get(path)).text()
      seen.push(...[...page.matchAll(/Crowd(\d+) Member<\/b>/g)].map((match) => match[1]!))
      path = /href="([^"]*after=[^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&')
    }
    expect(seen).toHaveLength(120)
    expect(new Set(seen).size).toBe(120)
  }, 60_000)

  test('out of sight looks like not there, for every deed', async () => {
    const { admin } = world.canal
    const { driver, companyId } = world.uptown
    const forms: [string, Record<string, string>][] = [
      ['roles', { company: companyId, role: 'admin' }],
      ['roles', { company: world.canal.companyId, role: 'dispatcher' }],
      ['roles/removal', { company: companyId, role: 'driver' }],
      ['ban', { company: companyId, reason: 'because we can' }],
      ['ban', { company: world.canal.companyId, reason: 'because we can' }],
      ['ban/lift', { company: companyId }],
      ['sessions/end', {}],
      ['unlock', {}],
      ['impersonation', { eyes_reason: 'because we can' }],
    ]
    expect((await admin.client.get(`/admin/people/${driver.identityId}`)).status).toBe(404)
    for (const [tail, fields] of forms)
      expect((await send(admin.client, driver.identityId, tail, fields)).status).toBe(404)
    expect(await rolesOf(driver.identityId)).toEqual(['driver'])
    expect((await driver.client.get('/driver')).status).toBe(200)
  })

  test("an admin cannot act on one of their own at somebody else's company", async () => {
    const { admin, dispatcher } = world.canal
    for (const [tail, fields] of [
      ['roles', { company: world.uptown.companyId, role: 'admin' }],
      ['ban', { company: world.uptown.companyId, reason: 'because we can' }],
      ['ban', { company: 'everywhere', reason: 'because we can' }],
      ['ban/lift', { company: 'everywhere' }],
    ] as const)
      expect((await send(admin.client, dispatcher.identityId, tail, fields)).status).toBe(404)
  })
})

describe('roles', () => {
  test('given: told by letter, audited with before and after, in force at the next request', async () => {
    const { admin, companyId } = world.canal
    const person = await hire('Gale Winter', ['operator'])
    expect((await person.client.get('/board')).status).toBe(403)
    const given = await send(admin.client, person.identityId, 'roles', {
      company: companyId,
      role: 'dispatcher',
    })
    expect(given.headers.get('location')).toBe(`/admin/people/${person.identityId}?done=granted`)
    expect(await rolesOf(person.identityId)).toEqual(['dispatcher', 'operator'])
    expect((await person.client.get('/board')).status).toBe(200)
    expect(await lastEntry('membership.granted')).toMatchObject({
      ...{ actor_id: admin.identityId, subject: person.identityId, company_id: companyId },
      detail: {
        role: 'dispatcher',
        before: { roles: ['operator'] },
        after: { roles: ['dispatcher', 'operator'] },
      },
    })
    const letter = await world.db
      .selectFrom('notices')
      .select(['kind', 'data'])
      .where('identity_id', '=', person.identityId)
      .executeTakeFirstOrThrow()
    expect(letter).toMatchObject({ kind: 'roles_changed', data: { roles: 'dispatcher, operator' } })
  })

  test('taken away: gone at the next request', async () => {
    const { admin, companyId } = world.canal
    const person = await hire('Hal Vesper', ['dispatcher'])
    expect((await person.client.get('/board')).status).toBe(200)
    await send(admin.client, person.identityId, 'roles/removal', { company: companyId, role: 'dispatcher' })
    expect((await person.client.get('/board')).status).toBe(403)
    expect(await lastEntry('membership.removed')).toMatchObject({ subject: person.identityId })
  })

  test('a new driver gets a call sign, which nobody else has', async () => {
    const { admin, companyId, driver } = world.canal
    const person = await hire('Ida Quist', ['operator'])
    const give = (callSign: string) =>
      send(admin.client, person.identityId, 'roles', {
        ...{ company: companyId, role: 'driver', call_sign: callSign },
      })
    const taken = await world.db
      .selectFrom('drivers')
      .select('call_sign')
      .where('id', '=', driver.driverId)
      .executeTakeFirstOrThrow()
    for (const [callSign, words] of [
      ['', 'needs a call sign'],
      [taken.call_sign, 'Another driver has this call sign'],
      ['way too long for one', 'Up to 12 letters'],
    ] as const) {
      const refused = await give(callSign)
      expect(refused.status).toBe(422)
      expect(await refused.text()).toContain(words)
    }
    expect((await give('777')).status).toBe(303)
    expect((await person.client.get('/driver')).status).toBe(200)
  })

  test('a driver whose role is taken loses the ride ahead, which is offered again, and the shift', async () => {
    const { admin, companyId, driver, dispatcher, rider } = world.canal
    await goOnline(world, driver)
    const { id } = await askedRide(rider, 'at the gate')
    await dispatcher.client.done('POST', `/api/v1/board/rides/${id}/assignment`, {
      driverId: driver.driverId,
    })
    const take = () =>
      send(admin.client, driver.identityId, 'roles/removal', { company: companyId, role: 'driver' })
    expect((await take()).status).toBe(303)
    const ride = await world.db
      .selectFrom('rides')
      .select(['state', 'driver_id'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    expect(ride).toEqual({ state: 'requested', driver_id: null })
    const shift = await world.db
      .selectFrom('shifts')
      .select('id')
      .where('driver_id', '=', driver.driverId)
      .where('ended_at', 'is', null)
      .execute()
    expect(shift).toEqual([])
    expect((await driver.client.get('/driver')).status).toBe(403)
    // Without a role they are nobody of the company's any more; the platform may still give it back.
    const back = { company: companyId, role: 'driver' }
    expect((await send(admin.client, driver.identityId, 'roles', back)).status).toBe(404)
    expect((await send(platform.client, driver.identityId, 'roles', back)).status).toBe(303)
    expect((await driver.client.get('/driver')).status).toBe(200)
    await dispatcher.client.done('POST', `/api/v1/board/rides/${id}/cancellation`, {
      reason: 'the test goes on',
    })
  })

  test('the last admin stays', async () => {
    const { admin, companyId } = world.canal
    const refused = await send(admin.client, admin.identityId, 'roles/removal', {
      company: companyId,
      role: 'admin',
    })
    expect(refused.status).toBe(422)
    expect(await refused.text()).toContain('last admin')
    expect(await rolesOf(admin.identityId)).toEqual(['admin'])
  })

  test('two admins who take the role from each other in the same instant: one admin stays, each time', async () => {
    const { companyId } = world.uptown
    for (let round = 0; round < 8; round++) {
      const people: Person[] = []
      await world.db
        .deleteFrom('memberships')
        .where('company_id', '=', companyId)
        .where('role', '=', 'admin')
        .execute()
      for (const name of [`Left${round} Hand`, `Right${round} Hand`]) {
        const person = await world.newRider(name)
        const row = { company_id: companyId, identity_id: person.identityId, role: 'admin' as const }
        await world.db.insertInto('memberships').values(row).execute()
        people.push(person)
      }
      const [left, right] = people as [Person, Person]
      const take = (from: Person, whom: Person) =>
        send(from.client, whom.identityId, 'roles/removal', { company: companyId, role: 'admin' })
      const answers = await Promise.all([take(left, right), take(right, left)])
      expect(answers.map(({ status }) => status).filter((status) => status === 303)).toHaveLength(1)
      const admins = await world.db
        .selectFrom('memberships')
        .select('identity_id')
        .where('company_id', '=', companyId)
        .where('role', '=', 'admin')
        .execute()
      expect(admins).toHaveLength(1)
    }
    const { admin } = world.uptown
    await world.db
      .insertInto('memberships')
      .values({ company_id: companyId, identity_id: admin.identityId, role: 'admin' })
      .execute()
  }, 60_000)

  test('an old proof is asked for again', async () => {
    const { companyId } = world.canal
    const admin = await hire('Oda Stale', ['admin'])
    const person = await hire('Pip Lane', ['operator'])
    await world.db
      .updateTable('sessions')
      .set({ proved_at: new Date(world.clock.nowMs() - 11 * 60_000) })
      .where('identity_id', '=', admin.identityId)
      .execute()
    const asked = await send(admin.client, person.identityId, 'roles', { company: companyId, role: 'admin' })
    expect(asked.headers.get('location')).toBe(
      `/confirm?next=${encodeURIComponent(`/admin/people/${person.identityId}`)}`,
    )
    expect(await rolesOf(person.identityId)).toEqual(['operator'])
  })
})

describe('a ban from one company', () => {
  test('stops driving, riding and working there, in plain words, and nothing elsewhere', async () => {
    const { admin, companyId } = world.canal
    const person = await hire('Rex Harrow', ['dispatcher'])
    await world.db
      .insertInto('memberships')
      .values({ company_id: world.uptown.companyId, identity_id: person.identityId, role: 'dispatcher' })
      .execute()
    const { id } = await askedRide(person, 'before the ban')
    const banned = await send(admin.client, person.identityId, 'ban', {
      ...{ company: companyId, reason: 'He shouted at a rider', until: '2099-01-31' },
    })
    expect(banned.headers.get('location')).toEndWith('?done=banned')
    const ride = await world.db
      .selectFrom('rides')
      .select(['state', 'ended_by'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    expect(ride).toEqual({ state: 'cancelled', ended_by: 'dispatcher' })
    const words = /Canal Street Cars has banned you until 1 February 2099.*He shouted at a rider\./
    const prices = await person.client.call('POST', '/api/v1/quotes', {
      ...{ from: { lat: 40.758, lng: -73.9855 }, to: { lat: 40.7074, lng: -74.0113 } },
    })
    expect(prices.status).toBe(403)
    expect(await prices.text()).toMatch(words)
    // At the other company they work and ride on; the sessions go on.
    const elsewhere = makeClient({ origin: world.uptown.admin.client.origin, session: person.client.session })
    expect((await elsewhere.get('/board')).status).toBe(200)
    expect(
      (
        await elsewhere.call('POST', '/api/v1/quotes', {
          from: { lat: 40.758, lng: -73.9855 },
          to: { lat: 40.7074, lng: -74.0113 },
        })
      ).status,
    ).toBe(201)
  })

  test('ends a driver on the way, and their socket, and the driver page says why', async () => {
    const { admin, companyId } = world.uptown
    const { driver, dispatcher, rider } = world.uptown
    await goOnline(world, driver)
    const { id } = await askedRide(rider, 'up the hill')
    await dispatcher.client.done('POST', `/api/v1/board/rides/${id}/assignment`, {
      driverId: driver.driverId,
    })
    const live = driver.client.live('/live/driver')
    expect(await live.opened).toBe('open')
    await send(admin.client, driver.identityId, 'ban', { company: companyId, reason: 'Papers are missing' })
    expect(await live.closed).toBeDefined()
    const page = await driver.client.get('/driver')
    expect(page.status).toBe(403)
    expect(await page.text()).toContain('Uptown Cars has banned you: Papers are missing.')
    const ride = await world.db
      .selectFrom('rides')
      .select('state')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    expect(ride.state).toBe('requested')
    const lifted = await send(admin.client, driver.identityId, 'ban/lift', { company: companyId })
    expect(lifted.headers.get('location')).toEndWith('?done=lifted')
    expect((await driver.client.get('/driver')).status).toBe(200)
    expect(await lastEntry('person.unbanned')).toMatchObject({
      subject: driver.identityId,
      company_id: companyId,
    })
  })

  const REFUSED: [string, Record<string, string>, string][] = [
    ['without a reason', { reason: '' }, 'Say why'],
    ['with half a reason', { reason: 'x' }, 'Say why'],
    ['until a day that is over', { reason: 'was rude', until: '2020-01-01' }, 'That day is over'],
  ]
  test.each(REFUSED)('is refused %s, and what was typed stays', async (_how, fields, words) => {
    const { admin, companyId, otherDriver } = world.canal
    const refused = await send(admin.client, otherDriver.identityId, 'ban', { company: companyId, ...fields })
    expect(refused.status).toBe(422)
    const page = await refused.text()
    expect(page).toContain(words)
    expect(page).toContain(fields.until ?? fields.reason ?? '')
    expect((await otherDriver.client.get('/driver')).status).toBe(200)
  })

  test('does not reach admins, oneself, or who runs the installation', async () => {
    const { admin, companyId } = world.canal
    const second = await hire('Tove Admin', ['admin'])
    for (const [by, whom] of [
      [admin, second.identityId],
      [platform, platform.identityId],
    ] as const)
      expect((await send(by.client, whom, 'ban', { company: companyId, reason: 'a quarrel' })).status).toBe(
        422,
      )
  })
})

describe('a ban by the platform', () => {
  test('ends every session and socket, and sign-in answers as to a wrong password', async () => {
    const { otherDriver } = world.uptown
    const live = otherDriver.client.live('/live/driver')
    expect(await live.opened).toBe('open')
    await send(platform.client, otherDriver.identityId, 'ban', { company: 'everywhere', reason: 'Fraud' })
    expect(await live.closed).toBeDefined()
    expect((await otherDriver.client.get('/driver')).headers.get('location')).toStartWith('/sign-in')
    const stranger = makeClient({ origin: otherDriver.client.origin })
    const tries = await Promise.all(
      [otherDriver.email, 'nobody@demo.honeycab'].map((email) =>
        stranger.call('POST', '/api/v1/session', { email, password: 'larks above the canal' }),
      ),
    )
    const texts = await Promise.all(tries.map((answer) => answer.text()))
    expect(tries.map(({ status }) => status)).toEqual([401, 401])
    const plain = texts.map((text) => ({ ...JSON.parse(text), reference: '' }))
    expect(plain[0]).toEqual(plain[1])
  })

  test('ends by itself when its time is over', async () => {
    const { liftLapsedBans } = await import('../../src/backoffice/bans.ts')
    const person = await hire('Yvo Tempo', ['dispatcher'])
    const past = new Date(world.clock.nowMs() - 1000)
    await world.db
      .updateTable('identities')
      .set({ banned_at: past, ban_until: past, ban_reason: 'a while' })
      .where('id', '=', person.identityId)
      .execute()
    expect((await person.client.get('/board')).status).toBe(303)
    const lifted = await Promise.all([1, 2, 3].map(() => liftLapsedBans({ ...world, random: world.random })))
    expect(lifted.reduce((sum, n) => sum + n, 0)).toBe(1)
    expect((await person.client.get('/board')).status).toBe(200)
  })
})

test('an admin ends the sessions of who works for them; who also works elsewhere is left to the platform', async () => {
  const { admin } = world.canal
  const mine = await hire('Vic Solo', ['dispatcher'])
  expect((await send(admin.client, mine.identityId, 'sessions/end')).status).toBe(303)
  expect((await mine.client.get('/board')).status).toBe(303)
  const shared = await hire('Wim Both', ['dispatcher'])
  await world.db
    .insertInto('memberships')
    .values({ company_id: world.uptown.companyId, identity_id: shared.identityId, role: 'driver' })
    .execute()
  expect((await send(admin.client, shared.identityId, 'sessions/end')).status).toBe(404)
  expect((await send(platform.client, shared.identityId, 'sessions/end')).status).toBe(303)
  expect((await shared.client.get('/board')).status).toBe(303)
})

test('a letter with a way to a new password goes to the person, and is written down', async () => {
  const { admin, dispatcher } = world.canal
  expect((await send(admin.client, dispatcher.identityId, 'reset-letter')).status).toBe(303)
  const letter = await world.db
    .selectFrom('notices')
    .select(['kind', 'address'])
    .where('identity_id', '=', dispatcher.identityId)
    .orderBy('created_at', 'desc')
    .executeTakeFirstOrThrow()
  expect(letter).toEqual({ kind: 'reset_password', address: dispatcher.email })
  const asked = await world.db
    .selectFrom('audit_entries')
    .select('actor_id')
    .where('action', '=', 'password.reset_asked')
    .where('subject', '=', dispatcher.identityId)
    .execute()
  expect(asked.map(({ actor_id }) => actor_id)).toContain(admin.identityId)
  expect((await send(admin.client, world.canal.rider.identityId, 'reset-letter')).status).toBe(404)
})

test('prices are asked for again after all that', async () => {
  expect((await askPrices(world.canal.rider)).options.length).toBeGreaterThan(0)
})

test('nothing went wrong on our side', () => {
  expect(world.lines).toEqual([])
})
