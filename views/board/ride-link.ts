import type { RideId } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'

/** How a row or card opens its ride: into the pane with script, as its own address without. */
export function rideLink(rideId: RideId): Html {
  const query = new URLSearchParams({ ride: rideId })
  return html`href="/board?${query.toString()}" hx-get="/board/rides/${encodeURIComponent(rideId)}" hx-target="#board-ride" hx-select="#board-ride" hx-swap="outerMorph" hx-push-url="/board?${query.toString()}" data-ride="${rideId}"`
}
