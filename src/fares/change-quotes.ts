/** The price of another way for a ride that has its price: all that made that price stays, but the way. */
import { driverShareMinor, lineMinor, priceTrip } from '../engine/fare.ts'
import { localTimeAt } from '../engine/tariff.ts'
import type { IdentityId, LatLng, QuoteId, VehicleClass } from '../engine/units.ts'
import { zonesOfWay } from '../engine/zone-way.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { type LoadedQuote, promisedFare, type QuotedPlace, type RoadLeg, sign } from './quotes.ts'
import type { NamedTariff } from './tariffs.ts'
import { shapesOfRules } from './zones.ts'

/** Shorter than for a new ride: the car drives on meanwhile, and the price counts from where it is. */
export const CHANGE_HELD_MS = 2 * 60_000

export interface ChangeRequest {
  /** The promise that holds now. */
  readonly promise: LoadedQuote
  readonly riderId: IdentityId
  /** The tariff version of that promise. */
  readonly tariff: NamedTariff
  /** All of the ride's, those already passed first. */
  readonly stops: readonly QuotedPlace[]
  readonly dropoff: QuotedPlace
  /** The whole way from the pickup; of a ride under way by where the car is now. */
  readonly leg: RoadLeg
  /** Where the way leads, both ends too, for where no road tells its line. */
  readonly places: readonly LatLng[]
  /** What a desk changes beside the way; left out, all of it stays. */
  readonly as?: ChangedTerms
}

/** What of a promise is another than it was; the tariff is then the one for it. */
export interface ChangedTerms {
  readonly pickup: QuotedPlace
  readonly class: VehicleClass
  readonly seats: number
  readonly attributes: number
  /** Null for as soon as one can. */
  readonly scheduledFor: Date | null
  readonly timeZone: string
  /** How long the price holds. */
  readonly heldMs: number
}

/**
 * Price another way and store the promise. Tariff version, hour, surge and code are those of the promise it would take
 * the place of, which it names; so it can be used once at most, and for that ride alone. What a code takes off is that
 * sum, whatever the fare comes to.
 */
export async function makeChangeQuote(
  unit: Work,
  { random, secret }: { random: Random; secret: string },
  { promise, riderId, tariff, stops, dropoff, leg, places, as }: ChangeRequest,
): Promise<LoadedQuote> {
  const promised = promisedFare(promise)
  const of = { companyId: promise.company_id, regionId: promise.region_id }
  const zones = zonesOfWay(await shapesOfRules(unit.db, of, [tariff]), [
    places[0]!,
    ...(leg.way ?? places),
    dropoff,
  ])
  const hour =
    as?.scheduledFor == null
      ? {}
      : { time: localTimeAt(as.scheduledFor.getTime(), as.timeZone), pickupAtMs: as.scheduledFor.getTime() }
  const fare = priceTrip(tariff, { ...promised.trip, ...(hour.time && { time: hour.time }), leg, zones })
  const offMinor = 0 - lineMinor(fare.lines, 'promo')
  const unsigned = {
    company_id: promise.company_id,
    id: random.uuid() as QuoteId,
    set_id: random.uuid(),
    region_id: promise.region_id,
    rider_id: riderId,
    tariff_id: tariff.id,
    class: as?.class ?? promise.class,
    seats: as?.seats ?? promise.seats,
    attributes: as?.attributes ?? promise.attributes,
    pickup_lat: as?.pickup.lat ?? promise.pickup_lat,
    pickup_lng: as?.pickup.lng ?? promise.pickup_lng,
    pickup_label: as?.pickup.label ?? promise.pickup_label,
    dropoff_lat: dropoff.lat,
    dropoff_lng: dropoff.lng,
    dropoff_label: dropoff.label,
    stops,
    replaces: promise.id,
    distance_m: leg.distanceM,
    duration_s: leg.durationS,
    fare_minor: fare.totalMinor,
    driver_minor: driverShareMinor(fare, tariff.driverShareBasisPoints),
    promo_id: offMinor === 0 ? null : promise.promo_id,
    promo_minor: offMinor,
    currency: promise.currency,
    pickup_eta_s: null,
    shared: false,
    shared_detour_s: null,
    shared_wait_s: null,
    scheduled_for: as === undefined ? promise.scheduled_for : as.scheduledFor,
    created_at: new Date(unit.atMs),
    expires_at: new Date(unit.atMs + (as?.heldMs ?? CHANGE_HELD_MS)),
    trip: promise.trip === null ? null : { ...promise.trip, ...hour, zones },
  }
  return unit.db
    .insertInto('quotes')
    .values({
      ...unsigned,
      stops: JSON.stringify(stops),
      trip: unsigned.trip === null ? null : JSON.stringify(unsigned.trip),
      lines: JSON.stringify(fare.lines),
      signature: sign(secret, unsigned, fare.lines),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}
