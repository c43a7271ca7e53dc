import { expect, test } from 'bun:test'
import { priceLeg, type Tariff } from '../../src/engine/fare.ts'
import { fareLineProps } from '../../src/fares/lines.ts'

const TARIFF: Tariff = {
  currency: 'USD',
  baseMinor: 300,
  bookingFeeMinor: 150,
  perKmMinor: 160,
  perMinuteMinor: 50,
  minimumMinor: 800,
  taxBasisPoints: 888,
  cancelFeeMinor: 500,
  cancelFreeS: 120,
  noShowFeeMinor: 700,
  noShowAfterS: 180,
}

test('who multiplies what a line shows gets the amount beside it', () => {
  const fare = priceLeg(TARIFF, { distanceM: 2_518, durationS: 493 })
  const shown = fareLineProps(fare.lines, { currency: fare.currency, taxLabel: 'Tax' })
  for (const line of shown) {
    const working = /^([\d.]+) (?:km|min) × \$([\d.]+)$/.exec(line.detail ?? '')
    if (working === null) continue
    expect(Math.abs(Number(working[1]) * Number(working[2]) * 100 - line.amountMinor)).toBeLessThanOrEqual(1)
  }
  expect(shown.map(({ detail }) => detail)).toContain('8.22 min × $0.50')
})
