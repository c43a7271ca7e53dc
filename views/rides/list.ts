/** All of a rider's rides, newest first. */
import type { RideState } from '../../src/engine/ride.ts'
import { type Html, html } from '../html.ts'
import { type PageContext, page } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { address, clock, day, price } from '../parts/figures.ts'
import { rideBadge } from '../parts/ride-state.ts'
import { topBar } from '../parts/top.ts'

export interface RideRowProps {
  readonly id: string
  readonly state: RideState
  /** When the car was, or is, to be there; of a ride for now, when it was asked for. */
  readonly atMs: number
  readonly pickupLabel: string
  readonly dropoffLabel: string
  /** The fare, the fee, or what is promised while it runs. */
  readonly amountMinor: number
  readonly currency: string
  readonly hasReceipt: boolean
}

export interface RideListProps {
  readonly rides: readonly RideRowProps[]
  /** Address of the next page, if older rides exist. */
  readonly olderHref: string | null
}

/** The list page; every row leads to its ride or, once paid, to its receipt. */
export function rideListPage(ctx: PageContext, props: RideListProps): Html {
  const body = html`${topBar(ctx)}<main id="main" class="narrow stack" tabindex="-1">
<div class="list-head"><h1>Your rides</h1><a class="button button-next button-compact" href="/request">Ride</a></div>
${
  props.rides.length === 0
    ? html`<div class="card">${emptyState({ title: 'No rides yet.', text: 'Each ride and its receipt will be kept here.' })}</div>`
    : html`<ul class="card ride-list">${props.rides.map((ride) => rideRow(ctx, ride))}</ul>`
}
${props.olderHref === null ? null : html`<a class="button button-plain button-wide" href="${props.olderHref}">Older rides</a>`}
</main>`
  return page(ctx, { title: 'Your rides', body })
}

function rideRow(ctx: PageContext, ride: RideRowProps): Html {
  const href = ride.hasReceipt ? `/rides/${ride.id}/receipt` : `/rides/${ride.id}`
  return html`<li><a class="ride-row" href="${href}"><span class="ride-row-words"><b>${address(ride.pickupLabel)} → ${address(ride.dropoffLabel)}</b><span class="second">${day(ctx, ride.atMs)}, ${clock(ctx, ride.atMs)}</span></span><span class="ride-row-end">${price(ctx, { amountMinor: ride.amountMinor, currency: ride.currency })}${rideBadge(ride.state, 'rider')}</span></a></li>`
}
