import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import {
  invite,
  openInvitations,
  sendInvitation,
  withdrawInvitation,
} from '../../src/accounts/invitations.ts'
import { LINK_LASTS_MS } from '../../src/accounts/links.ts'
import { assert } from '../../src/engine/units.ts'
import { manualClock } from '../../src/io/clock.ts'
import { commit } from '../../src/io/commit.ts'
import type { InvitedRole } from '../../src/io/tables/joining.ts'
import { type AppWorld, PASSWORD, type Person, startApp } from '../support/app-world.ts'
import { type Client, makeClient } from '../support/client.ts'
import { lettersTo, linkTo } from '../support/letters.ts'

const clock = manualClock(Date.UTC(2026, 10, 21, 9, 0, 0))
const FROM = { address: '203.0.113.9', requestId: 'test' }
let world: AppWorld
let count = 0
const newEmail = () => `staff${count++}@mail.example`

beforeAll(async () => {
  world = await startApp({ passwords: true, clock })
}, 60_000)
afterAll(() => world?.stop())

const by = (person: Person) => ({ viewer: { identityId: person.identityId, name: person.name }, from: FROM })

async function invited(
  email: string,
  role: InvitedRole = 'dispatcher',
): Promise<{ id: string; link: string }> {
  clock.advance(1)
  const { companyId, admin } = world.canal
  const made = await commit(world, (unit) =>
    invite(unit, world.random, by(admin), { companyId, email, role }),
  )
  assert(made.ok, 'nobody has the role yet')
  return { id: made.value, link: await linkTo(world.db, email) }
}

async function visitor(): Promise<Client> {
  const first = await world.stranger.get('/register')
  const cookie = first.headers.getSetCookie()[0]!.split(';')[0]!
  const csrf = /name="csrf" value="([^"]+)"/.exec(await first.text())![1]!
  return makeClient({ origin: world.stranger.origin, session: { cookie, csrf } })
}

const rolesOf = async (email: string) =>
  (
    await world.db
      .selectFrom('memberships')
      .innerJoin('identities', 'identities.id', 'memberships.identity_id')
      .select(['role', 'company_id'])
      .where('email', '=', email)
      .where('company_id', '=', world.canal.companyId)
      .execute()
  ).map(({ role }) => role)

const PASSWORD_OF_NEWCOMERS = 'seven quiet harbours'

describe('an invitation', () => {
  test('lets a newcomer in with a password of their own, confirmed and with the role', async () => {
    const email = newEmail()
    const { link } = await invited(email)
    expect(await lettersTo(world.db, email)).toMatchObject([
      {
        kind: 'invitation',
        data: { inviter: 'Max Weber', company: 'Canal Street Cars', role: 'dispatcher', days: 7 },
      },
    ])
    const browser = await visitor()
    const page = await (await browser.get(link)).text()
    expect(page).toContain('Join Canal Street Cars')
    expect(page).toContain('name="password"')
    const weak = await browser.form(link, { name: 'Sam Reed', password: 'canal street cars', email })
    expect([weak.status, await weak.text()]).toEqual([422, expect.stringContaining('value="Sam Reed"')])
    const done = await browser.form(link, { name: 'Sam Reed', password: PASSWORD_OF_NEWCOMERS, email })
    expect(await done.text()).toContain('You are with Canal Street Cars now')
    expect(await rolesOf(email)).toEqual(['dispatcher'])
    const person = await world.db
      .selectFrom('identities')
      .select(['id', 'name', 'email_verified'])
      .where('email', '=', email)
      .executeTakeFirstOrThrow()
    expect(person).toMatchObject({ name: 'Sam Reed', email_verified: true })
    expect((await lettersTo(world.db, email))[0]).toMatchObject({
      kind: 'roles_changed',
      data: { roles: 'dispatcher' },
    })
    const trail = await world.db
      .selectFrom('audit_entries')
      .select('action')
      .where('actor_id', '=', person.id)
      .execute()
    expect(trail.map(({ action }) => action).toSorted()).toEqual([
      ...['account.registered', 'invitation.accepted', 'membership.granted'],
    ])
    expect((await browser.get(link)).status).toBe(404)
  })

  test('gives the role to the account of its address, signed in or not, at its next request', async () => {
    const { rider, otherRider } = world.canal
    const { link } = await invited(rider.email)
    expect(await (await rider.client.get(link)).text()).toContain('Join Canal Street Cars')
    expect((await rider.client.get('/board')).status).toBe(403)
    expect((await rider.client.form(link, {})).status).toBe(200)
    expect(await rolesOf(rider.email)).toEqual(['dispatcher'])
    const { link: second } = await invited(otherRider.email, 'operator')
    const browser = await visitor()
    expect(await (await browser.get(second)).text()).toContain('Sign in afterwards')
    expect((await browser.form(second, {})).status).toBe(200)
    expect(await rolesOf(otherRider.email)).toEqual(['operator'])
  })

  test('is nothing for somebody signed in with another address', async () => {
    const email = newEmail()
    const { link } = await invited(email, 'admin')
    const { client } = world.canal.driver
    expect(await (await client.get(link)).text()).toContain('You are signed in as somebody else')
    expect((await client.form(link, { name: 'Bo', password: PASSWORD })).status).toBe(409)
    expect(await rolesOf(world.canal.driver.email)).toEqual(['driver'])
    expect((await (await visitor()).get(link)).status).toBe(200)
  })

  test('is accepted once, also when fifty accept it at the same time', async () => {
    const { email } = await world.newRider('Samir Reed')
    const { id, link } = await invited(email)
    const browser = await visitor()
    const answers = await Promise.all(Array.from({ length: 50 }, () => browser.form(link, {})))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => ![200, 404, 503].includes(status))).toEqual([])
    expect(await rolesOf(email)).toEqual(['dispatcher'])
    const accepted = await world.db
      .selectFrom('audit_entries')
      .select('id')
      .where('action', '=', 'invitation.accepted')
      .where('subject', '=', id)
      .execute()
    expect(accepted).toHaveLength(1)
  })

  test('sent again has one link that works, the newest', async () => {
    const email = newEmail()
    const { id, link: first } = await invited(email)
    const again = await invited(email)
    expect(again.id).toBe(id)
    clock.advance(1)
    const { companyId, admin } = world.canal
    const sent = await commit(world, (unit) =>
      sendInvitation(unit, world.random, by(admin), { companyId, id }),
    )
    expect(sent.ok).toBe(true)
    const browser = await visitor()
    const statuses = []
    for (const link of [first, again.link, await linkTo(world.db, email)])
      statuses.push((await browser.get(link)).status)
    expect(statuses).toEqual([404, 404, 200])
  })

  test('withdrawn or run out opens nothing', async () => {
    const { companyId, admin } = world.canal
    const [withdrawn, late] = [newEmail(), newEmail()]
    const one = await invited(withdrawn)
    const take = () =>
      commit(world, (unit) => withdrawInvitation(unit, world.random, by(admin), { companyId, id: one.id }))
    expect((await take()).ok).toBe(true)
    expect(await take()).toEqual({ ok: false, reason: 'not_found' })
    const browser = await visitor()
    expect((await browser.get(one.link)).status).toBe(404)
    const two = await invited(late)
    clock.advance(LINK_LASTS_MS.invitation - 1)
    expect((await browser.get(two.link)).status).toBe(200)
    clock.advance(1)
    expect((await browser.get(two.link)).status).toBe(404)
    expect((await openInvitations(world.db, [companyId])).map(({ email }) => email)).toContain(late)
    expect((await openInvitations(world.db, [companyId])).map(({ email }) => email)).not.toContain(withdrawn)
  })

  test('of a company is nothing to another one', async () => {
    const { id } = await invited(newEmail())
    const { companyId, admin } = world.uptown
    for (const verb of [sendInvitation, withdrawInvitation]) {
      const done = await commit<{ ok: boolean }>(world, (unit) =>
        verb(unit, world.random, by(admin), { companyId, id }),
      )
      expect(done).toEqual({ ok: false, reason: 'not_found' } as never)
    }
    expect(await openInvitations(world.db, [companyId])).toEqual([])
  })

  test('is not made for a role that somebody has', async () => {
    const { companyId, admin, dispatcher } = world.canal
    const wanted = { companyId, email: dispatcher.email, role: 'dispatcher' } as const
    expect(await commit(world, (unit) => invite(unit, world.random, by(admin), wanted))).toEqual({
      ok: false,
      reason: 'held',
    })
  })
})

describe('changing one’s own password', () => {
  /** Somebody signed in twice. */
  async function twice(name: string): Promise<{ person: Person; here: Client; there: Client }> {
    const person = await world.newRider(name)
    const seats: Client[] = []
    for (let n = 0; n < 2; n++) {
      const session = await world.auth.mintSession(person.identityId)
      seats.push(makeClient({ origin: person.client.origin, session }))
    }
    const [here, there] = seats
    return { person, here: here!, there: there! }
  }
  const viewerOf = async (client: Client) =>
    (await client.done<{ viewer: unknown }>('GET', '/api/v1/session')).viewer

  test('ends the other sessions, gives this one a new token, and tells by letter', async () => {
    const { person, here, there } = await twice('Petra Change')
    const weak = await here.form('/account/password', {
      password: 'petra change 1',
      key: crypto.randomUUID(),
    })
    expect([weak.status, await weak.text()]).toEqual([422, expect.stringContaining('your name')])
    const answer = await here.form('/account/password', {
      ...{ password: 'eight louder harbours', email: person.email, key: crypto.randomUUID() },
    })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/account/security?saved=password'])
    const cookie = answer.headers
      .getSetCookie()
      .find((line) => line.startsWith('honeycab='))!
      .split(';')[0]!
    const now = makeClient({ origin: here.origin, session: { cookie, csrf: here.session!.csrf } })
    expect([await viewerOf(now), await viewerOf(here), await viewerOf(there)]).toEqual([
      expect.objectContaining({ email: person.email }),
      null,
      null,
    ])
    // The page that is open goes on: its tokens are tied to the session, which is the same.
    expect((await now.form('/sign-out', {})).status).toBe(303)
    const [letter] = await lettersTo(world.db, person.email)
    expect(letter!.kind).toBe('password_changed')
    const kept = await world.db
      .selectFrom('idempotency_keys')
      .select('body_hash')
      .where('identity_id', '=', person.identityId)
      .where('route', 'like', '%/account/password')
      .execute()
    // A quick hash of a password would be as good as the password.
    const { hashBody } = await import('../../src/web/idempotency.ts')
    expect(kept.map(({ body_hash }) => body_hash)).toEqual([hashBody({})])
  })

  test('asks for a factor when the last one was given a while ago', async () => {
    const { here } = await twice('Paula Late')
    clock.advance(11 * 60_000)
    const confirm = '/confirm?next=%2Faccount%2Fpassword'
    expect((await here.get('/account/password')).headers.get('location')).toBe(confirm)
    const answer = await here.form('/account/password', {
      password: 'eight louder harbours',
      key: crypto.randomUUID(),
    })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, confirm])
  })
})

test('nothing went wrong on our side meanwhile', () => {
  expect(world.lines).toEqual([])
})
