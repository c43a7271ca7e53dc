/** The receipt: what was charged, line by line, how, and for which ride. Made to be printed as well. */
import type { LatLng } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { address, clock, day, plate } from '../parts/figures.ts'
import { money } from '../parts/format.ts'
import { type MapLegProps, mapAssets, mapBox, straightWay } from '../parts/map.ts'
import { fromMark, mark, toMark } from '../parts/mark.ts'
import { type PriceLine, priceLines } from '../parts/price-lines.ts'

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
${props.driver === null ? null : html`<p class="receipt-driver"><span><b>${props.driver.name}</b><span class="second">${props.className}, ${props.driver.vehicle}</span></span>${plate(props.driver.plate)}</p>`}
</div>
<p class="receipt-pay">${icon(props.payment === 'cash' ? 'banknote' : 'building-2')}<b>${pay}</b><span>${props.paidAtMs === null ? null : html`${clock(ctx, props.paidAtMs)} · `}<bdi dir="ltr">${props.reference}</bdi></span></p>
</article>
<p class="print-foot">${props.companyName} · ${props.url}</p>
<p class="second no-print receipt-hint">${props.kind === 'fare' ? `${props.companyName} drove you. ` : null}Your browser prints this page as a plain receipt.</p>
</main>`
  return page(ctx, { title: `Receipt ${props.reference}`, body, ...mapAssets({ styles: ['receipt.css'] }) })
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
  if (props.kind === 'fare') return html`Fare, as promised at ${clock(ctx, props.promisedAtMs)}`
  return props.kind === 'no_show_fee' ? 'Fee, the driver waited in vain' : 'Fee for cancelling'
}
