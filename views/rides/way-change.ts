/** On the page of a ride under way: where it goes, the door to another way, and what became of the last question. */
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { address, amount, countdownRing } from '../parts/figures.ts'

export interface WayChangeProps {
  /** Changes with the way, so that the map is drawn anew. */
  readonly way: string
  /** False where others share the car: it goes as it was promised to all of them. */
  readonly mayAsk: boolean
  readonly question: WayQuestionProps | null
  /** One-time key of the form that takes the question back. */
  readonly key: string
}

export interface WayQuestionProps {
  readonly id: string
  readonly state: 'pending' | 'agreed' | 'refused' | 'expired' | 'withdrawn'
  readonly isDriverGone: boolean
  readonly expiresAtMs: number
  readonly totalMs: number
  readonly before: PricedWayProps
  readonly after: PricedWayProps
}

export interface PricedWayProps {
  readonly label: string
  readonly stops: readonly string[]
  readonly fareMinor: number
}

/** What the rest of the ride's page says of it. */
interface Ride {
  readonly id: string
  readonly nowMs: number
  readonly currency: string
  readonly way?: WayChangeProps
}

/** Beside the end of the ride. */
export function changeLink({ id, way }: Ride): Html | null {
  if (way === undefined || !way.mayAsk || way.question?.state === 'pending') return null
  return html`<a class="button button-quiet button-compact" href="/rides/${id}/change">Change</a>`
}

/** The open question, or its answer while that is news. The mark of the way is there in any case. */
export function wayLine(ctx: PageContext, props: Ride & { readonly driverName: string | null }): Html | null {
  const { way } = props
  if (way === undefined) return null
  const mark = html`<i hidden data-way="${way.way}"></i>`
  const { question } = way
  if (question === null) return mark
  if (question.state === 'pending') return html`${mark}${pending(ctx, props, way, question)}`
  const { icon: sign, words } = answer(ctx, props, question)
  return html`${mark}<p class="way-told" role="status">${icon(sign)}<span>${words}</span></p>`
}

function pending(
  ctx: PageContext,
  props: Ride & { readonly driverName: string | null },
  { key }: WayChangeProps,
  { after, expiresAtMs, totalMs }: WayQuestionProps,
): Html {
  return html`<section class="way-asked" role="status" aria-label="Your change"><div><p><b>Asking ${props.driverName ?? 'your driver'}: ${wayWords(after)}</b></p><p class="second">${amount(ctx, { amountMinor: after.fareMinor, currency: props.currency })} then. Until there is an answer all stays as it is.</p></div>${countdownRing({ untilMs: expiresAtMs, nowMs: props.nowMs, totalMs })}<form method="post" action="/rides/${props.id}/changes/withdrawal">${formKeys({ csrf: ctx.csrf, key })}<button class="button button-plain button-compact" data-busy="Taking back…">Keep the old one</button></form></section>`
}

function answer(
  ctx: PageContext,
  { currency, driverName }: Ride & { readonly driverName: string | null },
  { state, before, after, isDriverGone }: WayQuestionProps,
): { icon: IconName; words: Html } {
  const name = driverName ?? 'Your driver'
  const stays = html`It stays ${wayWords(before)} at ${amount(ctx, { amountMinor: before.fareMinor, currency })}.`
  switch (state) {
    case 'agreed': {
      const fare = html`<b>${amount(ctx, { amountMinor: after.fareMinor, currency })}</b>`
      const words = html`${driverName === null ? 'Changed.' : html`${name} agreed.`} You go to ${wayWords(after)} for ${fare}.`
      return { icon: 'check', words }
    }
    case 'refused':
      return { icon: 'x', words: html`${name} cannot drive to ${wayWords(after)}. ${stays}` }
    case 'withdrawn':
      return isDriverGone
        ? {
            icon: 'undo-2',
            words: html`The driver you asked has your ride no more. ${stays} You can ask again.`,
          }
        : { icon: 'undo-2', words: html`You took it back. ${stays}` }
    default:
      return { icon: 'clock', words: html`${name} did not answer in time. ${stays} You can ask again.` }
  }
}

/** "1071 Fifth Ave by 828 Broadway". */
export function wayWords({ label, stops }: Pick<PricedWayProps, 'label' | 'stops'>): Html {
  return html`${address(label)}${stops.length === 0 ? null : html` by ${stops.map((stop, n) => html`${n === 0 ? null : ', '}${address(stop)}`)}`}`
}
