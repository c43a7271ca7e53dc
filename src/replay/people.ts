/**
 * How people answer: drivers decline, riders leave. Everything is drawn from the seed and the names of those concerned,
 * never from the order of events, so the same rider has the same patience whatever the policy does.
 *
 * The parameters are assumptions, chosen to be plausible and to be changed: no public record tells who was asked and said
 * no. The shapes are the usual ones: a logistic choice for the driver, a hazard for the rider (docs/replay.md, sources).
 */
import type { RandomFn } from '../engine/units.ts'
import { seededRandom } from '../engine/units.ts'

export interface PeopleRules {
  /** Log-odds that a driver takes an offer at the door, and what each minute of pickup takes off them. */
  readonly acceptLogOdds: number
  readonly acceptLogOddsPerMinute: number
  /** A rider without a driver leaves at 1 ÷ this a second: their mean patience. */
  readonly patienceS: number
  /** A promised pickup time of this makes 1 - 1/e of the riders leave once they have read it; the hazard grows squared. */
  readonly promiseS: number
  /** How long they read. */
  readonly readS: number
  /** A pickup late by this has made 1 - 1/√e of the riders leave; the hazard grows with the delay. */
  readonly lateS: number
  /** Spread of the true pickup time around the promised one: the standard deviation of its logarithm, mean kept. */
  readonly promiseSpread: number
}

/** At two minutes 92 of 100 drivers accept, at ten 62; of riders promised two minutes 2 of 100 leave, promised ten 36. */
export const PEOPLE_RULES: PeopleRules = {
  acceptLogOdds: 3,
  acceptLogOddsPerMinute: 0.25,
  patienceS: 1_200,
  promiseS: 900,
  readS: 15,
  lateS: 240,
  promiseSpread: 0.25,
}

export type LeaveCause = 'left_without_driver' | 'left_far_promise' | 'left_late_driver'

export interface Leaving {
  readonly atMs: number
  readonly cause: LeaveCause
}

export class People {
  readonly #seed: number
  readonly #rules: PeopleRules

  constructor(seed: number, rules: PeopleRules = PEOPLE_RULES) {
    this.#seed = seed
    this.#rules = rules
  }

  /** Whether the driver of a car takes the offer of a ride so far away. */
  accepts(ride: number, car: number, pickupEtaS: number): boolean {
    const { acceptLogOdds, acceptLogOddsPerMinute } = this.#rules
    const logOdds = acceptLogOdds - (acceptLogOddsPerMinute * pickupEtaS) / 60
    return this.#drawFor(ride, car + 1)() < 1 / (1 + Math.exp(-logOdds))
  }

  /** What the promised pickup time has to be multiplied by; lognormal, 1 on average. */
  pickupFactor(ride: number, car: number): number {
    const random = this.#drawFor(ride, -car - 1)
    // Box and Muller, 1958.
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    const { promiseSpread } = this.#rules
    return Math.exp(promiseSpread * normal - promiseSpread ** 2 / 2)
  }

  /** When a rider who never hears of a driver leaves. */
  leavesUnasked(ride: number, requestedAtMs: number): Leaving {
    return {
      atMs: requestedAtMs + 1_000 * this.#rules.patienceS * this.#patience(ride),
      cause: 'left_without_driver',
    }
  }

  /** When a rider who is promised a driver leaves after all, unless picked up before. */
  leavesPromised(
    ride: number,
    { requestedAtMs, nowMs, pickupEtaS }: { requestedAtMs: number; nowMs: number; pickupEtaS: number },
  ): Leaving {
    const { patienceS, promiseS, readS, lateS } = this.#rules
    const afterWaiting = this.#patience(ride) - (nowMs - requestedAtMs) / 1_000 / patienceS
    const afterPromise = afterWaiting - (pickupEtaS / promiseS) ** 2
    if (afterPromise <= 0) return { atMs: nowMs + 1_000 * readS, cause: 'left_far_promise' }
    // The hazard of being late by s seconds adds up to s² ÷ (2 · lateS²).
    const lateByS = lateS * Math.sqrt(2 * afterPromise)
    return { atMs: nowMs + 1_000 * (pickupEtaS + lateByS), cause: 'left_late_driver' }
  }

  /** How much hazard this rider stands in all: exponential, mean 1. */
  #patience(ride: number): number {
    return -Math.log(1 - this.#drawFor(ride, 0)())
  }

  #drawFor(ride: number, other: number): RandomFn {
    const mixed = Math.imul(this.#seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(ride + 1, 0xc2b2ae35)
    const random = seededRandom(Math.imul(mixed ^ (mixed >>> 15), 0x27d4eb2f) ^ Math.imul(other, 0x165667b1))
    random()
    return random
  }
}
