import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  addCampus,
  addDomain,
  campusByEmail,
  campusDomainOf,
  campusOf,
  keptDomain,
  listCampuses,
  removeDomain,
} from '../../src/companies/campuses.ts'
import { assert, type IdentityId } from '../../src/engine/units.ts'
import { makeLocalBus } from '../../src/io/bus/local.ts'
import { manualClock } from '../../src/io/clock.ts'
import { commit } from '../../src/io/commit.ts'
import { createLog } from '../../src/io/log.ts'
import { systemRandom } from '../../src/io/random.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const clock = manualClock(Date.UTC(2026, 10, 21, 9, 0, 0))
const random = systemRandom(clock)
let database: TestDatabase
let campusId: string

beforeAll(async () => {
  database = await testDatabase()
  campusId = await inUnit(async (unit) => {
    const made = await addCampus(unit, random, {
      ...{ slug: 'hill', name: 'Hill University', city: 'New York', timeZone: 'America/New_York' },
    })
    assert(made.ok, 'the first campus')
    for (const domain of ['campus.edu', 'students.campus.edu', 'xn--mnchen-3ya.example'])
      expect(await addDomain(unit, made.value, domain)).toMatchObject({ ok: true })
    return made.value
  })
}, 60_000)
afterAll(() => database.stop())

const inUnit: <T>(work: Parameters<typeof commit<T>>[1]) => Promise<T> = (work) =>
  commit({ db: database.db, bus: makeLocalBus(createLog('silent')), clock }, work)
const nameOf = async (email: string) => (await campusByEmail(database.db, email))?.name ?? null

describe('an address belongs to a campus', () => {
  test.each([
    'ada@campus.edu',
    'a.okafor@students.campus.edu',
    "o'neil_2@campus.edu",
    'x@xn--mnchen-3ya.example',
  ])('by exactly one of its domains: %s', async (email) => {
    expect(await nameOf(email)).toBe('Hill University')
  })

  test.each([
    'ada@evil-campus.edu',
    'ada@evilcampus.edu',
    'ada@campus.edu.evil.com',
    'ada@staff.campus.edu',
    'ada@x.students.campus.edu',
    'ada@campus.edu.',
    'ada@.campus.edu',
    'ada@campus..edu',
    'ada@campus.ed',
    'ada@CAMPUS.EDU',
    'ada@Campus.edu',
    'ada@cаmpus.edu',
    'ada@campus.edu\u200b',
    'ada@campus。edu',
    'ada@ｃampus.edu',
    'ada@münchen.example',
    'ada@campus.edu:25',
    'ada@campus.edu/x',
    'ada@[campus.edu]',
    'ada@evil.com@campus.edu',
    'ada@campus.edu@evil.com',
    '"ada@evil.com"@campus.edu',
    '"ada"@campus.edu',
    'ada+2@campus.edu',
    'ada..x@campus.edu',
    '.ada@campus.edu',
    ' ada@campus.edu',
    'ada@campus.edu ',
    'ada@campus.edu\n',
    'ada\n@campus.edu',
    '@campus.edu',
    'campus.edu',
    '',
  ])('and by nothing that looks like it: %j', async (email) => {
    expect(await nameOf(email)).toBeNull()
  })

  test('whatever is put before, after or into its domain, it is another one', () => {
    const piece = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
    fc.assert(
      fc.property(piece, fc.nat(10), (text, where) => {
        const domain = `${'campus.edu'.slice(0, where)}${text}${'campus.edu'.slice(where)}`
        expect(campusDomainOf(`ada@${domain}`)).not.toBe('campus.edu')
      }),
      { numRuns: 1_000 },
    )
  })

  test('what is found is what stands behind the only @, letter for letter', () => {
    fc.assert(
      fc.property(fc.emailAddress(), fc.string({ maxLength: 30 }), (email, noise) => {
        for (const address of [email, email.toLowerCase(), `${noise}${email}`, `${email}${noise}`]) {
          const domain = campusDomainOf(address)
          if (domain === null) continue
          expect(address.endsWith(`@${domain}`)).toBe(true)
          expect(address.split('@')).toHaveLength(2)
          expect(domain).toMatch(/^[a-z0-9.-]+$/)
          expect(keptDomain(domain) === domain || /^[\d.]+$/.test(domain) || domain.includes('xn--')).toBe(
            true,
          )
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('a person belongs to a campus', () => {
  async function makePerson(email: string, verified: boolean): Promise<IdentityId> {
    const id = random.uuid() as IdentityId
    const at = new Date(clock.nowMs())
    await database.db
      .insertInto('identities')
      .values({ id, name: 'Ada', email, email_verified: verified, created_at: at, updated_at: at })
      .execute()
    return id
  }

  test('by the address they have confirmed, and not before', async () => {
    const id = await makePerson('new@campus.edu', false)
    expect(await campusOf(database.db, id)).toBeNull()
    await database.db.updateTable('identities').set({ email_verified: true }).where('id', '=', id).execute()
    expect(await campusOf(database.db, id)).toMatchObject({ slug: 'hill' })
    await database.db
      .updateTable('identities')
      .set({ email: 'new@elsewhere.example' })
      .where('id', '=', id)
      .execute()
    expect(await campusOf(database.db, id)).toBeNull()
  })

  test('as long as the domain is the campus’s', async () => {
    const id = await makePerson('leaver@old.campus.edu', true)
    expect(await inUnit((unit) => addDomain(unit, campusId, 'old.campus.edu'))).toMatchObject({ ok: true })
    expect(await campusOf(database.db, id)).toMatchObject({ slug: 'hill' })
    const [hill] = await listCampuses(database.db)
    expect(hill).toMatchObject({ people: 1, domains: expect.arrayContaining(['old.campus.edu']) })
    expect(await inUnit((unit) => removeDomain(unit, campusId, 'old.campus.edu'))).toMatchObject({ ok: true })
    expect(await campusOf(database.db, id)).toBeNull()
  })
})

describe('a domain', () => {
  test.each([
    ['Campus.EDU', 'campus.edu'],
    [' @campus.edu ', 'campus.edu'],
    ['münchen.example', 'xn--mnchen-3ya.example'],
    ['МГУ.example', 'xn--c1arw.example'],
  ])('typed as %j is kept as %j', (typed, kept) => {
    expect(keptDomain(typed)).toBe(kept)
  })

  test.each([
    'edu',
    '',
    '.',
    'a.b',
    'campus.edu.',
    'campus..edu',
    '-x.edu',
    'ada@campus.edu',
    'campus.edu/x',
    'campus.edu:25',
    '10.0.0.1',
    '1.2',
    '0x7f.1',
    '*.campus.edu',
    'campus edu',
    'x'.repeat(300),
  ])('is not %j', (typed) => {
    expect(keptDomain(typed)).toBeNull()
  })

  test('belongs to one campus only', async () => {
    const second = await inUnit((unit) =>
      addCampus(unit, random, { slug: 'vale', name: 'Vale', city: 'Newark', timeZone: 'America/New_York' }),
    )
    assert(second.ok, 'another slug')
    expect(await inUnit((unit) => addDomain(unit, second.value, 'campus.edu'))).toEqual({
      ok: false,
      reason: 'domain_taken',
    })
  })
})
