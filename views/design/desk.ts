/** Parts of the dispatcher's board. */
import type { DriverId, RideId } from '../../src/engine/units.ts'
import { hexLayers } from '../board/hexes.ts'
import { MARKERS, marker } from '../board/marker.ts'
import type { QueueProps, WaitingNeed } from '../board/need-props.ts'
import { boardRide } from '../board/pane.ts'
import type { PaneProps, TableProps, TableRow } from '../board/props.ts'
import { boardQueue } from '../board/queue.ts'
import { boardTable } from '../board/table.ts'
import { html } from '../html.ts'
import { KEY, NOW_MS, type PartGroup } from './specimen.ts'

function card(ageS: number, leftS: number, from: string, to: string, misses = 0): WaitingNeed {
  return {
    ...{ kind: 'waiting', id: `queue-${ageS}`, failsAtMs: NOW_MS + leftS * 1000 },
    ...{ rideId: `r${ageS}` as RideId, requestedAtMs: NOW_MS - ageS * 1000 },
    ...{ deadlineAtMs: NOW_MS + leftS * 1000, from, to, class: 'standard', seats: 1, misses },
    ...{ askingCallSign: null, waitsForCallSign: null, needsRescue: false, putOffUntilMs: null },
  }
}

const CARDS = [
  card(364, 56, 'Bellevue', 'W 96th St', 5),
  card(158, 262, '230 Fifth Ave', 'Spring St', 2),
  card(72, 347, 'Katz’s Deli', 'E 79th St'),
  card(4, 416, 'MoMA', 'Beekman Pl'),
]

const QUEUE: QueueProps = {
  ...{ nowMs: NOW_MS, total: 74, selectedRideId: CARDS[2]!.rideId },
  cards: [
    {
      ...{ kind: 'late', id: 'late', failsAtMs: NOW_MS + 200_000, rideId: 'r9' as RideId, callSign: '077' },
      ...{ at: 'Whitney Museum', isOnBoard: false, lateS: 360, toldAtMs: NOW_MS - 400_000 },
    },
    ...CARDS,
  ],
}

function row(state: TableRow['state'], reference: string, rest: Partial<TableRow> = {}): TableRow {
  return {
    ...{ rideId: reference as RideId, driverId: 'd204' as DriverId, state, reference, version: 1 },
    ...{ riderName: 'Ruth A.', from: '828 Broadway', to: '1071 Fifth Ave' },
    driver: { callSign: '204', name: 'Bo L.' },
    ...{ etaAtMs: NOW_MS + 240_000, lateS: 0, fareMinor: 2480, currency: 'USD', shared: false, note: '' },
    ...rest,
  }
}

const COUNTS = { live: 3, unassigned: 0, to_pickup: 1, waiting: 1, on_board: 1, booked: 0, ended: 0 }
const TABLE: TableProps = {
  ...{
    show: 'live',
    counts: COUNTS,
    filters: {},
    cars: 12,
    hasMore: false,
    selectedRideId: 'HC-20392' as RideId,
  },
  rows: [
    row('en_route', 'HC-20388', { note: 'dark 48 s', noteTone: 'danger', lateS: 240 }),
    row('arrived', 'HC-20392'),
    row('in_progress', 'HC-20369', { shared: true, lateS: -60 }),
  ],
}

/** A ride to its pickup. */
export const PANE: PaneProps = {
  ...{ nowMs: NOW_MS, way: null, alarm: null, rescue: null, candidates: [], considered: 31, key: KEY },
  ride: {
    ...{ id: 'r163' as RideId, reference: 'HC-20418', state: 'en_route', requestedAtMs: NOW_MS - 158_000 },
    from: { lat: 40.7442, lng: -73.9877, label: '230 Fifth Ave' },
    to: { lat: 40.7253, lng: -74.0012, label: '110 Spring St' },
    ...{ booking: null, distanceM: 3_100, riderName: 'Noor Haddad', class: 'standard', seats: 1 },
    ...{ fareMinor: 1_620, currency: 'USD', payment: 'account', note: 'Two suitcases.', shared: null },
    ...{ version: 3, putOffUntilMs: null },
    driver: {
      ...{ id: 'd163' as DriverId, callSign: '163', name: 'Ruth A.', vehicle: 'White Sienna' },
      ...{ plate: 'T812450C', seenAtMs: NOW_MS - 14_000, point: { lat: 40.7421, lng: -73.9911 } },
    },
  },
  events: [
    { atMs: NOW_MS - 158_000, kind: 'request', by: 'Noor Haddad', callSign: null, reason: null },
    { atMs: NOW_MS - 4_000, kind: 'assign', by: 'Ben Okri', callSign: '163', reason: null },
  ],
}

export const DESK_PARTS: readonly PartGroup[] = [
  {
    title: 'A car’s state',
    from: 'views/board/marker.ts',
    states: [
      {
        state: 'every shape',
        draw: () =>
          html`<ul class="design-row">${MARKERS.map((name) => html`<li class="design-marker">${marker(name)}${name.replaceAll('_', ' ')}</li>`)}</ul>`,
      },
    ],
  },
  {
    title: 'Queue cards',
    from: 'views/board/queue.ts',
    states: [
      {
        state: 'each age, one chosen',
        draw: (ctx) => boardQueue(ctx, QUEUE),
      },
      {
        state: 'nobody waits',
        draw: (ctx) => boardQueue(ctx, { nowMs: NOW_MS, cards: [], total: 0, selectedRideId: null }),
      },
    ],
  },
  {
    title: 'Table row',
    from: 'views/board/table.ts',
    states: [
      { state: 'in trouble, chosen, shared', draw: (ctx) => boardTable(ctx, TABLE) },
      {
        state: 'nothing found',
        draw: (ctx) => boardTable(ctx, { ...TABLE, filters: { q: 'zzz' }, rows: [] }),
      },
    ],
  },
  {
    title: 'Ride and driver on the desk',
    from: 'views/board/pane.ts',
    states: [{ state: 'to pickup', isClosed: true, draw: (ctx) => boardRide(ctx, PANE) }],
  },
  {
    title: 'Hex legend',
    from: 'views/board/hexes.ts',
    states: [{ state: 'every layer', isShown: true, draw: () => hexLayers() }],
  },
]
