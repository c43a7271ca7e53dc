/**
 * The states a ride has before it, drawn ahead by the same component: a driver without network presses a step, and
 * the phone shows the next one without asking. They come with the whole page, not with each push.
 */
import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'
import { money } from '../parts/format.ts'
import type { DriverMainProps, DriverRideState, RideProps, RideStopToDrive } from './props.ts'
import { pressOf } from './stops.ts'
import { firstName } from './words.ts'

/** What a step leads to; after the last one the ride is over. */
const AHEAD: readonly DriverRideState[] = ['assigned', 'en_route', 'arrived', 'in_progress']

/**
 * A `<template>` a press that is still to come, by its name (`pressOf`), in `#later`, whose `data-order` names them all,
 * those behind too. Empty where there is no ride; without templates for a shared run, whose stops are the server's to
 * order.
 * @param draw the driver's main
 */
export function laterSheets(
  ctx: PageContext,
  props: DriverMainProps,
  draw: (ctx: PageContext, props: DriverMainProps) => Html,
): Html {
  if (props.state !== 'ride') return html`<div id="later" hidden></div>`
  const all = momentsOf(props.ride)
  const order = [...all.map(pressOf), 'completed'].join(' ')
  if (props.stops.length > 0) return html`<div id="later" data-order="${order}" hidden></div>`
  const now = pressOf(props.ride)
  const ahead = all.slice(all.findIndex((moment) => pressOf(moment) === now) + 1)
  return html`<div id="later" data-order="${order}" hidden>${ahead.map((moment) => html`<template data-later="${pressOf(moment)}">${draw(ctx, laterProps(props, moment))}</template>`)}<template data-later="completed">${overSheet(ctx, props)}</template></div>`
}

/** How far a ride has come: its state, and the stops with where the car is among them. */
interface Moment {
  readonly state: DriverRideState
  readonly stops: readonly RideStopToDrive[]
}

/** From the first press to the last: each stop has two of them, and the end comes after all. */
function momentsOf({ stops = [] }: RideProps['ride']): Moment[] {
  const at = (next: number, standing: 'ahead' | 'here') =>
    stops.map((stop, n) => ({
      ...stop,
      standing: n < next ? ('passed' as const) : n === next ? standing : ('ahead' as const),
    }))
  return AHEAD.flatMap((state): Moment[] => {
    if (state !== 'in_progress') return [{ state, stops: at(0, 'ahead') }]
    return [
      ...stops.flatMap((_, n) => [
        { state, stops: at(n, 'ahead') },
        { state, stops: at(n, 'here') },
      ]),
      { state, stops: at(stops.length, 'ahead') },
    ]
  })
}

/** When the state begins is not known, so nothing in it runs yet; the free wait counts from when the page shows it. */
function laterProps({ chat: _chat, ...props }: RideProps, { state, stops }: Moment): RideProps {
  return {
    ...props,
    nudge: null,
    joining: null,
    justEnded: null,
    scene: {
      ...props.scene,
      ...(stops.length > 0 && {
        stops: stops.map(({ lat, lng, standing }) => ({ lat, lng, isPassed: standing === 'passed' })),
      }),
    },
    ride: {
      ...{ ...props.ride, state, stops, left: null, waiting: null },
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
