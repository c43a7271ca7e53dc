/** A look at a ride: the gates by example, and against brute force over what the decision really weighed. */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Candidate, WaitingRide } from '../../src/engine/candidates.ts'
import { DEFAULT_POLICY, decide, type Policy, searchRadiusM } from '../../src/engine/decide.ts'
import { FleetIndex } from '../../src/engine/fleet-index.ts'
import { distanceM } from '../../src/engine/geo.ts'
import {
  LOOKS_WIDER,
  type Look,
  MOST_LISTED,
  type SeenCar,
  type SeenTick,
  TickLook,
  tellsTheSame,
  type Weighed,
} from '../../src/engine/trace.ts'
import { cameThrough, emptiedAt, funnelOf, GATES, type Gate, STEPS } from '../../src/engine/trace-gates.ts'
import { hindranceIn, type LookInTime, whyOf } from '../../src/engine/trace-why.ts'
import type { DriverId, LatLng, RideId, ZoneId } from '../../src/engine/units.ts'

const NOW_MS = 1_800_000_000_000
const CENTRE: LatLng = { lat: 40.75, lng: -73.98 }
const POLICY: Policy = { ...DEFAULT_POLICY, radiusM: 2_000, radiusMaxM: 4_000, enoughIdle: 0, candidates: 3 }
const pace = (metres: number) => metres * 0.2

function at(northM: number, eastM = 0): LatLng {
  return { lat: CENTRE.lat + northM / 111_195, lng: CENTRE.lng + eastM / 84_240 }
}

function carAt(name: string, place: LatLng, more: Partial<SeenCar> = {}): SeenCar {
  return {
    ...{ driverId: name as DriverId, at: place, headingDeg: 0, fixAtMs: NOW_MS - 4_000, state: 'free' },
    ...{ classMask: 1, seats: 4, attributes: 0, ...more },
  }
}

function ride(name: string, more: Partial<WaitingRide> = {}): WaitingRide {
  return {
    ...{ rideId: name as RideId, pickup: CENTRE, classMask: 1, seats: 1, attributes: 0 },
    ...{ requestedAtMs: NOW_MS, excluded: new Set<DriverId>(), tripS: 600, ...more },
  }
}

/** What a real decision over these cars and rides weighed and proposed, as the tick hands it over. */
function ticked(
  cars: readonly SeenCar[],
  waiting: readonly WaitingRide[],
  policy: Policy = POLICY,
  more: Partial<SeenTick> = {},
): SeenTick {
  const fleet = new FleetIndex()
  for (const car of cars) {
    const handle = fleet.add(car.driverId, car.at, car)
    fleet.setAvailable(handle, car.state === 'free')
  }
  const weighed = new Map<RideId, Weighed>()
  const onWeighed = (
    of: WaitingRide,
    candidates: readonly Candidate[],
    driverOf: (candidate: Candidate) => DriverId,
  ) => {
    if (!weighed.has(of.rideId)) weighed.set(of.rideId, { candidates, driverIds: candidates.map(driverOf) })
  }
  const proposals = decide({ waiting, fleet, policy, nowMs: NOW_MS, pickupEtaS: pace, onWeighed })
  return {
    ...{ nowMs: NOW_MS, policy, reachShare: 1, isOffering: true, cars, weighed, proposals, joined: [] },
    ...{ kept: new Set<DriverId>(), pickupEtaS: pace, ...more },
  }
}

const gatesOf = (look: Look) => Object.fromEntries(look.drivers.map(({ driverId, gate }) => [driverId, gate]))

describe('each car near says the first gate that dropped it', () => {
  test('distance, pin, work, fit and history, in this order', () => {
    const cars = [
      carAt('far', at(2_500), { state: 'silent' }),
      carAt('dark', at(300), { state: 'silent', classMask: 2 }),
      carAt('driving', at(310), { state: 'on_board', classMask: 2 }),
      carAt('coming', at(320), { state: 'to_pickup' }),
      carAt('asked elsewhere', at(330), { state: 'offered' }),
      carAt('resting', at(340), { state: 'paused' }),
      carAt('another class', at(350), { classMask: 2 }),
      carAt('small', at(360), { seats: 1 }),
      carAt('no ramp', at(370)),
      carAt('said no', at(380), { attributes: 4 }),
      carAt('best', at(900), { attributes: 4 }),
      carAt('next', at(1_000), { attributes: 5 }),
    ]
    const asked = ride('r', { seats: 2, attributes: 4, excluded: new Set(['said no' as DriverId]) })
    const look = new TickLook(ticked(cars, [asked])).at(asked)
    expect(look).toMatchObject({ kind: 'offer', driverId: 'best', radiusM: 2_000 })
    expect(gatesOf(look)).toEqual({
      ...{ far: 'too_far', dark: 'silent', driving: 'on_board', coming: 'to_pickup' },
      ...{ 'asked elsewhere': 'offered', resting: 'paused', 'another class': 'class', small: 'seats' },
      ...{ 'no ramp': 'attributes', 'said no': 'asked_before', best: 'chosen', next: 'passed' },
    })
    expect(funnelOf(look.gates)).toEqual({ near: 11, fresh: 10, free: 6, fits: 3, running: 2, asked: 1 })
  })

  test('who was weighed says what it cost; idling and long ways are told apart from the pickup', () => {
    const cars = [carAt('a', at(1_000))]
    const asked = ride('r')
    const [seen] = new TickLook(ticked(cars, [asked])).at(asked).drivers
    expect(seen).toMatchObject({ gate: 'chosen', ageS: 4, isSoonFree: false })
    expect(seen!.etaS).toBeCloseTo(200, 0)
    expect(seen!.costS).toBe(seen!.pickupCostS)
    expect(seen!.costS).toBeGreaterThan(seen!.etaS!)
  })

  test('who goes to another ride of the batch says to which', () => {
    const rides = [ride('old', { requestedAtMs: NOW_MS - 1_000, pickup: at(100) }), ride('new')]
    const look = new TickLook(ticked([carAt('only', at(50))], rides))
    const [first, second] = rides.map((asked) => look.at(asked))
    const looks = [first!, second!].toSorted((a, b) => (a.kind < b.kind ? -1 : 1))
    expect(looks.map(({ kind }) => kind)).toEqual(['none', 'offer'])
    expect(looks[0]!.drivers[0]).toMatchObject({ gate: 'promised', otherRideId: looks[1]!.rideId })
  })

  test('beyond the short list, too late, and kept for a rank', () => {
    const cars = [1, 2, 3, 4].map((n) => carAt(`car ${n}`, at(140 * n)))
    const asked = ride('r')
    expect(gatesOf(new TickLook(ticked(cars, [asked])).at(asked))['car 4']).toBe('not_listed')
    const late = ride('r', { requestedAtMs: NOW_MS - 570_000 })
    const within = { ...POLICY, pickupWithinS: 600 }
    // Three of them need more than the 30 s that are left.
    expect(new TickLook(ticked(cars, [late], within)).at(late).gates).toEqual({ too_late: 3, chosen: 1 })
    const kept = new Set(['car 1' as DriverId])
    const tick = { ...ticked(cars, [asked]), kept, weighed: new Map(), proposals: [] }
    expect(gatesOf(new TickLook(tick).at(asked))).toMatchObject({
      ...{ 'car 1': 'kept_for_queue', 'car 2': 'passed' },
    })
  })

  test('a turn at a rank, a shared car, a ride taken over, and a desk that gives rides by hand', () => {
    const cars = [carAt('near', at(100)), carAt('far off', at(9_500), { state: 'on_board' })]
    const asked = ride('r')
    const base = { ...ticked(cars, [asked]), weighed: new Map(), proposals: [] }
    const proposal = {
      ...{ kind: 'offer' as const, rideId: asked.rideId, driverId: 'far off' as DriverId },
      ...{ pickupDistanceM: 9_500, pickupEtaS: 1_900, costS: 2_100 },
    }
    const byTurn = new TickLook({ ...base, proposals: [{ ...proposal, zoneId: 'z' as ZoneId }] }).at(asked)
    expect(byTurn).toMatchObject({ kind: 'turn', driverId: 'far off' })
    // Out of sight, and yet not left out: it was asked.
    expect(gatesOf(byTurn)).toEqual({ near: 'not_their_turn', 'far off': 'chosen' })
    expect(byTurn.drivers.at(-1)).toMatchObject({ costS: 2_100, etaS: 1_900 })
    const joined = new TickLook({ ...base, joined: [proposal] }).at(asked)
    expect(joined.kind).toBe('join')
    expect(gatesOf(joined)).toEqual({ near: 'sharing', 'far off': 'chosen' })
    const swap = { ...proposal, kind: 'swap' as const, driverId: 'near' as DriverId }
    expect(new TickLook({ ...base, proposals: [swap] }).at(asked)).toMatchObject({
      ...{ kind: 'swap', driverId: 'near' },
    })
    expect(new TickLook({ ...base, isOffering: false }).at(asked)).toMatchObject({
      ...{ kind: 'off', driverId: null, gates: { passed: 1 } },
    })
  })

  test('on both sides of the antimeridian and at a pole', () => {
    for (const pickup of [
      { lat: 0, lng: 179.9999 },
      { lat: 89.9999, lng: 10 },
    ]) {
      const car = carAt('there', pickup.lat === 0 ? { lat: 0, lng: -179.9999 } : { lat: 89.9999, lng: -170 })
      const asked = ride('r', { pickup })
      expect(new TickLook(ticked([car], [asked])).at(asked).gates).toEqual({ chosen: 1 })
    }
  })
})

const metres = fc.integer({ min: -5_000, max: 5_000 })
const place = fc.tuple(metres, metres).map(([north, east]) => at(north, east))
const someCars = fc.array(
  fc.record({
    at: place,
    state: fc.constantFrom('free', 'free', 'free', 'on_board', 'to_pickup', 'silent', 'paused'),
    classMask: fc.constantFrom(1, 2),
    seats: fc.constantFrom(1, 4),
    attributes: fc.constantFrom(0, 1),
  }),
  { maxLength: 60 },
)
const someRides = fc.array(
  fc.record({
    pickup: place,
    seats: fc.constantFrom(1, 2),
    attributes: fc.constantFrom(0, 0, 1),
    ageS: fc.integer({ min: 0, max: 200 }),
    excluded: fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 5 },
)
const FREE_AND_FIT = new Set<Gate>(['too_late', 'not_listed', 'promised', 'passed', 'chosen'])

test('the gates are those of the decision: every car once, nobody asked whom a gate dropped, and none dropped that was weighed', () => {
  fc.assert(
    fc.property(
      someCars,
      someRides,
      fc.constantFrom<Policy['kind']>('batch', 'nearest', 'longest_wait'),
      (cars, rides, kind) => {
        const seen = cars.map((car, n) => carAt(`car-${n}`, car.at, car as Partial<SeenCar>))
        const waiting = rides.map(({ ageS, excluded, ...asked }, n) =>
          ride(`ride-${n}`, {
            ...asked,
            requestedAtMs: NOW_MS - ageS * 1_000,
            excluded: new Set(excluded.map((of) => `car-${of}` as DriverId)),
          }),
        )
        const tick = ticked(seen, waiting, { ...POLICY, kind })
        const look = new TickLook(tick)
        for (const asked of waiting) {
          const { gates, drivers, driverId, radiusM } = look.at(asked)
          expect(radiusM).toBe(searchRadiusM(tick.policy, NOW_MS - asked.requestedAtMs, 1))
          expect(driverId).toBe(
            tick.proposals.find(({ rideId }) => rideId === asked.rideId)?.driverId ?? null,
          )
          const near = (reachM: number) => seen.filter((car) => distanceM(car.at, asked.pickup) <= reachM)
          const total = Object.values(gates).reduce((sum, count) => sum + count, 0)
          expect(total).toBe(near(LOOKS_WIDER * tick.policy.radiusMaxM).length)
          expect(drivers.length).toBe(Math.min(total, MOST_LISTED))
          const funnel = STEPS.map((step) => funnelOf(gates)[step])
          expect(funnel).toEqual(funnel.toSorted((a, b) => b - a))
          expect(funnel[0]).toBe(near(radiusM).length)
          expect(funnel.at(-1)).toBe(driverId === null ? 0 : 1)
          // Brute force: who is free, fits and was not asked, within the radius.
          const eligible = near(radiusM).filter(
            (car) =>
              car.state === 'free' &&
              (car.classMask & asked.classMask) !== 0 &&
              car.seats >= asked.seats &&
              (car.attributes & asked.attributes) === asked.attributes &&
              !asked.excluded.has(car.driverId),
          )
          const through = GATES.reduce(
            (sum, gate) => sum + (FREE_AND_FIT.has(gate) ? (gates[gate] ?? 0) : 0),
            0,
          )
          expect(through).toBe(eligible.length)
          const listed = gatesOf({ drivers } as Look)
          for (const of of tick.weighed.get(asked.rideId)?.driverIds ?? [])
            expect(['passed', 'promised', 'chosen']).toContain(listed[of]!)
        }
      },
    ),
    { numRuns: 150 },
  )
})

test('a step is passed by whom a later gate stopped', () => {
  expect(cameThrough('silent', 'near')).toBe(true)
  expect(cameThrough('silent', 'fresh')).toBe(false)
  expect(cameThrough('asked_before', 'fits')).toBe(true)
  expect(STEPS.every((step) => cameThrough('chosen', step))).toBe(true)
})

describe('looks that say the same', () => {
  const look = (more: Partial<Look> = {}): Look => ({
    ...{ rideId: 'r' as RideId, kind: 'none', driverId: null, radiusM: 2_000, drivers: [] },
    ...{ gates: { silent: 2 }, ...more },
  })
  test('fold while nobody is left at the same step, whatever the figures', () => {
    expect(tellsTheSame(look(), look({ gates: { silent: 5, too_far: 3 }, radiusM: 2_200 }))).toBe(true)
    expect(tellsTheSame(look(), look({ gates: { on_board: 1 } }))).toBe(false)
    expect(tellsTheSame(look(), look({ kind: 'off' }))).toBe(false)
  })
  test('a question stands by itself; a driver who is waited for does not', () => {
    const driverId = 'a' as DriverId
    const offer = look({ kind: 'offer', driverId, gates: { chosen: 1 } })
    expect(tellsTheSame(offer, offer)).toBe(false)
    const held = { ...offer, kind: 'hold' as const }
    expect(tellsTheSame(held, held)).toBe(true)
    expect(tellsTheSame(held, { ...held, driverId: 'b' as DriverId })).toBe(false)
  })
})

describe('why nobody took it', () => {
  const seen = (kind: LookInTime['kind'], gates: LookInTime['gates'], ticks = 1): LookInTime => ({
    ...{ kind, gates, ticks, radiusM: 2_000, atMs: NOW_MS, untilMs: NOW_MS },
  })
  test('names the gate that dropped the last car, with how many', () => {
    expect(hindranceIn(seen('none', { too_far: 3, silent: 2, on_board: 7, to_pickup: 2 }))).toEqual({
      ...{ kind: 'gate', gate: 'on_board', stopped: 7, cars: 11 },
    })
    expect(hindranceIn(seen('none', { on_board: 7, class: 1, asked_before: 2 }))).toMatchObject({
      ...{ gate: 'asked_before', stopped: 2, cars: 10 },
    })
    expect(hindranceIn(seen('none', { promised: 2 }))).toMatchObject({ gate: 'promised' })
  })
  test('tells no car near from cars that are farther off', () => {
    expect(hindranceIn(seen('none', {}))).toEqual({ kind: 'nobody_near', radiusM: 2_000, farther: 0 })
    expect(hindranceIn(seen('none', { too_far: 4 }))).toMatchObject({ kind: 'nobody_near', farther: 4 })
    expect(emptiedAt({})).toBe('near')
  })
  test('goes by what held longest, and leaves out the ticks that asked somebody', () => {
    const why = whyOf([
      seen('none', { silent: 1 }, 3),
      seen('offer', { chosen: 1 }),
      seen('none', { on_board: 4 }, 9),
      seen('hold', { passed: 1 }, 2),
    ])
    expect(why).toMatchObject({ ticks: 15, hindrance: { gate: 'on_board', stopped: 4 } })
    expect(why.share).toBeCloseTo(9 / 14)
    expect(whyOf([seen('offer', { chosen: 1 })])).toMatchObject({ hindrance: null, share: 0 })
    expect(whyOf([])).toMatchObject({ ticks: 0, hindrance: null })
    expect(whyOf([seen('off', { passed: 2 })]).hindrance).toEqual({ kind: 'switched_off' })
    expect(whyOf([seen('hold', { passed: 1 })]).hindrance).toEqual({ kind: 'held' })
  })
})
