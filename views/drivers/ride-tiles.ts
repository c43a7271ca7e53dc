/** The row of tiles above the driver's big button: four at most, and behind "More" what is rarely needed. */
import { chatPanel } from '../chat/panel.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { callLink } from '../parts/call.ts'
import { countdownText, money } from '../parts/format.ts'
import { breakAfterTile } from './hours.ts'
import { hiddenKeys, sentBy } from './parts.ts'
import type { RideProps } from './props.ts'
import { endEarly, nextStop } from './stops.ts'
import { firstName } from './words.ts'

/** While the driver waits, no-show stands in the row and the call behind "More": a fifth tile would be too small for a thumb. */
export function rideTiles(ctx: PageContext, props: RideProps): Html {
  const { ride, chat, companyPhone } = props
  const waits = ride.state === 'arrived'
  const call = (className: string) =>
    callLink(companyPhone, { className, word: waits ? 'Call the desk' : 'Call' })
  const more = html`${waits ? call('button button-plain button-wide') : null}${ride.state === 'in_progress' ? html`${wishes(props)}${endEarly(ctx, props)}` : handBack(ctx, props)}${props.breakAfter ? null : breakAfterTile(ctx, props.key())}`
  return html`<div class="tiles ride-tiles">${chat === undefined ? null : chatPanel(ctx, chat)}${waits ? noShow(ctx, props) : call('tile-button')}<a class="tile-button ride-tile-danger" href="/driver/rides/${ride.id}/safety">${icon('shield-alert')}<span>Safety</span></a>${String(more) === '' ? null : html`<details class="tile-more" id="more"><summary class="tile-button">${icon('ellipsis')}<span>More</span></summary><div class="more-list">${more}</div></details>`}</div>`
}

/** What the rider asked for on the way, sent with the last step; the trail has to show it, and the receipt says it. */
function wishes({ ride, stops }: RideProps): Html | null {
  // Others are in a shared car.
  if (ride.state !== 'in_progress' || stops.length > 0 || nextStop(ride) !== null) return null
  const name = firstName(ride.riderName)
  return html`<details class="tile-more" id="wishes"><summary class="tile-button">${icon('info')}<span>${name} wants otherwise</span></summary><div class="more-panel"><label class="field"><span class="field-label">What did ${name} ask for?</span><select class="input" name="wish" form="step-in_progress"><option value="">Nothing, as planned</option><option value="destination">To go somewhere else</option><option value="stop">A stop on the way</option><option value="way">Another, longer way</option></select></label><p class="second">Then the fare goes by what was driven, where your position shows it, and the receipt says why.</p></div></details>`
}

/** Off until the free wait is over, with the reason and the time left in its label; then it names the fee. */
function noShow(ctx: PageContext, { ride, nowMs, key }: RideProps): Html {
  const fromMs = ride.noShowFromMs ?? nowMs
  const waits = nowMs < fromMs
  const fee = ride.noShowFeeMinor > 0 ? ` Fee ${money(ride.noShowFeeMinor, ride.currency, ctx.lang)}.` : ''
  return html`<p class="tile-button tile-off" id="no-show-wait" aria-disabled="true"${waits ? null : html` hidden`}>${icon('user-round-x')}<span>No-show in <span class="numbers" role="timer" data-until="${fromMs}" data-now="${nowMs}" data-due-show="no-show" data-due-hide="no-show-wait">${countdownText(fromMs - nowMs)}</span></span></p><details class="tile-more" id="no-show"${waits ? html` hidden` : null}><summary class="tile-button">${icon('user-round-x')}<span>No-show</span></summary><form ${sentBy(`/rides/${ride.id}/steps`)} class="more-panel">${hiddenKeys(ctx, key())}<input type="hidden" name="step" value="miss"><p>Close the ride because ${firstName(ride.riderName)} did not come?${fee}</p><button class="button button-danger button-wide" data-busy="Closing…">Close as no-show</button></form></details>`
}

const HAND_BACK_REASONS = [
  'Cannot reach the pickup',
  'Car trouble',
  'Rider does not fit the car',
  'Not feeling well',
  'Another reason',
]

function handBack(ctx: PageContext, { ride, key }: RideProps): Html {
  return html`<details class="tile-more" id="hand-back"><summary class="tile-button">${icon('undo-2')}<span>Hand back</span></summary><form ${sentBy(`/rides/${ride.id}/hand-back`)} class="more-panel">${hiddenKeys(ctx, key())}<label class="field"><span class="field-label">Why does the ride go back?</span><select class="input" name="reason">${HAND_BACK_REASONS.map((reason) => html`<option>${reason}</option>`)}</select></label><p class="second">${firstName(ride.riderName)} gets another driver at the same price.</p><button class="button button-danger button-wide" data-busy="Handing back…">Hand the ride back</button></form></details>`
}
