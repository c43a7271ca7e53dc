/** All of a rider's rides, newest first: narrowed down by what stands in the address, each to be asked for again. */
import { isEnded, type RideState } from '../../src/engine/ride.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { chip } from '../parts/chip.ts'
import { emptyState } from '../parts/empty.ts'
import { address, clock, day, price } from '../parts/figures.ts'
import { rideBadge } from '../parts/ride-state.ts'
import { topBar } from '../parts/top.ts'
import { requestHref, type WayProps, wayBack } from './way-query.ts'

export interface RideRowProps {
  readonly id: string
  readonly state: RideState
  /** When the car was, or is, to be there; of a ride for now, when it was asked for. */
  readonly atMs: number
  /** What was asked for, to be asked for again. */
  readonly way: WayProps
  /** The fare, the fee, or what is promised while it runs. */
  readonly amountMinor: number
  readonly currency: string
  readonly hasReceipt: boolean
}

export interface RideFilterProps {
  readonly group: 'coming' | 'completed' | 'ended' | null
  /** Days, or empty. */
  readonly from: string
  readonly until: string
  readonly text: string
}

export interface RideListProps {
  readonly rides: readonly RideRowProps[]
  readonly filter: RideFilterProps
  /** The instant before which older rides exist, as the address says it; null for none. */
  readonly olderBefore: string | null
}

export const NO_FILTER: RideFilterProps = { group: null, from: '', until: '', text: '' }

const GROUPS = [
  { group: null, label: 'All' },
  { group: 'coming', label: 'To come' },
  { group: 'completed', label: 'Completed' },
  { group: 'ended', label: 'Not driven' },
] as const

/** The list page; every row leads to its ride or, once paid, to its receipt. */
export function rideListPage(ctx: PageContext, props: RideListProps): Html {
  const { rides, filter, olderBefore } = props
  const isFiltered = listHref(filter) !== '/rides'
  const body = html`${topBar(ctx)}<main id="main" class="narrow stack" tabindex="-1">
<div class="list-head"><h1>Your rides</h1><a class="button button-next button-compact" href="/request">Ride</a></div>
${rides.length === 0 && !isFiltered ? null : filters(filter)}
${
  rides.length > 0
    ? html`<ul class="card ride-list">${rides.map((ride) => rideRow(ctx, ride))}</ul>`
    : isFiltered
      ? html`<div class="card">${emptyState({ title: 'No ride fits that.', text: 'Look for another word or other days.' })}<a class="button button-quiet button-wide" href="/rides">Show all rides</a></div>`
      : html`<div class="card">${emptyState({ title: 'No rides yet.', text: 'Each ride and its receipt will be kept here.' })}</div>`
}
${olderBefore === null ? null : html`<a class="button button-plain button-wide" href="${listHref(filter, olderBefore)}">Older rides</a>`}
${rides.length === 0 ? null : html`<a class="button button-quiet button-wide" href="/cases">${icon('luggage')}Lost and reported</a>`}
</main>`
  return page(ctx, { title: 'Your rides', body, styles: ['rider.css', 'asking.css'] })
}

/** Kinds as links, words and days as a form: all of it in the address, so that a list can be kept and sent. */
function filters(filter: RideFilterProps): Html {
  const { group, from, until, text } = filter
  const hasDays = from !== '' || until !== ''
  return html`<nav class="own-places" aria-label="Which rides"><ul>${GROUPS.map(
    (one) =>
      html`<li>${chip({ href: listHref({ ...filter, group: one.group }), label: one.label, isCurrent: one.group === group })}</li>`,
  )}</ul></nav>
<form method="get" action="/rides" class="ride-filter" role="search">${group === null ? null : html`<input type="hidden" name="state" value="${group}">`}
<div class="ride-search"><label class="field"><span class="screen-reader">Place or number of a ride</span><input class="input" type="search" name="q" value="${text}" maxlength="80" placeholder="Place or number, such as Broadway"></label><button class="button button-soft" aria-label="Search">${icon('search')}</button></div>
<details class="more"${hasDays ? html` open` : null}><summary>${hasDays ? 'Days' : 'Choose days'}</summary><div class="when-row"><label class="field"><span class="field-label">From</span><input class="input" type="date" name="from" value="${from}"></label><label class="field"><span class="field-label">Until</span><input class="input" type="date" name="until" value="${until}"></label></div><button class="button button-plain button-wide">Show these days</button></details>
</form>`
}

function listHref({ group, from, until, text }: RideFilterProps, before?: string): string {
  const query = new URLSearchParams()
  if (group !== null) query.set('state', group)
  if (text !== '') query.set('q', text)
  if (from !== '') query.set('from', from)
  if (until !== '') query.set('until', until)
  if (before !== undefined) query.set('before', before)
  return query.size === 0 ? '/rides' : `/rides?${query}`
}

function rideRow(ctx: PageContext, ride: RideRowProps): Html {
  const { way, state } = ride
  const href = ride.hasReceipt ? `/rides/${ride.id}/receipt` : `/rides/${ride.id}`
  const again = isEnded(state)
    ? html`<p class="ride-again"><a class="button button-quiet button-compact" href="${requestHref(way, ctx.timeZone)}">${icon('repeat')}Again<span class="screen-reader">: ${way.from.label} to ${way.to.label}</span></a><a class="button button-quiet button-compact" href="${requestHref(wayBack(way), ctx.timeZone)}">${icon('arrow-left-right')}The way back<span class="screen-reader">: ${way.to.label} to ${way.from.label}</span></a></p>`
    : null
  return html`<li><a class="ride-row" href="${href}"><span class="ride-row-words"><b>${address(way.from.label)} → ${address(way.to.label)}</b><span class="second">${day(ctx, ride.atMs)}, ${clock(ctx, ride.atMs)}</span></span><span class="ride-row-end">${price(ctx, { amountMinor: ride.amountMinor, currency: ride.currency })}${rideBadge(state, 'rider')}</span></a>${again}</li>`
}
