/** Step one of asking: where from, where to, how many. */
import { ATTRIBUTES, type Attribute } from '../../src/engine/attributes.ts'
import type { LatLng } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { mapAssets, mapBox } from '../parts/map.ts'
import { floatingTop } from '../parts/top.ts'
import { type AddressFieldName, addressField, type PlaceProps, placeDetail } from './address-field.ts'
import { type OwnPlacesProps, ownPlaceChips } from './own-places.ts'
import { stopRows } from './stop-rows.ts'
import type { WhenProps } from './when.ts'
import { wishes } from './wishes.ts'

export interface RequestFieldProps {
  readonly text: string
  readonly point: LatLng | null
  /** A sentence that says what to type. */
  readonly error?: string
  /** Several places fit the text: "Did you mean". */
  readonly choices?: readonly PlaceProps[]
}

export interface RequestProps {
  readonly from: RequestFieldProps
  readonly to: RequestFieldProps
  /** Between the two, in order; none unless given. */
  readonly stops?: readonly RequestFieldProps[]
  readonly seats: number
  /** What the car must have. */
  readonly needs: readonly Attribute[]
  /** The rider's own; none for a visitor. */
  readonly places: OwnPlacesProps
  /** Null where rides cannot be booked ahead. */
  readonly when: WhenProps | null
  /** The booking that is to be put to what is asked for here. */
  readonly change: string | null
  /** One-time key of this form. */
  readonly key: string
  readonly mapCenter: LatLng
  /** About the whole form: no way between the places, outside the area, too many requests. */
  readonly error?: string
}

/** The request form; with mistakes or "Did you mean" it is the same page, with the words typed kept. */
export function requestPage(ctx: PageContext, props: RequestProps): Html {
  const stops = (props.stops ?? []).flatMap(({ point }) => point ?? [])
  const body = html`<main id="main" class="split" tabindex="-1">${floatingTop(ctx)}
<section class="sheet split-sheet">
<h1>${props.change === null ? 'Where to?' : 'Change your booking'}</h1>
${props.error === undefined ? null : html`<p class="notice notice-danger" role="alert">${icon('triangle-alert')}${props.error}</p>`}
${didYouMean(props, 'from')}${didYouMean(props, 'to')}${(props.stops ?? []).map((_, n) => didYouMean(props, `stop${n + 1}`))}
<form method="post" action="/quotes" class="stack" data-request>
${formKeys({ csrf: ctx.csrf, key: props.key })}
<div class="addresses">${addressField(fieldProps(props, 'from'))}${addressField(fieldProps(props, 'to'))}${stopRows(props.stops ?? [])}</div>
${ownPlaceChips(props.places, { from: settledEnd(props.from), to: settledEnd(props.to) })}${props.change === null ? null : html`<input type="hidden" name="change" value="${props.change}">`}${wishes(props)}
<button class="button button-next button-wide" data-busy="Looking up prices…">See prices</button>
<p class="second">You see the price and the wait of each class before you ask. Looking costs nothing.</p>
</form>
</section>
<div class="split-map">${mapBox(ctx, {
    label: 'Map of where you ride',
    center: props.from.point ?? props.mapCenter,
    ...(props.from.point === null ? {} : { from: props.from.point }),
    ...(props.to.point === null ? {} : { to: props.to.point }),
    ...(props.from.point === null || props.to.point === null
      ? {}
      : { route: [{ kind: 'open', points: [props.from.point, ...stops, props.to.point] }], fit: true }),
    stops,
  })}</div>
</main>`
  return page(ctx, {
    title: 'Where to',
    body,
    layout: 'layout-map',
    ...mapAssets({ styles: ['rider.css', 'asking.css', 'way.css'], scripts: ['request.js', 'asking.js'] }),
  })
}

/** An end that needs no looking up any more. */
function settledEnd({ text, point }: RequestFieldProps) {
  return point === null ? null : { label: text, point }
}

function fieldProps(props: RequestProps, field: AddressFieldName) {
  const { text, point, error } = props[field]
  return { field, value: text, point, ...(error === undefined ? {} : { error }) }
}

/** Each choice is a link to this form with that end settled, so it needs neither script nor a field of its own. */
function didYouMean(props: RequestProps, field: string): Html | null {
  const { text, choices = [] } = new Map(fieldsOf(props)).get(field)!
  if (choices.length === 0) return null
  return html`<section class="did-you-mean" aria-label="Choices for ${field}"><h2>Did you mean, for “${text}”</h2><ul class="rows">${choices.map(
    (place) =>
      html`<li><a class="row" href="/request?${settledQuery(props, field, place)}">${icon('map-pin')}<span><bdi dir="ltr">${place.label}</bdi><small>${placeDetail(place)}</small></span>${icon('chevron-right')}</a></li>`,
  )}</ul></section>`
}

/** All places of the form by the names of their fields. */
function fieldsOf({ from, to, stops = [] }: RequestProps): (readonly [string, RequestFieldProps])[] {
  return [['from', from], ['to', to], ...stops.map((stop, n) => [`stop${n + 1}`, stop] as const)]
}

function settledQuery(props: RequestProps, chosen: string, place: PlaceProps): string {
  const query = new URLSearchParams()
  for (const [name, field] of fieldsOf(props)) {
    const { text, point } = name === chosen ? { text: place.label, point: place.point } : field
    query.set(name, text)
    if (point === null) continue
    query.set(`${name}_lat`, String(point.lat))
    query.set(`${name}_lng`, String(point.lng))
  }
  query.set('seats', String(props.seats))
  for (const need of ATTRIBUTES) if (props.needs.includes(need)) query.set(need, 'on')
  if (props.when?.chosen === 'later') {
    query.set('when', 'later')
    query.set('day', props.when.day)
    query.set('time', props.when.time)
  }
  if (props.change !== null) query.set('change', props.change)
  return query.toString()
}
