/** The question put to one driver: what it pays, how far it is, and the seconds left to say yes. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { address, clock, countdownRing } from '../parts/figures.ts'
import { distanceText, minutesText, money } from '../parts/format.ts'
import { fromMark, toMark } from '../parts/mark.ts'
import { needsText } from '../rides/wishes.ts'
import { hiddenKeys, sentBy } from './parts.ts'
import type { OfferedRide, OfferProps } from './props.ts'
import { CLASS_WORDS, seatsText, windText } from './words.ts'

export function offerSheet(ctx: PageContext, props: OfferProps): Html {
  const { offer, nowMs } = props
  const { pickup, dropoff } = offer
  return html`<section class="offer" id="offer-${offer.id}" data-offer${nowMs >= offer.expiresAtMs ? html` data-over` : null} aria-label="A ride is offered to you">
<div class="offer-head"><div><p class="offer-kind">${icon('car-front')}${CLASS_WORDS[offer.class]}${offer.together === undefined ? (offer.shared ? ' shared' : null) : `, ${offer.together.riders} riders share`} · ${seatsText(offer.seats)} · ${offer.together?.paysBothWays === true ? 'cash and account' : offer.payment}</p><h1 class="offer-figure"><bdi dir="ltr">${money(offer.earnedMinor, offer.currency, ctx.lang)}</bdi></h1><p class="second">yours, after fees · ${paysText(ctx, props)}</p>${offer.together === undefined ? html`<p class="second numbers">${emptyText(offer)}</p>` : null}</div>${countdownRing({ untilMs: offer.expiresAtMs, nowMs, totalMs: offer.totalMs })}</div>
${offer.bookedForMs === undefined ? null : html`<p class="notice">${icon('calendar-clock')}<span>Booked for <b>${clock(ctx, offer.bookedForMs)}</b>. Who is there before waits until then.</span></p>`}${needsLine(offer)}<div class="card legs"><div class="leg">${fromMark()}<div><p class="leg-place">${address(pickup.label)}</p>${pickup.area === null ? null : html`<p class="second">${pickup.area}</p>`}</div><p class="leg-far numbers"><b class="leg-minutes">${minutesText(pickup.durationS)}</b><span class="second">${distanceText(pickup.distanceM)}</span></p></div>
${otherPickups(offer)}${offer.together === undefined ? lastLeg(dropoff) : allOut(offer)}</div>
<form ${sentBy(`/offers/${offer.id}/acceptance`)}>${hiddenKeys(ctx, props.key())}<button class="big accept button-next" data-busy="Accepting…"><span class="accept-spent" data-left-ms="${Math.max(0, offer.expiresAtMs - nowMs)}" data-total-ms="${offer.totalMs}" hx-morph-skip></span><b>Accept</b></button></form>
<form ${sentBy(`/offers/${offer.id}/decline`)}>${hiddenKeys(ctx, props.key())}<button class="button button-quiet button-wide decline" data-busy="Declining…">Decline</button></form>
</section>`
}

function lastLeg(dropoff: OfferedRide['dropoff']): Html {
  return html`<div class="leg">${toMark()}<div><p class="leg-place">${address(dropoff.area)}</p><p class="second wind">${windArrow(dropoff.bearingDeg)}to the ${windText(dropoff.bearingDeg)}</p></div><p class="leg-far numbers"><b class="leg-minutes">${minutesText(dropoff.durationS)}</b><span class="second">${distanceText(dropoff.distanceM)}</span></p></div>`
}

/** Where the riders after the first get in. */
function otherPickups({ together }: OfferedRide): Html[] {
  return (together?.pickups ?? []).map(
    ({ label, etaS }) =>
      html`<div class="leg">${fromMark()}<div><p class="leg-place">${address(label)}</p><p class="second">another rider gets in</p></div><p class="leg-far numbers"><b class="leg-minutes">${minutesText(Math.max(60, etaS))}</b></p></div>`,
  )
}

/** Several get out at several places: the time from now until the last has. */
function allOut({ pickup, dropoff }: OfferedRide): Html {
  return html`<div class="leg">${toMark()}<div><p class="leg-place">Everybody there</p><p class="second">the first rider to ${address(dropoff.area)}</p></div><p class="leg-far numbers"><b class="leg-minutes">${minutesText(pickup.durationS + dropoff.durationS)}</b></p></div>`
}

/** What to bring or make room for, before saying yes to it. */
export function needsLine({ needs }: Pick<OfferedRide, 'needs'>): Html | null {
  if (needs === undefined || needs.length === 0) return null
  return html`<p class="notice">${icon('info')}<span>Needs <b>${needsText(needs)}</b></span></p>`
}

/** How much of the way nobody pays for: the car's own way to the pickup, of all it would drive. */
function emptyText({ pickup, dropoff }: OfferProps['offer']): Html | null {
  const allM = pickup.distanceM + dropoff.distanceM
  if (allM <= 0) return null
  return html`<b>${Math.round((100 * pickup.distanceM) / allM)} %</b> of ${distanceText(allM)} driven empty`
}

/** North is up, as on the map. */
function windArrow(bearingDeg: number): Html {
  return html`<span class="wind-arrow wind-${windText(bearingDeg)}">${icon('arrow-up')}</span>`
}

/** What the offer comes to by the hour, pickup included: the figure by which drivers compare offers. */
function paysText(ctx: PageContext, { offer }: OfferProps): Html {
  const durationS = offer.pickup.durationS + offer.dropoff.durationS
  if (durationS < 60) return html`fare <b>${money(offer.fareMinor, offer.currency, ctx.lang)}</b>`
  const perHour = Math.round((offer.earnedMinor * 3600) / durationS / 100) * 100
  return html`<b><bdi dir="ltr">${wholeMoney(perHour, offer.currency, ctx.lang)}</bdi> an hour</b>`
}

function wholeMoney(amountMinor: number, currency: string, lang: PageContext['lang']): string {
  return money(amountMinor, currency, lang).replace(/\.00$/, '')
}
