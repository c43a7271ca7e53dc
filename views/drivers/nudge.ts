/** What the watchdog says to a driver: that somebody waits while the car does not come, and later that the ride is gone. */
import type { Trouble } from '../../src/engine/watchdog.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { clock, countdown } from '../parts/figures.ts'
import { hiddenKeys, sentBy } from './parts.ts'
import type { DeskTookProps, RideProps, TakenProps } from './props.ts'
import { firstName } from './words.ts'

/** Above the work under way; it rings once by `data-nudge`. */
export function nudgeCard(ctx: PageContext, { nudge, ride, nowMs, key }: RideProps): Html | null {
  if (nudge === null) return null
  const name = firstName(ride.riderName)
  return html`<section class="nudge card" id="nudge" data-nudge="${ride.id} ${nudge.sinceMs}" role="alert"><p>${icon('triangle-alert')}<span><b>${said(ctx, nudge, name)}</b> ${todo(nudge.kind)}</span></p><p class="second">Else the ride goes to another driver in <b>${countdown({ untilMs: nudge.actsAtMs, nowMs })}</b>.</p>${nudge.answersLeft === 0 ? null : html`<form ${sentBy(`/rides/${ride.id}/on-my-way`)}>${hiddenKeys(ctx, key())}<button class="button button-plain button-wide" data-busy="Telling…">I’m on my way</button></form>`}</section>`
}

function said(ctx: PageContext, { kind, sinceMs }: { kind: Trouble; sinceMs: number }, name: string): Html {
  switch (kind) {
    case 'dark':
      return html`We have not seen you since ${clock(ctx, sinceMs)}.`
    case 'stalled':
      return html`You have not moved since ${clock(ctx, sinceMs)}, and ${name} waits.`
    case 'retreating':
      return html`You are driving away from ${name}.`
  }
}

function todo(kind: Trouble): string {
  switch (kind) {
    case 'dark':
      return 'Keep this page open and check that location is on.'
    case 'stalled':
      return 'Drive on, or hand the ride back below.'
    case 'retreating':
      return 'Turn round, or hand the ride back below.'
  }
}

/** Why the ride is gone, in the minutes after. */
export function takenNotice(ctx: PageContext, taken: TakenProps | null): Html | null {
  if (taken === null) return null
  const why = {
    dark: html`we had not seen you since ${clock(ctx, taken.sinceMs)}`,
    stalled: html`you had not moved since ${clock(ctx, taken.sinceMs)}`,
    retreating: html`you drove away from the pickup`,
  }[taken.kind]
  return html`<p class="notice" role="status">${icon('refresh-cw')}<span>Your ride went to another driver at ${clock(ctx, taken.atMs)}: ${why}. You are not asked for it again; other offers come as before.</span></p>`
}

/** The desk's own words for it. */
export function deskTookNotice(ctx: PageContext, took: DeskTookProps | null): Html | null {
  if (took === null) return null
  return html`<p class="notice" role="status">${icon('refresh-cw')}<span>The desk took your ride back at ${clock(ctx, took.atMs)}: “${took.reason}”. It does not count against you; offers come as before.</span></p>`
}
