/** The rider wants another way: what it adds and what it brings, and yes or no before the time is up. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { countdownRing } from '../parts/figures.ts'
import { distanceText, minutesText, money } from '../parts/format.ts'
import { type WayQuestionProps, wayWords } from '../rides/way-change.ts'
import { hiddenKeys, sentBy } from './parts.ts'
import type { RideProps } from './props.ts'
import { firstName } from './words.ts'

export interface WayToAnswerProps extends WayQuestionProps {
  /** What it brings the driver more than the way as of now; less is negative. */
  readonly earnsMoreMinor: number
  readonly addsM: number
  readonly addsS: number
}

/** The open question as a card, its answer as a line for a while; nothing where nobody asked. */
export function wayCard(ctx: PageContext, props: RideProps): Html | null {
  const { wayAsked, ride } = props
  if (wayAsked == null) return null
  const name = firstName(ride.riderName)
  if (wayAsked.state !== 'pending') return told(name, wayAsked)
  const { earnsMoreMinor, currency } = { ...wayAsked, currency: ride.currency }
  const sign = earnsMoreMinor < 0 ? '− ' : '+ '
  const action = `/rides/${ride.id}/changes/${wayAsked.id}/answer`
  const press = (answer: 'agree' | 'refuse', look: string, word: string, busy: string) =>
    html`<form ${sentBy(action)}>${hiddenKeys(ctx, props.key())}<input type="hidden" name="answer" value="${answer}"><button class="button ${look} button-wide" data-busy="${busy}">${word}</button></form>`
  return html`<section class="offer join card" id="way-${wayAsked.id}" data-offer aria-label="Another way">
<div class="offer-head"><div><p class="offer-kind">${icon('route')}${name} ${wayAsked.after.label === wayAsked.before.label ? 'wants other stops' : 'wants to go elsewhere'}</p><h2 class="offer-figure"><bdi dir="ltr">${sign}${money(Math.abs(earnsMoreMinor), currency, ctx.lang)}</bdi></h2><p class="second">yours, after fees · <b>${addedWords(wayAsked)}</b></p></div>${countdownRing({ untilMs: wayAsked.expiresAtMs, nowMs: props.nowMs, totalMs: wayAsked.totalMs })}</div>
<p class="join-way">${icon('map-pin')}<span>To ${wayWords(wayAsked.after)}</span></p>
<p class="second">Now it is ${wayWords(wayAsked.before)}.</p>
<div class="join-answers">${press('agree', 'button-plain', 'Agree', 'Agreeing…')}${press('refuse', 'button-quiet', 'Refuse', 'Refusing…')}</div>
</section>`
}

function addedWords({ addsM, addsS }: WayToAnswerProps): string {
  if (Math.abs(addsM) < 50) return 'about as far'
  const far = `${addsM < 0 ? '−' : '+'} ${distanceText(Math.abs(addsM))}`
  return Math.abs(addsS) < 60 ? far : `${far}, ${addsS < 0 ? '−' : '+'} ${minutesText(Math.abs(addsS))}`
}

function told(name: string, { state, before, after }: WayToAnswerProps): Html | null {
  const stays = html`It stays ${wayWords(before)}.`
  const words = {
    agreed: html`You go to ${wayWords(after)} now.`,
    refused: html`${name} knows that you cannot. ${stays}`,
    expired: html`The time to answer is over. ${stays}`,
    withdrawn: html`${name} took it back. ${stays}`,
    pending: null,
  }[state]
  return words === null ? null : html`<p class="notice">${icon('route')}<span>${words}</span></p>`
}
