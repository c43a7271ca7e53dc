/** The lines of a fare as people read them: a label, the working, the amount. */

import { distanceText, minutesText, money } from '../../views/parts/format.ts'
import type { PriceLine } from '../../views/parts/price-lines.ts'
import type { FareLine, FareLineCode } from '../engine/fare.ts'
import type { FareReason } from '../engine/final-fare.ts'
import { WHOLE } from '../engine/tariff.ts'

const LABELS: Record<Exclude<FareLineCode, 'tax'>, string> = {
  base: 'Base',
  booking_fee: 'Booking fee',
  distance: 'Distance',
  time: 'Time',
  flat_fare: 'Flat fare',
  zone_fee: 'Zone fee',
  toll: 'Toll',
  schedule: 'By the hour',
  surge: 'Busy now',
  minimum: 'Up to the minimum fare',
  waiting: 'Waiting',
  shared: 'Shared ride',
  promo: 'Code',
  rounding: 'Rounding',
}

/** Line by line, with the working where there is one: "5.8 km × $1.60". Rules go by the name the company gave them. */
export function fareLineProps(
  lines: readonly FareLine[],
  { currency, taxLabel }: { currency: string; taxLabel: string },
): PriceLine[] {
  return lines.map((line) => ({
    label: labelOf(line, taxLabel),
    detail: workingOf(line, currency),
    amountMinor: line.amountMinor,
  }))
}

function labelOf(line: FareLine, taxLabel: string): string {
  if (line.code === 'tax') return line.name ?? taxLabel
  if (line.code === 'promo' && line.name !== undefined) return `Code ${line.name}`
  return line.name ?? LABELS[line.code]
}

function workingOf(line: FareLine, currency: string): string | null {
  const unit = line.unitMinor === undefined ? '' : money(line.unitMinor, currency, 'en')
  switch (line.code) {
    case 'distance':
      return `${figure(line.quantity)} km × ${unit}`
    case 'time':
      return `${figure(line.quantity)} min × ${unit}`
    case 'waiting':
      return `${figure(line.quantity)} min beyond the free time × ${unit}`
    case 'minimum':
      return `a ride costs at least ${unit}`
    case 'flat_fare':
      return 'whatever the way and the time'
    case 'zone_fee':
      return 'where the ride begins or ends'
    case 'toll':
      return 'on the way'
    case 'schedule':
    case 'surge':
      return variation(line, unit)
    case 'shared':
      return `${(line.quantity ?? 0) / 100} % off`
    case 'tax':
      return `${(line.quantity ?? 0) / 100} %`
    case 'rounding':
      return `to ${unit}`
    default:
      return null
  }
}

/** Why a fare is not what was promised, as a line that says what shows it. */
export function reasonProps(reasons: readonly FareReason[]): PriceLine[] {
  return reasons.map((reason) => ({
    label: REASONS[reason.code],
    detail: shownBy(reason),
    amountMinor: reason.differenceMinor,
  }))
}

const REASONS: Record<FareReason['code'], string> = {
  destination_changed: 'You went somewhere else',
  stop_added: 'You asked for a stop',
  way_chosen: 'You asked for another way',
  waited: 'The driver waited for you',
  waited_at_stop: 'The driver waited at a stop',
}

function shownBy({ code, measured }: FareReason): string {
  switch (code) {
    case 'destination_changed':
      return `the ride ended ${distanceText(measured)} from where it was to end`
    case 'stop_added':
      return `the car stood for ${minutesText(measured)}`
    case 'way_chosen':
      return `${distanceText(measured)} further than promised`
    case 'waited':
      return `${minutesText(Math.max(60, measured))} at the pickup`
    case 'waited_at_stop':
      return `${minutesText(Math.max(60, measured))} in all`
  }
}

/** "25 % more", "10 % less and $2.00", "$2.00 more". */
function variation({ quantity = WHOLE, unitMinor = 0 }: FareLine, unit: string): string {
  const points = quantity - WHOLE
  const part = points === 0 ? '' : `${Math.abs(points) / 100} % ${points > 0 ? 'more' : 'less'}`
  if (unitMinor === 0) return part
  return part === '' ? `${unit} more` : `${part} and ${unit}`
}

/** Two decimals: with fewer, a reader who multiplies does not get the amount beside it. */
function figure(quantity = 0): string {
  return String(Math.round(quantity * 100) / 100)
}
