import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { plainGround } from '../../src/replay/ground.ts'
import type { ReplayInput } from '../../src/replay/outcome.ts'
import { PEOPLE_RULES, People } from '../../src/replay/people.ts'
import { replayPolicy } from '../../src/replay/policies.ts'
import { onRoads, readRecorded } from '../../src/replay/recorded.ts'
import { replay } from '../../src/replay/replay.ts'
import { report } from '../../src/replay/report.ts'
import { readRoadGround } from '../../src/replay/road-ground.ts'
import { madeUpRides } from './synthetic.ts'

const RIDES = 20_000
const people = new People(1)
const share = (of: (ride: number) => boolean) =>
  Array.from({ length: RIDES }, (_, ride) => ride).filter(of).length / RIDES
const promised = (ride: number, pickupEtaS: number) =>
  people.leavesPromised(ride, { requestedAtMs: 0, nowMs: 0, pickupEtaS })

describe('people', () => {
  test('drivers accept as the page on replay says: less the farther the rider', () => {
    for (const [minutes, accepted] of [
      [2, 0.924],
      [6, 0.818],
      [10, 0.622],
    ] as const)
      expect(share((ride) => people.accepts(ride, 7, minutes * 60))).toBeCloseTo(accepted, 1.7)
  })

  test('riders leave by the hazards the page tells', () => {
    const left = (ride: number, byS: number) => people.leavesUnasked(ride, 0).atMs <= 1_000 * byS
    expect(share((ride) => left(ride, 300))).toBeCloseTo(1 - Math.exp(-0.25), 1.7)
    for (const [etaS, leaving] of [
      [120, 0.018],
      [300, 0.105],
      [600, 0.359],
    ] as const)
      expect(share((ride) => promised(ride, etaS).cause === 'left_far_promise')).toBeCloseTo(leaving, 1.7)
    const lateBy = (lateS: number) =>
      share(
        (ride) => promised(ride, 0).atMs <= 1_000 * lateS && promised(ride, 0).cause === 'left_late_driver',
      )
    expect(lateBy(120)).toBeCloseTo(1 - Math.exp(-1 / 8), 1.7)
    expect(lateBy(240)).toBeCloseTo(1 - Math.exp(-1 / 2), 1.7)
  })

  test('nobody has more patience for having waited, and no promise makes anybody leave before it is read', () => {
    for (let ride = 0; ride < 500; ride++) {
      const early = people.leavesPromised(ride, { requestedAtMs: 0, nowMs: 0, pickupEtaS: 200 })
      const late = people.leavesPromised(ride, { requestedAtMs: 0, nowMs: 100_000, pickupEtaS: 200 })
      expect(late.atMs - 100_000).toBeLessThanOrEqual(early.atMs)
      expect(early.atMs).toBeGreaterThanOrEqual(1_000 * PEOPLE_RULES.readS)
    }
  })

  test('pickups take as long as promised on average', () => {
    const factors = Array.from({ length: RIDES }, (_, ride) => people.pickupFactor(ride, 3))
    expect(factors.reduce((sum, factor) => sum + factor, 0) / RIDES).toBeCloseTo(1, 1.9)
    expect(factors.every((factor) => factor > 0)).toBe(true)
  })

  test('are the same whenever they are asked, and others for another seed', () => {
    const other = new People(2)
    const answers = (of: People) => [5, 3, 5].map((ride) => of.leavesUnasked(ride, 0).atMs)
    const [first, second, third] = answers(people)
    expect(first).toBe(third!)
    expect(first).not.toBe(second!)
    expect(answers(other)).not.toEqual(answers(people))
    const both = share((ride) => people.accepts(ride, 1, 600) && people.accepts(ride, 2, 600))
    expect(both).toBeCloseTo(0.622 ** 2, 1.7)
  })
})

describe('a replay with people', () => {
  const ground = plainGround()
  const input = (more: Partial<ReplayInput> = {}): ReplayInput => ({
    recorded: madeUpRides({ count: 600, seed: 31 }),
    ...{ history: [], ground, fleet: 60, policy: replayPolicy('batch', 600, ground), people },
    ...{ maxWaitS: 600, seed: 1, stopwatch: () => 0, ...more },
  })
  const figures = (of: ReplayInput) => report(replay(of), { policy: 'batch', seed: 1, wallS: 0 })

  test('every request is served within the longest wait, or has the cause why not', () => {
    const outcome = replay(input())
    for (const { ride, unserved, pickedUpAtMs, recorded } of outcome.rides) {
      expect(ride.state === 'completed').toBe(unserved === null)
      if (unserved === null) expect(pickedUpAtMs! - recorded.requestedAtMs).toBeWithin(0, 600_001)
      else expect(ride.state).toBe(unserved === 'no_driver_in_time' ? 'unfulfilled' : 'cancelled')
    }
    const { cancels, served_share, declines } = figures(input())
    expect(Object.values(cancels).reduce((a, b) => a + b)).toBe(Math.round(600 * (1 - served_share)))
    expect(cancels.left_far_promise).toBeGreaterThan(0)
    expect(cancels.left_late_driver).toBeGreaterThan(0)
    expect(cancels.left_without_driver).toBeGreaterThan(0)
    expect(declines).toBeGreaterThan(15)
    expect(outcome.declines).toBe(declines)
  })

  test('repeats to the last digit, and serves fewer than where everybody takes what they get', () => {
    expect(figures(input())).toEqual(figures(input()))
    expect(figures(input()).served_share).toBeLessThan(figures(input({ people: null })).served_share)
  })

  test('a driver who would decline everything drives nobody, and each rider asks each driver once', () => {
    const never = new People(1, { ...PEOPLE_RULES, acceptLogOdds: -1e9, patienceS: 1e9 })
    const recorded = madeUpRides({ count: 20, seed: 3 })
    const { rides, declines } = replay(input({ recorded, fleet: 5, people: never }))
    expect(rides.every(({ unserved }) => unserved === 'no_driver_in_time')).toBe(true)
    expect(declines).toBeLessThanOrEqual(20 * 5)
    expect(declines).toBeGreaterThan(20)
  })

  test('a rider who left has their driver stand where they were by then, and the way counts as empty', () => {
    const [ride] = madeUpRides({ count: 1, seed: 3 })
    const far = { ...ride!, requestedAtMs: ride!.requestedAtMs + 1_000_000, pickup: ride!.dropoff }
    const impatient = new People(1, { ...PEOPLE_RULES, acceptLogOdds: 1e9, promiseS: 1, promiseSpread: 0 })
    // The only car starts at one of both pickups: one rider is picked up at once, the other reads a far promise.
    const { rides } = replay(
      input({ recorded: [{ ...ride!, dropoff: ride!.pickup }, far], fleet: 1, people: impatient }),
    )
    const left = rides.find(({ unserved }) => unserved === 'left_far_promise')!
    const etaS = ground.leg(ride!.pickup, ride!.dropoff).durationS
    const { distanceM } = ground.leg(ride!.pickup, ride!.dropoff)
    expect(left.pickupM).toBeCloseTo((distanceM * PEOPLE_RULES.readS) / etaS, 0)
  })

  test('goes on on a road graph: a car let go on the way stands at a node', async () => {
    const samples = join(import.meta.dir, '../../samples')
    const roads = await readRoadGround(join(samples, 'manhattan-roads'), '--roads')
    const hour = await readRecorded(join(samples, 'nyc-taxi-hour/trips.csv.gz'), '--trips')
    const recorded = onRoads(
      hour.filter(({ localSecondsOfDay }) => localSecondsOfDay < 120),
      roads,
    )
    const policy = replayPolicy('batch', 300, roads)
    const { rides } = replay(
      input({ recorded, ground: roads, policy, maxWaitS: 300, fleet: 40, idle: 'stay' }),
    )
    const causes = new Set(rides.map(({ unserved }) => unserved))
    expect(causes.has('left_late_driver') || causes.has('left_far_promise')).toBe(true)
  })
})
