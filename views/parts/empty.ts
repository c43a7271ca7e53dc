import { type Html, html } from '../html.ts'

/** A dashed hexagon, what is not here, and what will bring it. */
export function emptyState(props: { title: string; text: string }): Html {
  return html`<div class="empty"><svg class="empty-mark" viewBox="0 0 32 32" aria-hidden="true"><path d="M16 1.5 28.6 8.75v14.5L16 30.5 3.4 23.25V8.75Z"/></svg><div><p><b>${props.title}</b></p> <p class="second">${props.text}</p></div></div>`
}
