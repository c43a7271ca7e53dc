/** Before a ride is cancelled: what it costs, first of all, and the way back as the first choice. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { address, clock } from '../parts/figures.ts'
import { money } from '../parts/format.ts'
import { topBar } from '../parts/top.ts'

export interface CancellationProps {
  readonly rideId: string
  readonly pickupLabel: string
  readonly dropoffLabel: string
  /** Its time has not come, so nobody looks for a driver yet. */
  readonly isBooked: boolean
  /** Null while nobody was found. */
  readonly driverName: string | null
  readonly feeMinor: number
  readonly currency: string
  /** While it is free: until when, if that ends. */
  readonly freeUntilMs: number | null
  /** Since when it costs: when it stopped to be free. */
  readonly wasFreeUntilMs: number | null
  /** One-time key of this form. */
  readonly key: string
  /** The fee changed between the page and the press, so it is asked again. */
  readonly error?: string
}

/** The question whether to cancel. */
export function cancellationPage(ctx: PageContext, props: CancellationProps): Html {
  const fee = money(props.feeMinor, props.currency, ctx.lang)
  const { question, keep, cancel } = words(props, fee)
  const body = html`${topBar(ctx)}<main id="main" class="narrow" tabindex="-1"><section class="card decision">
<h1><bdi>${question}</bdi></h1>
${props.error === undefined ? null : html`<p class="notice notice-danger" role="alert">${icon('triangle-alert')}${props.error}</p>`}
<p>${why(ctx, props)}</p>
<p class="second">${address(props.pickupLabel)} to ${address(props.dropoffLabel)}</p>
<form method="post" action="/rides/${props.rideId}/cancellation" class="actions">${formKeys({ csrf: ctx.csrf, key: props.key })}<input type="hidden" name="fee_minor" value="${props.feeMinor}"><a class="button button-plain" href="/rides/${props.rideId}">${keep}</a><button class="button button-danger" data-busy="Cancelling…">${cancel}</button></form>
</section></main>`
  return page(ctx, { title: question, body })
}

function words(props: CancellationProps, fee: string): { question: string; keep: string; cancel: string } {
  if (props.feeMinor > 0)
    return { question: `Cancel for ${fee}?`, keep: 'Keep ride', cancel: `Cancel, pay ${fee}` }
  if (props.isBooked)
    return { question: 'Cancel this booking?', keep: 'Keep booking', cancel: 'Cancel, free' }
  if (props.driverName === null)
    return { question: 'Stop looking?', keep: 'Keep looking', cancel: 'Stop, free' }
  return { question: 'Cancel this ride?', keep: 'Keep ride', cancel: 'Cancel, free' }
}

function why(ctx: PageContext, props: CancellationProps): Html {
  if (props.isBooked && props.feeMinor > 0)
    return props.wasFreeUntilMs === null
      ? html`Its time is near.`
      : html`Its time is near. It was free until ${clock(ctx, props.wasFreeUntilMs)}.`
  if (props.isBooked)
    return props.freeUntilMs === null
      ? html`Its time has not come yet, so it costs nothing.`
      : html`It costs nothing until ${clock(ctx, props.freeUntilMs)}.`
  if (props.driverName === null) return html`Nobody was found yet, so it costs nothing.`
  if (props.feeMinor === 0)
    return props.freeUntilMs === null
      ? html`It costs nothing.`
      : html`It costs nothing until ${clock(ctx, props.freeUntilMs)}.`
  if (props.wasFreeUntilMs === null) return html`${props.driverName} is already there for you.`
  return html`${props.driverName} is on the way to you. It was free until ${clock(ctx, props.wasFreeUntilMs)}.`
}
