/** On the pane: the driver waits for the rider's start code, and how the desk does without it. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { rideForm, rideKeys } from './pane-form.ts'
import type { PaneProps } from './props.ts'

const REASONS = [
  'Rider has no phone at hand',
  'Rider is known to the driver',
  'Code was misheard',
  'Another reason',
]

export function startCodePart(ctx: PageContext, props: PaneProps): Html | null {
  const { ride, codeTriesLeft } = props
  if (codeTriesLeft == null || (ride.state !== 'arrived' && codeTriesLeft === 5)) return null
  const said =
    codeTriesLeft === 0
      ? 'Five wrong start codes. Make sure of the rider before you let this ride start.'
      : codeTriesLeft === 5
        ? 'The driver asks the rider for the start code.'
        : `${5 - codeTriesLeft} wrong start ${codeTriesLeft === 4 ? 'code' : 'codes'} so far.`
  return html`<section class="pane-part" aria-labelledby="start-title"><h3 id="start-title" class="part-title">Start code</h3><p>${codeTriesLeft === 5 ? null : icon('triangle-alert')}<span>${said}</span></p><form class="start-without" ${rideForm(ride, 'start')}>${rideKeys(ctx, props)}<label class="field"><span class="field-label">Why without the code?</span><select class="input" name="reason">${REASONS.map((reason) => html`<option>${reason}</option>`)}</select></label><button class="button button-plain" data-busy="Allowing…">Let it start without</button><p class="second">It cannot be taken back.</p></form></section>`
}
