/** Saved views in place of the ride, or as a page: what is shown is kept under a name; named anew, shared and deleted. */
import { CLASS_WORDS } from '../drivers/words.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { fieldNote, formKeys } from '../parts/field.ts'
import { topBar } from '../parts/top.ts'
import { CAR_STATE_WORDS, type CarsProps } from './cars-list.ts'
import { paneForm } from './pane-form.ts'
import type { TableFilters, TableShow } from './props.ts'
import { TABS } from './table.ts'
import { withSearch } from './table-address.ts'
import { filterWords, zoneWords } from './table-filters.ts'
import type { ViewLink } from './views-menu.ts'

/** What a search shows. */
export type ViewShows = (
  | { readonly show: TableShow; readonly filters: TableFilters }
  | {
      readonly show: 'cars'
      readonly filters: CarsProps['filters']
    }
) & {
  /** Of the zone it is narrowed to, by the words of its tile; left out where there is none, or it is no more. */
  readonly zoneName?: string
}

export interface ViewRow extends ViewLink {
  readonly isOwn: boolean
  readonly version: number
  /** Whose it is. */
  readonly owner: string
  readonly shows: ViewShows
}

interface Typed {
  /** Of which view; null for the one to be saved. */
  readonly id: string | null
  readonly name: string
  readonly isShared: boolean
  readonly isFirst: boolean
  readonly error?: string
}

export interface ViewsProps {
  /** What the board shows now, as the search part of its address. */
  readonly shown: string
  readonly shows: ViewShows
  readonly views: readonly ViewRow[]
  /** What was deleted just now. */
  readonly gone?: Pick<ViewLink, 'name' | 'search' | 'isShared'>
  /** What did not work. */
  readonly notice?: string
  /** What was typed and did not do. */
  readonly typed?: Typed
  readonly key: () => string
}

/** `<section id="board-ride">`: the views in place of the ride. */
export function savedViewsPane(ctx: PageContext, props: ViewsProps): Html {
  return html`<section id="board-ride" class="board-ride views-pane" aria-labelledby="views-title"><header class="pane-head"><h2 id="views-title">Saved views</h2><a class="close" href="/board" hx-get="/board" hx-target="#board-ride" hx-select="#board-ride" hx-swap="outerMorph" hx-push-url="/board" data-close aria-label="Close the saved views">${icon('x')}</a></header>${content(ctx, props)}</section>`
}

/** `GET /board/views`, for a desk without scripts. */
export function savedViewsPage(ctx: PageContext, props: ViewsProps): Html {
  const back = withSearch('/board', props.shown || 'show=live')
  const body = html`${topBar(ctx)}<main id="main" class="narrow views-page" tabindex="-1"><section class="card stack"><h1>Saved views</h1>${content(ctx, props)}<p><a class="button button-quiet" href="${back}">${icon('arrow-left')}Board</a></p></section></main>`
  return page(ctx, { title: 'Saved views', body, styles: ['board-views.css'] })
}

function content(ctx: PageContext, props: ViewsProps): Html {
  const { views, notice } = props
  const own = views.filter(({ isShared }) => !isShared)
  const shared = views.filter(({ isShared }) => isShared)
  return html`${notice === undefined ? null : html`<p class="notice notice-danger" role="alert">${icon('triangle-alert')}<span>${notice}</span></p>`}${gonePart(ctx, props)}${savePart(ctx, props)}${group(ctx, props, { title: 'Yours', views: own })}${group(ctx, props, { title: 'The desk’s', views: shared })}`
}

function gonePart(ctx: PageContext, { gone, shown, key }: ViewsProps): Html | null {
  if (gone === undefined) return null
  return html`<form class="notice views-gone" ${paneForm('/board/views')}>${formKeys({ csrf: ctx.csrf, key: key() })}${icon('info')}<span>“<bdi>${gone.name}</bdi>” is deleted.</span><input type="hidden" name="name" value="${gone.name}"><input type="hidden" name="search" value="${gone.search}">${gone.isShared ? html`<input type="hidden" name="shared" value="yes">` : null}<button class="button button-plain button-compact" data-busy="…">Put it back</button></form>`
}

function savePart(ctx: PageContext, props: ViewsProps): Html {
  const { shown, shows, views, typed } = props
  const kept = views.find(({ search }) => search === shown)
  const again = typed?.id === null ? typed : undefined
  const form =
    kept === undefined || again !== undefined
      ? saveForm(ctx, props, { id: 'view-name', again, isNext: true })
      : html`<p class="second">This is “<bdi>${kept.name}</bdi>”.</p><details class="views-again"><summary>Save it under another name, too</summary>${saveForm(ctx, props, { id: 'view-name-too', again, isNext: false })}</details>`
  return html`<section class="pane-part" aria-labelledby="view-save-title"><h2 id="view-save-title" class="part-title">Shown now</h2><p class="views-shows"><bdi>${showsWords(shows)}</bdi></p>${form}</section>`
}

function saveForm(
  ctx: PageContext,
  { shown, key }: ViewsProps,
  { id, again, isNext }: { readonly id: string; readonly again: Typed | undefined; readonly isNext: boolean },
): Html {
  return html`<form class="views-form" ${paneForm('/board/views')}>${formKeys({ csrf: ctx.csrf, key: key() })}<input type="hidden" name="search" value="${shown}"><label class="field-label" for="${id}">Keep it as</label><div class="views-row"><input class="input" id="${id}" name="name" value="${again?.name ?? ''}" maxlength="40" required autocomplete="off" placeholder="Late at night"${wrongOf(id, again)}><button class="button ${isNext ? 'button-next' : 'button-plain'} button-compact" data-busy="Saving…">Save</button></div>${errorOf(id, again)}<p class="views-boxes">${box('shared', 'Share with the desk', again?.isShared ?? false)}${box('first', 'My board begins with it', again?.isFirst ?? false)}</p></form>`
}

function wrongOf(id: string, typed: Typed | undefined): Html | null {
  return typed?.error === undefined ? null : html` aria-invalid="true" aria-describedby="${id}-error"`
}

function errorOf(id: string, typed: Typed | undefined): Html | null {
  return fieldNote(id, typed?.error === undefined ? {} : { error: typed.error })
}

function group(
  ctx: PageContext,
  props: ViewsProps,
  { title, views }: { readonly title: string; readonly views: readonly ViewRow[] },
): Html | null {
  if (views.length === 0) return null
  return html`<section class="pane-part" aria-label="${title}"><h2 class="part-title">${title} <span class="part-count numbers">${views.length}</span></h2><ul class="views-rows">${views.map((view) => row(ctx, props, view))}</ul></section>`
}

function row(ctx: PageContext, { shown, typed, key }: ViewsProps, view: ViewRow): Html {
  const { id, name, search, isShared, isFirst, isOwn, version, owner, shows } = view
  const again = typed?.id === id ? typed : undefined
  const keys = () =>
    html`${formKeys({ csrf: ctx.csrf, key: key() })}<input type="hidden" name="version" value="${version}"><input type="hidden" name="search" value="${shown}">`
  const field = `view-name-${id}`
  const isShown = search === shown
  return html`<li><details class="views-edit" id="view-row-${id}"${isShown ? html` data-shown` : null}${again === undefined ? null : html` open`}><summary><b><bdi>${name}</bdi></b>${isFirst ? html`<span class="views-mark">${icon('star')}<span class="screen-reader">begins with it</span></span>` : null}<span class="second"><bdi>${showsWords(shows)}</bdi>${isOwn ? null : html` · <bdi>${owner}</bdi>`}</span></summary>
<form class="views-form" ${paneForm(`/board/views/${id}`)}>${keys()}${isOwn ? html`<input type="hidden" name="shareable" value="yes">` : null}<label class="field-label" for="${field}">Name</label><input class="input" id="${field}" name="name" value="${again?.name ?? name}" maxlength="40" required autocomplete="off"${wrongOf(field, again)}>${errorOf(field, again)}<p class="views-boxes">${isOwn ? box('shared', 'Share with the desk', again?.isShared ?? isShared) : null}${box('first', 'My board begins with it', again?.isFirst ?? isFirst)}</p><p class="views-acts"><button class="button button-plain button-compact" data-busy="Saving…">Save</button>${isShown ? null : html`<button class="button button-quiet button-compact" name="take" value="search" data-busy="Saving…">Save with what is shown now</button>`}</p></form><form class="views-delete" ${paneForm(`/board/views/${id}/deletion`)}>${keys()}<button class="button button-quiet button-compact menu-danger" data-busy="…">Delete</button></form></details></li>`
}

function box(name: string, words: string, isSet: boolean): Html {
  return html`<label><input type="checkbox" name="${name}" value="yes"${isSet ? html` checked` : null}><span>${words}</span></label>`
}

/** `Live · late · Black`. */
export function showsWords(shows: ViewShows): string {
  if (shows.show !== 'cars')
    return [TABS[shows.show], ...filterWords(shows.filters, shows.zoneName)].join(' · ')
  const { state, class: ofClass, q, zone } = shows.filters
  return [
    'Cars',
    ...(state === undefined ? [] : [CAR_STATE_WORDS[state]]),
    ...(ofClass === undefined ? [] : [CLASS_WORDS[ofClass]]),
    ...(q === undefined ? [] : [`“${q}”`]),
    ...(zone === undefined ? [] : [zoneWords(shows.zoneName)]),
  ].join(' · ')
}
