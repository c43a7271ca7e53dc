/** Everything that needs the desk, the one with the least time left on top. */
import { CLASS_WORDS, seatsText } from '../drivers/words.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { address, clock, countdown } from '../parts/figures.ts'
import { countdownText, countText, distanceText } from '../parts/format.ts'
import { driverLink } from './driver-link.ts'
import { type Marker, marker } from './marker.ts'
import type { NeedCard, QueueProps, WaitingNeed } from './need-props.ts'
import { shortPlace } from './place.ts'
import type { QueueCard } from './props.ts'
import { rideLink } from './ride-link.ts'
import { tableLink } from './table-filters.ts'
import { ALARM_WORDS, alarmLead } from './watch.ts'

/** Under a request this old nothing has gone wrong yet. */
const NEW_MS = 15_000
/** From here on the time left is what counts, and the desk hears it. */
const SHORT_MS = 60_000

/** `<section id="board-queue">`: replaced whole whenever something comes, goes, or changes. */
export function boardQueue(ctx: PageContext, props: QueueProps): Html {
  const { cards, total } = props
  const more = total - cards.length
  return html`<section id="board-queue" class="board-queue" aria-labelledby="queue-title" data-now="${props.nowMs}"><header class="part-head"><h2 id="queue-title">Needs you <span class="part-count numbers">${countText(total)}</span></h2><span class="second">least time first</span></header>${
    cards.length === 0
      ? emptyState({ title: 'Nobody is waiting.', text: 'New requests and trouble appear here at once.' })
      : html`<ol class="queue">${cards.map((card) => needCard(ctx, props, card))}</ol>${more > 0 ? html`<p class="queue-more second">${countText(more)} more have longer. <a ${tableLink('show=unassigned')}>All that wait</a></p>` : null}`
  }</section>`
}

function needCard(ctx: PageContext, props: QueueProps, card: NeedCard): Html {
  if (card.kind === 'waiting') return waitingCard(props, card)
  const { nowMs, selectedRideId } = props
  const said = sayNeed(ctx, card, nowMs)
  const isChosen = card.kind !== 'papers' && card.rideId === selectedRideId
  const current = isChosen ? html` aria-current="true"` : null
  const link = card.kind === 'papers' ? driverLink(card.driverId) : rideLink(card.rideId)
  return html`<li class="need-card need-${card.kind} need-${said.tone}" id="${card.id}" data-fails="${card.failsAtMs}" data-area="${card.area}"><a ${link}${current}>${marker(said.marker)}<span class="need-words"><b>${said.title}</b><span class="second">${said.next}</span></span><span class="need-left">${said.left}</span></a></li>`
}

/** What a card says: what is wrong, what happens by itself and what to do, and the time there is. */
export interface NeedWords {
  readonly marker: Marker
  readonly tone: 'danger' | 'warn' | 'calm'
  readonly title: Html
  /** What happens by itself, or that nothing does; and what somebody may press. */
  readonly next: Html
  readonly left: Html
}

/** The words of everything but a request that waits; the board and the supervisor's page say the same. */
export function sayNeed(ctx: PageContext, card: Exclude<NeedCard, WaitingNeed>, nowMs: number): NeedWords {
  const timer = countdown({ untilMs: card.failsAtMs, nowMs })
  const car = html`<span class="numbers">Car ${card.kind === 'uncovered' ? '' : card.callSign}</span>`
  switch (card.kind) {
    case 'alarm': {
      const { kind, sinceMs } = card.alarm
      return {
        ...{ marker: 'silent', tone: kind === 'dark' ? 'danger' : 'warn' },
        title: html`${car} ${ALARM_WORDS[kind]} <span class="numbers" data-since="${sinceMs}">${countdownText(nowMs - sinceMs)}</span>`,
        next: html`${alarmLead(card.alarm)} · for ${address(shortPlace(card.from))}`,
        left: html`${timer}<span class="second">to reassign</span>`,
      }
    }
    case 'silent':
      return {
        ...{ marker: 'silent', tone: 'danger' },
        title: html`${car} silent ${card.seenAtMs === null ? null : html`<span class="numbers" data-since="${card.seenAtMs}">${countdownText(nowMs - card.seenAtMs)}</span>`}`,
        next: html`ring the driver · ${card.isOnBoard ? 'rider on board' : 'waits for its rider'}`,
        left: html`<span class="second">by hand</span>`,
      }
    case 'off_route':
      return {
        ...{ marker: 'trouble', tone: 'warn' },
        title: html`${car} off its way`,
        next: html`ring the driver · ${distanceText(card.excessM)} longer to ${address(shortPlace(card.to))}`,
        left: html`<span class="second">by hand</span>`,
      }
    case 'late':
      return {
        ...{ marker: card.isOnBoard ? 'on_board' : 'to_pickup', tone: 'warn' },
        title: html`${car} late`,
        next: html`${card.isOnBoard ? 'tell the rider' : 'reassign or ring'} · told ${clock(ctx, card.toldAtMs)} at ${address(shortPlace(card.at))}`,
        left: html`<b class="numbers">+${Math.round(card.lateS / 60)} min</b>`,
      }
    case 'no_show':
      return {
        ...{ marker: 'waiting', tone: 'warn' },
        title: html`${car} may leave`,
        next: html`ring <bdi>${card.riderName}</bdi>, not at ${address(shortPlace(card.from))}`,
        left: timer,
      }
    case 'uncovered':
      return {
        ...{ marker: 'booked', tone: 'warn' },
        title: html`${card.booked} booked for ${clock(ctx, card.atMs)}`,
        next: html`call drivers in · ${card.cars} ${card.cars === 1 ? 'car' : 'cars'} expected`,
        left: html`${timer}<span class="second">to the search</span>`,
      }
    case 'papers':
      return {
        ...{ marker: 'trouble', tone: 'calm' },
        title: html`Licence of <span class="numbers">${card.callSign}</span> ends`,
        next: html`<bdi>${card.name}</bdi> · at ${clock(ctx, card.failsAtMs)} the shift ends by itself`,
        left: timer,
      }
  }
}

function waitingCard({ nowMs, selectedRideId }: QueueProps, card: WaitingNeed): Html {
  const ageMs = Math.max(0, nowMs - card.requestedAtMs)
  const leftMs = card.deadlineAtMs - nowMs
  const current = card.rideId === selectedRideId ? html` aria-current="true"` : null
  return html`<li class="queue-card" id="${card.id}" data-minutes="${minutesOf(ageMs)}" data-fails="${card.deadlineAtMs}" data-area="${card.area}"><a ${rideLink(card.rideId)}${current}><span class="queue-age numbers" data-since="${card.requestedAtMs}">${countdownText(ageMs)}</span><span class="queue-way"><b>${address(shortPlace(card.from))}</b><span class="queue-to"><span aria-label="to">→</span> ${address(shortPlace(card.to))}</span><span class="second">${card.needsRescue ? html`<span class="queue-rescue">${icon('triangle-alert')}rescue</span> · ` : null}${CLASS_WORDS[card.class]}${card.seats > 1 ? ` · ${seatsText(card.seats)}` : ''} · ${whyText(card, ageMs, nowMs)}</span></span><span class="queue-left${leftMs < SHORT_MS ? ' queue-short' : ''}">${countdown({ untilMs: card.deadlineAtMs, nowMs })}<span${leftMs < SHORT_MS ? null : html` class="screen-reader"`}> left</span></span></a></li>`
}

/** Minutes waited, as far as colour tells them apart: 0, 1, 2, and 4 for the rest. */
function minutesOf(ageMs: number): 0 | 1 | 2 | 4 {
  const minutes = Math.floor(ageMs / 60_000)
  if (minutes >= 4) return 4
  return minutes >= 2 ? 2 : minutes === 1 ? 1 : 0
}

/** Why it still waits. */
export function whyText(card: QueueCard, ageMs: number, nowMs: number): string {
  if (card.putOffUntilMs !== null && card.putOffUntilMs > nowMs)
    return `put off, ${countdownText(card.putOffUntilMs - nowMs)} to go`
  if (card.askingCallSign !== null) return `asking ${card.askingCallSign}`
  if (card.waitsForCallSign !== null) return `${card.waitsForCallSign} is finishing nearby`
  if (card.misses > 0) return card.misses === 1 ? '1 offer failed' : `${card.misses} offers failed`
  return ageMs < NEW_MS ? 'new' : 'no car near yet'
}
