/** Cars on their way that do not seem to come: what is wrong, since when, and when the ride is offered to others. */
import { type Trouble, WATCH_TERMS } from '../../src/engine/watchdog.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { address, countdown } from '../parts/figures.ts'
import { ageText, countdownText } from '../parts/format.ts'
import { marker } from './marker.ts'
import { rideForm, rideKeys } from './pane-form.ts'
import { shortPlace } from './place.ts'
import type { AlarmProps, PaneProps, WatchCard, WatchProps } from './props.ts'
import { rideLink } from './ride-link.ts'

const WORDS: Readonly<Record<Trouble, string>> = {
  dark: 'dark',
  stalled: 'stalled',
  retreating: 'drives off',
}

/** `<section id="board-watch">`: replaced whole with the queue; nothing where every car comes. */
export function boardWatch(_ctx: PageContext, { cards, nowMs }: WatchProps): Html {
  if (cards.length === 0) return html`<section id="board-watch" hidden></section>`
  return html`<section id="board-watch" class="board-watch" aria-labelledby="watch-title"><header class="part-head"><h2 id="watch-title">Watchdog <span class="part-count numbers">${cards.length}</span></h2><span class="second">cars that do not come</span></header><ul class="watch">${cards.map((card) => watchCard(card, nowMs))}</ul></section>`
}

function watchCard(card: WatchCard, nowMs: number): Html {
  return html`<li class="watch-card watch-${card.kind}" id="watch-${card.rideId}"><a ${rideLink(card.rideId)}>${marker('silent')}<span class="watch-words"><span><b class="numbers">Car ${card.callSign}</b> ${WORDS[card.kind]} <span class="numbers" data-since="${card.sinceMs}">${countdownText(nowMs - card.sinceMs)}</span></span><span class="second">for ${address(shortPlace(card.from))}</span></span><span class="watch-left">${countdown({ untilMs: card.actsAtMs, nowMs })}<span class="second">${lead(card)}</span></span></a></li>`
}

/** What has been done about it so far, before the time that is left. */
function lead({ hasAnswered, isLeft }: AlarmProps): string {
  if (isLeft) return 'left to it'
  return hasAnswered ? 'says it comes' : 'to reassign'
}

/** `stalled 3 min`, as the table and the history say it. */
export function alarmWords({ kind, sinceMs }: Pick<AlarmProps, 'kind' | 'sinceMs'>, nowMs: number): string {
  return `${WORDS[kind]} ${ageText(nowMs - sinceMs)}`
}

/** What the pane says of it, and what the desk may do: leave the ride with its car; to offer it at once it unassigns. */
export function alarmPart(ctx: PageContext, props: PaneProps): Html | null {
  const { ride, nowMs, alarm } = props
  if (alarm === null) return null
  const car = ride.driver?.callSign ?? ''
  return html`<section class="pane-part alarm alarm-${alarm.kind}" aria-labelledby="alarm-title"><p id="alarm-title">${icon('triangle-alert')}<span>${sentence(car, alarm)} ${countdownText(nowMs - alarm.sinceMs)}. ${doneSoFar(alarm)}The ride is offered again in <b>${countdown({ untilMs: alarm.actsAtMs, nowMs })}</b>.</span></p><form ${rideForm(ride, 'patience')}>${rideKeys(ctx, props)}<button class="button button-plain" data-busy="Leaving…">Leave it with ${car} for ${WATCH_TERMS.deskS / 60} min</button></form></section>`
}

function sentence(car: string, { kind }: AlarmProps): string {
  switch (kind) {
    case 'dark':
      return `Car ${car} silent for`
    case 'stalled':
      return `Car ${car} has not moved for`
    case 'retreating':
      return `Car ${car} drives away from the rider, for`
  }
}

function doneSoFar({ hasAnswered, isLeft }: AlarmProps): string {
  if (isLeft) return 'A desk left the ride with it. '
  return hasAnswered ? 'The driver says they are on the way. ' : 'The driver was told. '
}
