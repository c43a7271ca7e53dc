/** Several rides at once: each done or refused by itself, and one way back for all that were done. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { UNDO_MS } from '../../src/dispatch/desk-acts.ts'
import type { RideId } from '../../src/engine/units.ts'
import { type ManualClock, manualClock } from '../../src/io/clock.ts'
import { type AppWorld, BRYANT_PARK, type Person, startApp, TIMES_SQUARE } from '../support/app-world.ts'
import { START_MS } from '../support/cast.ts'
import { askRide, goOnline } from '../support/ride-steps.ts'

interface BulkAnswer {
  readonly batchId: string
  readonly done: number
  readonly rows: readonly {
    readonly rideId: string
    readonly reference: string | null
    readonly done: boolean
    readonly words?: string
    readonly problem?: { readonly status: number; readonly detail: string; readonly reason: string }
  }[]
  readonly undo: { readonly batchId: string; readonly untilMs: number } | null
}

let clock: ManualClock
let world: AppWorld
let people = 0

beforeAll(async () => {
  clock = manualClock(START_MS)
  world = await startApp({ clock })
}, 60_000)
afterAll(() => world?.stop())
beforeEach(async () => {
  for (const [driver, at] of [
    [world.canal.driver, TIMES_SQUARE],
    [world.canal.otherDriver, BRYANT_PARK],
  ] as const)
    await goOnline(world, driver, at)
})
afterEach(async () => {
  const open = await world.db
    .selectFrom('rides')
    .select('id')
    .where('state', 'in', ['requested', 'assigned', 'en_route', 'arrived'])
    .execute()
  if (open.length > 0)
    await bulk({ act: 'cancel', reason: 'the next test', rides: open.map(({ id }) => ({ id })) })
  for (const driver of [world.canal.driver, world.canal.otherDriver])
    await driver.client.call('DELETE', '/api/v1/driver/shift')
})

const bulk = (body: Record<string, unknown>, by: Person = world.canal.dispatcher) =>
  by.client.done<BulkAnswer>('POST', '/api/v1/board/batches', body)
const undo = (batchId: string, by: Person = world.canal.dispatcher) =>
  by.client.done<BulkAnswer>('POST', `/api/v1/board/batches/${batchId}/undo`, {})
const ride = (id: string) =>
  world.db
    .selectFrom('rides')
    .selectAll()
    .where('id', '=', id as RideId)
    .executeTakeFirstOrThrow()
const asked = async () => askRide(await world.newRider(`Ada${++people} Okafor`))
const many = async (count: number) => {
  const rides = []
  for (let n = 0; n < count; n++) {
    rides.push(await asked())
    await clock.advance(1_000)
  }
  return rides
}
const meant = async (ids: readonly { id: string }[]) =>
  Promise.all(ids.map(async ({ id }) => ({ id, version: (await ride(id)).version })))
const outcomes = ({ rows }: BulkAnswer) =>
  new Map(rows.map(({ rideId, words, problem }) => [rideId, words ?? problem?.detail]))

test('each ride goes to its nearest free driver, who asked first chooses first, and all are taken back at once', async () => {
  const rides = await many(3)
  const answer = await bulk({ act: 'assign', rides: (await meant(rides)).toReversed() })
  const words = outcomes(answer)
  expect(answer.done).toBe(2)
  expect(new Set([words.get(rides[0]!.id), words.get(rides[1]!.id)])).toEqual(
    new Set(['Given to 204.', 'Given to 163.']),
  )
  expect(words.get(rides[2]!.id)).toBe('No free car of its class is in reach.')
  expect(answer.undo).toEqual({ batchId: answer.batchId, untilMs: clock.nowMs() + UNDO_MS })

  const back = await undo(answer.batchId)
  expect([back.done, back.rows.length]).toEqual([2, 2])
  for (const { id } of rides) expect(await ride(id)).toMatchObject({ state: 'requested', driver_id: null })
  const again = await undo(answer.batchId)
  expect(again.rows.map(({ problem }) => problem?.reason)).toEqual(['undo_done', 'undo_done'])
})

test('a ride that changed since it was marked is refused with who did what, and the others are done', async () => {
  const [one, other] = await many(2)
  const seen = await meant([one!, other!])
  await world.canal.admin.client.done('POST', `/api/v1/board/rides/${one!.id}/postponement`, { minutes: 10 })
  await clock.advance(4_000)
  const before = await ride(one!.id)
  const answer = await bulk({ act: 'cancel', reason: 'no car', rides: seen })
  expect(answer.rows.find(({ rideId }) => rideId === one!.id)?.problem).toMatchObject({
    ...{ status: 409, reason: 'stale_ride' },
    detail: `${world.canal.admin.name} put this ride off four seconds ago.`,
  })
  expect(await ride(one!.id)).toEqual(before)
  expect((await ride(other!.id)).state).toBe('cancelled')
  await undo(answer.batchId)
  expect((await ride(other!.id)).state).toBe('requested')
})

test('put off, taken from their drivers and written to, with what could not be said so', async () => {
  const [waiting, driven] = await many(2)
  await world.canal.dispatcher.client.done('POST', `/api/v1/board/rides/${driven!.id}/assignment`, {
    driverId: world.canal.driver.driverId,
  })
  const rides = [{ id: waiting!.id }, { id: driven!.id }]
  const told = outcomes(await bulk({ act: 'message', text: 'Rain ahead', rides }))
  expect(told.get(driven!.id)).toBe('204 was written to.')
  expect(told.get(waiting!.id)).toBe('Nobody drives this ride now, so nobody was written to.')
  const { messages } = await world.canal.driver.client.done<{ messages: { text: string }[] }>(
    'GET',
    '/api/v1/driver/messages',
  )
  expect(messages.map(({ text }) => text)).toContain('Rain ahead')

  const off = await bulk({ act: 'hold', minutes: 10, rides })
  expect(off.done).toBe(1)
  expect((await ride(waiting!.id)).put_off_until).not.toBeNull()
  expect((await bulk({ act: 'release', reason: 'Car trouble', rides })).done).toBe(1)
  expect((await ride(driven!.id)).driver_id).toBeNull()
  await clock.advance(UNDO_MS)
  expect(outcomes(await undo(off.batchId)).get(waiting!.id)).toContain('more than ten seconds ago')
})

test('two desks at once: each ride is done to by one of them, never by both', async () => {
  const rides = await many(4)
  const seen = await meant(rides)
  const answers = await Promise.all([
    bulk({ act: 'hold', minutes: 5, rides: seen }),
    bulk({ act: 'cancel', reason: 'no car', rides: seen.toReversed() }, world.canal.admin),
  ])
  for (const { id, version } of seen) {
    const won = answers.filter((answer) => answer.rows.find(({ rideId }) => rideId === id)?.done)
    expect([id, won.length, (await ride(id)).version]).toEqual([id, 1, version + 1])
  }
})

test('another company’s rides are not there, and a choice of none or of too many is refused', async () => {
  const { id } = await asked()
  const { client } = world.uptown.dispatcher
  expect(
    (await client.call('POST', '/api/v1/board/batches', { act: 'hold', minutes: 5, rides: [{ id }] })).status,
  ).toBe(404)
  expect((await ride(id)).put_off_until).toBeNull()
  for (const rides of [[], Array.from({ length: 101 }, () => ({ id: crypto.randomUUID() }))])
    expect(
      (await world.canal.dispatcher.client.call('POST', '/api/v1/board/batches', { act: 'assign', rides }))
        .status,
    ).toBe(422)
})

test('without scripts the table is a form, and its answer a page with the way back', async () => {
  const [one, other] = await many(2)
  const { client } = world.canal.dispatcher
  const board = await (await client.get('/board')).text()
  for (const { id } of [one!, other!])
    expect(board).toContain(`name="ride" value="${id}:${(await ride(id)).version}" form="bulk"`)
  const answer = await client.form('/board/batches', {
    ...{
      act: 'hold',
      minutes: '10',
      release_reason: 'Car trouble',
      cancel_reason: 'No car can come',
      text: '',
    },
    ...{ ride: `${one!.id}:${(await ride(one!.id)).version}`, key: crypto.randomUUID() },
  })
  expect(answer.status).toBe(303)
  const page = await (await client.get(answer.headers.get('location')!)).text()
  expect(page).toContain('1 of 1')
  expect(page).toContain(one!.reference)
  const [, action = ''] = /action="(\/board\/batches\/[^"]+\/undo)"/.exec(page) ?? []
  expect((await client.form(action, { key: crypto.randomUUID() })).status).toBe(303)
  expect((await ride(one!.id)).put_off_until).toBeNull()
  const entries = await world.db
    .selectFrom('audit_entries')
    .select(['action', 'detail'])
    .where('subject', '=', one!.id)
    .execute()
  expect(entries.map((entry) => entry.action).toSorted()).toEqual(['ride.act_undone', 'ride.put_off'])
  for (const { detail } of entries) expect(detail).toMatchObject({ batch: expect.any(String) })
})
