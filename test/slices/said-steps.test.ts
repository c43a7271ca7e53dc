/** Steps that a phone sends later than they were pressed: both times are kept, and ours is the one that counts. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { RideId } from '../../src/engine/units.ts'
import { saidEarlier } from '../../src/rides/rides.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { askRide, assign, goOnline } from '../support/ride-steps.ts'

describe('what a phone says of the time', () => {
  const NOW_MS = Date.UTC(2026, 10, 22)
  const cases: [string, number | undefined, boolean][] = [
    ['nothing', undefined, false],
    ['a moment ago, as any press', NOW_MS - 3_000, false],
    ['minutes ago', NOW_MS - 300_000, true],
    ['later than now', NOW_MS + 60_000, false],
    ['two days ago', NOW_MS - 2 * 86_400_000, false],
  ]
  for (const [words, saidAtMs, counts] of cases)
    test(`${words}: is ${counts ? 'kept' : 'nothing to keep'}`, () => {
      expect(saidEarlier(saidAtMs, NOW_MS)).toBe(counts ? saidAtMs : undefined)
    })
})

describe('a step from a phone that had no network', () => {
  let world: AppWorld
  beforeAll(async () => {
    world = await startApp()
  }, 60_000)
  afterAll(() => world.stop())

  test('keeps both times, the desk reads them, and waiting counts from ours', async () => {
    const { canal, db } = world
    const { rider, driver, dispatcher } = canal
    await goOnline(world, driver)
    const { id } = await askRide(rider)
    await assign(canal, id)
    await driver.client.done('POST', `/api/v1/rides/${id}/steps`, { step: 'set_off' })
    const saidAtMs = Math.floor(world.clock.nowMs()) - 240_000
    await driver.client.done('POST', `/api/v1/rides/${id}/steps`, { step: 'arrive', saidAtMs })
    const events = await db
      .selectFrom('ride_events')
      .select(['type', 'at', 'said_at'])
      .where('ride_id', '=', id as RideId)
      .orderBy('version')
      .execute()
    expect(events.map(({ type, said_at }) => [type, said_at?.getTime() ?? null]).slice(-2)).toEqual([
      ['set_off', null],
      ['arrive', saidAtMs],
    ])
    const ride = await db
      .selectFrom('rides')
      .select('arrived_at')
      .where('id', '=', id as RideId)
      .executeTakeFirstOrThrow()
    expect(ride.arrived_at).toEqual(events.at(-1)!.at)
    const pane = await (await dispatcher.client.get(`/board?ride=${id}`)).text()
    expect(/arrived <.*pressed .* by the phone, without network/s.test(pane)).toBe(true)
  })

  test('says so when the ride was cancelled before it came', async () => {
    const { rider, driver } = world.canal
    const { ride } = await driver.client.done<{ ride: { id: string } }>('GET', '/api/v1/driver')
    await rider.client.done('POST', `/api/v1/rides/${ride.id}/cancellation`, {
      feeMinor: (
        await rider.client.done<{ cancellation: { feeMinor: number } }>('GET', `/api/v1/rides/${ride.id}`)
      ).cancellation.feeMinor,
    })
    const answer = await driver.client.call('POST', `/api/v1/rides/${ride.id}/steps`, { step: 'board' })
    expect(answer.status).toBe(409)
    expect(((await answer.json()) as { detail: string }).detail).toStartWith(
      'The ride was cancelled before this',
    )
  })
})
