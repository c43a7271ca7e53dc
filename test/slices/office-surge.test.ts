import { afterAll, beforeAll, expect, test } from 'bun:test'
import { latLngToCell } from 'h3-js'
import { SUPPLY_RESOLUTION } from '../../src/engine/supply.ts'
import type { SurgeRules } from '../../src/engine/surge.ts'
import { keepMinute } from '../../src/fares/surge-history.ts'
import { manualClock } from '../../src/io/clock.ts'
import { type AppWorld, startApp, TIMES_SQUARE, WALL_STREET } from '../support/app-world.ts'
import { START_MS } from '../support/cast.ts'

const CELL = latLngToCell(TIMES_SQUARE.lat, TIMES_SQUARE.lng, SUPPLY_RESOLUTION)
const FIELDS = {
  ...{ kind: 'multiply', most_percent: '80', step_percent: '10', most_sum: '10.00', step_sum: '1.00' },
  ...{ from_pressure: '1.5', full_pressure: '4', least_around: '5', least_in_region: '20' },
}
const RULES: SurgeRules = {
  ...{ kind: 'multiply', capBasisPoints: 18_000, stepBasisPoints: 1_000 },
  ...{ fromPressure: 1.5, fullPressure: 4, leastAround: 5, leastInRegion: 20 },
}

const clock = manualClock(START_MS)
let world: AppWorld
beforeAll(async () => {
  world = await startApp({ clock })
}, 60_000)
afterAll(() => world?.stop())

const path = () => `/admin/regions/${world.canal.regionId}/surge`
const send = (fields: Record<string, string>, who = world.canal.admin.client) =>
  who.form(path(), { key: crypto.randomUUID(), ...FIELDS, ...fields })
const pageText = async (answer: Response) =>
  (await answer.text()).replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')
const regionNow = () => world.companies.region(world.canal.regionId)!

function count(step: number): void {
  const { companyId, regionId } = world.canal
  const busy = step === 0 ? null : { asking: 18, free: 11, overAtMs: null }
  const cells = [{ cell: CELL, asking: 18, free: 11, step, busy }]
  world.bus.publish({ type: 'region.cells', companyId, regionId, rules: regionNow().surge, cells })
}

test('off until an admin says otherwise; from then on the next quote has it, and the trail says who', async () => {
  const before = await pageText(await world.canal.admin.client.get(path()))
  expect(before).toContain('Nothing is counted just now.')
  expect(regionNow().surge).toBeNull()
  const saved = await send({})
  expect(saved.headers.get('location')).toBe(`${path()}?done=saved`)
  expect(regionNow().surge).toEqual(RULES)
  count(3)
  const quoted = await world.canal.rider.client.done<{ options: { surgeMinor: number }[] }>(
    'POST',
    '/api/v1/quotes',
    { from: TIMES_SQUARE, to: WALL_STREET, seats: 1 },
  )
  expect(quoted.options.every(({ surgeMinor }) => surgeMinor > 0)).toBe(true)
  expect(await pageText(await world.canal.admin.client.get(path()))).toContain('up to +30 %, in 1 cell')
  const entry = await world.db
    .selectFrom('audit_entries')
    .selectAll()
    .where('action', '=', 'surge.changed')
    .executeTakeFirstOrThrow()
  expect(entry).toMatchObject({
    ...{ actor_id: world.canal.admin.identityId, company_id: world.canal.companyId },
    ...{ subject: world.canal.regionId, detail: { before: { kind: 'off' }, after: RULES } },
  })
  const company = await world.canal.admin.client.get(`/admin/companies/${world.canal.companyId}`)
  expect(await pageText(company)).toContain('up to +80 % · Change')
})

test('the same once more changes nothing and says nothing in the trail', async () => {
  await send({})
  await send({})
  const entries = await world.db
    .selectFrom('audit_entries')
    .select('sequence')
    .where('action', '=', 'surge.changed')
    .execute()
  expect(entries).toHaveLength(1)
})

test('a sum is in the currency as people write it', async () => {
  await send({ kind: 'add', most_sum: '7,50', step_sum: '0.25', most_percent: '' })
  expect(regionNow().surge).toEqual({
    ...{ kind: 'add', capMinor: 750, stepMinor: 25 },
    ...{ fromPressure: 1.5, fullPressure: 4, leastAround: 5, leastInRegion: 20 },
  })
  await send({ kind: 'off' })
  expect(regionNow().surge).toBeNull()
})

test('what cannot be meant comes back beside its field, with what was typed, and changes nothing', async () => {
  const wrong = [
    [{ most_percent: '900' }, 'A number from 1 to 400.'],
    [{ most_percent: 'much' }, 'A number from 1 to 400.'],
    [{ most_percent: '20', step_percent: '30' }, 'A step is at most all that may be added.'],
    [{ most_percent: '300', step_percent: '1' }, 'That makes more than a hundred steps.'],
    [{ from_pressure: '4' }, 'More people than where it begins.'],
    [{ least_around: '2.5' }, 'A whole number from 1 to 10000.'],
    [{ kind: 'add', step_sum: '0.001' }, 'A number from 0.01 to 100000.'],
  ] as const
  for (const [fields, words] of wrong) {
    const answer = await send(fields)
    expect(answer.status).toBe(422)
    const markup = await answer.text()
    expect(markup).toContain(words)
    for (const typed of Object.values(fields)) expect(markup).toContain(`value="${typed}"`)
  }
  expect((await send({ kind: 'sometimes' })).status).toBe(422)
  expect(regionNow().surge).toBeNull()
})

test('another company’s admin does not find it', async () => {
  const theirs = world.uptown.admin.client
  expect((await theirs.get(path())).status).toBe(404)
  expect((await send({}, theirs)).status).toBe(404)
})

test('the day shows what was added, quarter by quarter', async () => {
  const { companyId, regionId } = world.canal
  for (const [minutesAgo, step] of [
    [100, 3],
    [95, 6],
    [20, 1],
  ] as const)
    await world.db.transaction().execute((db) =>
      keepMinute(
        { db },
        { companyId, id: regionId },
        {
          ...{ atMs: clock.nowMs() - minutesAgo * 60_000, rules: RULES, asking: 20, free: 5 },
          cells: [{ cell: CELL, asking: 9, free: 2, step }],
        },
      ),
    )
  const page = await pageText(await world.canal.admin.client.get(path()))
  // Switched off above: what was counted then adds nothing now.
  expect(page).toContain('as usual: switched off')
  expect(page).toContain('The most was +60 % at 07:15; something was added in 2 of 96 quarters of an hour.')
})
