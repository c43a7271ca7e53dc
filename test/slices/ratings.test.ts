import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { ratingsOfDriver } from '../../src/aftercare/ratings.ts'
import { CHANGE_WITHIN_MS, RATE_WITHIN_MS } from '../../src/engine/rating.ts'
import type { DriverId, RideId } from '../../src/engine/units.ts'
import { makeDriverStars } from '../../src/tracking/driver-stars.ts'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import { askRide, assign, goOnline, takeSteps } from '../support/ride-steps.ts'

let world: AppWorld
let ada: Person
beforeAll(async () => {
  world = await startApp({ running: false })
  ada = world.canal.rider
}, 60_000)
afterAll(() => world?.stop())

/** A ride of Ada's that Bo drove to its end. */
async function driven(rider = ada): Promise<string> {
  await world.limits.forgive('rides_person', rider.identityId)
  const { id } = await askRide(rider)
  await goOnline(world, world.canal.driver)
  await assign(world.canal, id)
  await takeSteps(world.canal.driver, id, 4)
  return id
}

const rate = (who: Person, path: string, body: Record<string, unknown>) => who.client.call('POST', path, body)
const key = () => crypto.randomUUID()
const rows = (rideId: string) =>
  world.db
    .selectFrom('ride_ratings')
    .selectAll()
    .where('ride_id', '=', rideId as RideId)
    .orderBy('side')
    .execute()

describe('a rider rates the driver', () => {
  test('on the receipt, without script: stars, words that go with them, their own words; then it can be changed', async () => {
    const id = await driven()
    const receipt = async () => (await ada.client.get(`/rides/${id}/receipt`)).text()
    expect(await receipt()).toContain('How was Bo L.?')
    const none = await ada.client.form(`/rides/${id}/rating`, { text: 'fine', key: key() })
    expect(none.status).toBe(422)
    expect(await none.text()).toContain('Choose one to five stars.')
    const given = { stars: '5', word_safe: 'yes', word_unsafe: 'yes', text: '<b>Thank</b> you', key: key() }
    const sent = await ada.client.form(`/rides/${id}/rating`, given)
    expect([sent.status, sent.headers.get('location')]).toEqual([
      303,
      `/rides/${id}/receipt?done=rated#rating`,
    ])
    expect(await rows(id)).toMatchObject([{ stars: 5, words: ['safe'], text: '<b>Thank</b> you' }])
    // The same form once more is the same rating.
    expect((await ada.client.form(`/rides/${id}/rating`, given)).status).toBe(303)
    const shown = await receipt()
    expect(shown).toContain('You rated Bo L.')
    expect(shown).toContain('&lt;b&gt;Thank')
    expect(shown).not.toContain('<b>Thank')
    expect((await ada.client.form(`/rides/${id}/rating`, { stars: '4', key: key() })).status).toBe(303)
    expect(await rows(id)).toMatchObject([{ stars: 4, words: [], text: '' }])
  })

  test('once for each ride, however many presses race; a day later it stands', async () => {
    const id = await driven()
    const path = `/api/v1/rides/${id}/rating`
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => rate(ada, path, { stars: (i % 5) + 1 })),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200))
    expect(await rows(id)).toHaveLength(1)
    await world.db
      .updateTable('ride_ratings')
      .set({ rated_at: new Date(world.clock.nowMs() - CHANGE_WITHIN_MS) })
      .where('ride_id', '=', id as RideId)
      .execute()
    const late = await rate(ada, path, { stars: 1 })
    expect([late.status, await late.text()]).toEqual([409, expect.stringContaining('This one stands')])
  })

  test('not one that is under way, another’s, or longer ago than two weeks; not with six stars or unknown words', async () => {
    const id = await driven()
    const path = `/api/v1/rides/${id}/rating`
    expect((await rate(world.canal.otherRider, path, { stars: 1 })).status).toBe(404)
    expect((await rate(ada, path, { stars: 6 })).status).toBe(422)
    expect((await rate(ada, path, { stars: 5, words: ['rude'] })).status).toBe(422)
    const { id: open } = await askRide(ada)
    expect((await rate(ada, `/api/v1/rides/${open}/rating`, { stars: 5 })).status).toBe(409)
    await ada.client.done('POST', `/api/v1/rides/${open}/cancellation`, { feeMinor: 0 })
    const endedAt = new Date(world.clock.nowMs() - RATE_WITHIN_MS)
    await world.db
      .updateTable('rides')
      .set({ ended_at: endedAt })
      .where('id', '=', id as RideId)
      .execute()
    const late = await rate(ada, path, { stars: 5 })
    expect([late.status, await late.text()]).toEqual([409, expect.stringContaining('two weeks')])
    expect(await (await ada.client.get(`/rides/${id}/receipt`)).text()).not.toContain('How was Bo')
  })
})

describe('what the driver gets to know', () => {
  test('nothing of a rating before a day has gone by, and no average of fewer than five', async () => {
    const { otherDriver, otherRider, companyId } = world.canal
    await goOnline(world, otherDriver)
    const ids: string[] = []
    for (let n = 0; n < 5; n++) {
      await world.limits.forgive('rides_person', otherRider.identityId)
      const { id } = await askRide(otherRider)
      await assign({ ...world.canal, driver: otherDriver }, id)
      await takeSteps(otherDriver, id, 4)
      await rate(otherRider, `/api/v1/rides/${id}/rating`, { stars: n === 0 ? 1 : 5, text: `word ${9 - n}` })
      ids.push(id)
    }
    const now = (laterMs: number) =>
      ratingsOfDriver(world.db, companyId, {
        ...{ driverId: otherDriver.driverId as DriverId, nowMs: world.clock.nowMs() + laterMs },
      })
    expect(await now(0)).toMatchObject({ count: 0, average: null, texts: [], fresh: 5 })
    expect(await (await otherDriver.client.get('/driver/ratings')).text()).toContain('5 of the last day')
    expect(await now(CHANGE_WITHIN_MS)).toMatchObject({ count: 5, average: 4.2, fresh: 0 })
    await world.db
      .updateTable('ride_ratings')
      .set({ rated_at: new Date(world.clock.nowMs() - CHANGE_WITHIN_MS) })
      .where('ride_id', 'in', ids as RideId[])
      .execute()
    const { id: next } = await askRide(ada)
    await assign({ ...world.canal, driver: otherDriver }, next)
    const rides = async () => (await ada.client.get(`/rides/${next}`)).text()
    expect(await rides()).toContain('rated 4.2 of 5')
    const nowMs = world.clock.nowMs()
    const stars = makeDriverStars({ db: world.db, clock: { ...world.clock, nowMs: () => nowMs - 60_000 } })
    // A moment before a day has gone by, and of the driver whom nobody rated so often.
    expect(await stars(companyId, otherDriver.driverId as DriverId)).toBeNull()
    expect(await stars(companyId, world.canal.driver.driverId as DriverId)).toBeNull()
    const page = await (await otherDriver.client.get('/driver/ratings')).text()
    expect(page).toContain('>4.2<')
    expect(page.indexOf('word 5')).toBeLessThan(page.indexOf('word 9'))
    for (const id of ids) expect(page).not.toContain(id)
    await world.db
      .deleteFrom('ride_ratings')
      .where('ride_id', '=', ids[0] as RideId)
      .execute()
    const four = await otherDriver.client.done<{ count: number }>('GET', '/api/v1/driver/ratings')
    expect(four).toEqual({ count: 4, average: null, byStars: [], words: [] } as never)
    expect(await (await otherDriver.client.get('/driver/ratings')).text()).not.toContain('word 5')
  })
})

describe('a driver rates the rider', () => {
  test('of their own ride, and the rider is not shown it', async () => {
    const id = await driven()
    const { driver, otherDriver } = world.canal
    const path = `/driver/rides/${id}/rating`
    expect((await otherDriver.client.get(path)).status).toBe(404)
    expect(await (await driver.client.get(path)).text()).toContain('Rate your rider')
    const none = await driver.client.form(path, { key: key() })
    expect([none.status, await none.text()]).toEqual([422, expect.stringContaining('one to five stars')])
    const sent = await driver.client.form(path, { stars: '2', word_mess: 'yes', text: 'chips', key: key() })
    expect(sent.status).toBe(303)
    expect(await rows(id)).toMatchObject([{ side: 'driver', stars: 2, words: ['mess'] }])
    expect(await (await ada.client.get(`/rides/${id}/receipt`)).text()).not.toContain('chips')
    expect((await rate(driver, `/api/v1${path}`, { stars: 3 })).status).toBe(200)
    expect((await rate(otherDriver, `/api/v1${path}`, { stars: 1 })).status).toBe(404)
  })
})

describe('low ratings', () => {
  test('wait at the desk until somebody has looked at them; a change makes them new', async () => {
    const id = await driven()
    const { dispatcher, driver } = world.canal
    const desk = async () => (await dispatcher.client.get('/board/ratings')).text()
    await rate(ada, `/api/v1/rides/${id}/rating`, { stars: 3 })
    expect(await desk()).not.toContain(`ride=${id}`)
    await rate(ada, `/api/v1/rides/${id}/rating`, { stars: 1, words: ['unsafe'], text: 'ran a red light' })
    const shown = await desk()
    expect(shown).toContain(`ride=${id}`)
    expect(shown).toContain('ran a red light')
    expect((await world.uptown.dispatcher.client.get('/board/ratings')).status).toBe(200)
    expect(await (await world.uptown.dispatcher.client.get('/board/ratings')).text()).not.toContain(id)
    expect((await driver.client.get('/board/ratings')).status).toBe(403)
    const see = () => dispatcher.client.form(`/board/rides/${id}/rating/seen`, { side: 'rider', key: key() })
    expect((await Promise.all([see(), see()])).map(({ status }) => status)).toEqual([303, 303])
    expect(await desk()).not.toContain(`ride=${id}`)
    const audited = await world.db
      .selectFrom('audit_entries')
      .select('actor_id')
      .where('action', '=', 'rating.seen')
      .where('subject', '=', id)
      .execute()
    expect(audited).toEqual([{ actor_id: dispatcher.identityId }])
    await rate(ada, `/api/v1/rides/${id}/rating`, { stars: 2 })
    expect(await desk()).toContain(`ride=${id}`)
  })
})
