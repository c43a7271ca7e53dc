/** The dispatcher's board: what needs a hand, where every car is, one ride in full, and all rides. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { clockSecondsText } from '../parts/format.ts'
import { mapAssets, mapBox } from '../parts/map.ts'
import { mark } from '../parts/mark.ts'
import { areasSide, narrowedNote } from './areas.ts'
import { boardBulk } from './bulk.ts'
import { boardCounts } from './counts.ts'
import { driverCard } from './driver-card.ts'
import { handoverLink } from './handover.ts'
import { boardDialogs } from './help.ts'
import { hexLayers } from './hexes.ts'
import { boardLanes } from './lanes.ts'
import { boardList } from './list.ts'
import { markedCars } from './marked-cars.ts'
import { messagesLink } from './messages.ts'
import { boardRide } from './pane.ts'
import type { BoardProps } from './props.ts'
import { boardUndo } from './undo.ts'

/** The whole board; its parts are fragments by id: board-counts, board-safety, board-queue, board-booked, board-zones, board-ride, board-table. */
export function boardPage(ctx: PageContext, props: BoardProps): Html {
  const driver = props.driver ?? null
  const view = props.pane === null && driver === null ? 'queue' : 'ride'
  return page(ctx, {
    title: 'Board',
    layout: 'board-page compact',
    ...mapAssets({
      styles: STYLES,
      scripts: [
        'htmx.js',
        'board-asked.js',
        'board-ahead.js',
        'board.js',
        'board-hexes.js',
        'board-picture.js',
        'board-cars.js',
        'board-rows.js',
        'board-keys.js',
        'board-commands.js',
        'board-find.js',
        'board-verbs.js',
        'board-palette.js',
        'board-booking-form.js',
        'board-booking-places.js',
        'board-booking-prices.js',
        'board-booking-caller.js',
        'board-booking.js',
        'board-see.js',
        'board-views.js',
        'board-areas.js',
        'board-write.js',
        'board-mark-cars.js',
        'board-sound.js',
        'board-acts.js',
        'board-bulk.js',
        'board-driver.js',
        'chat.js',
      ],
    }),
    refreshS: 20,
    body: html`<div id="board" class="board" data-view="${view}" data-company="${props.company}">
${topBar(ctx, props)}
<nav class="views" aria-label="Parts of the board">${VIEWS.map(
      ({ name, word }) => html`<a href="#board-${name}" data-view-name="${name}">${word}</a>`,
    )}</nav>
<main id="main" class="board-main" tabindex="-1">
<h1 class="screen-reader">Board of ${props.company}</h1>
<div class="board-side">${narrowedNote(narrowedTo(props))}${boardLanes(ctx, props)}</div>
<section id="board-map" class="board-map" aria-label="Map">${mapBox(ctx, { label: 'Map of all cars', center: props.region.center, zoom: props.region.zoom, zones: props.zones.outlines })}${hexLayers()}${mapNotes(props.region.name)}${markedCars()}${areasSide()}</section>
${driver === null ? boardRide(ctx, props.pane) : driverCard(ctx, driver)}
${boardList(ctx, props.list)}
</main>${boardUndo(ctx, props.undo ?? null)}${boardBulk(ctx, { result: null, key: props.key })}</div>${boardDialogs()}`,
  })
}

/** In order: what makes room on narrow screens overrules the rest. */
const STYLES = [
  'board.css',
  'board-hexes.css',
  'board-cars.css',
  'board-pane.css',
  'board-acts.css',
  'board-driver.css',
  'way.css',
  'chat.css',
  'board-watch.css',
  'safety.css',
  'board-table.css',
  'board-see.css',
  'board-views.css',
  'board-areas.css',
  'board-mark-cars.css',
  'board-keys.css',
  'board-booking.css',
  'board-bulk.css',
  'board-merge.css',
  'board-join.css',
  'board-narrow.css',
  'board-top.css',
]

/** What the table and the queue are narrowed to, by its name. */
function narrowedTo({ list }: BoardProps): string | null {
  const { filters, zoneName } = 'rides' in list ? list.rides : list.cars
  return filters.zone === undefined ? null : (zoneName ?? 'a part of the region')
}

/** Why the map shows no car; `board-cars.js` knows which of them is so. */
function mapNotes(region: string): Html {
  return html`<div id="board-no-cars" class="board-map-note" role="status" hidden><p>No car is on shift. One appears here as soon as its driver goes online.</p></div>
<div id="board-cars-elsewhere" class="board-map-note" role="status" hidden><p>No car here; <span class="numbers" data-cars></span> elsewhere.</p><button type="button" class="button button-quiet">Back to ${region}</button></div>`
}

const VIEWS = [
  { name: 'queue', word: 'Queue' },
  { name: 'map', word: 'Map' },
  { name: 'ride', word: 'Ride' },
  { name: 'table', word: 'All rides' },
] as const

function topBar(ctx: PageContext, props: BoardProps): Html {
  const viewer =
    ctx.viewer === null
      ? null
      : html`<details class="viewer"><summary>${icon('circle-user-round')}<span class="viewer-name">${ctx.viewer.name}</span></summary><form method="post" action="/sign-out">${formKeys({ csrf: ctx.csrf })}<a class="button button-quiet" href="/board/now">On a phone</a><a class="button button-quiet" href="/board/zones">Zones</a><a class="button button-quiet" href="/board/messages">Messages</a><a class="button button-quiet" href="/board/handover">Hand-over</a><a class="button button-quiet" href="/board/deeds">Who did what</a><a class="button button-quiet" href="/board/past">The last hours</a><a class="button button-quiet" href="/board/cases">After rides</a><a class="button button-quiet" href="/account/profile">Account</a>${ctx.viewer.roles.includes('admin') ? html`<a class="button button-quiet" href="/admin">Back office</a>` : null}<button class="button button-quiet">Sign out</button></form></details>`
  return html`<header class="top"><p class="top-name">${mark()}<b title="${props.company}">${props.company}</b><span class="second">${props.region.name}</span></p>${boardCounts(props.counts)}${messagesLink(props)}${handoverLink(props)}<a class="top-find" href="/board/find" data-palette>${icon('search')}<span>Find</span><kbd>Ctrl K</kbd></a><a class="top-book" href="/board/bookings" data-book>${icon('phone')}<span>Book</span><kbd>B</kbd></a><button id="board-mute" class="button button-quiet mute" type="button" aria-pressed="false" aria-label="Mute" aria-keyshortcuts="s" hx-morph-skip hidden>${icon('volume-2')}${icon('volume-x')}</button><time id="board-clock" class="top-clock" data-server-now="${props.nowMs}" hx-morph-skip>${clockSecondsText(ctx, props.nowMs)}</time>${viewer}</header>`
}
