/** The drivers of one region with a rider on board, by where they will let them out, and when. */
import { type TravelModel, travel } from '../engine/eta.ts'
import { FleetIndex, type Handle, type Traits } from '../engine/fleet-index.ts'
import { type SoonFree, secondsLeft } from '../engine/soon-free.ts'
import type { DriverId, LatLng } from '../engine/units.ts'

/** The ride that a driver is on, as far as its end goes. */
export interface RideUnderWay {
  readonly boardedAtMs: number
  /** Stops ahead before it. */
  readonly by: readonly LatLng[]
  readonly dropoff: LatLng
  /** As planned, from pickup to drop-off. */
  readonly durationS: number
}

/** Kept by the fleet: who is on board is put in at every look, with what is left of the ride by then. */
export class DropOffs implements SoonFree {
  readonly index = new FleetIndex()
  readonly #leftS: number[] = []

  readonly leftS = (handle: Handle): number => this.#leftS[handle]!

  put(driverId: DriverId, at: LatLng, traits: Traits, leftS: number): void {
    let handle = this.index.handleOf(driverId)
    if (handle < 0) {
      handle = this.index.add(driverId, at, traits)
      this.index.setAvailable(handle, true)
    } else {
      this.index.move(handle, at.lat, at.lng)
      this.index.setTraits(handle, traits)
    }
    this.#leftS[handle] = leftS
  }

  forget(driverId: DriverId): void {
    const handle = this.index.handleOf(driverId)
    if (handle >= 0) this.index.remove(handle)
  }
}

/**
 * Seconds until the rider on board is at the drop-off.
 * @param seenAt where the car is; null while that is not known well enough, and the clock must do
 */
export function rideLeftS(
  ride: RideUnderWay,
  seenAt: LatLng | null,
  model: TravelModel,
  nowMs: number,
): number {
  return secondsLeft({
    plannedS: ride.durationS,
    elapsedS: (nowMs - ride.boardedAtMs) / 1_000,
    roadLeftS: seenAt === null ? null : roadLeftS(seenAt, [...ride.by, ride.dropoff], model),
  })
}

function roadLeftS(from: LatLng, places: readonly LatLng[], model: TravelModel): number {
  return places.reduce((sum, at, n) => sum + travel(n === 0 ? from : places[n - 1]!, at, model).durationS, 0)
}
