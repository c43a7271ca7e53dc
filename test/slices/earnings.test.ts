import { afterAll, beforeAll, expect, test } from 'bun:test'
import { addDays } from '../../src/engine/day.ts'
import type { Books } from '../../src/engine/earnings.ts'
import type { RideId } from '../../src/engine/units.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { askRide, assign, goOnline, type RideAnswer, takeSteps } from '../support/ride-steps.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false })
}, 60_000)
afterAll(() => world?.stop())

interface Answer {
  readonly from: string
  readonly to: string
  readonly week: Books
  readonly days: readonly (Books & { readonly day: string })[]
}
const books = (week = '') =>
  world.canal.driver.client.done<Answer>('GET', `/api/v1/driver/earnings${week && `?week=${week}`}`)

async function driven(): Promise<RideAnswer> {
  const { canal } = world
  await world.limits.forgive('rides_person', canal.rider.identityId)
  const { id } = await askRide(canal.rider)
  await goOnline(world, canal.driver)
  await assign(canal, id)
  return (await takeSteps(canal.driver, id, 4))!
}

test('a week adds up from fares to what is owed, by day, with tips and cash; another driver has nothing of it', async () => {
  const { canal } = world
  const first = await driven()
  const second = await driven()
  await canal.rider.client.done('POST', `/api/v1/rides/${first.id}/tip`, { amountMinor: 450 })
  const answer = await books()
  const { week } = answer
  const fares = first.fareMinor + second.fareMinor
  expect(week).toMatchObject({ rides: 2, faresMinor: fares, tipsMinor: 450, cashMinor: fares })
  expect(week.companyMinor).toBeGreaterThan(0)
  // All was paid in cash, so what is not the driver's part is owed to the company, less the tip.
  expect(week.owedMinor).toBe(450 - week.companyMinor)
  expect(answer.days).toHaveLength(7)
  expect(answer.days.reduce((sum, { earnedMinor }) => sum + earnedMinor, 0)).toBe(week.earnedMinor)
  // The ledger says the same: cash in the driver's hands, and the tip owed to them.
  const ledger = await world.db
    .selectFrom('ledger_entries')
    .select(['account', 'amount_minor'])
    .where('account', 'in', [
      `cash:driver:${canal.driver.driverId}`,
      `payable:driver:${canal.driver.driverId}`,
    ])
    .execute()
  const of = (kind: string) =>
    ledger.filter(({ account }) => account.startsWith(kind)).reduce((sum, row) => sum + row.amount_minor, 0)
  expect([of('cash'), -of('payable')]).toEqual([week.cashMinor, week.tipsMinor])
  const page = await (await canal.driver.client.get('/driver/earnings')).text()
  expect(page).toContain('You owe the company')
  expect(page).toContain('with a tip of')
  await goOnline(world, canal.otherDriver)
  const theirs = await canal.otherDriver.client.done<Answer>('GET', '/api/v1/driver/earnings')
  expect(theirs.week).toMatchObject({ rides: 0, earnedMinor: 0, owedMinor: 0 })
})

test('any week can be opened, by any of its days; what is no day shows the week that is now', async () => {
  const ride = await driven()
  const now = await books()
  await world.db
    .updateTable('rides')
    .set({ ended_at: new Date(world.clock.nowMs() - 7 * 86_400_000) })
    .where('id', '=', ride.id as RideId)
    .execute()
  expect((await books()).week.rides).toBe(now.week.rides - 1)
  const before = await books(addDays(now.from, -3))
  expect([before.from, before.to]).toEqual([addDays(now.from, -7), addDays(now.from, -1)])
  expect(before.week.rides).toBe(1)
  expect((await books('2026-02-30')).from).toBe(now.from)
  const { client } = world.canal.driver
  const day = before.days.find(({ rides }) => rides === 1)!.day
  const page = await (await client.get(`/driver/earnings?day=${day}`)).text()
  expect(page).toContain(ride.reference)
  const empty = await (await client.get(`/driver/earnings?day=${addDays(before.from, -30)}`)).text()
  expect(empty).toContain('No rides here.')
})

test('the table has a line a ride that adds up, and runs no formula that somebody hid in a place', async () => {
  const ride = await driven()
  await world.db
    .updateTable('rides')
    .set({ pickup_label: '=HYPERLINK("http://x.example","828, Broadway")' })
    .where('id', '=', ride.id as RideId)
    .execute()
  const answer = await world.canal.driver.client.get('/driver/earnings.csv')
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="earnings-[\d-]+\.csv"$/)
  const text = await answer.text()
  const [head = '', ...lines] = text.trimEnd().split('\r\n')
  expect(head).toBe(
    'day,ended_at,ride,from,to,outcome,payment,fare,company_part,tip,earned,cash_taken,currency',
  )
  expect(lines.at(-1)).toContain(`"'=HYPERLINK(""http://x.example"",""828, Broadway"")"`)
  const { week } = await books()
  expect(lines).toHaveLength(week.rides)
  const earned = lines.map((line) => Number(line.split(',').at(-3)))
  expect(Math.round(earned.reduce((sum, one) => sum + one, 0) * 100)).toBe(week.earnedMinor)
})
