/** Stands above every page while an admin looks through somebody's eyes. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { formKeys } from './field.ts'

/** Whose eyes, and the way back to one's own. */
export function borrowedBar(csrf: string, name: string): Html {
  return html`<div class="borrowed" role="region" aria-label="Whose eyes">${icon('eye')}<p>You look through the eyes of <b>${name}</b>. What you do is written down.</p><form method="post" action="/impersonation/end">${formKeys({ csrf })}<button class="button button-plain button-compact">Stop</button></form></div>`
}
