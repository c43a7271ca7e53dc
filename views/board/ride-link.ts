import type { RideId } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'

/** How a row or card opens its ride: into the pane with script, as its own address without. */
export function rideLink(rideId: RideId): Html {
  const id = encodeURIComponent(rideId)
  return html`href="/board?ride=${id}" hx-get="/board/rides/${id}" hx-target="#board-ride" hx-select="#board-ride" hx-swap="outerMorph" hx-push-url="/board?ride=${id}" data-ride="${rideId}"`
}
