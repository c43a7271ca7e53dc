/** Noor waits at 230 Fifth Ave, as the mock has it: what six looks saw, the last of them car by car. */
import { destination } from '../../src/engine/geo.ts'
import { GATES, type Gate, type GateCounts } from '../../src/engine/trace-gates.ts'
import { whyOf } from '../../src/engine/trace-why.ts'
import type { DriverId, LatLng, RideId } from '../../src/engine/units.ts'
import type { TraceDriver, TraceMoment, TraceProps } from '../../views/board/trace-props.ts'
import { NOW_MS } from './driver-cases.ts'

const FROM: LatLng = { lat: 40.7442, lng: -73.9881 }
const ASKED_MS = NOW_MS - 158_000
const at = (s: number) => ASKED_MS + s * 1_000

let bearing = 0
function driver(
  callSign: string,
  name: string,
  gate: Gate,
  [ageS, distanceM, etaS, costS]: [number, number, number | null, number | null],
  more: Partial<TraceDriver> = {},
): TraceDriver {
  bearing += 77
  const pickupCostS = costS === null || etaS === null ? null : etaS + (etaS * etaS) / 2_000
  return {
    ...{ driverId: `car-${callSign}` as DriverId, callSign, name, gate, state: 'free' },
    ...{ at: destination(FROM, bearing, distanceM), headingDeg: bearing % 360, ageS, distanceM, etaS, costS },
    ...{ pickupCostS, isSoonFree: false, otherRide: null, answer: null, ...more },
  }
}

const drivers: TraceDriver[] = [
  driver('204', 'Ruth Abara', 'chosen', [2, 690, 130, 131], {
    answer: { kind: 'asking', atMs: NOW_MS + 9_000, reason: null },
  }),
  driver('163', 'Bako Tan', 'passed', [4, 1_010, 205, 218]),
  driver('127', 'Lin Park', 'passed', [1, 1_080, 220, 238]),
  driver('092', 'Omar Saïd', 'passed', [6, 1_240, 245, 275]),
  driver('240', 'Kay Dietrich', 'passed', [3, 1_150, 270, 396], { state: 'on_board', isSoonFree: true }),
  driver('311', 'Ivo Reyes', 'promised', [12, 1_390, 315, 365], { otherRide: 'HC-20415' }),
  driver('177', 'Jon Bell', 'asked_before', [2, 850, null, null], {
    answer: { kind: 'declined', atMs: at(87), reason: 'too short' },
  }),
  driver('059', 'Rey Castillo', 'asked_before', [3, 1_100, null, null], {
    answer: { kind: 'lapsed', atMs: at(114), reason: null },
  }),
  driver('066', 'Noa Levi', 'kept_for_queue', [2, 540, 140, null]),
  driver('190', 'Eli Moss', 'class', [4, 620, null, null]),
  driver('281', 'Max Ferro', 'silent', [48, 460, null, null], { state: 'silent' }),
  driver('033', 'Tess Hall', 'silent', [190, 920, null, null], { state: 'silent' }),
  driver('072', 'Gus Novak', 'on_board', [2, 390, null, null], { state: 'on_board' }),
  driver('145', 'Zoe Kim', 'to_pickup', [1, 700, null, null], { state: 'to_pickup' }),
  driver('118', 'Ana Wu', 'paused', [5, 800, null, null], { state: 'paused' }),
  driver('301', 'Pat Oduya', 'too_far', [3, 2_400, null, null]),
]

const countOf = (of: readonly TraceDriver[], more: GateCounts = {}): GateCounts => ({
  ...Object.fromEntries(
    GATES.flatMap((gate) => {
      const count = of.filter((each) => each.gate === gate).length + (more[gate] ?? 0)
      return count === 0 ? [] : [[gate, count] as const]
    }),
  ),
})
const gates = countOf(drivers, { on_board: 9, silent: 4, to_pickup: 3 })

const look = (
  s: number,
  outcome: 'offer' | 'none',
  radiusM: number,
  seen: GateCounts,
  more: { callSign?: string; ticks?: number; untilS?: number } = {},
): TraceMoment => ({
  ...{ kind: 'look', atMs: at(s), untilMs: at(more.untilS ?? s), ticks: more.ticks ?? 1, outcome, radiusM },
  ...{ callSign: more.callSign ?? null, gates: seen },
})
const event = (
  s: number,
  kind: Extract<TraceMoment, { kind: 'event' }>['event']['kind'],
  callSign: string | null,
  reason: string | null = null,
): TraceMoment => ({ kind: 'event', event: { atMs: at(s), kind, by: callSign, callSign, reason } })

const moments: TraceMoment[] = [
  event(0, 'request', null),
  look(4, 'none', 1_200, { promised: 3, on_board: 9 }, { ticks: 14, untilS: 30 }),
  look(44, 'none', 1_500, { on_board: 11, silent: 2, to_pickup: 4 }, { ticks: 12, untilS: 66 }),
  look(68, 'offer', 1_700, { chosen: 1, passed: 2, on_board: 9 }, { callSign: '177' }),
  event(87, 'offer_declined', '177', 'too short'),
  look(96, 'offer', 1_700, { chosen: 1, on_board: 9, asked_before: 1 }, { callSign: '059' }),
  event(114, 'offer_expired', '059'),
  look(156, 'offer', 1_800, gates, { callSign: '204' }),
]
const looks = moments.flatMap((moment) => (moment.kind === 'look' ? { ...moment, kind: moment.outcome } : []))

export const traceProps: TraceProps = {
  nowMs: NOW_MS,
  ride: {
    ...{
      id: 'ride-230FifthAve' as RideId,
      reference: 'HC-20418',
      state: 'requested',
      requestedAtMs: ASKED_MS,
    },
    ...{ from: { ...FROM, label: '230 Fifth Ave' }, to: { label: '110 Spring St' } },
    ...{ class: 'standard', shared: false },
  },
  waitedMs: 158_000,
  outcome: { kind: 'waiting' },
  asked: { declined: 1, lapsed: 1, withdrawn: 0, accepted: 0, asking: 1 },
  why: whyOf(looks),
  moments,
  look: {
    ...{ atMs: at(156), untilMs: at(156), ticks: 1, outcome: 'offer', radiusM: 1_800, gates },
    ...{ policy: 'batch', waiting: 5, cars: 74, decidedMs: 3, drivers },
  },
  step: null,
  chosen: drivers[0]!,
  isLive: true,
  keptDays: 30,
}

/** The same ride ten minutes later, given up: the last look met nobody, and nobody is chosen. */
export const givenUpTrace: TraceProps = {
  ...traceProps,
  ride: { ...traceProps.ride, state: 'unfulfilled' },
  waitedMs: 600_000,
  outcome: { kind: 'given_up' },
  asked: { declined: 1, lapsed: 2, withdrawn: 0, accepted: 0, asking: 0 },
  look: {
    ...traceProps.look!,
    ...{ outcome: 'none', ticks: 14, untilMs: at(184), radiusM: 2_400 },
    drivers: drivers.filter(({ gate }) => gate !== 'chosen' && gate !== 'passed' && gate !== 'promised'),
    gates: countOf(drivers.filter(({ gate }) => !['chosen', 'passed', 'promised'].includes(gate))),
  },
  step: 'free',
  chosen: drivers[6]!,
  isLive: false,
}
