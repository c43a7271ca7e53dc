import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'

/** The bar that `live.js` shows while the page's socket is down; it writes the sentence with the time of the last news. */
export function liveState(sentence?: string): Html {
  return html`<div id="live-state" class="offline-bar" role="status"${sentence === undefined ? html` hidden` : null}>${icon('wifi-off')}<span>${sentence}</span></div>`
}
