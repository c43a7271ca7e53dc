/** Booking for somebody who rings: who, where, when; then the prices to read out, and the one that is taken. */

import type { Attribute } from '../../src/engine/attributes.ts'
import type { VehicleClass } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { field, fieldNote, formKeys, segments } from '../parts/field.ts'
import { address, clock, day } from '../parts/figures.ts'
import { minutesText, money } from '../parts/format.ts'
import { fromMark, toMark } from '../parts/mark.ts'
import { topBar } from '../parts/top.ts'
import { optionName } from '../rides/quotes.ts'
import type { RequestFieldProps } from '../rides/request.ts'
import { needBoxes } from '../rides/wishes.ts'

export interface CallerProps {
  readonly id: string
  readonly name: string
  readonly email: string
}

export interface BookingFormProps {
  /** As typed: a number, a name or an e-mail address. */
  readonly caller: string
  /** Who was chosen already. */
  readonly riderId: string | null
  readonly callerError?: string
  /** Several fit: one of them is meant. */
  readonly callers: readonly CallerProps[]
  readonly from: RequestFieldProps
  readonly stops: readonly RequestFieldProps[]
  readonly to: RequestFieldProps
  /** When, in words. */
  readonly at: string
  readonly whenError?: string
  readonly canBookAhead: boolean
  readonly seats: number
  /** What the car must have. */
  readonly needs: readonly Attribute[]
  readonly key: string
  readonly error?: string
}

const MOST_STOPS = 3

/** The form in the order in which it is spoken; `public/board-booking.js` makes it quick, without it its button leads on. */
function bookingForm(ctx: PageContext, props: BookingFormProps): Html {
  const { riderId } = props
  return html`<form id="booking" method="post" action="/board/bookings" class="booking-form" data-booking${riderId === null ? null : html` data-rider="${riderId}"`}>${formKeys({ csrf: ctx.csrf, key: props.key })}${props.error === undefined ? null : html`<p class="notice notice-danger" role="alert">${icon('triangle-alert')}${props.error}</p>`}
${field({ name: 'caller', label: 'Caller', value: props.caller, maxLength: 120, autocomplete: 'off', placeholder: 'Number, name or e-mail', ...(props.callerError === undefined ? {} : { error: props.callerError }) })}
<div id="booking-caller" class="booking-caller">${props.callers.length === 0 ? null : html`<fieldset class="caller-choice"><legend class="field-label">Which of them</legend>${props.callers.map(({ id, name, email }, n) => html`<label><input type="radio" name="rider_id" value="${id}"${n === 0 ? html` checked` : null}><b><bdi>${name}</bdi></b> <bdi dir="ltr" class="second">${email}</bdi></label>`)}</fieldset>`}${riderId === null ? null : html`<input type="hidden" name="rider_id" value="${riderId}">`}</div>
${end('from', 'From', props.from)}${end('to', 'To', props.to)}
<details class="booking-stops"${props.stops.length === 0 ? null : html` open`}><summary>Stops on the way</summary>${Array.from({ length: MOST_STOPS }, (_, n) => end(`stop${n + 1}`, `Stop ${n + 1}`, props.stops[n] ?? { text: '', point: null }))}</details>
<div id="booking-suggestions" class="suggestions booking-suggestions" hidden></div>
${props.canBookAhead ? field({ name: 'at', label: 'When', value: props.at, maxLength: 40, autocomplete: 'off', placeholder: 'now · 18:30 · in 40 · tomorrow 7', ...(props.whenError === undefined ? {} : { error: props.whenError }) }) : null}
<div class="booking-row">${segments({ name: 'seats', label: 'Seats', chosen: String(props.seats), options: ['1', '2', '3', '4'].map((value) => ({ value, label: value === '1' ? '1 seat' : value })) })}</div>
<fieldset class="booking-needs"><legend class="screen-reader">The car needs</legend>${needBoxes(props.needs)}</fieldset>
<div class="actions booking-unscripted"><a class="button button-plain" href="/board">Back to the board</a><button class="button button-next" data-busy="Looking up prices…">See prices</button></div>
</form>`
}

/** One place: plain words, and its point once it is known. */
function end(name: string, label: string, props: RequestFieldProps): Html {
  const { text, point, error, choices = [] } = props
  const id = `booking-${name}`
  const said =
    choices.length === 0 ? error : `${error ?? ''} ${choices.map((choice) => choice.label).join(' · ')}`
  const shape = name === 'from' ? fromMark() : name === 'to' ? toMark() : icon('map-pin')
  return html`<div class="booking-end" data-end="${name}"><label class="field-label" for="${id}">${shape}${label}</label><input class="input" id="${id}" name="${name}" value="${text}" maxlength="120" autocomplete="off" spellcheck="false"${said === undefined ? null : html` aria-invalid="true" aria-describedby="${id}-error"`}><input type="hidden" name="${name}_lat" value="${point?.lat}"><input type="hidden" name="${name}_lng" value="${point?.lng}">${fieldNote(id, said === undefined ? {} : { error: said })}</div>`
}

/** `<section id="board-ride">`: the same form in place of the ride, with a clock that counts from its key. */
export function bookingPanel(ctx: PageContext, props: BookingFormProps): Html {
  return html`<section id="board-ride" class="board-ride booking" aria-labelledby="booking-title"><header class="pane-head"><h2 id="booking-title">Book</h2><span id="booking-clock" class="badge numbers" role="timer" aria-label="Seconds since the booking was opened">0:00</span><a class="close" href="/board" hx-get="/board" hx-target="#board-ride" hx-select="#board-ride" hx-swap="outerMorph" hx-push-url="/board" data-close aria-label="Close the booking">${icon('x')}</a></header>${bookingForm(ctx, props)}<p id="booking-said" class="booking-said second" role="status"></p><div id="booking-prices"></div></section>`
}

/** `GET /board/bookings`; with mistakes the same page, with the words typed kept. */
export function bookingFormPage(ctx: PageContext, props: BookingFormProps): Html {
  const body = html`${topBar(ctx)}<main id="main" class="narrow booking-page" tabindex="-1"><section class="card stack"><h1>Book for a caller</h1>${bookingForm(ctx, props)}</section></main>`
  return page(ctx, { title: 'Book for a caller', body, styles: ['rider.css', 'board-booking.css'] })
}

export interface BookingPricesProps {
  readonly setId: string
  /** Null while it is for nobody yet. */
  readonly caller: { readonly name: string } | null
  readonly from: string
  readonly stops: readonly string[]
  readonly to: string
  readonly pickupAtMs: number | null
  readonly heldUntilMs: number
  readonly options: readonly {
    readonly quoteId: string
    readonly class: VehicleClass
    readonly shared: boolean
    readonly fareMinor: number
    readonly currency: string
    readonly etaS: number | null
  }[]
  /** What the rider has already that leaves no time for it. */
  readonly collisions: readonly { readonly atMs: number; readonly dropoffLabel: string }[]
  readonly takesAccount: boolean
  readonly key: string
  /** As typed for somebody new. */
  readonly name?: string
  readonly phone?: string
  readonly note?: string
  readonly error?: string
}

/** `<div id="booking-prices">`: what to say to the caller, and the button that asks. */
export function bookingPrices(ctx: PageContext, props: BookingPricesProps): Html {
  return html`<div id="booking-prices">${askForm(ctx, props, { isPanel: true })}</div>`
}

function askForm(ctx: PageContext, props: BookingPricesProps, { isPanel }: { isPanel: boolean }): Html {
  const { caller, pickupAtMs } = props
  const name = caller?.name ?? 'They'
  return html`<form id="booking-ask" method="post" action="/board/bookings/${props.setId}" class="booking-form">${formKeys({ csrf: ctx.csrf, key: props.key })}
${props.error === undefined ? null : html`<p class="notice notice-danger" role="alert">${icon('triangle-alert')}<span>${props.error}</span></p>`}
${props.collisions.map(({ atMs, dropoffLabel }) => html`<p class="notice">${icon('triangle-alert')}<span>${name} has a ride at ${clock(ctx, atMs)} to ${address(dropoffLabel)} already.</span></p>`)}
${isPanel || caller !== null ? null : html`${field({ name: 'caller_name', label: 'Their name', value: props.name ?? '', required: true, maxLength: 120 })}${field({ name: 'caller_phone', label: 'Their number', value: props.phone ?? '', type: 'tel', required: true, maxLength: 40 })}`}
${isPanel ? html`<p class="booking-when">${pickupAtMs === null ? 'Pickup now' : html`Pickup ${day(ctx, pickupAtMs)}, <b>${clock(ctx, pickupAtMs)}</b>`}</p>` : null}
<fieldset class="fare-rows"><legend class="screen-reader">Class</legend>${props.options.map((option, n) => html`<label class="fare-row"><input type="radio" name="quote_id" value="${option.quoteId}" data-class="${option.class}" required${n === 0 ? html` checked` : null}><span class="fare-words"><b>${optionName(option)}</b>${option.etaS === null ? null : html` <span class="second">${minutesText(option.etaS)} away</span>`}</span><b class="numbers"><bdi dir="ltr">${money(option.fareMinor, option.currency, ctx.lang)}</bdi></b></label>`)}</fieldset>
${
  props.takesAccount
    ? segments({
        name: 'payment',
        label: 'Pay with',
        chosen: 'cash',
        options: [
          { value: 'cash', label: 'Cash' },
          { value: 'account', label: 'Account' },
        ],
      })
    : html`<input type="hidden" name="payment" value="cash">`
}
${field({ name: 'note', label: 'Note for the driver', value: props.note ?? '', maxLength: 140, autocomplete: 'off' })}
${isPanel ? null : html`<p class="second">These prices hold until ${clock(ctx, props.heldUntilMs)}. Who has an account gets a letter once it is booked ahead.</p>`}
<div class="actions${isPanel ? ' booking-actions' : ''}">${isPanel ? null : html`<a class="button button-plain" href="/board/bookings">Start again</a>`}<button class="button button-next" data-busy="Asking…">${pickupAtMs === null ? 'Ask for it now' : 'Book it'}${isPanel ? html`<kbd>Enter</kbd>` : null}</button></div>
</form>`
}

/** The same as a page of its own, for a desk without scripts. */
export function bookingPricesPage(ctx: PageContext, props: BookingPricesProps): Html {
  const { caller, from, to, stops, pickupAtMs } = props
  const through = stops.map((stop) => html` → ${address(stop)}`)
  const body = html`${topBar(ctx)}<main id="main" class="narrow booking-page" tabindex="-1"><section class="card stack">
<h1>${caller?.name ?? 'A new caller'}</h1>
<p>${address(from)}${through} → ${address(to)}, <b>${pickupAtMs === null ? 'now' : html`${day(ctx, pickupAtMs)}, ${clock(ctx, pickupAtMs)}`}</b></p>
${askForm(ctx, props, { isPanel: false })}</section></main>`
  return page(ctx, {
    title: `Book for ${caller?.name ?? 'a new caller'}`,
    body,
    styles: ['rider.css', 'board-booking.css'],
  })
}
