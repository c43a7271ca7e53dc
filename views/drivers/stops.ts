/** Stops on the way of a ride, for its driver: where to next, and the two steps at each of them. */
import type { LatLng } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { address } from '../parts/figures.ts'
import { toMark } from '../parts/mark.ts'
import { hiddenKeys, sentBy } from './parts.ts'
import type { RideProps, RideStopToDrive } from './props.ts'
import { firstName } from './words.ts'

type Ride = RideProps['ride']

/** The stop the driver goes to or waits at with the rider on board; null where none is. */
export function nextStop({ state, stops = [] }: Pick<Ride, 'state' | 'stops'>): RideStopToDrive | null {
  if (state !== 'in_progress') return null
  return stops.find(({ standing }) => standing !== 'passed') ?? null
}

/** The press a ride waits for: the state that it leads out of, and at which stop, `in_progress-reach_stop-1`, say. */
export function pressOf(ride: Pick<Ride, 'state' | 'stops'>): string {
  const stop = nextStop(ride)
  if (stop === null) return ride.state
  return `${ride.state}-${stop.standing === 'ahead' ? 'reach' : 'leave'}_stop-${stop.place}`
}

/** Where the driver goes next: to the rider, a stop, or the end. */
export function nextAddress(ride: Ride): LatLng & { readonly label: string; readonly area: string | null } {
  const stop = nextStop(ride)
  if (stop !== null) return { lat: stop.lat, lng: stop.lng, label: stop.label, area: null }
  return ride.state === 'in_progress' ? ride.dropoff : ride.pickup
}

/** What there is to do at the next place, as the bar says it. */
export function stopWords(ride: Ride): string | null {
  const stop = nextStop(ride)
  if (stop === null) return null
  return stop.standing === 'here' ? `Wait at stop ${stop.place} for` : `Stop ${stop.place} with`
}

/** The big button while a stop is next; null where none is. */
export function stopStep(ride: Ride) {
  const stop = nextStop(ride)
  if (stop === null) return null
  const name = firstName(ride.riderName)
  const { place } = stop
  if (stop.standing === 'ahead')
    return {
      ...{ step: 'reach_stop' as const, stop: place, verb: `I’m at stop ${place}` },
      ...{ does: `tells ${name}; waiting here counts from now`, busy: 'Telling…' },
      ask: `At stop ${place}?`,
    }
  const after = ride.stops?.find(({ place: other }) => other === place + 1)?.label ?? ride.dropoff.label
  return {
    ...{ step: 'leave_stop' as const, stop: place, verb: 'Go on' },
    ...{ does: `on to ${after}`, busy: 'Going on…', afterwards: `Check that ${name} is back in the car` },
  }
}

/** All places still to come, in order, once somebody is on board or about to be. */
export function wayAhead(ride: Ride): Html | null {
  const { stops = [] } = ride
  if (stops.length === 0) return null
  return html`<ol class="stops" aria-label="Stops of this ride">${stops.map(
    ({ place, label, standing }) =>
      html`<li${standing === 'here' ? html` aria-current="step"` : null}><span class="stop-number" aria-hidden="true">${standing === 'passed' ? icon('check') : place}</span><p><b>Stop ${place}</b><span class="second">${address(label)}${standing === 'passed' ? ' · done' : null}</span></p></li>`,
  )}<li>${toMark()}<p><b>End</b><span class="second">${address(ride.dropoff.label)}</span></p></li></ol>`
}

/** A rider who gets out before the last stop: the ride ends here, at what was promised. */
export function endEarly(ctx: PageContext, { ride, key }: RideProps): Html | null {
  if (nextStop(ride) === null) return null
  const name = firstName(ride.riderName)
  return html`<details class="tile-more" id="end-early"><summary class="tile-button">${icon('flag')}<span>End here</span></summary><form ${sentBy(`/rides/${ride.id}/steps`)} class="more-panel">${hiddenKeys(ctx, key())}<input type="hidden" name="step" value="finish"><p>End the ride here, before its last stop, because ${name} gets out? The price stays as promised.</p><button class="button button-danger button-wide" data-busy="Completing…">End the ride here</button></form></details>`
}
