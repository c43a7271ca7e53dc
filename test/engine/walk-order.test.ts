import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { AT_LEAST, BEYOND, CELLS, orderFor, RINGS, STEPS_A, STEPS_B } from '../../src/engine/walk-order.ts'

/** In spacings; the axes are 60° apart. */
const length = (a: number, b: number) => Math.sqrt(a * a + a * b + b * b)
const ringOf = (a: number, b: number) => Math.max(Math.abs(a), Math.abs(b), Math.abs(a + b))
const thirds = fc.double({ min: -2 / 3, max: 2 / 3, noNaN: true })
/** Offsets inside a cell: nearer to its centre than to any of the six around it. */
const offsets = fc
  .tuple(thirds, thirds)
  .filter(([a, b]) => Math.max(Math.abs(2 * a + b), Math.abs(2 * b + a), Math.abs(a - b)) <= 1)

describe('the order of cells around a point', () => {
  test('has every cell of the rings once, and begins near the point', () => {
    fc.assert(
      fc.property(offsets, ([offA, offB]) => {
        const first = orderFor(offA, offB)
        const seen = new Set<string>()
        for (let n = first; n < first + CELLS; n++) {
          expect(ringOf(STEPS_A[n]!, STEPS_B[n]!)).toBeLessThanOrEqual(RINGS)
          seen.add(`${STEPS_A[n]} ${STEPS_B[n]}`)
        }
        expect(seen.size).toBe(CELLS)
        expect(length(STEPS_A[first]! - offA, STEPS_B[first]! - offB)).toBeLessThan(0.8)
      }),
    )
  })

  test('says of each cell a distance that neither it nor any later one is below', () => {
    fc.assert(
      fc.property(offsets, ([offA, offB]) => {
        const first = orderFor(offA, offB)
        for (let n = first; n < first + CELLS; n++) {
          expect(AT_LEAST[n]!).toBeLessThanOrEqual(length(STEPS_A[n]! - offA, STEPS_B[n]! - offB))
          if (n > first) expect(AT_LEAST[n]!).toBeGreaterThanOrEqual(AT_LEAST[n - 1]!)
        }
      }),
    )
  })

  test('leaves out nobody nearer than it says', () => {
    fc.assert(
      fc.property(offsets, ([offA, offB]) => {
        for (let a = -RINGS - 2; a <= RINGS + 2; a++)
          for (let b = -RINGS - 2; b <= RINGS + 2; b++)
            if (ringOf(a, b) > RINGS) expect(length(a - offA, b - offB)).toBeGreaterThanOrEqual(BEYOND)
      }),
    )
  })
})
