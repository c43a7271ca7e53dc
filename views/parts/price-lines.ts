import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'
import { amount } from './figures.ts'

export interface PriceLine {
  readonly label: string
  /** The working, such as `5.8 km × $1.60`. */
  readonly detail: string | null
  readonly amountMinor: number
}

/** The lines of a price and their sum; nothing is hidden in the total. */
export function priceLines(
  ctx: PageContext,
  props: { lines: readonly PriceLine[]; totalLabel: Html | string; totalMinor: number; currency: string },
): Html {
  return html`<dl class="price-lines">${props.lines.map(
    (line) =>
      html`<div class="price-line"><dt>${line.label}${line.detail === null ? null : html`<small><bdi dir="ltr">${line.detail}</bdi></small>`}</dt><dd>${amount(ctx, { amountMinor: line.amountMinor, currency: props.currency })}</dd></div>`,
  )}<div class="price-line price-sum"><dt>${props.totalLabel}</dt><dd>${amount(ctx, { amountMinor: props.totalMinor, currency: props.currency })}</dd></div></dl>`
}
