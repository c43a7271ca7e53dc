import { type Html, html } from '../html.ts'

/** The answer's own pane takes the place of this one; a refusal comes back the same way, with its sentence. */
export function paneForm(action: string): Html {
  return html`method="post" action="${action}" hx-post="${action}" hx-target="#board-ride" hx-select="#board-ride" hx-select-oob="#toasts" hx-swap="outerMorph" hx-status:5xx="swap:none"`
}
