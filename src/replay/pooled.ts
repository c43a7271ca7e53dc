/**
 * Recorded rides through the engine's pooling: riders share cars of several seats, each within the longest wait and a
 * limited delay. In each batch all who wait and all runs as they stand are solved together (`poolBatch`). Whoever is told
 * a car keeps it. Idle cars stay where they are, and everybody takes what they get.
 */
import { priceLeg } from '../engine/fare.ts'
import { DEFAULT_POOL_POLICY, poolBatch } from '../engine/pool-batch.ts'
import { type RideEvent, step } from '../engine/ride.ts'
import { type PoolRequest, promiseOf, type Stop } from '../engine/run.ts'
import { assert, type DriverId, type LatLng } from '../engine/units.ts'
import type { Ground } from './ground.ts'
import { lineUp } from './line-up.ts'
import { type Outcome, type ReplayedRide, type ReplayInput, TARIFF } from './outcome.ts'

/** A car where it can next turn, when it is there, and what it has to do. */
interface PooledCar {
  readonly driverId: DriverId
  at: LatLng
  atS: number
  stops: readonly Stop<LatLng>[]
  onBoard: number
}

/** The same input gives the same outcome. */
export function replayPooled(input: ReplayInput): Outcome {
  return new PooledReplay(input).run()
}

class PooledReplay {
  readonly #input: ReplayInput
  readonly #ground: Ground
  readonly #rides: ReplayedRide[]
  readonly #cars: readonly PooledCar[]
  readonly #waiting = new Map<string, { readonly place: number; readonly request: PoolRequest<LatLng> }>()
  readonly #tickMs: number[] = []
  #next = 0
  #open = 0
  #emptyM = 0
  #occupiedM = 0
  #occupiedS = 0
  #firstS = 0
  #lastS = 0

  constructor(input: ReplayInput) {
    const { rides, starts } = lineUp(input.recorded, input.fleet, input.seed)
    this.#input = input
    this.#ground = input.ground
    this.#firstS = rides[0]!.requestedAtMs / 1_000
    this.#lastS = rides.at(-1)!.requestedAtMs / 1_000
    this.#rides = rides.map((recorded) => ({
      recorded,
      fareMinor: priceLeg(TARIFF, recorded).totalMinor,
      ride: { state: 'requested', driverId: null, changedAtMs: recorded.requestedAtMs },
      ...{ pickedUpAtMs: null, pickupM: 0, unserved: null },
    }))
    this.#cars = starts.map((at, car) => ({
      driverId: `driver-${String(car + 1).padStart(6, '0')}` as DriverId,
      ...{ at, atS: this.#firstS, stops: [], onBoard: 0 },
    }))
  }

  run(): Outcome {
    const everyS = this.#input.policy.matching.batchWindowMs / 1_000
    for (let nowS = this.#firstS; this.#next < this.#rides.length || this.#open > 0; nowS += everyS) {
      for (const [car, state] of this.#cars.entries()) this.#advance(car, state, nowS)
      this.#takeRequests(nowS)
      if (this.#waiting.size > 0) this.#batch(nowS)
    }
    return {
      ...{
        rides: this.#rides,
        fleet: this.#input.fleet,
        repositioningM: 0,
        declines: 0,
        tickMs: this.#tickMs,
      },
      pooled: { emptyM: this.#emptyM, occupiedM: this.#occupiedM, occupiedS: this.#occupiedS },
    }
  }

  #takeRequests(nowS: number): void {
    const { pooling } = this.#input.policy
    assert(pooling !== null, 'this policy pools')
    for (; this.#next < this.#rides.length; this.#next++) {
      const place = this.#next
      const { pickup, dropoff, requestedAtMs } = this.#rides[place]!.recorded
      const requestedAtS = requestedAtMs / 1_000
      if (requestedAtS > nowS) break
      const directS = this.#ground.leg(pickup, dropoff).durationS
      const promise = { requestedAtS, directS, waitS: this.#input.maxWaitS, detourS: pooling.detourS }
      const request = {
        rideId: String(place),
        pickup,
        dropoff,
        seats: 1,
        requestedAtS,
        ...promiseOf(promise),
      }
      this.#waiting.set(request.rideId, { place, request })
      this.#open++
    }
    for (const [rideId, { place, request }] of this.#waiting) {
      if (request.latestPickupS >= nowS) continue
      this.#waiting.delete(rideId)
      this.#rides[place]!.unserved = 'no_driver_in_time'
      this.#step(place, { type: 'give_up' }, request.latestPickupS)
      this.#open--
    }
  }

  #batch(nowS: number): void {
    const { pooling } = this.#input.policy
    const startedMs = this.#input.stopwatch()
    const plans = poolBatch({
      requests: [...this.#waiting.values()].map(({ request }) => request),
      runs: this.#cars.map(({ at, atS, stops }, car) => ({
        ...{ runId: String(car), from: at, fromAtS: atS, capacity: pooling!.seats, stops },
      })),
      travelS: (from, to) => this.#ground.leg(from, to).durationS,
      policy: DEFAULT_POOL_POLICY,
    })
    this.#tickMs.push(this.#input.stopwatch() - startedMs)
    for (const { runId, rideIds, stops } of plans) {
      const car = this.#cars[Number(runId)]!
      car.stops = stops
      for (const rideId of rideIds) {
        const { place } = this.#waiting.get(rideId)!
        this.#waiting.delete(rideId)
        this.#step(place, { type: 'assign', driverId: car.driverId }, nowS)
        this.#step(place, { type: 'set_off' }, nowS)
      }
    }
  }

  /** Let a car drive until now: through its stops, and on to the first place behind now where it can turn. */
  #advance(car: number, state: PooledCar, nowS: number): void {
    for (;;) {
      const [stop, ...others] = state.stops
      if (stop === undefined) {
        state.atS = Math.max(state.atS, nowS)
        return
      }
      const leg = this.#ground.leg(state.at, stop.at)
      if (state.atS + leg.durationS <= nowS) {
        this.#drive(state, leg.distanceM, leg.durationS)
        state.at = stop.at
        state.stops = others
        this.#stopAt(state, stop)
        continue
      }
      if (state.atS >= nowS) return
      const at = this.#ground.along(state.at, stop.at, (nowS - state.atS) / leg.durationS)
      const left = this.#ground.leg(at, stop.at)
      this.#drive(state, leg.distanceM - left.distanceM, leg.durationS - left.durationS)
      state.at = at
      return
    }
  }

  #drive(state: PooledCar, distanceM: number, durationS: number): void {
    if (state.onBoard === 0) this.#emptyM += distanceM
    else {
      this.#occupiedM += distanceM
      const [fromS, untilS] = [state.atS, state.atS + durationS].map((atS) => Math.min(this.#lastS, atS))
      this.#occupiedS += untilS! - fromS!
    }
    state.atS += durationS
  }

  #stopAt(state: PooledCar, { kind, rideId }: Stop<LatLng>): void {
    const place = Number(rideId)
    if (kind === 'pickup') {
      state.onBoard++
      this.#step(place, { type: 'arrive' }, state.atS)
      this.#step(place, { type: 'board' }, state.atS)
      this.#rides[place]!.pickedUpAtMs = state.atS * 1_000
    } else {
      state.onBoard--
      this.#open--
      this.#step(place, { type: 'finish' }, state.atS)
    }
  }

  #step(place: number, event: RideEvent, atS: number): void {
    const replayed = this.#rides[place]!
    const next = step(replayed.ride, event, atS * 1_000)
    assert(next.ok, `a pooled ride may ${event.type} now`)
    replayed.ride = next.value
  }
}
