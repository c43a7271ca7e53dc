/** Requests that wait for a driver, the one with the least time left on top. */

import { CLASS_WORDS, seatsText } from '../drivers/words.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { address, countdown } from '../parts/figures.ts'
import { countdownText } from '../parts/format.ts'
import { shortPlace } from './place.ts'
import type { QueueCard, QueueProps } from './props.ts'
import { rideLink } from './ride-link.ts'

/** Under a request this old nothing has gone wrong yet. */
const NEW_MS = 15_000
/** From here on the time left is what counts, and the desk hears it. */
const SHORT_MS = 60_000

/** `<section id="board-queue">`: replaced whole whenever a request comes, goes, or is asked anew. */
export function boardQueue(_ctx: PageContext, props: QueueProps): Html {
  const { cards } = props
  const lost = cards.filter(({ needsRescue }) => needsRescue)
  const others = cards.filter(({ needsRescue }) => !needsRescue)
  return html`<section id="board-queue" class="board-queue" aria-labelledby="queue-title"><header class="part-head"><h2 id="queue-title">Needs you <span class="part-count numbers">${cards.length}</span></h2><span class="second">least time first</span></header>${
    cards.length === 0
      ? emptyState({ title: 'Nobody is waiting.', text: 'New requests appear here at once.' })
      : html`${lost.length === 0 ? null : html`<h3 class="rescue-head" id="rescue-queue">${icon('triangle-alert')}Rescue <span class="part-count numbers">${lost.length}</span></h3><ol class="queue queue-rescue" aria-labelledby="rescue-queue">${lost.map((card) => queueCard(props, card))}</ol>`}<ol class="queue">${others.map((card) => queueCard(props, card))}</ol>`
  }</section>`
}

function queueCard({ nowMs, selectedRideId }: QueueProps, card: QueueCard): Html {
  const ageMs = Math.max(0, nowMs - card.requestedAtMs)
  const leftMs = card.deadlineAtMs - nowMs
  const current = card.rideId === selectedRideId ? html` aria-current="true"` : null
  return html`<li class="queue-card" id="queue-${card.rideId}" data-minutes="${minutesOf(ageMs)}"><a ${rideLink(card.rideId)}${current}><span class="queue-age numbers" data-since="${card.requestedAtMs}">${countdownText(ageMs)}</span><span class="queue-way"><b>${address(shortPlace(card.from))}</b><span class="queue-to"><span aria-label="to">→</span> ${address(shortPlace(card.to))}</span><span class="second">${CLASS_WORDS[card.class]}${card.seats > 1 ? ` · ${seatsText(card.seats)}` : ''} · ${whyText(card, ageMs, nowMs)}</span></span><span class="queue-left${leftMs < SHORT_MS ? ' queue-short' : ''}">${countdown({ untilMs: card.deadlineAtMs, nowMs })}<span${leftMs < SHORT_MS ? null : html` class="screen-reader"`}> left</span></span></a></li>`
}

/** Minutes waited, as far as colour tells them apart: 0, 1, 2, and 4 for the rest. */
function minutesOf(ageMs: number): 0 | 1 | 2 | 4 {
  const minutes = Math.floor(ageMs / 60_000)
  if (minutes >= 4) return 4
  return minutes >= 2 ? 2 : minutes === 1 ? 1 : 0
}

/** Why it still waits. */
function whyText(card: QueueCard, ageMs: number, nowMs: number): string {
  if (card.putOffUntilMs !== null && card.putOffUntilMs > nowMs)
    return `put off, ${countdownText(card.putOffUntilMs - nowMs)} to go`
  if (card.askingCallSign !== null) return `asking ${card.askingCallSign}`
  if (card.waitsForCallSign !== null) return `${card.waitsForCallSign} is finishing nearby`
  if (card.misses > 0) return card.misses === 1 ? '1 offer failed' : `${card.misses} offers failed`
  return ageMs < NEW_MS ? 'new' : 'no car near yet'
}
