/** The vehicle queue where the rides are listed otherwise: who is free, since when, and how far their pin can be trusted. */
import type { DriverId, RideId, VehicleClass } from '../../src/engine/units.ts'
import { CLASS_WORDS } from '../drivers/words.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { ageTone, clock } from '../parts/figures.ts'
import { ageText, countdownText } from '../parts/format.ts'
import { driverLink } from './driver-link.ts'
import { type Marker, marker } from './marker.ts'
import type { TableCounts } from './props.ts'
import { tableTabs } from './table.ts'
import { withSearch } from './table-address.ts'
import { tableLink } from './table-filters.ts'
import { type ViewLink, viewsMenu } from './views-menu.ts'

export const CAR_STATES = ['free', 'offered', 'to_pickup', 'waiting', 'on_board', 'paused', 'silent'] as const

/** What a car is doing. */
export type CarState = (typeof CAR_STATES)[number]

export interface CarListRow {
  readonly driverId: DriverId
  readonly callSign: string
  readonly name: string
  readonly plate: string
  readonly vehicle: string
  readonly class: VehicleClass
  readonly state: CarState
  /** The rank it stands at. */
  readonly zone: string | null
  readonly rideId: RideId | null
  /** Since when nobody is driven; null with a ride. */
  readonly clearSinceMs: number | null
  readonly seenAtMs: number | null
  /** When hours or licence end the shift. */
  readonly endsAtMs: number | null
}

export interface CarsProps {
  readonly nowMs: number
  readonly counts: TableCounts
  readonly filters: {
    readonly q?: string
    readonly state?: CarState
    readonly class?: VehicleClass
    /** Seen in this part of the region: a zone's id, or an H3 cell. */
    readonly zone?: string
  }
  /** What that part is called. */
  readonly zoneName?: string
  readonly rows: readonly CarListRow[]
  readonly hasMore: boolean
  /** On shift, whatever the filters say. */
  readonly total: number
  /** Saved views, as the viewer has them. */
  readonly views?: readonly ViewLink[]
}

export const CAR_STATE_WORDS: Record<CarState, string> = {
  free: 'Free',
  offered: 'Asked now',
  to_pickup: 'To pickup',
  waiting: 'Waiting',
  on_board: 'On board',
  paused: 'Break',
  silent: 'Silent',
}

/** `<section id="board-table">` with cars for rides. */
export function boardCars(ctx: PageContext, props: CarsProps): Html {
  const { filters, rows } = props
  const search = carSearch(filters)
  return html`<section id="board-table" class="board-table" aria-label="All cars" data-address="${withSearch('/board/table', search)}" data-zone-name="${props.zoneName}"><header class="table-head">${tableTabs({ show: 'cars', counts: props.counts, filters: {}, cars: props.total })}${tools(props)}${viewsMenu(props.views, search)}</header>${
    rows.length === 0
      ? emptyState(
          props.total === 0
            ? { title: 'No car is on shift.', text: 'Drivers appear here as soon as they go online.' }
            : { title: 'No car is like that.', text: 'Take a filter away to see more.' },
        )
      : html`<div class="table-scroll" tabindex="0" role="region" aria-label="Cars, scrolls"><table class="table"><thead><tr><th scope="col">State</th><th scope="col">Car</th><th scope="col">Driver</th><th scope="col">Rank</th><th scope="col" class="number">Clear</th><th scope="col">Pin</th><th scope="col">Class</th><th scope="col">Vehicle</th><th scope="col">Plate</th><th scope="col" class="number">Until</th></tr></thead><tbody>${rows.map((row) => carRow(ctx, row, props.nowMs))}</tbody></table>${props.hasMore ? html`<p class="second more">${rows.length} are listed. Search to find the others.</p>` : null}</div>`
  }</section>`
}

function carRow(ctx: PageContext, row: CarListRow, nowMs: number): Html {
  const shape: Marker = row.state === 'paused' ? 'break' : row.state
  return html`<tr id="car-${row.driverId}"><td><a class="row-link" ${driverLink(row.driverId)}>${marker(shape)}${CAR_STATE_WORDS[row.state]}</a></td><td><b class="numbers">${row.callSign}</b></td><td><bdi>${row.name}</bdi></td><td>${row.zone ?? '—'}</td><td class="number">${row.clearSinceMs === null ? '—' : html`<span class="numbers" data-since="${row.clearSinceMs}">${countdownText(nowMs - row.clearSinceMs)}</span>`}</td><td>${trust(row.seenAtMs, nowMs)}</td><td>${CLASS_WORDS[row.class]}</td><td class="muted"><bdi>${row.vehicle}</bdi></td><td><bdi dir="ltr" class="numbers">${row.plate}</bdi></td><td class="number">${row.endsAtMs === null ? '—' : clock(ctx, row.endsAtMs)}</td></tr>`
}

/** Bars of a battery: a pin is worth less with every missed fix, and nothing from half a minute on. */
const STEPS_MS = [5_000, 10_000, 20_000, 30_000]

function trust(seenAtMs: number | null, nowMs: number): Html {
  if (seenAtMs === null) return html`<span class="trust" data-tone="danger">never seen</span>`
  const ageMs = Math.max(0, nowMs - seenAtMs)
  const bars = STEPS_MS.filter((step) => ageMs <= step).length
  return html`<span class="trust" data-tone="${ageTone(ageMs)}"><svg viewBox="0 0 20 10" aria-hidden="true">${STEPS_MS.map((_, n) => html`<rect x="${n * 5}" y="0" width="4" height="10" rx="1"${n < bars ? null : html` class="trust-gone"`}/>`)}</svg><span class="numbers">${ageText(ageMs)}</span></span>`
}

function tools({ filters, zoneName, total }: CarsProps): Html {
  const { state, q, zone } = filters
  const listed = carSearch(filters).replace(/^show=cars&?/, '')
  return html`<div class="table-tools">${zone === undefined ? null : html`<a class="filter-chip" ${tableLink(carSearch({ ...filters, zone: undefined }))} aria-label="Without ${zoneName ?? 'the zone'}"><bdi>${zoneName ?? 'a zone'}</bdi>${icon('x')}</a>`}${state === undefined ? null : html`<a class="filter-chip" ${tableLink(carSearch({ ...filters, state: undefined }))} aria-label="Without ${CAR_STATE_WORDS[state]}">${CAR_STATE_WORDS[state]}${icon('x')}</a>`}<form class="search" role="search" action="/board" method="get" hx-get="/board/table" hx-target="#board-table" hx-select="#board-table" hx-swap="outerMorph" hx-trigger="input delay:250ms, submit"><input type="hidden" name="show" value="cars">${state === undefined ? null : html`<input type="hidden" name="state" value="${state}">`}${zone === undefined ? null : html`<input type="hidden" name="zone" value="${zone}">`}<label class="screen-reader" for="board-q">Call sign, driver, plate, vehicle or rank</label><input class="input" id="board-q" type="search" name="q" value="${q ?? ''}" maxlength="80" autocomplete="off" placeholder="Call sign, driver, plate, rank"><kbd>/</kbd></form>${total === 0 ? null : html`<a class="filter-chip filter-off" data-write-listed href="/board/messages?${new URLSearchParams({ to: `cars:${listed}` }).toString()}">${icon('message-square-text')}Write</a>`}</div>`
}

/** `show=cars&state=free&q=204`. */
export function carSearch(
  filters: { readonly [Name in keyof CarsProps['filters']]?: string | undefined },
): string {
  const search = new URLSearchParams({ show: 'cars' })
  for (const [name, value] of Object.entries(filters)) if (value) search.set(name, value)
  return search.toString()
}
