/**
 * The states a ride has before it, drawn ahead by the same component: a driver without network presses a step, and
 * the phone shows the next one without asking. They come with the whole page, not with each push.
 */
import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'
import { money } from '../parts/format.ts'
import type { DriverMainProps, DriverRideState, RideProps } from './props.ts'
import { firstName } from './words.ts'

/** What a step leads to; after the last one the ride is over. */
const AHEAD: readonly DriverRideState[] = ['assigned', 'en_route', 'arrived', 'in_progress']

/**
 * A `<template>` a state, by the name of the state, in `#later`; empty where there is no ride, and of a shared run,
 * whose order is the server's to say.
 * @param draw the driver's main
 */
export function laterSheets(
  ctx: PageContext,
  props: DriverMainProps,
  draw: (ctx: PageContext, props: DriverMainProps) => Html,
): Html {
  if (props.state !== 'ride' || props.stops.length > 0) return html`<div id="later" hidden></div>`
  const states = AHEAD.slice(AHEAD.indexOf(props.ride.state) + 1)
  return html`<div id="later" hidden>${states.map((state) => html`<template data-later="${state}">${draw(ctx, laterProps(props, state))}</template>`)}<template data-later="completed">${overSheet(ctx, props)}</template></div>`
}

/** When the state begins is not known, so nothing in it runs yet; the free wait counts from when the page shows it. */
function laterProps({ chat: _chat, ...props }: RideProps, state: DriverRideState): RideProps {
  return {
    ...props,
    nudge: null,
    joining: null,
    justEnded: null,
    ride: {
      ...{ ...props.ride, state, left: null, waiting: null },
      noShowFromMs: state === 'arrived' ? props.nowMs + props.ride.freeWaitS * 1000 : null,
    },
  }
}

/** After the last step, until it has reached us. */
function overSheet(ctx: PageContext, { ride }: RideProps): Html {
  const fare = html`<b><bdi dir="ltr">${money(ride.fareMinor, ride.currency, ctx.lang)}</bdi></b>`
  const pay =
    ride.payment === 'cash'
      ? html`${firstName(ride.riderName)} pays ${fare} in cash, as promised.`
      : html`${fare} go to the account, as promised.`
  return html`<h2 class="sheet-title">Ride over</h2><p>${pay}</p><p class="second">If the way was another one than agreed, the final fare follows when you have network again.</p>`
}
