/** A road engine that is slow, wrong or gone: the door in front of it answers in time, or says that it does without. */
import { describe, expect, test } from 'bun:test'
import { travel } from '../../src/engine/eta.ts'
import { destination } from '../../src/engine/geo.ts'
import type { LatLng } from '../../src/engine/units.ts'
import { manualClock } from '../../src/io/clock.ts'
import { createLog } from '../../src/io/log.ts'
import { type AskedOutcome, guardRoads, isPlausible } from '../../src/roads/guarded.ts'
import type { RoutingProvider } from '../../src/roads/provider.ts'

const HERE = { lat: 40.75, lng: -73.98 }
const THERE = destination(HERE, 30, 2_000)
const BUDGET_MS = 100

/** An engine in the test's hand: what it is asked waits until the test lets it answer. */
function puppet() {
  const asked: { answer: (rows: unknown) => void; fail: (error: Error) => void; signal?: AbortSignal }[] = []
  const wait = ({ signal }: { signal?: AbortSignal }) =>
    new Promise<never>((resolve, reject) => {
      asked.push({ answer: (rows) => resolve(rows as never), fail: reject, ...(signal && { signal }) })
    })
  const provider: RoutingProvider = {
    ...{ name: 'puppet', matrix: wait, route: wait, match: wait },
    close: async () => {},
  }
  const outcomes: AskedOutcome[] = []
  const clock = manualClock(1_000_000)
  const roads = guardRoads(provider, {
    ...{ clock, log: createLog('silent') },
    onAsked: (_kind, outcome) => void outcomes.push(outcome),
  })
  return { asked, clock, roads, outcomes }
}

const rowsOf = (from: readonly LatLng[], to: readonly LatLng[]) =>
  from.map((a) => to.map((b) => travel(a, b)))
const settle = () => Bun.sleep(0)

describe('a road engine behind its door', () => {
  test('what comes in time is passed on', async () => {
    const { asked, roads, outcomes } = puppet()
    const answer = roads.matrix([HERE], [THERE], BUDGET_MS)
    asked[0]!.answer(rowsOf([HERE], [THERE]))
    expect(await answer).toEqual(rowsOf([HERE], [THERE]))
    expect(outcomes).toEqual(['answered'])
  })

  test('after its time it is not waited for, and told to stop', async () => {
    const { asked, clock, roads, outcomes } = puppet()
    const answer = roads.route([HERE, THERE], BUDGET_MS)
    clock.advance(BUDGET_MS)
    expect(await answer).toBeNull()
    expect(asked[0]!.signal?.aborted).toBe(true)
    expect(outcomes).toEqual(['late'])
  })

  test('questions that hang do not pile up', async () => {
    const { asked, clock, roads, outcomes } = puppet()
    const answers = Array.from({ length: 20 }, () => roads.matrix([HERE], [THERE], BUDGET_MS))
    clock.advance(BUDGET_MS)
    expect(await Promise.all(answers)).toEqual(new Array(20).fill(null))
    expect(asked).toHaveLength(4)
    expect(outcomes.filter((outcome) => outcome === 'not_asked')).toHaveLength(16)
  })

  test('gone, it is left alone for longer and longer, tried with one question, and used again', async () => {
    const { asked, clock, roads } = puppet()
    const failOnce = async () => {
      const answer = roads.matrix([HERE], [THERE], BUDGET_MS)
      asked.at(-1)!.fail(new Error('connection refused'))
      expect(await answer).toBeNull()
      await settle()
    }
    for (let n = 0; n < 3; n++) await failOnce()
    expect(roads.isUp()).toBe(false)
    expect(await roads.matrix([HERE], [THERE], BUDGET_MS)).toBeNull()
    expect(asked).toHaveLength(3)
    clock.advance(2_000)
    await failOnce()
    clock.advance(2_000)
    expect(roads.isUp()).toBe(false)
    clock.advance(2_000)
    const trial = roads.matrix([HERE], [THERE], BUDGET_MS)
    expect(roads.isUp()).toBe(false)
    asked.at(-1)!.answer(rowsOf([HERE], [THERE]))
    expect(await trial).not.toBeNull()
    await settle()
    expect(roads.isUp()).toBe(true)
  })

  test('an answer that cannot be is not used, and nonsense everywhere counts as a failure', async () => {
    const { asked, roads, outcomes } = puppet()
    const from = [HERE, destination(HERE, 90, 500)]
    const to = [THERE, destination(THERE, 90, 500)]
    const partly = roads.matrix(from, to, BUDGET_MS)
    const rows = rowsOf(from, to)
    asked[0]!.answer([[rows[0]![0], { distanceM: 3, durationS: 1 }], rows[1]])
    expect(await partly).toEqual([[rows[0]![0]!, null], rows[1]!])
    const nonsense = roads.matrix(from, to, BUDGET_MS)
    asked[1]!.answer(from.map(() => to.map(() => ({ distanceM: 9e9, durationS: -1 }))))
    expect(await nonsense).toBeNull()
    const short = roads.matrix(from, to, BUDGET_MS)
    asked[2]!.answer([[rows[0]![0]]])
    expect(await short).toBeNull()
    expect(outcomes).toEqual(['answered', 'wrong', 'wrong'])
    const way = roads.route([HERE, THERE], BUDGET_MS)
    asked[3]!.answer({ points: [HERE, THERE], distanceM: 10, durationS: 5 })
    expect(await way).toBeNull()
  })
})

test.each([
  ['as the city drives', 2_000, { distanceM: 2_600, durationS: 400 }, true],
  ['both ends a street away from a road', 300, { distanceM: 0, durationS: 0 }, true],
  ['shorter than straight by a mile', 5_000, { distanceM: 3_000, durationS: 400 }, false],
  ['over all the bridges', 1_000, { distanceM: 10_500, durationS: 1_500 }, true],
  ['by way of another city', 1_000, { distanceM: 90_000, durationS: 4_000 }, false],
  ['in no time', 2_000, { distanceM: 2_600, durationS: 10 }, false],
  ['for ever', 2_000, { distanceM: 2_600, durationS: 90_000 }, false],
  ['not a number', 2_000, { distanceM: Number.NaN, durationS: 400 }, false],
])('a leg %s', (_words, straightM, leg, fits) => {
  expect(isPlausible(straightM, leg)).toBe(fits)
})
