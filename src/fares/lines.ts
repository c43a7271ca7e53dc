/** The lines of a fare as people read them: a label, the working, the amount. */

import { money } from '../../views/parts/format.ts'
import type { PriceLine } from '../../views/parts/price-lines.ts'
import type { FareLine, FareLineCode } from '../engine/fare.ts'

const LABELS: Record<Exclude<FareLineCode, 'tax'>, string> = {
  base: 'Base',
  booking_fee: 'Booking fee',
  distance: 'Distance',
  time: 'Time',
  minimum: 'Up to the minimum fare',
  shared: 'Shared ride',
}

/** Line by line, with the working where there is one: "5.8 km × $1.60". */
export function fareLineProps(
  lines: readonly FareLine[],
  { currency, taxLabel }: { currency: string; taxLabel: string },
): PriceLine[] {
  return lines.map((line) => ({
    label: line.code === 'tax' ? taxLabel : LABELS[line.code],
    detail: workingOf(line, currency),
    amountMinor: line.amountMinor,
  }))
}

function workingOf(line: FareLine, currency: string): string | null {
  const unit = line.unitMinor === undefined ? '' : money(line.unitMinor, currency, 'en')
  switch (line.code) {
    case 'distance':
      return `${figure(line.quantity)} km × ${unit}`
    case 'time':
      return `${figure(line.quantity)} min × ${unit}`
    case 'minimum':
      return `a ride costs at least ${unit}`
    case 'shared':
      return `${(line.quantity ?? 0) / 100} % off`
    case 'tax':
      return `${(line.quantity ?? 0) / 100} %`
    default:
      return null
  }
}

/** Two decimals: with fewer, a reader who multiplies does not get the amount beside it. */
function figure(quantity = 0): string {
  return String(Math.round(quantity * 100) / 100)
}
