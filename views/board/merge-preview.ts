/** What merging the marked rides would mean, before it is pressed: who waits and rides how much longer, seats, and money. */
import type { DriverId, RideId } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { clock } from '../parts/figures.ts'
import { money } from '../parts/format.ts'
import { bulkForm } from './bulk-form.ts'
import { rideLink } from './ride-link.ts'

/** One of the riders, in the order in which the car comes to them. */
export interface MergeRiderProps {
  readonly rideId: RideId
  readonly reference: string
  readonly riderName: string
  readonly seats: number
  readonly from: string
  readonly to: string
  readonly pickupAtMs: number
  readonly dropoffAtMs: number
  /** Against a car of their own now, seconds; below nothing they wait less. Null where no car is free. */
  readonly waitsLongerS: number | null
  /** Against going alone, seconds. */
  readonly ridesLongerS: number
  readonly latestPickupAtMs: number
  readonly latestDropoffAtMs: number
  readonly fareMinor: number
  readonly currency: string
}

export interface MergePreviewProps {
  readonly nowMs: number
  /** All that were marked, each as it was looked at. */
  readonly marked: readonly { readonly rideId: RideId; readonly version: number }[]
  /** Empty where they cannot go together. */
  readonly riders: readonly MergeRiderProps[]
  /** The nearest free car, from which all is counted; null where none is free: then the first pickup is now. */
  readonly car: { readonly driverId: DriverId; readonly callSign: string } | null
  /** Seats taken where the car is fullest; null where they cannot go together. */
  readonly seatsMost: number | null
  /** Of a car, for riders who share. */
  readonly seats: number
  /** What keeps all of them from it. */
  readonly hindrance: { readonly reason: string; readonly words: string } | null
  /** What stands in the way of one of them. */
  readonly refusals: readonly {
    readonly rideId: RideId
    readonly reference: string | null
    readonly reason: string
    readonly words: string
  }[]
  readonly key: () => string
}

/** Above the bar of marked rides; its form names the rides and their versions by itself. */
export function mergePreview(ctx: PageContext, props: MergePreviewProps): Html {
  const { riders, refusals, hindrance } = props
  return html`<div class="bulk-result merge-preview" role="group" aria-labelledby="merge-title" data-marked="${props.marked.map(({ rideId }) => rideId).join(' ')}"><header><h2 id="merge-title">${riders.length === 0 ? 'These cannot go together' : html`<span class="numbers">${riders.length}</span> riders in one car`}</h2><button type="button" class="close" data-bulk-close aria-label="Do not merge">${icon('x')}</button></header>${
    riders.length === 0
      ? html`<ul>${hindrance === null ? null : html`<li class="bulk-refused">${icon('triangle-alert')}<span>${hindrance.words}</span></li>`}${refusals.map(({ rideId, reference, words }) => html`<li class="bulk-refused">${icon('triangle-alert')}${reference === null ? null : html`<a class="numbers" ${rideLink(rideId)}>${reference}</a>`}<span>${words}</span></li>`)}</ul>`
      : html`<p class="second">${icon('users')}<span><span class="numbers">${props.seatsMost} of ${props.seats}</span> seats where it is fullest · ${startWords(props)}</span></p><ol>${riders.map((rider) => riderRow(ctx, rider, props))}</ol>${mergeForm(ctx, props)}`
  }</div>`
}

function startWords({ car }: MergePreviewProps): Html {
  return car === null
    ? html`no car is free now: times count from the first pickup`
    : html`from where <b class="numbers">${car.callSign}</b> is now, the nearest that is free`
}

function riderRow(ctx: PageContext, rider: MergeRiderProps, { car }: MergePreviewProps): Html {
  const { rideId, reference, riderName, fareMinor, currency } = rider
  return html`<li><p><a class="numbers" ${rideLink(rideId)}>${reference}</a> <b><bdi>${riderName}</bdi></b> <span class="merge-fare"><bdi dir="ltr" class="numbers">${money(fareMinor, currency, ctx.lang)}</bdi> as told</span></p><p class="second">${waitWords(rider, car !== null)}, ${rideWords(rider)}; there ${clock(ctx, rider.dropoffAtMs)}, told ${clock(ctx, rider.latestDropoffAtMs)} at the latest</p></li>`
}

/** Under half a minute nobody notices. */
function minutesOf(seconds: number): number {
  return Math.round(seconds / 60)
}

function waitWords({ waitsLongerS }: MergeRiderProps, isCounted: boolean): string {
  if (waitsLongerS === null || !isCounted) return 'waits for a car'
  const minutes = minutesOf(waitsLongerS)
  if (minutes === 0) return 'waits as long as alone'
  return minutes > 0 ? `waits ${minutes} min longer` : `waits ${-minutes} min less`
}

function rideWords({ ridesLongerS }: MergeRiderProps): string {
  const minutes = minutesOf(ridesLongerS)
  return minutes === 0 ? 'no detour' : `rides ${minutes} min longer`
}

function mergeForm(ctx: PageContext, { marked, key }: MergePreviewProps): Html {
  return html`<form id="bulk-merge" ${bulkForm('/board/batches')}>${formKeys({ csrf: ctx.csrf, key: key() })}${marked.map(({ rideId, version }) => html`<input type="hidden" name="ride" value="${rideId}:${version}">`)}<button class="button button-plain" name="act" value="merge" data-busy="Merging…">Merge them<kbd>Enter</kbd></button></form>`
}

/** `GET /board/merges`: the same as a page of its own, for a desk without scripts. */
export function mergePreviewPage(ctx: PageContext, props: MergePreviewProps): Html {
  return page(ctx, {
    title: 'Several rides in one car',
    styles: ['board.css', 'board-keys.css', 'board-bulk.css', 'board-merge.css'],
    body: html`<main id="main" class="narrow stack bulk-page" tabindex="-1"><h1>Several rides in one car</h1>${mergePreview(ctx, props)}<p><a class="button button-plain" href="/board">Back to the board</a></p></main>`,
  })
}
