/** Every part that pages share, in every state: light, dark and right to left beside each other. */
import { DRIVER_STYLES } from '../drivers/parts.ts'
import { type Html, html } from '../html.ts'
import { type PageContext, page } from '../page.ts'
import { wordmark } from '../parts/mark.ts'
import { COLUMNS, type Column, inColumn } from './column.ts'
import { DESK_PARTS } from './desk.ts'
import { DESK_NEED_PARTS } from './desk-needs.ts'
import { DESK_WORK_PARTS } from './desk-work.ts'
import { DRIVING_PARTS } from './driving.ts'
import { RIDING_PARTS } from './riding.ts'
import { SHARED_PARTS } from './shared.ts'
import type { PartGroup, Specimen } from './specimen.ts'

const CHAPTERS: readonly {
  readonly id: string
  readonly title: string
  readonly parts: readonly PartGroup[]
}[] = [
  { id: 'shared', title: 'Every page', parts: SHARED_PARTS },
  { id: 'riding', title: 'Riders', parts: RIDING_PARTS },
  { id: 'driving', title: 'Drivers', parts: DRIVING_PARTS },
  { id: 'desk', title: 'Desk', parts: [...DESK_PARTS, ...DESK_NEED_PARTS, ...DESK_WORK_PARTS] },
]

/** What the parts wear on their own pages; the board's names are the widest, so the rest comes after it. */
const STYLES = [
  ...['board.css', 'board-table.css', 'board-pane.css', 'board-hexes.css', 'map.css', 'board-acts.css'],
  ...['board-driver.css', 'board-watch.css', 'board-see.css', 'board-views.css', 'board-areas.css'],
  ...['board-keys.css', 'board-booking.css', 'board-bulk.css', 'board-join.css', 'board-mark-cars.css'],
  ...['safety.css', 'board-merge.css'],
  ...['rider.css', 'asking.css', 'rating.css', ...DRIVER_STYLES, 'design.css'],
]

/** The parts page; nothing on it is anybody's, and nothing on it leads into the app. */
export function designPage(ctx: PageContext): Html {
  // A token in the address of a form that is sent nowhere would still be a token in an address.
  const drawn: PageContext = { ...ctx, csrf: '' }
  const body = html`<header class="design-top">${wordmark()}<nav aria-label="Parts">${CHAPTERS.map(({ id, title }) => html`<a href="#${id}">${title}</a>`)}</nav></header>
<main id="main" class="design" tabindex="-1"><h1>Parts</h1><p class="second">What pages are put together from, drawn by the functions that draw them there. Clocks stand still; buttons lead back here.</p>
${CHAPTERS.map(
  ({ id, title, parts }) =>
    html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title" class="design-chapter">${title}</h2>${parts.map((part, n) => group(drawn, part, `${id}-${n}`))}</section>`,
)}</main>`
  return page(ctx, { title: 'Parts', body, styles: STYLES, layout: 'plain design-page' })
}

function group(ctx: PageContext, part: PartGroup, id: string): Html {
  return html`<section class="design-part" aria-labelledby="${id}-title"><header><h2 id="${id}-title">${part.title}</h2><code class="small">${part.from}</code></header>
<div class="design-columns">${COLUMNS.map((column) => html`<div class="design-column" dir="${column.dir}" data-theme="${column.theme}"><p class="small design-word">${column.word}</p>${part.states.map((state, n) => specimen(ctx, state, column, `${id}-${n}-${column.id}`))}</div>`)}</div></section>`
}

function specimen(ctx: PageContext, state: Specimen, column: Column, place: string): Html {
  const label = `${state.state}, ${column.word}`
  return html`<figure class="design-specimen" data-state="${state.state}"><figcaption class="small" id="${place}">${state.state}<span class="screen-reader">, ${column.word}</span></figcaption>${inColumn(state.draw(ctx), { place, label, ...state })}</figure>`
}
