/** What a busy place adds to a quote: shown with its reason, held as long as the price, signed, and charged. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { latLngToCell } from 'h3-js'
import { SUPPLY_RESOLUTION } from '../../src/engine/supply.ts'
import type { SurgeRules } from '../../src/engine/surge.ts'
import type { QuoteId } from '../../src/engine/units.ts'
import { manualClock } from '../../src/io/clock.ts'
import { type AppWorld, startApp, TIMES_SQUARE, WALL_STREET } from '../support/app-world.ts'
import { START_MS } from '../support/cast.ts'

const CELL = latLngToCell(TIMES_SQUARE.lat, TIMES_SQUARE.lng, SUPPLY_RESOLUTION)
const PLACES = { from: TIMES_SQUARE, to: WALL_STREET, seats: 1 }
const RULES: SurgeRules = {
  ...{ kind: 'multiply', capBasisPoints: 20_000, stepBasisPoints: 1_000 },
  ...{ fromPressure: 1, fullPressure: 3, leastAround: 2, leastInRegion: 2 },
}

interface Quoted {
  readonly id: string
  readonly busy: { asking: number; free: number; place: string | null; overAtMs: number | null } | null
  readonly options: readonly {
    quoteId: QuoteId
    fareMinor: number
    surgeMinor: number
    lines: readonly { label: string; detail: string | null; amountMinor: number }[]
  }[]
}

const clock = manualClock(START_MS)
let world: AppWorld

beforeAll(async () => {
  world = await startApp({ clock })
}, 60_000)
afterAll(() => world.stop())
afterEach(() => count(0))

/** What the process that holds the region would say. */
function count(step: number, rules: SurgeRules | null = RULES): void {
  const { companyId, regionId } = world.canal
  const busy = step === 0 ? null : { asking: 18, free: 11, overAtMs: clock.nowMs() + 1_800_000 }
  const cells = [{ cell: CELL, asking: 9, free: 4, step, busy }]
  world.bus.publish({ type: 'region.cells', companyId, regionId, rules, cells })
}

async function settle(rules: SurgeRules | null): Promise<void> {
  const { companyId, regionId } = world.canal
  await world.db
    .updateTable('regions')
    .set({ surge: rules === null ? null : JSON.stringify(rules) })
    .where('company_id', '=', companyId)
    .where('id', '=', regionId)
    .execute()
  await world.companies.reload()
}

const quote = (more: object = {}) =>
  world.canal.rider.client.done<Quoted>('POST', '/api/v1/quotes', { ...PLACES, ...more })

test('a region that did not ask for it adds nothing, whatever another process says', async () => {
  await settle(null)
  count(5)
  const { busy, options } = await quote()
  expect(busy).toBeNull()
  expect(options.every(({ surgeMinor }) => surgeMinor === 0)).toBe(true)
})

test('what is added is a line of the price, and its reason stands beside it', async () => {
  await settle(RULES)
  const usual = await quote()
  count(3)
  const dear = await quote()
  expect(dear.busy).toEqual({ asking: 18, free: 11, place: null, overAtMs: clock.nowMs() + 1_800_000 })
  for (const [n, option] of dear.options.entries()) {
    const before = usual.options[n]!
    const way = before.lines.filter(({ label }) => ['Base', 'Distance', 'Time'].includes(label))
    const wayMinor = way.reduce((sum, { amountMinor }) => sum + amountMinor, 0)
    expect(option.surgeMinor).toBe(Math.round(wayMinor * 0.3))
    expect(option.lines.find(({ label }) => label === 'Busy now')).toMatchObject({
      detail: '30 % more',
      amountMinor: option.surgeMinor,
    })
    expect(option.fareMinor).toBeGreaterThan(before.fareMinor)
  }
  const page = await world.canal.rider.client.call('GET', `/quotes/${dear.id}`)
  expect(await page.text()).toContain('18 people asked for a car around here, and 11 cars are free there.')
})

test('a sum instead of a factor is that sum', async () => {
  const cents: SurgeRules = { ...RULES, kind: 'add', capMinor: 1_000, stepMinor: 150 }
  await settle(cents)
  count(2, cents)
  expect((await quote()).options.map(({ surgeMinor }) => surgeMinor)).toEqual([300, 300, 300])
})

test('a quote holds what it said for as long as its price, up or down, and the ride costs that', async () => {
  await settle(RULES)
  count(5)
  const { options } = await quote()
  count(0)
  clock.advance(4 * 60_000)
  const [standard] = options
  const ride = await world.canal.rider.client.done<{ fareMinor: number }>('POST', '/api/v1/rides', {
    ...{ quoteId: standard!.quoteId, payment: 'cash', note: '' },
  })
  expect(ride.fareMinor).toBe(standard!.fareMinor)
  expect((await quote()).busy).toBeNull()
})

test('a ride booked ahead costs nothing for the rush of now', async () => {
  await settle(RULES)
  count(5)
  const { busy, options } = await quote({ pickupAtMs: clock.nowMs() + 3 * 3_600_000 })
  expect(busy).toBeNull()
  expect(options.every(({ surgeMinor }) => surgeMinor === 0)).toBe(true)
})

test('a surge changed behind our back is not charged', async () => {
  await settle(RULES)
  count(5)
  const { options } = await quote()
  const { quoteId } = options[0]!
  await world.db
    .updateTable('quotes')
    .set(({ fn, val }) => ({
      trip: fn<string>('jsonb_set', ['trip', val('{surge,factorBasisPoints}'), val('10100')]) as never,
    }))
    .where('id', '=', quoteId)
    .execute()
  const answer = await world.canal.rider.client.call('POST', '/api/v1/rides', {
    ...{ quoteId, payment: 'cash', note: '' },
  })
  expect(answer.status).toBeGreaterThanOrEqual(400)
})
