/** All a rider may know about their ride at this moment; the page, the push and the API are drawn from it. */
import type { Region } from '../companies/regions.ts'
import { findDriver, findVehicle } from '../drivers/drivers.ts'
import { waitsFromMs } from '../engine/booking.ts'
import { radiusOfRideM } from '../engine/decide.ts'
import { travel } from '../engine/eta.ts'
import { type CancellationTerms, noShowFromMs } from '../engine/fare.ts'
import type { FareReason } from '../engine/final-fare.ts'
import { hasOpenRun, isEnded } from '../engine/ride.ts'
import type { DriverId, LatLng, RideId } from '../engine/units.ts'
import type { Trouble } from '../engine/watchdog.ts'
import { tariffById } from '../fares/tariffs.ts'
import type { Db } from '../io/postgres.ts'
import type { StopKind } from '../io/tables/rides.ts'
import { paymentOfRide } from '../money/money.ts'
import type { Duty } from '../positions/duty.ts'
import type { Fleet } from '../positions/fleet.ts'
import { nextStopOf, type SharedStop } from '../positions/shared-runs.ts'
import { fareOfRide, type PaidWaiting, paidWaitingOf } from '../rides/final-fare.ts'
import { cancellationTermsOf, type LoadedRide } from '../rides/rides.ts'
import { startCodeOf } from '../rides/start-code.ts'
import { type LoadedStop, stopsOfRide } from '../rides/stops.ts'
import { lastQuestion, type WayQuestion } from '../rides/way-questions.ts'
import { type TravelDeps, travelIn } from '../roads/roads.ts'
import { alarmsOfRide, liveAlarmOf } from './alarms.ts'
import type { Hints } from './hints.ts'
import { offersOfRide } from './offers.ts'
import type { Outlook } from './outlook.ts'
import { policyOf } from './tick.ts'

export interface CarSeen extends LatLng {
  readonly headingDeg: number
  readonly seenAtMs: number
}

export interface AskedDriver {
  readonly driverId: DriverId
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
  /** Cars that did not come and had the ride taken from them, of a ride that waits; not in `asked`. */
  readonly lost: readonly { readonly kind: Trouble; readonly atMs: number }[]
  /** While nobody is asked, for a driver nearby who is finishing a ride is expected to be here sooner: when. */
  readonly waitsFor: { readonly etaS: number } | null
  readonly searchRadiusM: number
  readonly cancellation: CancellationTerms | null
  /** The car does not seem to come, and it is looked into; null while all is well. */
  readonly checking: { readonly kind: Trouble; readonly sinceMs: number; readonly actsAtMs: number } | null
  /** From when on the driver may report the rider missing. */
  readonly noShowFromMs: number | null
  /** While the driver waits: from when on it costs something. */
  readonly waiting: PaidWaiting | null
  /** What the rider says to the driver before the ride starts; null where nothing is asked, or it was said. */
  readonly startCode: string | null
  /** Of a ride that was driven: why it is not what was promised, if it is not. */
  readonly changes: readonly FareReason[]
  /** Another way that was asked for: the open question, or its answer while that is news. */
  readonly wayAsked: WayQuestion | null
  /** Between the two ends, in order. */
  readonly stops: readonly LoadedStop[]
  readonly payment: { kind: string; method: string; amountMinor: number; capturedAtMs: number } | null
  /** Null for a ride alone. Of the others in the car it says no more than that there are some. */
  readonly shared: {
    /** What the car does for somebody else before it comes to this rider's next stop. */
    readonly firstStop: StopKind | null
    readonly stopsBefore: number
    /** From this rider's pickup to their drop-off as planned; null once on board, and before there is a plan. */
    readonly aboardS: number | null
    /** The promise. */
    readonly latestAtMs: number
  } | null
}

export interface StateDeps extends TravelDeps {
  readonly db: Db
  readonly fleet: Fleet
  readonly outlook: Outlook
  readonly hints: Hints
}

export async function riderState(
  deps: StateDeps,
  { ride, region, nowMs }: { ride: LoadedRide; region: Region; nowMs: number },
): Promise<RiderState> {
  const { db, outlook } = deps
  const [driver, vehicle, offers, tariff, payment, alarm, alarms, fare, wayAsked, stops] = await Promise.all([
    ride.driver_id === null ? undefined : findDriver(db, ride.company_id, ride.driver_id),
    ride.vehicle_id === null ? undefined : findVehicle(db, ride.company_id, ride.vehicle_id),
    offersOfRide(db, ride.company_id, ride.id),
    tariffById(db, ride.company_id, ride.tariff_id),
    isEnded(ride.state) ? paymentOfRide(db, ride.company_id, ride.id) : undefined,
    liveAlarmOf(db, ride),
    ride.state === 'requested' ? alarmsOfRide(db, ride.company_id, ride.id) : [],
    ride.state === 'completed' ? fareOfRide(db, ride.company_id, ride.id) : undefined,
    lastQuestion(db, ride, nowMs),
    stopsOfRide(db, ride.company_id, ride.id),
  ])
  const lost = alarms.filter(({ outcome }) => outcome === 'reassigned')
  const losers = new Set(lost.map(({ driver_id }) => driver_id))
  const waiting = await paidWaitingOf(db, ride, tariff)
  const startCode = await startCodeOf(db, ride)
  const way = wayLeft(deps, ride, region)
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
    asked: offers
      .filter((offer) => offer.state !== 'accepted' || !losers.has(offer.driver_id))
      .map((offer) => ({
        driverId: offer.driver_id,
        atMs: offer.offered_at.getTime(),
        outcome: offer.state === 'pending' ? 'asking' : offer.state,
        pickupEtaS: offer.pickup_eta_s,
        expiresAtMs: offer.expires_at.getTime(),
        endedAtMs: offer.ended_at?.getTime() ?? null,
      })),
    lost: lost.map(({ kind, ended_at }) => ({ kind, atMs: ended_at?.getTime() ?? nowMs })),
    waitsFor: waitsFor(outlook, ride, offers, nowMs),
    searchRadiusM: radiusOfRideM(
      policyOf(region, nowMs),
      { requestedAtMs: ride.requested_at.getTime(), looksWide: ride.wider_at !== null },
      { nowMs, share: outlook.reachShare(region.id) },
    ),
    checking:
      alarm === undefined
        ? null
        : { kind: alarm.kind, sinceMs: alarm.since_at.getTime(), actsAtMs: alarm.acts_at.getTime() },
    cancellation: mayCancel ? cancellationTermsOf(tariff, ride, nowMs) : null,
    noShowFromMs:
      ride.state === 'arrived' && ride.arrived_at !== null
        ? noShowFromMs(tariff, waitsFromMs(ride.arrived_at.getTime(), ride.scheduled_for?.getTime() ?? null))
        : null,
    waiting,
    startCode: startCode === null || startCode.isOpen ? null : startCode.code,
    changes: fare?.reasons ?? [],
    wayAsked,
    stops,
    payment:
      payment === undefined
        ? null
        : {
            kind: payment.kind,
            method: payment.method,
            amountMinor: payment.amount_minor,
            capturedAtMs: payment.captured_at.getTime(),
          },
    shared: isEnded(ride.state) ? null : sharedWay(deps, ride, region),
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

/**
 * Where the car of an open run is, and how far it still has to its next stop for this ride; where riders share the car,
 * by way of the stops before.
 */
export function wayLeft(
  deps: Pick<StateDeps, 'fleet' | 'roads'>,
  ride: LoadedRide,
  region: Region,
): { car: CarSeen | null; etaS: number | null; distanceLeftM: number | null } {
  const car = ride.driver_id === null || !hasOpenRun(ride.state) ? undefined : deps.fleet.car(ride.driver_id)
  const position = car?.position ?? null
  if (car === undefined || position === null) return { car: null, etaS: null, distanceLeftM: null }
  const own =
    ride.state === 'in_progress'
      ? (car.duty.onBoard?.by[0] ?? { lat: ride.dropoff_lat, lng: ride.dropoff_lng })
      : { lat: ride.pickup_lat, lng: ride.pickup_lng }
  const model = travelIn(deps, region)
  const left = { durationS: 0, distanceM: 0 }
  let from: LatLng = position
  if (ride.state !== 'arrived')
    for (const stop of [...stopsBefore(car.duty, ride.id).map(({ at }) => at), own]) {
      const leg = travel(from, stop, model)
      left.durationS += leg.durationS
      left.distanceM += leg.distanceM
      from = stop
    }
  return {
    car: { lat: position.lat, lng: position.lng, headingDeg: position.headingDeg, seenAtMs: position.atMs },
    etaS: left.durationS,
    distanceLeftM: left.distanceM,
  }
}

/** Stops of others that the car makes before the next one of this ride. */
export function stopsBefore({ shared }: Pick<Duty, 'shared'>, rideId: RideId): readonly SharedStop[] {
  return shared === null ? [] : shared.stops.slice(0, Math.max(0, nextStopOf(shared, rideId)))
}

/** Of a shared ride that is under way: where the car goes first, and how long the way is after the pickup. */
function sharedWay(
  deps: Pick<StateDeps, 'fleet' | 'roads'>,
  ride: LoadedRide,
  region: Region,
): RiderState['shared'] {
  if (!ride.shared || ride.latest_dropoff_at === null) return null
  const duty = ride.driver_id === null ? undefined : deps.fleet.car(ride.driver_id)?.duty
  const before = duty === undefined ? [] : stopsBefore(duty, ride.id)
  const stops = duty?.shared?.stops ?? []
  const [first, last] = [
    nextStopOf({ stops }, ride.id),
    stops.findLastIndex((stop) => stop.rideId === ride.id),
  ]
  const model = travelIn(deps, region)
  let aboardS = 0
  for (let n = first + 1; n <= last; n++) aboardS += travel(stops[n - 1]!.at, stops[n]!.at, model).durationS
  return {
    firstStop: before[0]?.kind ?? null,
    stopsBefore: before.length,
    aboardS: last > first && first >= 0 ? aboardS : null,
    latestAtMs: ride.latest_dropoff_at.getTime(),
  }
}
