/** Stops between the ends of a ride: promised with the price, driven one after the other, waited at by the tariff. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { destination } from '../../src/engine/geo.ts'
import { PLAIN_RULES } from '../../src/engine/tariff.ts'
import type { LatLng } from '../../src/engine/units.ts'
import { fareOfRide } from '../../src/rides/final-fare.ts'
import { stopsOfRide } from '../../src/rides/stops.ts'
import { type AppWorld, startApp, WALL_STREET } from '../support/app-world.ts'
import { BRYANT_PARK, makeDriver, makeRider, TIMES_SQUARE } from '../support/cast.ts'
import { openDesk, startWorld, violationsOf } from '../support/dispatch.ts'
import { assign, goOnline, type RideAnswer } from '../support/ride-steps.ts'

const [FIRST, SECOND]: [LatLng, LatLng] = [BRYANT_PARK, destination(BRYANT_PARK, 200, 2_000)]

describe('a ride with stops', () => {
  test('is reached and left stop by stop, by whoever presses how often, and its waits are paid by what a fix shows', async () => {
    const world = await startWorld()
    const { db, clock, city } = world
    const desk = openDesk(world)
    const ada = await makeRider(db, world.random, 'Ada Okafor')
    const bo = await makeDriver(db, world.random, city, 'Bo Lindqvist')
    // Two minutes free at each place, then a cent a second.
    await db
      .updateTable('regions')
      .set({ unfulfilled_after_s: 3_000 })
      .where('id', '=', city.regionId)
      .execute()
    const tariffs = await db
      .selectFrom('tariffs')
      .selectAll()
      .where('company_id', '=', city.companyId)
      .execute()
    for (const {
      created_at,
      created_by,
      published_at,
      published_by,
      withdrawn_at,
      withdrawn_by,
      ...row
    } of tariffs)
      await db
        .insertInto('tariffs')
        .values({
          ...{ ...row, state: 'published', id: world.random.uuid(), version: row.version! + 1 },
          rules: JSON.stringify({
            ...PLAIN_RULES,
            waiting: { graceS: 120, perMinuteMinor: 60, mostMinor: null },
          }),
        })
        .execute()
    await desk.goOnShift(bo, TIMES_SQUARE)
    const [plain] = await desk.quotes(ada)
    const asked = await desk.request(ada, { stops: [FIRST, SECOND] })
    expect(asked.distance_m).toBeGreaterThan(plain!.distance_m)
    expect(asked.fare_minor).toBeGreaterThan(plain!.fare_minor)
    await desk.tick()
    await desk.accept(bo)
    expect(await desk.step(bo, asked.id, 'reach_stop', undefined, 1)).toMatchObject({ ok: false })
    await desk.drive(bo, asked.id, ['set_off', 'arrive', 'board'])
    await desk.fleet.settle()
    expect(desk.fleet.car(bo.id)?.duty.onBoard?.by).toEqual(
      [FIRST, SECOND].map(({ lat, lng }) => ({ lat, lng })),
    )

    const step = (type: 'reach_stop' | 'leave_stop', stop: number) =>
      desk.step(bo, asked.id, type, undefined, stop)
    expect((await step('leave_stop', 1)).ok).toBe(false)
    expect((await step('reach_stop', 2)).ok).toBe(false)
    const presses = await Promise.all(Array.from({ length: 6 }, () => step('reach_stop', 1)))
    expect(presses.filter(({ ok }) => ok)).toHaveLength(1)
    await db
      .insertInto('ride_trails')
      .values(
        [0, 60, 120, 180, 240, 300].map((s) => ({
          ...{ company_id: city.companyId, ride_id: asked.id, at: new Date(clock.nowMs() + s * 1_000) },
          ...{ ...destination(FIRST, 90, 20), accuracy_m: 8 },
        })),
      )
      .execute()
    clock.advance(300_000)
    expect((await step('leave_stop', 1)).ok).toBe(true)
    // A press that comes late, of the stop before, is not taken for the next one.
    expect((await step('reach_stop', 1)).ok).toBe(false)
    await desk.fleet.settle()
    expect(desk.fleet.car(bo.id)?.duty.onBoard?.by).toHaveLength(1)
    expect((await step('reach_stop', 2)).ok).toBe(true)
    clock.advance(600_000)
    // No fix shows the car at the second: nothing is charged for it. The rider gets out there.
    const ended = await desk.step(bo, asked.id, 'finish')
    const fare = (await fareOfRide(db, city.companyId, asked.id))!
    expect(fare.reasons).toEqual([
      { code: 'waited_at_stop', measured: 300, differenceMinor: fare.total_minor - asked.fare_minor },
    ])
    expect(fare.lines.find(({ code }) => code === 'waiting')).toMatchObject({ amountMinor: 180 })
    expect(ended.ok && ended.value.fare_minor).toBe(fare.total_minor)
    expect(fare.evidence.stops?.map(({ waitedS, gpsAwayM }) => [waitedS, gpsAwayM])).toEqual([
      [300, 20],
      [0, null],
    ])
    expect((await stopsOfRide(db, city.companyId, asked.id)).map(({ left_at }) => left_at !== null)).toEqual([
      ...[true, false],
    ])
    expect(await violationsOf(world)).toEqual([])
    await world.database.stop()
  }, 60_000)
})

describe('on the pages, with scripts off', () => {
  let world: AppWorld
  beforeAll(async () => {
    world = await startApp({ running: false, sharing: true })
  }, 60_000)
  afterAll(() => world?.stop())

  const at = (name: string, { lat, lng }: LatLng, label: string) => ({
    ...{ [name]: label, [`${name}_lat`]: String(lat), [`${name}_lng`]: String(lng) },
  })
  /** What a page's script reads from an attribute. */
  const dataOf = (markup: string, name: string) => {
    const value = new RegExp(`data-${name}="([^"]*)"`).exec(markup)?.[1] ?? '{}'
    return JSON.parse(value.replaceAll('&quot;', '"').replaceAll('&amp;', '&')) as { stops?: unknown }
  }
  const WAY = { ...at('from', TIMES_SQUARE, 'Times Square'), ...at('to', WALL_STREET, 'Wall Street') }

  test('each row for a stop is offered places under its own name, and no other word is a field', async () => {
    const { client } = world.canal.rider
    const list = await client.get('/places?q=times&field=stop2')
    expect(list.status).toBe(200)
    expect(await list.text()).toContain('id="stop2-list"')
    expect((await client.get('/places?q=times&field=stop4')).status).toBe(422)
  })

  test('stops are asked for with the price, shown to both, and driven one by one', async () => {
    const { canal } = world
    const { client } = canal.rider
    expect(await (await client.get('/request')).text()).toContain('Add a stop')
    const outside = await client.form('/quotes', {
      ...WAY,
      ...at('stop1', { lat: 41.5, lng: -73.9 }, 'Up north'),
    })
    expect(outside.status).toBe(422)
    expect(await outside.text()).toContain('We do not drive there')
    const twice = await client.form('/quotes', { ...WAY, ...at('stop1', WALL_STREET, 'Wall Street') })
    expect(await twice.text()).toContain('The car is there already by then')

    const asked = await client.form('/quotes', { ...WAY, ...at('stop1', FIRST, 'Bryant Park') })
    expect(asked.status).toBe(303)
    const prices = await (await client.get(asked.headers.get('location')!)).text()
    expect(prices).toContain('Bryant Park')
    expect(prices).toContain('name="stop1"')
    // Nobody waits in a car while another runs an errand.
    expect(prices).not.toContain('Standard shared')
    const quoteId = /name="quote_id" value="([^"]+)"/.exec(prices)![1]!
    const ride = await client.done<RideAnswer>('POST', '/api/v1/rides', {
      quoteId,
      payment: 'cash',
      note: '',
    })
    await goOnline(world, canal.driver)
    await assign(canal, ride.id)
    for (const step of ['set_off', 'arrive', 'board'])
      await canal.driver.client.done('POST', `/api/v1/rides/${ride.id}/steps`, { step })
    const page = async (path: string, of = client) => (await of.get(path)).text()
    const driver = canal.driver.client
    expect(await page('/driver', driver)).toContain('I’m at stop 1')
    const ridePage = await page(`/rides/${ride.id}`)
    expect(ridePage).toContain('Bryant Park')
    // The same number at the same place on everybody's map.
    const mark = { lat: FIRST.lat, lng: FIRST.lng, isPassed: false }
    expect(dataOf(ridePage, 'map').stops).toEqual([mark])
    expect(dataOf(await page('/driver', driver), 'scene').stops).toEqual([mark])
    const desk = canal.dispatcher.client
    const pane = await page(`/board/rides/${ride.id}`, desk)
    expect(dataOf(pane, 'scene').stops).toEqual([mark])
    expect(pane).toMatch(/Stop 1: <\/span>.*Bryant Park/)
    const steps = `/rides/${ride.id}/steps`
    expect(
      (await driver.form(steps, { step: 'reach_stop', stop: '1', key: crypto.randomUUID() })).status,
    ).toBe(303)
    expect(await page(`/rides/${ride.id}`)).toContain('At stop 1')
    const waits = await page('/driver', driver)
    expect(waits).toContain('Go on')
    expect(waits).toContain('on to Wall Street')
    expect(
      (await driver.form(steps, { step: 'leave_stop', stop: '1', key: crypto.randomUUID() })).status,
    ).toBe(303)
    expect(await page('/driver', driver)).toContain('Complete ride')
    expect(dataOf(await page('/driver', driver), 'scene').stops).toEqual([{ ...mark, isPassed: true }])
    expect(await page(`/board/rides/${ride.id}`, desk)).toMatch(/Bryant Park.*>done</)
    const told = await client.done<{ stops: { leftAtMs: number | null }[] }>(
      'GET',
      `/api/v1/rides/${ride.id}`,
    )
    expect(told.stops[0]!.leftAtMs).not.toBeNull()
    expect(world.lines).toEqual([])
  }, 30_000)
})
