/** What the desk may do for a ride that nobody took: look wider, put it off; by hand and cancelling stand beside. */
import { PUT_OFF_MINUTES } from '../../src/engine/rescue.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { clock } from '../parts/figures.ts'
import { paneForm } from './pane-form.ts'
import type { PaneProps } from './props.ts'

/** The rescue of a waiting ride; nothing where there is none to be made. */
export function rescuePart(ctx: PageContext, { ride, rescue, key, nowMs }: PaneProps): Html | null {
  if (rescue === null) return null
  const at = (tail: string) => paneForm(`/board/rides/${encodeURIComponent(ride.id)}/${tail}`)
  const isOff = rescue.putOffUntilMs !== null && rescue.putOffUntilMs > nowMs
  return html`<section class="pane-part rescue" aria-labelledby="rescue-title"><h3 id="rescue-title" class="part-title">Rescue</h3><p>${icon('triangle-alert')}<span>${rescue.misses} drivers did not take it.${rescue.widerAtMs === null ? null : html` Looked for wider since ${clock(ctx, rescue.widerAtMs)}.`}${isOff ? html` Put off until ${clock(ctx, rescue.putOffUntilMs!)}; nobody is asked before.` : null} Give it to a driver above, or:</span></p>
<div class="rescue-acts"><form ${at('wider-search')}>${formKeys({ csrf: ctx.csrf, key: key() })}<button class="button button-plain" data-busy="Asking again…">${isOff ? 'Ask now, wider' : 'Ask again, wider'}</button></form>
<form class="rescue-later" ${at('postponement')}>${formKeys({ csrf: ctx.csrf, key: key() })}<label class="screen-reader" for="put-off-minutes">Offer it later, in minutes</label><select class="input" id="put-off-minutes" name="minutes">${PUT_OFF_MINUTES.map((minutes) => html`<option value="${minutes}">in ${minutes} min</option>`)}</select><button class="button button-plain" data-busy="Putting off…">Offer later</button></form></div></section>`
}
