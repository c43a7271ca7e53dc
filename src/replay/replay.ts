/**
 * Recorded rides through the real tick, ride, offer and fare code, in memory, on a manual clock.
 *
 * The rules: every car is on duty throughout and takes every offer; a rider who is not picked up within the longest
 * wait is unserved; off a ride a car drives by the default travel model, on a ride as recorded; idle cars go where riders are expected.
 */

import {
  DEFAULT_POLICY,
  decide,
  type Policy,
  type Proposal,
  tickEveryMs,
  type WaitingRide,
} from '../engine/decide.ts'
import { DEFAULT_TRAVEL, travel, travelOver } from '../engine/eta.ts'
import { priceLeg, type Tariff } from '../engine/fare.ts'
import { answer, type Offer } from '../engine/offer.ts'
import { type Ride, type RideEvent, step } from '../engine/ride.ts'
import { assert, type DriverId, never, type RandomFn, type RideId, seededRandom } from '../engine/units.ts'
import { Agenda } from './agenda.ts'
import { Cars, ONE_CLASS } from './cars.ts'
import { afterDemand, afterTheLastHour, type Moves } from './idle.ts'
import { inOrder, type RecordedRide } from './recorded.ts'

export interface ReplayInput {
  readonly recorded: readonly RecordedRide[]
  /** Past rides of other days that demand may be learned from; empty to know only the day itself so far. */
  readonly history: readonly RecordedRide[]
  readonly fleet: number
  readonly policy: Policy
  readonly maxWaitS: number
  readonly seed: number
  /** Milliseconds of real time, for the tick figures only; nothing is decided by it. */
  readonly stopwatch: () => number
}

/** What became of one request; the store of the replay. */
export interface ReplayedRide {
  readonly recorded: RecordedRide
  readonly fareMinor: number
  ride: Ride
  pickedUpAtMs: number | null
  pickupM: number
}

export interface Outcome {
  readonly rides: readonly ReplayedRide[]
  readonly fleet: number
  readonly repositioningM: number
  /** How long each tick with riders waiting and cars free took. */
  readonly tickMs: readonly number[]
}

type Happening =
  | { readonly type: 'pickup' | 'dropoff'; readonly place: number; readonly car: number }
  | { readonly type: 'give_up'; readonly rideId: RideId }
  | { readonly type: 'parked'; readonly car: number; readonly turn: number }

// Long enough for requests to meet, short enough that a car let go does not stand about; 10 to 30 s differ little.
const BATCH_MS = 15_000
const OFFER_MS = 15_000
const GROWTH_MPS = 10
const NOBODY: ReadonlySet<DriverId> = new Set()

/** Round figures near a large American city's meter; no figure of the report but the fares depends on them. */
const TARIFF: Tariff = {
  currency: 'USD',
  baseMinor: 300,
  bookingFeeMinor: 0,
  perKmMinor: 160,
  perMinuteMinor: 50,
  minimumMinor: 500,
  taxBasisPoints: 0,
  cancelFeeMinor: 500,
  cancelFreeS: 120,
  noShowFeeMinor: 500,
  noShowAfterS: 300,
}

/**
 * The policy a replay compares: as a region's default over longer batches. Nearest at once looks as far as the longest
 * wait allows. A batch begins at two thirds of that and looks further while the rider waits: a car that would come from far
 * is often wanted nearer by before it is there.
 */
export function replayPolicy(kind: Policy['kind'], maxWaitS: number): Policy {
  const reachM = (maxWaitS * DEFAULT_TRAVEL.speedMps) / DEFAULT_TRAVEL.circuity
  return {
    ...DEFAULT_POLICY,
    kind,
    batchWindowMs: BATCH_MS,
    radiusM: kind === 'batch' ? (2 * reachM) / 3 : reachM,
    radiusGrowthMps: GROWTH_MPS,
    radiusMaxM: reachM,
    pickupWithinS: maxWaitS,
  }
}

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
  readonly #placeOf = new Map<RideId, number>()
  readonly #agenda = new Agenda<Happening>()
  readonly #tickMs: number[] = []
  #open = 0

  constructor(input: ReplayInput) {
    // One generator a purpose, so that one policy's draws do not shift the requests or the starts of the other.
    const [stamps, starts, moves] = [0, 1, 2].map((n) => seededRandom(input.seed * 3 + n)) as [
      RandomFn,
      RandomFn,
      RandomFn,
    ]
    this.#input = input
    this.#recorded = inOrder(input.recorded, stamps)
    const first = this.#recorded[0]!
    this.#cars = new Cars(
      Array.from(
        { length: input.fleet },
        () => this.#recorded[Math.floor(starts() * this.#recorded.length)]!.pickup,
      ),
      first.requestedAtMs,
    )
    this.#moves =
      input.history.length === 0
        ? afterTheLastHour(this.#recorded, moves)
        : afterDemand(
            input.history,
            (nowMs) => (first.localSecondsOfDay + (nowMs - first.requestedAtMs) / 1_000) % 86_400,
          )
  }

  run(): Outcome {
    const everyMs = tickEveryMs(this.#input.policy)
    let nowMs = this.#recorded[0]!.requestedAtMs
    while (this.#rides.length < this.#recorded.length || this.#open > 0) {
      this.#catchUp(nowMs)
      this.#sendIdle(nowMs)
      if (this.#waiting.size > 0 && this.#cars.free > 0) this.#tick(nowMs)
      nowMs += everyMs
    }
    return {
      rides: this.#rides,
      fleet: this.#input.fleet,
      repositioningM: this.#cars.repositioningM,
      tickMs: this.#tickMs,
    }
  }

  /** Let everything happen that was due until now, in order; what ends at an instant comes before what it makes possible. */
  #catchUp(nowMs: number): void {
    for (;;) {
      const request = this.#recorded[this.#rides.length]
      const requestAtMs = request?.requestedAtMs ?? Number.POSITIVE_INFINITY
      if (Math.min(requestAtMs, this.#agenda.nextAtMs()) > nowMs) return
      if (request && requestAtMs < this.#agenda.nextAtMs()) this.#request(request)
      else this.#happen(this.#agenda.take()!)
    }
  }

  #request(recorded: RecordedRide): void {
    const { requestedAtMs, pickup, dropoff, distanceM, durationS } = recorded
    const place = this.#rides.length
    const rideId = `ride-${String(place + 1).padStart(7, '0')}` as RideId
    this.#rides.push({
      recorded,
      fareMinor: priceLeg(TARIFF, { distanceM, durationS }).totalMinor,
      ride: { state: 'requested', driverId: null, changedAtMs: requestedAtMs },
      pickedUpAtMs: null,
      pickupM: 0,
    })
    this.#open++
    this.#placeOf.set(rideId, place)
    this.#waiting.set(rideId, {
      rideId,
      pickup,
      classMask: ONE_CLASS,
      seats: 1,
      attributes: 0,
      requestedAtMs,
      excluded: NOBODY,
      // What one can know when the rider asks; how long it took stands in the record for later.
      tripS: travel(pickup, dropoff, DEFAULT_TRAVEL).durationS,
    })
    this.#agenda.add(requestedAtMs + this.#input.maxWaitS * 1_000, { type: 'give_up', rideId })
  }

  #happen({ atMs, what }: { atMs: number; what: Happening }): void {
    switch (what.type) {
      case 'pickup':
        this.#pickUp(what.place, what.car, atMs)
        return
      case 'dropoff':
        this.#dropOff(what.place, what.car, atMs)
        return
      case 'give_up':
        this.#giveUp(what.rideId, atMs)
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
    const proposals = decide({
      waiting: [...this.#waiting.values()],
      fleet: this.#cars.index,
      soonFree: this.#cars.soonFree(nowMs),
      policy: this.#input.policy,
      nowMs,
      pickupEtaS: (straightM) => travelOver(straightM, DEFAULT_TRAVEL).durationS,
    })
    this.#tickMs.push(this.#input.stopwatch() - startedMs)
    for (const proposal of proposals) if (proposal.kind === 'offer') this.#offer(proposal, nowMs)
  }

  /** Every offer is taken at once, and the car sets off. */
  #offer({ rideId, driverId, pickupDistanceM }: Proposal, nowMs: number): void {
    const offer: Offer = { state: 'pending', expiresAtMs: nowMs + OFFER_MS }
    assert(answer(offer, 'accept', nowMs).ok, 'an offer can be taken the moment it is made')
    const place = this.#placeOf.get(rideId)!
    const car = this.#cars.carOf(driverId)
    const leg = travelOver(pickupDistanceM, DEFAULT_TRAVEL)
    const { tripS } = this.#waiting.get(rideId)!
    this.#waiting.delete(rideId)
    const freeAtMs = nowMs + 1_000 * (leg.durationS + tripS)
    this.#cars.take(car, nowMs, { freeAtMs, freeAt: this.#rides[place]!.recorded.dropoff })
    this.#step(place, { type: 'assign', driverId }, nowMs)
    this.#step(place, { type: 'set_off' }, nowMs)
    this.#rides[place]!.pickupM = leg.distanceM
    this.#agenda.add(nowMs + Math.round(leg.durationS * 1_000), { type: 'pickup', place, car })
  }

  #pickUp(place: number, car: number, atMs: number): void {
    this.#step(place, { type: 'arrive' }, atMs)
    this.#step(place, { type: 'board' }, atMs)
    const replayed = this.#rides[place]!
    replayed.pickedUpAtMs = atMs
    const { pickup, dropoff } = replayed.recorded
    const plannedS = travel(pickup, dropoff, DEFAULT_TRAVEL).durationS
    this.#cars.board(car, { dropoff, boardedAtMs: atMs, plannedS })
    this.#agenda.add(atMs + Math.round(replayed.recorded.durationS * 1_000), { type: 'dropoff', place, car })
  }

  #dropOff(place: number, car: number, atMs: number): void {
    this.#step(place, { type: 'finish' }, atMs)
    this.#open--
    this.#cars.release(car, this.#rides[place]!.recorded.dropoff, atMs)
  }

  #giveUp(rideId: RideId, atMs: number): void {
    if (!this.#waiting.delete(rideId)) return
    this.#step(this.#placeOf.get(rideId)!, { type: 'give_up' }, atMs)
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
