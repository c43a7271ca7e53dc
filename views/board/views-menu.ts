/** Saved views at the table: a button that names the one that is shown, and the list behind it. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { withSearch } from './table-address.ts'
import { tableLink } from './table-filters.ts'

/** A saved view as the menu has it. */
export interface ViewLink {
  readonly id: string
  readonly name: string
  /** The search part of the board's address. */
  readonly search: string
  readonly isShared: boolean
  readonly isFirst: boolean
}

/**
 * A button that names the view which is shown, and the list behind it; nothing where nobody asked for it.
 * @param search what the table shows
 */
export function viewsMenu(views: readonly ViewLink[] | undefined, search: string): Html | null {
  if (views === undefined) return null
  const current = views.find((view) => view.search === search)
  const first = views.some(({ isFirst }) => isFirst) ? html` data-first` : null
  return html`<div id="board-views" class="views-menu"${first}><button id="views-button" class="filter-chip${current === undefined ? ' filter-off' : ''}" type="button" popovertarget="views-list">${icon('bookmark')}<bdi>${current?.name ?? 'Views'}</bdi></button>
<div id="views-list" class="filters views-list" popover><h2 class="part-title">Saved views</h2>${
    views.length === 0
      ? html`<p class="second">Nothing is saved yet. Choose rows and filters, then keep them under a name.</p>`
      : html`<ul>${views.map((view) => menuItem(view, view === current))}</ul>`
  }<p class="filter-ends"><a class="button button-quiet" data-views-pane href="${withSearch('/board/views', search)}" hx-get="${withSearch('/board/views', search)}" hx-target="#board-ride" hx-select="#board-ride" hx-swap="outerMorph">${icon('plus')}Save or arrange</a></p></div></div>`
}

function menuItem({ id, name, search, isShared, isFirst }: ViewLink, isCurrent: boolean): Html {
  return html`<li><a class="views-item" id="view-${id}" data-saved-view="${name}" ${tableLink(search)}${isCurrent ? html` aria-current="true"` : null}><span class="views-name"><bdi>${name}</bdi></span>${isFirst ? html`<span class="views-mark">${icon('star')}<span class="screen-reader">begins with it</span></span>` : null}${isShared ? html`<span class="views-mark">${icon('users')}<span class="screen-reader">shared</span></span>` : null}</a></li>`
}
