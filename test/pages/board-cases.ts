/** Ines at her desk on a busy evening: the board with sample props, for tests and for looking at. */
import { byFailure } from '../../src/engine/needs.ts'
import type { DriverId, RideId } from '../../src/engine/units.ts'
import { boardPage } from '../../views/board/board.ts'
import type { CarsProps } from '../../views/board/cars-list.ts'
import type { NeedCard, WaitingNeed } from '../../views/board/need-props.ts'
import type {
  BoardProps,
  PaneProps,
  SafetyLaneProps,
  TableProps,
  TableRow,
  ZoneCar,
  ZoneProps,
} from '../../views/board/props.ts'
import { tracePage } from '../../views/board/trace.ts'
import type { Html } from '../../views/html.ts'
import type { PageContext } from '../../views/page.ts'
import { type DeskSafetyProps, deskSafetyPage } from '../../views/safety/desk.ts'
import { driverContext, NOW_MS } from './driver-cases.ts'
import { givenUpTrace, traceProps } from './trace-cases.ts'

export const boardContext: PageContext = {
  ...driverContext,
  path: '/board',
  viewer: { name: 'Ines Duarte', roles: ['dispatcher'] },
}

const card = (
  ageS: number,
  leftS: number,
  from: string,
  to: string,
  rest: Partial<WaitingNeed> = {},
): WaitingNeed => ({
  ...{ kind: 'waiting', id: `queue-ride-${from.replaceAll(/\W/g, '')}`, failsAtMs: NOW_MS + leftS * 1_000 },
  rideId: `ride-${from.replaceAll(/\W/g, '')}` as RideId,
  requestedAtMs: NOW_MS - ageS * 1_000,
  deadlineAtMs: NOW_MS + leftS * 1_000,
  from,
  to,
  class: 'standard',
  seats: 1,
  askingCallSign: null,
  waitsForCallSign: null,
  misses: 0,
  needsRescue: false,
  putOffUntilMs: null,
  ...rest,
})

export const cards: WaitingNeed[] = [
  card(364, 56, 'Bellevue', 'W 96th St', { class: 'accessible', misses: 5, needsRescue: true }),
  card(221, 199, '55 Water St', 'LaGuardia', { askingCallSign: '163' }),
  card(158, 262, '230 Fifth Ave', 'Spring St', { misses: 2 }),
  card(110, 310, 'Pier 61', 'Carnegie Hall', { class: 'black' }),
  card(72, 348, 'Katz’s Deli', 'E 79th St', { seats: 2, waitsForCallSign: '117' }),
  card(33, 387, 'Macy’s 34th', 'W 4th St', { askingCallSign: '092' }),
  card(4, 416, 'MoMA', 'Beekman Pl'),
]

const row = (
  state: TableRow['state'],
  reference: string,
  riderName: string,
  from: string,
  to: string,
  driver: string,
  etaMinutes: number | null,
  lateS: number | null,
  fareMinor: number,
  note = '',
  noteTone?: TableRow['noteTone'],
): TableRow => ({
  rideId: `ride-${reference}` as RideId,
  version: 1,
  driverId: driver === '' ? null : (`driver-${driver.slice(0, 3)}` as DriverId),
  state,
  reference,
  riderName,
  from,
  to,
  driver: driver === '' ? null : { callSign: driver.slice(0, 3), name: driver.slice(4) },
  etaAtMs: etaMinutes === null ? null : NOW_MS + etaMinutes * 60_000,
  lateS,
  fareMinor,
  currency: 'USD',
  shared: false,
  note,
  ...(noteTone && { noteTone }),
})

export const rows: TableRow[] = [
  row('requested', 'HC-20418', 'Noor H.', '230 Fifth Ave', '110 Spring St', '', null, null, 1_620),
  row(
    'en_route',
    'HC-20371',
    'Jun W.',
    'Whitney Museum',
    'W 72nd St',
    '077 Petra K.',
    5,
    360,
    2_140,
    'stalled 3 min',
    'warn',
  ),
  row(
    'en_route',
    'HC-20388',
    'Sam E.',
    '11 Madison Ave',
    'Pier 11',
    '231 Luis O.',
    3,
    240,
    1_990,
    'dark 48 s',
    'danger',
  ),
  row('arrived', 'HC-20392', 'Ines R.', 'Grand Central', 'E 9th St', '140 Abdi F.', null, 180, 1_730),
  row('assigned', 'HC-20401', 'Ada O.', '828 Broadway', '1071 Fifth Ave', '182 Amadou D.', 4, 0, 2_480),
  row('in_progress', 'HC-20369', 'Theo B.', 'Lincoln Center', 'Stone St', '055 Wen L.', 11, -60, 3_160),
  row('in_progress', 'HC-20364', 'Mina S.', 'Tompkins Sq', 'W 110th St', '118 Marisol P.', 14, 60, 3_310),
]

const candidates: PaneProps['candidates'] = [
  ['204', 'Bo Lindqvist', 'free', 130, 'nearest', 2, 40.7478, -73.985],
  ['163', 'Ruth A.', 'free', 205, 'longest wait, 19 min', 4, 40.7413, -73.9825],
  ['127', 'Kofi M.', 'free', 220, 'declined before', 1, 40.7425, -73.993],
  ['092', 'Lena P.', 'free', 245, 'larger car', 6, 40.7487, -73.9925],
  ['240', 'Omar S.', 'on_board', 270, 'drops off at 18:10', 3, 40.738, -73.995],
  ['311', 'Yuki T.', 'silent', 315, 'silent', 42, 40.7365, -73.98],
].map(([callSign, name, state, etaS, reason, ageS, lat, lng]) => ({
  driverId: `driver-${callSign}` as DriverId,
  callSign: String(callSign),
  name: String(name),
  state: state as 'free' | 'on_board' | 'silent',
  point: { lat: Number(lat), lng: Number(lng) },
  etaS: Number(etaS),
  reason: String(reason),
  seenAtMs: NOW_MS - Number(ageS) * 1_000,
}))

export const paneProps: PaneProps = {
  nowMs: NOW_MS,
  way: null,
  ride: {
    id: cards[2]!.rideId,
    reference: 'HC-20418',
    version: 1,
    state: 'requested',
    requestedAtMs: NOW_MS - 158_000,
    booking: null,
    from: { lat: 40.7442, lng: -73.9877, label: '230 Fifth Ave' },
    to: { lat: 40.7253, lng: -74.0012, label: '110 Spring St' },
    distanceM: 3_100,
    riderName: 'Noor Haddad',
    class: 'standard',
    seats: 1,
    fareMinor: 1_620,
    currency: 'USD',
    payment: 'account',
    note: '',
    driver: null,
    shared: null,
    putOffUntilMs: null,
  },
  alarm: null,
  rescue: null,
  candidates,
  considered: 31,
  events: [
    { atMs: NOW_MS - 158_000, kind: 'request', by: 'Noor Haddad', callSign: null, reason: null },
    { atMs: NOW_MS - 120_000, kind: 'offer_declined', by: '177', callSign: '177', reason: 'too short' },
    { atMs: NOW_MS - 80_000, kind: 'offer_expired', by: null, callSign: '059', reason: null },
    { atMs: NOW_MS - 4_000, kind: 'offer_pending', by: null, callSign: '204', reason: null },
  ],
  key: () => '0193a7c2-0000-7000-8000-000000000002',
}

export const takenPane: PaneProps = {
  ...paneProps,
  ride: {
    ...paneProps.ride,
    state: 'en_route',
    note: 'Two suitcases, by the revolving door.',
    driver: {
      id: 'driver-163' as DriverId,
      callSign: '163',
      name: 'Ruth A.',
      vehicle: 'White Sienna',
      plate: 'T812450C',
      seenAtMs: NOW_MS - 14_000,
      point: { lat: 40.7421, lng: -73.9911 },
    },
  },
  candidates: [],
  notice: 'Ben gave this ride to 163 four seconds ago. Your choice was not used.',
  events: [
    ...paneProps.events,
    { atMs: NOW_MS - 4_000, kind: 'assign', by: 'Ben Okri', callSign: '163', reason: null },
    { atMs: NOW_MS - 1_000, kind: 'set_off', by: '163', callSign: '163', reason: null },
  ],
}

/** The watchdog speaks of its car. */
export const watchedPane: PaneProps = {
  ...takenPane,
  alarm: {
    ...{ kind: 'dark', sinceMs: NOW_MS - 48_000, actsAtMs: NOW_MS + 12_000 },
    ...{ hasAnswered: false, isLeft: false },
  },
  events: [
    ...takenPane.events,
    { atMs: NOW_MS - 3_000, kind: 'alarm_raised', by: null, callSign: '163', reason: 'dark 45 s' },
  ],
}

/** So many said no that the desk is asked to help. */
export const rescuePane: PaneProps = {
  ...paneProps,
  ride: { ...paneProps.ride, putOffUntilMs: NOW_MS + 480_000 },
  rescue: { misses: 5, widerAtMs: NOW_MS - 120_000 },
  sharedCars: {
    ...{ nowMs: NOW_MS, full: 1, late: 2 },
    cars: [
      {
        ...{ driverId: 'driver-092' as DriverId, callSign: '092', name: 'Maximiliana Oyelaran-Featherstone' },
        ...{ plan: 'd20421', pickupAtMs: NOW_MS + 240_000, dropoffAtMs: NOW_MS + 1_260_000 },
        ...{ seats: 4, seatsTaken: 3, addedS: 200 },
        others: [
          {
            ...{ rideId: 'ride-9' as RideId, reference: 'HC-20421', riderName: 'Ben Ruiz' },
            ...{ pickupLaterS: null, dropoffLaterS: 190, dropoffAtMs: NOW_MS + 900_000 },
            latestAtMs: NOW_MS + 1_500_000,
          },
          {
            ...{ rideId: 'ride-10' as RideId, reference: 'HC-20424', riderName: 'Nguyễn Thị Minh Khai' },
            ...{ pickupLaterS: 130, dropoffLaterS: 190, dropoffAtMs: NOW_MS + 1_500_000 },
            latestAtMs: NOW_MS + 1_800_000,
          },
        ],
      },
      {
        ...{ driverId: 'driver-117' as DriverId, callSign: '117', name: 'Wen Li' },
        ...{ plan: 'd20430', pickupAtMs: NOW_MS + 420_000, dropoffAtMs: NOW_MS + 1_500_000 },
        ...{ seats: 4, seatsTaken: 2, addedS: 0 },
        others: [
          {
            ...{ rideId: 'ride-11' as RideId, reference: 'HC-20430', riderName: 'Ada Okafor' },
            ...{ pickupLaterS: null, dropoffLaterS: 0, dropoffAtMs: NOW_MS + 400_000 },
            latestAtMs: NOW_MS + 1_200_000,
          },
        ],
      },
    ],
  },
}

/** Two riders in one car. */
export const sharedPane: PaneProps = {
  ...takenPane,
  ride: {
    ...takenPane.ride,
    shared: {
      latestAtMs: NOW_MS + 41 * 60_000,
      others: [
        { id: 'ride-9' as RideId, reference: 'HC-20421', riderName: 'Ben Ruiz', state: 'in_progress' },
        { id: 'ride-10' as RideId, reference: 'HC-20424', riderName: 'Ada Okafor', state: 'assigned' },
      ],
    },
  },
}
const stands = (callSign: string, minutes: number, state: ZoneCar['state'] = 'free'): ZoneCar => ({
  ...{ callSign, name: `Driver ${callSign}`, state, enteredAtMs: NOW_MS - minutes * 60_000 },
})
const corners = [
  { lat: 40.749, lng: -73.995 },
  { lat: 40.752, lng: -73.991 },
] as const

const RING: [number, number][] = [
  [40.751, -73.9903],
  [40.7526, -73.9943],
  [40.7496, -73.9965],
  [40.748, -73.9925],
]

export const zones: ZoneProps[] = [
  { name: 'Grand Central rank', placesMost: 8, standing: 0, cars: [], corners },
  {
    ...{ name: 'Penn Station rank', placesMost: 12, standing: 5, corners },
    cars: [
      stands('204', 26, 'offered'),
      stands('117', 19),
      stands('092', 11, 'silent'),
      stands('163', 4),
      stands('231', 1),
    ],
  },
  {
    ...{ name: 'LaGuardia, taxi holding lot by terminal B', placesMost: 60, standing: 27, corners },
    cars: Array.from({ length: 12 }, (_, n) => stands(String(301 + n), 70 - n * 3)),
  },
]

/** One of each kind beside the requests that wait. */
export const needs: NeedCard[] = [
  {
    ...{ kind: 'alarm', id: 'alarm-1', failsAtMs: NOW_MS + 12_000, rideId: rows[2]!.rideId, callSign: '231' },
    from: '11 Madison Ave',
    alarm: {
      ...{ kind: 'dark', sinceMs: NOW_MS - 48_000, actsAtMs: NOW_MS + 12_000 },
      ...{ hasAnswered: false, isLeft: false },
    },
  },
  {
    ...{ kind: 'alarm', id: 'alarm-2', failsAtMs: NOW_MS + 90_000, rideId: rows[1]!.rideId, callSign: '077' },
    from: 'Whitney Museum',
    alarm: {
      ...{ kind: 'stalled', sinceMs: NOW_MS - 180_000, actsAtMs: NOW_MS + 90_000 },
      ...{ hasAnswered: true, isLeft: false },
    },
  },
  {
    ...{ kind: 'silent', id: 'silent-1', failsAtMs: NOW_MS + 220_000, rideId: rows[6]!.rideId },
    ...{ callSign: '118', isOnBoard: true, seenAtMs: NOW_MS - 80_000 },
  },
  {
    ...{ kind: 'off_route', id: 'off-1', failsAtMs: NOW_MS + 500_000, rideId: rows[5]!.rideId },
    ...{ callSign: '055', to: 'Stone St', excessM: 2_100 },
  },
  {
    ...{ kind: 'no_show', id: 'no-show-1', failsAtMs: NOW_MS + 84_000, rideId: rows[3]!.rideId },
    ...{ callSign: '140', from: 'Grand Central', riderName: 'نور الهدى عبد الرحمن' },
  },
  {
    ...{ kind: 'late', id: 'late-1', failsAtMs: NOW_MS + 200_000, rideId: rows[4]!.rideId },
    ...{ callSign: '182', at: '828 Broadway', isOnBoard: false, lateS: 400, toldAtMs: NOW_MS - 400_000 },
  },
  {
    ...{ kind: 'uncovered', id: 'quarter-1', failsAtMs: NOW_MS + 2_400_000, rideId: 'booked-1' as RideId },
    ...{ atMs: NOW_MS + 55 * 60_000, booked: 9, cars: 6 },
  },
  {
    ...{ kind: 'papers', id: 'papers-1', failsAtMs: NOW_MS + 3_600_000, driverId: 'driver-204' as DriverId },
    ...{ callSign: '204', name: 'Bo Lindqvist' },
  },
]

export const tableProps: TableProps = {
  show: 'live',
  counts: { live: 132, unassigned: 7, to_pickup: 40, waiting: 8, on_board: 84, booked: 26, ended: 611 },
  filters: {},
  cars: 206,
  rows,
  hasMore: false,
  selectedRideId: null,
}

export const boardProps: BoardProps = {
  key: () => 'key-of-the-bar',
  company: 'Canal Street Cars',
  region: { name: 'Manhattan', center: { lat: 40.742, lng: -73.985 }, zoom: 13 },
  nowMs: NOW_MS,
  counts: { trouble: 3, unassigned: 7, free: 62, toPickup: 40, waiting: 8, onBoard: 84, break: 9, silent: 3 },
  queue: {
    nowMs: NOW_MS,
    cards: byFailure([...cards, ...needs]),
    total: 15,
    selectedRideId: paneProps.ride.id,
  },
  safety: { nowMs: NOW_MS, cards: [] },
  answers: 0,
  notes: 0,
  booked: {
    total: 26,
    quarters: [
      { atMs: NOW_MS + 55 * 60_000, rides: 3, cars: 22, onShift: 64, busy: 42, from: 'shift' },
      { atMs: NOW_MS + 115 * 60_000, rides: 9, cars: 6, onShift: 6, busy: 0, from: 'usual' },
    ],
    next: [
      {
        ...{ rideId: cards[0]!.rideId, reference: 'HC-20431', class: 'standard' },
        ...{ pickupAtMs: NOW_MS + 75 * 60_000, searchFromMs: NOW_MS + 60 * 60_000 },
        ...{ from: '828 Broadway', to: 'LaGuardia Airport' },
      },
    ],
  },
  zones: { nowMs: NOW_MS, zones, outlines: [{ name: 'Penn Station rank', rings: [RING] }] },
  list: { rides: tableProps },
  pane: paneProps,
}

export const emptyBoard: BoardProps = {
  ...boardProps,
  counts: { trouble: 0, unassigned: 0, free: 12, toPickup: 0, waiting: 0, onBoard: 0, break: 0, silent: 0 },
  queue: { nowMs: NOW_MS, cards: [], total: 0, selectedRideId: null },
  safety: { nowMs: NOW_MS, cards: [] },
  booked: { total: 0, quarters: [], next: [] },
  zones: { nowMs: NOW_MS, zones: [], outlines: [] },
  list: {
    rides: {
      ...tableProps,
      counts: { live: 0, unassigned: 0, to_pickup: 0, waiting: 0, on_board: 0, booked: 0, ended: 0 },
      rows: [],
    },
  },
  pane: null,
}

const safetyLane: SafetyLaneProps = {
  nowMs: boardProps.nowMs,
  cards: [
    {
      ...{ id: 'alert-1', rideId: 'ride-1' as RideId, side: 'rider', callSign: '204' },
      ...{ from: '828 Broadway, Union Square', raisedAtMs: boardProps.nowMs - 12_000, isSeen: false },
    },
    {
      ...{ id: 'alert-2', rideId: 'ride-2' as RideId, side: 'driver', callSign: '117' },
      ...{ from: 'Pier 45', raisedAtMs: boardProps.nowMs - 300_000, isSeen: true },
    },
  ],
}

const track = Array.from({ length: 40 }, (_, n) => ({
  ...{ lat: 40.7333 + n * 0.0003, lng: -73.991 + n * 0.0001, atMs: boardProps.nowMs - 300_000 + n * 5000 },
}))

const deskSafety: DeskSafetyProps = {
  ...{ nowMs: boardProps.nowMs, rideId: 'ride-1', reference: 'HC-7F3K-20', riderName: 'Ada Okafor' },
  driver: { name: 'Bo Lindqvist', callSign: '204' },
  vehicle: { words: 'Dark blue Camry', plate: 'T704182C' },
  pickup: { label: '828 Broadway', point: { lat: 40.7333, lng: -73.991 } },
  dropoff: { label: '1071 Fifth Ave', point: { lat: 40.7829, lng: -73.959 } },
  ...{ emergencyNumber: '911', track },
  car: { lat: 40.745, lng: -73.987, headingDeg: 20, ageMs: 4000 },
  alerts: [
    { id: 'a2', side: 'rider', raisedAtMs: boardProps.nowMs - 12_000, seen: null, closed: null },
    {
      ...{ id: 'a1', side: 'driver', raisedAtMs: boardProps.nowMs - 900_000 },
      seen: { atMs: boardProps.nowMs - 890_000, by: 'Ines Duarte' },
      closed: { atMs: boardProps.nowMs - 600_000, by: 'Ines Duarte', words: 'Called back, all is well' },
    },
  ],
  key: () => 'k',
}

const carsProps: CarsProps = {
  ...{ nowMs: NOW_MS, counts: tableProps.counts, filters: { state: 'free' }, total: 206, hasMore: false },
  rows: (
    [
      ['204', 'Bo Lindqvist', 'free', 1_260, 2, 'Penn Station rank'],
      ['163', 'عبد الرحمن الخالدي', 'free', 400, 8, null],
      ['127', 'Жанна Кузнецова', 'offered', 90, 14, null],
      ['240', 'Omar S.', 'on_board', null, 26, null],
      ['311', 'Yuki T.', 'silent', 300, 95, null],
    ] as const
  ).map(([callSign, name, state, clearS, seenS, zone]) => ({
    ...{ driverId: `driver-${callSign}` as DriverId, callSign, name, state, zone },
    ...{ plate: `T${callSign}182C`, vehicle: 'White Sienna', class: 'standard', rideId: null },
    clearSinceMs: clearS === null ? null : NOW_MS - clearS * 1_000,
    ...{ seenAtMs: NOW_MS - seenS * 1_000, endsAtMs: NOW_MS + 7_200_000 },
  })),
}

/** Every page of this slice by the name it has in the gallery. */
export function boardCases(): Record<string, Html> {
  return {
    board: boardPage(boardContext, boardProps),
    'board-ranks': boardPage(boardContext, { ...emptyBoard, zones: boardProps.zones }),
    'board-taken': boardPage(boardContext, { ...boardProps, pane: takenPane }),
    'board-watched': boardPage(boardContext, { ...boardProps, pane: watchedPane }),
    'board-rescue': boardPage(boardContext, { ...boardProps, pane: rescuePane }),
    'board-shared': boardPage(boardContext, {
      ...boardProps,
      pane: sharedPane,
      list: {
        rides: {
          ...tableProps,
          rows: rows.map((each, n) => (n === 1 || n === 2 ? { ...each, shared: true } : each)),
        },
      },
    }),
    'board-safety': boardPage(boardContext, { ...boardProps, safety: safetyLane }),
    'safety-desk': deskSafetyPage(boardContext, deskSafety),
    'board-empty': boardPage(boardContext, emptyBoard),
    trace: tracePage(boardContext, traceProps),
    'trace-given-up': tracePage(boardContext, givenUpTrace),
    'board-cars': boardPage(boardContext, { ...emptyBoard, list: { cars: carsProps } }),
    'board-many': boardPage(boardContext, {
      ...boardProps,
      pane: null,
      list: {
        rides: {
          ...tableProps,
          ...{ hasMore: true, total: 9_840 },
          rows: Array.from({ length: 40 }, (_, i) => ({
            ...rows[i % rows.length]!,
            rideId: `ride-${i}` as RideId,
          })),
        },
      },
    }),
  }
}
