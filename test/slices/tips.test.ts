import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { promoShape } from '../../src/fares/promo-shape.ts'
import { createPromo } from '../../src/fares/promos.ts'
import { commit } from '../../src/io/commit.ts'
import { checkInvariants } from '../../src/ops/invariants.ts'
import { tipRide } from '../../src/rides/tips.ts'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import { makeDriver, makeRider, TIMES_SQUARE } from '../support/cast.ts'
import { openDesk, startWorld, violationsOf } from '../support/dispatch.ts'
import { askRide, assign, goOnline, takeSteps } from '../support/ride-steps.ts'

describe('a tip', () => {
  test('is the rider’s debt and all the driver’s, once, whatever is pressed how often at once', async () => {
    const world = await startWorld()
    const desk = openDesk(world)
    const ada = await makeRider(world.db, world.random, 'Ada Okafor')
    const eve = await makeRider(world.db, world.random, 'Eve Brandt')
    const bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
    await desk.goOnShift(bo, TIMES_SQUARE)
    const { id } = await desk.request(ada)
    const give = (riderId = ada.id, amountMinor = 500) =>
      desk.inOneUnit((unit) =>
        tipRide(unit, world.random, { companyId: world.city.companyId, rideId: id, riderId, amountMinor }),
      )
    expect(await give()).toEqual({ ok: false, reason: 'not_allowed_now' })
    await desk.tick()
    await desk.accept(bo)
    const ride = await desk.drive(bo, id, ['set_off', 'arrive', 'board', 'finish'])
    expect(await give(eve.id)).toEqual({ ok: false, reason: 'not_found' })
    expect(await give(ada.id, Math.max(ride.fare_minor, 5_000) + 1)).toEqual({
      ...{ ok: false, reason: 'tip_too_large' },
    })
    const answers = await Promise.all(Array.from({ length: 8 }, () => give()))
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
    expect(answers.filter((answer) => !answer.ok && answer.reason === 'tip_given')).toHaveLength(7)
    const entries = await world.db
      .selectFrom('ledger_entries')
      .select(['account', 'amount_minor'])
      .orderBy('transaction_id')
      .orderBy('seq')
      .execute()
    expect(entries.map(({ account, amount_minor }) => [account, amount_minor]).slice(-2)).toEqual([
      [`receivable:rider:${ada.id}`, 500],
      [`payable:driver:${bo.id}`, -500],
    ])
    expect(entries.reduce((sum, entry) => sum + entry.amount_minor, 0)).toBe(0)
    expect(await violationsOf(world)).toEqual([])
    const second = await desk.request(ada)
    desk.ping(bo, TIMES_SQUARE)
    await desk.tick()
    await desk.accept(bo)
    await desk.drive(bo, second.id, ['set_off', 'arrive', 'board', 'finish'])
    world.clock.advance(14 * 86_400_000)
    const late = await desk.inOneUnit((unit) =>
      tipRide(unit, world.random, {
        ...{ companyId: world.city.companyId, rideId: second.id, riderId: ada.id, amountMinor: 500 },
      }),
    )
    expect(late).toEqual({ ok: false, reason: 'tip_too_late' })
    await world.database.stop()
  }, 60_000)
})

describe('on the pages', () => {
  let world: AppWorld
  let ada: Person
  beforeAll(async () => {
    world = await startApp({ running: false })
    ada = world.canal.rider
    const made = await commit({ db: world.db, bus: world.bus, clock: world.clock }, (unit) =>
      createPromo(unit, world.random, {
        ...{ companyId: world.canal.companyId, currency: 'USD', by: {} },
        promo: promoShape.parse({ code: 'HELLO', offMinor: 300 }),
      }),
    )
    expect(made.ok).toBe(true)
  }, 60_000)
  afterAll(() => world?.stop())

  const WAY = {
    ...{ from: 'Times Square', from_lat: '40.758', from_lng: '-73.9855' },
    ...{ to: 'Wall Street', to_lat: '40.7074', to_lng: '-74.0113' },
  }
  const prices = async (code: string) => {
    const asked = await ada.client.form('/quotes', { ...WAY, code })
    expect(asked.status).toBe(303)
    return (await ada.client.get(asked.headers.get('location')!)).text()
  }

  test('a code is tried with the prices, a wrong one is said and the prices are there all the same', async () => {
    const wrong = await prices('helo')
    expect(wrong).toContain('There is no such code.')
    expect(wrong).toContain('name="quote_id"')
    const right = await prices(' hello ')
    expect(right).toContain('Code HELLO')
    expect(right).toContain('-$3.00')
    const place = (lat: number, lng: number) => ({ lat, lng, label: 'Here' })
    const api = (code: string) =>
      ada.client.call('POST', '/api/v1/quotes', {
        ...{ from: place(40.758, -73.9855), to: place(40.7074, -74.0113), code },
      })
    const refused = await api('helo')
    expect(refused.status).toBe(422)
    expect(await refused.json()).toMatchObject({ errors: [{ field: 'code' }] })
    const answer = (await (await api('hello')).json()) as { options: { lines: { label: string }[] }[] }
    expect(answer.options[0]!.lines.map(({ label }) => label)).toContain('Code HELLO')
  })

  test('the receipt asks for a tip, takes an amount as people write it, and then says what was given', async () => {
    const { canal } = world
    await goOnline(world, canal.driver)
    const { id } = await askRide(ada)
    await assign(canal, id)
    await takeSteps(canal.driver, id, 4)
    const receipt = async () => (await ada.client.get(`/rides/${id}/receipt`)).text()
    expect(await receipt()).toContain('A tip for')
    const none = await ada.client.form(`/rides/${id}/tip`, { amount: '' })
    expect(none.status).toBe(422)
    expect(await none.text()).toContain('Choose an amount')
    expect(
      (await ada.client.form(`/rides/${id}/tip`, { amount: '4,50', key: crypto.randomUUID() })).status,
    ).toBe(303)
    const after = await receipt()
    expect(after).toContain('$4.50')
    expect(after).not.toContain('A tip for')
    const again = await ada.client.form(`/rides/${id}/tip`, { amount_minor: '500', key: crypto.randomUUID() })
    expect(again.status).toBe(409)
    expect(await (await world.canal.driver.client.get('/driver/earnings')).text()).toContain('with a tip of')
    expect(await checkInvariants(world.db, { nowMs: world.clock.nowMs() })).toEqual([])
  })
})
