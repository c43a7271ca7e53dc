/** Another way for a ride that has its price: where to instead, then what it costs before anybody is asked. */
import type { LatLng } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { address, clock, countdown } from '../parts/figures.ts'
import { distanceText, minutesText, money } from '../parts/format.ts'
import { mapAssets, mapBox, wayBetween } from '../parts/map.ts'
import { type PriceLine, priceLines } from '../parts/price-lines.ts'
import { topBar } from '../parts/top.ts'
import { type PlaceProps, placeDetail } from './address-field.ts'
import type { RequestFieldProps } from './request.ts'
import type { RideEndProps } from './ride-props.ts'
import { stopRows, toRow } from './stop-rows.ts'

export interface WayFormProps {
  readonly rideId: string
  /** Where it goes as of now. */
  readonly dropoffLabel: string
  /** Stops the car has been at, which stay. */
  readonly passed: readonly string[]
  readonly to: RequestFieldProps
  /** Those ahead. */
  readonly stops: readonly RequestFieldProps[]
  /** Somebody drives it, and has to agree. */
  readonly isDriven: boolean
  /** One-time key of this form. */
  readonly key: string
  /** About the whole form. */
  readonly error?: string
}

const STYLES = ['rider.css', 'way.css']

/** Where to instead. */
export function wayFormPage(ctx: PageContext, props: WayFormProps): Html {
  const { rideId, to } = props
  const body = html`${topBar(ctx)}<main id="main" class="narrow" tabindex="-1"><section class="card way-form">
<h1>Where to instead?</h1>
<p class="second">It goes to ${address(props.dropoffLabel)} now${props.passed.length === 0 ? null : html`, by ${props.passed.map((label, n) => html`${n === 0 ? null : ', '}${address(label)}`)}`}.</p>
${props.error === undefined ? null : html`<p class="notice notice-danger" role="alert">${icon('triangle-alert')}<span>${props.error}</span></p>`}
${choices(props, 'to', to)}${props.stops.map((stop, n) => choices(props, `stop${n + 1}`, stop))}
<form method="post" action="/rides/${rideId}/change" class="stack" data-request>${formKeys({ csrf: ctx.csrf, key: props.key })}
<div class="addresses">${stopRows(props.stops)}${toRow(to, props.dropoffLabel)}</div>
<p class="second">Leave “To” empty to keep it and only change the stops. You see the new price first${props.isDriven ? ', and your driver has to agree' : null}.</p>
<div class="actions"><a class="button button-plain" href="/rides/${rideId}">Keep it as it is</a><button class="button button-next" data-busy="Looking up the price…">See the new price</button></div>
</form>
</section></main>`
  return page(ctx, {
    title: 'Where to instead',
    body,
    styles: STYLES,
    scripts: ['request.js'],
  })
}

/** Each choice is a link to this form with that field settled, so it needs no script. */
function choices(props: WayFormProps, field: string, { text, choices = [] }: RequestFieldProps): Html | null {
  if (choices.length === 0) return null
  return html`<section class="did-you-mean" aria-label="Choices for ${text}"><h2>Did you mean, for “${text}”</h2><ul class="rows">${choices.map(
    (place) =>
      html`<li><a class="row" href="/rides/${props.rideId}/change?${settledQuery(props, field, place)}">${icon('map-pin')}<span><bdi dir="ltr">${place.label}</bdi><small>${placeDetail(place)}</small></span>${icon('chevron-right')}</a></li>`,
  )}</ul></section>`
}

function settledQuery(props: WayFormProps, chosen: string, place: PlaceProps): string {
  const query = new URLSearchParams()
  const fields: [string, RequestFieldProps][] = [
    ['to', props.to],
    ...props.stops.map((stop, n): [string, RequestFieldProps] => [`stop${n + 1}`, stop]),
  ]
  for (const [name, field] of fields) {
    const { text, point } = name === chosen ? { text: place.label, point: place.point } : field
    query.set(name, text)
    if (point === null) continue
    query.set(`${name}_lat`, String(point.lat))
    query.set(`${name}_lng`, String(point.lng))
  }
  return query.toString()
}

export interface WayOfferProps {
  readonly rideId: string
  readonly quoteId: string
  readonly pickup: LatLng
  readonly to: RideEndProps
  /** All of the new way's, in order. */
  readonly stops: readonly RideEndProps[]
  /** Corners of the new way along the streets; null where it is not known. */
  readonly way: readonly LatLng[] | null
  /** Stops that the way as of now does not have. */
  readonly addedStops: readonly string[]
  /** Whether it ends somewhere else. */
  readonly isElsewhere: boolean
  /** More than as of now, metres and seconds; less is negative. */
  readonly addsM: number
  readonly addsS: number
  readonly fareNowMinor: number
  readonly fareMinor: number
  readonly currency: string
  readonly lines: readonly PriceLine[]
  readonly oldLabel: string
  readonly isDriven: boolean
  readonly heldUntilMs: number
  readonly nowMs: number
  /** The form as it was for this price. */
  readonly again: string
  readonly key: string
  /** Why it was not taken. */
  readonly error?: string
}

/** What another way costs, and the question whether to ask for it: the way there is stays until then. */
export function wayOfferPage(ctx: PageContext, props: WayOfferProps): Html {
  const isHeld = props.nowMs < props.heldUntilMs && props.error === undefined
  const fare = money(props.fareMinor, props.currency, ctx.lang)
  const again = `/rides/${props.rideId}/change?${props.again}`
  const body = html`${topBar(ctx)}<main id="main" class="narrow" tabindex="-1"><section class="card way-form">
<h1>${headline(ctx, props)}</h1>
${props.error === undefined ? null : html`<p class="notice notice-danger" role="alert">${icon('triangle-alert')}<span>${props.error}</span></p>`}
<div class="way-map">${mapBox(ctx, { label: 'Map with the new way', from: props.pickup, to: props.to.point, stops: props.stops.map(({ point }) => point), route: wayBetween(props.pickup, props.to.point, props.way ?? (props.stops.length === 0 ? null : [props.pickup, ...props.stops.map(({ point }) => point), props.to.point])), padding: { top: 24, bottom: 24 } })}</div>
<p>${timeWords(props)}${props.isDriven ? html` Your driver is asked, and has a minute and a half to agree. Until then all stays as it is.` : html` No driver has it yet, so it holds at once.`}</p>
<details class="more"><summary>What the price contains</summary>${priceLines(ctx, { lines: props.lines, totalLabel: 'New fare', totalMinor: props.fareMinor, currency: props.currency })}</details>
<form method="post" action="/rides/${props.rideId}/changes" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key })}<input type="hidden" name="quote_id" value="${props.quoteId}">
<p class="held second" id="price-held"${isHeld ? null : html` hidden`}>${icon('lock')}<span>Price held ${countdown({ untilMs: props.heldUntilMs, nowMs: props.nowMs, dueShow: 'price-over', dueHide: 'price-held change-it' })}</span></p>
<div id="price-over" role="status"${isHeld ? html` hidden` : null}>${props.error === undefined ? html`<p class="notice">${icon('clock')}<span>That price held until ${clock(ctx, props.heldUntilMs)}.</span></p>` : null}<a class="button button-plain button-wide" href="${again}">See the price now</a></div>
<div class="actions"><a class="button button-plain" href="/rides/${props.rideId}">Keep the old one</a><button class="button button-next" id="change-it" data-busy="Asking…"${isHeld ? null : html` hidden`}><span>Change it · <bdi dir="ltr">${fare}</bdi></span></button></div></form>
</section></main>`
  return page(ctx, {
    title: 'Another way',
    body,
    ...mapAssets({ styles: STYLES }),
  })
}

/** "1071 Fifth Ave adds 1.9 km: $24.80 becomes $29.10." */
function headline(ctx: PageContext, props: WayOfferProps): Html {
  const figures = (minor: number) => html`<bdi dir="ltr">${money(minor, props.currency, ctx.lang)}</bdi>`
  const price =
    props.fareMinor === props.fareNowMinor
      ? html`the price stays ${figures(props.fareMinor)}`
      : html`${figures(props.fareNowMinor)} becomes ${figures(props.fareMinor)}`
  return html`${whatChanges(props)} ${distanceWords(props.addsM)}: ${price}.`
}

function whatChanges({ isElsewhere, to, addedStops }: WayOfferProps): Html {
  const stops = addedStops.map((label, n) => html`${n === 0 ? null : ' and '}${address(label)}`)
  if (isElsewhere && addedStops.length > 0) return html`${address(to.label)} by ${stops}`
  if (isElsewhere) return address(to.label)
  return addedStops.length === 0 ? html`The new way` : html`A stop at ${stops}`
}

function distanceWords(addsM: number): string {
  if (Math.abs(addsM) < 50) return 'is about as far'
  return addsM > 0 ? `adds ${distanceText(addsM)}` : `saves ${distanceText(-addsM)}`
}

function timeWords({ addsS }: WayOfferProps): string {
  if (Math.abs(addsS) < 60) return 'It takes about as long.'
  return addsS > 0 ? `It takes ${minutesText(addsS)} longer.` : `You are there ${minutesText(-addsS)} sooner.`
}
