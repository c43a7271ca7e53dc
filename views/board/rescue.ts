/** A ride that nobody took: how often, and what the desk may do; putting it off and cancelling stand below. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { clock } from '../parts/figures.ts'
import { rideForm, rideKeys } from './pane-form.ts'
import type { PaneProps } from './props.ts'

/** The rescue of a waiting ride; nothing where there is none to be made. */
export function rescuePart(ctx: PageContext, props: PaneProps): Html | null {
  const { ride, rescue, nowMs } = props
  if (rescue === null) return null
  const isOff = ride.putOffUntilMs !== null && ride.putOffUntilMs > nowMs
  return html`<section class="pane-part rescue" aria-labelledby="rescue-title"><h3 id="rescue-title" class="part-title">Rescue</h3><p>${icon('triangle-alert')}<span>${rescue.misses} drivers did not take it.${rescue.widerAtMs === null ? null : html` Looked for wider since ${clock(ctx, rescue.widerAtMs)}.`} Give it to a driver above, or:</span></p><form ${rideForm(ride, 'wider-search')}>${rideKeys(ctx, props)}<button class="button button-plain" data-busy="Asking again…">${isOff ? 'Ask now, wider' : 'Ask again, wider'}</button></form></section>`
}
