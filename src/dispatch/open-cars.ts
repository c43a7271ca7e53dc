/** Cars that shared riders are in, as the engine's pooling sees them. */
import type { PoolRun } from '../engine/pool-batch.ts'
import type { PoolRequest, Stop } from '../engine/run.ts'
import { assert, type LatLng, type RegionId, type RideId } from '../engine/units.ts'
import type { PlannedStop } from '../io/tables/rides.ts'
import { type Car, classMaskOf, type Fleet, POSITION_FRESH_MS, takesOffers } from '../positions/fleet.ts'
import type { SharedRun } from '../positions/shared-runs.ts'
import type { LoadedRide } from '../rides/rides.ts'

/** A car with shared riders in it and room for a thought about one more. */
export interface OpenCar {
  readonly car: Car
  readonly position: LatLng
  readonly shared: SharedRun
}

/** Those whose drivers work on, and whose place is known. */
export function openCars(fleet: Fleet, regionId: RegionId, nowMs: number): OpenCar[] {
  return [...fleet.cars(regionId)].flatMap((car) => {
    const open = openCar(car, car.duty.shared, nowMs)
    return open === null || !takesOffers(car, nowMs) ? [] : [open]
  })
}

/** Null while nobody knows where the car is, or where nobody shares it. */
export function openCar(car: Car, shared: SharedRun | null, nowMs: number): OpenCar | null {
  const { position } = car
  if (shared === null || position === null || nowMs - position.atMs > POSITION_FRESH_MS) return null
  return { car, position: { lat: position.lat, lng: position.lng }, shared }
}

/** Whether a car is of the class, and has what it must have. */
export function suits(
  { duty }: Car,
  wanted: { readonly classMask: number; readonly attributes: number },
): boolean {
  return (
    (classMaskOf(duty.vehicleClass) & wanted.classMask) !== 0 &&
    (duty.attributes & wanted.attributes) === wanted.attributes
  )
}

/** The stop where the driver waits for somebody at this moment: it comes first whatever else does. */
export function waitedAt({ stops }: SharedRun): SharedRun['stops'] {
  const [first] = stops
  return first?.kind === 'pickup' && first.state === 'arrived' ? [first] : []
}

/** A car as the engine sees it; a rider who is being waited for counts as on board, at the pickup. */
export function runOf({ position, shared }: OpenCar, nowMs: number): PoolRun<LatLng> {
  const waits = waitedAt(shared)
  const stops = shared.stops.slice(waits.length).map(
    ({ kind, rideId, at, seats, latestAtMs }): Stop<LatLng> => ({
      ...{ kind, rideId, at, seats },
      latestS: latestAtMs / 1000,
    }),
  )
  return {
    ...{ runId: shared.runId, from: waits[0]?.at ?? position, fromAtS: nowMs / 1000 },
    ...{ capacity: shared.seats, stops },
  }
}

/** All that is still to be driven, by names: who is waited for now, then the stops as the engine ordered them. */
export function plannedStops(shared: SharedRun, stops: readonly Stop<LatLng>[]): PlannedStop[] {
  return [...waitedAt(shared), ...stops].map(({ rideId, kind }) => ({ rideId: rideId as RideId, kind }))
}

/** The columns of a ride by which `poolRequestOf` asks. */
export const POOL_COLUMNS = [
  ...(['id', 'seats', 'pickup_lat', 'pickup_lng', 'dropoff_lat', 'dropoff_lng'] as const),
  ...(['requested_at', 'latest_pickup_at', 'latest_dropoff_at'] as const),
] as const

/** A shared ride as the engine asks for it. */
export function poolRequestOf(
  ride: Pick<LoadedRide, (typeof POOL_COLUMNS)[number]>,
): PoolRequest<LatLng> & { readonly rideId: RideId } {
  assert(ride.latest_pickup_at !== null && ride.latest_dropoff_at !== null, 'a shared ride has its promises')
  return {
    rideId: ride.id,
    pickup: { lat: ride.pickup_lat, lng: ride.pickup_lng },
    dropoff: { lat: ride.dropoff_lat, lng: ride.dropoff_lng },
    seats: ride.seats,
    requestedAtS: ride.requested_at.getTime() / 1000,
    latestPickupS: ride.latest_pickup_at.getTime() / 1000,
    latestDropoffS: ride.latest_dropoff_at.getTime() / 1000,
  }
}
