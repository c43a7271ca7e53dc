/** While a search goes on: another class that could be here now, at the price it was shown with. */
import type { VehicleClass } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { clock } from '../parts/figures.ts'
import { minutesText, money } from '../parts/format.ts'
import { CLASS_WORDS } from './quotes.ts'

export interface InsteadProps {
  readonly rideId: string
  readonly quoteId: string
  readonly class: VehicleClass
  readonly fareMinor: number
  readonly currency: string
  /** To the pickup. */
  readonly etaS: number
  /** At the destination, as it stands. */
  readonly arriveAtMs: number
  /** One-time key of its form. */
  readonly key: string
}

/** One press changes the search over to it; nothing is charged for the first one. */
export function insteadCard(ctx: PageContext, props: InsteadProps): Html {
  const { label, icon: name } = CLASS_WORDS[props.class]
  const minutes = minutesText(Math.max(60, props.etaS))
  const price = money(props.fareMinor, props.currency, ctx.lang)
  return html`<form method="post" action="/rides/${props.rideId}/instead" class="instead" id="instead">${formKeys({ csrf: ctx.csrf, key: props.key })}<input type="hidden" name="quote_id" value="${props.quoteId}">${icon(name)}<p><b>${label} is free right now</b><span class="second">${minutes} away · there by ${clock(ctx, props.arriveAtMs)}</span></p><button class="button button-soft" aria-label="Take ${label} instead, ${price}" data-busy="Changing…"><bdi dir="ltr" class="price">${price}</bdi></button></form>`
}
