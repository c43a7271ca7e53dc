/** What became of a call for help, in the words that who called reads. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { clock } from '../parts/figures.ts'

export interface HelpProps {
  readonly raisedAtMs: number
  readonly seenAtMs: number | null
  readonly closedAtMs: number | null
}

export function helpWords(ctx: PageContext, { raisedAtMs, seenAtMs, closedAtMs }: HelpProps): Html {
  if (closedAtMs !== null)
    return html`The desk closed your call of ${clock(ctx, raisedAtMs)} at ${clock(ctx, closedAtMs)}.`
  return seenAtMs === null
    ? html`The desk was told at ${clock(ctx, raisedAtMs)}, with where the car is and was.`
    : html`<b>The desk has seen it</b> at ${clock(ctx, seenAtMs)} and is on it.`
}

/** On the page of the ride, while the call stands. */
export function helpLine(ctx: PageContext, help: HelpProps | undefined): Html | null {
  if (help === undefined || help.closedAtMs !== null) return null
  return html`<p class="notice help-line" role="status">${icon('shield-alert')}<span>${helpWords(ctx, help)}</span></p>`
}
