/** The state of the day in eight figures; each is a way to what it counts. */
import { type Html, html } from '../html.ts'
import { countText } from '../parts/format.ts'
import { type Marker, marker } from './marker.ts'
import type { BoardCounts } from './props.ts'
import { tableLink } from './table-filters.ts'

const COUNTERS: readonly {
  readonly of: keyof BoardCounts
  readonly marker: Marker
  readonly word: string
  /** Which rows of the table it counts. */
  readonly rows: string
}[] = [
  { of: 'trouble', marker: 'trouble', word: 'trouble', rows: 'trouble=yes' },
  { of: 'unassigned', marker: 'unassigned', word: 'unassigned', rows: 'show=unassigned' },
  { of: 'free', marker: 'free', word: 'free', rows: 'show=cars&state=free' },
  { of: 'toPickup', marker: 'to_pickup', word: 'to pickup', rows: 'show=cars&state=to_pickup' },
  { of: 'waiting', marker: 'waiting', word: 'waiting', rows: 'show=cars&state=waiting' },
  { of: 'onBoard', marker: 'on_board', word: 'on board', rows: 'show=cars&state=on_board' },
  { of: 'break', marker: 'break', word: 'break', rows: 'show=cars&state=paused' },
  { of: 'silent', marker: 'silent', word: 'silent', rows: 'show=cars&state=silent' },
]

/** `<ul id="board-counts">`: replaced whole with the lanes. */
export function boardCounts(counts: BoardCounts): Html {
  return html`<ul id="board-counts" class="counts" aria-label="Now">${COUNTERS.map(
    ({ of, marker: shape, word, rows }) =>
      html`<li class="count count-${shape}${counts[of] === 0 ? ' count-none' : ''}"><a ${tableLink(rows)} title="${word}">${marker(shape)}<b class="numbers">${countText(counts[of])}</b> <span class="count-word">${word}</span></a></li>`,
  )}</ul>`
}
