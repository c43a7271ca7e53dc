/** Step two of asking: one row a class with price and wait, and the one button that asks. */
import type { Attribute } from '../../src/engine/attributes.ts'
import type { LatLng, VehicleClass } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { field, formKeys, segments } from '../parts/field.ts'
import { address, clock, countdown, day, price } from '../parts/figures.ts'
import { minutesText, money } from '../parts/format.ts'
import { mapAssets, mapBox, wayBetween } from '../parts/map.ts'
import { fromMark, toMark } from '../parts/mark.ts'
import { type PriceLine, priceLines } from '../parts/price-lines.ts'
import { floatingTop } from '../parts/top.ts'
import { type BusyProps, busyRow } from './busy.ts'
import { endsQuery, requestHref } from './way-query.ts'
import type { WhenProps } from './when.ts'
import { needsText, wishes } from './wishes.ts'

export interface QuoteOptionProps {
  readonly quoteId: string
  readonly class: VehicleClass
  readonly seats: number
  readonly fareMinor: number
  readonly currency: string
  /** To the pickup; null while no car of this class is free near. */
  readonly etaS: number | null
  readonly durationS: number
  readonly lines: readonly PriceLine[]
  /** What surge adds, before tax; 0 for nothing. */
  readonly surgeMinor: number
  /** Where none is free: null, or whether the rider is told once one gets free. */
  readonly tell: TellProps | null
  /** What somebody who shares agrees to; null for going alone. */
  readonly shared: { readonly detourS: number; readonly arriveByAtMs: number } | null
}

/** Being told of a free car: may be asked for, is asked for until then, or one is free by now. */
export type TellProps =
  | { readonly state: 'may' }
  | { readonly state: 'asked'; readonly untilMs: number }
  | { readonly state: 'free' }

export interface EndProps {
  readonly label: string
  readonly area?: string | null
  readonly point: LatLng
}

export interface CollisionProps {
  readonly rideId: string
  readonly atMs: number
  readonly isBooked: boolean
  readonly dropoffLabel: string
}

export interface QuotesProps {
  readonly from: EndProps
  readonly to: EndProps
  /** Between the two, in order; none unless given. */
  readonly stops?: readonly EndProps[]
  /** Corners of the way along the streets; null where it is not known. */
  readonly way: readonly LatLng[] | null
  readonly seats: number
  /** What the car must have. */
  readonly needs: readonly Attribute[]
  /** Now or later, to be asked for anew; null where rides cannot be booked ahead. */
  readonly when: WhenProps | null
  /** When the car is to be there; null: as soon as one can. */
  readonly pickupAtMs: number | null
  /** The booking these prices are to change, or null for a new ride. */
  readonly change: string | null
  /** What the rider has already that leaves no time for it. */
  readonly collisions: readonly CollisionProps[]
  readonly options: readonly QuoteOptionProps[]
  /** Why prices are higher just now; null where they are as usual. */
  readonly busy: BusyProps | null
  /** The code that is taken off, and why the one that was typed is not. */
  readonly code: string | null
  readonly codeTold: string | null
  readonly chosenQuoteId: string | null
  /** Until when the prices hold, epoch ms. */
  readonly heldUntilMs: number
  readonly nowMs: number
  readonly payment: 'cash' | 'account'
  /** Whose account may pay, or null where the rider has none. */
  readonly accountName: string | null
  readonly note: string
  readonly noteError?: string
  /** One-time key of this form. */
  readonly key: string
  /** A sentence above the rows: why these prices were not taken. */
  readonly error?: string
  /** They cannot be asked for any more, whatever the clock says: used, or not as we made them. */
  readonly isSpent?: boolean
}

export const CLASS_WORDS: Record<VehicleClass, { label: string; icon: IconName }> = {
  standard: { label: 'Standard', icon: 'car-front' },
  accessible: { label: 'Accessible', icon: 'accessibility' },
  black: { label: 'Black', icon: 'briefcase' },
}

/** `Standard`, or `Standard shared`. */
export function optionName(option: { class: VehicleClass; shared: unknown }): string {
  const { label } = CLASS_WORDS[option.class]
  return option.shared ? `${label} shared` : label
}

export const NOTE_MAX = 140

/** The fare choice of one set of quotes. */
export function quotesPage(ctx: PageContext, props: QuotesProps): Html {
  const noneFree = props.pickupAtMs === null && props.options.every((option) => option.etaS === null)
  const chosen = chosenOption(props, noneFree)
  const isHeld = props.nowMs < props.heldUntilMs && props.isSpent !== true
  const held = isHeld ? html` hidden` : null
  const over = isHeld ? null : html` hidden`
  const body = html`<main id="main" class="split split-low" tabindex="-1">${floatingTop(ctx)}
<form method="post" action="${props.change === null ? '/rides' : `/rides/${props.change}/booking`}" class="sheet split-sheet quotes">
${formKeys({ csrf: ctx.csrf, key: props.key })}
<h1 class="screen-reader">Choose your ride</h1>
<div class="ends-card card">${end(props.from, 'from')}${(props.stops ?? []).map(stopEnd)}${end(props.to, 'to')}<a class="button button-quiet button-compact" href="${againHref(ctx, props)}" data-swap>Change</a></div>
${wishes({ when: props.when, seats: props.seats, needs: props.needs, form: 'again', submit: 'See the new prices' })}
${props.error === undefined ? null : html`<p class="notice notice-danger" role="alert">${icon('triangle-alert')}${props.error}</p>`}
${props.pickupAtMs === null ? null : html`<p class="booked-for">${icon('calendar-clock')}<span>Pickup <b>${day(ctx, props.pickupAtMs)}, ${clock(ctx, props.pickupAtMs)}</b>. The price is promised now.</span></p>`}${props.collisions.map((collision) => collisionNotice(ctx, collision))}
${props.needs.length === 0 ? null : html`<p class="second needs-told">${icon('check')}Only cars with ${needsText(props.needs)}.</p>`}${noneFree ? html`<p class="notice">${icon('hexagon')}${props.needs.length === 0 ? 'No car' : 'No such car'} is free near you right now. Ask anyway and we keep looking for you; stopping is free.</p>` : null}
<fieldset class="fare-rows"><legend class="screen-reader">Class</legend>${props.options.map((option) => fareRow(ctx, props, option, { chosen: option === chosen, noneFree }))}</fieldset>
${props.options
  .filter(({ tell }) => tell !== null)
  .slice(0, noneFree ? 1 : undefined)
  .map((option) => tellRow(ctx, option))}
${busyRow(ctx, props)}
<details class="more"><summary>What the price contains</summary>${props.options.map((option) => html`<div class="of-class">${priceLines(ctx, { lines: option.lines, totalLabel: optionName(option), totalMinor: option.fareMinor, currency: option.currency })}</div>`)}</details>
${props.change === null ? codeField(props) : null}${props.change === null ? null : html`<p class="second">Payment and note stay as they are.</p>`}${
  props.change !== null
    ? null
    : html`<details class="more"${props.note === '' && props.noteError === undefined ? null : html` open`}><summary>Note for the driver</summary>${field(
        {
          name: 'note',
          label: 'Anything that helps to find you',
          value: props.note,
          maxLength: NOTE_MAX,
          hint: `Such as “blue umbrella”. Up to ${NOTE_MAX} letters.`,
          ...(props.noteError === undefined ? {} : { error: props.noteError }),
        },
      )}</details>`
}
<div class="ask-bar">
<div class="ask-row">${props.change === null ? paymentChoice(props) : null}<p class="held second" id="price-held"${over}>${icon('lock')}<span>Price held ${countdown({ untilMs: props.heldUntilMs, nowMs: props.nowMs, dueShow: 'price-over', dueHide: 'price-held ask' })}</span></p></div>
<div class="price-over" id="price-over" role="status"${held}>${props.isSpent === true ? null : html`<p class="notice">${icon('clock')}<span>That price held until ${clock(ctx, props.heldUntilMs)}.</span></p>`}<button class="button button-plain button-wide" form="again" data-busy="Looking up prices…">See the price now</button></div>
${askButton(ctx, props, over)}
</div>
</form>
${againForm(ctx, props)}${tellForm(ctx, props)}
<div class="split-map">${mapBox(ctx, { label: 'Map with your way', from: props.from.point, to: props.to.point, stops: (props.stops ?? []).map(({ point }) => point), route: wayBetween(props.from.point, props.to.point, props.way), padding: { top: 64, bottom: 72 } })}</div>
</main>`
  return page(ctx, {
    title: 'Choose your ride',
    body,
    layout: 'layout-map',
    ...mapAssets({ styles: ['rider.css', 'asking.css', 'way.css'], scripts: ['request.js', 'asking.js'] }),
  })
}

/** A code is tried by asking for the prices anew, which the other form does. */
function codeField({ code, codeTold }: QuotesProps): Html {
  return html`<details class="more"${code === null && codeTold === null ? null : html` open`}><summary>${code === null ? 'Have a code?' : `Code ${code}`}</summary>${code === null ? null : html`<p class="second">It is taken off each of these prices, and used up when you ask.</p>`}<div class="code-row-form"><label class="field"><span class="field-label">Code</span><input class="input" name="code" form="again" value="${code ?? ''}" maxlength="40" autocomplete="off" autocapitalize="characters" spellcheck="false"${codeTold === null ? null : html` aria-invalid="true" aria-describedby="code-told"`}></label><button class="button button-plain" form="again" data-busy="Looking…">Use it</button></div>${codeTold === null ? null : html`<p class="field-error" id="code-told" role="alert">${codeTold}</p>`}</details>`
}

/** What the page is for; somebody who is not signed in yet comes back to these very prices. */
function askButton(ctx: PageContext, props: QuotesProps, over: Html | null): Html {
  if (ctx.viewer === null)
    return html`<a class="button button-next button-wide" href="/sign-in?next=${encodeURIComponent(ctx.path)}">Sign in to ask</a>`
  return html`<button class="button button-next button-wide" id="ask" data-busy="Asking…"${over}>${props.options.map((option) => html`<span class="of-class">${askWord(props)} ${optionName(option)} · <bdi dir="ltr">${money(option.fareMinor, option.currency, ctx.lang)}</bdi></span>`)}</button>`
}

function askWord(props: QuotesProps): string {
  if (props.change !== null) return 'Change to'
  return props.pickupAtMs === null ? 'Ask for' : 'Book'
}

/** Only said, not refused: two people may ride on one account. */
function collisionNotice(ctx: PageContext, collision: CollisionProps): Html {
  const what = collision.isBooked ? 'a ride booked' : 'a ride under way'
  return html`<p class="notice">${icon('triangle-alert')}<span>You have ${what} for <a href="/rides/${collision.rideId}">${clock(ctx, collision.atMs)} to ${address(collision.dropoffLabel)}</a>. Both at once will not do for one person.</span></p>`
}

/** Some row is always chosen, so that the button always says what it asks for. */
function chosenOption(props: QuotesProps, noneFree: boolean): QuoteOptionProps | undefined {
  const able = props.options.filter(
    (option) => noneFree || props.pickupAtMs !== null || option.etaS !== null || option.shared !== null,
  )
  const alone = able.find((option) => option.shared === null)
  return able.find((option) => option.quoteId === props.chosenQuoteId) ?? alone ?? able[0]
}

function stopEnd({ label }: EndProps, n: number): Html {
  return html`<p class="end"><span class="stop-number" aria-hidden="true">${n + 1}</span><span class="screen-reader">Stop ${n + 1}</span><span><b>${address(label)}</b></span></p>`
}

function end(props: EndProps, which: 'from' | 'to'): Html {
  return html`<p class="end">${which === 'from' ? fromMark() : toMark()}<span class="screen-reader">${which === 'from' ? 'From' : 'To'}</span><span><b>${address(props.label)}</b>${props.area ? html`<small>${props.area}</small>` : null}</span></p>`
}

/** One class to choose: what it costs and when it is there; off while no car of it is free. */
export function fareRow(
  ctx: PageContext,
  props: Pick<QuotesProps, 'pickupAtMs' | 'nowMs'>,
  option: QuoteOptionProps,
  row: { chosen: boolean; noneFree: boolean },
): Html {
  const words = CLASS_WORDS[option.class]
  // A shared ride may find its place in a car that is under way.
  const isLater = props.pickupAtMs !== null
  const off = option.etaS === null && option.shared === null && !row.noneFree && !isLater
  const wait =
    option.shared !== null
      ? sharedWait(ctx, option.shared)
      : props.pickupAtMs !== null
        ? html`there by about ${clock(ctx, props.pickupAtMs + option.durationS * 1000)}`
        : option.etaS === null
          ? 'none free near you'
          : html`${waitText(option.etaS)} · <span class="nowrap">there by ${clock(ctx, props.nowMs + (option.etaS + option.durationS) * 1000)}</span>`
  return html`<label class="fare-row"><input type="radio" name="quote_id" value="${option.quoteId}" required${row.chosen ? html` checked` : null}${off ? html` disabled` : null}><span class="tile">${icon(option.shared === null ? words.icon : 'users')}</span><span class="fare-words"><span class="fare-name">${optionName(option)} <span class="fare-seats">${icon('user')}<span class="screen-reader">seats: </span>${option.seats}</span></span><span class="second fare-wait">${wait}</span></span>${price(ctx, { amountMinor: option.fareMinor, currency: option.currency })}</label>`
}

/** What sharing means for the rider, told before they agree; what it promises is what is kept. */
function sharedWait(ctx: PageContext, shared: NonNullable<QuoteOptionProps['shared']>): Html {
  return html`may pick up others: at most ${minutesText(shared.detourS)} longer, <span class="nowrap">there by ${clock(ctx, shared.arriveByAtMs)}</span> at the latest`
}

function waitText(etaS: number): string {
  const minutes = minutesText(etaS)
  return minutes === 'now' ? 'here now' : `${minutes} away`
}

function paymentChoice(props: QuotesProps): Html {
  if (props.accountName === null)
    return html`<p class="pay"><input type="hidden" name="payment" value="cash">${icon('banknote')}<b>Cash</b> <span class="second">to the driver</span></p>`
  return segments({
    name: 'payment',
    label: 'Pay with',
    chosen: props.payment,
    options: [
      { value: 'cash', label: 'Cash', icon: icon('banknote') },
      {
        value: 'account',
        // The whole name would break the row on a phone; the receipt has it.
        label: html`Account<span class="screen-reader">: ${props.accountName}</span>`,
        icon: icon('building-2'),
      },
    ],
  })
}

/** The same question once more, with the wishes that stand above; beside the form that asks for a ride, as forms do not nest. */
function againForm(ctx: PageContext, props: QuotesProps): Html {
  const fields = [...endsQuery(props), ...(props.change === null ? [] : [['change', props.change] as const])]
  return html`<form id="again" method="post" action="/quotes" hidden>${formKeys({ csrf: ctx.csrf })}${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}</form>`
}

function againHref(ctx: PageContext, props: QuotesProps): string {
  return requestHref(props, ctx.timeZone)
}

/** Under the rows: for each class that has no free car, a press to be told, or what was pressed before. */
function tellRow(ctx: PageContext, option: QuoteOptionProps): Html | null {
  const { tell } = option
  if (tell === null) return null
  const name = optionName(option)
  switch (tell.state) {
    case 'may':
      return html`<p class="tell"><span class="second">${icon('bell')}No ${name} is free near you.</span>${
        ctx.viewer === null
          ? html`<a class="button button-soft button-compact" href="/sign-in?next=${encodeURIComponent(ctx.path)}">Sign in to be told</a>`
          : html`<button class="button button-soft button-compact" form="tell" name="quote_id" value="${option.quoteId}">Tell me when</button>`
      }</p>`
    case 'asked':
      return html`<p class="tell" data-told-of><span class="second">${icon('bell')}We write to you once a ${name} is free near here, until ${clock(ctx, tell.untilMs)}.</span></p>`
    case 'free':
      return html`<p class="notice" data-free-now>${icon('bell')}<span>A ${name} is free near you now.</span><button class="button button-plain button-compact" form="again">See its price</button></p>`
  }
}

function tellForm(ctx: PageContext, { options }: QuotesProps): Html | null {
  if (ctx.viewer === null || !options.some(({ tell }) => tell?.state === 'may')) return null
  return html`<form id="tell" method="post" action="/free-waits" hidden>${formKeys({ csrf: ctx.csrf })}</form>`
}
