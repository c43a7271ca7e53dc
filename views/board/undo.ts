/** What this person did last on the board, and the button that takes it back while there is time. */
import type { RideId } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { countdown } from '../parts/figures.ts'
import { paneForm } from './pane-form.ts'

export interface UndoProps {
  readonly actId: string
  readonly rideId: RideId
  /** "HC-20418 given to 204." */
  readonly text: string
  readonly untilMs: number
  readonly nowMs: number
  readonly key: () => string
}

/** `<div id="board-undo">`: comes with every pane, and hides by itself when the time is over. */
export function boardUndo(ctx: PageContext, props: UndoProps | null): Html {
  if (props === null) return html`<div id="board-undo" class="board-undo" role="status"></div>`
  const { actId, rideId, text, untilMs, nowMs, key } = props
  const box = `undo-${actId}`
  const left = countdown({ untilMs, nowMs, dueHide: box })
  return html`<div id="board-undo" class="board-undo" role="status"><form id="${box}" class="toast" ${paneForm(`/board/rides/${encodeURIComponent(rideId)}/undo`)}>${formKeys({ csrf: ctx.csrf, key: key() })}<input type="hidden" name="act" value="${actId}">${icon('check')}<p>${text}</p><button class="button button-quiet" data-undo data-busy="Taking back…">Undo <kbd>U</kbd> <span class="second">${left}</span></button></form></div>`
}
