/** The parts of the region as a grid: cars free and soon free, who waits, what is booked; a press shows its rides. */
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { topBar } from '../parts/top.ts'
import { tableLink } from './table-filters.ts'

export type AreaKind = 'airport' | 'rank' | 'area' | 'hexagon'

export interface AreaProps {
  /** A zone's id, or an H3 cell. */
  readonly id: string
  readonly kind: AreaKind
  readonly name: string
  /** What lies in the middle of a hexagon that has the name of its neighbourhood. */
  readonly around: string | null
  /** Cars that can be sent now. */
  readonly free: number
  /** Cars that drop their rider off here within ten minutes. */
  readonly soon: number
  /** Riders for whom nobody drives yet. */
  readonly waiting: number
  /** Rides booked for the next quarter of an hour. */
  readonly booked: number
}

export interface AreasProps {
  readonly nowMs: number
  /** Airports, ranks and districts by name, then hexagons. */
  readonly areas: readonly AreaProps[]
}

const ICONS: Record<AreaKind, IconName> = {
  ...{ airport: 'luggage', rank: 'car-front', area: 'map-pin', hexagon: 'hexagon' },
}
const KIND_WORDS: Record<AreaKind, string> = {
  ...{ airport: 'airport', rank: 'rank', area: 'zone', hexagon: 'around' },
}

/** `<div id="board-areas">`. */
export function boardAreas({ areas }: AreasProps): Html {
  return html`<div id="board-areas" class="areas">${
    areas.length === 0
      ? emptyState({
          title: 'Nothing is to be counted.',
          text: 'Zones and neighbourhoods appear here with the first car or the first rider.',
        })
      : html`<ul class="area-grid">${areas.map(areaTile)}</ul>`
  }</div>`
}

function areaTile(area: AreaProps): Html {
  const { id, kind, name, around, free, soon, waiting, booked } = area
  const second = kind === 'hexagon' ? around : KIND_WORDS[kind]
  return html`<li class="area area-${balanceOf(area)}"><a class="area-link" id="area-${id}" data-area="${id}" ${tableLink(new URLSearchParams({ zone: id }).toString())}><span class="area-name">${icon(ICONS[kind])}<b><bdi>${name}</bdi></b></span><span class="area-around second"><bdi>${second ?? ''}</bdi></span><span class="area-figures">${figure(free, 'free', 'free')}${figure(soon, 'soon', 'soon')}${figure(waiting, 'wait', 'waiting')}${figure(booked, 'booked', 'booked within 15 min')}</span><span class="area-words">${balanceWords(area)}</span></a></li>`
}

function figure(count: number, word: string, whole: string): Html {
  return html`<span class="area-figure${count === 0 ? ' area-none' : ''}"><b class="numbers">${count}</b><span aria-hidden="true">${word}</span><span class="screen-reader">${whole}</span></span>`
}

/** Whether cars are wanted now, are wanted in a quarter of an hour, or are there. */
export function balanceOf({ free, soon, waiting, booked }: AreaProps): 'short' | 'tight' | 'spare' | 'quiet' {
  if (waiting > free) return 'short'
  if (waiting + booked > free + soon) return 'tight'
  return free + soon + waiting + booked === 0 ? 'quiet' : 'spare'
}

function balanceWords(area: AreaProps): string {
  const { free, soon, waiting, booked } = area
  switch (balanceOf(area)) {
    case 'short':
      return `${waiting - free} short now`
    case 'tight':
      return `${waiting + booked - free - soon} short soon`
    case 'spare':
      return free - waiting > 0 ? `${free - waiting} to spare` : 'just enough'
    case 'quiet':
      return 'quiet'
  }
}

/** Over the map: the button that lays the grid over it, and where the grid comes; with scripts off it is a page. */
export function areasSide(): Html {
  return html`<a id="areas-write" class="areas-button areas-write" href="/board/messages" data-write-map hidden>${icon('message-square-text')}<span>Write to these cars</span></a><a id="areas-button" class="areas-button" href="/board/zones" data-areas aria-expanded="false" aria-controls="areas-side">${icon('hexagon')}<span data-areas-word>Zones</span><kbd>Z</kbd></a><div id="areas-side" class="areas-side" role="region" aria-label="Zones" hidden><h2 class="areas-title">Zones <span class="second">free · free within 10 min · waiting · booked within 15 min</span></h2><div id="board-areas" class="areas"></div></div>`
}

/** `GET /board/zones`, for a desk without scripts. */
export function areasPage(ctx: PageContext, props: AreasProps): Html {
  const body = html`${topBar(ctx)}<main id="main" class="board areas-page" tabindex="-1"><h1>Zones</h1><p class="second">Cars free, free within ten minutes, riders waiting, rides booked within a quarter of an hour.</p>${boardAreas(props)}<p><a class="button button-quiet" href="/board">${icon('arrow-left')}Board</a></p></main>`
  return page(ctx, { title: 'Zones', body, styles: ['board.css', 'board-areas.css'], refreshS: 15 })
}

/** `<p id="board-narrowed">` above the queue: that it shows one part of the region, and the way out of it. */
export function narrowedNote(name: string | null): Html {
  return html`<p id="board-narrowed" class="board-narrowed" role="status"${name === null ? html` hidden` : null}><span>Only <b data-narrowed-name><bdi>${name ?? ''}</bdi></b><span data-narrowed-count></span></span><a ${tableLink('')} data-widen>Show all</a></p>`
}
