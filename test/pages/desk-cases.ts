/** The desk's pages about drivers with sample props: the card, messages, hand-over, deeds. */
import { FRAME_STATES } from '../../src/engine/past.ts'
import type { DriverId, RideId } from '../../src/engine/units.ts'
import { boardPage } from '../../views/board/board.ts'
import { deedsPage } from '../../views/board/deeds.ts'
import type { DriverCardProps, DriverRideLine } from '../../views/board/driver-card.ts'
import { handoverPage } from '../../views/board/handover.ts'
import { messagesPage } from '../../views/board/messages.ts'
import { nowPage } from '../../views/board/now.ts'
import { type PastProps, pastPage } from '../../views/board/past.ts'
import { deskThreadPage } from '../../views/drivers/from-desk.ts'
import type { Html } from '../../views/html.ts'
import { boardContext, boardProps } from './board-cases.ts'
import { driverContext, NOW_MS } from './driver-cases.ts'

const MINUTE_MS = 60_000
const key = () => 'a-key'
/** Right to left, and longer than a column. */
const LONG_NAME = 'عبد الرحمن بن محمد الأندلسي of the Very Long Name-Hyphenated Family'

const ride = (
  number: number,
  state: DriverRideLine['state'],
  endedAgoMin: number | null,
): DriverRideLine => ({
  ...{ id: `ride-${number}` as RideId, reference: `HC-${number}`, state, riderName: 'Noor H.' },
  ...{ from: '230 Fifth Ave', to: 'near 6th Avenue & West 30th Street', fareMinor: 1620, currency: 'USD' },
  endedAtMs: endedAgoMin === null ? null : NOW_MS - endedAgoMin * MINUTE_MS,
})

export const cardProps: DriverCardProps = {
  nowMs: NOW_MS,
  driver: { id: 'driver-163' as DriverId, callSign: '163', name: 'Wen Li', phone: '+1 212 555 0163' },
  ...{ state: 'to_pickup', sinceMs: NOW_MS - 4 * MINUTE_MS, pausedUntilMs: null },
  position: { lat: 40.7484, lng: -73.9857, seenAtMs: NOW_MS - 3_000 },
  shift: { startedAtMs: NOW_MS - 310 * MINUTE_MS, onBreakMs: 25 * MINUTE_MS, breakSinceMs: null },
  hours: { leftMs: 22 * MINUTE_MS, limitMs: 600 * MINUTE_MS },
  vehicle: { name: 'white Toyota Sienna', plate: 'T204 881C', class: 'standard', seats: 6 },
  licence: { isChecked: true, expiresOn: '2027-05-31', hindrance: null },
  held: null,
  pings: Array.from({ length: 12 }, (_, n) => ({
    ...{ lat: 40.7484 + n * 0.0007, lng: -73.9857 - n * 0.0004, atMs: NOW_MS - 3_000 - n * 10_000 },
    speedMps: n % 3 === 0 ? null : 7.5,
  })),
  open: [ride(20_371, 'en_route', null)],
  today: {
    ...{ rides: 9, earnedMinor: 18_420, fareMinor: 24_800, currency: 'USD', onShiftMs: 310 * MINUTE_MS },
    list: [ride(20_360, 'completed', 12), ride(20_351, 'no_show', 40), ride(20_340, 'completed', 71)],
  },
  rating: { average: 4.8, count: 132 },
  thread: [
    {
      ...{ id: 'm1', side: 'desk', by: 'Ines Duarte', text: 'Please call the desk.', mustRead: true },
      ...{ sentAtMs: NOW_MS - 9 * MINUTE_MS, deliveredAtMs: NOW_MS - 9 * MINUTE_MS, readAtMs: null },
    },
    {
      ...{ id: 'm2', side: 'driver', by: 'Wen Li', text: 'In two minutes', mustRead: false },
      ...{ sentAtMs: NOW_MS - 8 * MINUTE_MS, deliveredAtMs: null, readAtMs: null },
    },
  ],
  key,
}

export const heldCard: DriverCardProps = {
  ...cardProps,
  driver: { ...cardProps.driver, name: LONG_NAME, phone: null },
  ...{
    state: 'off',
    sinceMs: null,
    position: null,
    shift: null,
    vehicle: null,
    open: [],
    pings: [],
    thread: [],
  },
  held: { atMs: NOW_MS - 20 * MINUTE_MS, by: 'Ines Duarte', reason: 'A complaint has to be looked at' },
  licence: { isChecked: true, expiresOn: null, hindrance: 'licence waits to be looked at' },
  rating: { average: null, count: 2 },
}

const withDriver = (driver: DriverCardProps) => ({ ...boardProps, pane: null, answers: 1, notes: 2, driver })

const pastProps: PastProps = {
  ...{ atMs: NOW_MS - 10 * MINUTE_MS, nowMs: NOW_MS, keptMs: 360 * MINUTE_MS, everyMs: 15_000 },
  ...{ spanMs: 5 * MINUTE_MS, frameAtMs: NOW_MS - 10 * MINUTE_MS - 4_000 },
  kept: { fromMs: NOW_MS - 180 * MINUTE_MS, untilMs: NOW_MS - 5_000 },
  region: { center: { lat: 40.7549, lng: -73.984 }, zoom: 13 },
  cars: Array.from({ length: 30 }, (_, n) => ({
    ...{ driverId: `d${n}`, callSign: `${100 + n}`, headingDeg: (n * 40) % 360, state: FRAME_STATES[n % 7]! },
    ...{ lat: 40.72 + (n % 6) * 0.01, lng: -74 + Math.floor(n / 6) * 0.008 },
  })),
  rides: Array.from({ length: 12 }, (_, n) => ({
    ...{
      id: `ride-${n}`,
      reference: `HC-${20_400 + n}`,
      riderName: LONG_NAME,
      state: 'in_progress' as const,
    },
    ...{
      from: '230 Fifth Ave',
      to: 'Pier 61',
      driver: '163 · Wen Li',
      sinceMs: NOW_MS - (12 + n) * MINUTE_MS,
    },
  })),
}

/** With the map. */
export function driverBoards(): Record<string, Html> {
  return {
    'board-driver': boardPage(boardContext, withDriver(cardProps)),
    'board-driver-held': boardPage(boardContext, withDriver(heldCard)),
    'board-past': pastPage(boardContext, pastProps),
  }
}

/** Without one. */
export function deskPages(): Record<string, Html> {
  const who = { callSign: '163', name: LONG_NAME, driverId: 'driver-163' }
  const messages = {
    audiences: [
      { value: 'all', words: 'Everybody on shift', count: 62 },
      { value: 'state:free', words: 'Free', count: 14 },
    ],
    ...{ picked: [], to: 'all', text: '', mustRead: false, key },
  }
  const note = (id: string, more: object) => ({
    ...{ id, isPinned: false, authorId: 'ben', author: 'Ben Okri', taken: null, done: null },
    writtenAtMs: NOW_MS - 30 * MINUTE_MS,
    words: [{ text: 'Call the rider of ' }, { text: 'HC-20418', href: '/board?ride=ride-20418' }],
    ...more,
  })
  const handover = { viewerId: 'ines', shows: 'open' as const, text: '', key }
  const entry = {
    ...{ sequence: '7', atMs: NOW_MS, actor: 'Ines Duarte', actorHref: null, address: null, requestId: 'r' },
    ...{ words: 'took a ride from a driver', action: 'ride.released', company: null, showSubject: true },
    ...{ subject: 'HC-20418', subjectHref: '/board?ride=ride-20418' },
    changes: [{ name: 'driverId', before: '163 Wen Li', after: 'none' }],
    more: [{ name: 'reason', value: 'Car trouble' }],
  }
  return {
    'desk-messages': messagesPage(boardContext, {
      ...messages,
      answers: [{ ...who, text: 'In two minutes', sentAtMs: NOW_MS - MINUTE_MS }],
      sendings: [
        {
          ...{
            id: 's1',
            by: 'Ines Duarte',
            audience: 'all on shift',
            text: 'Roads are slippery.',
            mustRead: true,
          },
          ...{ sentAtMs: NOW_MS - 9 * MINUTE_MS, drivers: 62, delivered: 60, read: 41 },
          unreadBy: Array.from({ length: 21 }, (_, n) => ({ driverId: `d${n}`, callSign: `${100 + n}` })),
        },
      ],
    }),
    'desk-messages-picked': messagesPage(boardContext, {
      ...{ ...messages, to: 'drivers:driver-163', picked: [who], answers: [], sendings: [] },
      error: 'Write a few words first.',
    }),
    'desk-now': nowPage(boardContext, {
      ...{ company: LONG_NAME, queue: boardProps.queue, safety: boardProps.safety },
      approvals: {
        ...{ licences: 3, applications: 1, reports: 2, lostItems: 4, lowRatings: 1, answers: 12, notes: 0 },
      },
    }),
    'desk-now-empty': nowPage(boardContext, {
      ...{ company: 'Canal Street Cars', safety: { nowMs: NOW_MS, cards: [] } },
      queue: { nowMs: NOW_MS, cards: [], total: 0, selectedRideId: null },
      approvals: {
        ...{ licences: null, applications: null, reports: null },
        ...{ lostItems: 0, lowRatings: 0, answers: 0, notes: 0 },
      },
    }),
    'desk-handover': handoverPage(boardContext, {
      ...handover,
      notes: [note('1', {}), note('2', { isPinned: true, taken: { atMs: NOW_MS, by: 'Ines Duarte' } })],
    }),
    'desk-handover-empty': handoverPage(boardContext, { ...handover, shows: 'done', notes: [] }),
    'desk-deeds': deedsPage(boardContext, {
      ...{ filter: { about: 'HC-20418' }, entries: [entry], older: '6', isFirstPage: false },
      actions: [{ name: 'ride.released', words: 'took a ride from a driver' }],
    }),
    'driver-desk': deskThreadPage(
      driverContext,
      {
        messages: [
          {
            ...{ id: 'm1', side: 'desk', text: 'Please call the desk.', mustRead: true },
            sentAtMs: NOW_MS,
            isRead: false,
          },
          {
            ...{ id: 'm2', side: 'driver', text: 'In two minutes', mustRead: false },
            sentAtMs: NOW_MS,
            isRead: true,
          },
        ],
        key,
      },
      { isNight: true },
    ),
  }
}

/** What the page of the last hours asks for: one car that drives north for five minutes, and the ride it takes on half way. */
export function pastAnswer(): string {
  const fromMs = Math.floor(pastProps.atMs / pastProps.spanMs) * pastProps.spanMs
  const at = (share: number) => fromMs + share * pastProps.spanMs
  return JSON.stringify({
    states: FRAME_STATES,
    drivers: [{ id: 'd1', callSign: '163', name: 'Wen Li' }],
    frames: Array.from({ length: 21 }, (_, n) => ({
      atMs: fromMs + n * 15_000,
      cars: [[0, 40_720_000 + n * 1_000, -74_000_000, 0, n < 10 ? 0 : 2]],
    })),
    rides: [
      {
        ...{
          id: 'ride-1',
          reference: 'HC-1',
          riderName: LONG_NAME,
          from: { label: 'A' },
          to: { label: 'B' },
        },
        moments: [
          { atMs: at(0.1), state: 'requested', driverId: null, callSign: null },
          { atMs: at(0.5), state: 'assigned', driverId: 'd1', callSign: '163' },
          { atMs: at(0.9), state: 'completed', driverId: 'd1', callSign: '163' },
        ],
      },
    ],
  })
}

export const PAST_SPAN = {
  fromMs: Math.floor(pastProps.atMs / pastProps.spanMs) * pastProps.spanMs,
  spanMs: pastProps.spanMs,
}
