/** On shift with nothing to do yet: the last ride's result, today's figure, and the way off. */
import { never } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { clock, countdown } from '../parts/figures.ts'
import { money } from '../parts/format.ts'
import { hintCard } from './hint.ts'
import { breakTile, hoursNotice } from './hours.ts'
import { deskTookNotice, takenNotice } from './nudge.ts'
import { earningsTile, settingsTile, tileForm, todayFigure } from './parts.ts'
import type { BreakProps, EndedRide, WaitingProps } from './props.ts'
import { rankCard } from './rank.ts'
import { firstName } from './words.ts'

export function waitingSheet(ctx: PageContext, props: WaitingProps): Html {
  return html`${takenNotice(ctx, props.taken)}${deskTookNotice(ctx, props.deskTook)}${hero(ctx, props)}
${props.rank === undefined ? hintCard(props) : rankCard(ctx, props.rank)}
<div class="figures">${todayFigure(ctx, props.today)}</div>
${hoursNotice(ctx, { ...props, onRide: false })}
<div class="tiles">${breakTile(ctx, props.key())}${earningsTile()}${settingsTile()}${offlineTile(ctx, props)}</div>`
}

export function breakTiles(ctx: PageContext, props: BreakProps): Html {
  return html`${props.ended === undefined ? null : endedCard(ctx, props.ended)}<div class="figures">${todayFigure(ctx, props.today)}</div><div class="tiles">${earningsTile()}${settingsTile()}${offlineTile(ctx, props)}</div>`
}

function offlineTile(ctx: PageContext, { key }: { key: () => string }): Html {
  return tileForm(ctx, {
    ...{ action: '/driver/shift/end', key: key(), icon: icon('power') },
    ...{ word: 'Offline', busy: 'Going offline…' },
  })
}

/** The one thing to know: what to collect, until when no offers come, or that they do. */
function hero(ctx: PageContext, props: WaitingProps): Html {
  if (props.ended !== undefined) return html`${endedCard(ctx, props.ended)}${looking(ctx, props, true)}`
  if (props.madeRoom && props.pausedUntilMs === null) return html`${madeRoom()}${looking(ctx, props)}`
  return props.pausedUntilMs === null ? looking(ctx, props) : paused(ctx, props.pausedUntilMs, props.nowMs)
}

/** Why the ride is gone, and that nothing is lost by it. */
function madeRoom(): Html {
  return html`<p class="notice">${icon('refresh-cw')}<span>A car much nearer to the rider took your ride over. It does not count against you, and you keep your waiting time.</span></p>`
}

/** @param afterEnded drawn hidden under a result, for the moment the driver puts that away */
function looking(ctx: PageContext, props: WaitingProps, afterEnded = false): Html {
  const since = html`Online since ${clock(ctx, props.shiftStartedAtMs)}`
  const title = afterEnded
    ? html`<h2 class="sheet-title">${since}</h2>`
    : html`<h1 class="sheet-title">${since}</h1>`
  return html`<div class="looking"${afterEnded ? html` data-after-ended hidden` : null}><svg class="looking-mark" viewBox="0 0 32 32" aria-hidden="true"><path d="M16 1.5 28.6 8.75v14.5L16 30.5 3.4 23.25V8.75Z"/><path class="looking-inner" d="M16 9 22 12.5v7L16 23l-6-3.5v-7Z"/></svg><div>${title}<p class="second">Offers for ${props.vehicle} appear here by themselves. Keep this page open.</p></div></div>`
}

function paused(ctx: PageContext, untilMs: number, nowMs: number): Html {
  return html`<div class="looking">${icon('pause')}<div><h1 class="sheet-title">Paused until ${clock(ctx, untilMs)}, ${countdown({ untilMs, nowMs })} left</h1><p class="second">Three offers in a row ran out. Offers come again by themselves; nothing else changes.</p></div></div>`
}

/** What a ride brought; with cash, what to collect stands largest, since it is what the driver does next. */
export function endedCard(ctx: PageContext, ended: EndedRide): Html {
  const next = `/driver?seen=${encodeURIComponent(ended.id)}`
  return html`<section class="ended" id="ended-${ended.id}" data-ended><h1 class="sheet-title">${endedTitle(ended)} <span class="second">${ended.reference}</span></h1>${endedFigure(ctx, ended)}<p class="second">${endedSecond(ctx, ended)}</p><a class="button button-next button-wide" href="${next}" data-next>Next</a></section>`
}

function endedTitle(ended: EndedRide): string {
  switch (ended.outcome) {
    case 'completed':
      return 'Ride complete'
    case 'no_show':
      return `${firstName(ended.riderName)} did not come`
    case 'cancelled':
      return `${firstName(ended.riderName)} cancelled`
    default:
      return never(ended.outcome)
  }
}

function endedFigure(ctx: PageContext, ended: EndedRide): Html {
  const charged = html`<bdi dir="ltr">${money(ended.chargedMinor, ended.currency, ctx.lang)}</bdi>`
  if (ended.chargedMinor === 0) return html`<p class="ended-figure">No charge</p>`
  if (ended.outcome !== 'completed') return html`<p class="ended-figure">Fee ${charged}</p>`
  return ended.payment === 'cash'
    ? html`<p class="ended-fare">Fare ${charged} · cash, collect <b class="ended-figure">${charged}</b></p>`
    : html`<p class="ended-fare">Fare <b class="ended-figure">${charged}</b> · on account</p>`
}

function endedSecond(ctx: PageContext, ended: EndedRide): Html {
  const yours = html`<bdi dir="ltr">${money(ended.earnedMinor, ended.currency, ctx.lang)}</bdi>`
  if (ended.earnedMinor === 0) return html`Nothing to collect. You are free for the next offer.`
  return ended.payment === 'cash' && ended.outcome === 'completed'
    ? html`${yours} of it is yours, after fees.`
    : html`Nothing to collect. ${yours} is yours, after fees.`
}
