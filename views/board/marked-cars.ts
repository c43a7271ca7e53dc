/** Over the map: which cars were marked there, to write to them. `board-mark-cars.js` fills it in. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'

/** `<div id="cars-marked">`: how many, who, and the ways on; hidden while none is. @param words only where no script writes them */
export function markedCars(words = ''): Html {
  return html`<div id="cars-marked" class="cars-marked" role="group" aria-label="Marked cars" hidden><p role="status" data-marked-words>${words}</p><a class="button button-plain button-compact" href="/board/messages" data-write-marked>${icon('message-square-text')}Write<kbd>Shift G</kbd></a><button type="button" class="button button-quiet button-compact" data-unmark-cars>Let go<kbd>Esc</kbd></button></div>`
}
