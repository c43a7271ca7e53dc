/** A ride that waits for its time: when, where, what it costs, and the two things one may still do. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { address, amount, clock, day } from '../parts/figures.ts'
import { fromMark, toMark } from '../parts/mark.ts'
import type { BookedProps } from './ride-props.ts'
import { whenQuery } from './when.ts'

/** Nearer than this there is no reminder: it was booked just now. */
const REMINDED_MS = 90 * 60_000

/** The sheet of a ride in `scheduled`; its head stands above. */
export function bookedSheet(ctx: PageContext, props: BookedProps, head: Html): Html {
  return html`${head}<hr class="hairline">
<ul class="ends"><li>${fromMark()}<b>${address(props.pickup.label)}</b>${clock(ctx, props.pickupAtMs)}</li><li>${toMark()}<b>${address(props.dropoff.label)}</b>${clock(ctx, props.pickupAtMs + props.rideDurationS * 1000)}</li></ul>
<ol class="steps"><li class="step step-sent">${icon('check')}<span>${props.className} booked, price fixed at <b>${amount(ctx, { amountMinor: props.fareMinor, currency: props.currency })}</b></span></li>
<li class="step">${icon('search')}<span>We look for a driver from about <b>${clock(ctx, props.searchFromMs)}</b> on.${props.pickupAtMs - props.nowMs > REMINDED_MS ? ' You get a letter an hour before.' : null}</span></li></ol>
${props.cancel.feeMinor > 0 ? null : html`<a class="button button-plain button-wide" href="/request?${changeQuery(ctx, props)}">${icon('calendar-clock')}Change time or place</a>`}
<hr class="hairline">
<p class="foot-row"><a class="link-danger" href="/rides/${props.id}/cancellation">Cancel booking</a><span class="second">${cancelCost(ctx, props)}</span></p>`
}

function cancelCost(ctx: PageContext, { cancel, currency }: BookedProps): Html | string {
  if (cancel.feeMinor > 0)
    return html`costs ${amount(ctx, { amountMinor: cancel.feeMinor, currency })} by now`
  if (cancel.freeUntilMs === null) return 'free until a driver is found'
  return html`free until ${day(ctx, cancel.freeUntilMs)}, ${clock(ctx, cancel.freeUntilMs)}, then ${amount(ctx, { amountMinor: cancel.laterFeeMinor, currency })}`
}

/** Under the headline: the day, and how far it is. */
export function bookedSecond(ctx: PageContext, props: BookedProps): Html {
  return html`${day(ctx, props.pickupAtMs)} at ${address(props.pickup.label)} · <bdi dir="ltr" class="nowrap">${props.reference}</bdi>`
}

/** The request form as it was for this ride, to be asked anew. */
function changeQuery(ctx: PageContext, props: BookedProps): string {
  const query = new URLSearchParams({ change: props.id, seats: String(props.seats) })
  for (const [name, { label, point }] of [
    ['from', props.pickup],
    ['to', props.dropoff],
    ...(props.stops ?? []).map((stop, n) => [`stop${n + 1}`, stop] as const),
  ] as const) {
    query.set(name, label)
    query.set(`${name}_lat`, String(point.lat))
    query.set(`${name}_lng`, String(point.lng))
  }
  for (const [name, value] of whenQuery(props.pickupAtMs, ctx.timeZone)) query.set(name, value)
  return query.toString()
}
