/** The stops between the ends of a ride, on the rider's page: where they are, which are behind the car, which is next. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { address } from '../parts/figures.ts'
import { minutesText } from '../parts/format.ts'
import type { MapProps } from '../parts/map.ts'
import type { MovingProps, RideStopProps } from './ride-props.ts'

/** The stop the car goes to or stands at while somebody is on board; null once all are behind it. */
export function nextStop({ state, stops = [] }: Pick<MovingProps, 'state' | 'stops'>): RideStopProps | null {
  if (state !== 'in_progress') return null
  return stops.find(({ standing }) => standing !== 'passed') ?? null
}

/** What the page says first while a stop is next; null where none is. */
export function stopHeadline(props: MovingProps): string | null {
  const next = nextStop(props)
  if (next === null) return null
  const number = (props.stops ?? []).indexOf(next) + 1
  if (next.standing === 'here') return `At stop ${number}`
  return props.etaS === null
    ? `To stop ${number}`
    : `Stop ${number} in ${minutesText(Math.max(60, props.etaS))}`
}

/** The same on the map. */
export function stopMarks(stops: readonly RideStopProps[] = []): NonNullable<MapProps['stops']> {
  return stops.map(({ point, standing }) => ({ ...point, isPassed: standing === 'passed' }))
}

/** All of them, in order; nothing for a ride without. */
export function stopList(stops: readonly RideStopProps[] | undefined): Html | null {
  if (stops === undefined || stops.length === 0) return null
  return html`<ol class="ride-stops" aria-label="Stops">${stops.map(
    ({ label, standing }, n) =>
      html`<li data-standing="${standing}"${standing === 'here' ? html` aria-current="step"` : null}><span class="stop-number" aria-hidden="true">${standing === 'passed' ? icon('check') : n + 1}</span><span>${address(label)}${standing === 'here' ? html` <span class="second">the car waits here</span>` : standing === 'passed' ? html` <span class="second">done</span>` : null}</span></li>`,
  )}</ol>`
}
