/** What the states of a ride are called: one word for the desk, one for the rider, and a badge with a shape. */
import type { RideState } from '../../src/engine/ride.ts'
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'

interface StateWords {
  readonly desk: string
  readonly rider: string
  readonly icon: IconName
}

export const RIDE_WORDS: Record<RideState, StateWords> = {
  scheduled: { desk: 'Booked', rider: 'Booked', icon: 'calendar-clock' },
  requested: { desk: 'Asking', rider: 'Finding a driver', icon: 'search' },
  assigned: { desk: 'To pickup', rider: 'On the way', icon: 'navigation' },
  en_route: { desk: 'To pickup', rider: 'On the way', icon: 'navigation' },
  arrived: { desk: 'Waiting', rider: 'Here', icon: 'map-pin-check' },
  in_progress: { desk: 'On board', rider: 'On board', icon: 'car-front' },
  completed: { desk: 'Completed', rider: 'Completed', icon: 'check' },
  cancelled: { desk: 'Cancelled', rider: 'Cancelled', icon: 'x' },
  no_show: { desk: 'No-show', rider: 'We missed you', icon: 'user-round-x' },
  unfulfilled: { desk: 'No driver', rider: 'No driver found', icon: 'triangle-alert' },
}

/** A ride's state as a badge, in the desk's word unless the rider reads it. */
export function rideBadge(state: RideState, reader: 'desk' | 'rider' = 'desk'): Html {
  const words = RIDE_WORDS[state]
  return html`<span class="badge badge-${state}">${icon(words.icon)}${words[reader]}</span>`
}

const STEPS = ['Found', 'On the way', 'Here', 'On board'] as const
const STEP_OF: Partial<Record<RideState, number>> = {
  assigned: 0,
  en_route: 1,
  arrived: 2,
  in_progress: 3,
  completed: 4,
}

/** The four bars of a ride on its way; null where the ride has no way to show. */
export function timeline(state: RideState): Html | null {
  const present = STEP_OF[state]
  if (present === undefined) return null
  return html`<ol class="timeline" aria-label="Progress">${STEPS.map((word, step) => {
    if (step < present) return html`<li class="past">${word}</li>`
    if (step > present) return html`<li>${word}</li>`
    return html`<li class="present" aria-current="step">${word}</li>`
  })}</ol>`
}
