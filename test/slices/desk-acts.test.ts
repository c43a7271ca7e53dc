/** What the desk does to one ride: on the picture it looked at, and with a way back for ten seconds. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { UNDO_MS } from '../../src/dispatch/desk-acts.ts'
import { RESCUE_AFTER_MISSES } from '../../src/engine/rescue.ts'
import type { RideId } from '../../src/engine/units.ts'
import { type ManualClock, manualClock } from '../../src/io/clock.ts'
import { type AppWorld, BRYANT_PARK, type Person, startApp, TIMES_SQUARE } from '../support/app-world.ts'
import { START_MS } from '../support/cast.ts'
import { askRide, bookRide, goOnline, takeSteps } from '../support/ride-steps.ts'

interface DeskAnswer {
  readonly state: string
  readonly version: number
  readonly undo: { readonly act: string; readonly untilMs: number }
}

let clock: ManualClock
let world: AppWorld
let rider: Person
let people = 0

beforeAll(async () => {
  clock = manualClock(START_MS)
  world = await startApp({ clock })
}, 60_000)
afterAll(() => world?.stop())
beforeEach(async () => {
  rider = await world.newRider(`Ada${++people} Okafor`)
  for (const [driver, at] of [
    [world.canal.driver, TIMES_SQUARE],
    [world.canal.otherDriver, BRYANT_PARK],
  ] as const)
    await goOnline(world, driver, at)
})
afterEach(async () => {
  const driven = await world.db
    .selectFrom('rides')
    .select('id')
    .where('state', 'in', ['assigned', 'en_route', 'arrived'])
    .execute()
  for (const { id } of driven) await send(id, 'release', why)
  for (const driver of [world.canal.driver, world.canal.otherDriver])
    await driver.client.call('DELETE', '/api/v1/driver/shift')
  await world.db
    .updateTable('rides')
    .set({ state: 'unfulfilled', ended_at: new Date(clock.nowMs()), ended_by: 'system' })
    .where('state', 'in', ['requested', 'scheduled'])
    .execute()
})

const at = (rideId: string, tail: string) => `/api/v1/board/rides/${rideId}/${tail}`
const send = <T = DeskAnswer>(rideId: string, tail: string, body: Record<string, unknown> = {}) =>
  world.canal.dispatcher.client.done<T>('POST', at(rideId, tail), body)
const call = async (
  rideId: string,
  tail: string,
  body: Record<string, unknown> = {},
  by = world.canal.dispatcher,
) => {
  const response = await by.client.call('POST', at(rideId, tail), body)
  return { status: response.status, ...((await response.json()) as { detail?: string }) }
}
const undo = (rideId: string, { undo: { act } }: DeskAnswer) =>
  send<{ state: string }>(rideId, 'undo', { act })
const ride = (id: string) =>
  world.db
    .selectFrom('rides')
    .selectAll()
    .where('id', '=', id as RideId)
    .executeTakeFirstOrThrow()
const bo = () => world.canal.driver.driverId
const cleo = () => world.canal.otherDriver.driverId
const why = { reason: 'Better driver near' }

/** What of a ride an undo puts back. */
async function promised(id: string) {
  const {
    state,
    driver_id,
    deadline_at,
    rescue_at,
    wider_at,
    put_off_until,
    fare_minor,
    quote_id,
    ended_at,
  } = await ride(id)
  return { state, driver_id, deadline_at, rescue_at, wider_at, put_off_until, fare_minor, quote_id, ended_at }
}

describe('a desk that looks at an older picture of a ride', () => {
  const ACTS: [tail: string, body: () => Record<string, unknown>][] = [
    ['assignment', () => ({ driverId: cleo() })],
    ['reassignment', () => ({ driverId: cleo(), ...why })],
    ['release', () => why],
    ['cancellation', () => why],
    ['postponement', () => ({ minutes: 5 })],
    ['resumption', () => ({})],
    ['wider-search', () => ({})],
    ['patience', () => ({})],
    ['start', () => why],
  ]
  test('is told who did what, and nothing is done, whatever it pressed', async () => {
    const { id } = await askRide(rider)
    const { version } = await ride(id)
    const given = await world.canal.admin.client.done<DeskAnswer>('POST', at(id, 'assignment'), {
      driverId: bo(),
      version,
    })
    expect(given.version).toBe(version + 1)
    await clock.advance(4_000)
    const before = await ride(id)
    for (const [tail, body] of ACTS) {
      const refused = await call(id, tail, { ...body(), version })
      expect([tail, refused.status, refused.detail]).toEqual([
        tail,
        409,
        `${world.canal.admin.name} gave this ride to 204 four seconds ago. Your choice was not used.`,
      ])
    }
    expect(await ride(id)).toEqual(before)
    // The same on the page, with and without scripts.
    const { client } = world.canal.dispatcher
    const form = { reason: 'Rider asked for it', version: String(version), key: crypto.randomUUID() }
    const page = await client.form(`/board/rides/${id}/cancellation`, form, { 'hx-request': 'true' })
    expect([page.status, await page.text()]).toEqual([
      409,
      expect.stringContaining('gave this ride to 204 four seconds ago.'),
    ])
    const plain = await client.form(`/board/rides/${id}/cancellation`, { ...form, key: crypto.randomUUID() })
    expect(plain.status).toBe(303)
    expect(await (await client.get(plain.headers.get('location')!)).text()).toContain(
      'gave this ride to 204 four seconds ago. Your choice was not used.',
    )
    await takeSteps(world.canal.driver, id, 1)
    expect((await call(id, 'release', { ...why, version: given.version })).detail).toStartWith(
      '204 set off a moment ago.',
    )
  })

  test('may leave the version out in a program, and acts on what is so now', async () => {
    const { id } = await askRide(rider)
    await send(id, 'postponement', { minutes: 5 })
    expect((await send(id, 'cancellation', why)).state).toBe('cancelled')
  })
})

describe('for ten seconds the desk takes back', () => {
  test('giving a ride: it waits again with the time and help it had, and its driver is free', async () => {
    const { id } = await askRide(rider)
    await world.db
      .updateTable('rides')
      .set({ misses: RESCUE_AFTER_MISSES, rescue_at: new Date(clock.nowMs() - 1_000) })
      .where('id', '=', id as RideId)
      .execute()
    const before = await promised(id)
    const given = await send(id, 'assignment', { driverId: bo() })
    expect(given.undo.untilMs).toBe(clock.nowMs() + UNDO_MS)
    await clock.advance(9_000)
    expect((await undo(id, given)).state).toBe('requested')
    expect(await promised(id)).toEqual(before)
    expect((await send(id, 'assignment', { driverId: bo() })).state).toBe('assigned')
  })

  test('taking a ride from its driver: they have it again', async () => {
    const { id } = await askRide(rider)
    await send(id, 'assignment', { driverId: bo() })
    await takeSteps(world.canal.driver, id, 2)
    const taken = await send(id, 'release', why)
    expect((await undo(id, taken)).state).toBe('assigned')
    expect((await ride(id)).driver_id).toBe(bo() as never)
  })

  test('giving it to another in one step, whom it leaves free', async () => {
    const { id } = await askRide(rider)
    await send(id, 'assignment', { driverId: bo() })
    const other = await send(id, 'reassignment', { driverId: cleo(), ...why })
    expect(other).toMatchObject({ state: 'assigned' })
    expect((await ride(id)).driver_id).toBe(cleo() as never)
    expect(await call(id, 'reassignment', { driverId: cleo(), ...why })).toMatchObject({
      ...{ status: 409, detail: 'This driver has the ride already. Choose another one.' },
    })
    await undo(id, other)
    expect((await ride(id)).driver_id).toBe(bo() as never)
    // Nobody is left with a run that they do not drive.
    const runs = await world.db
      .selectFrom('runs')
      .select('driver_id')
      .where('closed_at', 'is', null)
      .execute()
    expect(runs.map((run) => run.driver_id as string)).toEqual([bo()])
  })

  test('a cancellation: the same promise, and the same driver while they are free', async () => {
    const { id } = await askRide(rider)
    const before = await promised(id)
    const cancelled = await send(id, 'cancellation', { ...why, words: 'Sorry.' })
    expect(cancelled.state).toBe('cancelled')
    await undo(id, cancelled)
    expect(await promised(id)).toEqual(before)
    expect((await ride(id)).end_words).toBeNull()

    await send(id, 'assignment', { driverId: bo() })
    await undo(id, await send(id, 'cancellation', why))
    expect(await promised(id)).toMatchObject({
      state: 'assigned',
      driver_id: bo(),
      fare_minor: before.fare_minor,
    })

    const gone = await send(id, 'cancellation', why)
    const other = await askRide(await world.newRider('Ben Ruiz'))
    await send(other.id, 'assignment', { driverId: bo() })
    expect((await undo(id, gone)).state).toBe('requested')
  })

  test('a cancelled booking: it waits for its time again, and its letters with it', async () => {
    const { id } = await bookRide(rider, clock.nowMs() + 3 * 3_600_000)
    const { letter_due_at, release_at, ...before } = await ride(id)
    const cancelled = await send(id, 'cancellation', why)
    await undo(id, cancelled)
    expect(await ride(id)).toMatchObject({
      ...{ state: 'scheduled', letter_due_at, release_at, scheduled_for: before.scheduled_for },
      deadline_at: before.deadline_at,
    })
  })

  test('putting off, asking at once and looking wider: the search goes on as it was', async () => {
    const { id } = await askRide(rider)
    const before = await promised(id)
    await undo(id, await send(id, 'postponement', { minutes: 20 }))
    expect(await promised(id)).toEqual(before)
    await undo(id, await send(id, 'wider-search'))
    expect(await promised(id)).toEqual(before)
    await send(id, 'postponement', { minutes: 20 })
    const off = await promised(id)
    const on = await send(id, 'resumption')
    expect((await ride(id)).put_off_until).toBeNull()
    expect((await call(id, 'resumption')).status).toBe(409)
    await undo(id, on)
    expect(await promised(id)).toEqual(off)
  })

  test('and no longer, not twice, and not once somebody has gone on', async () => {
    const { id } = await askRide(rider)
    const held = await send(id, 'postponement', { minutes: 5 })
    await undo(id, held)
    expect((await call(id, 'undo', { act: held.undo.act })).detail).toBe('This was taken back already.')

    const late = await send(id, 'postponement', { minutes: 5 })
    await clock.advance(UNDO_MS)
    expect(await call(id, 'undo', { act: late.undo.act })).toMatchObject({
      ...{ status: 409, detail: expect.stringContaining('more than ten seconds ago') },
    })

    const given = await send(id, 'assignment', { driverId: bo() })
    await takeSteps(world.canal.driver, id, 1)
    expect((await call(id, 'undo', { act: given.undo.act })).detail).toBe(
      '204 set off a moment ago. So it cannot be taken back any more.',
    )
    expect((await ride(id)).state).toBe('en_route')
    const elsewhere = await askRide(await world.newRider('Cem Aydin'))
    expect((await call(elsewhere.id, 'undo', { act: given.undo.act })).status).toBe(404)
  })

  test('with one press, however often it is sent', async () => {
    const { id } = await askRide(rider)
    const cancelled = await send(id, 'cancellation', why)
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => call(id, 'undo', { act: cancelled.undo.act })),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409, 409])
    expect((await ride(id)).state).toBe('requested')
  })
})

test('the board offers the way back to who did it, in words, until it is over', async () => {
  const { canal } = world
  const { id, reference } = await askRide(rider)
  const { client } = canal.dispatcher
  const version = String((await ride(id)).version)
  await client.form(`/board/rides/${id}/assignment`, { driver_id: bo(), version, key: crypto.randomUUID() })
  const board = async (by: Person) =>
    (await (await by.client.get(`/board?ride=${id}`)).text()).replaceAll(/<kbd>.*?<\/kbd>/g, '')
  expect((await board(canal.dispatcher)).includes(`<p>${reference} given to 204.</p>`)).toBe(true)
  expect(await board(canal.admin)).not.toContain('given to 204.</p>')
  await clock.advance(UNDO_MS)
  expect(await board(canal.dispatcher)).not.toContain('given to 204.</p>')
})

test('a driver who loses a ride to the desk reads why, until the desk takes that back', async () => {
  const { canal } = world
  const page = async () => (await canal.driver.client.get('/driver')).text()
  await clock.advance(4 * 60_000)
  await goOnline(world, canal.driver, TIMES_SQUARE)
  const { id } = await askRide(rider)
  await send(id, 'assignment', { driverId: bo() })
  const other = await send(id, 'reassignment', { driverId: cleo(), reason: 'Car is <i>silent</i>' })
  expect((await page()).includes(': “Car is &lt;i&gt;silent&lt;/i&gt;”.')).toBe(true)
  await undo(id, other)
  expect((await page()).includes('The desk took your ride back')).toBe(false)
})

test('every act and its way back stand in the ride’s history and in the audit trail', async () => {
  const { id } = await askRide(rider)
  await undo(id, await send(id, 'postponement', { minutes: 5 }))
  await undo(id, await send(id, 'cancellation', why))
  const events = await world.db
    .selectFrom('ride_events')
    .select('type')
    .where('ride_id', '=', id as RideId)
    .orderBy('version')
    .execute()
  expect(events.map(({ type }) => type)).toEqual(['request', 'hold', 'take_back', 'cancel', 'reopen'])
  const entries = await world.db
    .selectFrom('audit_entries')
    .select(['action', 'detail'])
    .where('subject', '=', id)
    .orderBy('at')
    .orderBy('id')
    .execute()
  expect(entries.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['ride.put_off', 'ride.act_undone', 'ride.cancelled']),
  )
  expect(entries.filter(({ action }) => action === 'ride.act_undone')).toHaveLength(2)
})

test('who else has a ride open is said on both boards, and gone when they are', async () => {
  const { canal } = world
  const { id } = await askRide(rider)
  const pane = async (by: Person) =>
    (await (await by.client.get(`/board/rides/${id}`)).text()).match(
      /class="pane-others.*?<span>(.*?)<\/span>/,
    )?.[1]
  expect(await pane(canal.dispatcher)).toBeUndefined()
  expect(await pane(canal.admin)).toBe(`${canal.dispatcher.name} has it open too.`)
  expect(await pane(canal.dispatcher)).toBe(`${canal.admin.name} has it open too.`)
  await canal.admin.client.get('/board')
  expect(await pane(canal.dispatcher)).toBeUndefined()
  await pane(canal.admin)
  await clock.advance(60_000)
  expect(await pane(canal.dispatcher)).toBeUndefined()
})

describe('what was asked for is changed', () => {
  interface Priced {
    readonly quoteId: string
    readonly fareMinor: number
    readonly wasMinor: number
  }
  const price = (id: string, body: Record<string, unknown>) => send<Priced>(id, 'price', body)

  test('at the price that was said, at once while nobody drives, and back as it was', async () => {
    const { id } = await askRide(rider)
    const before = await ride(id)
    const to = { ...BRYANT_PARK, label: 'Bryant Park' }
    const priced = await price(id, { to, class: 'black', seats: 2, needs: ['pets'] })
    expect(priced.wasMinor).toBe(before.fare_minor)
    expect(await ride(id)).toEqual(before)
    const agreed = await send(id, 'agreement', { quoteId: priced.quoteId, version: before.version })
    expect(await ride(id)).toMatchObject({
      ...{
        state: 'requested',
        class: 'black',
        seats: 2,
        dropoff_label: 'Bryant Park',
        fare_minor: priced.fareMinor,
      },
      version: before.version + 1,
    })
    expect((await call(id, 'agreement', { quoteId: priced.quoteId })).status).toBe(409)
    await undo(id, agreed)
    const { version, changed_at, ...same } = await ride(id)
    const { version: _, changed_at: __, ...was } = before
    expect(same).toEqual(was)
  })

  test('with its stops, and they go with the undo', async () => {
    const { id } = await askRide(rider)
    const stops = () =>
      world.db
        .selectFrom('ride_stops')
        .select('label')
        .where('ride_id', '=', id as RideId)
        .orderBy('place')
        .execute()
    const priced = await price(id, { stops: [{ ...BRYANT_PARK, label: 'Bryant Park' }] })
    expect(priced.fareMinor).toBeGreaterThan(0)
    const agreed = await send(id, 'agreement', { quoteId: priced.quoteId })
    expect(await stops()).toEqual([{ label: 'Bryant Park' }])
    await undo(id, agreed)
    expect(await stops()).toEqual([])
  })

  test('a booking to another time, with a letter, and back', async () => {
    const at = clock.nowMs() + 3 * 3_600_000
    const { id } = await bookRide(rider, at)
    const before = await ride(id)
    const priced = await price(id, { pickupAtMs: at + 3_600_000 })
    const agreed = await send(id, 'agreement', { quoteId: priced.quoteId })
    expect((await ride(id)).scheduled_for?.getTime()).toBe(at + 3_600_000)
    await undo(id, agreed)
    const { version, changed_at, ...same } = await ride(id)
    const { version: _, changed_at: __, ...was } = before
    expect(same).toEqual(was)
    expect((await call(id, 'price', { pickupAtMs: clock.nowMs() + 60_000 })).status).toBe(422)
  })

  test('with a driver on the way it is their yes that counts, and the desk may stop asking', async () => {
    const { id } = await askRide(rider)
    await send(id, 'assignment', { driverId: bo() })
    const before = await promised(id)
    const priced = await price(id, { from: { ...BRYANT_PARK, label: 'Bryant Park' } })
    const asked = await send<DeskAnswer & { isAsked: boolean }>(id, 'agreement', { quoteId: priced.quoteId })
    expect(asked.isAsked).toBe(true)
    expect((await (await world.canal.driver.client.get('/driver')).text()).includes('from Bryant Park')).toBe(
      true,
    )
    await undo(id, asked)
    expect(await promised(id)).toEqual(before)
    expect(await call(id, 'price', { class: 'black' })).toMatchObject({
      ...{ status: 409, detail: expect.stringContaining('A driver has this ride') },
    })
    // On board only who rides asks.
    await takeSteps(world.canal.driver, id, 3)
    expect(await call(id, 'price', { seats: 2 })).toMatchObject({
      ...{ status: 409, detail: expect.stringContaining('The rider is on board.') },
    })
    await takeSteps(world.canal.driver, id, 4).catch(() => null)
    await world.canal.driver.client.done('POST', `/api/v1/rides/${id}/steps`, { step: 'finish' })
  })

  test('name and note at once, and an offer that is open stays', async () => {
    const { id } = await askRide(rider)
    for (const dispatcher of world.dispatchers) await dispatcher.run()
    const offers = () =>
      world.db
        .selectFrom('offers')
        .select('state')
        .where('ride_id', '=', id as RideId)
        .execute()
    expect(await offers()).toEqual([{ state: 'pending' }])
    const named = await send(id, 'edit', { riderName: '<b>Noor</b>', note: 'by the red door' })
    expect(await offers()).toEqual([{ state: 'pending' }])
    expect(await ride(id)).toMatchObject({ rider_name: '<b>Noor</b>', note: 'by the red door' })
    expect((await call(id, 'edit', { riderName: '<b>Noor</b>', note: 'by the red door' })).status).toBe(409)
    await undo(id, named)
    expect(await ride(id)).toMatchObject({ rider_name: rider.name, note: '' })
  })

  test('on its page by form alone: what is wrong stays typed, the price is said, and another desk reads who is at it', async () => {
    const { dispatcher, admin } = world.canal
    const { id } = await askRide(rider)
    const page = async (path: string, by: Person = dispatcher) => (await by.client.get(path)).text()
    const version = String((await ride(id)).version)
    const form = (fields: Record<string, string>) =>
      dispatcher.client.form(`/board/rides/${id}/price`, {
        ...{ from: 'Times Square', from_lat: '40.758', from_lng: '-73.9855', to: 'Bryant Park' },
        ...{
          to_lat: '40.7536',
          to_lng: '-73.9832',
          class: 'standard',
          seats: '1',
          version,
          key: crypto.randomUUID(),
        },
        ...fields,
      })
    expect((await page(`/board/rides/${id}/edit`)).includes(`name="version" value="${version}"`)).toBe(true)
    expect(
      (await page(`/board/rides/${id}`, admin)).includes(`${dispatcher.name} is changing this ride.`),
    ).toBe(true)
    const wrong = await form({ class: 'black', seats: '4' })
    expect([wrong.status, (await wrong.text()).includes('takes 3 people at most')]).toEqual([422, true])
    const said = await form({})
    expect(said.status).toBe(303)
    const asked = await page(said.headers.get('location')!)
    expect(asked.includes('Agreed: change it')).toBe(true)
    const quote_id = asked.match(/name="quote_id" value="([^"]+)"/)![1]!
    const done = await dispatcher.client.form(`/board/rides/${id}/agreement`, {
      ...{ quote_id, version, key: crypto.randomUUID() },
    })
    expect([done.status, done.headers.get('location')]).toEqual([303, `/board?ride=${id}`])
    expect((await ride(id)).dropoff_label).toBe('Bryant Park')
    const stale = await form({})
    expect((await page(stale.headers.get('location') ?? `/board?ride=${id}`)).length).toBeGreaterThan(0)
    expect(stale.status).toBe(409)
  })
})
