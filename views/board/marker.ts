/** The shapes of a car's state on the desk, the same as on the map: shape first, colour second. */
import type { RideState } from '../../src/engine/ride.ts'
import { type Html, html, raw } from '../html.ts'

const SHAPES = {
  free: '<path d="M8 1 14 5v6.5L8 15l-5.5-3.2V5.2Z"/>',
  offered:
    '<circle cx="8" cy="8" r="7.2" fill="none" stroke="currentColor" stroke-width="1.4" stroke-dasharray="2.4 2"/><path d="M8 3.4 12 6v4.4L8 12.6l-3.8-2.2V6Z"/>',
  to_pickup: '<path d="m8 1.5 5.5 13L8 11.4l-5.5 3.1Z"/>',
  waiting: '<path d="M2.5 2.5h11v11h-11Z"/>',
  on_board: '<circle cx="8" cy="8" r="4.5"/>',
  break:
    '<path d="M8 1.8 13.4 4.9v6.2L8 14.2l-5.4-3.1V4.9Z" fill="none" stroke="currentColor" stroke-width="1.8"/>',
  silent:
    '<circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.6" stroke-dasharray="2.2 1.7"/><path d="M7.2 4.6h1.6v4.2H7.2Zm0 5.2h1.6v1.6H7.2Z"/>',
  unassigned: '<rect x="2" y="2" width="12" height="12" rx="3.5"/>',
  booked:
    '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M8 4.4V8l2.4 1.8" fill="none" stroke="currentColor" stroke-width="1.6"/>',
  trouble:
    '<path d="M8 2 15 14.2H1Z" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linejoin="round"/>',
  ended: '<path d="m3 8.4 3.2 3.2L13 4.8" fill="none" stroke="currentColor" stroke-width="2"/>',
  failed: '<path d="m4 4 8 8m0-8-8 8" fill="none" stroke="currentColor" stroke-width="2"/>',
}
export type Marker = keyof typeof SHAPES
export const MARKERS = Object.keys(SHAPES) as readonly Marker[]

const DRAWN = Object.fromEntries(
  Object.entries(SHAPES).map(([name, shape]) => [
    name,
    html`<svg class="marker marker-${name}" viewBox="0 0 16 16" aria-hidden="true">${raw(shape)}</svg>`,
  ]),
) as Record<Marker, Html>

/** The shape alone, hidden from screen readers: a word stands beside it. */
export function marker(name: Marker): Html {
  return DRAWN[name]
}

export const MARKER_OF: Record<RideState, Marker> = {
  scheduled: 'booked',
  requested: 'unassigned',
  assigned: 'to_pickup',
  en_route: 'to_pickup',
  arrived: 'waiting',
  in_progress: 'on_board',
  completed: 'ended',
  cancelled: 'failed',
  no_show: 'failed',
  unfulfilled: 'trouble',
}
