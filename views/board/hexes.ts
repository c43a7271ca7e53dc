/** Which figure colours the map's cells, and what the colours mean. */
import { type Html, html } from '../html.ts'
import { segments } from '../parts/field.ts'

interface HexLayer {
  readonly name: string
  readonly word: string
  /** Colours from the first to the last, as `map.css` names them; `none` is the middle, which is not drawn. */
  readonly colours: readonly string[]
  /** What the two ends mean. */
  readonly low: string
  readonly high: string
}

const SEQUENTIAL = ['seq-1', 'seq-2', 'seq-3', 'seq-4', 'seq-5', 'seq-6']

const LAYERS: readonly HexLayer[] = [
  {
    name: 'balance',
    word: 'Balance',
    colours: ['div-1', 'div-2', 'div-3', 'none', 'div-5', 'div-6', 'div-7'],
    low: '6 cars to spare',
    high: '6 cars wanted',
  },
  {
    name: 'supply',
    word: 'Supply',
    colours: ['div-3', 'div-2', 'div-1'],
    low: '1 car free',
    high: '5 and more',
  },
  {
    name: 'demand',
    word: 'Demand',
    colours: SEQUENTIAL,
    low: '1 asked in 5 min',
    high: '32 and more',
  },
  { name: 'surge', word: 'Surge', colours: SEQUENTIAL, low: 'a little more', high: 'the cap' },
]

/** Over the map; `board-hexes.js` follows the choice, and without script there is no map. */
export function hexLayers(): Html {
  return html`<div id="board-hexes" class="hexes" hidden>
<div class="hex-choice">${segments({
    name: 'hexes',
    label: 'Cells on the map',
    chosen: 'balance',
    options: [...LAYERS, { name: 'off', word: 'Off' }].map(({ name, word }) => ({
      value: name,
      label: word,
    })),
  })}</div>
${LAYERS.map(
  ({ name, colours, low, high }) =>
    html`<div class="hex-legend" data-layer="${name}" hidden><p class="hex-swatches" aria-hidden="true">${colours.map((colour) => html`<svg class="hex-swatch hex-${colour}" viewBox="0 0 14 16"><path d="M7 .6 13.4 4.3v7.4L7 15.4.6 11.7V4.3Z"/></svg>`)}</p><p class="second hex-ends"><span>${low}</span><span>${high}</span></p><p class="second" data-note hidden></p></div>`,
)}
</div>`
}
