/** Where the next step belongs, and whether the car is there: what is suggested follows from it. */
import { distanceM } from '../../src/engine/geo.ts'
import type { LatLng } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import type { DriverRideState, RideProps } from './props.ts'
import { nextAddress, nextStop } from './stops.ts'

export interface NextPlace extends LatLng {
  /** So near the step is the thing to do; farther away it asks first. */
  readonly withinM: number
}

/** A fix is good to a few car lengths, a pickup lies around the corner, a drop-off is where the rider wants it. */
const WITHIN_M: Readonly<Record<DriverRideState, number>> = {
  assigned: 150,
  en_route: 250,
  arrived: 400,
  in_progress: 500,
}

/** Older than this a position suggests nothing. */
const FRESH_MS = 30_000

export function nextPlace(ride: RideProps['ride']): NextPlace {
  const { lat, lng } = nextAddress(ride)
  return { lat, lng, withinM: nextStop(ride) === null ? WITHIN_M[ride.state] : WITHIN_M.en_route }
}

/** Null while nobody knows where the car is. */
export function isThere({ ride, scene }: Pick<RideProps, 'ride' | 'scene'>): boolean | null {
  if (scene.car === null || scene.car.ageMs > FRESH_MS) return null
  const place = nextPlace(ride)
  return distanceM(scene.car, place) <= place.withinM
}

/** For the page's root; `driver-next.js` keeps it true by the phone's own position. */
export function nextPlaceAttributes(props: RideProps): Html {
  const { lat, lng, withinM } = nextPlace(props.ride)
  const there = isThere(props)
  return html` data-ride="${props.ride.state}" data-next-at="${lat},${lng}" data-next-within="${withinM}" data-place="${there === null ? '' : there ? 'near' : 'far'}"`
}
