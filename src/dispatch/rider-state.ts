/** All a rider may know about their ride at this moment; the page, the push and the API are drawn from it. */
import type { Region } from '../companies/regions.ts'
import { findDriver, findVehicle } from '../drivers/drivers.ts'
import { searchRadiusM } from '../engine/decide.ts'
import { travel } from '../engine/eta.ts'
import { type CancellationTerms, cancellationTerms, noShowFromMs } from '../engine/fare.ts'
import { hasOpenRun, isEnded } from '../engine/ride.ts'
import type { LatLng } from '../engine/units.ts'
import { tariffById } from '../fares/tariffs.ts'
import type { Db } from '../io/postgres.ts'
import { paymentOfRide } from '../money/money.ts'
import type { Fleet } from '../positions/fleet.ts'
import type { LoadedRide } from '../rides/rides.ts'
import type { Hints } from './hints.ts'
import { offersOfRide } from './offers.ts'
import type { Outlook } from './outlook.ts'
import { policyOf } from './tick.ts'

export interface CarSeen extends LatLng {
  readonly headingDeg: number
  readonly seenAtMs: number
}

export interface AskedDriver {
  readonly atMs: number
  readonly outcome: 'asking' | 'declined' | 'expired' | 'withdrawn' | 'accepted'
  readonly pickupEtaS: number
  readonly expiresAtMs: number
  readonly endedAtMs: number | null
}

export interface RiderState {
  readonly ride: LoadedRide
  readonly nowMs: number
  readonly driver: { name: string; callSign: string } | null
  readonly vehicle: { makeModel: string; colour: string; plate: string } | null
  /** Only while the run is open: rights to a position end with the ride. */
  readonly car: CarSeen | null
  /** Seconds to the pickup before boarding, to the drop-off after; null while nobody knows. */
  readonly etaS: number | null
  /** Road metres to the same point. */
  readonly distanceLeftM: number | null
  readonly asked: readonly AskedDriver[]
  /** While nobody is asked, for a driver nearby who is finishing a ride is expected to be here sooner: when. */
  readonly waitsFor: { readonly etaS: number } | null
  readonly searchRadiusM: number
  readonly cancellation: CancellationTerms | null
  /** From when on the driver may report the rider missing. */
  readonly noShowFromMs: number | null
  readonly payment: { kind: string; method: string; amountMinor: number; capturedAtMs: number } | null
}

export interface StateDeps {
  readonly db: Db
  readonly fleet: Fleet
  readonly outlook: Outlook
  readonly hints: Hints
}

export async function riderState(
  { db, fleet, outlook }: StateDeps,
  { ride, region, nowMs }: { ride: LoadedRide; region: Region; nowMs: number },
): Promise<RiderState> {
  const [driver, vehicle, offers, tariff, payment] = await Promise.all([
    ride.driver_id === null ? undefined : findDriver(db, ride.company_id, ride.driver_id),
    ride.vehicle_id === null ? undefined : findVehicle(db, ride.company_id, ride.vehicle_id),
    offersOfRide(db, ride.company_id, ride.id),
    tariffById(db, ride.company_id, ride.tariff_id),
    isEnded(ride.state) ? paymentOfRide(db, ride.company_id, ride.id) : undefined,
  ])
  const way = wayLeft(fleet, ride, region)
  const mayCancel = !isEnded(ride.state) && ride.state !== 'in_progress'
  return {
    ride,
    nowMs,
    driver: driver === undefined ? null : { name: driver.name, callSign: driver.call_sign },
    vehicle:
      vehicle === undefined
        ? null
        : { makeModel: vehicle.make_model, colour: vehicle.colour, plate: vehicle.plate },
    ...way,
    asked: offers.map((offer) => ({
      atMs: offer.offered_at.getTime(),
      outcome: offer.state === 'pending' ? 'asking' : offer.state,
      pickupEtaS: offer.pickup_eta_s,
      expiresAtMs: offer.expires_at.getTime(),
      endedAtMs: offer.ended_at?.getTime() ?? null,
    })),
    waitsFor: waitsFor(outlook, ride, offers, nowMs),
    searchRadiusM: searchRadiusM(
      policyOf(region, nowMs),
      nowMs - ride.requested_at.getTime(),
      outlook.reachShare(region.id),
    ),
    cancellation: mayCancel
      ? cancellationTerms(
          tariff,
          {
            state: ride.state,
            assignedAtMs: ride.assigned_at?.getTime() ?? null,
            fareMinor: ride.fare_minor,
          },
          nowMs,
        )
      : null,
    noShowFromMs:
      ride.state === 'arrived' && ride.arrived_at !== null
        ? noShowFromMs(tariff, ride.arrived_at.getTime())
        : null,
    payment:
      payment === undefined
        ? null
        : {
            kind: payment.kind,
            method: payment.method,
            amountMinor: payment.amount_minor,
            capturedAtMs: payment.captured_at.getTime(),
          },
  }
}

function waitsFor(
  outlook: Outlook,
  ride: LoadedRide,
  offers: readonly { state: string }[],
  nowMs: number,
): RiderState['waitsFor'] {
  if (ride.state !== 'requested' || offers.some(({ state }) => state === 'pending')) return null
  const held = outlook.heldFor(ride.region_id, ride.id)
  return held === null ? null : { etaS: Math.max(0, (held.pickupAtMs - nowMs) / 1_000) }
}

/** Where the car of an open run is, and how far it still has to its next stop. */
export function wayLeft(
  fleet: Fleet,
  ride: LoadedRide,
  region: Region,
): { car: CarSeen | null; etaS: number | null; distanceLeftM: number | null } {
  const position =
    ride.driver_id === null || !hasOpenRun(ride.state) ? null : (fleet.car(ride.driver_id)?.position ?? null)
  if (position === null) return { car: null, etaS: null, distanceLeftM: null }
  const stop =
    ride.state === 'in_progress'
      ? { lat: ride.dropoff_lat, lng: ride.dropoff_lng }
      : { lat: ride.pickup_lat, lng: ride.pickup_lng }
  const leg = travel(position, stop, region.travel)
  return {
    car: { lat: position.lat, lng: position.lng, headingDeg: position.headingDeg, seenAtMs: position.atMs },
    etaS: ride.state === 'arrived' ? 0 : leg.durationS,
    distanceLeftM: ride.state === 'arrived' ? 0 : leg.distanceM,
  }
}
