/** A car that does not come, and a ride that nobody takes, as rider, driver and desk read and change them. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { RESCUE_AFTER_MISSES } from '../../src/engine/rescue.ts'
import { WATCH_TERMS } from '../../src/engine/watchdog.ts'
import { type ManualClock, manualClock } from '../../src/io/clock.ts'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import { askRide, assign, goOnline, pingAt, type RideAnswer } from '../support/ride-steps.ts'

interface Follow extends RideAnswer {
  readonly checking: { kind: string; actsAtMs: number } | null
  readonly needsRescue: boolean
  readonly putOffUntilMs: number | null
  readonly endWords: string | null
}
interface Day {
  readonly ride: RideAnswer | null
  readonly nudge: { kind: string; actsAtMs: number; answersLeft: number } | null
  readonly taken: { kind: string } | null
}

let people = 0
let world: AppWorld
let clock: ManualClock
beforeAll(async () => {
  clock = manualClock(Date.UTC(2026, 10, 21, 14, 0, 0))
  world = await startApp({ clock, running: false })
}, 60_000)
afterAll(() => world?.stop())
beforeEach(() => goOnline(world, world.canal.driver))
afterEach(async () => {
  const { canal } = world
  const { ride } = await day()
  if (ride !== null)
    await canal.dispatcher.client.done('POST', `/api/v1/board/rides/${ride.id}/release`, { reason: 'next' })
  await canal.driver.client.done('DELETE', '/api/v1/driver/shift')
  expect(world.lines).toEqual([])
})

async function tick(): Promise<void> {
  await world.fleet.settle()
  for (const dispatcher of world.dispatchers) await dispatcher.run()
}
async function pass(seconds: number): Promise<void> {
  for (let s = 0; s < seconds; s += 5) {
    await clock.advance(5_000)
    await tick()
  }
}
const day = () => world.canal.driver.client.done<Day>('GET', '/api/v1/driver')
const follow = (rider: Person, id: string) => rider.client.done<Follow>('GET', `/api/v1/rides/${id}`)
/** What a person reads on a page. */
const page = async (who: Person, path: string) =>
  (await (await who.client.get(path)).text())
    .replaceAll(/<(script|style|svg)[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<[^>]*>/g, '')
/** A page's form, with its one-time key. */
const send = (who: Person, path: string, fields: Record<string, string> = {}) =>
  who.client.form(path, { ...fields, key: crypto.randomUUID() })
const audited = async (action: string) =>
  (
    await world.canal.admin.client.done<{ entries: { subject: { id: string } | string }[] }>(
      'GET',
      `/api/v1/audit?action=${action}`,
    )
  ).entries

/** The driver has the ride of a new rider, and their phone falls silent. */
async function darkRide(): Promise<{ rider: Person; id: string }> {
  const rider = await world.newRider(`Ada${++people} Okafor`)
  const { id } = await askRide(rider)
  await assign(world.canal, id)
  await pass(WATCH_TERMS.darkAfterS + 5)
  return { rider, id }
}

describe('a car that went dark', () => {
  test('is told to all three in their words, and its driver’s answer gives it time', async () => {
    const { canal } = world
    const { rider, id } = await darkRide()
    const before = await follow(rider, id)
    expect(before).toMatchObject({ state: 'assigned', checking: { kind: 'dark' } })
    const reads = await page(rider, `/rides/${id}`)
    expect(reads).toContain('Checking on your car')
    expect(reads).toMatch(/Last seen 50 s ago\. We are checking on it\. If it does not come on by \d\d:\d\d/)
    const board = await page(canal.dispatcher, `/board?ride=${id}`)
    expect(board).toMatch(/Needs you 1.*Car \S+ dark 0:50/)
    expect(board).toMatch(
      /Car \S+ silent for 0:50\. The driver was told\. The ride is offered again in 0:55\./,
    )
    const driving = await page(canal.driver, '/driver')
    expect(driving).toContain('Keep this page open and check that location is on.')
    expect(await day()).toMatchObject({ nudge: { kind: 'dark', answersLeft: 2 } })

    const answer = await send(canal.driver, `/rides/${id}/on-my-way`)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/driver'])
    const actsAtMs = clock.nowMs() + WATCH_TERMS.answerS * 1_000
    expect(await day()).toMatchObject({ nudge: { actsAtMs, answersLeft: 1 } })
    expect(await follow(rider, id)).toMatchObject({ checking: { actsAtMs } })
    expect(await page(canal.dispatcher, `/board?ride=${id}`)).toContain(
      'The driver says they are on the way.',
    )
    await canal.driver.client.done('POST', `/api/v1/rides/${id}/on-my-way`)
    const third = await canal.driver.client.call('POST', `/api/v1/rides/${id}/on-my-way`)
    expect([third.status, await third.json()]).toMatchObject([
      409,
      { detail: expect.stringContaining('said so twice') },
    ])
  })

  test('is taken the ride in the end: its driver reads why, the rider that another one is sent', async () => {
    const { canal } = world
    const { rider, id } = await darkRide()
    await pass(WATCH_TERMS.actsAfterS.dark)
    expect(await follow(rider, id)).toMatchObject({ state: 'requested', checking: null })
    expect(await page(rider, `/rides/${id}`)).toContain('We lost sight of your car. Same price, next driver.')
    expect(await day()).toMatchObject({ ride: null, nudge: null, taken: { kind: 'dark' } })
    expect(await page(canal.driver, '/driver')).toMatch(
      /Your ride went to another driver at \d\d:\d\d: we had not seen you since \d\d:\d\d\./,
    )
    const board = await page(canal.dispatcher, `/board?ride=${id}`)
    expect(board).toMatch(/Watchdog: \S+: “dark/)
    expect(board).toContain('the car went dark')
    await clock.advance(6 * 60_000)
    expect((await day()).taken).toBeNull()
    await rider.client.done('POST', `/api/v1/rides/${id}/cancellation`, { feeMinor: 0 })
    // Silent for so long, the driver is off shift by now.
    await tick()
    await goOnline(world, canal.driver)
  })

  test('is left the ride by the desk, which stands in the audit trail', async () => {
    const { canal } = world
    const { id } = await darkRide()
    const left = await send(canal.dispatcher, `/board/rides/${id}/patience`)
    expect([left.status, left.headers.get('location')]).toEqual([303, `/board?ride=${id}`])
    expect(await page(canal.dispatcher, `/board?ride=${id}`)).toContain('A desk left the ride with it.')
    await pass(WATCH_TERMS.actsAfterS.dark + 30)
    expect(await day()).toMatchObject({ ride: { id } })
    expect(await audited('ride.left_with_car')).toHaveLength(1)
    // Nothing is said of a car that is heard again: nothing to leave.
    await canal.driver.client.done('POST', '/api/v1/positions', { pings: [pingAt(world)] })
    await pass(15)
    const again = await canal.dispatcher.client.call('POST', `/api/v1/board/rides/${id}/patience`)
    expect(again.status).toBe(409)
  })

  test('is nobody’s concern where the company has switched the watchdog off', async () => {
    const { canal } = world
    const turn = (on: 'yes' | 'no') =>
      send(canal.admin, `/admin/companies/${canal.companyId}/flags`, { flag: 'pickup_watchdog', on })
    expect((await turn('no')).status).toBe(303)
    const { rider, id } = await darkRide()
    expect(await follow(rider, id)).toMatchObject({ state: 'assigned', checking: null })
    expect((await turn('yes')).status).toBe(303)
  })
})

describe('a ride that nobody takes', () => {
  /** As many have said no as it takes; who they were is tested beside the tick. */
  async function unwanted(): Promise<{ rider: Person; id: string }> {
    const rider = await world.newRider(`Ben${++people} Ruiz`)
    const { id } = await askRide(rider)
    await world.db
      .updateTable('rides')
      .set({ misses: RESCUE_AFTER_MISSES, rescue_at: new Date(clock.nowMs()) })
      .where('id', '=', id as never)
      .execute()
    return { rider, id }
  }

  test('is put off and looked for wider by the desk, and its rider reads it', async () => {
    const { canal } = world
    const { rider, id } = await unwanted()
    const board = await page(canal.dispatcher, `/board?ride=${id}`)
    expect(board).toMatch(/rescue · Standard · 5 offers failed/)
    expect(board).toContain('5 drivers did not take it.')
    expect(await page(rider, `/rides/${id}`)).toContain(
      'Several drivers could not take it. Our desk helps to find one.',
    )

    const off = await send(canal.dispatcher, `/board/rides/${id}/postponement`, { minutes: '10' })
    expect(off.status).toBe(303)
    const putOffUntilMs = clock.nowMs() + 600_000
    expect(await follow(rider, id)).toMatchObject({ needsRescue: true, putOffUntilMs })
    expect(await page(rider, `/rides/${id}`)).toMatch(
      /We try again soon.*Drivers are asked again at \d\d:\d\d/,
    )
    expect(await page(canal.dispatcher, '/board')).toContain('put off, 10:00 to go')
    await tick()
    expect(await day()).toMatchObject({ offer: null })

    await canal.dispatcher.client.done('POST', `/api/v1/board/rides/${id}/wider-search`)
    expect(await follow(rider, id)).toMatchObject({ putOffUntilMs: null, searchRadiusM: 8_000 })
    await tick()
    expect(await day()).toMatchObject({ offer: { rideId: id } })
    for (const action of ['ride.put_off', 'ride.looked_wider']) expect(await audited(action)).toHaveLength(1)
    const odd = await canal.dispatcher.client.call('POST', `/api/v1/board/rides/${id}/postponement`, {
      minutes: 7,
    })
    expect(odd.status).toBe(422)
    await rider.client.done('POST', `/api/v1/rides/${id}/cancellation`, { feeMinor: 0 })
  })

  test('is cancelled with a word, which its rider reads as it was written', async () => {
    const { canal } = world
    const { rider, id } = await unwanted()
    const words = 'Sorry, <b>no car</b> tonight.'
    const done = await send(canal.dispatcher, `/board/rides/${id}/cancellation`, {
      reason: 'No car can come',
      words,
    })
    expect(done.status).toBe(303)
    expect(await follow(rider, id)).toMatchObject({ state: 'cancelled', endWords: words })
    const markup = await (await rider.client.get(`/rides/${id}`)).text()
    expect(markup).toContain('Sorry, &lt;b&gt;no car&lt;/b&gt; tonight.')
    // Without a word there is none.
    const other = await unwanted()
    await send(canal.dispatcher, `/board/rides/${other.id}/cancellation`, {
      reason: 'No car can come',
      words: ' ',
    })
    expect(await follow(other.rider, other.id)).toMatchObject({ state: 'cancelled', endWords: null })
  })
})
