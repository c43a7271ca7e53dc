import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import type { PaneProps } from './props.ts'

/** The answer's own pane takes the place of this one; a refusal comes back the same way, with its sentence. */
export function paneForm(action: string): Html {
  return html`method="post" action="${action}" hx-post="${action}" hx-target="#board-ride" hx-select="#board-ride" hx-select-oob="#toasts,#board-undo" hx-swap="outerMorph" hx-status:5xx="swap:none"`
}

/** A form that does something to a ride; `tail` is the last part of its address. */
export function rideForm(ride: Pick<PaneProps['ride'], 'id'>, tail: string): Html {
  return paneForm(`/board/rides/${encodeURIComponent(ride.id)}/${tail}`)
}

/** What every such form carries: its keys, and the ride's version as it was looked at. */
export function rideKeys(ctx: PageContext, { ride, key }: Pick<PaneProps, 'ride' | 'key'>): Html {
  return html`${formKeys({ csrf: ctx.csrf, key: key() })}<input type="hidden" name="version" value="${ride.version}">`
}
