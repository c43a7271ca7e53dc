/** The desk puts riders who share into one car, within what everybody was promised. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { UNDO_MS } from '../../src/dispatch/desk-acts.ts'
import type { LatLng, RideId } from '../../src/engine/units.ts'
import { type ManualClock, manualClock } from '../../src/io/clock.ts'
import { checkInvariants } from '../../src/ops/invariants.ts'
import { wordsFor } from '../../src/rides/refusals.ts'
import type { MergePreviewProps } from '../../views/board/merge-preview.ts'
import type { SharedCarsProps } from '../../views/board/shared-cars.ts'
import {
  type AppWorld,
  BRYANT_PARK,
  type DriverPerson,
  type Person,
  startApp,
  TIMES_SQUARE,
  WALL_STREET,
} from '../support/app-world.ts'
import { START_MS } from '../support/cast.ts'
import { goOnline, takeSteps } from '../support/ride-steps.ts'

const HERALD_SQUARE = { lat: 40.7497, lng: -73.9878 }
const UNION_SQUARE = { lat: 40.7359, lng: -73.9911 }
const HARLEM = { lat: 40.8116, lng: -73.9465 }

let clock: ManualClock
let world: AppWorld
let people = 0

beforeAll(async () => {
  clock = manualClock(START_MS)
  world = await startApp({ clock, sharing: true })
}, 60_000)
afterAll(() => world?.stop())
beforeEach(async () => {
  await goOnline(world, world.canal.driver, TIMES_SQUARE)
  await goOnline(world, world.canal.otherDriver, BRYANT_PARK)
})
afterEach(async () => {
  expect(await checkInvariants(world.db, { nowMs: clock.nowMs() })).toEqual([])
  const open = await world.db
    .selectFrom('rides')
    .select(['id', 'state', 'driver_id'])
    .where('ended_at', 'is', null)
    .execute()
  for (const { id, state, driver_id } of open) {
    if (state !== 'in_progress') continue
    const by = [world.canal.driver, world.canal.otherDriver].find(({ driverId }) => driverId === driver_id)!
    await by.client.done('POST', `/api/v1/rides/${id}/steps`, { step: 'finish' })
  }
  const waiting = open.filter(({ state }) => state !== 'in_progress').map(({ id }) => ({ id }))
  if (waiting.length > 0)
    await desk().client.done('POST', '/api/v1/board/batches', {
      ...{ act: 'cancel', reason: 'the next test', rides: waiting },
    })
  for (const driver of [world.canal.driver, world.canal.otherDriver])
    await driver.client.done('DELETE', '/api/v1/driver/shift')
})

const desk = () => world.canal.dispatcher
const ride = (id: string) =>
  world.db
    .selectFrom('rides')
    .selectAll()
    .where('id', '=', id as RideId)
    .executeTakeFirstOrThrow()

interface Way {
  readonly from?: LatLng
  readonly to?: LatLng
  readonly seats?: number
  readonly alone?: boolean
}
async function ask({ from = TIMES_SQUARE, to = WALL_STREET, seats = 1, alone = false }: Way = {}) {
  const rider = await world.newRider(`Ada${++people} Okafor`)
  const { options } = await rider.client.done<{ options: { quoteId: string; shared: unknown }[] }>(
    'POST',
    '/api/v1/quotes',
    { from: { ...from, label: 'Here' }, to: { ...to, label: 'There' }, seats },
  )
  const quoteId = options.find((option) => (option.shared === null) === alone)!.quoteId
  const asked = await rider.client.done<{ id: string; reference: string; fareMinor: number }>(
    'POST',
    '/api/v1/rides',
    { quoteId, payment: 'cash', note: '' },
  )
  return { ...asked, rider }
}
const onTheWay = () => ask({ from: HERALD_SQUARE, to: UNION_SQUARE })

const call = async (rideId: string, tail: string, body: Record<string, unknown>, by: Person = desk()) => {
  const response = await by.client.call('POST', `/api/v1/board/rides/${rideId}/${tail}`, body)
  return {
    status: response.status,
    ...((await response.json()) as { detail?: string; undo?: { act: string } }),
  }
}
const sharedCars = async (rideId: string, by: Person = desk()) =>
  (
    await by.client.done<{ sharedCars: SharedCarsProps | null }>(
      'GET',
      `/api/v1/board/rides/${rideId}/candidates`,
    )
  ).sharedCars
/** Somebody is in the driver's shared car, on their way to Wall Street. */
async function carOf(driver: DriverPerson = world.canal.driver, way: Way = {}) {
  const first = await ask(way)
  expect((await call(first.id, 'assignment', { driverId: driver.driverId })).status).toBe(200)
  await world.fleet.settle()
  return first
}

describe('a waiting ride and a car that others share', () => {
  test('the desk reads what it means for everybody, puts it in, and takes it back', async () => {
    const { driver } = world.canal
    const first = await carOf()
    const { id, fareMinor } = await onTheWay()
    const waiting = await ride(id)
    const cars = await sharedCars(id)
    expect(cars).toMatchObject({ full: 0, late: 0, cars: [{ callSign: '204', seatsTaken: 2 }] })
    const [car] = cars!.cars
    expect(car!.others).toEqual([expect.objectContaining({ rideId: first.id, riderName: first.rider.name })])
    expect(car!.others[0]!.dropoffAtMs).toBeLessThanOrEqual(car!.others[0]!.latestAtMs)

    const { client } = desk()
    const board = await (await client.get(`/board?ride=${id}`)).text()
    expect(board).toContain('Shared cars under way')
    expect(board).toContain('Put in 204')
    expect(board).toContain(first.rider.name)
    const form = {
      ...{ driver_id: driver.driverId, plan: car!.plan, version: String(waiting.version) },
      key: crypto.randomUUID(),
    }
    const answer = await client.form(`/board/rides/${id}/joining`, form)
    expect(answer.status).toBe(303)
    const page = await (await client.get(answer.headers.get('location')!)).text()
    expect(page).toContain('put into the car of 204')
    expect(page).toContain('In the same car')

    const now = await ride(id)
    expect(now).toMatchObject({ state: 'assigned', driver_id: driver.driverId, fare_minor: fareMinor })
    expect(now.latest_pickup_at!.getTime()).toBeLessThanOrEqual(waiting.latest_pickup_at!.getTime())
    const runs = await world.db
      .selectFrom('run_rides')
      .select('run_id')
      .where('ride_id', 'in', [id, first.id] as RideId[])
      .execute()
    expect(new Set(runs.map(({ run_id }) => run_id)).size).toBe(1)
    const audited = await world.db
      .selectFrom('audit_entries')
      .select(['action', 'detail'])
      .where('subject', '=', id)
      .execute()
    expect(audited).toEqual([
      {
        action: 'ride.joined',
        detail: expect.objectContaining({ after: { driverId: driver.driverId }, with: first.reference }),
      },
    ])

    const [, act] = /name="act" value="([^"]+)"/.exec(page)!
    expect((await call(id, 'undo', { act })).status).toBe(200)
    expect(await ride(id)).toMatchObject({
      ...{ state: 'requested', driver_id: null, deadline_at: waiting.deadline_at },
      ...{ driver_minor: waiting.driver_minor, latest_dropoff_at: waiting.latest_dropoff_at },
    })
    await world.fleet.settle()
    expect(
      world.fleet.car(driver.driverId)?.duty.shared?.stops.map(({ rideId }) => rideId as string),
    ).toEqual([first.id, first.id])
  })

  test('is refused in words where somebody goes alone, has no seat, or would be later than told', async () => {
    const { driver, otherDriver } = world.canal
    const into = { driverId: driver.driverId }
    const early = await onTheWay()
    expect(await call(early.id, 'joining', into)).toMatchObject({
      status: 409,
      detail: wordsFor('no_shared_run'),
    })
    await carOf(driver, { seats: 3 })
    const alone = await ask({ alone: true })
    expect(await sharedCars(alone.id)).toBeNull()
    expect(await call(alone.id, 'joining', into)).toMatchObject({
      ...{ status: 409, detail: wordsFor('not_shared') },
      detail: 'This rider did not choose to share a car, so the ride goes alone.',
    })
    const two = await ask({ from: HERALD_SQUARE, to: UNION_SQUARE, seats: 2 })
    expect(await sharedCars(two.id)).toMatchObject({ cars: [], full: 1, late: 0 })
    expect((await call(two.id, 'joining', into)).detail).toBe(wordsFor('no_seat'))
    const far = await ask({ from: UNION_SQUARE, to: HARLEM })
    expect(await sharedCars(far.id)).toMatchObject({ cars: [], full: 0, late: 1 })
    expect((await call(far.id, 'joining', into)).detail).toBe(wordsFor('promise_broken'))
    expect(await (await desk().client.get(`/board?ride=${far.id}`)).text()).toContain(
      'No shared car under way can take this ride: in 1 somebody would be later than they were told.',
    )
    await desk().client.done('POST', `/api/v1/board/rides/${alone.id}/assignment`, {
      driverId: otherDriver.driverId,
    })
    expect((await call(early.id, 'joining', { driverId: otherDriver.driverId })).detail).toBe(
      wordsFor('no_shared_run'),
    )
    for (const { id } of [early, alone, two, far])
      expect((await ride(id)).driver_id).not.toBe(driver.driverId)
  })

  test('who agrees agrees to what was read: another plan, another version and another company are refused', async () => {
    const { driver, admin } = world.canal
    const first = await carOf()
    const { id } = await onTheWay()
    const [car] = (await sharedCars(id))!.cars
    const { version } = await ride(id)
    const into = { driverId: driver.driverId, plan: car!.plan, version }
    const other = await ask({ from: HERALD_SQUARE, to: UNION_SQUARE })
    expect((await call(other.id, 'joining', { driverId: driver.driverId }, admin)).status).toBe(200)
    expect(await call(id, 'joining', into)).toMatchObject({
      ...{ status: 409, detail: wordsFor('plan_changed') },
      detail: 'Somebody got into or out of that car since you looked. Look at what it means now.',
    })
    expect((await call(id, 'joining', into, world.uptown.dispatcher)).status).toBe(404)
    await world.fleet.settle()
    const [again] = (await sharedCars(id))!.cars
    expect(again!.others.map(({ rideId }) => rideId as string).toSorted()).toEqual(
      [first.id, other.id].toSorted(),
    )
    const answers = await Promise.all([
      call(id, 'joining', { ...into, plan: again!.plan }),
      call(id, 'joining', { ...into, plan: again!.plan }, admin),
    ])
    const statuses = answers.map(({ status }) => status).toSorted()
    expect(statuses).toEqual([200, 409])
    expect(answers.find(({ status }) => status === 409)).toMatchObject({
      detail: expect.stringContaining('gave this ride to 204'),
    })
    await clock.advance(UNDO_MS)
    const act = answers.find(({ undo }) => undo !== undefined)!.undo!.act
    expect((await call(id, 'undo', { act })).detail).toBe(wordsFor('undo_too_late'))
  })

  test('what the driver was asked meanwhile is taken back, and the stops go on in their new order', async () => {
    const { driver } = world.canal
    const first = await carOf()
    const asked = await onTheWay()
    for (const dispatcher of world.dispatchers) await dispatcher.run()
    const says = () =>
      driver.client.done<{ offer: { rideId: string } | null; stops: { kind: string; rideId: string }[] }>(
        'GET',
        '/api/v1/driver',
      )
    expect((await says()).offer?.rideId).toBe(asked.id)
    const { id } = await onTheWay()
    expect((await call(id, 'joining', { driverId: driver.driverId })).status).toBe(200)
    const { offer, stops } = await says()
    expect(offer).toBeNull()
    expect(stops[0]).toMatchObject({ kind: 'pickup', rideId: first.id })
    expect(stops.filter(({ rideId }) => rideId === id).map(({ kind }) => kind)).toEqual(['pickup', 'dropoff'])
    await takeSteps(driver, first.id, 3)
    await takeSteps(driver, id, 3)
    const pages = await Promise.all(
      [first, asked].map(async ({ rider, id: rideId }) =>
        (await rider.client.get(`/rides/${rideId}`)).text(),
      ),
    )
    for (const page of pages) expect(page).not.toContain(id)
  })
})

interface Batch {
  readonly batchId: string
  readonly done: number
  readonly rows: readonly { rideId: string; words?: string; problem?: { detail: string; reason: string } }[]
}
const batch = (path: string, body: Record<string, unknown> = {}, by: Person = desk()) =>
  by.client.done<Batch>('POST', `/api/v1/board/batches${path}`, body)
const merge = async (rides: readonly { id: string }[], by: Person = desk()) =>
  batch(
    '',
    {
      act: 'merge',
      rides: await Promise.all(rides.map(async ({ id }) => ({ id, version: (await ride(id)).version }))),
    },
    by,
  )
const tick = async () => {
  for (const dispatcher of world.dispatchers) await dispatcher.run()
  await world.fleet.settle()
}
interface DriverSays {
  readonly offer: {
    readonly id: string
    readonly rideId: string
    readonly earnedMinor: number
    readonly fareMinor: number
    readonly together: { riders: number; pickups: { label: string; etaS: number }[] } | null
  } | null
  readonly stops: readonly { kind: string; rideId: string }[]
}
const says = (driver: DriverPerson) => driver.client.done<DriverSays>('GET', '/api/v1/driver')
const answer = (driver: DriverPerson, offerId: string, yes: 'acceptance' | 'decline') =>
  driver.client.call('POST', `/api/v1/offers/${offerId}/${yes}`, {})
/** Both drivers, who is asked first. */
async function whoIsAsked() {
  const { driver, otherDriver } = world.canal
  const offers = await Promise.all([driver, otherDriver].map(async (one) => (await says(one)).offer))
  const asked = offers.filter((offer) => offer !== null)
  expect(asked).toHaveLength(1)
  return offers[0] === null
    ? { asked: otherDriver, other: driver, offer: asked[0]! }
    : { asked: driver, other: otherDriver, offer: asked[0]! }
}

describe('waiting rides that the desk merges', () => {
  test('one car is asked for all, reads what it gets, and takes them as one run at the prices they were told', async () => {
    const one = await ask()
    const two = await onTheWay()
    const merged = await merge([one, two])
    expect(merged).toMatchObject({ done: 2 })
    const board = await (await desk().client.get(`/board?ride=${one.id}`)).text()
    expect(board).toContain('One car for all of them')
    expect(board).toContain(`with ${two.reference}`)
    expect(board).toContain('Go alone')
    await tick()
    const { asked, offer } = await whoIsAsked()
    expect(offer.together).toMatchObject({ riders: 2, pickups: [{ label: 'Here' }] })
    expect(offer.fareMinor).toBe(one.fareMinor + two.fareMinor)
    const callSign = asked === world.canal.driver ? '204' : '163'
    const queue = await (await desk().client.get('/board/queue')).text()
    expect(queue.split(`asking ${callSign}`)).toHaveLength(3)
    const page = await (await asked.client.get('/driver')).text()
    expect(page).toContain('2 riders share')
    expect(page).toContain('another rider gets in')
    expect((await answer(asked, offer.id, 'acceptance')).status).toBe(200)
    const both = [await ride(one.id), await ride(two.id)]
    for (const now of both)
      expect(now).toMatchObject({ state: 'assigned', driver_id: asked.driverId, merged_id: null })
    expect(both.map(({ fare_minor }) => fare_minor)).toEqual([one.fareMinor, two.fareMinor])
    expect(both[0]!.driver_minor + both[1]!.driver_minor).toBe(offer.earnedMinor)
    for (const { pickup_eta_s } of both) expect(pickup_eta_s).toBeGreaterThanOrEqual(0)
    const { stops } = await says(asked)
    expect(stops).toHaveLength(4)
    expect(stops[0]).toMatchObject({ kind: 'pickup', rideId: offer.rideId })
    const runs = await world.db
      .selectFrom('run_rides')
      .select('run_id')
      .where('ride_id', 'in', [one.id, two.id] as RideId[])
      .execute()
    expect(new Set(runs.map(({ run_id }) => run_id)).size).toBe(1)
    const back = await batch(`/${merged.batchId}/undo`)
    expect(back.rows.map(({ problem }) => problem?.reason)).toEqual(['undo_overtaken', 'undo_overtaken'])
    // Each rider reads that it is shared, and nothing of the other.
    const theirs = await (await one.rider.client.get(`/rides/${one.id}`)).text()
    expect(theirs).not.toContain(two.id)
    expect(theirs).not.toContain(two.rider.name)
  })

  test('is taken back within ten seconds: what a driver was asked ends, and each goes alone', async () => {
    const rides = [await ask(), await onTheWay()]
    const merged = await merge(rides)
    await tick()
    const { offer } = await whoIsAsked()
    expect((await batch(`/${merged.batchId}/undo`)).done).toBe(2)
    for (const { id } of rides) expect(await ride(id)).toMatchObject({ state: 'requested', merged_id: null })
    await tick()
    const offers = await Promise.all(
      [world.canal.driver, world.canal.otherDriver].map(async (one) => (await says(one)).offer),
    )
    expect(offers.map((each) => each?.together ?? null)).toEqual([null, null])
    expect(offers.map((each) => each?.rideId ?? '').toSorted()).toEqual(rides.map(({ id }) => id).toSorted())
    expect(offers.map((each) => each?.id)).not.toContain(offer.id)
    const entries = await world.db
      .selectFrom('audit_entries')
      .select('action')
      .where('subject', '=', rides[0]!.id)
      .orderBy('at')
      .execute()
    expect(entries.map(({ action }) => action).toSorted()).toEqual(['ride.act_undone', 'ride.merged'])
  })

  test('who says no is asked for none of them again, and the next car is asked for all', async () => {
    const rides = [await ask(), await onTheWay()]
    await merge(rides)
    await tick()
    const first = await whoIsAsked()
    expect((await answer(first.asked, first.offer.id, 'decline')).status).toBe(200)
    for (const { id } of rides) expect((await ride(id)).misses).toBe(1)
    await tick()
    const second = await whoIsAsked()
    expect(second.asked).toBe(first.other)
    expect(second.offer.together?.riders).toBe(2)
    await clock.advance(16_000)
    await tick()
    for (const { id } of rides) expect((await ride(id)).misses).toBe(2)
  })

  test('when one of them is gone the driver cannot take the rest unasked, and is asked for who is left', async () => {
    const rides = [await ask(), await onTheWay()]
    await merge(rides)
    await tick()
    const { asked, offer } = await whoIsAsked()
    const follower = rides.find(({ id }) => id !== offer.rideId)!
    await follower.rider.client.done('POST', `/api/v1/rides/${follower.id}/cancellation`, { feeMinor: 0 })
    const late = await answer(asked, offer.id, 'acceptance')
    expect([late.status, await late.text()]).toEqual([409, expect.stringContaining('no room for this rider')])
    await tick()
    const now = await whoIsAsked()
    expect(now.offer).toMatchObject({ rideId: offer.rideId, together: null })
    expect((await answer(now.asked, now.offer.id, 'acceptance')).status).toBe(200)
    expect((await ride(offer.rideId)).state).toBe('assigned')
  })

  test('all or none: what stands in the way of one is said of it, and the others stay as they are', async () => {
    const [one, two, alone] = [await ask(), await onTheWay(), await ask({ alone: true })]
    const told = async (rides: readonly { id: string }[]) =>
      (await merge(rides)).rows.map(({ problem }) => problem?.reason)
    expect(await told([one, alone, two])).toEqual(['not_merged', 'not_shared', 'not_merged'])
    expect(await told([one])).toEqual(['merge_one'])
    const many = [one, two, await onTheWay(), await onTheWay(), await onTheWay()]
    expect(new Set(await told(many))).toEqual(new Set(['merge_many']))
    const far = await ask({ from: HARLEM, to: WALL_STREET })
    expect(await told([one, far])).toEqual(['merge_too_late', 'merge_too_late'])
    const full = [await ask({ seats: 3 }), await ask({ seats: 2 })]
    expect(await told(full)).toEqual(['merge_no_seat', 'merge_no_seat'])
    await call(two.id, 'postponement', { minutes: 5 })
    expect(await told([one, two])).toEqual(['not_merged', 'put_off'])
    const uptown = await world.uptown.dispatcher.client.call('POST', '/api/v1/board/batches', {
      ...{ act: 'merge', rides: [{ id: one.id }, { id: two.id }] },
    })
    expect(uptown.status).toBe(404)
    for (const { id } of [one, two, alone, far, ...full]) expect((await ride(id)).merged_id).toBeNull()
  })

  test('what it would mean is told first: who waits and rides longer, seats and fares, as it then comes true', async () => {
    const { driver } = world.canal
    const [one, two] = [await ask(), await onTheWay()]
    const look = (rides: readonly { id: string }[], by: Person = desk()) =>
      by.client.done<Omit<MergePreviewProps, 'key'>>(
        'GET',
        `/api/v1/board/merges?rides=${rides.map(({ id }) => id).join(',')}`,
      )
    const before = [await ride(one.id), await ride(two.id)]
    const told = await look([two, one])
    expect([await ride(one.id), await ride(two.id)]).toEqual(before)
    expect(told).toMatchObject({ car: { callSign: '204' }, seatsMost: 2, hindrance: null, refusals: [] })
    expect(told.riders.map(({ reference, fareMinor }) => [reference, fareMinor])).toEqual([
      [one.reference, one.fareMinor],
      [two.reference, two.fareMinor],
    ])
    const [hers, his] = told.riders
    // The car stands where she is; he has the other one nearer, and rides straight.
    expect(hers!.waitsLongerS).toBe(0)
    expect(hers!.ridesLongerS).toBeGreaterThanOrEqual(0)
    expect(his!.waitsLongerS).not.toBeNull()
    for (const rider of told.riders) {
      expect(rider.pickupAtMs).toBeLessThanOrEqual(rider.latestPickupAtMs)
      expect(rider.dropoffAtMs).toBeLessThanOrEqual(rider.latestDropoffAtMs)
    }
    await merge([one, two])
    await call(one.id, 'assignment', { driverId: driver.driverId })
    const now = [await ride(one.id), await ride(two.id)]
    for (const [n, rider] of told.riders.entries())
      expect(now[n]!.pickup_eta_s).toBe(Math.round((rider.pickupAtMs - told.nowMs) / 1000))
  })

  test('without scripts the bar leads to the same page, which merges; and it says what stands in the way', async () => {
    const [one, two, alone] = [await ask(), await onTheWay(), await ask({ alone: true })]
    const form = (act: string, ...rides: { id: string }[]) =>
      desk().client.form('/board/batches', {
        ...{ act, key: crypto.randomUUID() },
        ride: rides.map(({ id }) => `${id}:1`),
      })
    const looked = await form('look_merge', one, two)
    expect(looked.status).toBe(303)
    const page = await (await desk().client.get(looked.headers.get('location')!)).text()
    expect(page).toContain('riders in one car')
    expect(page).toContain('2 of ')
    expect(page).toContain('as told')
    expect(page).toContain(`name="ride" value="${one.id}:1"`)
    expect((await ride(one.id)).merged_id).toBeNull()
    const against = await form('look_merge', one, alone)
    const refused = await (await desk().client.get(against.headers.get('location')!)).text()
    expect(refused).toContain('These cannot go together')
    expect(refused).toContain(wordsFor('not_shared'))
    expect(refused).not.toContain('Merge them')
    await call(two.id, 'postponement', { minutes: 5 })
    const stale = await form('look_merge', one, two)
    const said = await (await desk().client.get(stale.headers.get('location')!)).text()
    expect(said).toContain('You put this ride off a moment ago.')
    const theirs = await world.uptown.dispatcher.client.call(
      'GET',
      `/api/v1/board/merges?rides=${one.id},${two.id}`,
    )
    expect(theirs.status).toBe(404)
    expect((await desk().client.call('GET', '/api/v1/board/merges?rides=x')).status).toBe(422)
  })

  test('given to a driver by hand all of them go, in the best order from there, and all are taken back', async () => {
    const { driver, otherDriver } = world.canal
    const rides = [await ask(), await onTheWay(), await ask({ from: UNION_SQUARE })]
    await merge(rides)
    const before = await Promise.all(rides.map(({ id }) => ride(id)))
    await tick()
    const asked = await whoIsAsked()
    // The one that is picked up in between: what is chosen is the car, not where it begins.
    const meant = rides[1]!
    const version = before[1]!.version
    const given = await desk().client.done<{ together: string[]; undo: { act: string } }>(
      'POST',
      `/api/v1/board/rides/${meant.id}/assignment`,
      { driverId: driver.driverId, version },
    )
    expect(given.together.toSorted()).toEqual([rides[0]!.id, rides[2]!.id].toSorted())
    expect((await says(asked.asked)).offer).toBeNull()
    const now = await Promise.all(rides.map(({ id }) => ride(id)))
    for (const one of now)
      expect(one).toMatchObject({ state: 'assigned', driver_id: driver.driverId, merged_id: null })
    const { stops } = await says(driver)
    expect(stops).toHaveLength(6)
    expect(stops[0]).toMatchObject({ kind: 'pickup', rideId: rides[0]!.id })
    expect(now.map(({ fare_minor }) => fare_minor)).toEqual(before.map(({ fare_minor }) => fare_minor))
    const board = await (await desk().client.get(`/board?ride=${meant.id}`)).text()
    expect(board).toContain(
      `${meant.reference}, ${[rides[0]!, rides[2]!].map(({ reference }) => reference).join(' and ')} given to 204.`,
    )
    expect((await call(meant.id, 'undo', { act: given.undo.act })).status).toBe(200)
    const back = await Promise.all(rides.map(({ id }) => ride(id)))
    for (const [n, one] of back.entries())
      expect(one).toMatchObject({
        ...{ state: 'requested', driver_id: null, merged_id: before[n]!.merged_id },
        ...{ driver_minor: before[n]!.driver_minor, deadline_at: before[n]!.deadline_at },
        ...{ latest_pickup_at: before[n]!.latest_pickup_at, latest_dropoff_at: before[n]!.latest_dropoff_at },
      })
    expect(await (await desk().client.get(`/board?ride=${meant.id}`)).text()).toContain('One car for all')
    const entries = await world.db
      .selectFrom('audit_entries')
      .select(['subject', 'action'])
      .where(
        'subject',
        'in',
        rides.map(({ id }) => id),
      )
      .where('action', 'in', ['ride.assigned', 'ride.act_undone'])
      .execute()
    expect(entries).toHaveLength(6)
    expect((await says(otherDriver)).stops).toEqual([])
  })

  test('a mistake is not taken back once one of them went on, and nobody is given a part of them', async () => {
    const { driver } = world.canal
    const rides = [await ask(), await onTheWay()]
    await merge(rides)
    const { undo } = await call(rides[0]!.id, 'assignment', { driverId: driver.driverId })
    await world.fleet.settle()
    const [{ rideId: first } = { rideId: '' }] = (await says(driver)).stops
    await takeSteps(driver, first, 1)
    expect(await call(rides[0]!.id, 'undo', { act: undo!.act })).toMatchObject({ status: 409 })
    for (const { id } of rides) expect((await ride(id)).driver_id).toBe(driver.driverId)
  })

  test('a car that would be late for one of them is refused with what to do', async () => {
    const { driver, otherDriver } = world.canal
    for (const one of [driver, otherDriver]) await one.client.done('DELETE', '/api/v1/driver/shift')
    // As long as it takes to drive to Harlem.
    await clock.advance(540_000)
    const rides = [await ask(), await onTheWay()]
    await merge(rides)
    await goOnline(world, driver, HARLEM)
    expect(await call(rides[0]!.id, 'assignment', { driverId: driver.driverId })).toMatchObject({
      ...{ status: 409, detail: wordsFor('merged_late') },
    })
    for (const { id } of rides) expect(await ride(id)).toMatchObject({ state: 'requested', driver_id: null })
    expect(wordsFor('merged_late')).toContain('let one of them go alone')
    await goOnline(world, otherDriver, TIMES_SQUARE)
  })

  test('marked rows go to the nearest as one car, also where only one of the merged was marked', async () => {
    const rides = [await ask(), await onTheWay()]
    await merge(rides)
    const alone = await ask({ alone: true })
    const marked = await Promise.all(
      [...rides, alone].map(async ({ id }) => ({ id, version: (await ride(id)).version })),
    )
    const given = await batch('', { act: 'assign', rides: marked })
    expect(given).toMatchObject({ done: 3 })
    const drivers = await Promise.all([...rides, alone].map(async ({ id }) => (await ride(id)).driver_id))
    expect(drivers[0]).toBe(drivers[1]!)
    expect(drivers[2]).not.toBe(drivers[0]!)
    await batch(`/${given.batchId}/undo`)
    for (const { id } of rides)
      expect(await ride(id)).toMatchObject({ state: 'requested', merged_id: expect.any(String) })
    const one = await batch('', { act: 'assign', rides: [marked[1]!].map(({ id }) => ({ id })) })
    expect(one.done).toBe(1)
    expect((await ride(rides[0]!.id)).driver_id).toBe((await ride(rides[1]!.id)).driver_id!)
  })

  test('a row that changed since it was marked keeps those it goes with where they are', async () => {
    const rides = [await ask(), await onTheWay()]
    await merge(rides)
    const marked = await Promise.all(rides.map(async ({ id }) => ({ id, version: (await ride(id)).version })))
    await call(rides[1]!.id, 'edit', { riderName: rides[1]!.rider.name, note: 'Blue door' })
    const given = await batch('', { act: 'assign', rides: marked })
    expect(new Map(given.rows.map(({ rideId, problem }) => [rideId, problem?.reason]))).toEqual(
      new Map([
        [rides[0]!.id, 'not_merged'],
        [rides[1]!.id, 'stale_ride'],
      ]),
    )
    for (const { id } of rides) expect((await ride(id)).driver_id).toBeNull()
  })

  test('they part when a desk says so, and by themselves when together somebody would be late', async () => {
    for (const driver of [world.canal.driver, world.canal.otherDriver])
      await driver.client.done('DELETE', '/api/v1/driver/shift')
    await world.fleet.settle()
    const rides = [await ask(), await onTheWay(), await ask({ from: UNION_SQUARE })]
    await merge(rides)
    const [first, ...left] = rides
    const { version } = await ride(first!.id)
    const form = { version: String(version), key: crypto.randomUUID() }
    const parted = await desk().client.form(`/board/rides/${first!.id}/parting`, form)
    expect(parted.status).toBe(303)
    const page = await (await desk().client.get(parted.headers.get('location')!)).text()
    expect(page).toContain('goes alone again')
    await tick()
    const marks = await Promise.all(rides.map(async ({ id }) => (await ride(id)).merged_id))
    expect([marks[0], marks[1] === marks[2], marks[1] === null]).toEqual([null, true, false])
    await clock.advance(540_000)
    await tick()
    for (const { id } of left) {
      expect(await ride(id)).toMatchObject({ state: 'requested', merged_id: null })
      expect(await (await desk().client.get(`/board?ride=${id}`)).text()).toContain(
        'somebody would be later than they were told',
      )
    }
  })
})
