/** On a receipt: what was agreed on while the ride went on, so that the fare is never other than promised silently. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { amount, clock } from '../parts/figures.ts'
import { type PricedWayProps, wayWords } from './way-change.ts'

export interface AgreedWayProps {
  readonly atMs: number
  readonly before: PricedWayProps
  readonly after: PricedWayProps
}

/** One line a change, in order; nothing where nothing was changed. */
export function agreedWays(ctx: PageContext, ways: readonly AgreedWayProps[], currency: string): Html | null {
  if (ways.length === 0) return null
  const money = (amountMinor: number) => amount(ctx, { amountMinor, currency })
  return html`<section class="receipt-why" aria-label="Agreed on the way"><h2>Agreed on the way</h2><ul class="way-agreed">${ways.map(
    ({ atMs, before, after }) =>
      html`<li>${icon('route')}<span>${clock(ctx, atMs)}: ${wayWords(after)} instead of ${wayWords(before)}. <b>${money(before.fareMinor)} became ${money(after.fareMinor)}.</b></span></li>`,
  )}</ul></section>`
}
