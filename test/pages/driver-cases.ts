/** Bo drives Ada: every state of the driver's page with sample props, for tests and for looking at. */
import type { DriverId, OfferId, RideId, VehicleId } from '../../src/engine/units.ts'
import { type EarningsProps, earningsPage } from '../../views/drivers/earnings.ts'
import { driverPage } from '../../views/drivers/main.ts'
import { type PapersProps, papersPage } from '../../views/drivers/papers.ts'
import type {
  DriverMainProps,
  DriverScene,
  HoursProps,
  OfferProps,
  RideProps,
  WaitingProps,
  WeekDay,
} from '../../views/drivers/props.ts'
import { rateRiderPage } from '../../views/drivers/rate-rider.ts'
import { type DriverRatingsProps, driverRatingsPage } from '../../views/drivers/ratings.ts'
import { driverSettingsPage } from '../../views/drivers/settings.ts'
import type { Html } from '../../views/html.ts'
import type { PageContext } from '../../views/page.ts'

/** Sat 21 Nov 2026, 18:07:42 in New York. */
export const NOW_MS = Date.UTC(2026, 10, 21, 23, 7, 42)

export const driverContext: PageContext = {
  asset: (name) => `/assets/${name}`,
  nonce: 'n0nce',
  csrf: 'c5rf',
  lang: 'en',
  timeZone: 'America/New_York',
  currency: 'USD',
  path: '/driver',
  map: { tilesUrl: null, attribution: '© OpenStreetMap contributors' },
  viewer: { name: 'Bo Lindqvist', roles: ['driver'] },
}

const STRAND = { lat: 40.7332, lng: -73.9907 }
const GUGGENHEIM = { lat: 40.783, lng: -73.9589 }
const CAR = { lat: 40.7388, lng: -73.9867, headingDeg: 205, ageMs: 2_000 }
const ROUTE = [
  STRAND,
  { lat: 40.7315, lng: -73.9866 },
  { lat: 40.7353, lng: -73.9793 },
  { lat: 40.7498, lng: -73.9684 },
  { lat: 40.7629, lng: -73.9588 },
  { lat: 40.7793, lng: -73.9462 },
  { lat: 40.7838, lng: -73.9563 },
  GUGGENHEIM,
]

const scene: DriverScene = { center: { lat: 40.7445, lng: -73.986 }, car: CAR }

const week: WeekDay[] = [
  ['M', 'Monday', 14_210],
  ['T', 'Tuesday', 20_480],
  ['W', 'Wednesday', 16_930],
  ['T', 'Thursday', 23_650],
  ['F', 'Friday', 11_020],
  ['S', 'Saturday', 18_420],
  ['S', 'Sunday', 0],
].map(([letter, name, earnedMinor]) => ({
  letter: String(letter),
  name: String(name),
  earnedMinor: Number(earnedMinor),
  isToday: name === 'Saturday',
}))

const today = { earnedMinor: 18_420, currency: 'USD', rides: 9, onlineS: 22_320 }

const common = {
  driver: { id: 'driver-bo' as DriverId, callSign: '204' },
  nowMs: NOW_MS,
  scene,
  today,
  navigator: 'phone' as const,
  hours: null,
  key: () => '0193a7c2-0000-7000-8000-000000000001',
}

const hours: HoursProps = {
  ...{ leftS: 13_680, endsAtMs: null, warnAtMs: null, driveLimitS: 36_000, restS: 28_800 },
  restedAtMs: NOW_MS + 8 * 3_600_000,
}

const camry = {
  id: 'vehicle-camry' as VehicleId,
  name: 'Dark blue Camry',
  plate: 'T704182C',
  class: 'standard',
  seats: 4,
} as const

export const offProps: DriverMainProps = {
  ...common,
  state: 'off',
  taken: null,
  deskTook: null,
  week,
  vehicles: [camry],
  chosenVehicleId: camry.id,
  hindrance: null,
  licenceDaysLeft: null,
}

export const waitingProps: WaitingProps = {
  ...common,
  state: 'waiting',
  shiftStartedAtMs: NOW_MS - 22_320_000,
  vehicle: 'Dark blue Camry',
  pausedUntilMs: null,
  hintsInDays: 0,
  madeRoom: false,
  taken: null,
  deskTook: null,
}

export const offerProps: OfferProps = {
  ...common,
  state: 'offer',
  scene: { ...scene, from: STRAND, to: GUGGENHEIM, route: ROUTE, approach: [CAR, STRAND] },
  offer: {
    id: 'offer-1' as OfferId,
    earnedMinor: 1_840,
    fareMinor: 2_480,
    currency: 'USD',
    class: 'standard',
    seats: 1,
    shared: false,
    addedS: null,
    payment: 'account',
    expiresAtMs: NOW_MS + 11_000,
    totalMs: 15_000,
    pickup: { label: '828 Broadway', area: 'Union Square', durationS: 240, distanceM: 1_200 },
    dropoff: { area: 'Upper East Side', bearingDeg: 40, durationS: 1_140, distanceM: 5_800 },
  },
}

export const rideProps: RideProps = {
  ...common,
  state: 'ride',
  scene: { ...scene, center: STRAND, from: STRAND, to: GUGGENHEIM, route: ROUTE },
  nudge: null,
  breakAfter: false,
  stops: [],
  joining: null,
  justEnded: null,
  ride: {
    id: 'ride-1' as RideId,
    reference: 'HC-20401',
    state: 'en_route',
    riderName: 'Ada Okafor',
    riderAvatarId: null,
    seats: 1,
    note: 'Blue umbrella, by the red carts.',
    payment: 'cash',
    fareMinor: 2_480,
    currency: 'USD',
    pickup: { ...STRAND, label: '828 Broadway', area: 'Strand Bookstore, Union Square' },
    dropoff: { ...GUGGENHEIM, label: '1071 Fifth Ave', area: 'Upper East Side' },
    left: { durationS: 60, distanceM: 210 },
    freeWaitS: 120,
    noShowFromMs: null,
    noShowFeeMinor: 500,
  },
}

const sharedStops: RideProps['stops'] = [
  ['pickup', 'Ada Okafor', '828 Broadway', 60],
  ['pickup', 'Ben Ruiz', 'East 23rd Street & Park Avenue South', 400],
  ['dropoff', 'Ben Ruiz', 'Grand Central Terminal', 780],
  ['dropoff', 'Ada Okafor', '1071 Fifth Ave', 1_440],
].map(([kind, riderName, label, etaS]) => ({
  rideId: (riderName === 'Ada Okafor' ? 'ride-1' : 'ride-2') as RideId,
  kind: kind as 'pickup' | 'dropoff',
  riderName: String(riderName),
  seats: riderName === 'Ben Ruiz' ? 2 : 1,
  label: String(label),
  etaS: Number(etaS),
}))

const inState = (changes: Partial<RideProps['ride']>): RideProps => ({
  ...rideProps,
  ride: { ...rideProps.ride, ...changes },
})

export const mains: Record<string, DriverMainProps> = {
  off: offProps,
  'off-cars': {
    ...offProps,
    vehicles: [
      camry,
      { id: 'v2' as VehicleId, name: 'White Sienna', plate: 'T812450C', class: 'accessible', seats: 4 },
    ],
  } as DriverMainProps,
  code: {
    ...{ ...rideProps, companyPhone: '+1 212 555 0100' },
    ride: {
      ...rideProps.ride,
      state: 'arrived',
      codeTriesLeft: 5,
      noShowFromMs: NOW_MS + 84_000,
      left: null,
    },
  },
  'off-no-car': { ...offProps, vehicles: [], chosenVehicleId: null } as DriverMainProps,
  waiting: waitingProps,
  rank: {
    ...waitingProps,
    ranks: [
      {
        name: 'Stuyvesant Park rank',
        rings: [
          [
            [40.7392, -73.988],
            [40.7397, -73.9868],
            [40.7384, -73.9858],
            [40.7379, -73.987],
          ],
        ],
      },
    ],
    rank: {
      ...{ kind: 'standing', zone: 'Penn Station rank', rank: 3, of: 8, enteredAs: 7, moved: null },
      ...{ enteredAtMs: NOW_MS - 26 * 60_000, ridesLastHour: 9, outsideRides: false },
    },
  },
  'rank-first': {
    ...waitingProps,
    rank: {
      ...{ kind: 'standing', zone: 'Aeropuerto Internacional Benito Juárez, Terminal 2', rank: 1, of: 112 },
      ...{ enteredAs: 109, enteredAtMs: NOW_MS - 26 * 60_000, ridesLastHour: 0, outsideRides: true },
      moved: { atMs: NOW_MS - 8 * 60_000, reason: 'expired' },
    },
  },
  'rank-lost': {
    ...waitingProps,
    rank: { kind: 'lost', zone: 'Penn Station rank', atMs: NOW_MS - 120_000, reason: 'left' },
  },
  'rank-full': { ...waitingProps, rank: { kind: 'full', zone: 'Penn Station rank', placesMost: 12 } },
  late: {
    ...waitingProps,
    notice: 'That offer ended 2 s ago and went to another driver. It does not count against you.',
  },
  busier: {
    ...waitingProps,
    hint: { lat: 40.7536, lng: -73.9832, label: 'Bryant Park', distanceM: 1_240, savedS: 240 },
  },
  'hints-later': { ...waitingProps, hintsInDays: 2 },
  'made-room': { ...waitingProps, madeRoom: true },
  taken: {
    ...waitingProps,
    taken: { kind: 'dark', sinceMs: NOW_MS - 150_000, atMs: NOW_MS - 45_000 },
  },
  paused: { ...waitingProps, pausedUntilMs: NOW_MS + 272_000 },
  ended: {
    ...waitingProps,
    ended: {
      id: rideProps.ride.id,
      reference: 'HC-20401',
      outcome: 'completed',
      chargedMinor: 2_480,
      earnedMinor: 1_840,
      currency: 'USD',
      payment: 'cash',
      riderName: 'Ada Okafor',
    },
  },
  break: {
    ...common,
    ...{ state: 'break', beganAtMs: NOW_MS - 12 * 60_000, onBreakS: 47 * 60 },
    hours: { ...hours, leftS: 13_680, endsAtMs: null, warnAtMs: null },
  },
  'hours-near': {
    ...waitingProps,
    hours: { ...hours, leftS: 22 * 60, endsAtMs: NOW_MS + 22 * 60_000, warnAtMs: NOW_MS - 8 * 60_000 },
  },
  'off-hours': { ...offProps, hours: { ...hours, leftS: 2_400 }, licenceDaysLeft: 3 } as DriverMainProps,
  'ride-around-the-corner': {
    ...inState({ state: 'assigned', left: { durationS: 40, distanceM: 120 } }),
    scene: { ...scene, car: { ...STRAND, headingDeg: 205, ageMs: 2_000 }, from: STRAND, to: GUGGENHEIM },
  },
  'off-resting': { ...offProps, hours: { ...hours, leftS: 0 } } as DriverMainProps,
  'ride-last': {
    ...rideProps,
    breakAfter: true,
    hours: { ...hours, leftS: 0, endsAtMs: NOW_MS, warnAtMs: NOW_MS - 30 * 60_000 },
  },
  offer: offerProps,
  'ride-assigned': inState({ state: 'assigned', left: { durationS: 240, distanceM: 1_200 } }),
  'ride-en-route': rideProps,
  'ride-nudged': {
    ...rideProps,
    nudge: { kind: 'stalled', sinceMs: NOW_MS - 180_000, actsAtMs: NOW_MS + 72_000, answersLeft: 2 },
  },
  'ride-dark': {
    ...rideProps,
    nudge: { kind: 'dark', sinceMs: NOW_MS - 62_000, actsAtMs: NOW_MS + 43_000, answersLeft: 0 },
  },
  'ride-arrived': inState({ state: 'arrived', noShowFromMs: NOW_MS + 84_000 }),
  'ride-no-show': inState({ state: 'arrived', noShowFromMs: NOW_MS - 1_000 }),
  'ride-shared': { ...rideProps, stops: sharedStops },
  'ride-joining': {
    ...inState({ state: 'in_progress', note: '', left: { durationS: 780, distanceM: 4_600 } }),
    stops: sharedStops.filter(({ kind, rideId }) => kind === 'dropoff' && rideId === rideProps.ride.id),
    joining: { ...offerProps.offer, shared: true, addedS: 250, earnedMinor: 640, payment: 'cash' },
  },
  'ride-left': {
    ...inState({ state: 'in_progress', note: '' }),
    stops: sharedStops.slice(2),
    justEnded: {
      id: 'ride-0' as RideId,
      reference: 'HC-20399',
      outcome: 'completed',
      chargedMinor: 1_280,
      earnedMinor: 940,
      currency: 'USD',
      payment: 'cash',
      riderName: 'Cy Duval',
    },
  },
  'ride-on-board': inState({ state: 'in_progress', left: { durationS: 1_080, distanceM: 5_600 }, note: '' }),
}

const earnedAt = (minutesAgo: number) => NOW_MS - minutesAgo * 60_000
const booked = (rides: number, earnedMinor: number, cashMinor: number, hours: number) => ({
  ...{ rides, faresMinor: Math.round(earnedMinor * 1.3), tipsMinor: Math.round(earnedMinor * 0.04) },
  companyMinor: Math.round(earnedMinor * 1.3) + Math.round(earnedMinor * 0.04) - earnedMinor,
  ...{ earnedMinor, cashMinor, owedMinor: earnedMinor - cashMinor, onlineMs: hours * 3_600_000 },
})
/** A week that has just begun. */
export const NOTHING_EARNED = {
  week: booked(0, 0, 0, 0),
  days: [0, 1, 2, 3, 4, 5, 6].map((i) => ({
    ...{ day: `2026-11-${16 + i}`, isToday: i === 0, isToCome: i > 0 },
    books: booked(0, 0, 0, 0),
  })),
  rides: [],
} as const satisfies Partial<EarningsProps>

export const earningsProps: EarningsProps = {
  ...{ monday: '2026-11-16', sunday: '2026-11-22', before: '2026-11-09', after: null, chosenDay: null },
  ...{ currency: 'USD', driver: '204 Amadou Diallo', companyName: 'Canal Street Cars' },
  companyLines: ['12 Canal Street, New York', 'Tax number 12-345'],
  week: booked(52, 104_710, 31_140, 35.1),
  days: week.map(({ earnedMinor, isToday }, i) => ({
    ...{ day: `2026-11-${16 + i}`, isToday, isToCome: i === 6 },
    books: booked(
      Math.round(earnedMinor / 2000),
      earnedMinor,
      Math.round(earnedMinor * 0.3),
      earnedMinor / 3000,
    ),
  })),
  rides: [
    ['HC-20388', '11 Madison Ave', 'Pier 11', 'completed', 1_990, 1_473, 'account', 21],
    ['HC-20371', 'Whitney Museum', 'W 72nd St', 'completed', 2_140, 1_584, 'cash', 58],
    ['HC-20352', 'Grand Central', 'E 9th St', 'no_show', 500, 0, 'account', 95],
    ['HC-20340', 'Lincoln Center', 'Stone St', 'completed', 3_160, 2_338, 'cash', 140],
  ].map(([reference, from, to, outcome, chargedMinor, partMinor, payment, ago], i) => ({
    id: `ride-${i}`,
    day: '2026-11-21',
    reference: String(reference),
    from: String(from),
    to: String(to),
    outcome: outcome as 'completed' | 'no_show',
    chargedMinor: Number(chargedMinor),
    partMinor: Number(partMinor),
    tipMinor: i === 0 ? 300 : 0,
    payment: payment as 'cash' | 'account',
    endedAtMs: earnedAt(Number(ago)),
    ratedStars: i === 3 ? 5 : null,
  })),
}

const papersProps: PapersProps = {
  nowMs: NOW_MS,
  company: 'Canal Street Cars',
  hindrance: null,
  licence: { checked: true, expiresOn: '2026-11-26', daysLeft: 5, isWaiting: false },
  vehicles: [{ ...camry, isOut: true }],
  hours,
}

const driverRatings: DriverRatingsProps = {
  ...{ count: 214, average: 4.8, byStars: [2, 1, 6, 31, 174], fresh: 2 },
  words: [
    { word: 'safe', count: 121 },
    { word: 'friendly', count: 96 },
    { word: 'clean', count: 40 },
    { word: 'late', count: 4 },
  ],
  texts: ['Helped me with the suitcase.', 'Very calm in heavy traffic, thank you.'],
}

/** Every page of this slice by the name it has in the gallery. */
export function driverCases(isNight: boolean): Record<string, Html> {
  const pages = Object.entries(mains).map(([name, props]) => [
    `driver-${name}`,
    driverPage(driverContext, props, { isNight }),
  ])
  return {
    ...Object.fromEntries(pages),
    'driver-settings': driverSettingsPage(
      driverContext,
      { navigator: 'waze', saved: false, key: common.key() },
      { isNight },
    ),
    'driver-papers': papersPage(driverContext, papersProps, { isNight }),
    'driver-papers-none': papersPage(
      driverContext,
      {
        ...{ ...papersProps, vehicles: [], hours: null },
        hindrance: 'To drive, your licence has to be approved first. Hand it in under Licence.',
        licence: { checked: true, expiresOn: null, daysLeft: null, isWaiting: false },
      },
      { isNight },
    ),
    'driver-earnings': earningsPage(driverContext, earningsProps, { isNight }),
    'driver-ratings': driverRatingsPage(driverContext, driverRatings, { isNight }),
    'driver-ratings-few': driverRatingsPage(
      driverContext,
      { ...driverRatings, count: 3, average: null, byStars: [], words: [], texts: [] },
      { isNight },
    ),
    'driver-rate-rider': rateRiderPage(
      driverContext,
      {
        ...{ from: '11 Madison Ave', to: 'Pier 11', endedAtMs: earnedAt(21) },
        card: {
          ...{ side: 'driver', name: 'your rider', detail: 'HC-20388', action: '/driver/rides/0193/rating' },
          ...{ given: null, untilMs: earnedAt(-600), key: '0193-rating' },
        },
      },
      { isNight },
    ),
    'driver-earnings-day': earningsPage(
      driverContext,
      { ...earningsProps, chosenDay: '2026-11-21', after: '2026-11-23' },
      { isNight },
    ),
    'driver-earnings-none': earningsPage(driverContext, { ...earningsProps, ...NOTHING_EARNED }, { isNight }),
  }
}
