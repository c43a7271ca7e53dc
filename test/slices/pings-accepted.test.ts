import { describe, expect, test } from 'bun:test'
import type { DriverId, RegionId } from '../../src/engine/units.ts'
import { manualClock } from '../../src/io/clock.ts'
import { createLog } from '../../src/io/log.ts'
import { makeHandles } from '../../src/positions/handles.ts'
import { type MemoryRegions, makeMemoryPositions } from '../../src/positions/memory-store.ts'
import { makePositions, type Position } from '../../src/positions/positions.ts'
import type { Ping } from '../../src/positions/shapes.ts'
import { acceptPings, batchOf, verdictsOf } from '../support/pings.ts'

const NOW = Date.UTC(2026, 10, 21, 18)
const MANHATTAN = 'manhattan' as RegionId
const BO = 'bo' as DriverId
const KIM = 'kim' as DriverId

function ping(second: number, more: Partial<Ping> = {}): Ping {
  return {
    seq: second,
    at: NOW + second * 1000,
    lat: 40.75 + second / 1e4,
    lng: -73.98,
    accuracy: 6,
    ...more,
  }
}

/** Several processes over one store, on one clock. */
function world() {
  const clock = manualClock(NOW)
  const shared: MemoryRegions = new Map()
  const lines: string[] = []
  const log = createLog('warn', { write: (line) => lines.push(line) })
  const start = () => {
    const store = makeMemoryPositions(shared)
    const handles = makeHandles()
    const positions = makePositions({ store, clock, log, handles })
    const live: Position[] = []
    positions.onLive((_regionId, position) => live.push(position))
    const accept = (driverId: DriverId, pings: readonly Ping[]) =>
      acceptPings({ positions, handles }, { regionId: MANHATTAN, driverId }, pings)
    const judge = (driverId: DriverId, pings: readonly Ping[]) =>
      positions.judge(MANHATTAN, handles.of(driverId), batchOf(pings))
    return { positions, accept, judge, store, live }
  }
  return { clock, start, lines }
}

describe('pings accepted', () => {
  test('a batch is answered with its highest number, the newest moves the car, all go to the trail in order', () => {
    const { clock, start } = world()
    const { positions, accept, live } = start()
    const trails: number[][] = []
    positions.onTrail((_driver, batch) => {
      trails.push(verdictsOf(batch).flatMap((one) => (one.kind === 'refused' ? [] : [one.fix.atMs])))
    })
    clock.advance(10_000)
    const answer = accept(BO, [ping(3), ping(1), ping(2)])
    expect(answer.seq).toBe(3)
    expect(answer.refused).toEqual({})
    expect(answer.live).toMatchObject({ driverId: BO, atMs: NOW + 3000 })
    expect(live).toEqual([answer.live!])
    expect(trails).toEqual([[NOW + 1000, NOW + 2000, NOW + 3000]])
    expect(positions.latest(BO)).toEqual(answer.live)
  })

  test('refused pings are acknowledged and counted, and the car does not move', () => {
    const { clock, start } = world()
    const { positions, accept, live } = start()
    clock.advance(10_000)
    accept(BO, [ping(9)])
    const before = positions.latest(BO)
    const answer = accept(BO, [
      ping(10, { lat: 91 }),
      ping(11, { lat: 0, lng: 0 }),
      ping(12, { at: NOW + 99_000 }),
      ping(9),
      ping(14, { at: NOW + 9_500, accuracy: 500 }),
      ping(15, { at: NOW + 9_800, lat: 41 }),
      ping(8),
      ping(16, { at: NOW - 25_000 }),
    ])
    expect(answer.seq).toBe(16)
    expect(answer.refused).toEqual({
      invalid: 1,
      zero: 1,
      future: 1,
      duplicate: 1,
      inaccurate: 1,
      impossible_speed: 1,
      out_of_order: 1,
      stale: 1,
    })
    expect(answer.pings).toEqual([
      { seq: 16, reason: 'stale', kept: true },
      { seq: 8, reason: 'out_of_order', kept: true },
      { seq: 9, reason: 'duplicate', kept: false },
      { seq: 14, reason: 'inaccurate', kept: false },
      { seq: 15, reason: 'impossible_speed', kept: false },
      { seq: 10, reason: 'invalid', kept: false },
      { seq: 11, reason: 'zero', kept: false },
      { seq: 12, reason: 'future', kept: false },
    ])
    expect(answer.live).toBeNull()
    expect(answer.trail.map((point) => point.atMs)).toEqual([NOW - 25_000, NOW + 8_000])
    expect(positions.latest(BO)).toEqual(before)
    expect(live.length).toBe(1)
  })

  test('every reason is counted from the start, and adds up', () => {
    const { start } = world()
    const { positions, accept } = start()
    expect(Object.values(positions.figures().refused)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0])
    for (let times = 0; times < 3; times++) accept(BO, [ping(0)])
    accept(KIM, [ping(0, { lat: 91 })])
    expect(positions.figures()).toMatchObject({
      live: 1,
      trailOnly: 0,
      drivers: 2,
      refused: { duplicate: 2, invalid: 1 },
    })
  })

  test('what a phone kept while out of reach completes the trail, and only its newest moves the car', () => {
    const { clock, start } = world()
    const { accept, live } = start()
    clock.advance(300_000)
    const kept = Array.from({ length: 60 }, (_, index) => ping(index * 5))
    const answer = accept(BO, kept)
    expect(answer.trail.length).toBe(60)
    expect(answer.refused).toEqual({ stale: 54 })
    expect(live.map((position) => position.atMs)).toEqual([NOW + 295_000])
  })

  test('several batches of one turn are known at once, and told once, each car where it is last', async () => {
    const { clock, start } = world()
    const { positions, judge, store, live } = start()
    clock.advance(10_000)
    judge(BO, [ping(1), ping(2)])
    judge(KIM, [ping(3)])
    const last = judge(BO, [ping(4), ping(5)])
    // Refused, so the car stays where it is.
    expect(judge(BO, [ping(6, { lat: 91 })])).toBeNull()
    expect(positions.latest(BO)).toEqual(last)
    expect(last).toMatchObject({ atMs: NOW + 5_000 })
    expect(live).toEqual([])
    positions.tell()
    const told = [last!, positions.latest(KIM)!]
    expect(live).toEqual(told)
    expect(await store.load(MANHATTAN)).toEqual(told)
    positions.tell()
    expect(live.length).toBe(2)
    judge(BO, [ping(7)])
    positions.tell()
    expect(live.map(({ atMs }) => atMs - NOW)).toEqual([5_000, 3_000, 7_000])
  })

  test('who went off duty before it was told is not told of', async () => {
    const { start } = world()
    const { positions, judge, store, live } = start()
    judge(BO, [ping(0)])
    positions.forget(MANHATTAN, BO)
    positions.tell()
    expect(live).toEqual([])
    expect(await store.load(MANHATTAN)).toEqual([])
  })

  test('the age of a position is counted from when the phone took it, and never below zero', () => {
    const { clock, start } = world()
    const { positions, accept } = start()
    expect(positions.ageMs(BO)).toBe(Number.POSITIVE_INFINITY)
    accept(BO, [ping(2)])
    expect(positions.ageMs(BO)).toBe(0)
    clock.advance(32_000)
    expect(positions.ageMs(BO)).toBe(30_000)
  })

  test('a listener that fails costs neither the answer nor the other listeners', () => {
    const { start, lines } = world()
    const { positions, accept } = start()
    const heard: string[] = []
    positions.onLive(() => {
      throw new Error('broken')
    })
    positions.onTrail(() => {
      throw new Error('broken too')
    })
    positions.onLive(() => void heard.push('live'))
    expect(accept(BO, [ping(0)]).seq).toBe(0)
    expect(heard).toEqual(['live'])
    expect(lines.length).toBe(2)
  })

  test('who stopped listening hears nothing more', () => {
    const { start } = world()
    const { positions, accept } = start()
    const heard: string[] = []
    positions.onLive(() => void heard.push('live'))()
    positions.onTrail(() => void heard.push('trail'))()
    accept(BO, [ping(0)])
    expect(heard).toEqual([])
  })
})

describe('positions of several processes', () => {
  test('a position accepted by one moves the car in the others, its trail stays where it was accepted', async () => {
    const { start } = world()
    const [one, other] = [start(), start()]
    await other.positions.follow(MANHATTAN)
    const trails: unknown[] = []
    other.positions.onTrail((...trail) => trails.push(trail))
    const { live } = one.accept(BO, [ping(0)])
    expect(other.live).toEqual([live!])
    expect(other.positions.latest(BO)).toEqual(live)
    expect(trails).toEqual([])
    expect(other.positions.figures().heard).toBe(1)
  })

  test('a newer position heard from elsewhere is told once, and not written again as one of ours', async () => {
    const { clock, start } = world()
    const [one, other] = [start(), start()]
    await one.positions.follow(MANHATTAN)
    clock.advance(9_000)
    one.judge(BO, [ping(1)])
    const { live: newer } = other.accept(BO, [ping(5)])
    expect(one.live).toEqual([newer!])
    one.positions.tell()
    expect(one.live).toEqual([newer!])
    expect(one.positions.latest(BO)).toEqual(newer)
    expect(await one.store.load(MANHATTAN)).toEqual([newer!])
  })

  test('a process that starts knows where everyone is', async () => {
    const { start } = world()
    start().accept(BO, [ping(0)])
    const late = start()
    await late.positions.follow(MANHATTAN)
    expect(late.positions.latest(BO)).toMatchObject({ atMs: NOW })
    expect(late.live.length).toBe(1)
  })

  test('an older position heard from elsewhere does not move the car back', async () => {
    const { clock, start } = world()
    const [one, other] = [start(), start()]
    await other.positions.follow(MANHATTAN)
    clock.advance(9_000)
    other.accept(BO, [ping(9)])
    one.store.put(MANHATTAN, [
      { driverId: BO, lat: 40, lng: -73, headingDeg: 0, speedMps: null, accuracyM: 5, atMs: NOW },
    ])
    expect(other.positions.latest(BO)).toMatchObject({ atMs: NOW + 9000 })
  })

  test('a driver whose phone moves to another process is judged by what the first one believed', async () => {
    const { clock, start } = world()
    const [one, other] = [start(), start()]
    await other.positions.follow(MANHATTAN)
    one.accept(BO, [ping(0)])
    clock.advance(1_000)
    expect(other.accept(BO, [ping(0), ping(1, { lat: 41 })]).refused).toEqual({
      duplicate: 1,
      impossible_speed: 1,
    })
  })

  test('a driver who goes off duty is forgotten, here and for those who start later', async () => {
    const { start } = world()
    const one = start()
    one.accept(BO, [ping(0)])
    one.positions.forget(MANHATTAN, BO)
    expect(one.positions.latest(BO)).toBeNull()
    const late = start()
    await late.positions.follow(MANHATTAN)
    expect(late.positions.latest(BO)).toBeNull()
  })

  test('after close nothing is heard', async () => {
    const { start } = world()
    const [one, other] = [start(), start()]
    await other.positions.follow(MANHATTAN)
    other.positions.close()
    one.accept(BO, [ping(0)])
    expect(other.live).toEqual([])
  })
})
