/** A decision trace in words: the one sentence on top, and what each gate and look is called. */
import type { LookKind } from '../../src/engine/trace.ts'
import { emptiedAt, type Gate, type GateCounts, type Step } from '../../src/engine/trace-gates.ts'
import type { Hindrance, Why } from '../../src/engine/trace-why.ts'
import { countdownText, distanceText } from '../parts/format.ts'
import type { TraceDriver, TraceProps } from './trace-props.ts'

interface GateWords {
  /** In the table. */
  readonly badge: string
  /** The whole thought, after the car's call sign. */
  readonly sentence: string
  /** Why a ride has nobody, where this gate dropped the last cars near: after "nobody took it:". */
  readonly nobody: string
}

/** Positions older than this are no ground for an offer; see `positions/fleet.ts`. */
const FRESH_S = 30

export const GATE_WORDS: Readonly<Record<Gate, GateWords>> = {
  too_far: {
    badge: 'too far',
    sentence: 'was farther away than the look reached.',
    nobody: 'no car was near',
  },
  silent: {
    badge: `pin older than ${FRESH_S} s`,
    sentence: `had not been heard of for more than ${FRESH_S} s; nobody is asked on such a pin.`,
    nobody: `no car near had a pin newer than ${FRESH_S} s`,
  },
  offered: {
    badge: 'asked for another ride',
    sentence: 'was being asked for another ride.',
    nobody: 'no car near was free; most were being asked for other rides',
  },
  to_pickup: {
    badge: 'on the way to a rider',
    sentence: 'was on the way to a rider.',
    nobody: 'no car near was free; most were on the way to riders',
  },
  waiting: {
    badge: 'waiting for a rider',
    sentence: 'was waiting for a rider at a pickup.',
    nobody: 'no car near was free; most were waiting for their riders',
  },
  on_board: {
    badge: 'on a ride',
    sentence: 'had a rider on board, and not soon out.',
    nobody: 'no car near was free; most had riders on board',
  },
  paused: {
    badge: 'on a break',
    sentence: 'was on a break, or may not drive now.',
    nobody: 'no car near was free; most were on a break',
  },
  class: {
    badge: 'another class',
    sentence: 'is of another class than was asked for.',
    nobody: 'no free car near was of the class asked for',
  },
  seats: {
    badge: 'too few seats',
    sentence: 'has too few seats.',
    nobody: 'no free car near had enough seats',
  },
  attributes: {
    badge: 'not equipped',
    sentence: 'lacks what the ride needs.',
    nobody: 'no free car near had what the ride needs',
  },
  asked_before: {
    badge: 'asked before',
    sentence: 'had been asked for this ride already, or had it before.',
    nobody: 'every free car near had been asked already',
  },
  kept_for_queue: {
    badge: 'kept for its rank',
    sentence: 'stood in a queue whose cars are kept for its zone.',
    nobody: 'the free cars near stood in a queue and are kept for it',
  },
  too_late: {
    badge: 'too late',
    sentence: 'could have been there only after the longest wait allowed.',
    nobody: 'every free car near would have come too late',
  },
  not_listed: {
    badge: 'beyond the short list',
    sentence: 'was in reach, and others were nearer: the matcher weighs the nearest alone.',
    nobody: 'nearer cars were weighed first',
  },
  not_their_turn: {
    badge: 'not their turn',
    sentence: 'was free; the ride began at a rank and went to the first in its queue.',
    nobody: 'it was not their turn',
  },
  sharing: {
    badge: 'sharing was better',
    sentence: 'was free; a car on the way with other riders took less driving.',
    nobody: 'a shared car was asked',
  },
  promised: {
    badge: 'promised',
    sentence: 'went to another ride of the same batch, which cost less in all.',
    nobody: 'the free cars near went to other rides that waited with it',
  },
  passed: {
    badge: 'passed',
    sentence: 'came through every gate; another driver cost less.',
    nobody: 'the free cars near were left to other rides of the batch',
  },
  chosen: {
    badge: 'asked',
    sentence: 'came through every gate and cost least in the whole batch.',
    nobody: 'it was asked',
  },
}

export const STEP_WORDS: Readonly<Record<Step, { readonly word: string; readonly none: string }>> = {
  near: { word: 'near', none: 'no car near' },
  fresh: { word: 'fresh', none: 'no fresh pin' },
  free: { word: 'free', none: 'none free' },
  fits: { word: 'right car', none: 'none of the right class, seats, equipment' },
  running: { word: 'in the running', none: 'all asked before, kept or late' },
  asked: { word: 'asked', none: 'all promised elsewhere' },
}

/** What a look came to, as a row of the time line. */
export function lookTitle(kind: LookKind, callSign: string | null): string {
  const car = callSign ?? 'a driver'
  switch (kind) {
    case 'offer':
      return `Chose ${car}`
    case 'turn':
      return `${car}, first in the queue`
    case 'join':
      return `${car} could take it along`
    case 'swap':
      return `${car} is much nearer`
    case 'hold':
      return `Held for ${car}`
    case 'off':
      return 'Left to the desk'
    case 'none':
      return 'Nobody to ask'
  }
}

/** The few words under it: how far it looked and what it met. */
export function lookDetail(look: { kind: LookKind; gates: GateCounts; radiusM: number }): string {
  const reach = distanceText(look.radiusM)
  if (look.kind === 'off') return 'automatic offers are off'
  if (look.kind === 'hold') return `${reach} · about to be free nearby`
  const step = emptiedAt(look.gates)
  return step === null ? `looked ${reach} far` : `${reach} · ${STEP_WORDS[step].none}`
}

/** How often and how long ticks said the same; empty for a single one. */
export function ticksText({
  ticks,
  atMs,
  untilMs,
}: {
  ticks: number
  atMs: number
  untilMs: number
}): string {
  return ticks === 1 ? '' : `${ticks} times in ${countdownText(untilMs - atMs)}`
}

/** "Why nobody took it", in one sentence. */
export function whySentence({
  outcome,
  asked,
  waitedMs,
  why,
}: Pick<TraceProps, 'outcome' | 'asked' | 'waitedMs' | 'why'>): string {
  if (outcome.kind === 'booked') return 'It is booked ahead; a driver is looked for when its time comes.'
  const start = startOf(outcome, countdownText(waitedMs))
  const total = asked.declined + asked.lapsed + asked.withdrawn + asked.asking + asked.accepted
  const turnedDown = total - asked.accepted
  const hindrance = why.hindrance === null ? null : hindranceText(why.hindrance, why)
  if (total === 0) {
    if (hindrance !== null) return `${start}: ${hindrance}.`
    return why.ticks === 0 ? `${start}. The engine has not looked for a driver.` : `${start}.`
  }
  if (turnedDown === 0)
    return hindrance === null ? `${start}, the first who was asked.` : `${start}: before that, ${hindrance}.`
  const answers = [
    [asked.declined, 'declined'],
    [asked.lapsed, 'let it lapse'],
    [asked.withdrawn, 'had the offer withdrawn'],
    [asked.accepted, 'accepted'],
    [asked.asking, asked.asking === 1 ? 'is being asked now' : 'are being asked now'],
  ] as const
  const said = answers.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`)
  const who = total === 1 ? 'one driver was asked' : `${total} drivers were asked`
  const rest = hindrance === null ? '' : `; otherwise ${hindrance}`
  return `${start}: ${who} (${said.join(', ')})${rest}.`
}

function startOf(outcome: Exclude<TraceProps['outcome'], { kind: 'booked' }>, waited: string): string {
  switch (outcome.kind) {
    case 'waiting':
      return `Nobody has taken it for ${waited}`
    case 'taken':
      return `${outcome.callSign} took it after ${waited}`
    case 'given':
      return `${outcome.by} gave it to ${outcome.callSign} by hand after ${waited}`
    case 'given_up':
      return `Nobody took it in ${waited}`
    case 'cancelled':
      return `Cancelled after ${waited} without a driver`
  }
}

function hindranceText(hindrance: Hindrance, { radiusM }: Why): string {
  switch (hindrance.kind) {
    case 'switched_off':
      return 'automatic offers were off, so the desk alone gave rides'
    case 'held':
      return 'it was held for a driver about to be free nearby'
    case 'nobody_near': {
      const beyond =
        hindrance.farther === 0 ? 'and none farther off' : `only ${hindrance.farther} farther off`
      return `no car was within ${distanceText(radiusM)}, ${beyond}`
    }
    case 'gate': {
      const { gate, stopped, cars } = hindrance
      return `${GATE_WORDS[gate].nobody} (${stopped} of ${cars} ${cars === 1 ? 'car' : 'cars'} within ${distanceText(radiusM)})`
    }
  }
}

export function answerText(driver: Pick<TraceDriver, 'answer'>, nowMs: number): string {
  const { answer } = driver
  if (answer === null) return ''
  const reason = answer.reason === null || answer.reason === '' ? '' : ` “${answer.reason}”`
  switch (answer.kind) {
    case 'asking':
      return `asked, ${Math.max(0, Math.ceil(((answer.atMs ?? nowMs) - nowMs) / 1000))} s left`
    case 'accepted':
      return 'accepted'
    case 'declined':
      return reason === '' ? 'declined' : reason.trim()
    case 'lapsed':
      return 'no answer'
    case 'withdrawn':
      return 'withdrawn'
    case 'had_it':
      return `had it before${reason}`
    case 'gone':
      return 'gone when asked'
  }
}

/** Of the gates of one step, how many cars each stopped, the most first: "7 pins over 30 s". */
export function stoppedText(step: Step, gates: GateCounts): string {
  const counts = STOPS[step].flatMap(([gate, words]): [number, string][] =>
    gates[gate] === undefined ? [] : [[gates[gate], words]],
  )
  return counts
    .toSorted(([a], [b]) => b - a)
    .slice(0, 2)
    .map(([count, words]) => `${count} ${words}`)
    .join(', ')
}

const STOPS: Readonly<Record<Step, readonly (readonly [Gate, string])[]>> = {
  near: [['too_far', 'farther']],
  fresh: [['silent', 'silent']],
  free: [
    ['on_board', 'on a ride'],
    ['to_pickup', 'to pickup'],
    ['waiting', 'waiting'],
    ['offered', 'being asked'],
    ['paused', 'on a break'],
  ],
  fits: [
    ['class', 'of another class'],
    ['seats', 'too small'],
    ['attributes', 'not equipped'],
  ],
  running: [
    ['asked_before', 'asked before'],
    ['kept_for_queue', 'kept at a rank'],
    ['too_late', 'too late'],
    ['not_listed', 'not on the short list'],
  ],
  asked: [
    ['promised', 'promised'],
    ['passed', 'cost more'],
    ['not_their_turn', 'not their turn'],
    ['sharing', 'sharing was better'],
  ],
}
