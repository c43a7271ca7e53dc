/** How a form about several rides sends itself: into the bar's place with scripts, to a page of its own without. */
import { type Html, html } from '../html.ts'

export function bulkForm(action: string): Html {
  return html`method="post" action="${action}" hx-post="${action}" hx-target="#board-bulk" hx-select="#board-bulk" hx-select-oob="#board-undo" hx-swap="outerMorph" hx-status:5xx="swap:none"`
}
