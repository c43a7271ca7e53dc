/** Whoever works with other people's rides needs a second factor: promise 33 of the quality bars. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { demoGoesWithout, type HeldRole, withholdRoles } from '../../src/accounts/staff-factor.ts'
import type { CompanyId } from '../../src/engine/units.ts'
import { ROLES, type Role } from '../../src/io/tables/accounts.ts'
import { type AuthenticatorApp, addApp } from '../support/factor.ts'
import { type Browser, browser, type Front, foundCompany, person, startFront } from '../support/front.ts'
import { permissions, routes } from '../support/shell-routes.ts'

const PASSWORD = 'larks above the canal'
const STEP_MS = 30_000

describe('the rule', () => {
  const role = fc.record({
    companyId: fc.uuid().map((id) => id as CompanyId),
    role: fc.constantFrom(...ROLES),
    demo: fc.boolean(),
  })
  const held = fc.record({ roles: fc.array(role), platform: fc.boolean() })
  const whole = (list: readonly { companyId: CompanyId; role: Role }[]) =>
    list.map((one) => `${one.companyId} ${one.role}`).toSorted()

  test('loses nothing: what somebody may not use yet is said to wait', () => {
    fc.assert(
      fc.property(held, fc.boolean(), fc.boolean(), (person, secondFactor, exempt) => {
        const got = withholdRoles(person, { secondFactor, demoGoesWithout: exempt })
        expect(whole([...got.memberships, ...got.withheld.memberships])).toEqual(whole(person.roles))
        expect([got.platform, got.withheld.platform].filter(Boolean).length).toBe(person.platform ? 1 : 0)
      }),
    )
  })

  test('withholds staff roles and the installation without a second factor, and a driver’s never', () => {
    fc.assert(
      fc.property(held, fc.boolean(), (person, exempt) => {
        const got = withholdRoles(person, { secondFactor: false, demoGoesWithout: exempt })
        expect(got.platform).toBe(false)
        const free = (one: HeldRole) => one.role === 'driver' || (one.demo && exempt)
        expect(whole(got.memberships)).toEqual(whole(person.roles.filter(free)))
      }),
    )
  })

  test('withholds nothing once there is one', () => {
    fc.assert(
      fc.property(held, (person) => {
        const got = withholdRoles(person, { secondFactor: true, demoGoesWithout: false })
        expect(got.withheld).toEqual({ memberships: [], platform: false })
      }),
    )
  })

  test('lets the demo’s people go without on our own database and this machine’s own address alone', () => {
    const url = 'postgres://honeycab@db/honeycab'
    for (const host of ['127.0.0.1', '127.8.0.1', 'localhost', '::1']) {
      expect(demoGoesWithout({ databaseUrl: null, host }), host).toBe(true)
      expect(demoGoesWithout({ databaseUrl: url, host }), host).toBe(false)
    }
    for (const host of ['0.0.0.0', '::', '10.0.0.5', 'cabs.example', '127.0.0.1.example', '1127.0.0.1'])
      expect(demoGoesWithout({ databaseUrl: null, host }), host).toBe(false)
  })
})

describe('at a company of its own', () => {
  let front: Front
  let companyId: CompanyId
  let people = 0
  let addresses = 1
  const newBrowser = () => browser(front.app, `198.51.100.${addresses++}`)

  beforeAll(async () => {
    front = await startFront({ routes, permissions })
    companyId = await foundCompany(front, 'hudson-street', false)
  }, 60_000)
  afterAll(() => front.stop())

  async function hired(...roles: Role[]): Promise<{ email: string; at: Browser; landed: string | null }> {
    const email = `staff${people++}@hudson-street.example`
    await person(front, { name: 'Ines Duarte', email, password: PASSWORD, roles, companyId })
    const at = newBrowser()
    const answer = await at.signIn(email, PASSWORD)
    return { email, at, landed: answer.headers.get('location') }
  }
  async function known(at: Browser) {
    const { viewer } = (await (await at.get('/api/v1/session')).json()) as {
      viewer: { memberships: unknown[]; withheld: { memberships: { role: string }[] }; secondFactor: boolean }
    }
    return viewer
  }

  test.each(['dispatcher', 'operator', 'admin'] as const)(
    'a %s without one is led to where it is added, and told why',
    async (role) => {
      const { at, landed } = await hired(role)
      expect(landed).toBe('/account/security')
      expect(await known(at)).toMatchObject({
        memberships: [],
        withheld: { memberships: [{ role, companyId }] },
        secondFactor: false,
      })
      const page = await (await at.get('/account/security')).text()
      expect(page).toContain('Add a second factor to start work')
      expect(page).toContain(`${role} of hudson-street`)
    },
  )

  test('their pages lead there too, calls are refused in words', async () => {
    const { at } = await hired('dispatcher')
    const page = await at.get('/desk')
    expect([page.status, page.headers.get('location')]).toEqual([303, '/account/security'])
    const call = await at.get('/desk', { accept: 'application/json' })
    expect(call.status).toBe(403)
    expect((await call.json()) as object).toMatchObject({
      detail: expect.stringContaining('second factor'),
    })
    const thing = await at.get(`/companies/${companyId}`)
    expect(thing.status).toBe(404)
  })

  test('what they may do besides stays theirs: a driver drives', async () => {
    const { at, landed } = await hired('driver')
    expect(landed).toBe('/driver')
    expect((await at.get('/wheel')).status).toBe(200)
    const both = await hired('driver', 'dispatcher')
    expect((await both.at.get('/wheel')).status).toBe(200)
    expect((await both.at.get('/desk')).status).toBe(303)
  })

  let ines: { email: string; at: Browser; app: AuthenticatorApp }
  test('adding one opens the desk in the same session, under a new token', async () => {
    const { email, at } = await hired('dispatcher')
    const before = at.cookies.get('honeycab')!
    const app = await addApp(at, front.clock)
    ines = { email, at, app }
    expect(at.cookies.get('honeycab')).not.toBe(before)
    expect((await at.get('/desk')).status).toBe(200)
    expect(await known(at)).toMatchObject({ secondFactor: true, withheld: { memberships: [] } })
    const old = newBrowser()
    old.cookies.set('honeycab', before)
    expect(await known(old)).toBeNull()
  })

  test('from then on the desk opens after both steps', async () => {
    front.clock.advance(2 * STEP_MS)
    const at = newBrowser()
    expect((await at.signIn(ines.email, PASSWORD)).headers.get('location')).toBe('/sign-in/second')
    expect((await at.get('/desk')).headers.get('location')).toStartWith('/sign-in')
    const second = await at.post('/sign-in/second', { code: await ines.app.code() })
    expect(second.headers.get('location')).toBe('/board')
    expect((await at.get('/desk')).status).toBe(200)
  })

  test('a new password does not go around it', async () => {
    front.clock.advance(2 * STEP_MS)
    const { id } = await front.db
      .selectFrom('identities')
      .select('id')
      .where('email', '=', ines.email)
      .executeTakeFirstOrThrow()
    await front.auth.setPassword(id, 'two hundred and four')
    const at = newBrowser()
    expect((await at.signIn(ines.email, 'two hundred and four')).headers.get('location')).toBe(
      '/sign-in/second',
    )
    await at.post('/sign-in/second', { code: await ines.app.code() })
    ines = { ...ines, at }
    expect((await at.get('/desk')).status).toBe(200)
  })

  test('taking it away takes the desk away, in all sessions at once', async () => {
    front.clock.advance(2 * STEP_MS)
    const other = newBrowser()
    await other.signIn(ines.email, 'two hundred and four')
    await other.post('/sign-in/second', { code: await ines.app.code() })
    expect((await other.get('/desk')).status).toBe(200)
    await ines.at.post('/account/security/app/removal', { key: crypto.randomUUID() })
    front.clock.advance(2_000)
    for (const at of [ines.at, other]) {
      expect((await at.get('/desk')).headers.get('location')).toBe('/account/security')
      expect(await known(at)).toMatchObject({ secondFactor: false })
    }
  })

  test('whoever runs the installation needs one as well', async () => {
    const email = 'root@hudson-street.example'
    const id = await person(front, { name: 'Max Weber', email, password: PASSWORD })
    await front.db.updateTable('identities').set({ platform: true }).where('id', '=', id).execute()
    const at = newBrowser()
    expect((await at.signIn(email, PASSWORD)).headers.get('location')).toBe('/account/security')
    expect(await known(at)).toMatchObject({ withheld: { platform: true } })
    await addApp(at, front.clock)
    expect(await known(at)).toMatchObject({ withheld: { platform: false } })
  })
})

describe('the demo’s people', () => {
  test.each([
    ['go without on the embedded database and loopback', {}, '/board'],
    [
      'need one where the database is a server',
      { DATABASE_URL: 'postgres://honeycab@db/honeycab' },
      '/account/security',
    ],
    ['need one where others can come in', { HOST: '0.0.0.0' }, '/account/security'],
  ] as const)(
    '%s',
    async (_name, env, landed) => {
      const front = await startFront({ env })
      try {
        const companyId = await foundCompany(front, 'canal-street', true)
        const email = 'ines@demo.honeycab'
        await person(front, { name: 'Ines', email, password: PASSWORD, roles: ['dispatcher'], companyId })
        const answer = await browser(front.app).signIn(email, PASSWORD)
        expect(answer.headers.get('location')).toBe(landed)
      } finally {
        await front.stop()
      }
    },
    20_000,
  )
})
