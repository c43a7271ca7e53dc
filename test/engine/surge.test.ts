import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { gridDisk, latLngToCell } from 'h3-js'
import {
  SMOOTHING_S,
  type SurgeCounts,
  SurgeField,
  type SurgeRules,
  stepsOf,
  surgeLevel,
  surgeOf,
  usuallyOverInS,
} from '../../src/engine/surge.ts'

const MIDDLE = latLngToCell(40.7549, -73.984, 8)
const TOWN = gridDisk(MIDDLE, 3)
const [, NEXT] = gridDisk(MIDDLE, 1)
const FAR = TOWN.at(-1)!
const RULES: SurgeRules = {
  kind: 'multiply',
  capBasisPoints: 20_000,
  stepBasisPoints: 1_000,
  fromPressure: 1,
  fullPressure: 3,
  leastAround: 5,
  leastInRegion: 10,
}
/** Long enough for the smoothing to have forgotten what was before. */
const LONG_MS = 20 * SMOOTHING_S * 1000

const counts = (asking: Record<string, number>, free: Record<string, number>): SurgeCounts => ({
  asking: new Map(Object.entries(asking)),
  free: new Map(Object.entries(free)),
})
/** A field that has seen these counts for as long as it can remember. */
function settled(seen: SurgeCounts, rules: SurgeRules | null = RULES): SurgeField {
  const field = new SurgeField()
  field.look(seen, 0, rules)
  field.look(seen, LONG_MS, rules)
  return field
}
const stepIn = (field: SurgeField, cell: string) => field.cells().find((one) => one.cell === cell)?.step ?? 0
const stepsIn = (field: SurgeField) => new Map(field.cells().map(({ cell, step }) => [cell, step]))

const someCell = fc.constantFrom(...TOWN)
const someCounts = fc.dictionary(someCell, fc.integer({ min: 0, max: 40 }), { maxKeys: 25 })
const town = fc.record({ asking: someCounts, free: someCounts })
const looks = fc.array(fc.record({ town, afterS: fc.integer({ min: 1, max: 600 }) }), {
  minLength: 1,
  maxLength: 12,
})
const thresholds = {
  fromPressure: fc.double({ min: 0.2, max: 3, noNaN: true }),
  leastAround: fc.integer({ min: 1, max: 20 }),
  leastInRegion: fc.integer({ min: 1, max: 60 }),
}
const someRules: fc.Arbitrary<SurgeRules> = fc
  .oneof(
    fc.record({
      ...thresholds,
      kind: fc.constant('multiply' as const),
      capBasisPoints: fc.integer({ min: 10_500, max: 50_000 }),
      stepBasisPoints: fc.integer({ min: 100, max: 5_000 }),
    }),
    fc.record({
      ...thresholds,
      kind: fc.constant('add' as const),
      capMinor: fc.integer({ min: 1, max: 5_000 }),
      stepMinor: fc.integer({ min: 1, max: 700 }),
    }),
  )
  .map((rules) => ({ ...rules, fullPressure: rules.fromPressure + 2 }))

describe('how much counts call for', () => {
  test('twenty ask for ten cars: half of the way from one to three of them for a car, and so half of the cap', () => {
    expect(surgeLevel(RULES, { asking: 20, free: 10 }, 100)).toBe(0.5)
    expect(surgeLevel(RULES, { asking: 10, free: 10 }, 100)).toBe(0)
    expect(surgeLevel(RULES, { asking: 40, free: 10 }, 100)).toBe(1)
    // Five around here are too few to say anything, ten are enough; in between they count in part.
    expect(surgeLevel(RULES, { asking: 5, free: 0 }, 100)).toBe(0)
    expect(surgeLevel(RULES, { asking: 7, free: 0 }, 100)).toBeCloseTo(0.4, 12)
    expect(surgeLevel(RULES, { asking: 10, free: 0 }, 100)).toBe(1)
    // And ten in the whole region.
    expect(surgeLevel(RULES, { asking: 10, free: 0 }, 10)).toBe(0)
    expect(surgeLevel(RULES, { asking: 10, free: 0 }, 15)).toBe(0.5)
  })

  test('never falls with more people, never rises with more cars, and lies between nothing and all', () => {
    const count = fc.double({ min: 0, max: 500, noNaN: true })
    fc.assert(
      fc.property(someRules, count, count, count, count, (rules, asking, more, free, inRegion) => {
        const level = surgeLevel(rules, { asking, free }, inRegion)
        expect(level).toBeGreaterThanOrEqual(0)
        expect(level).toBeLessThanOrEqual(1)
        expect(surgeLevel(rules, { asking: asking + more, free }, inRegion)).toBeGreaterThanOrEqual(level)
        expect(surgeLevel(rules, { asking, free: free + more }, inRegion)).toBeLessThanOrEqual(level)
        expect(surgeLevel(rules, { asking, free }, inRegion + more)).toBeGreaterThanOrEqual(level)
      }),
    )
  })
})

describe('a step is', () => {
  test('a tenth of the price, or so many cents, up to the cap', () => {
    expect(stepsOf(RULES)).toBe(10)
    expect(surgeOf(RULES, 0)).toBeNull()
    expect(surgeOf(RULES, 3)).toEqual({ factorBasisPoints: 13_000 })
    const odd: SurgeRules = { ...RULES, capBasisPoints: 12_500 }
    expect(stepsOf(odd)).toBe(3)
    expect(surgeOf(odd, 3)).toEqual({ factorBasisPoints: 12_500 })
    const cents: SurgeRules = { ...RULES, kind: 'add', capMinor: 1_000, stepMinor: 150 }
    expect(stepsOf(cents)).toBe(7)
    expect(surgeOf(cents, 2)).toEqual({ addMinor: 300 })
    expect(surgeOf(cents, 7)).toEqual({ addMinor: 1_000 })
  })

  test('never beyond the cap, and more with every step', () => {
    fc.assert(
      fc.property(someRules, (rules) => {
        const amounts = Array.from({ length: stepsOf(rules) }, (_, n) => surgeOf(rules, n + 1)!)
        const added = amounts.map(({ factorBasisPoints, addMinor }) => factorBasisPoints ?? addMinor!)
        expect(added).toEqual(added.toSorted((a, b) => a - b))
        expect(new Set(added).size).toBe(added.length)
        expect(added.at(-1)!).toBe(rules.kind === 'multiply' ? rules.capBasisPoints : rules.capMinor)
        if (rules.kind === 'multiply') expect(added[0]!).toBeGreaterThan(10_000)
      }),
    )
  })
})

describe('a region', () => {
  test('adds around where many ask, blended into the cells beside it, and nothing far away', () => {
    const field = settled(counts({ [MIDDLE]: 30 }, { [MIDDLE]: 10, [FAR]: 10 }))
    expect(field.around(MIDDLE).asking).toBeCloseTo(30, 6)
    expect(stepIn(field, MIDDLE)).toBe(10)
    // The cell beside it has the same six neighbours in part: the same people, the same cars.
    expect(stepIn(field, NEXT!)).toBe(10)
    expect(stepIn(field, FAR)).toBe(0)
  })

  test('moves two thirds of the way in two minutes, however often it is looked at', () => {
    const before = counts({ [MIDDLE]: 0 }, { [MIDDLE]: 0 })
    const after = counts({ [MIDDLE]: 30 }, { [MIDDLE]: 0 })
    const once = new SurgeField()
    const often = new SurgeField()
    for (const field of [once, often]) field.look(before, 0, RULES)
    once.look(after, SMOOTHING_S * 1000, RULES)
    for (let atMs = 10_000; atMs <= SMOOTHING_S * 1000; atMs += 10_000) often.look(after, atMs, RULES)
    expect(once.around(MIDDLE).asking).toBeCloseTo(30 * (1 - 1 / Math.E), 9)
    expect(often.around(MIDDLE).asking).toBeCloseTo(once.around(MIDDLE).asking, 9)
  })

  test('starts from the cars it sees at first, but from nobody who asks', () => {
    const field = new SurgeField()
    field.look(counts({ [MIDDLE]: 50 }, { [MIDDLE]: 2 }), 0, RULES)
    expect(field.around(MIDDLE)).toEqual({ asking: 0, free: 2 })
    expect(stepIn(field, MIDDLE)).toBe(0)
  })

  test('keeps its price while the counts swing within half a step', () => {
    // Enough people elsewhere, where there are cars enough.
    const seen = (asking: number) => counts({ [MIDDLE]: asking, [FAR]: 40 }, { [MIDDLE]: 10, [FAR]: 60 })
    const field = settled(seen(20))
    expect(stepIn(field, MIDDLE)).toBe(5)
    // Asking for 4.4 and 5.6 steps by turns.
    for (let n = 1; n <= 40; n++) {
      const asking = n % 2 === 0 ? 18.8 : 21.2
      field.look(seen(asking), LONG_MS * (n + 1), RULES)
      expect(stepIn(field, MIDDLE)).toBe(5)
    }
    field.look(seen(22), LONG_MS * 50, RULES)
    expect(stepIn(field, MIDDLE)).toBe(6)
  })

  test('adds nothing where nobody has asked, whatever the cars do', () => {
    fc.assert(
      fc.property(looks, someRules, (seen, rules) => {
        const field = new SurgeField()
        let atMs = 0
        for (const { town, afterS } of seen) {
          atMs += afterS * 1000
          field.look(counts({}, town.free), atMs, rules)
          for (const { step } of field.cells()) expect(step).toBe(0)
        }
      }),
    )
  })

  test('is back to its usual prices once nobody asks any more, and forgets the cells', () => {
    fc.assert(
      fc.property(looks, someRules, (seen, rules) => {
        const field = new SurgeField()
        let atMs = 0
        for (const { town, afterS } of seen) {
          atMs += afterS * 1000
          field.look(counts(town.asking, town.free), atMs, rules)
        }
        field.look(counts({}, {}), atMs + LONG_MS, rules)
        expect(field.cells()).toEqual([])
      }),
    )
  })

  test('stays within its steps, and asks less with more cars and more with more people', () => {
    fc.assert(
      fc.property(looks, someRules, fc.integer({ min: 1, max: 9 }), (seen, rules, more) => {
        const [field, fuller, poorer] = [new SurgeField(), new SurgeField(), new SurgeField()]
        let atMs = 0
        for (const { town, afterS } of seen) {
          atMs += afterS * 1000
          const plus = (of: Record<string, number>) =>
            Object.fromEntries(TOWN.map((cell) => [cell, (of[cell] ?? 0) + more]))
          field.look(counts(town.asking, town.free), atMs, rules)
          fuller.look(counts(plus(town.asking), town.free), atMs, rules)
          poorer.look(counts(town.asking, plus(town.free)), atMs, rules)
          const most = stepsOf(rules)
          for (const [cell, step] of stepsIn(field)) {
            expect(step).toBeGreaterThanOrEqual(0)
            expect(step).toBeLessThanOrEqual(most)
            expect(stepIn(fuller, cell)).toBeGreaterThanOrEqual(step)
            expect(stepIn(poorer, cell)).toBeLessThanOrEqual(step)
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test('goes on in another process as if nothing had happened', () => {
    const seen = counts({ [MIDDLE]: 25 }, { [MIDDLE]: 10, [FAR]: 3 })
    const one = settled(seen)
    const other = new SurgeField()
    other.resume(one.cells(), LONG_MS)
    const next = counts({ [MIDDLE]: 12 }, { [MIDDLE]: 11, [FAR]: 3 })
    for (const field of [one, other]) field.look(next, LONG_MS + 10_000, RULES)
    expect(other.cells()).toEqual(one.cells())
  })

  test('that does not want it counts all the same and adds nothing from one look to the next', () => {
    const field = settled(counts({ [MIDDLE]: 30 }, { [MIDDLE]: 5 }))
    expect(stepIn(field, MIDDLE)).toBe(10)
    field.look(counts({ [MIDDLE]: 30 }, { [MIDDLE]: 5 }), LONG_MS + 10_000, null)
    expect(stepIn(field, MIDDLE)).toBe(0)
    expect(field.around(MIDDLE).asking).toBeCloseTo(30, 6)
  })

  test('whose cap was lowered is below it at the next look', () => {
    const seen = counts({ [MIDDLE]: 30 }, { [MIDDLE]: 5 })
    const field = settled(seen)
    const lower: SurgeRules = { ...RULES, capBasisPoints: 12_000 }
    field.look(seen, LONG_MS + 10_000, lower)
    expect(stepIn(field, MIDDLE)).toBe(2)
  })
})

test('the tail of a request counts the same with a car beside it and without', () => {
  // Found by the property above: a cell that was forgotten with its car took the tail of its people with it.
  const [alone, beside] = [new SurgeField(), new SurgeField()]
  for (const [field, free] of [
    [alone, {}],
    [beside, { [MIDDLE]: 1 }],
  ] as const) {
    field.look(counts({}, free), 0, RULES)
    field.look(counts({ [MIDDLE]: 1 }, free), 1_000, RULES)
    field.look(counts({}, free), 2_000, RULES)
  }
  expect(beside.around(MIDDLE).asking).toBe(alone.around(MIDDLE).asking)
})

describe('when it is usually over', () => {
  /** So many people every five minutes until then, and a tenth of them after it. */
  const until = (endS: number) => (fromS: number, toS: number) => {
    let sum = 0
    for (let atS = fromS; atS < toS; atS += 10) sum += atS < endS ? 1 : 0.1
    return sum
  }

  test('is read off past days, scaled to the people of today', () => {
    expect(usuallyOverInS(RULES, { asking: 25, free: 10 }, until(1_800))).toBe(2_100)
    // Three times as many people as usual are too many until the window is past the end of the rush.
    expect(usuallyOverInS(RULES, { asking: 95, free: 10 }, until(1_800))).toBe(2_100)
  })

  test('is not known where past days had nobody, or no end of it', () => {
    expect(usuallyOverInS(RULES, { asking: 25, free: 10 }, () => 0)).toBeNull()
    expect(usuallyOverInS(RULES, { asking: 25, free: 10 }, until(100_000))).toBeNull()
  })
})
