/**
 * Recorded rides through the real tick, ride, offer and fare code, in memory, on a manual clock.
 *
 * The rules: every car is on duty throughout; a rider who is not picked up within the longest wait is unserved; off a
 * ride a car drives as the ground says, on a ride as recorded. Unless people are given, every offer is taken at once and
 * nobody leaves before the longest wait.
 */

import { decide, type Proposal, tickEveryMs, type WaitingRide } from '../engine/decide.ts'
import { priceLeg } from '../engine/fare.ts'
import { answer, type Offer } from '../engine/offer.ts'
import { type RideEvent, step } from '../engine/ride.ts'
import type { AssignedRide } from '../engine/swap.ts'
import { assert, type DriverId, type LatLng, never, type RandomFn, type RideId } from '../engine/units.ts'
import { Agenda } from './agenda.ts'
import { Cars, ONE_CLASS } from './cars.ts'
import { afterDemand, afterTheLastHour, type Moves } from './idle.ts'
import { lineUp } from './line-up.ts'
import { type Outcome, type ReplayedRide, type ReplayInput, TARIFF, type UnservedCause } from './outcome.ts'
import type { Leaving } from './people.ts'
import type { IdleRule } from './policies.ts'
import type { RecordedRide } from './recorded.ts'

type Happening =
  | { readonly type: 'pickup' | 'dropoff'; readonly place: number; readonly car: number }
  | { readonly type: 'leave'; readonly place: number; readonly turn: number; readonly cause: UnservedCause }
  | { readonly type: 'parked'; readonly car: number; readonly turn: number }

/** A car on its way to a rider. */
interface Approach {
  readonly car: number
  readonly from: LatLng
  readonly leftAtMs: number
  readonly arrivesAtMs: number
  readonly roadM: number
  /** How often the ride went to a nearer car before, and who is not asked to take it over. */
  readonly swaps: number
  readonly asked: ReadonlySet<DriverId>
}

const OFFER_MS = 15_000
const NOBODY: ReadonlySet<DriverId> = new Set()

/** Replay the rides from the first request until the last rider is out; the same input gives the same outcome. */
export function replay(input: ReplayInput): Outcome {
  return new Replay(input).run()
}

class Replay {
  readonly #input: ReplayInput
  readonly #recorded: readonly RecordedRide[]
  readonly #cars: Cars
  readonly #moves: Moves
  readonly #rides: ReplayedRide[] = []
  readonly #waiting = new Map<RideId, WaitingRide>()
  readonly #approaches = new Map<number, Approach>()
  /** Counts how often each rider's plans to leave changed; tells one set for an earlier state apart. */
  readonly #turns: number[] = []
  readonly #placeOf = new Map<RideId, number>()
  readonly #agenda = new Agenda<Happening>()
  readonly #tickMs: number[] = []
  #open = 0
  #declines = 0

  constructor(input: ReplayInput) {
    const { rides, starts, random } = lineUp(input.recorded, input.fleet, input.seed)
    this.#input = input
    this.#recorded = rides
    this.#cars = new Cars(starts, rides[0]!.requestedAtMs, input.ground)
    this.#moves = this.#movesBy(input.idle ?? input.policy.idle, random)
  }

  #movesBy(rule: IdleRule, random: RandomFn): Moves {
    if (rule === 'stay') return () => []
    const { history, ground } = this.#input
    if (rule === 'last-hour' || history.length === 0) return afterTheLastHour(this.#recorded, random)
    const first = this.#recorded[0]!
    const localSecondsOfDay = (nowMs: number) =>
      (first.localSecondsOfDay + (nowMs - first.requestedAtMs) / 1_000) % 86_400
    return afterDemand(history, localSecondsOfDay, ground)
  }

  run(): Outcome {
    const everyMs = tickEveryMs(this.#input.policy.matching)
    let nowMs = this.#recorded[0]!.requestedAtMs
    while (this.#rides.length < this.#recorded.length || this.#open > 0) {
      this.#catchUp(nowMs)
      this.#sendIdle(nowMs)
      if (this.#isToDecide()) this.#tick(nowMs)
      nowMs += everyMs
    }
    return {
      rides: this.#rides,
      fleet: this.#input.fleet,
      repositioningM: this.#cars.repositioningM,
      declines: this.#declines,
      tickMs: this.#tickMs,
    }
  }

  #isToDecide(): boolean {
    const swaps = this.#input.policy.matching.swapGainS > 0 && this.#approaches.size > 0
    return this.#cars.free > 0 && (this.#waiting.size > 0 || swaps)
  }

  /** Let everything happen that was due until now, in order; what ends at an instant comes before what it makes possible. */
  #catchUp(nowMs: number): void {
    for (;;) {
      const request = this.#recorded[this.#rides.length]
      const knownAheadMs = 1_000 * this.#input.policy.knownAheadS
      const requestAtMs = (request?.requestedAtMs ?? Number.POSITIVE_INFINITY) - knownAheadMs
      if (Math.min(requestAtMs, this.#agenda.nextAtMs()) > nowMs) return
      if (request && requestAtMs < this.#agenda.nextAtMs()) this.#request(request)
      else this.#happen(this.#agenda.take()!)
    }
  }

  #request(recorded: RecordedRide): void {
    const { requestedAtMs, distanceM, durationS } = recorded
    const place = this.#rides.length
    const rideId = rideIdOf(place)
    this.#rides.push({
      recorded,
      fareMinor: priceLeg(TARIFF, { distanceM, durationS }).totalMinor,
      ride: { state: 'requested', driverId: null, changedAtMs: requestedAtMs },
      pickedUpAtMs: null,
      pickupM: 0,
      unserved: null,
    })
    this.#open++
    this.#placeOf.set(rideId, place)
    this.#waiting.set(rideId, this.#asking(place))
    this.#turns.push(0)
    this.#plansToLeave(
      place,
      this.#input.people?.leavesUnasked(place, requestedAtMs) ?? null,
      'no_driver_in_time',
    )
  }

  /** A ride as the matcher is asked for it. */
  #asking(place: number): WaitingRide {
    const { requestedAtMs, pickup, dropoff, expectedS } = this.#rides[place]!.recorded
    return {
      ...{ rideId: rideIdOf(place), pickup, requestedAtMs, excluded: NOBODY },
      ...{ classMask: ONE_CLASS, seats: 1, attributes: 0 },
      // What one can know when the rider asks; how long it took stands in the record for later.
      tripS: expectedS ?? this.#input.ground.leg(pickup, dropoff).durationS,
    }
  }

  #happen({ atMs, what }: { atMs: number; what: Happening }): void {
    switch (what.type) {
      case 'pickup':
        this.#pickUp(what.place, what.car, atMs)
        return
      case 'dropoff':
        this.#dropOff(what.place, what.car, atMs)
        return
      case 'leave':
        if (this.#turns[what.place] === what.turn) this.#leave(what.place, what.cause, atMs)
        return
      case 'parked':
        if (this.#cars.turnOf(what.car) !== what.turn) return
        this.#cars.park(what.car, atMs)
        return
      default:
        never(what)
    }
  }

  #tick(nowMs: number): void {
    const startedMs = this.#input.stopwatch()
    this.#cars.moveAlong(nowMs)
    const { policy, ground } = this.#input
    const proposals = decide({
      waiting: [...this.#waiting.values()],
      ...(policy.matching.swapGainS > 0 && { assigned: this.#assigned(nowMs) }),
      fleet: this.#cars.index,
      soonFree: this.#cars.soonFree(nowMs),
      policy: policy.matching,
      nowMs,
      pickupEtaS: (straightM, from, to) => ground.leg(from, to, straightM).durationS,
      idleSinceMs: (driverId) => this.#cars.idleSinceMs(driverId),
    })
    this.#tickMs.push(this.#input.stopwatch() - startedMs)
    for (const proposal of proposals) {
      if (proposal.kind === 'offer') this.#offer(proposal, nowMs)
      else if (proposal.kind === 'swap') this.#swap(proposal, nowMs)
    }
  }

  /** The rides a car is on the way to, each with what is left of its way as one would guess it now. */
  #assigned(nowMs: number): AssignedRide[] {
    const { ground } = this.#input
    return [...this.#approaches].map(([place, approach]): AssignedRide => {
      const { pickup } = this.#rides[place]!.recorded
      return {
        ...{ rideId: rideIdOf(place), driverId: this.#cars.driverOf(approach.car), pickup },
        ...{ classMask: ONE_CLASS, seats: 1, attributes: 0, excluded: approach.asked, swaps: approach.swaps },
        etaS: ground.leg(this.#whereOn(approach, pickup, nowMs), pickup).durationS,
      }
    })
  }

  #whereOn({ from, leftAtMs, arrivesAtMs }: Approach, pickup: LatLng, nowMs: number): LatLng {
    return this.#input.ground.along(from, pickup, (nowMs - leftAtMs) / (arrivesAtMs - leftAtMs))
  }

  /** @returns whether the driver says yes, which they do or do not at once */
  #asks({ rideId, driverId, pickupEtaS }: Proposal, nowMs: number): boolean {
    const offer: Offer = { state: 'pending', expiresAtMs: nowMs + OFFER_MS }
    const { people } = this.#input
    const accepts =
      people === null || people.accepts(this.#placeOf.get(rideId)!, this.#cars.carOf(driverId), pickupEtaS)
    assert(answer(offer, accepts ? 'accept' : 'decline', nowMs).ok, 'an offer can be answered as it is made')
    if (!accepts) this.#declines++
    return accepts
  }

  /** The driver sets off, or is not asked for this ride again. */
  #offer(proposal: Proposal, nowMs: number): void {
    const waiting = this.#waiting.get(proposal.rideId)!
    const asked = new Set([...waiting.excluded, proposal.driverId])
    if (!this.#asks(proposal, nowMs)) {
      this.#waiting.set(proposal.rideId, { ...waiting, excluded: asked })
      return
    }
    this.#waiting.delete(proposal.rideId)
    this.#setOff(proposal, { waiting, asked, swaps: 0 }, nowMs)
  }

  /** A nearer car takes a ride over; whoever was on the way is free where they are. */
  #swap(proposal: Proposal, nowMs: number): void {
    const place = this.#placeOf.get(proposal.rideId)!
    const before = this.#approaches.get(place)!
    const asked = new Set([...before.asked, proposal.driverId])
    if (!this.#asks(proposal, nowMs)) {
      this.#approaches.set(place, { ...before, asked })
      return
    }
    const replayed = this.#rides[place]!
    const { pickup } = replayed.recorded
    this.#approaches.delete(place)
    replayed.pickupM += before.roadM * ((nowMs - before.leftAtMs) / (before.arrivesAtMs - before.leftAtMs))
    this.#cars.release(before.car, this.#whereOn(before, pickup, nowMs), nowMs, { madeRoom: true })
    this.#step(place, { type: 'release' }, nowMs)
    this.#setOff(proposal, { waiting: this.#asking(place), asked, swaps: before.swaps + 1 }, nowMs)
  }

  #setOff(
    { rideId, driverId, pickupDistanceM }: Proposal,
    { waiting, asked, swaps }: Pick<Approach, 'asked' | 'swaps'> & { readonly waiting: WaitingRide },
    nowMs: number,
  ): void {
    const { ground, people } = this.#input
    const place = this.#placeOf.get(rideId)!
    const car = this.#cars.carOf(driverId)
    const from = this.#cars.positionOf(car)
    const leg = ground.leg(from, waiting.pickup, pickupDistanceM)
    const freeAtMs = Math.max(nowMs + 1_000 * leg.durationS, waiting.requestedAtMs) + 1_000 * waiting.tripS
    this.#cars.take(car, nowMs, { freeAtMs, freeAt: this.#rides[place]!.recorded.dropoff })
    this.#step(place, { type: 'assign', driverId }, nowMs)
    this.#step(place, { type: 'set_off' }, nowMs)
    const takesMs = Math.round(leg.durationS * 1_000 * (people?.pickupFactor(place, car) ?? 1))
    // Who knew of the rider before they asked waits for them at the door.
    const arrivesAtMs = Math.max(nowMs + takesMs, waiting.requestedAtMs)
    const way = { car, from, leftAtMs: nowMs, arrivesAtMs, roadM: leg.distanceM }
    this.#approaches.set(place, { ...way, asked, swaps })
    this.#agenda.add(arrivesAtMs, { type: 'pickup', place, car })
    this.#turns[place]!++
    if (people === null) return
    const promise = { requestedAtMs: waiting.requestedAtMs, nowMs, pickupEtaS: leg.durationS }
    this.#plansToLeave(place, people.leavesPromised(place, promise), 'driver_too_late')
  }

  /** A rider leaves when they want to, or with the longest wait for the other cause, unless their plans change. */
  #plansToLeave(place: number, leaving: Leaving | null, atLast: UnservedCause): void {
    const lastMs = this.#rides[place]!.recorded.requestedAtMs + this.#input.maxWaitS * 1_000
    const { atMs, cause } =
      leaving !== null && leaving.atMs < lastMs ? leaving : { atMs: lastMs, cause: atLast }
    this.#agenda.add(atMs, { type: 'leave', place, turn: ++this.#turns[place]!, cause })
  }

  #pickUp(place: number, car: number, atMs: number): void {
    const approach = this.#approaches.get(place)
    // The rider has left meanwhile.
    if (approach?.car !== car || approach.arrivesAtMs !== atMs) return
    this.#approaches.delete(place)
    this.#turns[place]!++
    this.#step(place, { type: 'arrive' }, atMs)
    this.#step(place, { type: 'board' }, atMs)
    const replayed = this.#rides[place]!
    replayed.pickedUpAtMs = atMs
    replayed.pickupM += approach.roadM
    const { pickup, dropoff, expectedS } = replayed.recorded
    const plannedS = expectedS ?? this.#input.ground.leg(pickup, dropoff).durationS
    this.#cars.board(car, { dropoff, boardedAtMs: atMs, plannedS })
    this.#agenda.add(atMs + Math.round(replayed.recorded.durationS * 1_000), { type: 'dropoff', place, car })
  }

  #dropOff(place: number, car: number, atMs: number): void {
    this.#step(place, { type: 'finish' }, atMs)
    this.#open--
    this.#cars.release(car, this.#rides[place]!.recorded.dropoff, atMs)
  }

  /** Whoever was on the way is free again where they are. */
  #leave(place: number, cause: UnservedCause, atMs: number): void {
    const replayed = this.#rides[place]!
    const approach = this.#approaches.get(place)
    if (approach !== undefined) {
      const { car, leftAtMs, arrivesAtMs, roadM } = approach
      this.#approaches.delete(place)
      replayed.pickupM += ((atMs - leftAtMs) / (arrivesAtMs - leftAtMs)) * roadM
      this.#cars.release(car, this.#whereOn(approach, replayed.recorded.pickup, atMs), atMs)
    }
    this.#waiting.delete(rideIdOf(place))
    this.#turns[place]!++
    replayed.unserved = cause
    this.#step(place, { type: cause === 'no_driver_in_time' ? 'give_up' : 'cancel' }, atMs)
    this.#open--
  }

  #step(place: number, event: RideEvent, atMs: number): void {
    const replayed = this.#rides[place]!
    const next = step(replayed.ride, event, atMs)
    assert(next.ok, `a replayed ride may ${event.type} now`)
    replayed.ride = next.value
  }

  /** Cars that have stood long enough set out for where riders are expected. */
  #sendIdle(nowMs: number): void {
    const waiting = [...this.#waiting.values()].map(({ pickup }) => pickup)
    for (const { car, to } of this.#moves(nowMs, this.#cars, waiting)) {
      const arrivesAtMs = this.#cars.reposition(car, to, nowMs)
      this.#agenda.add(arrivesAtMs, { type: 'parked', car, turn: this.#cars.turnOf(car) })
    }
  }
}

function rideIdOf(place: number): RideId {
  return `ride-${String(place + 1).padStart(7, '0')}` as RideId
}
