/** The desk changes a ride while the caller is on the phone: the words at once; the way, class and time at a price that is said first. */
import type { Attribute } from '../../src/engine/attributes.ts'
import type { RideId, VehicleClass } from '../../src/engine/units.ts'
import { CLASS_WORDS } from '../drivers/words.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { telHref } from '../parts/call.ts'
import { field, formKeys, segments } from '../parts/field.ts'
import { clock } from '../parts/figures.ts'
import { money } from '../parts/format.ts'
import { topBar } from '../parts/top.ts'
import { addressField } from '../rides/address-field.ts'
import type { RequestFieldProps } from '../rides/request.ts'
import { stopRows } from '../rides/stop-rows.ts'
import { type WhenProps, whenFields } from '../rides/when.ts'
import { needBoxes } from '../rides/wishes.ts'
import { paneOthers } from './pane.ts'

/** What was typed into the form of the words and did not do. */
export interface WordsTyped {
  readonly riderName: string
  readonly note: string
  readonly phone: string | undefined
  readonly errors: { readonly riderName?: string; readonly note?: string; readonly phone?: string }
}

export interface EditProps {
  readonly ride: {
    readonly id: RideId
    readonly reference: string
    readonly version: number
    readonly riderName: string
    readonly note: string
    readonly fareMinor: number
    readonly currency: string
    /** Call sign of who drives it; null while nobody does. */
    readonly callSign: string | null
  }
  readonly others: readonly { readonly name: string; readonly isEditing: boolean }[]
  /** Who rang, or asked: their number as it is read out; the desk's to correct where a desk took them down. */
  readonly caller: { readonly phone: string | null; readonly isDesks: boolean }
  readonly typed?: WordsTyped
  /** Why what has a price cannot be changed now, in a sentence; null where it can. */
  readonly hindrance: string | null
  readonly from: RequestFieldProps
  readonly to: RequestFieldProps
  readonly stops: readonly RequestFieldProps[]
  readonly class: VehicleClass
  readonly seats: number
  readonly needs: readonly Attribute[]
  /** Of a booked ride; null where it is for now. */
  readonly when: WhenProps | null
  /** About the form of the way. */
  readonly error?: string
  /** What did not work, about the whole page. */
  readonly notice?: string
  readonly key: () => string
}

/** `GET /board/rides/:id/edit`; with mistakes the same page with what was typed. */
export function editPage(ctx: PageContext, props: EditProps): Html {
  const { ride, typed } = props
  const at = (tail: string) => `/board/rides/${encodeURIComponent(ride.id)}/${tail}`
  const keys = () =>
    html`${formKeys({ csrf: ctx.csrf, key: props.key() })}<input type="hidden" name="version" value="${ride.version}">`
  return framed(
    ctx,
    props,
    html`
<form method="post" action="${at('edit')}" class="stack edit-words">${keys()}
${field({ name: 'rider_name', label: 'Name of the rider', value: typed?.riderName ?? ride.riderName, required: true, maxLength: 120, ...errorOf(typed?.errors.riderName) })}
${callerField(props)}
${field({ name: 'note', label: 'Note for the driver', value: typed?.note ?? ride.note, maxLength: 140, ...errorOf(typed?.errors.note) })}
<div class="actions"><button class="button button-plain" data-busy="Saving…">${props.caller.isDesks ? 'Save' : 'Save name and note'}</button></div></form>
<hr class="hairline">
${
  props.hindrance !== null
    ? html`<p class="notice">${icon('info')}<span>${props.hindrance}</span></p>`
    : html`<form method="post" action="${at('price')}" class="stack" data-request>${keys()}
${props.error === undefined ? null : html`<p class="notice notice-danger" role="alert">${icon('triangle-alert')}${props.error}</p>`}
<div class="addresses">${end('from', props.from)}${stopRows(props.stops)}${end('to', props.to)}</div>
${ride.callSign === null ? html`${props.when === null ? html`<input type="hidden" name="when" value="now">` : whenFields(props.when)}${segments({ name: 'class', label: 'Class', chosen: props.class, options: (['standard', 'accessible', 'black'] as const).map((value) => ({ value, label: CLASS_WORDS[value] })) })}${segments({ name: 'seats', label: 'Seats', chosen: String(props.seats), options: ['1', '2', '3', '4'].map((value) => ({ value, label: value === '1' ? '1 seat' : value })) })}<fieldset class="need-boxes"><legend class="field-label">The car needs</legend>${needBoxes(props.needs)}</fieldset>` : html`<p class="second">${ride.callSign} drives this ride: class, seats and needs stay. ${ride.callSign} is asked about another way and has 90 s to agree.</p>`}
<div class="actions"><button class="button button-next" data-busy="Looking up the price…">See the new price</button></div></form>`
}`,
  )
}

/** Somebody with an account changes their number themselves; who was taken down by a desk has nobody else to do it. */
function callerField({ caller, typed }: EditProps): Html | null {
  if (caller.isDesks)
    return field({
      ...{
        name: 'caller_phone',
        label: 'Number of the caller',
        type: 'tel',
        maxLength: 40,
        autocomplete: 'off',
      },
      ...{ value: typed?.phone ?? caller.phone ?? '', ...errorOf(typed?.errors.phone) },
    })
  if (caller.phone === null) return null
  return html`<p class="second">${icon('phone')} <a dir="ltr" class="numbers" href="${telHref(caller.phone)}">${caller.phone}</a>, from their account and theirs to change</p>`
}

function errorOf(error: string | undefined): { readonly error?: string } {
  return error === undefined ? {} : { error }
}

function end(name: 'from' | 'to', props: RequestFieldProps): Html {
  const { text, point, error, choices = [] } = props
  const said =
    choices.length === 0 ? error : `${error ?? ''} ${choices.map(({ label }) => label).join(' · ')}`
  return addressField({ field: name, value: text, point, ...(said === undefined ? {} : { error: said }) })
}

export interface AgreementProps extends Pick<EditProps, 'ride' | 'others' | 'notice' | 'key'> {
  readonly quoteId: string
  readonly fareMinor: number
  readonly heldUntilMs: number
  /** What is another than it was: what, before, after. */
  readonly changes: readonly {
    readonly what: string
    readonly before: Html | string
    readonly after: Html | string
  }[]
}

/** The price to say to the caller, and the button that makes it so. */
export function agreementPage(ctx: PageContext, props: AgreementProps): Html {
  const { ride, fareMinor, changes } = props
  const sum = (minor: number) =>
    html`<bdi dir="ltr" class="numbers">${money(minor, ride.currency, ctx.lang)}</bdi>`
  const more = fareMinor - ride.fareMinor
  const id = encodeURIComponent(ride.id)
  return framed(
    ctx,
    props,
    html`
<p class="edit-price"><s class="muted">${sum(ride.fareMinor)}</s> <b>${sum(fareMinor)}</b> <span class="second">${more === 0 ? 'the same price' : html`${more > 0 ? '+ ' : '− '}${sum(Math.abs(more))}`}</span></p>
<dl class="edit-changes">${changes.map(({ what, before, after }) => html`<div><dt>${what}</dt><dd><s class="muted">${before}</s> <span aria-label="becomes">→</span> ${after}</dd></div>`)}</dl>
<p class="second">Say the price to <bdi>${ride.riderName}</bdi>. It holds until ${clock(ctx, props.heldUntilMs)}.${ride.callSign === null ? ' You can take the change back for 10 s.' : ` ${ride.callSign} is asked then; until the answer all stays as it is.`}</p>
<form method="post" action="/board/rides/${id}/agreement">${formKeys({ csrf: ctx.csrf, key: props.key() })}<input type="hidden" name="version" value="${ride.version}"><input type="hidden" name="quote_id" value="${props.quoteId}"><div class="actions"><a class="button button-plain" href="/board/rides/${id}/edit">Back</a><button class="button button-next" data-busy="Changing…">${ride.callSign === null ? 'Agreed: change it' : `Agreed: ask ${ride.callSign}`}</button></div></form>`,
  )
}

function framed(ctx: PageContext, props: Pick<EditProps, 'ride' | 'others' | 'notice'>, content: Html): Html {
  const { ride, notice } = props
  return page(ctx, {
    title: `Change ${ride.reference}`,
    body: html`${topBar(ctx)}<main id="main" class="narrow" tabindex="-1"><section class="card stack" data-editing="${ride.id}">
<header class="edit-head"><h1>Change <span class="numbers">${ride.reference}</span></h1><a class="button button-quiet" href="/board?ride=${encodeURIComponent(ride.id)}">Back to the board</a></header>${paneOthers(props)}
${notice === undefined ? null : html`<p class="notice" role="alert">${icon('triangle-alert')}<span>${notice}</span></p>`}${content}</section></main>`,
    styles: ['rider.css', 'asking.css', 'way.css', 'board-acts.css'],
    scripts: ['request.js', 'board-acts.js'],
  })
}
