/** What the board is answered when something is pressed on it: booking, finding, several rides, views and zones of a sample evening. */
import type { DriverId, IdentityId } from '../../src/engine/units.ts'
import { type AreaProps, boardAreas } from '../../views/board/areas.ts'
import { bookingPanel, bookingPrices } from '../../views/board/booking.ts'
import { boardBulk } from '../../views/board/bulk.ts'
import { type CallersFoundProps, callerPart } from '../../views/board/caller.ts'
import { foundList } from '../../views/board/find.ts'
import { savedViewsPane, type ViewRow } from '../../views/board/saved-views.ts'
import type { Html } from '../../views/html.ts'
import { suggestions } from '../../views/rides/address-field.ts'
import { boardContext, rows } from './board-cases.ts'
import { NOW_MS } from './driver-cases.ts'

const MINUTE_MS = 60_000
const key = () => 'a-key'
const LONG_NAME = 'عبد الرحمن بن محمد الأندلسي of the Very Long Name-Hyphenated Family'
const HOME = { label: '828 Broadway', point: { lat: 40.7333, lng: -73.991 } }
const MUSEUM = { label: 'Guggenheim Museum, 1071 Fifth Avenue', point: { lat: 40.7829, lng: -73.959 } }

const empty = { text: '', point: null }

/** Who rings, by what the desk types. */
export const CALLERS = { known: '2125550142', several: 'Noor', fresh: '2125550199', blocked: '2125550113' }

const nobody: CallersFoundProps = {
  ...{ query: '', isAsked: false, newPhone: null, callers: [], places: [], lastRide: null },
}
const noor = { id: 'noor', name: 'Noor Haddad', reach: '+1 212 555 0142', blocked: null }

function callers(): Record<string, Html> {
  const asked = (query: string, rest: Partial<CallersFoundProps>) => [
    `board/callers?q=${query}`,
    callerPart(boardContext, { ...nobody, query, isAsked: true, ...rest }),
  ]
  return {
    'board/callers': callerPart(boardContext, nobody),
    ...Object.fromEntries([
      asked(CALLERS.known, {
        callers: [noor],
        places: [HOME, MUSEUM, { ...HOME, label: 'Bellevue Hospital' }, { ...HOME, label: 'Pier 61' }],
        lastRide: { atMs: NOW_MS - 3 * 86_400_000, from: HOME, to: MUSEUM },
      }),
      asked(CALLERS.several, {
        callers: [
          noor,
          { id: 'noor-2', name: LONG_NAME, reach: 'noor.al-andalusi@example.com', blocked: null },
          { id: 'noor-3', name: 'Noor Jansen', reach: '+31 20 555 0188', blocked: null },
        ],
      }),
      asked(CALLERS.fresh, { newPhone: { e164: '+12125550199', spoken: '(212) 555-0199' } }),
      asked(CALLERS.blocked, {
        callers: [{ ...noor, blocked: { reason: 'Did not pay twice and hit a driver' } }],
      }),
    ]),
  }
}

const prices = (rest: { error?: string; note?: string } = {}) =>
  bookingPrices(boardContext, {
    ...{ setId: 'set', caller: { name: 'Noor Haddad' }, from: HOME.label, stops: [], to: MUSEUM.label },
    ...{ pickupAtMs: null, heldUntilMs: NOW_MS + 5 * MINUTE_MS, takesAccount: true, key: 'k' },
    collisions: [{ atMs: NOW_MS + 40 * MINUTE_MS, dropoffLabel: 'LaGuardia Airport' }],
    options: [
      { quoteId: 'q1', class: 'standard', shared: false, fareMinor: 2480, currency: 'USD', etaS: 240 },
      { quoteId: 'q2', class: 'standard', shared: true, fareMinor: 1740, currency: 'USD', etaS: 360 },
      { quoteId: 'q3', class: 'black', shared: false, fareMinor: 4610, currency: 'USD', etaS: 540 },
      { quoteId: 'q4', class: 'accessible', shared: false, fareMinor: 2480, currency: 'USD', etaS: null },
    ],
    ...rest,
  })

function booking(): Record<string, Html> {
  const place = (name: string, area: string, distanceM: number) => ({
    ...{ label: `${name}, ${area}`, name, area, point: MUSEUM.point, distanceM },
  })
  return {
    'board/bookings': bookingPanel(boardContext, {
      ...{ caller: '', riderId: null, callers: [], from: empty, stops: [], to: empty, at: '' },
      ...{ canBookAhead: true, seats: 1, needs: [], key: 'key' },
    }),
    places: suggestions({
      ...{ field: 'to', query: 'gugen' },
      places: [
        place('Guggenheim Museum', '1071 Fifth Avenue, Upper East Side', 5800),
        place('Gugen Deli', '88 Madison Avenue', 1200),
        place('Guggenheim Bandshell', 'Damrosch Park, Lincoln Square', 3900),
      ],
    }),
    'POST board/bookings': prices(),
    'POST board/bookings/set': prices({
      error: 'These prices ran out at 18:07. The new ones stand below: $23.60 for Standard.',
      note: 'Two suitcases, by the revolving door',
    }),
  }
}

function finding(): Record<string, Html> {
  const ride = (n: number) => ({
    ...{ id: rows[n]!.rideId, reference: rows[n]!.reference, state: rows[n]!.state },
    ...{ riderName: n === 1 ? LONG_NAME : rows[n]!.riderName, from: rows[n]!.from, to: rows[n]!.to },
    ...{ callSign: rows[n]!.driver?.callSign ?? null, atMs: NOW_MS - n * MINUTE_MS },
  })
  return {
    'board/find': foundList(boardContext, {
      query: 'noor',
      rides: [ride(0), ride(1)],
      drivers: [
        { id: 'd204', callSign: '204', name: 'Noor Lindqvist', plate: 'T704182C', state: 'free' },
        { id: 'd77', callSign: '077', name: 'Petra Noorlander', plate: null, state: null },
      ],
      people: [
        {
          ...{ id: 'noor' as IdentityId, name: 'Noor Haddad', phone: '+1 212 555 0142' },
          ...{ email: 'noor@example.com', isBlocked: false },
        },
        {
          ...{ id: 'noor-2' as IdentityId, name: LONG_NAME, phone: null },
          ...{ email: 'noor.al-andalusi@example.com', isBlocked: true },
        },
      ],
      places: [{ label: 'Noor Palace', area: 'Murray Hill', point: HOME.point }],
    }),
    'board/find?q=zzz': foundList(boardContext, {
      ...{ query: 'zzz', rides: [], drivers: [], people: [], places: [] },
    }),
  }
}

/** Of three rides that were given to the nearest, one had a driver already. */
function several(): Record<string, Html> {
  const result = (n: number, refused: string | null, words: string) => ({
    ...{ rideId: rows[n]!.rideId, reference: rows[n]!.reference, refused, words },
  })
  const rider = (n: number, waitsLongerS: number, ridesLongerS: number) => ({
    ...{ rideId: rows[n]!.rideId, reference: rows[n]!.reference, riderName: n === 0 ? LONG_NAME : 'Noor H.' },
    ...{ seats: 1, from: rows[n]!.from, to: rows[n]!.to, waitsLongerS, ridesLongerS, currency: 'USD' },
    ...{ pickupAtMs: NOW_MS + 4 * MINUTE_MS, dropoffAtMs: NOW_MS + 21 * MINUTE_MS, fareMinor: 1740 },
    latestPickupAtMs: NOW_MS + 9 * MINUTE_MS,
    latestDropoffAtMs: NOW_MS + 31 * MINUTE_MS,
  })
  return {
    'POST board/batches look_merge': boardBulk(boardContext, {
      ...{ key, result: null },
      preview: {
        ...{ nowMs: NOW_MS, seatsMost: 2, seats: 3, hindrance: null, refusals: [], key },
        // Of the rows that are marked, as what is told of others goes by itself.
        marked: rows.slice(0, 4).map(({ rideId, version }) => ({ rideId, version })),
        riders: [rider(0, 0, 190), rider(1, 150, 0)],
        car: { driverId: 'driver-204' as DriverId, callSign: '204' },
      },
    }),
    'POST board/batches': boardBulk(boardContext, {
      key,
      result: {
        ...{ batchId: 'batch', kind: 'assign', nowMs: NOW_MS, undoUntilMs: NOW_MS + 9_000, key },
        rows: [
          result(0, null, 'given to 204, 2 min away'),
          result(1, 'not_allowed_now', 'Petra K. drives it already. Unassign it first.'),
          result(2, 'stale', 'Ben Okri gave it to 163 four seconds ago. Your choice was not used.'),
          result(3, null, 'given to 117, 5 min away'),
        ],
      },
    }),
  }
}

const view = (id: string, name: string, search: string, rest: Partial<ViewRow> = {}): ViewRow => ({
  ...{ id, name, search, isShared: false, isFirst: false, isOwn: true, version: 1, owner: 'Ines Duarte' },
  shows: { show: 'live', filters: { late: 'yes' } },
  ...rest,
})
/** Ines's own and the desk's. */
export const savedViews: readonly ViewRow[] = [
  view('v1', 'Late at night', 'late=yes', { isFirst: true }),
  view('v2', 'To the airports, on account', 'show=live&to=airport&payment=account', {
    shows: { show: 'live', filters: { to: 'airport', payment: 'account' } },
  }),
  view('v3', 'Evening desk', 'show=unassigned', {
    ...{ isShared: true, isOwn: false, owner: 'Ben Okri', shows: { show: 'unassigned', filters: {} } },
  }),
]

const area = (id: string, name: string, figures: readonly number[], rest: Partial<AreaProps> = {}) => {
  const [free = 0, soon = 0, waiting = 0, booked = 0] = figures
  return {
    id,
    kind: 'hexagon',
    name,
    around: '6th Avenue',
    free,
    soon,
    waiting,
    booked,
    ...rest,
  } as AreaProps
}
const AREAS: readonly AreaProps[] = [
  area('a1', 'LaGuardia Airport', [6, 4, 9, 3], { kind: 'airport' }),
  area('a2', 'Penn Station rank', [5, 0, 0, 4], { kind: 'rank' }),
  area('a3', 'Theatre District', [1, 1, 0, 9], { kind: 'area' }),
  area('c1', 'Midtown', [3, 2, 8, 1]),
  area('c2', 'Chelsea', [9, 1, 0, 0]),
  area('c3', 'Gramercy', [2, 0, 2, 0]),
  area('c4', 'Hudson Yards and the west side of Hell’s Kitchen', [0, 0, 0, 0]),
  area('c5', 'East Village', [4, 3, 1, 2]),
]

/** Every answer by the address that it has. */
export function boardAnswers(): Record<string, Html> {
  return {
    ...callers(),
    ...booking(),
    ...finding(),
    ...several(),
    'board/views': savedViewsPane(boardContext, {
      ...{ shown: '', shows: { show: 'live', filters: {} }, views: savedViews, key },
    }),
    'board/zones': boardAreas({ nowMs: NOW_MS, areas: AREAS }),
  }
}
