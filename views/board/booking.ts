/** Booking for somebody who rings: who, where, when; then the prices to read out, and the one that is taken. */

import type { Attribute } from '../../src/engine/attributes.ts'
import type { VehicleClass } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { field, formKeys, segments } from '../parts/field.ts'
import { address, clock, day } from '../parts/figures.ts'
import { money } from '../parts/format.ts'
import { topBar } from '../parts/top.ts'
import { addressField } from '../rides/address-field.ts'
import { optionName } from '../rides/quotes.ts'
import type { RequestFieldProps } from '../rides/request.ts'
import { type WhenProps, whenFields } from '../rides/when.ts'
import { needBoxes } from '../rides/wishes.ts'

export interface CallerProps {
  readonly id: string
  readonly name: string
  readonly email: string
}

export interface BookingFormProps {
  /** As typed: a name, an e-mail address or a number. */
  readonly caller: string
  readonly callerError?: string
  /** Several fit: one of them is meant. */
  readonly callers: readonly CallerProps[]
  readonly from: RequestFieldProps
  readonly to: RequestFieldProps
  readonly when: WhenProps | null
  readonly seats: number
  /** What the car must have. */
  readonly needs: readonly Attribute[]
  readonly key: string
  readonly error?: string
}

/** `GET /board/bookings`; with mistakes the same page, with the words typed kept. */
export function bookingFormPage(ctx: PageContext, props: BookingFormProps): Html {
  const body = html`${topBar(ctx)}<main id="main" class="narrow" tabindex="-1"><section class="card stack">
<h1>Book for a rider</h1>
${props.error === undefined ? null : html`<p class="notice notice-danger" role="alert">${icon('triangle-alert')}${props.error}</p>`}
<form method="post" action="/board/bookings" class="stack" data-request>${formKeys({ csrf: ctx.csrf, key: props.key })}
${field({ name: 'caller', label: 'Who rides', value: props.caller, required: true, maxLength: 120, hint: 'E-mail address, telephone number or part of the name. They must have ridden with you before.', ...(props.callerError === undefined ? {} : { error: props.callerError }) })}
${
  props.callers.length === 0
    ? null
    : html`<fieldset class="stack"><legend class="field-label">Which of them</legend>${props.callers.map((caller, n) => html`<label class="fare-row"><input type="radio" name="rider_id" value="${caller.id}"${n === 0 ? html` checked` : null}><span class="fare-words"><b>${caller.name}</b><span class="second">${caller.email}</span></span></label>`)}</fieldset>`
}
<div class="addresses">${end('from', props.from)}${end('to', props.to)}</div>
${props.when === null ? null : whenFields(props.when)}
${segments({ name: 'seats', label: 'Seats', chosen: String(props.seats), options: ['1', '2', '3', '4'].map((value) => ({ value, label: value === '1' ? '1 seat' : value })) })}
<fieldset class="need-boxes"><legend class="field-label">The car needs</legend>${needBoxes(props.needs)}</fieldset>
<div class="actions"><a class="button button-plain" href="/board">Back to the board</a><button class="button button-next" data-busy="Looking up prices…">See prices</button></div>
</form></section></main>`
  return page(ctx, {
    title: 'Book for a rider',
    body,
    styles: ['rider.css', 'asking.css'],
    scripts: ['request.js'],
  })
}

function end(name: 'from' | 'to', props: RequestFieldProps): Html {
  const { text, point, error, choices = [] } = props
  const said =
    choices.length === 0 ? error : `${error ?? ''} ${choices.map(({ label }) => label).join(' · ')}`
  return addressField({ field: name, value: text, point, ...(said === undefined ? {} : { error: said }) })
}

export interface BookingPricesProps {
  readonly setId: string
  readonly riderName: string
  readonly from: string
  readonly to: string
  readonly pickupAtMs: number | null
  readonly heldUntilMs: number
  readonly options: readonly {
    readonly quoteId: string
    readonly class: VehicleClass
    readonly shared: boolean
    readonly fareMinor: number
    readonly currency: string
  }[]
  /** What the rider has already that leaves no time for it. */
  readonly collisions: readonly { readonly atMs: number; readonly dropoffLabel: string }[]
  readonly takesAccount: boolean
  readonly key: string
  readonly error?: string
}

/** What to say to the caller, and the button that books it. */
export function bookingPricesPage(ctx: PageContext, props: BookingPricesProps): Html {
  const body = html`${topBar(ctx)}<main id="main" class="narrow" tabindex="-1"><section class="card stack">
<h1>${props.riderName}</h1>
<p>${address(props.from)} → ${address(props.to)}, <b>${props.pickupAtMs === null ? 'now' : html`${day(ctx, props.pickupAtMs)}, ${clock(ctx, props.pickupAtMs)}`}</b></p>
${props.error === undefined ? null : html`<p class="notice notice-danger" role="alert">${icon('triangle-alert')}${props.error}</p>`}
${props.collisions.map(({ atMs, dropoffLabel }) => html`<p class="notice">${icon('triangle-alert')}<span>${props.riderName} has a ride at ${clock(ctx, atMs)} to ${address(dropoffLabel)} already.</span></p>`)}
<form method="post" action="/board/bookings/${props.setId}" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key })}
<fieldset class="fare-rows"><legend class="screen-reader">Class</legend>${props.options.map((option, n) => html`<label class="fare-row"><input type="radio" name="quote_id" value="${option.quoteId}" required${n === 0 ? html` checked` : null}><span class="fare-words"><b>${optionName(option)}</b></span><b class="numbers"><bdi dir="ltr">${money(option.fareMinor, option.currency, ctx.lang)}</bdi></b></label>`)}</fieldset>
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
${field({ name: 'note', label: 'Note for the driver', maxLength: 140 })}
<p class="second">These prices hold until ${clock(ctx, props.heldUntilMs)}. The rider has a letter once it is booked ahead.</p>
<div class="actions"><a class="button button-plain" href="/board/bookings">Start again</a><button class="button button-next" data-busy="Booking…">${props.pickupAtMs === null ? 'Ask for it now' : 'Book it'}</button></div>
</form></section></main>`
  return page(ctx, { title: `Book for ${props.riderName}`, body, styles: ['rider.css'] })
}
