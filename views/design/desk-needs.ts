/** What needs somebody at the desk, each kind as its card says it, and what the ride's pane says of it. */
import type { DriverId, RideId } from '../../src/engine/units.ts'
import { boardBooked } from '../board/booked.ts'
import { boardCounts } from '../board/counts.ts'
import type { NeedCard } from '../board/need-props.ts'
import { boardRide } from '../board/pane.ts'
import type { Candidate, PaneProps } from '../board/props.ts'
import { boardQueue } from '../board/queue.ts'
import { boardSafety } from '../board/safety.ts'
import { boardUndo } from '../board/undo.ts'
import { boardZones } from '../board/zones.ts'
import { PANE } from './desk.ts'
import { KEY, MIN_MS, NOW_MS, type PartGroup } from './specimen.ts'

const ride = (n: number) => ({ rideId: `need-${n}` as RideId })
const alarm = { sinceMs: NOW_MS - 48_000, actsAtMs: NOW_MS + 12_000, isLeft: false }

const NEEDS: readonly NeedCard[] = [
  {
    ...{ kind: 'alarm', id: 'dark', failsAtMs: NOW_MS + 12_000, ...ride(1), callSign: '231' },
    ...{ from: '11 Madison Ave', alarm: { ...alarm, kind: 'dark', hasAnswered: false } },
  },
  {
    ...{ kind: 'alarm', id: 'stalled', failsAtMs: NOW_MS + 90_000, ...ride(2), callSign: '077' },
    ...{ from: 'Whitney Museum', alarm: { ...alarm, kind: 'stalled', hasAnswered: true } },
  },
  {
    ...{ kind: 'alarm', id: 'retreating', failsAtMs: NOW_MS + 110_000, ...ride(3), callSign: '055' },
    ...{ from: 'Stone St', alarm: { ...alarm, kind: 'retreating', hasAnswered: false } },
  },
  {
    ...{ kind: 'no_show', id: 'no-show', failsAtMs: NOW_MS + 84_000, ...ride(4), callSign: '140' },
    ...{ from: 'Grand Central', riderName: 'نور الهدى عبد الرحمن' },
  },
  {
    ...{ kind: 'late', id: 'late-pickup', failsAtMs: NOW_MS + 200_000, ...ride(5), callSign: '182' },
    ...{ at: '828 Broadway', isOnBoard: false, lateS: 400, toldAtMs: NOW_MS - 400_000 },
  },
  {
    ...{ kind: 'silent', id: 'silent', failsAtMs: NOW_MS + 220_000, ...ride(6), callSign: '118' },
    ...{ isOnBoard: true, seenAtMs: NOW_MS - 80_000 },
  },
  {
    ...{ kind: 'off_route', id: 'off-route', failsAtMs: NOW_MS + 500_000, ...ride(7), callSign: '240' },
    ...{ to: 'Beekman Pl', excessM: 2_100 },
  },
  {
    ...{ kind: 'uncovered', id: 'uncovered', failsAtMs: NOW_MS + 40 * MIN_MS, ...ride(8) },
    ...{ atMs: NOW_MS + 55 * MIN_MS, booked: 9, cars: 6 },
  },
  {
    ...{ kind: 'papers', id: 'papers', failsAtMs: NOW_MS + 60 * MIN_MS, driverId: 'd204' as DriverId },
    ...{ callSign: '204', name: 'Bo Lindqvist' },
  },
]

const candidate = (callSign: string, state: Candidate['state'], etaS: number, reason: string): Candidate => ({
  ...{ driverId: `d${callSign}` as DriverId, callSign, name: 'Ruth A.', state, etaS, reason },
  ...{ point: { lat: 40.74, lng: -73.99 }, seenAtMs: NOW_MS - 4_000 },
})

/** Nobody drives it, and several said no. */
const RESCUE: PaneProps = {
  ...PANE,
  ride: { ...PANE.ride, state: 'requested', driver: null, note: '', putOffUntilMs: NOW_MS + 8 * MIN_MS },
  rescue: { misses: 5, widerAtMs: NOW_MS - 2 * MIN_MS },
  candidates: [
    candidate('204', 'free', 130, 'nearest'),
    candidate('163', 'free', 205, 'longest wait, 19 min'),
    candidate('240', 'on_board', 270, 'drops off at 18:10'),
    candidate('311', 'silent', 315, 'silent'),
  ],
  events: [],
}

const WATCHED: PaneProps = {
  ...PANE,
  notice: 'Ben gave this ride to 163 four seconds ago. Your choice was not used.',
  others: [
    { name: 'Ben Okri', isEditing: true },
    { name: 'Léa Nguyễn', isEditing: false },
  ],
  alarm: { ...alarm, kind: 'dark', hasAnswered: false },
  ride: {
    ...PANE.ride,
    shared: {
      latestAtMs: NOW_MS + 41 * MIN_MS,
      others: [{ id: 'other' as RideId, reference: 'HC-20421', riderName: 'Ben Ruiz', state: 'in_progress' }],
    },
  },
  events: [],
}

const quarter = (minutes: number, rides: number, cars: number) => ({
  ...{ atMs: NOW_MS + minutes * MIN_MS, rides, cars, onShift: cars + 4, busy: 4, from: 'shift' as const },
})

export const DESK_NEED_PARTS: readonly PartGroup[] = [
  {
    title: 'Counters',
    from: 'views/board/counts.ts',
    states: [
      {
        state: 'each leads to what it counts; none is faint',
        draw: () =>
          boardCounts({
            ...{ trouble: 3, unassigned: 7, free: 62, toPickup: 40, waiting: 8, onBoard: 1284 },
            ...{ break: 0, silent: 0 },
          }),
      },
    ],
  },
  {
    title: 'What needs somebody',
    from: 'views/board/queue.ts sayNeed',
    states: [
      {
        state: 'every kind of trouble, the least time first',
        draw: (ctx) => boardQueue(ctx, { nowMs: NOW_MS, cards: NEEDS, total: 9, selectedRideId: null }),
      },
      {
        state: 'calls for help, new and in hand',
        draw: () =>
          boardSafety({
            nowMs: NOW_MS,
            cards: [
              {
                ...{ id: 'new', rideId: 'help-1' as RideId, side: 'rider', callSign: '118', isSeen: false },
                ...{ from: '2nd Ave, E 34th', raisedAtMs: NOW_MS - 21_000 },
              },
              {
                ...{ id: 'seen', rideId: 'help-2' as RideId, side: 'driver', callSign: '117', isSeen: true },
                ...{ from: 'Pier 45', raisedAtMs: NOW_MS - 300_000 },
              },
            ],
          }),
      },
    ],
  },
  {
    title: 'What comes',
    from: 'views/board/booked.ts, zones.ts',
    states: [
      {
        state: 'rides of the next hours, too few cars for some',
        draw: (ctx) =>
          boardBooked(ctx, {
            ...{ total: 26, quarters: [quarter(55, 3, 22), quarter(115, 9, 6)] },
            next: [
              {
                ...{ rideId: 'booked' as RideId, reference: 'HC-20431', class: 'standard' },
                ...{ pickupAtMs: NOW_MS + 75 * MIN_MS, searchFromMs: NOW_MS + 60 * MIN_MS },
                ...{ from: '828 Broadway', to: 'LaGuardia Airport' },
              },
            ],
          }),
      },
      {
        state: 'ranks, full and empty',
        draw: (ctx) =>
          boardZones(ctx, {
            ...{ nowMs: NOW_MS, outlines: [] },
            zones: [
              {
                ...{ name: 'Penn Station rank', placesMost: 12, standing: 5, corners: CORNERS },
                cars: (['offered', 'free', 'silent'] as const).map((state, n) => ({
                  ...{ callSign: String(204 + n), name: 'Bo L.', state, enteredAtMs: NOW_MS - n * MIN_MS },
                })),
              },
              { name: 'Grand Central rank', placesMost: 8, standing: 0, cars: [], corners: CORNERS },
            ],
          }),
      },
    ],
  },
  {
    title: 'A ride in trouble',
    from: 'views/board/pane.ts, rescue.ts, watch.ts',
    states: [
      {
        state: 'nobody took it',
        isClosed: true,
        draw: (ctx) => boardRide(ctx, RESCUE),
      },
      {
        state: 'two desks, a silent car, somebody else in it',
        isClosed: true,
        draw: (ctx) => boardRide(ctx, WATCHED),
      },
      { state: 'none is chosen', draw: (ctx) => boardRide(ctx, null) },
      {
        state: 'done, and taken back for ten seconds',
        draw: (ctx) =>
          boardUndo(ctx, {
            ...{ actId: 'act', rideId: 'r163' as RideId, text: 'HC-20418 given to 163.', key: KEY },
            ...{ untilMs: NOW_MS + 8_000, nowMs: NOW_MS },
          }),
      },
    ],
  },
]

const CORNERS = [
  { lat: 40.749, lng: -73.995 },
  { lat: 40.752, lng: -73.991 },
] as const
