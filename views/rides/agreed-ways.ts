/** On a receipt: what was agreed on while the ride went on, so that the fare is never other than promised silently. */

import type { PageContext } from '../page.ts'
import { clockText, money } from '../parts/format.ts'
import type { PricedWayProps } from './way-change.ts'

export interface AgreedWayProps {
  readonly atMs: number
  readonly before: PricedWayProps
  readonly after: PricedWayProps
}

/** One sentence a change, in order; none where nothing was changed. */
export function agreedLines(
  zone: Pick<PageContext, 'lang' | 'timeZone'>,
  ways: readonly AgreedWayProps[],
  currency: string,
): string[] {
  const sum = (minor: number) => money(minor, currency, zone.lang)
  return ways.map(
    ({ atMs, before, after }) =>
      `Agreed at ${clockText(zone, atMs)}: ${wayText(after)} instead of ${wayText(before)}, ${sum(before.fareMinor)} became ${sum(after.fareMinor)}`,
  )
}

function wayText({ label, stops }: PricedWayProps): string {
  return stops.length === 0 ? label : `${label} by ${stops.join(', ')}`
}
