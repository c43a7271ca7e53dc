/** Cars on their way that do not seem to come: what is wrong, since when, and when the ride is offered to others. */
import { type Trouble, WATCH_TERMS } from '../../src/engine/watchdog.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { countdown } from '../parts/figures.ts'
import { ageText, countdownText } from '../parts/format.ts'
import { rideForm, rideKeys } from './pane-form.ts'
import type { AlarmProps, PaneProps } from './props.ts'

export const ALARM_WORDS: Readonly<Record<Trouble, string>> = {
  dark: 'dark',
  stalled: 'stalled',
  retreating: 'drives off',
}

/** What has been done about it so far. */
export function alarmLead({ hasAnswered, isLeft }: Pick<AlarmProps, 'hasAnswered' | 'isLeft'>): string {
  if (isLeft) return 'left to it'
  return hasAnswered ? 'says it comes' : 'driver told'
}

/** `stalled 3 min`, as the table and the history say it. */
export function alarmWords({ kind, sinceMs }: Pick<AlarmProps, 'kind' | 'sinceMs'>, nowMs: number): string {
  return `${ALARM_WORDS[kind]} ${ageText(nowMs - sinceMs)}`
}

/** What the pane says of it, and what the desk may do: leave the ride with its car; to offer it at once it unassigns. */
export function alarmPart(ctx: PageContext, props: PaneProps): Html | null {
  const { ride, nowMs, alarm } = props
  if (alarm === null) return null
  const car = ride.driver?.callSign ?? ''
  return html`<section class="pane-part alarm alarm-${alarm.kind}" aria-labelledby="alarm-title"><p id="alarm-title">${icon('triangle-alert')}<span>${sentence(car, alarm)} ${countdownText(nowMs - alarm.sinceMs)}. ${doneSoFar(alarm)}The ride is offered again in <b>${countdown({ untilMs: alarm.actsAtMs, nowMs })}</b>.</span></p><form ${rideForm(ride, 'patience')}>${rideKeys(ctx, props)}<button class="button button-plain" data-busy="Leaving…">Leave it with ${car} for ${WATCH_TERMS.deskS / 60} min</button></form></section>`
}

function sentence(car: string, { kind }: AlarmProps): string {
  switch (kind) {
    case 'dark':
      return `Car ${car} silent for`
    case 'stalled':
      return `Car ${car} has not moved for`
    case 'retreating':
      return `Car ${car} drives away from the rider, for`
  }
}

function doneSoFar({ hasAnswered, isLeft }: AlarmProps): string {
  if (isLeft) return 'A desk left the ride with it. '
  return hasAnswered ? 'The driver says they are on the way. ' : 'The driver was told. '
}
