/** The sample cast of the pages: Ada rides from the Strand to the Guggenheim with Bo, on one autumn evening. */
import { type LatLng, seededRandom } from '../../src/engine/units.ts'
import { SIGN_IN_REFUSED, signInPage } from '../../views/accounts/sign-in.ts'
import type { CaseProps } from '../../views/aftercare/case.ts'
import { deskCasePage, deskCasesPage, riderCasePage } from '../../views/aftercare/case-pages.ts'
import { lowRatingsPage } from '../../views/board/low-ratings.ts'
import type { ChatProps } from '../../views/chat/props.ts'
import { problemPage, problemWords } from '../../views/errors.ts'
import { honeycomb } from '../../views/home/honeycomb.ts'
import { landingPage } from '../../views/home/landing.ts'
import type { Html } from '../../views/html.ts'
import type { PageContext } from '../../views/page.ts'
import { type CancellationProps, cancellationPage } from '../../views/rides/cancellation.ts'
import type { InsteadProps } from '../../views/rides/instead.ts'
import { NO_FILTER, type RideRowProps, rideListPage } from '../../views/rides/list.ts'
import { NO_OWN_PLACES, type OwnPlacesProps } from '../../views/rides/own-places.ts'
import { type QuoteOptionProps, type QuotesProps, quotesPage } from '../../views/rides/quotes.ts'
import { type ReceiptProps, receiptPage } from '../../views/rides/receipt.ts'
import { type RequestProps, requestPage } from '../../views/rides/request.ts'
import { ridePage } from '../../views/rides/ride.ts'
import type {
  BookedProps,
  EndedProps,
  MovingProps,
  SearchingProps,
  SharedProps,
} from '../../views/rides/ride-props.ts'
import type { WhenProps } from '../../views/rides/when.ts'
import { type SafetyProps, safetyPage } from '../../views/safety/ask.ts'

/** Sat 21 Nov 2026, 18:05:30 in New York. */
export const NOW_MS = Date.parse('2026-11-21T23:05:30Z')
const MIN_MS = 60_000

export const PICKUP = {
  label: '828 Broadway',
  area: 'Strand Bookstore, Union Square',
  point: { lat: 40.7333, lng: -73.991 },
}
export const DROPOFF = {
  label: '1071 Fifth Ave',
  area: 'Guggenheim Museum, Upper East Side',
  point: { lat: 40.7829, lng: -73.959 },
}
const CENTER = { lat: 40.75, lng: -73.98 }

export function context(changes: Partial<PageContext> = {}): PageContext {
  return {
    asset: (name) => `/assets/${name}`,
    nonce: 'n0nce',
    csrf: 'token',
    lang: 'en',
    timeZone: 'America/New_York',
    currency: 'USD',
    path: '/',
    map: { tilesUrl: null, attribution: '© OpenStreetMap contributors' },
    viewer: { name: 'Ada Okafor', roles: ['rider'] },
    ...changes,
  }
}

const LINES = [
  { label: 'Base', detail: null, amountMinor: 300 },
  { label: 'Booking fee', detail: null, amountMinor: 150 },
  { label: 'Distance', detail: '7.3 km × $1.60', amountMinor: 1168 },
  { label: 'Time', detail: '19 min × $0.30', amountMinor: 660 },
  { label: 'New York sales tax', detail: '8.875 %', amountMinor: 202 },
]

const OWN_PLACES: OwnPlacesProps = {
  saved: [
    { id: 's1', kind: 'home', name: 'Home', ...PICKUP },
    { id: 's2', kind: 'work', name: 'Work', ...DROPOFF },
    { id: 's3', kind: 'other', name: 'Grandma and Grandpa in the country house', ...PICKUP },
  ],
  recent: [{ label: 'Moynihan Train Hall', point: DROPOFF.point }],
}

const WHEN: WhenProps = {
  ...{ chosen: 'now', day: '2026-11-28', time: '18:30', firstDay: '2026-11-21', lastDay: '2026-12-21' },
  ...{ twice: [], fold: '1' },
}

function option(changes: Partial<QuoteOptionProps>): QuoteOptionProps {
  return {
    quoteId: '0193-standard',
    class: 'standard',
    seats: 4,
    fareMinor: 2480,
    currency: 'USD',
    etaS: 240,
    durationS: 1290,
    lines: LINES,
    surgeMinor: 0,
    tell: null,
    shared: null,
    ...changes,
  }
}

export function quotes(changes: Partial<QuotesProps> = {}): QuotesProps {
  return {
    from: PICKUP,
    to: DROPOFF,
    way: null,
    seats: 1,
    needs: [],
    when: WHEN,
    pickupAtMs: null,
    change: null,
    collisions: [],
    options: [
      option({}),
      option({ quoteId: '0193-accessible', class: 'accessible', etaS: null, tell: { state: 'may' } }),
      option({ quoteId: '0193-black', class: 'black', seats: 3, fareMinor: 4610, etaS: 420 }),
    ],
    busy: null,
    code: null,
    codeTold: null,
    chosenQuoteId: null,
    heldUntilMs: NOW_MS + 272_000,
    nowMs: NOW_MS,
    payment: 'cash',
    accountName: 'Okafor Ltd',
    note: '',
    key: '0193-key',
    ...changes,
  }
}

/** Where more people ask than cars are free. */
export function quotesBusy(changes: Partial<QuotesProps> = {}): QuotesProps {
  const busy = { asking: 18, free: 11, place: 'Union Square', overAtMs: NOW_MS + 30 * MIN_MS }
  const { options, ...rest } = quotes({ busy, ...changes })
  const dearer = options.map((each, n) => ({
    ...each,
    fareMinor: each.fareMinor + (n + 1) * 300,
    surgeMinor: (n + 1) * 300,
    lines: [...each.lines, { label: 'Busy now', detail: '10 % more', amountMinor: (n + 1) * 300 }],
  }))
  return { ...rest, options: dearer }
}

/** Each class alone, and cheaper where others may come along. */
export function quotesToShare(changes: Partial<QuotesProps> = {}): QuotesProps {
  const { options, ...rest } = quotes(changes)
  const terms = { detourS: 600, arriveByAtMs: NOW_MS + 48 * MIN_MS }
  const both = options.flatMap((each) => [
    each,
    {
      ...each,
      quoteId: `${each.quoteId}-shared`,
      fareMinor: Math.round(each.fareMinor * 0.8),
      shared: terms,
    },
  ])
  return { ...rest, options: both }
}

export function request(changes: Partial<RequestProps> = {}): RequestProps {
  return {
    from: { text: '', point: null },
    to: { text: '', point: null },
    seats: 1,
    needs: [],
    places: NO_OWN_PLACES,
    when: WHEN,
    change: null,
    key: '0193-key',
    mapCenter: CENTER,
    ...changes,
  }
}

const core = {
  id: '0193',
  reference: 'HC-7F3K-20',
  nowMs: NOW_MS,
  className: 'Standard',
  pickup: PICKUP,
  dropoff: DROPOFF,
  fareMinor: 2480,
  currency: 'USD',
}

function sharing(shared: Partial<SharedProps> = {}) {
  return {
    className: 'Standard shared',
    shared: { firstStop: null, stopsBefore: 0, latestAtMs: NOW_MS + 48 * MIN_MS, ...shared },
  }
}

/** Booked ahead for the evening. */
export function bookedRide(changes: Partial<BookedProps> = {}): BookedProps {
  const pickupAtMs = NOW_MS + 3 * 60 * MIN_MS
  return {
    ...core,
    phase: 'booked',
    state: 'scheduled',
    pickupAtMs,
    bookedForMs: pickupAtMs,
    searchFromMs: pickupAtMs - 16 * MIN_MS,
    rideDurationS: 1290,
    seats: 1,
    cancel: { feeMinor: 0, freeUntilMs: null, laterFeeMinor: 0 },
    ...changes,
  }
}

export const INSTEAD: InsteadProps = {
  ...{ rideId: '0193', quoteId: '0193-black', class: 'black', fareMinor: 4610, currency: 'USD' },
  ...{ etaS: 360, arriveAtMs: NOW_MS + 30 * MIN_MS, key: '0193-key' },
}

export function searchingRide(changes: Partial<SearchingProps> = {}): SearchingProps {
  return {
    ...core,
    phase: 'searching',
    state: 'requested',
    steps: [
      { kind: 'sent', atMs: NOW_MS - 28_000 },
      { kind: 'declined', atMs: NOW_MS - 11_000 },
      { kind: 'asking', atMs: NOW_MS - 8000, etaS: 300 },
      { kind: 'looking', radiusM: 1800 },
    ],
    offer: { expiresAtMs: NOW_MS + 9000, totalMs: 15_000 },
    usualWaitS: 240,
    askedCount: 2,
    givesUpAtMs: NOW_MS + 9 * MIN_MS,
    putOffUntilMs: null,
    ...changes,
  }
}

/** Nobody is asked, for a car is about to be free around the corner. */
export function waitingForCar(): SearchingProps {
  return searchingRide({
    offer: null,
    steps: [
      { kind: 'sent', atMs: NOW_MS - 28_000 },
      { kind: 'finishing', etaS: 170 },
      { kind: 'looking', radiusM: 2280 },
    ],
  })
}

const BO = { name: 'Bo L.', callSign: '204', vehicle: 'Dark blue Camry', plate: 'T704182C' }

export function movingRide(changes: Partial<MovingProps> = {}): MovingProps {
  return {
    ...core,
    phase: 'moving',
    state: 'en_route',
    driver: BO,
    etaS: 240,
    rideDurationS: 1290,
    seenAtMs: NOW_MS - 3000,
    startCode: null,
    waitsUntilMs: null,
    isNearerCar: false,
    checking: null,
    cancel: { feeMinor: 0, freeUntilMs: NOW_MS + 4 * MIN_MS, laterFeeMinor: 500 },
    ...changes,
  }
}

export const CHAT: ChatProps = {
  action: '/rides/r1/messages',
  title: 'Message Bo',
  messages: [],
  unread: 2,
  presence: null,
  canned: ['I am here'],
  isClosed: false,
  key: () => 'k',
}

function safety(changes: Partial<SafetyProps> = {}): SafetyProps {
  return {
    ...{ side: 'rider', action: '/rides/r1/safety', back: '/rides/r1', emergencyNumber: '911' },
    ...{ companyName: 'Canal Car', mayAsk: true, alert: null, key: 'k' },
    ...changes,
  }
}

export function endedRide(changes: Partial<EndedProps> = {}): EndedProps {
  return {
    ...core,
    phase: 'ended',
    state: 'completed',
    driver: BO,
    endedAtMs: NOW_MS,
    chargedMinor: 2480,
    endedBy: null,
    words: null,
    requestedAtMs: NOW_MS - 30 * MIN_MS,
    ...changes,
  }
}

export function cancellation(changes: Partial<CancellationProps> = {}): CancellationProps {
  return {
    rideId: '0193',
    pickupLabel: PICKUP.label,
    dropoffLabel: DROPOFF.label,
    isBooked: false,
    driverName: 'Bo',
    feeMinor: 500,
    currency: 'USD',
    freeUntilMs: null,
    wasFreeUntilMs: NOW_MS - MIN_MS,
    key: '0193-key',
    ...changes,
  }
}

export function receipt(changes: Partial<ReceiptProps> = {}): ReceiptProps {
  return {
    rideId: '0193',
    reference: 'HC-7F3K-20',
    companyName: 'Canal Street Cars',
    riderName: 'Ada',
    kind: 'fare',
    pickup: { ...PICKUP, atMs: NOW_MS + 8 * MIN_MS },
    dropoff: { ...DROPOFF, atMs: NOW_MS + 27 * MIN_MS },
    trail: [PICKUP.point, { lat: 40.7501, lng: -73.9702 }, DROPOFF.point],
    lines: LINES,
    totalMinor: 2480,
    currency: 'USD',
    promisedAtMs: NOW_MS,
    payment: 'cash',
    accountName: null,
    paid: true,
    paidAtMs: NOW_MS + 27 * MIN_MS,
    driver: BO,
    className: 'Standard',
    url: 'http://localhost/rides/0193/receipt',
    rating: {
      ...{ side: 'rider', name: 'Bo L.', detail: 'T704182C · Canal Street Cars' },
      ...{ action: '/rides/0193/rating', given: null, untilMs: NOW_MS + 14 * 24 * 60 * MIN_MS },
      key: '0193-rating',
    },
    letter: { to: 'ada@rides.example', key: '0193-letter' },
    ...changes,
  }
}

/** A phone that was left in a car and found. */
function lostCase(): CaseProps {
  return {
    ...{ kind: 'lost_item', side: 'rider', action: '/rides/0193/cases/lost-item', mayOpen: true },
    ride: { reference: 'HC-20418', from: PICKUP.label, to: DROPOFF.label, endedAtMs: NOW_MS },
    told: {
      ...{ topic: 'phone', state: 'found' },
      messages: [
        { side: 'rider', step: 'open', text: 'A black one, on the back seat.', atMs: NOW_MS + MIN_MS },
        { side: 'driver', step: 'found', text: '', atMs: NOW_MS + 9 * MIN_MS },
        { side: 'desk', step: 'write', text: 'You can fetch it here until ten.', atMs: NOW_MS + 12 * MIN_MS },
      ],
      steps: ['write', 'returned', 'close'],
    },
    ...{ phone: '+1 212 555 0142', key: '0193-case' },
  }
}

export function rideRow(changes: Partial<RideRowProps> = {}): RideRowProps {
  return {
    id: '0193',
    state: 'completed',
    atMs: NOW_MS,
    way: { from: PICKUP, to: DROPOFF, seats: 1, needs: [] },
    amountMinor: 2480,
    currency: 'USD',
    hasReceipt: true,
    ...changes,
  }
}

/** Sixty-two free cars, most of them around three busy corners. */
function freeCars(): LatLng[] {
  const random = seededRandom(20261121)
  const corners = [
    { lat: 40.7359, lng: -73.9911 },
    { lat: 40.758, lng: -73.9855 },
    { lat: 40.7736, lng: -73.9566 },
  ]
  const spread = () => (random() + random() + random() - 1.5) * 0.022
  return Array.from({ length: 62 }, (_, i) => {
    const corner = corners[i % corners.length]!
    const along = spread()
    return { lat: corner.lat + along, lng: corner.lng + along * 0.6 + spread() * 0.35 }
  })
}

const landing = {
  regionName: 'Manhattan',
  mapCenter: CENTER,
  carsFree: 62,
  usualWaitS: 240,
  honeycomb: honeycomb(freeCars()),
  when: {
    ...{ chosen: 'now' as const, day: '2026-11-21', time: '19:15', fold: '', twice: [] },
    ...{ firstDay: '2026-11-21', lastDay: '2026-12-21' },
  },
  key: '8c1f7c8e-5a3c-4f27-9f0d-0c2b64a4a8d1',
}
const PLACES = [
  { label: 'Union Square', area: 'Park, Manhattan', point: PICKUP.point, distanceM: 310 },
  { label: 'Union Square Hotel', area: '209 E 14th St', point: PICKUP.point, distanceM: 640 },
]

/** Every page in every state it knows, by the name of its picture. */
/** What a rider has at hand while somebody drives. */
const WITHIN_REACH = {
  ...{ chat: CHAT, companyPhone: '+1 212 555 0142' },
  share: { rideId: '0193-ride', mayOpen: true, open: null, key: '0193-share' },
} as const

export const galleryPages: Record<string, () => Html> = {
  landing: () => landingPage(context({ viewer: null }), landing),
  'sign-in': () => signInPage(context({ viewer: null }), { email: '', next: '/' }),
  'sign-in-refused': () =>
    signInPage(context({ viewer: null }), { email: 'ada@demo.honeycab', next: '/', error: SIGN_IN_REFUSED }),
  request: () => requestPage(context(), request()),
  'request-own-places': () =>
    requestPage(context(), request({ places: OWN_PLACES, needs: ['child_seat', 'pets'], seats: 3 })),
  'request-unclear': () =>
    requestPage(
      context(),
      request({
        from: { text: 'union squ', point: null, choices: PLACES },
        to: {
          text: 'zzz',
          point: null,
          error: 'We know no place called “zzz”. Type a street and number, or a landmark.',
        },
      }),
    ),
  quotes: () => quotesPage(context(), quotes()),
  'quotes-busy': () => quotesPage(context(), quotesBusy()),
  'quotes-shared': () => quotesPage(context(), quotesToShare()),
  'quotes-none-free': () =>
    quotesPage(
      context(),
      quotes({
        options: quotes().options.map((each) => ({ ...each, etaS: null })),
        accountName: null,
        heldUntilMs: NOW_MS - 1,
      }),
    ),
  searching: () => ridePage(context(), searchingRide()),
  'put-off': () =>
    ridePage(
      context(),
      searchingRide({
        ...{ offer: null, putOffUntilMs: NOW_MS + 8 * MIN_MS },
        steps: [
          { kind: 'sent', atMs: NOW_MS - 5 * MIN_MS },
          { kind: 'declined', atMs: NOW_MS - 4 * MIN_MS },
          { kind: 'rescue', atMs: NOW_MS - 2 * MIN_MS },
          { kind: 'put_off', untilMs: NOW_MS + 8 * MIN_MS },
        ],
      }),
    ),
  'car-does-not-come': () =>
    ridePage(
      context(),
      movingRide({
        seenAtMs: NOW_MS - 48_000,
        checking: { kind: 'dark', sinceMs: NOW_MS - 48_000, actsAtMs: NOW_MS + 57_000 },
      }),
    ),
  'cancelled-with-words': () =>
    ridePage(
      context(),
      endedRide({
        ...{ state: 'cancelled', driver: null, chargedMinor: 0, endedBy: 'desk' },
        words: 'Sorry, no car can come to you now. You were not charged.',
      }),
    ),
  'on-the-way-helped': () =>
    ridePage(
      context(),
      movingRide({
        ...{ startCode: '4821', chat: CHAT },
        help: { raisedAtMs: NOW_MS - MIN_MS, seenAtMs: NOW_MS - 40_000, closedAtMs: null },
      }),
    ),
  safety: () => safetyPage(context(), safety(), { isNight: false }),
  'safety-told': () =>
    safetyPage(context(), safety({ alert: { raisedAtMs: NOW_MS, seenAtMs: null, closedAtMs: null } }), {
      isNight: false,
    }),
  'safety-seen': () =>
    safetyPage(context(), safety({ alert: { raisedAtMs: NOW_MS, seenAtMs: NOW_MS, closedAtMs: null } }), {
      isNight: false,
    }),
  'waits-for-car': () => ridePage(context(), waitingForCar()),
  'on-the-way': () => ridePage(context(), movingRide({ startCode: '4821', ...WITHIN_REACH })),
  'searching-instead': () => ridePage(context(), searchingRide({ instead: INSTEAD })),
  'searching-shared': () => ridePage(context(), searchingRide(sharing())),
  'on-the-way-shared': () =>
    ridePage(context(), movingRide({ ...sharing({ firstStop: 'pickup', stopsBefore: 1 }), etaS: 400 })),
  'on-board-shared': () =>
    ridePage(
      context(),
      movingRide({
        ...sharing({ firstStop: 'dropoff', stopsBefore: 2 }),
        state: 'in_progress',
        etaS: 900,
        cancel: null,
      }),
    ),
  arrived: () =>
    ridePage(
      context(),
      movingRide({
        state: 'arrived',
        waitsUntilMs: NOW_MS + 5 * MIN_MS,
        cancel: { feeMinor: 500, freeUntilMs: null, laterFeeMinor: 500 },
      }),
    ),
  'on-board': () =>
    ridePage(
      context(),
      movingRide({ state: 'in_progress', etaS: 900, seenAtMs: NOW_MS - 14_000, cancel: null }),
    ),
  completed: () => ridePage(context(), endedRide()),
  cancelled: () =>
    ridePage(context(), endedRide({ state: 'cancelled', chargedMinor: 500, endedBy: 'rider' })),
  'no-show': () => ridePage(context(), endedRide({ state: 'no_show', chargedMinor: 500 })),
  unfulfilled: () =>
    ridePage(
      context(),
      endedRide({ state: 'unfulfilled', chargedMinor: 0, driver: null, requestedAtMs: NOW_MS - 10 * MIN_MS }),
    ),
  booked: () => ridePage(context(), bookedRide()),
  cancellation: () => cancellationPage(context(), cancellation()),
  'cancellation-free': () =>
    cancellationPage(context(), cancellation({ driverName: null, feeMinor: 0, wasFreeUntilMs: null })),
  receipt: () => receiptPage(context(), receipt()),
  'receipt-changed': () =>
    receiptPage(
      context(),
      receipt({
        changes: {
          promisedMinor: 2280,
          reasons: [{ label: 'The driver waited for you', detail: '5 min at the pickup', amountMinor: 200 }],
        },
        evidence: {
          ...{ gpsArrivedAtMs: NOW_MS + 3 * MIN_MS, gpsAwayM: 14, boardedAtMs: NOW_MS + 8 * MIN_MS },
          ...{ waitedS: 300, drivenM: 6_210, drivenS: 1_140, promisedM: 5_800, promisedS: 1_080 },
        },
        tip: { givenMinor: null, choicesMinor: [250, 370, 500], key: '0193-tip' },
      }),
    ),
  'receipt-rated': () =>
    receiptPage(
      context(),
      receipt({
        tip: { givenMinor: 500, choicesMinor: [], key: '0193-tip' },
        rating: {
          ...receipt().rating!,
          given: { stars: 4, words: ['safe', 'clean'], text: 'Thank you for the umbrella' },
        },
      }),
    ),
  'case-to-tell': () => riderCasePage(context(), { ...lostCase(), told: null, back: '/rides/0193/receipt' }),
  'case-rider': () => riderCasePage(context(), { ...lostCase(), back: '/rides/0193/receipt' }),
  'case-desk': () => deskCasePage(context(), { ...lostCase(), side: 'desk' }),
  'case-list': () =>
    deskCasesPage(context(), {
      side: 'desk',
      cases: (['open', 'found', 'returned'] as const).map((state, i) => ({
        ...{ href: '/board/rides/0193/cases/lost-item', kind: 'lost_item', topic: 'phone', state },
        ...{ reference: `HC-2041${i}`, about: 'Ada Okafor, with Bo Lindqvist', changedAtMs: NOW_MS },
      })),
    }),
  'low-ratings': () =>
    lowRatingsPage(context(), {
      ratings: [
        {
          ...{ rideId: '0193', reference: 'HC-20418', side: 'rider', stars: 1, words: ['unsafe', 'late'] },
          ...{ text: 'Ran a red light at Canal Street.', ratedAtMs: NOW_MS, riderName: 'Ada Okafor' },
          ...{ driver: '204 Amadou Diallo', key: '0193-seen' },
        },
        {
          ...{ rideId: '0194', reference: 'HC-20399', side: 'driver', stars: 2, words: ['mess'], text: '' },
          ...{
            ratedAtMs: NOW_MS - 60 * MIN_MS,
            riderName: 'Cy Duval',
            driver: '163 Wen Li',
            key: '0194-seen',
          },
        },
      ],
    }),
  'low-ratings-none': () => lowRatingsPage(context(), { ratings: [] }),
  rides: () =>
    rideListPage(context(), {
      rides: [
        rideRow({ state: 'en_route', hasReceipt: false }),
        rideRow(),
        rideRow({ state: 'cancelled', amountMinor: 0, hasReceipt: false }),
      ],
      filter: NO_FILTER,
      olderBefore: '2026-10-01T00:00:00.000Z',
    }),
  'rides-none': () => rideListPage(context(), { rides: [], filter: NO_FILTER, olderBefore: null }),
  'rides-filtered': () =>
    rideListPage(context(), {
      rides: [],
      filter: { group: 'ended', from: '2026-11-01', until: '', text: 'Guggenheim' },
      olderBefore: null,
    }),
  problem: () => problemPage(context(), { ...problemWords(503), reference: '01jd4h7k' }),
}
