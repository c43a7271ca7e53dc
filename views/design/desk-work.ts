/** What a desk works with: finding, booking for a caller, several rides at once, drivers, views and zones. */
import type { DriverId, IdentityId, RideId } from '../../src/engine/units.ts'
import { boardAreas, narrowedNote } from '../board/areas.ts'
import { bookingPrices } from '../board/booking.ts'
import { batchResult, boardBulk } from '../board/bulk.ts'
import { type CallersFoundProps, callerPart } from '../board/caller.ts'
import { type DriverCardProps, driverCard } from '../board/driver-card.ts'
import { foundList } from '../board/find.ts'
import { markedCars } from '../board/marked-cars.ts'
import { type MergeRiderProps, mergePreview } from '../board/merge-preview.ts'
import { savedViewsPane, type ViewRow } from '../board/saved-views.ts'
import { KEY, MIN_MS, NOW_MS, type PartGroup } from './specimen.ts'

const HERE = { lat: 40.7333, lng: -73.991 }
const NOBODY: CallersFoundProps = {
  ...{ query: 'noor', isAsked: true, newPhone: null, callers: [], places: [], lastRide: null },
}
const NOOR = { id: 'noor', name: 'Noor Haddad', reach: '+1 212 555 0142', blocked: null }
const HOME = { label: '828 Broadway', point: HERE }
const MUSEUM = { label: 'Guggenheim Museum, 1071 Fifth Avenue', point: HERE }

const DRIVER: DriverCardProps = {
  nowMs: NOW_MS,
  driver: { id: 'd163' as DriverId, callSign: '163', name: 'Wen Li', phone: '+1 212 555 0163' },
  ...{ state: 'to_pickup', sinceMs: NOW_MS - 4 * MIN_MS, pausedUntilMs: null },
  position: { ...HERE, seenAtMs: NOW_MS - 3_000 },
  shift: { startedAtMs: NOW_MS - 310 * MIN_MS, onBreakMs: 25 * MIN_MS, breakSinceMs: null },
  hours: { leftMs: 22 * MIN_MS, limitMs: 600 * MIN_MS },
  vehicle: { name: 'White Toyota Sienna', plate: 'T204881C', class: 'standard', seats: 6 },
  licence: { isChecked: true, expiresOn: '2027-05-31', hindrance: null },
  ...{ held: null, open: [], rating: { average: 4.8, count: 132 }, key: KEY },
  pings: [{ ...HERE, atMs: NOW_MS - 3_000, speedMps: 7.5 }],
  today: {
    ...{ rides: 9, earnedMinor: 18_420, fareMinor: 24_800, currency: 'USD', onShiftMs: 310 * MIN_MS },
    list: [],
  },
  thread: [
    {
      ...{ id: 'm1', side: 'desk', by: 'Ines Duarte', text: 'Please call the desk.', mustRead: true },
      ...{ sentAtMs: NOW_MS - 9 * MIN_MS, deliveredAtMs: NOW_MS - 9 * MIN_MS, readAtMs: null },
    },
    {
      ...{ id: 'm2', side: 'driver', by: 'Wen Li', text: 'In two minutes', mustRead: false },
      ...{ sentAtMs: NOW_MS - 8 * MIN_MS, deliveredAtMs: null, readAtMs: null },
    },
  ],
}

const VIEW: ViewRow = {
  ...{ id: 'v1', name: 'Late at night', search: 'late=yes', isShared: false, isFirst: true, isOwn: true },
  ...{ version: 1, owner: 'Ines Duarte', shows: { show: 'live', filters: { late: 'yes' } } },
}

const result = (n: number, refused: string | null, words: string) => ({
  ...{ rideId: `batch-${n}` as RideId, reference: `HC-2041${n}`, refused, words },
})
const area = (
  id: string,
  name: string,
  [free, soon, waiting, booked]: readonly [number, number, number, number],
) => ({
  ...{ id, name, kind: 'hexagon' as const, around: '6th Avenue', free, soon, waiting, booked },
})

export const DESK_WORK_PARTS: readonly PartGroup[] = [
  {
    title: 'Found',
    from: 'views/board/find.ts',
    states: [
      {
        state: 'rides, drivers, people, places',
        draw: (ctx) =>
          foundList(ctx, {
            query: 'noor',
            rides: [
              {
                ...{ id: 'found' as RideId, reference: 'HC-20418', state: 'requested', callSign: null },
                ...{ riderName: 'Noor Haddad', from: '230 Fifth Ave', to: '110 Spring St', atMs: NOW_MS },
              },
            ],
            drivers: [{ id: 'd204', callSign: '204', name: 'Noor L.', plate: 'T704182C', state: 'free' }],
            people: [
              {
                ...{ id: 'noor' as IdentityId, name: 'Noor Haddad', phone: '+1 212 555 0142' },
                ...{ email: 'noor@example.com', isBlocked: false },
              },
            ],
            places: [{ label: 'Noor Palace', area: 'Murray Hill', point: HERE }],
          }),
      },
      {
        state: 'nothing fits',
        draw: (ctx) => foundList(ctx, { query: 'zzz', rides: [], drivers: [], people: [], places: [] }),
      },
    ],
  },
  {
    title: 'Who rings',
    from: 'views/board/caller.ts',
    states: [
      {
        state: 'known, with their places',
        draw: (ctx) =>
          callerPart(ctx, {
            ...{ ...NOBODY, callers: [NOOR], places: [HOME, MUSEUM] },
            lastRide: { atMs: NOW_MS - 3 * 86_400_000, from: HOME, to: MUSEUM },
          }),
      },
      {
        state: 'one of several',
        draw: (ctx) =>
          callerPart(ctx, { ...NOBODY, callers: [NOOR, { ...NOOR, id: 'noor-2', name: 'نور الهدى' }] }),
      },
      {
        state: 'new',
        draw: (ctx) =>
          callerPart(ctx, { ...NOBODY, newPhone: { e164: '+12125550199', spoken: '(212) 555-0199' } }),
      },
      {
        state: 'blocked',
        draw: (ctx) =>
          callerPart(ctx, { ...NOBODY, callers: [{ ...NOOR, blocked: { reason: 'Did not pay twice' } }] }),
      },
      { state: 'nobody', draw: (ctx) => callerPart(ctx, NOBODY) },
    ],
  },
  {
    title: 'Prices for a caller',
    from: 'views/board/booking.ts',
    states: [
      {
        state: 'to be read out; another ride is near, and the last ones ran out',
        draw: (ctx) =>
          bookingPrices(ctx, {
            ...{ setId: 'set', caller: { name: 'Noor' }, from: HOME.label, stops: [], to: MUSEUM.label },
            ...{ pickupAtMs: null, heldUntilMs: NOW_MS + 5 * MIN_MS, takesAccount: true, key: 'k' },
            error: 'These prices ran out at 18:07. The new ones stand below.',
            collisions: [{ atMs: NOW_MS + 40 * MIN_MS, dropoffLabel: 'LaGuardia Airport' }],
            options: [
              { ...PRICED, quoteId: 'q1', class: 'standard', shared: false, fareMinor: 2480 },
              { ...PRICED, quoteId: 'q2', class: 'standard', shared: true, fareMinor: 1740 },
            ],
          }),
      },
    ],
  },
  {
    title: 'Several rides',
    from: 'views/board/bulk.ts',
    states: [
      { state: 'marked', draw: (ctx) => boardBulk(ctx, { result: null, key: KEY }) },
      {
        state: 'what merging would mean',
        draw: (ctx) =>
          mergePreview(ctx, {
            ...{ ...MERGE, seatsMost: 2, riders: [rider('one', 0, 190), rider('two', 150, 0)] },
            car: { driverId: 'd204' as DriverId, callSign: '204' },
          }),
      },
      {
        state: 'they cannot go together',
        draw: (ctx) =>
          mergePreview(ctx, {
            ...{ ...MERGE, seatsMost: null, riders: [], car: null },
            hindrance: { reason: 'too_late', words: 'Somebody would be there later than they were told.' },
            refusals: [
              {
                ...{ rideId: 'one' as RideId, reference: 'HC-20418', reason: 'goes_alone' },
                words: 'Its rider goes alone.',
              },
            ],
          }),
      },
      {
        state: 'done, and not done',
        draw: (ctx) =>
          batchResult(ctx, {
            ...{ batchId: 'batch', kind: 'assign', nowMs: NOW_MS, undoUntilMs: NOW_MS + 8_000, key: KEY },
            rows: [
              result(8, null, 'given to 204, 2 min away'),
              result(9, 'stale', 'Ben gave it to 163 four seconds ago. Your choice was not used.'),
            ],
          }),
      },
    ],
  },
  {
    title: 'Driver’s card',
    from: 'views/board/driver-card.ts',
    states: [
      { state: 'to a pickup, few hours left', draw: (ctx) => driverCard(ctx, DRIVER) },
      {
        state: 'kept off the road',
        draw: (ctx) =>
          driverCard(ctx, {
            ...{ ...DRIVER, state: 'off', sinceMs: null, position: null, shift: null, thread: [], pings: [] },
            held: { atMs: NOW_MS - 20 * MIN_MS, by: 'Ines Duarte', reason: 'A complaint is looked at' },
          }),
      },
    ],
  },
  {
    title: 'Cars marked on the map',
    from: 'views/board/marked-cars.ts',
    states: [{ state: 'some', isShown: true, draw: () => markedCars('4 cars marked: 204, 163, 127, 092') }],
  },
  {
    title: 'Zones',
    from: 'views/board/areas.ts',
    states: [
      {
        state: 'short now, short soon, to spare, quiet',
        draw: () =>
          boardAreas({
            nowMs: NOW_MS,
            areas: [
              { ...area('a1', 'LaGuardia Airport', [6, 4, 9, 3]), kind: 'airport', around: null },
              area('a2', 'Theatre District', [1, 1, 0, 9]),
              area('a3', 'Chelsea', [9, 1, 0, 0]),
              area('a4', 'Hudson Yards', [0, 0, 0, 0]),
            ],
          }),
      },
      { state: 'the queue is narrowed to one', draw: () => narrowedNote('LaGuardia Airport') },
    ],
  },
  {
    title: 'Saved views',
    from: 'views/board/saved-views.ts',
    states: [
      {
        state: 'to be kept under a name; one’s own, the desk’s',
        draw: (ctx) =>
          savedViewsPane(ctx, {
            ...{ shown: '', shows: { show: 'live', filters: {} }, key: KEY },
            views: [VIEW, { ...VIEW, id: 'v2', name: 'Evening desk', isShared: true, isFirst: false }],
          }),
      },
      {
        state: 'a name that is taken',
        draw: (ctx) =>
          savedViewsPane(ctx, {
            ...{ shown: '', shows: { show: 'live', filters: {} }, views: [], key: KEY },
            typed: {
              ...{ id: null, name: 'Late at night', isShared: true, isFirst: false },
              error: 'There is a view of that name. Choose another one.',
            },
          }),
      },
    ],
  },
]

const PRICED = { currency: 'USD', etaS: 240 }
const MERGE = { nowMs: NOW_MS, marked: [], seats: 3, hindrance: null, refusals: [], key: KEY }

function rider(id: string, waitsLongerS: number, ridesLongerS: number): MergeRiderProps {
  return {
    ...{ rideId: id as RideId, reference: 'HC-20418', riderName: 'Noor H.', seats: 1, waitsLongerS },
    ...{ from: '230 Fifth Ave', to: '110 Spring St', pickupAtMs: NOW_MS + 4 * MIN_MS, ridesLongerS },
    ...{ dropoffAtMs: NOW_MS + 21 * MIN_MS, latestPickupAtMs: NOW_MS + 9 * MIN_MS, currency: 'USD' },
    ...{ latestDropoffAtMs: NOW_MS + 31 * MIN_MS, fareMinor: 1740 },
  }
}
