/**
 * One tick's look at one waiting ride, car by car: the first gate that dropped each car near the pickup, or that it was
 * in the running and what it cost. Pure; made after the decision, from what the decision saw, and never a part of it.
 */
import type { Candidate, WaitingRide } from './candidates.ts'
import type { Proposal } from './decide.ts'
import { EARTH_RADIUS_M } from './geo.ts'
import { type Policy, pickupCostS, radiusOfRideM } from './policy.ts'
import { emptiedAt, type Gate, type GateCounts } from './trace-gates.ts'
import type { DriverId, LatLng, RideId } from './units.ts'

/** What a car was doing, in the words of the board. */
export type SeenState = 'free' | 'offered' | 'to_pickup' | 'waiting' | 'on_board' | 'paused' | 'silent'

/** A car on shift whose position is known, as the tick saw it. */
export interface SeenCar {
  readonly driverId: DriverId
  readonly at: LatLng
  readonly headingDeg: number
  /** When the phone took the fix, epoch ms. */
  readonly fixAtMs: number
  readonly state: SeenState
  readonly classMask: number
  readonly seats: number
  readonly attributes: number
}

/** Whom the matcher weighed for a ride, the driver's id beside each. */
export interface Weighed {
  readonly candidates: readonly Candidate[]
  readonly driverIds: readonly DriverId[]
}

/** A ride taken along in a shared run; it never came to the matcher. */
export type Joined = Pick<Proposal, 'rideId' | 'driverId' | 'pickupDistanceM' | 'pickupEtaS'>

export interface SeenTick {
  readonly nowMs: number
  readonly policy: Policy
  /** Which share of its first radius a new request looked. */
  readonly reachShare: number
  /** False while the desk alone gives rides. */
  readonly isOffering: boolean
  readonly cars: readonly SeenCar[]
  readonly weighed: ReadonlyMap<RideId, Weighed>
  readonly proposals: readonly Proposal[]
  readonly joined: readonly Joined[]
  /** Drivers in a queue whose cars are kept for its zone. */
  readonly kept: ReadonlySet<DriverId>
  readonly pickupEtaS: (distanceM: number, from: LatLng, to: LatLng) => number
}

/** How the tick left the ride: who was proposed and why, or nobody. */
export const LOOK_KINDS = ['offer', 'turn', 'join', 'swap', 'hold', 'none', 'off'] as const
export type LookKind = (typeof LOOK_KINDS)[number]

export interface SeenDriver {
  readonly driverId: DriverId
  readonly gate: Gate
  readonly state: SeenState
  readonly at: LatLng
  readonly headingDeg: number
  /** Age of the pin, seconds. */
  readonly ageS: number
  /** Straight to the pickup; from the drop-off where `isSoonFree`. */
  readonly distanceM: number
  /** Until they would be at the pickup; null where a gate before it dropped them. */
  readonly etaS: number | null
  /** What the matcher weighed, seconds; null for who was not weighed. */
  readonly costS: number | null
  /** Of `costS`, the way to the pickup; the rest is idling (less) or a ride to end first (more). */
  readonly pickupCostS: number | null
  readonly isSoonFree: boolean
  /** The ride a `promised` driver goes to. */
  readonly otherRideId: RideId | null
}

export interface Look {
  readonly rideId: RideId
  readonly kind: LookKind
  /** Who was proposed; null for nobody. */
  readonly driverId: DriverId | null
  readonly radiusM: number
  /** Every car as far as `LOOKS_WIDER` times the farthest radius, by its gate. */
  readonly gates: GateCounts
  /** Who was weighed, and the nearest of the others, at most `MOST_LISTED`; the nearest first. */
  readonly drivers: readonly SeenDriver[]
}

/** More rows than anybody reads, and a few kilobytes. */
export const MOST_LISTED = 40
/** Cars this many times farther off than the engine ever looks say where the cars are; others say nothing. */
export const LOOKS_WIDER = 2

/** All rides of one tick, prepared once: unit vectors of the cars, and who was proposed where. */
export class TickLook {
  readonly #tick: SeenTick
  readonly #xyz: Float64Array
  readonly #rideOf = new Map<DriverId, RideId>()
  readonly #proposalOf = new Map<RideId, Proposal>()
  readonly #joinOf = new Map<RideId, Joined>()
  readonly #placeOf = new Map<DriverId, number>()
  readonly #chords: Float64Array

  constructor(tick: SeenTick) {
    this.#tick = tick
    this.#xyz = new Float64Array(3 * tick.cars.length)
    this.#chords = new Float64Array(tick.cars.length)
    tick.cars.forEach((car, n) => {
      writeUnit(car.at, this.#xyz, 3 * n)
      this.#placeOf.set(car.driverId, n)
    })
    for (const proposal of tick.proposals) {
      this.#rideOf.set(proposal.driverId, proposal.rideId)
      this.#proposalOf.set(proposal.rideId, proposal)
    }
    for (const join of tick.joined) {
      this.#rideOf.set(join.driverId, join.rideId)
      this.#joinOf.set(join.rideId, join)
    }
  }

  /** The look at one waiting ride, or at one that a nearer car might take over. Cost: three products a car. */
  at(ride: WaitingRide): Look {
    const { policy, nowMs, reachShare, cars } = this.#tick
    const radiusM = radiusOfRideM(policy, ride, { nowMs, share: reachShare })
    const proposal = this.#proposalOf.get(ride.rideId)
    const join = this.#joinOf.get(ride.rideId)
    const weighed = this.#weighedOf(ride.rideId)
    const gates: Partial<Record<Gate, number>> = {}
    const count = (gate: Gate, more = 1) => {
      if (more > 0) gates[gate] = (gates[gate] ?? 0) + more
    }
    const drivers: SeenDriver[] = []
    const apart = new Set<number>()
    for (const [driverId, candidate] of weighed) {
      const place = this.#placeOf.get(driverId)
      if (place === undefined) continue
      apart.add(place)
      const gate = this.#outcome(ride.rideId, driverId)
      count(gate)
      drivers.push(this.#row(cars[place]!, gate, candidate))
    }
    const chosenId = proposal?.driverId ?? join?.driverId ?? null
    const chosen = chosenId === null ? undefined : this.#placeOf.get(chosenId)
    // Whose turn it is may stand anywhere, and is the one to be told of.
    const alsoChosen = chosen === undefined || apart.has(chosen) ? [] : [chosen]
    for (const place of alsoChosen) apart.add(place)
    const { near, far } = this.#around(ride.pickup, { radiusM, apart })
    const asked = { ride, proposal, join, radiusM, wasWeighed: weighed.size > 0 }
    for (const place of [...alsoChosen, ...near]) count(this.#judge(asked, place).gate)
    count('too_far', far.length)
    const room = Math.max(0, MOST_LISTED - drivers.length - alsoChosen.length)
    const nearest = this.#nearest(near, room)
    for (const place of [...alsoChosen, ...nearest, ...this.#nearest(far, room - nearest.length)]) {
      const { gate, etaS } = this.#judge(asked, place)
      const costS = gate === 'chosen' && proposal?.zoneId !== undefined ? proposal.costS : null
      const distanceM = this.#distanceM(place)
      drivers.push(this.#row(cars[place]!, gate, { distanceM, etaS, costS, column: 0 }))
    }
    drivers.sort((a, b) => a.distanceM - b.distanceM || (a.driverId < b.driverId ? -1 : 1))
    return {
      ...{ rideId: ride.rideId, kind: this.#kind(proposal, join), driverId: chosenId, radiusM, gates },
      drivers,
    }
  }

  #kind(proposal: Proposal | undefined, join: Joined | undefined): LookKind {
    if (join !== undefined) return 'join'
    if (proposal !== undefined) return proposal.zoneId === undefined ? proposal.kind : 'turn'
    return this.#tick.isOffering ? 'none' : 'off'
  }

  #weighedOf(rideId: RideId): Map<DriverId, Candidate> {
    const weighed = this.#tick.weighed.get(rideId)
    return new Map(weighed?.candidates.map((candidate, n) => [weighed.driverIds[n]!, candidate]))
  }

  /** For who came through every gate: asked, promised to another ride, or neither. */
  #outcome(rideId: RideId, driverId: DriverId): Gate {
    const goesTo = this.#rideOf.get(driverId)
    if (goesTo === rideId) return 'chosen'
    return goesTo === undefined ? 'passed' : 'promised'
  }

  /** The first gate that drops a car nobody weighed; asked of the ride that was looked around last. */
  #judge(
    { ride, proposal, join, radiusM, wasWeighed }: Asked,
    place: number,
  ): { gate: Gate; etaS: number | null } {
    const { policy, nowMs, kept, pickupEtaS, cars } = this.#tick
    const car = cars[place]!
    const dropped = (gate: Gate) => ({ gate, etaS: null })
    const chosen = proposal ?? join
    // Whose turn it is, and who takes somebody along, may be far off and busy.
    if (chosen?.driverId === car.driverId) return { gate: 'chosen', etaS: chosen.pickupEtaS }
    if (this.#chords[place]! > chordSquared(radiusM)) return dropped('too_far')
    if (car.state !== 'free') return dropped(car.state)
    if ((car.classMask & ride.classMask) === 0) return dropped('class')
    if (car.seats < ride.seats) return dropped('seats')
    if ((car.attributes & ride.attributes) !== ride.attributes) return dropped('attributes')
    if (ride.excluded.has(car.driverId)) return dropped('asked_before')
    const etaS = pickupEtaS(this.#distanceM(place), car.at, ride.pickup)
    const outcome = this.#outcome(ride.rideId, car.driverId)
    if (outcome === 'promised') return { gate: outcome, etaS }
    if (proposal?.zoneId !== undefined) return { gate: 'not_their_turn', etaS }
    if (kept.has(car.driverId)) return { gate: 'kept_for_queue', etaS }
    if (join !== undefined) return { gate: 'sharing', etaS }
    if ((nowMs - ride.requestedAtMs) / 1_000 + etaS > policy.pickupWithinS) return { gate: 'too_late', etaS }
    return { gate: wasWeighed ? 'not_listed' : 'passed', etaS }
  }

  #row(
    car: SeenCar,
    gate: Gate,
    of: Pick<Candidate, 'distanceM' | 'column'> & { etaS: number | null; costS: number | null },
  ): SeenDriver {
    const { policy, nowMs } = this.#tick
    const goesTo = gate === 'promised' ? this.#rideOf.get(car.driverId) : undefined
    return {
      ...{ driverId: car.driverId, gate, state: car.state, at: car.at, headingDeg: car.headingDeg },
      ageS: Math.max(0, (nowMs - car.fixAtMs) / 1_000),
      ...{ distanceM: of.distanceM, etaS: of.etaS, costS: of.costS },
      pickupCostS: of.costS === null || of.etaS === null ? null : pickupCostS(policy, of.etaS),
      isSoonFree: of.column < 0,
      otherRideId: goesTo ?? null,
    }
  }

  /**
   * Places of the cars within the radius, and of those farther off that are still told of. Told apart by the square of
   * the chord, which grows with the great circle and needs no sine; it stays in `#chords` for this ride.
   */
  #around(at: LatLng, { radiusM, apart }: { radiusM: number; apart: ReadonlySet<number> }) {
    const point = new Float64Array(3)
    writeUnit(at, point, 0)
    const [x, y, z] = point as unknown as [number, number, number]
    const within = chordSquared(radiusM)
    const most = chordSquared(LOOKS_WIDER * Math.max(this.#tick.policy.radiusMaxM, radiusM))
    const near: number[] = []
    const far: number[] = []
    const xyz = this.#xyz
    for (let n = 0, i = 0; i < xyz.length; n++, i += 3) {
      const dx = xyz[i]! - x
      const dy = xyz[i + 1]! - y
      const dz = xyz[i + 2]! - z
      const chord = dx * dx + dy * dy + dz * dz
      this.#chords[n] = chord
      if (chord > most || apart.has(n)) continue
      if (chord <= within) near.push(n)
      else far.push(n)
    }
    return { near, far }
  }

  /** The nearest of these places, at most so many, in no order. */
  #nearest(places: readonly number[], most: number): readonly number[] {
    if (places.length <= most) return places
    if (most <= 0) return []
    const limit = Float64Array.from(places, (place) => this.#chords[place]!).sort()[most - 1]!
    return places.filter((place) => this.#chords[place]! <= limit).slice(0, most)
  }

  #distanceM(place: number): number {
    return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(this.#chords[place]!) / 2))
  }
}

/** A ride with what became of it, for the gates. */
interface Asked {
  readonly ride: WaitingRide
  readonly proposal: Proposal | undefined
  readonly join: Joined | undefined
  readonly radiusM: number
  readonly wasWeighed: boolean
}

/** Of a way of so many metres on the unit sphere. */
function chordSquared(wayM: number): number {
  const chord = 2 * Math.sin(Math.min(Math.PI, wayM / EARTH_RADIUS_M) / 2)
  return chord * chord
}

function writeUnit({ lat, lng }: LatLng, into: Float64Array, offset: number): void {
  const phi = (lat * Math.PI) / 180
  const lambda = (lng * Math.PI) / 180
  into[offset] = Math.cos(phi) * Math.cos(lambda)
  into[offset + 1] = Math.cos(phi) * Math.sin(lambda)
  into[offset + 2] = Math.sin(phi)
}

/** Two looks at a ride that say the same to who reads them; figures may have moved. */
export function tellsTheSame(a: Look, b: Look): boolean {
  if (a.kind !== b.kind || a.driverId !== b.driverId) return false
  // Each proposal is answered by itself, even where the next one names the same driver.
  if (a.kind !== 'none' && a.kind !== 'off' && a.kind !== 'hold') return false
  return emptiedAt(a.gates) === emptiedAt(b.gates)
}
