/** Kept off the road by the desk: who did it, why, and what it means now. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { clock } from '../parts/figures.ts'

export interface DriverHeldProps {
  readonly by: string
  readonly reason: string
  readonly atMs: number
}

/** @param isDriving somebody is still driven to the end first */
export function heldNotice(ctx: PageContext, held: DriverHeldProps, isDriving: boolean): Html {
  const means = isDriving
    ? 'Drive this ride to its end; then your shift ends. No more offers come.'
    : 'You cannot go online until the desk puts you back.'
  return html`<section class="notice held-notice" aria-label="From the desk">${icon('shield-alert')}<span><b>${held.by} at the desk took you off the road at ${clock(ctx, held.atMs)}:</b> “<bdi>${held.reason}</bdi>” ${means}</span></section>`
}
