/** What an idle driver is told: one calm line about where it is busier, and the way there. */
import { type Html, html } from '../html.ts'
import { distanceText, minutesText } from '../parts/format.ts'
import { directionsLink, type Navigator } from './navigate.ts'
import type { BusierPlace, WaitingProps } from './props.ts'

/** Nothing while there is something to collect, or no offers come. */
export function hintCard(props: WaitingProps): Html | null {
  if (props.ended !== undefined || props.pausedUntilMs !== null) return null
  if (props.hint !== undefined) return busier(props.hint, props.navigator)
  return props.hintsInDays > 0 ? learning(props.hintsInDays) : null
}

function busier(hint: BusierPlace, navigator: Navigator): Html {
  return html`<section class="hint" aria-labelledby="hint-title"><div><h2 id="hint-title" class="hint-title">Busier near ${hint.label}</h2><p class="second numbers">${distanceText(hint.distanceM)} · about ${minutesText(hint.savedS)} less waiting</p></div>${directionsLink(hint, { className: 'pill hint-way', navigator })}</section>`
}

function learning(days: number): Html {
  const left = days === 1 ? 'one more day' : `${days} more days`
  return html`<p class="second">Busier places are named here after ${left} of rides.</p>`
}
