/** The board's table as hono/jsx would draw it, element for element: the peer of `bench views`. */
import { raw } from 'hono/html'
import { isEnded } from '../src/engine/ride.ts'
import { MARKER_OF, marker } from '../views/board/marker.ts'
import { shortPlace } from '../views/board/place.ts'
import type { TableProps, TableRow } from '../views/board/props.ts'
import { tableTabs } from '../views/board/table.ts'
import { tableSearch, withSearch } from '../views/board/table-address.ts'
import { tableFilters } from '../views/board/table-filters.ts'
import { viewsMenu } from '../views/board/views-menu.ts'
import type { PageContext } from '../views/page.ts'
import { clockText, money } from '../views/parts/format.ts'
import { RIDE_WORDS } from '../views/parts/ride-state.ts'

const LATE_S = 120
/** The shapes between the tags of a marker, ready to be put in, as ours has them. */
const SHAPES = Object.fromEntries(
  [...new Set(Object.values(MARKER_OF))].map((name) => [
    name,
    String(marker(name)).replace(/^<svg[^>]*>|<\/svg>$/g, ''),
  ]),
)

export function JsxTable({ ctx, ...props }: TableProps & { ctx: PageContext }) {
  const { rows, hasMore } = props
  return (
    <section
      id="board-table"
      class="board-table"
      aria-label="All rides"
      data-address={withSearch('/board/table', tableSearch(props))}
      data-zone-name={props.zoneName ?? ''}
    >
      <header class="table-head">
        {raw(String(tableTabs(props)))}
        {raw(String(tableFilters(props)))}
        {raw(String(viewsMenu(props.views, tableSearch(props)) ?? ''))}
      </header>
      <div class="table-scroll" tabindex={0} role="region" aria-label="Rides, scrolls">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">Ride</th>
              <th scope="col">Rider</th>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <th scope="col">Driver</th>
              <th scope="col" class="number">
                {props.show === 'ended' ? 'Ended' : 'ETA'}
              </th>
              <th scope="col" class="number">
                Late
              </th>
              <th scope="col" class="number">
                Fare
              </th>
              <th scope="col">Note</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row ctx={ctx} row={row} selectedRideId={props.selectedRideId} />
            ))}
          </tbody>
        </table>
        {hasMore ? (
          <p class="second more">{rows.length} are listed. Search or filter to find the others.</p>
        ) : null}
      </div>
    </section>
  )
}

function Row({
  ctx,
  row,
  selectedRideId,
}: {
  ctx: PageContext
  row: TableRow
  selectedRideId: TableProps['selectedRideId']
}) {
  const id = encodeURIComponent(row.rideId)
  return (
    <tr id={`row-${row.rideId}`} data-driver={row.driverId ?? ''}>
      <td>
        {isEnded(row.state) ? null : (
          <label class="mark">
            <input
              type="checkbox"
              name="ride"
              value={`${row.rideId}:${row.version}`}
              form="bulk"
              autocomplete="off"
            />
            <span class="screen-reader">Mark {row.reference}</span>
          </label>
        )}
        <a
          class="row-link"
          href={`/board?ride=${id}`}
          hx-get={`/board/rides/${id}`}
          hx-target="#board-ride"
          hx-select="#board-ride"
          hx-swap="outerMorph"
          hx-push-url={`/board?ride=${id}`}
          data-ride={row.rideId}
          aria-current={row.rideId === selectedRideId ? 'true' : undefined}
        >
          <svg class={`marker marker-${MARKER_OF[row.state]}`} viewBox="0 0 16 16" aria-hidden="true">
            {raw(SHAPES[MARKER_OF[row.state]]!)}
          </svg>
          {RIDE_WORDS[row.state].desk}
        </a>
      </td>
      <td class="muted">{row.reference}</td>
      <td>
        <bdi>{row.riderName}</bdi>
      </td>
      <td class="place">
        <Address label={shortPlace(row.from)} />
      </td>
      <td class="place">
        <Address label={shortPlace(row.to)} />
      </td>
      <td>
        {row.driver === null ? (
          '—'
        ) : (
          <a
            class="driver-link"
            href={`/board?driver=${row.driverId}`}
            hx-get={`/board/drivers/${row.driverId}`}
            hx-target="#board-ride"
            hx-select="#board-ride"
            hx-swap="outerMorph"
            hx-push-url={`/board?driver=${row.driverId}`}
            data-driver-link={row.driverId}
          >
            {row.driver.callSign} · <bdi>{row.driver.name}</bdi>
          </a>
        )}
      </td>
      <td class="number">
        <Eta ctx={ctx} row={row} />
      </td>
      <td class="number">
        <Late row={row} />
      </td>
      <td class="number">
        <bdi dir="ltr" class="numbers">
          {money(row.fareMinor, row.currency, ctx.lang)}
        </bdi>
      </td>
      <td class="note">
        <bdi>{row.note}</bdi>
      </td>
    </tr>
  )
}

function Address({ label }: { label: string }) {
  return <bdi dir="ltr">{label}</bdi>
}

function Eta({ ctx, row }: { ctx: PageContext; row: TableRow }) {
  if (row.state === 'arrived') return <>here</>
  if (row.etaAtMs === null) return <>—</>
  return <time datetime={new Date(row.etaAtMs).toISOString()}>{clockText(ctx, row.etaAtMs)}</time>
}

function Late({ row: { state, lateS } }: { row: TableRow }) {
  if (lateS === null || isEnded(state)) return null
  const minutes = Math.round(lateS / 60)
  if (minutes === 0) return <span class="muted">on time</span>
  if (minutes < 0) return <span class="muted">−{-minutes} min</span>
  return <span class={lateS >= LATE_S ? 'late' : 'muted'}>+{minutes} min</span>
}
