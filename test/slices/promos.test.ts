import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { foundCompany } from '../../src/backoffice/found.ts'
import { CompanyFileError, parseCompanyFile } from '../../src/backoffice/mistakes.ts'
import { lineMinor } from '../../src/engine/fare.ts'
import { type PromoDraft, promoShape } from '../../src/fares/promo-shape.ts'
import { closePromo, createPromo, type Promo, promosOf, usablePromo } from '../../src/fares/promos.ts'
import { makeDriver, makeRider, makeRiders, type Rider, TIMES_SQUARE } from '../support/cast.ts'
import { exampleWith } from '../support/company-file.ts'
import { type CoreWorld, type Desk, openDesk, startWorld, violationsOf } from '../support/dispatch.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

let database: TestDatabase
let world: CoreWorld
let desk: Desk
let ada: Rider

beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())
beforeEach(async () => {
  world = await startWorld({ database })
  desk = openDesk(world)
  ada = await makeRider(world.db, world.random, 'Ada Okafor')
})
afterEach(async () => {
  expect(await violationsOf(world)).toEqual([])
})

async function code(over: Partial<PromoDraft> = {}): Promise<Promo> {
  const made = await desk.inOneUnit((unit) =>
    createPromo(unit, world.random, {
      ...{ companyId: world.city.companyId, currency: 'USD', by: {} },
      promo: promoShape.parse({ code: 'SPRING-26', offMinor: 500, ...over }),
    }),
  )
  if (!made.ok) throw new Error(made.reason)
  return made.value
}
const tried = (rider: Rider | null, text = 'spring-26') =>
  usablePromo(world.db, {
    ...{ companyId: world.city.companyId, code: text, identityId: rider?.id ?? null },
    atMs: world.clock.nowMs(),
  })
async function quoted(rider: Rider) {
  const usable = await tried(rider)
  if (!usable.ok) throw new Error(usable.reason)
  const [quote] = await desk.quotes(rider, { promo: usable.value })
  return quote!
}
const stored = async () => (await promosOf(world.db, world.city.companyId))[0]!

describe('a code', () => {
  test('is taken off the price, at the company’s cost and not the driver’s, and is its own line', async () => {
    await code()
    const [plain] = await desk.quotes(ada)
    const quote = await quoted(ada)
    expect(lineMinor(quote.lines, 'promo')).toBe(-500)
    expect(quote).toMatchObject({ promo_minor: 500, driver_minor: plain!.driver_minor })
    expect(quote.fare_minor).toBeLessThan(plain!.fare_minor - 499)
    const asked = await desk.requestAt(ada, quote.id)
    expect(asked.ok && asked.value.promo_minor).toBe(500)
    expect(await stored()).toMatchObject({ uses: 1, spent_minor: 500 })
  })

  test('that pays for everything leaves nothing to pay, and the driver is paid all the same', async () => {
    await code({ offMinor: null, offBasisPoints: 10_000 })
    const bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
    await desk.goOnShift(bo, TIMES_SQUARE)
    const quote = await quoted(ada)
    expect(quote.fare_minor).toBe(0)
    expect(quote.driver_minor).toBeGreaterThan(500)
    const asked = await desk.requestAt(ada, quote.id)
    if (!asked.ok) throw new Error(asked.reason)
    await desk.tick()
    await desk.accept(bo)
    const ended = await desk.drive(bo, asked.value.id, ['set_off', 'arrive', 'board', 'finish'])
    expect(ended).toMatchObject({ fare_minor: 0, driver_minor: quote.driver_minor })
  })

  test('is used once a person, also when somebody asks eight times at once', async () => {
    await code()
    const quotes = await Promise.all(Array.from({ length: 8 }, () => quoted(ada)))
    const answers = await Promise.all(quotes.map((quote) => desk.requestAt(ada, quote.id)))
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
    expect(answers.filter((answer) => !answer.ok && answer.reason === 'code_used_by_you')).toHaveLength(7)
    expect(await stored()).toMatchObject({ uses: 1, spent_minor: 500 })
    expect(await tried(ada)).toEqual({ ok: false, reason: 'code_used_by_you' })
  })

  test('is used no more often, and for no more, than it says, whoever is quicker', async () => {
    await code({ usesMost: 5, budgetMinor: 1_700 })
    const names = Array.from({ length: 10 }, (_, n) => `Rider Number ${n}`)
    const riders = await makeRiders(world.db, world.random, names)
    const quotes = await Promise.all(riders.map((rider) => quoted(rider)))
    const answers = await Promise.all(quotes.map((quote, n) => desk.requestAt(riders[n]!, quote.id)))
    // Three of 5.00 fit in 17.00.
    expect(answers.filter(({ ok }) => ok)).toHaveLength(3)
    expect(answers.filter((answer) => !answer.ok && answer.reason === 'code_used_up')).toHaveLength(7)
    expect(await stored()).toMatchObject({ uses: 3, spent_minor: 1_500 })
    const change = world.db
      .updateTable('promos')
      .set({ uses: 6 })
      .where('company_id', '=', world.city.companyId)
    expect(change.execute()).rejects.toThrow('promos_within_uses')
  })

  test('of a ride that comes to nothing is its rider’s again', async () => {
    await code({ usesMost: 1 })
    const quote = await quoted(ada)
    const asked = await desk.requestAt(ada, quote.id)
    if (!asked.ok) throw new Error(asked.reason)
    expect((await tried(ada)).ok).toBe(false)
    expect((await desk.cancel(ada, asked.value.id, 0)).ok).toBe(true)
    expect(await stored()).toMatchObject({ uses: 0, spent_minor: 0 })
    expect((await desk.requestAt(ada, (await quoted(ada)).id)).ok).toBe(true)
  })

  test('that is not there, not yet, over, or closed is refused with which of them', async () => {
    const nowMs = world.clock.nowMs()
    const promo = await code({ startsAtMs: nowMs + 1_000, endsAtMs: nowMs + 5_000 })
    expect(await tried(ada, 'nonsense')).toEqual({ ok: false, reason: 'code_unknown' })
    expect(await tried(ada)).toEqual({ ok: false, reason: 'code_not_yet' })
    world.clock.advance(1_000)
    expect((await tried(ada, ' Spring-26 ')).ok).toBe(true)
    const held = await quoted(ada)
    world.clock.advance(4_000)
    expect(await tried(ada)).toEqual({ ok: false, reason: 'code_over' })
    // Promised while it counted.
    expect((await desk.requestAt(ada, held.id)).ok).toBe(true)
    const close = () =>
      desk.inOneUnit((unit) =>
        closePromo(unit, world.random, { companyId: world.city.companyId, promoId: promo.id, by: {} }),
      )
    expect(await close()).toBe(true)
    expect(await close()).toBe(false)
    expect(await tried(ada)).toEqual({ ok: false, reason: 'code_unknown' })
  })

  test('closed after a price was promised with it takes nothing off any more: the price is refused', async () => {
    const promo = await code()
    const quote = await quoted(ada)
    await desk.inOneUnit((unit) =>
      closePromo(unit, world.random, { companyId: world.city.companyId, promoId: promo.id, by: {} }),
    )
    expect(await desk.requestAt(ada, quote.id)).toEqual({ ok: false, reason: 'code_used_up' })
  })
})

test('codes come out of a company file, are closed by it, and a wrong one says what is wrong', async () => {
  const run = async (promos: unknown[]) => {
    const file = parseCompanyFile(exampleWith((example) => Object.assign(example, { promos })))
    const { entries } = await foundCompany({ db: world.db, random: world.random, clock: world.clock }, file)
    return entries.filter(({ kind }) => kind === 'code').map(({ effect, name }) => `${effect} ${name}`)
  }
  const spring = { code: 'spring', offMinor: 500, endsAt: '2031-01-01T00:00:00Z' }
  expect(await run([spring])).toEqual(['created SPRING'])
  expect(await run([spring])).toEqual(['kept SPRING'])
  expect(await run([])).toEqual(['left SPRING'])
  expect(await run([{ ...spring, closed: true }])).toEqual(['changed SPRING'])
  for (const wrong of [
    { code: 'X' },
    { code: 'BOTH', offMinor: 1, offBasisPoints: 1 },
    { ...spring, usesMost: 0 },
  ])
    expect(run([wrong])).rejects.toThrow(CompanyFileError)
  expect(run([spring, spring])).rejects.toThrow('names a code twice')
})
