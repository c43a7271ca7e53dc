import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import { type Client, makeClient } from '../support/client.ts'
import { askRide, pingAt } from '../support/ride-steps.ts'

let world: AppWorld

beforeAll(async () => {
  world = await startApp({ running: false })
  await askRide(world.canal.rider, 'so that she is a rider of theirs')
  await askRide(world.uptown.rider, 'so that she is a rider of theirs')
}, 60_000)
afterAll(() => world?.stop())

const WHY = { eyes_reason: 'She cannot find her receipt' }

/** The answer to the form, and the browser with the cookie that came with it. */
async function borrow(
  by: Person,
  whom: Person,
): Promise<{ status: number; to: string; eyes: Client | null }> {
  const answer = await by.client.form(`/admin/people/${whom.identityId}/impersonation`, {
    ...{ key: crypto.randomUUID(), ...WHY },
  })
  const to = answer.headers.get('location') ?? ''
  return { status: answer.status, to, eyes: await browserOf(by.client, answer) }
}

/** The browser after an answer that set the session's cookie, with a token for its forms. */
async function browserOf(before: Client, answer: Response): Promise<Client | null> {
  const cookie = answer.headers
    .getSetCookie()
    .find((line) => line.startsWith('honeycab='))
    ?.split(';')[0]
  if (cookie === undefined) return null
  const origin = before.origin
  const session = await fetch(`${origin}/api/v1/session`, { headers: { cookie } })
  const { csrf } = (await session.json()) as { csrf: string }
  return makeClient({ origin, session: { cookie, csrf } })
}

const entries = (action: string) =>
  world.db
    .selectFrom('audit_entries')
    .selectAll()
    .where('action', '=', action as never)
    .orderBy('sequence')
    .execute()

describe('whose eyes one may look through', () => {
  test("an admin: those of the company's drivers and riders", async () => {
    const { admin, driver, rider } = world.canal
    for (const whom of [driver, rider]) {
      const borrowed = await borrow(admin, whom)
      expect(borrowed.status).toBe(303)
      expect(await (await borrowed.eyes!.get('/rides')).text()).toContain(whom.name)
    }
  })

  test('never of staff, of oneself, of the other company, of the platform, or of who belongs elsewhere too', async () => {
    const { canal, uptown, platform } = world
    const both = await world.newRider('Zoe Both')
    for (const { companyId } of [canal, uptown])
      await world.db
        .insertInto('memberships')
        .values({ company_id: companyId, identity_id: both.identityId, role: 'driver' })
        .execute()
    for (const whom of [canal.dispatcher, canal.admin, uptown.driver, uptown.rider, platform, both]) {
      const { status, eyes } = await borrow(canal.admin, whom)
      expect([whom.name, status, eyes]).toEqual([whom.name, 404, null])
    }
    // The platform may look through anybody's but its own people's.
    expect((await borrow(platform, canal.admin)).status).toBe(303)
    expect((await borrow(platform, both)).status).toBe(303)
    expect((await borrow(platform, platform)).status).toBe(404)
  })

  test('not through eyes that are borrowed themselves', async () => {
    const { canal, platform } = world
    const { eyes } = await borrow(platform, canal.admin)
    const again = await eyes!.form(`/admin/people/${canal.driver.identityId}/impersonation`, {
      ...{ key: crypto.randomUUID(), ...WHY },
    })
    expect(again.status).toBe(403)
  })

  test('not without a reason', async () => {
    const { admin, driver } = world.canal
    const refused = await admin.client.form(`/admin/people/${driver.identityId}/impersonation`, {
      ...{ key: crypto.randomUUID(), eyes_reason: ' ' },
    })
    expect(refused.status).toBe(422)
    expect(await refused.text()).toContain('Say why')
  })
})

describe('while one looks', () => {
  test('every page says whose eyes, and leads back', async () => {
    const { eyes } = await borrow(world.canal.admin, world.canal.driver)
    for (const path of [
      '/',
      '/request',
      '/rides',
      '/driver',
      '/driver/earnings',
      '/account/profile',
      `/rides/${crypto.randomUUID()}`,
    ]) {
      const page = await (await eyes!.get(path)).text()
      expect(page).toContain('You look through the eyes of')
      expect(page).toContain('action="/impersonation/end"')
    }
    expect(await (await world.canal.driver.client.get('/driver')).text()).not.toContain('through the eyes of')
  })

  test('sensitive changes stay the person’s', async () => {
    const { eyes } = await borrow(world.platform, world.canal.admin)
    const { otherDriver, companyId } = world.canal
    const tried = await eyes!.form(`/admin/people/${otherDriver.identityId}/roles`, {
      ...{ key: crypto.randomUUID(), company: companyId, role: 'admin' },
    })
    expect(tried.status).toBe(403)
    expect(await tried.text()).toContain('Only the person may change this')
  })

  test('every unsafe request is written down with both, also one that is refused', async () => {
    const { admin, rider } = world.canal
    const { eyes } = await borrow(admin, rider)
    const before = (await entries('impersonation.acted')).length
    await eyes!.form('/account/profile', { key: crypto.randomUUID(), name: 'Ada B. Okafor' })
    await eyes!.call('POST', '/api/v1/rides', { quoteId: crypto.randomUUID(), payment: 'cash' })
    await eyes!.get('/rides')
    const written = (await entries('impersonation.acted')).slice(before)
    expect(written.map(({ detail }) => detail as unknown)).toEqual([
      { method: 'POST', path: '/account/profile' },
      { method: 'POST', path: '/api/v1/rides' },
    ])
    for (const entry of written)
      expect(entry).toMatchObject({ actor_id: admin.identityId, subject: rider.identityId })
  })

  test('it ends after half an hour, however much it is used', async () => {
    const { admin, rider } = world.canal
    await borrow(admin, rider)
    const session = await world.db
      .selectFrom('sessions')
      .select(['created_at', 'expires_at'])
      .where('impersonator_id', '=', admin.identityId)
      .orderBy('created_at', 'desc')
      .executeTakeFirstOrThrow()
    expect(session.expires_at.getTime() - session.created_at.getTime()).toBe(30 * 60_000)
  })

  test("a driver's position is not made by who looks", async () => {
    const { eyes } = await borrow(world.canal.admin, world.canal.driver)
    const answer = await eyes!.call('POST', '/api/v1/positions', { pings: [pingAt(world)] })
    expect(answer.status).toBe(403)
  })
})

describe('stopping', () => {
  test('leads back to one’s own session, under a new cookie; the borrowed one is over', async () => {
    const { admin, rider } = world.canal
    const { eyes } = await borrow(admin, rider)
    const answer = await eyes!.form('/impersonation/end', {})
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe(`/admin/people/${rider.identityId}`)
    const own = await browserOf(eyes!, answer)
    expect((await own!.get('/admin/people')).status).toBe(200)
    expect((await eyes!.get('/rides')).headers.get('location')).toStartWith('/sign-in')
    expect((await admin.client.get('/admin/people')).status).toBe(303)
  })

  test('who has no borrowed eyes has nothing to stop', async () => {
    expect((await world.canal.rider.client.form('/impersonation/end', {})).status).toBe(404)
  })

  test('ends with the admin’s own session, and with their role', async () => {
    const { canal, platform } = world
    const second = await world.newRider('Yara Second')
    await world.db
      .insertInto('memberships')
      .values({ company_id: canal.companyId, identity_id: second.identityId, role: 'admin' })
      .execute()
    const one = await borrow(second, canal.rider)
    expect((await one.eyes!.get('/rides')).status).toBe(200)
    const taken = await platform.client.form(`/admin/people/${second.identityId}/roles/removal`, {
      ...{ key: crypto.randomUUID(), company: canal.companyId, role: 'admin' },
    })
    expect(taken.status).toBe(303)
    expect((await one.eyes!.get('/rides')).headers.get('location')).toStartWith('/sign-in')
  })
})

test('the person sees in their own trail who looked, and why', async () => {
  const { admin, rider } = world.canal
  const started = (await entries('impersonation.started')).filter(
    ({ subject }) => subject === rider.identityId,
  )
  expect(started[0]).toMatchObject({
    ...{ actor_id: admin.identityId, company_id: world.canal.companyId, detail: { reason: WHY.eyes_reason } },
  })
})

test('and on their own page', async () => {
  const page = await (await world.canal.rider.client.get('/account/security')).text()
  expect(page).toContain(Bun.escapeHTML('began to look through somebody’s eyes'))
})

test('nothing went wrong on our side', () => {
  expect(world.lines).toEqual([])
})
