/** All rides of the desk, by state or by what was typed. */
import { isEnded } from '../../src/engine/ride.ts'
import type { RideId } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { address, amount, clock } from '../parts/figures.ts'
import { countText, dayText } from '../parts/format.ts'
import { RIDE_WORDS } from '../parts/ride-state.ts'
import { markBox } from './bulk.ts'
import { driverLink } from './driver-link.ts'
import { MARKER_OF, marker } from './marker.ts'
import { shortPlace } from './place.ts'
import { TABLE_SHOWS, type TableProps, type TableRow, type TableShow } from './props.ts'
import { rideLink } from './ride-link.ts'
import { tableSearch, withSearch } from './table-address.ts'
import { tableFilters, tableLink } from './table-filters.ts'
import { viewsMenu } from './views-menu.ts'

/** What each tab shows, in a word. */
export const TABS: Record<TableShow, string> = {
  live: 'Live',
  unassigned: 'Asking',
  to_pickup: 'To pickup',
  waiting: 'Waiting',
  on_board: 'On board',
  booked: 'Booked',
  ended: 'Ended',
}

const EMPTY: Record<TableShow, { title: string; text: string }> = {
  live: { title: 'No ride is under way.', text: 'Rides appear here as soon as they are asked for.' },
  unassigned: { title: 'Nobody waits for a driver.', text: 'New requests appear here at once.' },
  to_pickup: { title: 'No car is on its way to a rider.', text: 'Accepted offers bring rides here.' },
  waiting: { title: 'No car is waiting at a pickup.', text: 'Rides come here when the driver has arrived.' },
  on_board: { title: 'Nobody is on board.', text: 'Rides come here when the rider is in the car.' },
  booked: { title: 'No ride is booked ahead.', text: 'Riders choose Later, or you book for a caller.' },
  ended: { title: 'No ride has ended today.', text: 'Completed and cancelled rides are kept here.' },
}

/** `<section id="board-table">`; its address stands on it, so that the page can ask for it again as it is. */
export function boardTable(ctx: PageContext, props: TableProps): Html {
  const search = tableSearch(props)
  const address = withSearch('/board/table', search)
  return html`<section id="board-table" class="board-table" aria-label="All rides" data-address="${address}" data-zone-name="${props.zoneName}"><header class="table-head">${tableTabs(props)}${tableFilters(props)}${viewsMenu(props.views, search)}</header>${props.rows.length === 0 ? nothing(props) : rideTable(ctx, props)}</section>`
}

/** Which rides, or the cars; everything in the table's place has them. */
export function tableTabs(
  props: Pick<TableProps, 'filters' | 'counts' | 'cars'> & { readonly show: TableShow | 'cars' },
): Html {
  const current = props.show === 'cars' ? html` aria-current="page"` : null
  return html`<nav class="tabs" aria-label="Which rides, or cars">${TABLE_SHOWS.map((name) => tab(props, name))}<a class="tab tab-cars" data-show="cars" ${tableLink('show=cars')}${current}>Cars <span class="numbers">${props.cars}</span></a></nav>`
}

function tab(
  { show, filters, counts }: Pick<TableProps, 'filters' | 'counts'> & { show: TableShow | 'cars' },
  name: TableShow,
): Html {
  const current = show === name ? html` aria-current="page"` : null
  return html`<a class="tab" data-show="${name}" ${tableLink(tableSearch({ show: name, filters }))}${current}>${TABS[name]} <span class="numbers">${countText(counts[name])}</span></a>`
}

function nothing({ show, filters }: TableProps): Html {
  const { q, ...rest } = filters
  if (Object.keys(filters).length === 0) return emptyState(EMPTY[show])
  if (Object.keys(rest).length > 0)
    return emptyState({
      title: 'No ride is like that.',
      text: 'Take a filter away to see more; each stands above with its ×.',
    })
  return emptyState({
    title: `Nothing matches “${q}”.`,
    text: 'Try part of a name, an address, a ride number or a call sign.',
  })
}

function rideTable(ctx: PageContext, props: TableProps): Html {
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label="Rides, scrolls"><table class="table"><thead><tr><th scope="col">State</th><th scope="col">Ride</th><th scope="col">Rider</th><th scope="col">From</th><th scope="col">To</th><th scope="col">Driver</th><th scope="col" class="number">${props.show === 'ended' ? 'Ended' : props.show === 'booked' ? 'Pickup' : 'ETA'}</th><th scope="col" class="number">Late</th><th scope="col" class="number">Fare</th><th scope="col">Note</th></tr></thead><tbody>${props.rows.map((row) => tableRow(ctx, props, row))}</tbody></table>${props.hasMore ? html`${moreText(props)}` : null}</div>`
}

/** What the list leaves out, and how it is found. */
function moreText({ rows, total }: TableProps): Html {
  const more = total === undefined ? '' : `, and ${countText(total - rows.length)} more`
  return html`<p class="second more">${rows.length} are listed${more}. Search or filter to find the others.</p>`
}

/**
 * Rows as they were drawn last, by the words of the page and the ride. A busy desk asks for its table at each change,
 * and then nearly all rows are as they were.
 */
const drawn = new Map<string, Map<RideId, { readonly row: TableRow; readonly markup: Html }>>()
/** Above the rows of all tables that are looked at; when there are more, all are drawn anew once. */
const MOST_DRAWN = 5_000

/** Draw every row anew from now on; what they say stays the same. */
export function forgetRows(): void {
  drawn.clear()
}

function tableRow(ctx: PageContext, { selectedRideId }: TableProps, row: TableRow): Html {
  // The one that is chosen says so, on one page alone.
  if (row.rideId === selectedRideId) return drawRow(ctx, row, true)
  const words = `${ctx.lang} ${ctx.timeZone}`
  let rows = drawn.get(words)
  if (rows === undefined || rows.size > MOST_DRAWN) {
    rows = new Map()
    drawn.set(words, rows)
  }
  const known = rows.get(row.rideId)
  if (known !== undefined && saysTheSame(known.row, row)) return known.markup
  const markup = drawRow(ctx, row, false)
  rows.set(row.rideId, { row, markup })
  return markup
}

/** Whether two readings of a ride draw the same row: every field, and whoever adds one adds it here. */
function saysTheSame(a: TableRow, b: TableRow): boolean {
  return (
    a.state === b.state &&
    a.version === b.version &&
    a.etaAtMs === b.etaAtMs &&
    a.lateS === b.lateS &&
    a.driverId === b.driverId &&
    a.driver?.callSign === b.driver?.callSign &&
    a.driver?.name === b.driver?.name &&
    a.reference === b.reference &&
    a.riderName === b.riderName &&
    a.from === b.from &&
    a.to === b.to &&
    a.fareMinor === b.fareMinor &&
    a.currency === b.currency &&
    a.shared === b.shared &&
    a.note === b.note &&
    a.noteTone === b.noteTone
  )
}

function drawRow(ctx: PageContext, row: TableRow, isCurrent: boolean): Html {
  const current = isCurrent ? html` aria-current="true"` : null
  const driver =
    row.driver === null || row.driverId === null
      ? '—'
      : html`<a class="driver-link" ${driverLink(row.driverId)}>${row.driver.callSign} · <bdi>${row.driver.name}</bdi></a>`
  return html`<tr id="row-${row.rideId}" data-driver="${row.driverId ?? ''}"><td>${isEnded(row.state) ? null : markBox(row)}<a class="row-link" ${rideLink(row.rideId)}${current}>${marker(MARKER_OF[row.state])}${RIDE_WORDS[row.state].desk}</a></td><td class="muted">${row.reference}${row.shared ? html` <span class="shared-mark">${icon('users')}<span class="screen-reader">shared</span></span>` : null}</td><td><bdi>${row.riderName}</bdi></td><td class="place">${address(shortPlace(row.from))}</td><td class="place">${address(shortPlace(row.to))}</td><td>${driver}</td><td class="number">${etaText(ctx, row)}</td><td class="number">${lateText(row)}</td><td class="number">${amount(ctx, { amountMinor: row.fareMinor, currency: row.currency })}</td><td class="note">${row.noteTone === undefined ? html`<bdi>${row.note}</bdi>` : html`<span class="badge badge-${row.noteTone}">${row.note}</span>`}</td></tr>`
}

function etaText(ctx: PageContext, row: TableRow): Html | string {
  if (row.state === 'arrived') return 'here'
  if (row.state === 'scheduled' && row.etaAtMs !== null)
    return html`${dayShort(ctx, row.etaAtMs)} ${clock(ctx, row.etaAtMs)}`
  return row.etaAtMs === null ? '—' : clock(ctx, row.etaAtMs)
}

/** `Sat 21 Nov`: a booking lies within the year. */
function dayShort(ctx: PageContext, atMs: number): string {
  return dayText(ctx, atMs).replace(/,? \d{4}$/, '')
}

/** From here on a rider notices. */
const LATE_S = 120

function lateText({ state, lateS }: TableRow): Html | string {
  if (lateS === null || isEnded(state)) return ''
  const minutes = Math.round(lateS / 60)
  if (minutes === 0) return html`<span class="muted">on time</span>`
  if (minutes < 0) return html`<span class="muted">−${-minutes} min</span>`
  return html`<span class="${lateS >= LATE_S ? 'late' : 'muted'}">+${minutes} min</span>`
}
