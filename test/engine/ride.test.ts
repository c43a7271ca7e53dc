import { expect, test } from 'bun:test'
import {
  allowedEvents,
  hasOpenRun,
  isEnded,
  OPEN_RUN_STATES,
  RIDE_STATES,
  type Ride,
  type RideEvent,
  type RideEventType,
  type RideState,
  step,
} from '../../src/engine/ride.ts'
import type { DriverId } from '../../src/engine/units.ts'

const BO = 'bo' as DriverId
const CLEO = 'cleo' as DriverId
const EVENTS: RideEvent[] = [
  { type: 'assign', driverId: CLEO },
  { type: 'set_off' },
  { type: 'arrive' },
  { type: 'board' },
  { type: 'finish' },
  { type: 'miss' },
  { type: 'release' },
  { type: 'cancel' },
  { type: 'give_up' },
  { type: 'rebook' },
  { type: 'start_search' },
  { type: 'ask_change' },
  { type: 'agree_change' },
  { type: 'drop_change' },
  { type: 'reach_stop' },
  { type: 'leave_stop' },
  ...(
    ['hold', 'unhold', 'widen', 'merge', 'part', 'edit', 'take_back', 'reopen', 'reopen_booked'] as const
  ).map((type) => ({
    type,
  })),
]

/** The whole life of a ride, written out by hand: what is not here is refused. */
const TABLE: Record<string, RideState> = {
  'scheduled start_search': 'requested',
  'scheduled rebook': 'scheduled',
  'scheduled cancel': 'cancelled',
  'requested assign': 'assigned',
  'requested agree_change': 'requested',
  'requested merge': 'requested',
  'requested part': 'requested',
  'requested cancel': 'cancelled',
  'requested give_up': 'unfulfilled',
  'assigned set_off': 'en_route',
  'assigned release': 'requested',
  'assigned cancel': 'cancelled',
  'en_route arrive': 'arrived',
  'en_route release': 'requested',
  'en_route cancel': 'cancelled',
  'arrived board': 'in_progress',
  'arrived miss': 'no_show',
  'arrived release': 'requested',
  'arrived cancel': 'cancelled',
  'in_progress finish': 'completed',
  'in_progress reach_stop': 'in_progress',
  'in_progress leave_stop': 'in_progress',
  // Another way is asked of whoever drives, and the ride goes on meanwhile.
  'assigned ask_change': 'assigned',
  'assigned agree_change': 'assigned',
  'assigned drop_change': 'assigned',
  'en_route ask_change': 'en_route',
  'en_route agree_change': 'en_route',
  'en_route drop_change': 'en_route',
  'arrived ask_change': 'arrived',
  'arrived agree_change': 'arrived',
  'arrived drop_change': 'arrived',
  'in_progress ask_change': 'in_progress',
  'in_progress agree_change': 'in_progress',
  'in_progress drop_change': 'in_progress',
  // The desk: later, wider, something else asked for, and its last act taken back.
  'requested hold': 'requested',
  'requested unhold': 'requested',
  'requested widen': 'requested',
  'scheduled edit': 'scheduled',
  'scheduled take_back': 'scheduled',
  'requested edit': 'requested',
  'requested take_back': 'requested',
  'assigned edit': 'assigned',
  'assigned take_back': 'assigned',
  'en_route edit': 'en_route',
  'en_route take_back': 'en_route',
  'arrived edit': 'arrived',
  'arrived take_back': 'arrived',
  'in_progress edit': 'in_progress',
  'in_progress take_back': 'in_progress',
  'cancelled reopen': 'requested',
  'cancelled reopen_booked': 'scheduled',
}

const rideIn = (state: RideState): Ride => ({
  state,
  driverId: state === 'scheduled' || state === 'requested' || state === 'unfulfilled' ? null : BO,
  changedAtMs: 1000,
})

for (const state of RIDE_STATES)
  for (const event of EVENTS) {
    const next = TABLE[`${state} ${event.type}`]
    test(`${state}: ${event.type} ${next === undefined ? 'is refused' : `leads to ${next}`}`, () => {
      const stepped = step(rideIn(state), event, 2000)
      if (next === undefined) expect(stepped).toEqual({ ok: false, reason: 'not_allowed_now' })
      else expect(stepped.ok && stepped.value.state).toBe(next)
      expect(allowedEvents(state).includes(event.type)).toBe(next !== undefined)
    })
  }

test('an assignment brings the driver, a release takes the driver off, an end keeps who drove', () => {
  const after = (state: RideState, type: RideEventType) => {
    const stepped = step(rideIn(state), type === 'assign' ? { type, driverId: CLEO } : { type }, 2000)
    return stepped.ok ? stepped.value : null
  }
  expect(after('requested', 'assign')).toEqual({ state: 'assigned', driverId: CLEO, changedAtMs: 2000 })
  expect(after('en_route', 'release')).toEqual({ state: 'requested', driverId: null, changedAtMs: 2000 })
  expect(after('arrived', 'cancel')?.driverId).toBe(BO)
  expect(after('in_progress', 'finish')?.driverId).toBe(BO)
  expect(after('requested', 'cancel')?.driverId).toBeNull()
})

test('a step leaves the ride it was given as it was', () => {
  const ride = Object.freeze(rideIn('assigned'))
  step(ride, { type: 'set_off' }, 2000)
  expect(ride).toEqual(rideIn('assigned'))
})

test('a ride on the road without a driver is our own mistake and stops the request', () => {
  for (const state of ['assigned', 'en_route', 'arrived', 'in_progress', 'completed', 'no_show'] as const)
    expect(() => step({ state, driverId: null, changedAtMs: 0 }, { type: 'cancel' }, 1)).toThrow(
      'has a driver',
    )
})

test('every state either has a way on or is an end, and every end can be reached', () => {
  expect(RIDE_STATES.filter(isEnded)).toEqual(['completed', 'cancelled', 'no_show', 'unfulfilled'])
  const reached = new Set<RideState>(['scheduled'])
  for (const state of reached)
    for (const event of EVENTS) {
      const next = TABLE[`${state} ${event.type}`]
      if (next !== undefined) reached.add(next)
    }
  expect([...reached].toSorted()).toEqual([...RIDE_STATES].toSorted())
})

test('a run is open from the assignment to the end of the way', () => {
  expect(RIDE_STATES.filter(hasOpenRun)).toEqual([...OPEN_RUN_STATES])
})
