/** The life of one ride. Pure: what may happen next, never when or to whom it is told. */
import { assert, type DriverId, ok, type Result, refuse } from './units.ts'

export const RIDE_STATES = [
  'scheduled',
  'requested',
  'assigned',
  'en_route',
  'arrived',
  'in_progress',
  'completed',
  'cancelled',
  'no_show',
  'unfulfilled',
] as const
export type RideState = (typeof RIDE_STATES)[number]

export type RideEvent =
  | { readonly type: 'assign'; readonly driverId: DriverId }
  | { readonly type: 'set_off' | 'arrive' | 'board' | 'finish' | 'miss' }
  | { readonly type: 'release' | 'cancel' | 'give_up' }
  // Booked ahead: another time or way is agreed on; its time comes, and the matcher gets it.
  | { readonly type: 'rebook' | 'start_search' }
  // Under way: another way is asked for, agreed on, or comes to nothing (refused, taken back, not answered in time).
  | { readonly type: 'ask_change' | 'agree_change' | 'drop_change' }
  // On the way: the car is at the next stop between the ends; it goes on from there.
  | { readonly type: 'reach_stop' | 'leave_stop' }
  // The desk: has it offered later or at once again, looked for wider, changes what was asked for, takes its last act back.
  | { readonly type: 'hold' | 'unhold' | 'widen' | 'edit' | 'take_back' }
  // Several that wait go together, one car for all; one goes alone again.
  | { readonly type: 'merge' | 'part' }
  // A cancellation of the desk that is taken back at once: what was promised is promised again.
  | { readonly type: 'reopen' | 'reopen_booked' }
export type RideEventType = RideEvent['type']

export interface Ride {
  readonly state: RideState
  readonly driverId: DriverId | null
  /** When the state last changed, epoch ms. */
  readonly changedAtMs: number
}

const NEXT: Record<RideState, Partial<Record<RideEventType, RideState>>> = {
  scheduled: { start_search: 'requested', rebook: 'scheduled', ...edits('scheduled'), cancel: 'cancelled' },
  // While nobody drives it there is nobody to ask: another way is agreed on at once.
  requested: {
    assign: 'assigned',
    ...{ agree_change: 'requested', hold: 'requested', unhold: 'requested', widen: 'requested' },
    ...{ merge: 'requested', part: 'requested' },
    ...edits('requested'),
    cancel: 'cancelled',
    give_up: 'unfulfilled',
  },
  assigned: {
    set_off: 'en_route',
    ...changes('assigned'),
    ...edits('assigned'),
    release: 'requested',
    cancel: 'cancelled',
  },
  en_route: {
    arrive: 'arrived',
    ...changes('en_route'),
    ...edits('en_route'),
    release: 'requested',
    cancel: 'cancelled',
  },
  arrived: {
    board: 'in_progress',
    ...changes('arrived'),
    ...edits('arrived'),
    miss: 'no_show',
    release: 'requested',
    cancel: 'cancelled',
  },
  // Never stranded by a cancel: a ride with somebody on board can only be finished, by the desk too, where it is.
  in_progress: {
    reach_stop: 'in_progress',
    leave_stop: 'in_progress',
    ...changes('in_progress'),
    ...edits('in_progress'),
    finish: 'completed',
  },
  completed: {},
  // Only while a mistake is one: the desk's cancellation, for seconds (board/undo.ts).
  cancelled: { reopen: 'requested', reopen_booked: 'scheduled' },
  no_show: {},
  unfulfilled: {},
}

/** Another way leaves the ride in the state it is in. */
function changes(state: RideState) {
  return { ask_change: state, agree_change: state, drop_change: state } as const
}

/** The desk's changes leave it there too, and so does taking one back. */
function edits(state: RideState) {
  return { edit: state, take_back: state } as const
}

/** The states in which a driver's run is open; the database's partial unique index names the same four. */
export const OPEN_RUN_STATES = ['assigned', 'en_route', 'arrived', 'in_progress'] as const
const NEEDS_DRIVER = new Set<RideState>([...OPEN_RUN_STATES, 'completed', 'no_show'])

/**
 * Apply one event to a ride.
 * @param atMs when it happened, epoch milliseconds, from the caller's clock
 * @returns the ride after the event, or the refusal `not_allowed_now`
 */
export function step(ride: Ride, event: RideEvent, atMs: number): Result<Ride, 'not_allowed_now'> {
  assert(ride.driverId !== null || !NEEDS_DRIVER.has(ride.state), 'from assigned on, a ride has a driver')
  const state = NEXT[ride.state][event.type]
  if (state === undefined) return refuse('not_allowed_now')
  const driverId =
    event.type === 'assign' ? event.driverId : LOSES_DRIVER.has(event.type) ? null : ride.driverId
  return ok({ state, driverId, changedAtMs: atMs })
}

const LOSES_DRIVER: ReadonlySet<RideEventType> = new Set(['release', 'reopen', 'reopen_booked'])

/** What may happen to a ride in this state; the pages draw their buttons from it. */
export function allowedEvents(state: RideState): RideEventType[] {
  return Object.keys(NEXT[state]) as RideEventType[]
}

const ENDED: ReadonlySet<RideState> = new Set(['completed', 'cancelled', 'no_show', 'unfulfilled'])

/** A ride that is over: nobody drives it or will, unless the desk takes a cancellation back at once. */
export function isEnded(state: RideState): boolean {
  return ENDED.has(state)
}

/** Whether a driver's run is open while the ride is in this state. */
export function hasOpenRun(state: RideState): boolean {
  return (OPEN_RUN_STATES as readonly RideState[]).includes(state)
}
