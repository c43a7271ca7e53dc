/** The last hours again: cars and rides as they were at an instant; `board-past.js` plays them. */
import type { FrameState } from '../../src/engine/past.ts'
import type { RideState } from '../../src/engine/ride.ts'
import type { LatLng } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { page } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { address, clock, clockSeconds } from '../parts/figures.ts'
import { clockSecondsText } from '../parts/format.ts'
import { type MapCarProps, mapAssets, mapBox } from '../parts/map.ts'
import { RIDE_WORDS } from '../parts/ride-state.ts'
import { MARKER_OF, marker } from './marker.ts'
import { shortPlace } from './place.ts'

export interface PastProps {
  readonly atMs: number
  readonly nowMs: number
  /** The oldest and the newest moment there is; null for none. */
  readonly kept: { readonly fromMs: number; readonly untilMs: number } | null
  readonly keptMs: number
  readonly everyMs: number
  /** As much as is asked for at once. */
  readonly spanMs: number
  readonly region: { readonly center: LatLng; readonly zoom: number }
  /** When the cars below were there; null where nothing is kept of that instant. */
  readonly frameAtMs: number | null
  readonly cars: readonly (LatLng & {
    readonly driverId: string
    readonly callSign: string
    readonly headingDeg: number
    readonly state: FrameState
  })[]
  readonly rides: readonly {
    readonly id: string
    readonly reference: string
    readonly riderName: string
    readonly state: RideState
    readonly from: string
    readonly to: string
    readonly driver: string | null
    readonly sinceMs: number
  }[]
}

/** Steps by a press, minutes. */
const STEPS = [-30, -5, -1, 1, 5, 30]
const SPEEDS = [1, 4, 16, 60]
const ROWS = 100

export function pastPage(ctx: PageContext, props: PastProps): Html {
  const { atMs, nowMs, kept, cars, rides } = props
  const rows = cars.map(
    ({ driverId, callSign, lat, lng, headingDeg, state }): MapCarProps => [
      ...([driverId, callSign, Math.round(lat * 1e6), Math.round(lng * 1e6), headingDeg] as const),
      ...([state, 0] as const),
    ],
  )
  const fromMs = Math.max(nowMs - props.keptMs, kept?.fromMs ?? nowMs - props.keptMs)
  return page(ctx, {
    title: 'The last hours',
    layout: 'board-page compact past-page',
    ...mapAssets({
      styles: ['board.css', 'board-table.css', 'after.css', 'board-past.css'],
      scripts: ['board-past.js'],
    }),
    body: html`<header class="after-top"><a class="button button-quiet button-compact" href="/board">${icon('arrow-left')}Board</a><h1 class="past-title">The last hours</h1><p class="past-clock numbers" role="status"><b id="past-time">${clockSecondsText(ctx, atMs)}</b></p></header>
<main id="main" class="past" tabindex="-1" data-at="${atMs}" data-now="${nowMs}" data-span="${props.spanMs}" data-every="${props.everyMs}" data-words="${JSON.stringify(wordsOf())}">
${kept === null ? emptyState({ title: 'Nothing is kept yet.', text: 'From now on the cars of the region are kept every 15 seconds while somebody is on shift.' }) : null}
<div class="past-map">${mapBox(ctx, { label: 'Map of all cars as they were', ...props.region, cars: rows })}</div>
<section class="past-bar" aria-label="Time"><div class="past-plays" hidden><button type="button" class="button button-next button-compact" id="past-play" aria-pressed="false">Play</button><label class="past-speed"><span>Speed</span><select class="input" id="past-speed">${SPEEDS.map((speed) => html`<option value="${speed}"${speed === 16 ? html` selected` : null}>${speed}×</option>`)}</select></label><label class="past-scrub"><span class="screen-reader">Moment</span><input type="range" id="past-scrub" min="${fromMs}" max="${nowMs}" step="1000" value="${atMs}"></label></div><nav class="past-steps" aria-label="Steps">${STEPS.map((minutes) => stepLink(props, minutes))}</nav></section>
<section class="past-rides" aria-labelledby="past-rides-title"><h2 id="past-rides-title" class="part-title">Rides then <span class="part-count numbers" id="past-count">${rides.length}</span></h2><div class="table-scroll" tabindex="0" role="region" aria-label="Rides then, scrolls"><table class="table"><thead><tr><th scope="col">State</th><th scope="col">Ride</th><th scope="col">Rider</th><th scope="col">From</th><th scope="col">To</th><th scope="col">Driver</th><th scope="col" class="number">Since</th></tr></thead><tbody id="past-rows">${rides.slice(0, ROWS).map((ride) => html`<tr><td>${marker(MARKER_OF[ride.state])} ${RIDE_WORDS[ride.state].desk}</td><td><a href="/board?ride=${ride.id}">${ride.reference}</a></td><td><bdi>${ride.riderName}</bdi></td><td>${address(shortPlace(ride.from))}</td><td>${address(shortPlace(ride.to))}</td><td>${ride.driver ?? '—'}</td><td class="number">${clock(ctx, ride.sinceMs)}</td></tr>`)}</tbody></table></div>
<p class="second">Cars are kept every ${props.everyMs / 1000} s for ${props.keptMs / 3_600_000} hours and drawn on straight lines in between${kept === null ? null : html`; here from ${clockSeconds(ctx, kept.fromMs)} on`}. What was offered to whom stands in each ride’s trace; words and prices of then are not kept.</p></section>
</main>`,
  })
}

function stepLink({ atMs, nowMs, keptMs }: PastProps, minutes: number): Html {
  const toMs = Math.min(nowMs, Math.max(nowMs - keptMs, atMs + minutes * 60_000))
  const words = `${minutes < 0 ? '−' : '+'}${Math.abs(minutes)} min`
  return html`<a class="button button-plain button-compact numbers" href="/board/past?at=${toMs}" data-step="${minutes * 60_000}">${words}</a>`
}

/** What the script writes into rows, in the words of this page. */
function wordsOf(): Record<string, string> {
  return Object.fromEntries(Object.entries(RIDE_WORDS).map(([state, { desk }]) => [state, desk]))
}
