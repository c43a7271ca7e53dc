/** The receipt: what was charged, line by line, how, and for which ride. Made to be printed as well. */
import type { LatLng } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { address } from '../parts/figures.ts'
import { money } from '../parts/format.ts'
import { type MapLegProps, mapAssets, mapBox, straightWay } from '../parts/map.ts'
import { fromMark, mark, toMark } from '../parts/mark.ts'
import type { PriceLine } from '../parts/price-lines.ts'
import type { ToastProps } from '../parts/toast.ts'
import type { AgreedWayProps } from './agreed-ways.ts'
import { type RatingCardProps, ratingCard } from './rating.ts'
import { type ReceiptParts, type ReceiptRow, receiptParts } from './receipt-parts.ts'

export interface ReceiptProps {
  readonly rideId: string
  readonly reference: string
  readonly companyName: string
  /** Under the name on paper: address, tax and licence numbers, as far as the company gave them. */
  readonly companyLines?: readonly string[]
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
  readonly rating?: RatingCardProps | null
  /** Sends the receipt to the rider's own address; null for who may not have it sent. */
  readonly letter?: { readonly to: string; readonly key: string } | null
  readonly toasts?: readonly ToastProps[]
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
  const parts = receiptParts(ctx, props)
  const { rideId } = props
  const body = html`<main id="main" class="narrow receipt" tabindex="-1">
<header class="receipt-head no-print"><a class="button button-quiet button-compact" href="/rides" aria-label="Your rides">${icon('arrow-left')}</a><h1>Receipt</h1><a class="button button-quiet button-compact" href="/rides/${rideId}/receipt.pdf">${icon('download')}PDF</a></header>
<div class="print-head">${mark()}<p><b>${parts.issuer[0]}</b>${parts.issuer.slice(1).map((line) => html`<span>${line}</span>`)}</p><p class="print-title">${parts.title}</p></div>
<article class="card receipt-card">
<div class="receipt-map no-print">${mapBox(ctx, { label: 'Map of this ride', from: props.pickup.point, to: props.dropoff.point, route: wayOf(props), interactive: false })}</div>
<div class="receipt-body">
<div><div class="status-head"><p class="receipt-total"><bdi dir="ltr">${parts.total}</bdi></p>${paidBadge(parts)}</div><p class="second">${parts.forWhom}</p></div>
<ul class="ends">${parts.places.map((place, i) => html`<li>${i === parts.places.length - 1 ? toMark() : fromMark()}<b>${address(place.label)}</b>${place.clock === null ? null : html`<span class="numbers">${place.clock}</span>`}</li>`)}</ul>
${rowList(parts.rows, parts.sum, parts.tip)}
${why(parts)}${tipPart(ctx, props)}${parts.seen.length === 0 ? null : html`<ul class="receipt-seen second">${parts.seen.map((line) => html`<li>${line}</li>`)}</ul>`}${parts.driver === null ? null : html`<p class="receipt-driver">${icon('car-front')}<span><bdi>${parts.driver}</bdi></span></p>`}
</div>
<p class="receipt-pay">${icon(props.payment === 'cash' ? 'banknote' : 'building-2')}<b>${parts.payment}</b><span><bdi dir="ltr">${parts.foot}</bdi></span></p>
</article>
<p class="print-foot">${parts.title} · ${parts.total} · ${parts.url}</p>
${props.rating == null ? null : ratingCard(ctx, props.rating)}
<div class="receipt-doors no-print">${letterForm(ctx, props)}${props.kind === 'fare' ? html`<a class="button button-plain" href="/rides/${rideId}/cases/lost-item">${icon('luggage')}Lost item</a>` : null}<a class="button button-plain" href="/rides/${rideId}/cases/problem">${icon('flag')}Report</a></div>
</main>`
  return page(ctx, {
    title: parts.title,
    body,
    toasts: props.toasts ?? [],
    ...mapAssets({ styles: ['receipt.css', 'rating.css', 'receipt-print.css'] }),
  })
}

/** Labels and amounts, the sum above what came on top of it. */
function rowList(rows: readonly ReceiptRow[], sum: ReceiptRow, more: ReceiptRow | null = null): Html {
  const line = (row: ReceiptRow, isSum = false) =>
    html`<div class="price-line${isSum ? ' price-sum' : ''}"><dt>${row.label}${row.detail === null ? null : html`<small><bdi dir="ltr">${row.detail}</bdi></small>`}</dt><dd><bdi dir="ltr" class="numbers">${row.amount}</bdi></dd></div>`
  return html`<dl class="price-lines">${rows.map((row) => line(row))}${line(sum, true)}${more === null ? null : line(more)}</dl>`
}

/** Never silently: what was promised, and each reason for which it is not what is to be paid. */
function why({ why: changed }: ReceiptParts): Html | null {
  if (changed === null) return null
  return html`<section class="receipt-why" aria-label="Why it is not what was promised"><h2>${changed.title}</h2>${rowList(changed.rows, changed.sum)}</section>`
}

/** The question for a tip; all of it is the driver's. */
function tipPart(ctx: PageContext, { tip, kind, currency, driver, rideId }: ReceiptProps): Html | null {
  if (tip == null || kind !== 'fare' || driver === null) return null
  if (tip.givenMinor !== null || tip.choicesMinor.length === 0) return null
  return html`<section class="receipt-tip no-print" id="tip" aria-label="Tip"><h2>A tip for ${driver.name}?</h2><p class="second">All of it goes to your driver; it is put on your account.</p>${tip.error === undefined ? null : html`<p class="field-error" id="tip-error" role="alert">${tip.error}</p>`}<form method="post" action="/rides/${rideId}/tip" class="receipt-tip-form">${formKeys({ csrf: ctx.csrf, key: tip.key })}<div class="receipt-tip-choices">${tip.choicesMinor.map((minor) => html`<button class="button button-plain" name="amount_minor" value="${minor}" data-busy="…"><bdi dir="ltr">${money(minor, currency, ctx.lang)}</bdi></button>`)}</div><div class="receipt-tip-own"><label class="field"><span class="field-label">Another amount</span><input class="input" name="amount" inputmode="decimal" autocomplete="off" maxlength="9"${tip.error === undefined ? null : html` aria-describedby="tip-error"`}></label><button class="button button-plain" data-busy="…">Give</button></div></form></section>`
}

function letterForm(ctx: PageContext, { letter, rideId }: ReceiptProps): Html | null {
  if (letter == null) return null
  return html`<form method="post" action="/rides/${rideId}/receipt/letter">${formKeys({ csrf: ctx.csrf, key: letter.key })}<button class="button button-plain button-wide" data-busy="Sending…" aria-label="E-mail this receipt to ${letter.to}">${icon('mail')}E-mail</button></form>`
}

/** What was driven stands as it was; a ride that was not driven has only its promise. */
function wayOf(props: ReceiptProps): readonly MapLegProps[] {
  if (props.trail.length > 1) return [{ kind: 'ahead', points: props.trail }]
  return straightWay(props.pickup.point, props.dropoff.point)
}

function paidBadge({ standing }: ReceiptParts): Html {
  return standing === 'Paid'
    ? html`<span class="badge badge-ok">${icon('check')}Paid</span>`
    : html`<span class="badge badge-warn">${icon('clock')}To be paid</span>`
}
