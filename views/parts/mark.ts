import { type Html, html, raw } from '../html.ts'

/** A honey hexagon, point up, with an ink heading arrow. `public/mark.svg` is the same drawing for tabs and home screens. */
const MARK = raw(
  '<path d="M16 1.5 28.6 8.75v14.5L16 30.5 3.4 23.25V8.75Z" fill="#fab91c"/><path d="m16 8.6 5.4 13.6L16 19.6l-5.4 2.6Z" fill="#221709"/>',
)

/** The mark alone; it does not mirror. */
export function mark(): Html {
  return html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">${MARK}</svg>`
}

/** Mark and name, leading home. */
export function wordmark(): Html {
  return html`<a class="wordmark" href="/">${mark()}<span>Honeycab</span></a>`
}

/** The ring that means "from". */
export function fromMark(): Html {
  return html`<svg class="from-mark" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="4"/></svg>`
}

/** The hexagon that means "to". */
export function toMark(): Html {
  return html`<svg class="to-mark" viewBox="0 0 16 16" aria-hidden="true"><path d="M8 .5 14.5 4.25v7.5L8 15.5l-6.5-3.75v-7.5Zm0 5L5.6 6.9v2.7L8 11l2.4-1.4V6.9Z" fill="currentColor" fill-rule="evenodd"/></svg>`
}
