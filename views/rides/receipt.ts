/** The receipt: what was charged, line by line, how, and for which ride. Made to be printed as well. */
import type { LatLng } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { address, clock, day, plate } from '../parts/figures.ts'
import { distanceText, minutesText, money } from '../parts/format.ts'
import { type MapLegProps, mapAssets, mapBox, straightWay } from '../parts/map.ts'
import { fromMark, mark, toMark } from '../parts/mark.ts'
import { type PriceLine, priceLines } from '../parts/price-lines.ts'
import { type AgreedWayProps, agreedWays } from './agreed-ways.ts'

export interface ReceiptProps {
  readonly rideId: string
  readonly reference: string
  readonly companyName: string
  readonly riderName: string
  /** What the receipt is for; a fee has lines too. */
  readonly kind: 'fare' | 'cancellation_fee' | 'no_show_fee'
  readonly pickup: { readonly label: string; readonly point: LatLng; readonly atMs: number | null }
  readonly dropoff: { readonly label: string; readonly point: LatLng; readonly atMs: number | null }
  /** The way that was driven, in order; empty where nobody got in. */
  readonly trail: readonly LatLng[]
  readonly lines: readonly PriceLine[]
  readonly totalMinor: number
  readonly currency: string
  /** Why it is not what was promised: each with what it makes more or less; none where it is. */
  readonly changes?: { readonly promisedMinor: number; readonly reasons: readonly PriceLine[] } | null
  /** What was agreed on while it went on, in order. */
  readonly agreed?: readonly AgreedWayProps[]
  /** What was given, and what may be; null of a ride that was not driven. */
  readonly tip?: {
    readonly givenMinor: number | null
    /** Empty where no tip can be given here. */
    readonly choicesMinor: readonly number[]
    readonly key: string
    readonly error?: string
  } | null
  /** What was seen of the ride; null of one that nobody drove. */
  readonly evidence?: ReceiptEvidence | null
  /** When the price was promised. */
  readonly promisedAtMs: number
  readonly payment: 'cash' | 'account'
  readonly accountName: string | null
  readonly paid: boolean
  readonly paidAtMs: number | null
  readonly driver: { readonly name: string; readonly vehicle: string; readonly plate: string } | null
  readonly className: string
  /** The receipt's own address, printed as text. */
  readonly url: string
}

/** Instants, metres and seconds; null is what nothing shows. */
export interface ReceiptEvidence {
  /** A fix at the pickup, and how far from it. */
  readonly gpsArrivedAtMs: number | null
  readonly gpsAwayM: number | null
  readonly boardedAtMs: number | null
  readonly waitedS: number | null
  readonly drivenM: number
  readonly drivenS: number
  readonly promisedM: number
  readonly promisedS: number
}

/** One receipt. */
export function receiptPage(ctx: PageContext, props: ReceiptProps): Html {
  const atMs = props.paidAtMs ?? props.promisedAtMs
  const pay = props.payment === 'cash' ? 'Cash' : (props.accountName ?? 'Company account')
  const body = html`<main id="main" class="narrow receipt" tabindex="-1">
<header class="receipt-head no-print"><a class="button button-quiet button-compact" href="/rides" aria-label="Your rides">${icon('arrow-left')}</a><h1>Receipt</h1></header>
<p class="print-head">${mark()}<b>${props.companyName}</b><span>Receipt ${props.reference}</span></p>
<article class="card receipt-card">
<div class="receipt-map">${mapBox(ctx, { label: 'Map of this ride', from: props.pickup.point, to: props.dropoff.point, route: wayOf(props), interactive: false })}</div>
<div class="receipt-body">
<div><div class="status-head"><p class="receipt-total"><bdi dir="ltr">${money(props.totalMinor, props.currency, ctx.lang)}</bdi></p>${paidBadge(props)}</div><p class="second">${props.kind === 'fare' ? 'Thank you, ' : null}${props.riderName} · ${day(ctx, atMs)}</p></div>
<ul class="ends"><li>${fromMark()}<b>${address(props.pickup.label)}</b>${props.pickup.atMs === null ? null : clock(ctx, props.pickup.atMs)}</li><li>${toMark()}<b>${address(props.dropoff.label)}</b>${props.dropoff.atMs === null ? null : clock(ctx, props.dropoff.atMs)}</li></ul>
${priceLines(ctx, { lines: props.lines, totalLabel: totalLabel(ctx, props), totalMinor: props.totalMinor, currency: props.currency })}
${agreedWays(ctx, props.agreed ?? [], props.currency)}${changed(ctx, props)}${tipPart(ctx, props)}${seen(ctx, props)}${props.driver === null ? null : html`<p class="receipt-driver"><span><b>${props.driver.name}</b><span class="second">${props.className}, ${props.driver.vehicle}</span></span>${plate(props.driver.plate)}</p>`}
</div>
<p class="receipt-pay">${icon(props.payment === 'cash' ? 'banknote' : 'building-2')}<b>${pay}</b><span>${props.paidAtMs === null ? null : html`${clock(ctx, props.paidAtMs)} · `}<bdi dir="ltr">${props.reference}</bdi></span></p>
</article>
<p class="print-foot">${props.companyName} · ${props.url}</p>
<p class="second no-print receipt-hint">${props.kind === 'fare' ? `${props.companyName} drove you. ` : null}Your browser prints this page as a plain receipt.</p>
</main>`
  return page(ctx, {
    title: `Receipt ${props.reference}`,
    body,
    ...mapAssets({ styles: ['receipt.css', 'way.css'] }),
  })
}

/** Never silently: what was promised, and each reason for which it is not what is to be paid. */
function changed(
  ctx: PageContext,
  { changes, currency, totalMinor, promisedAtMs }: ReceiptProps,
): Html | null {
  if (changes == null || changes.reasons.length === 0) return null
  const promised = {
    label: 'Promised',
    detail: null,
    amountMinor: changes.promisedMinor,
  }
  return html`<section class="receipt-why" aria-label="Why it is not what was promised"><h2>Why it is not what was promised at ${clock(ctx, promisedAtMs)}</h2>${priceLines(ctx, { lines: [promised, ...changes.reasons], totalLabel: 'Fare', totalMinor, currency })}</section>`
}

/** The tip that was given, or the question for one; all of it is the driver's. */
function tipPart(ctx: PageContext, { tip, kind, currency, driver, rideId }: ReceiptProps): Html | null {
  if (tip == null || kind !== 'fare' || driver === null) return null
  if (tip.givenMinor !== null)
    return html`<p class="receipt-tip-given">${icon('check')}<span>Tip for ${driver.name}, on your account</span><b><bdi dir="ltr">${money(tip.givenMinor, currency, ctx.lang)}</bdi></b></p>`
  if (tip.choicesMinor.length === 0) return null
  return html`<section class="receipt-tip no-print" id="tip" aria-label="Tip"><h2>A tip for ${driver.name}?</h2><p class="second">All of it goes to your driver; it is put on your account.</p>${tip.error === undefined ? null : html`<p class="field-error" id="tip-error" role="alert">${tip.error}</p>`}<form method="post" action="/rides/${rideId}/tip" class="receipt-tip-form">${formKeys({ csrf: ctx.csrf, key: tip.key })}<div class="receipt-tip-choices">${tip.choicesMinor.map((minor) => html`<button class="button button-plain" name="amount_minor" value="${minor}" data-busy="…"><bdi dir="ltr">${money(minor, currency, ctx.lang)}</bdi></button>`)}</div><div class="receipt-tip-own"><label class="field"><span class="field-label">Another amount</span><input class="input" name="amount" inputmode="decimal" autocomplete="off" maxlength="9"${tip.error === undefined ? null : html` aria-describedby="tip-error"`}></label><button class="button button-plain" data-busy="…">Give</button></div></form></section>`
}

/** What the figures rest on. */
function seen(ctx: PageContext, { evidence }: ReceiptProps): Html | null {
  if (evidence == null) return null
  const { gpsArrivedAtMs, gpsAwayM, boardedAtMs, waitedS } = evidence
  const arrived =
    gpsArrivedAtMs === null
      ? null
      : html`<li>The car was seen ${distanceText(gpsAwayM ?? 0)} from the pickup at ${clock(ctx, gpsArrivedAtMs)}${boardedAtMs === null ? null : html`, on board at ${clock(ctx, boardedAtMs)}`}${waitedS === null || waitedS < 60 ? null : html`: waited ${minutesText(waitedS)}`}</li>`
  return html`<ul class="receipt-seen second">${arrived}<li>Driven ${distanceText(evidence.drivenM)} in ${minutesText(Math.max(60, evidence.drivenS))}; promised were ${distanceText(evidence.promisedM)} in ${minutesText(Math.max(60, evidence.promisedS))}</li></ul>`
}

/** What was driven stands as it was; a ride that was not driven has only its promise. */
function wayOf(props: ReceiptProps): readonly MapLegProps[] {
  if (props.trail.length > 1) return [{ kind: 'ahead', points: props.trail }]
  return straightWay(props.pickup.point, props.dropoff.point)
}

function paidBadge(props: ReceiptProps): Html {
  return props.paid
    ? html`<span class="badge badge-ok">${icon('check')}Paid</span>`
    : html`<span class="badge badge-warn">${icon('clock')}To be paid</span>`
}

function totalLabel(ctx: PageContext, props: ReceiptProps): Html | string {
  if (props.changes != null && props.changes.reasons.length > 0) return 'Fare'
  if (props.kind === 'fare') return html`Fare, as promised at ${clock(ctx, props.promisedAtMs)}`
  return props.kind === 'no_show_fee' ? 'Fee, the driver waited in vain' : 'Fee for cancelling'
}
