/** What becomes of something lost in a car, and of a report about a ride: who may do what next. Pure. */
import { ok, type Result, refuse } from './units.ts'

export const CASE_KINDS = ['lost_item', 'problem'] as const
export type CaseKind = (typeof CASE_KINDS)[number]
export type CaseSide = 'rider' | 'driver' | 'desk'
export const CASE_STEPS = ['write', 'not_found', 'found', 'returned', 'close', 'reopen'] as const
export type CaseStep = (typeof CASE_STEPS)[number]
export type CaseState = 'open' | 'found' | 'answered' | 'returned' | 'closed'

/** Long enough to notice, short enough for the car to be known. */
export const CASE_WITHIN_MS = 30 * 86_400_000

type Moves = Partial<Record<CaseStep, Partial<Record<CaseSide, CaseState>>>>

/** By kind, state, step and side: what state it is in then. What is not here may not be done. */
const MOVES: Record<CaseKind, Partial<Record<CaseState, Moves>>> = {
  lost_item: {
    open: {
      write: { rider: 'open', driver: 'open', desk: 'open' },
      not_found: { driver: 'open', desk: 'open' },
      found: { driver: 'found', desk: 'found' },
      returned: { rider: 'returned', desk: 'returned' },
      close: { rider: 'closed', desk: 'closed' },
    },
    found: {
      write: { rider: 'found', driver: 'found', desk: 'found' },
      returned: { rider: 'returned', driver: 'returned', desk: 'returned' },
      close: { rider: 'closed', desk: 'closed' },
    },
    returned: { reopen: { rider: 'open', desk: 'open' } },
    closed: { reopen: { rider: 'open', desk: 'open' } },
  },
  // Between the rider and the office alone; whoever wrote last has said what there is to say so far.
  problem: {
    open: { write: { rider: 'open', desk: 'answered' }, close: { rider: 'closed', desk: 'closed' } },
    answered: { write: { rider: 'open', desk: 'answered' }, close: { rider: 'closed', desk: 'closed' } },
    closed: { reopen: { rider: 'open', desk: 'open' } },
  },
}

/** What a side may do now, in the order of `CASE_STEPS`. */
export function allowedCaseSteps(kind: CaseKind, state: CaseState, side: CaseSide): CaseStep[] {
  return CASE_STEPS.filter((step) => MOVES[kind][state]?.[step]?.[side] !== undefined)
}

/** The state after a step, or the refusal `not_allowed_now`. */
export function nextCaseState(
  kind: CaseKind,
  state: CaseState,
  { step, side }: { readonly step: CaseStep; readonly side: CaseSide },
): Result<CaseState, 'not_allowed_now'> {
  const next = MOVES[kind][state]?.[step]?.[side]
  return next === undefined ? refuse('not_allowed_now') : ok(next)
}

/** Whether somebody has to say why: what is written has words, and who ends another's case says why. */
export function needsWords(step: CaseStep, side: CaseSide): boolean {
  return step === 'write' || step === 'reopen' || (step === 'close' && side === 'desk')
}

/** Nothing more is to be done, unless it is opened again. */
export function isCaseOver(state: CaseState): boolean {
  return state === 'returned' || state === 'closed'
}

/** What it is about, by the key that is kept. */
export const CASE_TOPICS: Readonly<Record<CaseKind, Readonly<Record<string, string>>>> = {
  lost_item: {
    phone: 'Phone',
    wallet: 'Wallet or cards',
    keys: 'Keys',
    bag: 'Bag or luggage',
    clothes: 'Clothes or umbrella',
    other: 'Something else',
  },
  problem: {
    driving: 'The driving',
    driver: 'The driver',
    car: 'The car',
    price: 'The price',
    way: 'The way',
    other: 'Something else',
  },
}
