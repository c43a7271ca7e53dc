import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { DemandModel } from '../../src/engine/demand.ts'
import { atLeast, whereToWait } from '../../src/engine/reposition.ts'
import type { LatLng } from '../../src/engine/units.ts'

const RULES = { worthS: 3_000, farthestS: 2_000, leastGainS: 60 }
/** On a line: a degree is a thousand seconds. */
const apartS = (from: LatLng, to: LatLng) => Math.abs(from.lat - to.lat) * 1_000

describe('the chance of at least so many requests', () => {
  test('is what Poisson says', () => {
    expect(atLeast(0, 2)).toBe(1)
    expect(atLeast(1, 2)).toBeCloseTo(1 - Math.exp(-2), 12)
    expect(atLeast(3, 2)).toBeCloseTo(0.3233235838, 9)
    expect(atLeast(1, 0)).toBe(0)
  })

  test('grows with what is expected and falls with how many, and stays a chance', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 200 }),
        fc.double({ min: 0, max: 300, noNaN: true }),
        (n, mean) => {
          const chance = atLeast(n, mean)
          expect(chance).toBeGreaterThanOrEqual(0)
          expect(chance).toBeLessThanOrEqual(1)
          expect(atLeast(n + 1, mean)).toBeLessThanOrEqual(chance + 1e-12)
          expect(atLeast(n, mean + 1)).toBeGreaterThanOrEqual(chance - 1e-12)
        },
      ),
    )
  })
})

describe('where idle cars wait', () => {
  test('a car leaves where nobody asks for where many do, and stays where the way costs more than it brings', () => {
    const cells = [
      { centre: { lat: 0, lng: 0 }, demand: 0, supply: 0 },
      { centre: { lat: 1, lng: 0 }, demand: 4, supply: 1 },
    ]
    expect([...whereToWait([{ at: { lat: 0, lng: 0 }, cell: 0 }], cells, RULES, apartS)]).toEqual([1])
    const dear = { ...RULES, worthS: 900 }
    expect([...whereToWait([{ at: { lat: 0, lng: 0 }, cell: 0 }], cells, dear, apartS)]).toEqual([-1])
    const near = { ...RULES, farthestS: 999 }
    expect([...whereToWait([{ at: { lat: 0, lng: 0 }, cell: 0 }], cells, near, apartS)]).toEqual([-1])
  })

  test('cars already on hand make a place worth less', () => {
    const cells = [
      { centre: { lat: 0, lng: 0 }, demand: 0, supply: 0 },
      { centre: { lat: 1, lng: 0 }, demand: 2, supply: 6 },
    ]
    expect([...whereToWait([{ at: { lat: 0, lng: 0 }, cell: 0 }], cells, RULES, apartS)]).toEqual([-1])
  })

  test('is the best plan of all there are', () => {
    const place = fc.integer({ min: 0, max: 8 }).map((lat) => ({ lat: lat / 4, lng: 0 }))
    const situation = fc.record({
      cells: fc.array(
        fc.record({
          centre: place,
          demand: fc.double({ min: 0, max: 3, noNaN: true }),
          supply: fc.integer({ min: 0, max: 2 }),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      cars: fc.array(fc.record({ at: place, pick: fc.integer({ min: -1, max: 3 }) }), {
        minLength: 1,
        maxLength: 4,
      }),
    })
    fc.assert(
      fc.property(situation, ({ cells, cars: drawn }) => {
        const cars = drawn.map(({ at, pick }) => ({ at, cell: pick < cells.length ? pick : -1 }))
        const gainS = (plan: readonly number[]) => {
          const there = cells.map(({ supply }) => supply)
          let sum = 0
          for (const [n, cell] of plan.entries()) {
            if (cell < 0) continue
            const car = cars[n]!
            const stays = car.cell === cell
            const awayS = stays ? 0 : apartS(car.at, cells[cell]!.centre)
            there[cell]!++
            const chance = atLeast(there[cell]!, cells[cell]!.demand)
            if (awayS > RULES.farthestS || chance < 0.02) return Number.NEGATIVE_INFINITY
            sum += RULES.worthS * chance - awayS - (stays ? 0 : RULES.leastGainS)
          }
          return sum
        }
        let best = 0
        const plan: number[] = []
        const tryAll = (n: number) => {
          if (n === cars.length) {
            best = Math.max(best, gainS(plan))
            return
          }
          for (let cell = -1; cell < cells.length; cell++) {
            plan[n] = cell
            tryAll(n + 1)
          }
        }
        tryAll(0)
        const to = whereToWait(cars, cells, RULES, apartS)
        // Of a car that stays, the plan does not say whether it counts where it is; whichever is better.
        const staying = [...to].flatMap((cell, n) => (cell < 0 && cars[n]!.cell >= 0 ? [n] : []))
        let answered = Number.NEGATIVE_INFINITY
        for (let bits = 0; bits < 2 ** staying.length; bits++) {
          const read = [...to]
          staying.forEach((n, i) => {
            if ((bits >> i) & 1) read[n] = cars[n]!.cell
          })
          answered = Math.max(answered, gainS(read))
        }
        expect(answered).toBeCloseTo(best, 6)
      }),
      { numRuns: 300 },
    )
  })
})

describe('expected demand', () => {
  const here = { lat: 40.75, lng: -73.98 }

  test('is what past days had, shared with the quarters beside', () => {
    const model = new DemandModel()
    model.addDay(1)
    model.addDay(1)
    for (let n = 0; n < 8; n++) model.add(here, 36_000 + n, 1)
    const [cell] = model.cells
    expect(cell!.cell).toBe(model.cellOf(here))
    expect(model.expected(cell!, 36_000, 36_900)).toBe(2)
    expect(model.expected(cell!, 36_450, 36_900)).toBe(1)
    expect(model.expected(cell!, 35_100, 37_800)).toBe(4)
    expect(model.expected(cell!, 50_000, 60_000)).toBe(0)
  })

  test('goes on over midnight, and is nothing before the first day', () => {
    const model = new DemandModel()
    model.add(here, 100, 1)
    const [cell] = model.cells
    expect(model.expected(cell!, 0, 900)).toBe(0)
    model.addDay(1)
    expect(model.expected(cell!, 85_500, 85_500 + 2_700)).toBe(1)
  })
})
