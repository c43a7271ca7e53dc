import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Leg, priceTrip, type Tariff } from '../../src/engine/fare.ts'
import { payOfRun, splitMinor } from '../../src/engine/pool-fare.ts'
import { NO_ZONES } from '../../src/engine/tariff.ts'
import { BugError } from '../../src/engine/units.ts'

const TARIFF: Tariff = {
  currency: 'USD',
  baseMinor: 300,
  bookingFeeMinor: 100,
  perKmMinor: 200,
  perMinuteMinor: 50,
  minimumMinor: 800,
  taxBasisPoints: 1_000,
  cancelFeeMinor: 500,
  cancelFreeS: 120,
  noShowFeeMinor: 500,
  noShowAfterS: 300,
}
const minor = fc.integer({ min: 0, max: 2_000_000 })
const points = fc.integer({ min: 0, max: 10_000 })

describe('the price of a shared ride', () => {
  const price = (leg: Leg, tariff: Tariff, sharedDiscountBasisPoints?: number) =>
    priceTrip(tariff, { leg, time: null, zones: NO_ZONES, sharedDiscountBasisPoints })

  test('is the fare of going alone less the discount, with the tax of what is left', () => {
    const leg = { distanceM: 3_000, durationS: 600 }
    const shared = price(leg, TARIFF, 2_500)
    expect(price(leg, TARIFF).totalMinor).toBe(1_650)
    expect(shared.lines.slice(-2)).toEqual([
      { code: 'shared', amountMinor: -375, quantity: 2_500 },
      { code: 'tax', amountMinor: 113, quantity: 1_000 },
    ])
    expect(shared.totalMinor).toBe(1_238)
  })

  test('is never more than going alone, never below nothing, and the sum of its lines', () => {
    const leg: fc.Arbitrary<Leg> = fc.record({
      distanceM: fc.double({ min: 0, max: 200_000, noNaN: true }),
      durationS: fc.double({ min: 0, max: 20_000, noNaN: true }),
    })
    fc.assert(
      fc.property(leg, points, points, (leg, discountBasisPoints, taxBasisPoints) => {
        const tariff = { ...TARIFF, taxBasisPoints }
        const alone = price(leg, tariff)
        const shared = price(leg, tariff, discountBasisPoints)
        expect(shared.totalMinor).toBeLessThanOrEqual(alone.totalMinor)
        expect(shared.totalMinor).toBeGreaterThanOrEqual(0)
        expect(shared.lines.reduce((total, line) => total + line.amountMinor, 0)).toBe(shared.totalMinor)
        if (discountBasisPoints === 0) expect(shared.totalMinor).toBe(alone.totalMinor)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('the pay of a run', () => {
  test('is rounded once for the run, and its parts sum to it', () => {
    expect(payOfRun([101, 101, 101], 5_000)).toEqual([51, 51, 50])
    fc.assert(
      fc.property(fc.array(minor, { minLength: 1, maxLength: 8 }), points, (fares, share) => {
        const parts = payOfRun(fares, share)
        const whole = fares.reduce((total, fare) => total + fare, 0)
        expect(parts.reduce((total, part) => total + part, 0)).toBe(
          Math.floor((whole * share) / 10_000 + 0.5),
        )
        parts.forEach((part, n) => {
          expect(part).toBeLessThanOrEqual(fares[n]!)
          expect(Math.abs(part - (fares[n]! * share) / 10_000)).toBeLessThanOrEqual(1.5)
        })
      }),
      { numRuns: 2_000 },
    )
  })

  test('a split is exact, within one unit of each share, and larger for the larger weight', () => {
    fc.assert(
      fc.property(minor, fc.array(minor, { minLength: 1, maxLength: 8 }), (total, weights) => {
        const parts = splitMinor(total, weights)
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(total)
        const whole = weights.reduce((sum, weight) => sum + weight, 0)
        weights.forEach((weight, n) => {
          const share = whole === 0 ? total / weights.length : (total * weight) / whole
          expect(Math.abs(parts[n]! - share)).toBeLessThan(1)
          weights.forEach((other, m) => {
            if (weight > other) expect(parts[n]!).toBeGreaterThanOrEqual(parts[m]!)
          })
        })
      }),
      { numRuns: 2_000 },
    )
    expect(() => splitMinor(10, [])).toThrow(BugError)
    expect(() => splitMinor(-1, [1])).toThrow(BugError)
  })
})
