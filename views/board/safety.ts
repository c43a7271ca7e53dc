/** Calls for help, above everything else that needs the desk. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { address } from '../parts/figures.ts'
import { countdownText } from '../parts/format.ts'
import { shortPlace } from './place.ts'
import type { SafetyLaneProps } from './props.ts'

/** `<section id="board-safety">`: replaced whole; `board-sound.js` sounds while one was not seen yet. */
export function boardSafety({ nowMs, cards }: SafetyLaneProps): Html {
  if (cards.length === 0) return html`<section id="board-safety" hidden></section>`
  const unseen = cards.filter(({ isSeen }) => !isSeen).length
  return html`<section id="board-safety" class="board-safety" aria-label="Calls for help" role="alert" data-unseen="${unseen}"><ul>${cards.map(
    (card) =>
      html`<li class="safety-card" id="safety-${card.id}">${icon('shield-alert')}<p><b>Safety button</b> · <span class="numbers" data-since="${card.raisedAtMs}">${countdownText(nowMs - card.raisedAtMs)}</span> ago<span class="second">${card.side === 'rider' ? 'Rider' : 'Driver'} in car ${card.callSign} · ${address(shortPlace(card.from))}${card.isSeen ? ' · in hand' : null}</span></p><a class="button button-danger-solid" href="/board/rides/${card.rideId}/safety">Open</a></li>`,
  )}</ul></section>`
}
