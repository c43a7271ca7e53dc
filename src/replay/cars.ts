/** The cars of a replay: where each is, what it does, and how far it has driven for nothing. */

import { FleetIndex, type Traits } from '../engine/fleet-index.ts'
import { distanceM } from '../engine/geo.ts'
import { type SoonFree, secondsLeft } from '../engine/soon-free.ts'
import type { DriverId, LatLng } from '../engine/units.ts'
import { type Ground, plainGround } from './ground.ts'

/** A way a car has set out on, at an even pace. */
interface Way {
  readonly from: LatLng
  readonly to: LatLng
  readonly leftAtMs: number
  readonly arrivesAtMs: number
  readonly roadM: number
}

/** Standing free since then; on its way to where riders are expected; or on a ride, free again at about then and there. */
export type Doing =
  | { readonly type: 'resting'; readonly sinceMs: number }
  | { readonly type: 'going'; readonly to: LatLng }
  | { readonly type: 'riding'; readonly freeAtMs: number; readonly freeAt: LatLng }

/** Every vehicle of a replay is of one class and can take any ride. */
export const ONE_CLASS = 1
export const SEATS = 4

/**
 * Cars by their number, 0 to N - 1. Free cars stand still or reposition, and are found in `index` either way; busy
 * ones are not. One that repositions is taken to be where its way has led it by that moment.
 */
export class Cars {
  readonly index = new FleetIndex()
  /** Cars with a rider on board, each at the drop-off. */
  readonly #soon = new FleetIndex()
  readonly #rideOf = new Map<number, { readonly boardedAtMs: number; readonly plannedS: number }>()
  readonly #handles: number[] = []
  readonly #carOf = new Map<DriverId, number>()
  readonly #ways = new Map<number, Way>()
  /** Counts how often each car changed what it does; tells a happening set for an earlier state apart. */
  readonly #turns: number[] = []
  readonly #doing: Doing[] = []
  /** When each car's last ride ended; driving to where riders are expected is no work. */
  readonly #idleSinceMs: number[] = []
  readonly #ground: Ground
  repositioningM = 0
  /** How many cars could be sent on a ride. */
  free: number

  constructor(starts: readonly LatLng[], nowMs: number, ground: Ground = plainGround()) {
    this.#ground = ground
    this.free = starts.length
    starts.forEach((at, car) => {
      const { driverId, traits } = named(car)
      this.#carOf.set(driverId, car)
      this.#turns.push(0)
      this.#idleSinceMs.push(nowMs)
      this.#doing.push({ type: 'resting', sinceMs: nowMs })
      const handle = this.index.add(driverId, at, traits)
      this.index.setAvailable(handle, true)
      this.#handles.push(handle)
    })
  }

  driverOf(car: number): DriverId {
    return named(car).driverId
  }

  carOf(driverId: DriverId): number {
    return this.#carOf.get(driverId)!
  }

  idleSinceMs(driverId: DriverId): number {
    return this.#idleSinceMs[this.carOf(driverId)]!
  }

  turnOf(car: number): number {
    return this.#turns[car]!
  }

  /** What each car does, by its number. */
  get doing(): readonly Doing[] {
    return this.#doing
  }

  positionOf(car: number): LatLng {
    return this.index.positionOf(this.#handles[car]!)
  }

  /** Show the index where the repositioning cars are by now. */
  moveAlong(nowMs: number): void {
    for (const [car, way] of this.#ways) this.#moveTo(car, this.#alongWay(way, nowMs))
  }

  /** A free car is sent on a ride, to be free again at about `until`: it stops repositioning where it is. */
  take(car: number, nowMs: number, until: { readonly freeAtMs: number; readonly freeAt: LatLng }): void {
    this.#stop(car, nowMs)
    this.#doing[car] = { type: 'riding', ...until }
    this.#turns[car]!++
    this.free--
    this.index.setAvailable(this.#handles[car]!, false)
  }

  /** The rider got in, to be out again at `dropoff` after about so long. */
  board(car: number, ride: { dropoff: LatLng; boardedAtMs: number; plannedS: number }): void {
    const { driverId, traits } = named(car)
    const handle = this.#soon.add(driverId, ride.dropoff, traits)
    this.#soon.setAvailable(handle, true)
    this.#rideOf.set(handle, ride)
  }

  /** Who will be free soon, as far as one can know from the clock. */
  soonFree(nowMs: number): SoonFree {
    return {
      index: this.#soon,
      leftS: (handle) => {
        const { boardedAtMs, plannedS } = this.#rideOf.get(handle)!
        return secondsLeft({ plannedS, elapsedS: (nowMs - boardedAtMs) / 1_000, roadLeftS: null })
      },
    }
  }

  /** A car is free again at the end of a ride; one that made room for a nearer car has idled on. */
  release(car: number, at: LatLng, nowMs: number, { madeRoom = false } = {}): void {
    const onBoard = this.#soon.handleOf(named(car).driverId)
    if (onBoard >= 0) this.#soon.remove(onBoard)
    this.#moveTo(car, at)
    this.rest(car, nowMs)
    if (!madeRoom) this.#idleSinceMs[car] = nowMs
    this.#turns[car]!++
    this.free++
    this.index.setAvailable(this.#handles[car]!, true)
  }

  /** A free car sets out for a place where riders are expected; returns when it will be there. */
  reposition(car: number, to: LatLng, nowMs: number): number {
    const from = this.positionOf(car)
    const leg = this.#ground.leg(from, to)
    const arrivesAtMs = nowMs + Math.round(leg.durationS * 1_000)
    this.#ways.set(car, { from, to, leftAtMs: nowMs, arrivesAtMs, roadM: leg.distanceM })
    this.#doing[car] = { type: 'going', to }
    this.#turns[car]!++
    return arrivesAtMs
  }

  /** A repositioning car has come to where it was sent. */
  park(car: number, nowMs: number): void {
    this.#stop(car, nowMs)
    this.rest(car, nowMs)
    this.#turns[car]!++
  }

  /** A free car's rest begins now. */
  rest(car: number, nowMs: number): void {
    this.#doing[car] = { type: 'resting', sinceMs: nowMs }
  }

  straightM(car: number, to: LatLng): number {
    return distanceM(this.positionOf(car), to)
  }

  #stop(car: number, nowMs: number): void {
    const way = this.#ways.get(car)
    if (!way) return
    this.#ways.delete(car)
    this.#moveTo(car, this.#alongWay(way, nowMs))
    this.repositioningM += way.roadM * shareOfWay(way, nowMs)
  }

  #alongWay(way: Way, nowMs: number): LatLng {
    return this.#ground.along(way.from, way.to, shareOfWay(way, nowMs))
  }

  #moveTo(car: number, at: LatLng): void {
    this.index.move(this.#handles[car]!, at.lat, at.lng)
  }
}

function named(car: number): { driverId: DriverId; traits: Traits } {
  return {
    driverId: `driver-${String(car + 1).padStart(6, '0')}` as DriverId,
    traits: { classMask: ONE_CLASS, seats: SEATS, attributes: 0 },
  }
}

function shareOfWay(way: Way, nowMs: number): number {
  if (nowMs >= way.arrivesAtMs) return 1
  return (nowMs - way.leftAtMs) / (way.arrivesAtMs - way.leftAtMs)
}
