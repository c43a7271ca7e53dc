import { type Html, html } from '../html.ts'

/** How a call sign opens its driver: in the pane with script, as its own address without. */
export function driverLink(driverId: string): Html {
  const id = encodeURIComponent(driverId)
  return html`href="/board?driver=${id}" hx-get="/board/drivers/${id}" hx-target="#board-ride" hx-select="#board-ride" hx-swap="outerMorph" hx-push-url="/board?driver=${id}" data-driver-link="${driverId}"`
}
