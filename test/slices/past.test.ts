/** The last hours at the desk: what is kept of them, for how long, and rides as they were at an instant. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { FRAME_EVERY_MS, forgetOldFrames, keepFrames, PAST_KEPT_MS } from '../../src/board/past.ts'
import { manualClock } from '../../src/io/clock.ts'
import { type AppWorld, BRYANT_PARK, startApp, TIMES_SQUARE } from '../support/app-world.ts'
import { askRide, assign, goOnline, pingAt, takeSteps } from '../support/ride-steps.ts'

interface Past {
  readonly kept: { fromMs: number; untilMs: number } | null
  readonly states: readonly string[]
  readonly drivers: readonly { id: string; callSign: string }[]
  readonly frames: readonly { atMs: number; cars: readonly number[][] }[]
  readonly rides: readonly {
    id: string
    moments: readonly { atMs: number; state: string; driverId: string | null }[]
  }[]
}

const START_MS = Date.UTC(2026, 10, 21, 23)
const clock = manualClock(START_MS)
let world: AppWorld
beforeAll(async () => {
  world = await startApp({ clock })
}, 60_000)
afterAll(() => world?.stop())

const keep = () => keepFrames({ db: world.db, clock, fleet: world.fleet, regions: world.companies.regions })
const past = (fromMs: number, untilMs: number, who = world.canal.dispatcher) =>
  who.client.done<Past>('GET', `/api/v1/board/past?from=${Math.floor(fromMs)}&until=${Math.floor(untilMs)}`)
const nowMs = () => Math.floor(clock.nowMs())

test('a moment is kept once, whichever process is first, and says where each car was and what it did', async () => {
  const { canal } = world
  expect(await keep()).toBe(0)
  await goOnline(world, canal.driver)
  const atMs = nowMs()
  expect((await Promise.all([keep(), keep()])).toSorted()).toEqual([0, 1])
  const told = await past(atMs, atMs)
  expect(told.drivers).toMatchObject([{ id: canal.driver.driverId }])
  const [[n, lat6, lng6, , state]] = told.frames[0]!.cars as [number[]]
  expect([n, lat6, lng6]).toEqual([0, Math.round(BRYANT_PARK.lat * 1e6), Math.round(BRYANT_PARK.lng * 1e6)])
  expect(told.states[state!]).toBe('free')
})

test('a ride is told as it was: asked, given, taken back, on board; the page says it at any of these instants', async () => {
  const { canal } = world
  const { driver, dispatcher } = canal
  const marks: number[] = []
  const mark = async () => {
    await world.fleet.settle()
    await keep()
    marks.push(nowMs())
    clock.advance(FRAME_EVERY_MS)
    await driver.client.done('POST', '/api/v1/positions', { pings: [pingAt(world, TIMES_SQUARE)] })
  }
  const { id, reference } = await askRide(canal.rider)
  await mark()
  await assign(canal, id)
  await mark()
  await dispatcher.client.done('POST', `/api/v1/board/rides/${id}/release`, { reason: 'test' })
  await mark()
  await assign(canal, id)
  await takeSteps(driver, id, 3)
  await mark()
  await driver.client.done('POST', `/api/v1/rides/${id}/steps`, { step: 'finish' })
  await mark()
  const told = await past(marks[0]!, marks.at(-1)!)
  const moments = told.rides.find((ride) => ride.id === id)!.moments
  const at = (atMs: number) => moments.findLast((moment) => moment.atMs <= atMs)
  expect(marks.map((atMs) => [at(atMs)?.state, at(atMs)?.driverId ?? null])).toEqual([
    ['requested', null],
    ['assigned', driver.driverId],
    ['requested', null],
    ['in_progress', driver.driverId],
    ['completed', driver.driverId],
  ])
  const states = told.frames.map(({ cars }) => told.states[cars[0]![4]!])
  expect(states).toContain('to_pickup')
  expect(states).toContain('on_board')
  const page = async (atMs: number) => (await dispatcher.client.get(`/board/past?at=${atMs}`)).text()
  expect(await page(marks[1]!)).toMatch(new RegExp(`To pickup</td>[^]*${reference}`))
  expect(await page(marks[3]!)).toMatch(new RegExp(`On board</td>[^]*${reference}`))
  expect(await page(marks[4]!)).not.toContain(reference)
})

test('a span begins with the picture before it, and never reaches further than five minutes', async () => {
  const untilMs = nowMs()
  const { frames, kept } = await past(untilMs - 1, untilMs + 3_600_000)
  expect(frames[0]!.atMs).toBeLessThanOrEqual(untilMs - 1)
  expect(frames.length).toBeLessThanOrEqual(2)
  expect(kept!.fromMs).toBeLessThan(kept!.untilMs)
})

test('another company sees nothing of it, and what is six hours old is gone', async () => {
  const fromMs = nowMs() - 60_000
  expect((await past(fromMs, nowMs(), world.uptown.dispatcher)).frames).toEqual([])
  await forgetOldFrames(world.db, nowMs() + PAST_KEPT_MS - 30_000)
  expect((await past(fromMs, nowMs())).frames.length).toBeGreaterThan(0)
  await forgetOldFrames(world.db, nowMs() + PAST_KEPT_MS + 60_000)
  expect(await past(fromMs, nowMs())).toMatchObject({ frames: [], kept: null })
  const page = await (await world.canal.dispatcher.client.get('/board/past')).text()
  expect(page).toContain('Nothing is kept yet')
})
