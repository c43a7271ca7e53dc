/** Quotes: a price for each class, stored and signed, promised until a time, and charged as promised. */
import type { Kysely, Selectable } from 'kysely'
import type { Sharing } from '../companies/regions.ts'
import type { TravelModel } from '../engine/eta.ts'
import { driverShareMinor, type FareLine, type Leg, lineMinor, priceTrip } from '../engine/fare.ts'
import type { PromisedFare } from '../engine/final-fare.ts'
import { localTimeAt, NO_ZONES } from '../engine/tariff.ts'
import {
  type CompanyId,
  type IdentityId,
  type LatLng,
  ok,
  type QuoteId,
  type RegionId,
  type Result,
  refuse,
  VEHICLE_CLASSES,
  type VehicleClass,
} from '../engine/units.ts'
import { zonesOfWay } from '../engine/zone-way.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { QuotedSurge, QuotedTrip, QuoteRow } from '../io/tables/rides.ts'
import type { Tables } from '../io/tables.ts'
import type { Belongs } from '../web/reach.ts'
import type { UsablePromo } from './promos.ts'
import { tariffsInForce } from './tariffs.ts'
import { travelThrough } from './through.ts'
import { shapesOfRules } from './zones.ts'

/** Long enough to compare and decide, short enough that traffic and demand are still the same. */
export const QUOTE_HELD_MS = 5 * 60_000

export type LoadedQuote = Selectable<QuoteRow>

export interface QuotedPlace extends LatLng {
  readonly label: string
}

export interface QuoteRequest {
  readonly companyId: CompanyId
  readonly regionId: RegionId
  readonly riderId: IdentityId | null
  readonly pickup: QuotedPlace
  readonly dropoff: QuotedPlace
  /** Where the car stops in between, in order; none unless given. */
  readonly stops?: readonly QuotedPlace[] | undefined
  readonly seats: number
  /** What the car must have, in bits; left out, nothing. */
  readonly attributes?: number
  /** The region's: the tables by time go by its wall. */
  readonly timeZone: string
  /** Used where no leg is given. */
  readonly travelModel: TravelModel
  /** Null where rides are not shared. */
  readonly sharing: Sharing | null
  /** The way by road, from whoever knows it; its line decides which zones it crosses. */
  readonly leg?: RoadLeg | undefined
  /** When the ride is to begin, epoch ms: for one booked ahead. Left out: now. */
  readonly pickupAtMs?: number | undefined
  /** How much busier it is for a class; held as long as the quote. */
  readonly surge?: ((vehicleClass: VehicleClass) => QuotedSurge | null) | undefined
  /** A code that may be used, as it is taken off each of the prices. */
  readonly promo?: UsablePromo | undefined
}

/** A leg with the line it takes, in order; the two ends need not be in it. */
export interface RoadLeg extends Leg {
  readonly way?: readonly LatLng[]
}

export interface QuoteDeps {
  readonly random: Random
  /** Signs the promise; the newest of the configured secrets. */
  readonly secret: string
  /** Seconds until the nearest free car of the class could be at the pickup; null when none is near. */
  readonly pickupEtaS: (regionId: RegionId, at: LatLng, wanted: CarWanted) => number | null
}

/** What a car must be to take a ride. */
export interface CarWanted {
  readonly vehicleClass: VehicleClass
  readonly seats: number
  /** In bits. */
  readonly attributes: number
}

/** Seats a car of the class takes; a request for more is not offered that class. */
export const CLASS_SEATS: Record<VehicleClass, number> = { standard: 4, accessible: 4, black: 3 }

/**
 * Price a request in every class that can take it and store the promises. The tariff is the one in force when the ride
 * begins, and so are its tables; zones are looked up as they are drawn now.
 * @returns the quotes of one set in the order of the classes; none if the region has no tariff in force then
 */
export async function makeQuotes(unit: Work, deps: QuoteDeps, request: QuoteRequest): Promise<LoadedQuote[]> {
  const pickupAtMs = request.pickupAtMs ?? unit.atMs
  const tariffs = await tariffsInForce(unit.db, request.companyId, {
    regionId: request.regionId,
    at: new Date(pickupAtMs),
  })
  const { stops = [] } = request
  const leg = request.leg ?? travelThrough([request.pickup, ...stops, request.dropoff], request.travelModel)
  const shapes = await shapesOfRules(unit.db, request, tariffs)
  const trip = {
    pickupAtMs,
    timeZone: request.timeZone,
    time: localTimeAt(pickupAtMs, request.timeZone),
    zones: zonesOfWay(shapes, wayOf(request)),
  }
  const at = new Date(unit.atMs)
  const scheduledFor = request.pickupAtMs === undefined ? null : new Date(request.pickupAtMs)
  const setId = deps.random.uuid()
  const quotes = VEHICLE_CLASSES.flatMap((vehicleClass) => {
    const tariff = tariffs.find((candidate) => candidate.class === vehicleClass)
    if (tariff === undefined || request.seats > CLASS_SEATS[vehicleClass]) return []
    // Surge is of this hour, and says nothing of the one booked for.
    const surge = scheduledFor === null ? (request.surge?.(vehicleClass) ?? null) : null
    const etaS =
      scheduledFor === null
        ? deps.pickupEtaS(request.regionId, request.pickup, {
            ...{ vehicleClass, seats: request.seats, attributes: request.attributes ?? 0 },
          })
        : null
    const common = {
      company_id: request.companyId,
      set_id: setId,
      region_id: request.regionId,
      rider_id: request.riderId,
      tariff_id: tariff.id,
      class: vehicleClass,
      seats: request.seats,
      attributes: request.attributes ?? 0,
      pickup_lat: request.pickup.lat,
      pickup_lng: request.pickup.lng,
      pickup_label: request.pickup.label,
      dropoff_lat: request.dropoff.lat,
      dropoff_lng: request.dropoff.lng,
      dropoff_label: request.dropoff.label,
      distance_m: leg.distanceM,
      duration_s: leg.durationS,
      currency: tariff.currency,
      pickup_eta_s: etaS === null ? null : Math.round(etaS),
      scheduled_for: scheduledFor,
      created_at: at,
      expires_at: new Date(unit.atMs + QUOTE_HELD_MS),
      stops,
      trip: { ...trip, surge } satisfies QuotedTrip,
    }
    return waysToGo(request).map(({ sharedDiscountBasisPoints, ...way }) => {
      const fare = priceTrip(tariff, {
        ...{ leg, time: trip.time, zones: trip.zones },
        ...{ surge, sharedDiscountBasisPoints, promo: request.promo?.terms },
      })
      const unsigned = {
        ...common,
        ...way,
        id: deps.random.uuid() as QuoteId,
        fare_minor: fare.totalMinor,
        driver_minor: driverShareMinor(fare, tariff.driverShareBasisPoints),
        ...offBy(request.promo, fare.lines),
      }
      const signature = sign(deps.secret, unsigned, fare.lines)
      return {
        ...unsigned,
        stops: JSON.stringify(stops),
        trip: JSON.stringify(unsigned.trip),
        lines: JSON.stringify(fare.lines),
        signature,
      }
    })
  })
  if (quotes.length === 0) return []
  const stored = await unit.db.insertInto('quotes').values(quotes).returningAll().execute()
  return inOrder(stored)
}

/** The line of the ride as far as it is known: the road's, else straight. */
function wayOf({ leg, pickup, dropoff, stops = [] }: QuoteRequest): readonly LatLng[] {
  const line = leg?.way ?? stops
  return [pickup, ...line, dropoff]
}

/** What a code takes off; a code that takes off nothing is not used up. */
function offBy(promo: UsablePromo | undefined, lines: readonly FareLine[]) {
  const offMinor = 0 - lineMinor(lines, 'promo')
  return { promo_id: offMinor === 0 ? null : (promo?.id ?? null), promo_minor: offMinor }
}

interface Way {
  readonly shared: boolean
  readonly shared_detour_s: number | null
  readonly shared_wait_s: number | null
  readonly sharedDiscountBasisPoints?: number
}

/** Alone; and where the region has it and the seats suffice, sharing the car with others. */
function waysToGo({
  sharing,
  seats,
  pickupAtMs,
  stops = [],
}: Pick<QuoteRequest, 'sharing' | 'seats' | 'pickupAtMs' | 'stops'>): Way[] {
  const ways: Way[] = [{ shared: false, shared_detour_s: null, shared_wait_s: null }]
  // A party that takes all seats has nobody to share with; and who will be on the road later, nobody knows. Nobody waits
  // in a car while another runs an errand.
  if (sharing !== null && seats < sharing.seats && pickupAtMs === undefined && stops.length === 0)
    ways.push({
      shared: true,
      shared_detour_s: sharing.detourS,
      shared_wait_s: sharing.waitS,
      sharedDiscountBasisPoints: sharing.discountBasisPoints,
    })
  return ways
}

/** Class by class, alone before shared. */
function inOrder(quotes: readonly LoadedQuote[]): LoadedQuote[] {
  return VEHICLE_CLASSES.flatMap((vehicleClass) =>
    [false, true].flatMap((shared) =>
      quotes.filter((quote) => quote.class === vehicleClass && quote.shared === shared),
    ),
  )
}

/** By when a shared rider is there at the latest, epoch ms; null for a ride alone. */
export function arriveByMs(
  quote: Pick<LoadedQuote, 'created_at' | 'duration_s' | 'shared_detour_s' | 'shared_wait_s'>,
): number | null {
  if (quote.shared_detour_s === null || quote.shared_wait_s === null) return null
  // Whole seconds, in favour of the promise.
  const longestS = Math.ceil(quote.duration_s) + quote.shared_wait_s + quote.shared_detour_s
  return quote.created_at.getTime() + longestS * 1000
}

/** Whose a quote is: of the rider who asked for it, or of nobody yet. */
export function quotesThing(quote: Pick<LoadedQuote, 'company_id' | 'rider_id'>): Belongs {
  return { companyId: quote.company_id, ownerId: quote.rider_id }
}

/** The quotes of one set, for the page that lets a rider choose. */
export async function quoteSet(
  db: Kysely<Tables>,
  companyId: CompanyId,
  setId: string,
): Promise<LoadedQuote[]> {
  const rows = await db
    .selectFrom('quotes')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('set_id', '=', setId)
    .limit(2 * VEHICLE_CLASSES.length)
    .execute()
  return inOrder(rows)
}

export function findQuote(
  db: Kysely<Tables>,
  companyId: CompanyId,
  quoteId: QuoteId,
): Promise<LoadedQuote | undefined> {
  return db
    .selectFrom('quotes')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('id', '=', quoteId)
    .executeTakeFirst()
}

/** A quote as the end of its ride is reckoned by. */
export function promisedFare(quote: LoadedQuote): PromisedFare {
  const { trip, lines } = quote
  const lineOf = (code: FareLine['code']) => lines.find((line) => line.code === code)
  return {
    lines,
    totalMinor: quote.fare_minor,
    dropoff: { lat: quote.dropoff_lat, lng: quote.dropoff_lng },
    trip: {
      leg: { distanceM: quote.distance_m, durationS: quote.duration_s },
      time: trip?.time ?? null,
      zones: trip?.zones ?? NO_ZONES,
      surge: trip?.surge ?? null,
      sharedDiscountBasisPoints: lineOf('shared')?.quantity,
      // What the code took off is promised as a sum, whatever the fare comes to.
      promo:
        quote.promo_minor === 0 ? null : { code: lineOf('promo')?.name ?? '', offMinor: quote.promo_minor },
    },
  }
}

export type QuoteRefusal = 'not_found' | 'expired' | 'altered'

/**
 * The promise a rider wants kept: found, theirs (or nobody's yet: then it becomes theirs), unexpired and as signed.
 * The row stays locked until the unit of work ends; that it is used only once, the ride's unique `quote_id` says.
 * @param claim.replaces the promise that it is to take the place of; a price for another way is none for a new ride
 */
export async function claimQuote(
  unit: Work,
  secrets: readonly string[],
  {
    companyId,
    quoteId,
    riderId,
    replaces = null,
  }: { companyId: CompanyId; quoteId: QuoteId; riderId: IdentityId; replaces?: QuoteId | null },
): Promise<Result<LoadedQuote, QuoteRefusal>> {
  const quote = await unit.db
    .selectFrom('quotes')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('id', '=', quoteId)
    .forUpdate()
    .executeTakeFirst()
  if (quote === undefined || (quote.rider_id !== null && quote.rider_id !== riderId))
    return refuse('not_found')
  if (quote.replaces !== replaces) return refuse('not_found')
  if (!secrets.some((secret) => sign(secret, quote, quote.lines) === quote.signature))
    return refuse('altered')
  if (unit.atMs >= quote.expires_at.getTime()) return refuse('expired')
  return ok(quote)
}

/** HMAC-SHA-256 over everything that makes the price, so that a row changed behind our back is not charged. */
export function sign(
  secret: string,
  quote: Pick<
    LoadedQuote,
    | 'company_id'
    | 'id'
    | 'tariff_id'
    | 'class'
    | 'seats'
    | 'attributes'
    | 'pickup_lat'
    | 'pickup_lng'
    | 'dropoff_lat'
    | 'dropoff_lng'
    | 'fare_minor'
    | 'driver_minor'
    | 'currency'
    | 'expires_at'
    | 'shared'
    | 'shared_detour_s'
    | 'shared_wait_s'
    | 'scheduled_for'
    | 'stops'
    | 'trip'
    | 'promo_id'
    | 'promo_minor'
  > & { readonly replaces?: QuoteId | null },
  lines: readonly FareLine[],
): string {
  const said = [
    quote.company_id,
    quote.id,
    quote.tariff_id,
    quote.class,
    quote.seats,
    quote.pickup_lat,
    quote.pickup_lng,
    quote.dropoff_lat,
    quote.dropoff_lng,
    quote.fare_minor,
    quote.driver_minor,
    quote.currency,
    quote.expires_at.getTime(),
    ...(quote.scheduled_for === null ? [] : ['later', quote.scheduled_for.getTime()]),
    ...(quote.attributes === 0 ? [] : ['needs', quote.attributes]),
    ...(quote.shared ? ['shared', quote.shared_detour_s, quote.shared_wait_s] : []),
    ...quote.stops.flatMap(({ lat, lng }) => ['stop', lat, lng]),
    ...(quote.replaces == null ? [] : ['replaces', quote.replaces]),
    ...(quote.trip === null ? [] : saidOfTrip(quote.trip)),
    ...(quote.promo_id === null ? [] : ['promo', quote.promo_id, quote.promo_minor]),
    ...lines.map(
      (line) => `${line.code}:${line.amountMinor}${line.name === undefined ? '' : `:${line.name}`}`,
    ),
  ].join('|')
  return new Bun.CryptoHasher('sha256', secret).update(said).digest('base64url')
}

/** Part by part, as the database gives back an object's fields in an order of its own. */
function saidOfTrip({ pickupAtMs, timeZone, time, zones, surge }: QuotedTrip): (string | number)[] {
  return [
    ...['trip', pickupAtMs, timeZone, time.day, time.weekday, time.minute],
    ...[zones.pickup, zones.dropoff, zones.crossed].map((ids) => ids.join(' ')),
    ...(surge === null ? [] : ['surge', surge.factorBasisPoints ?? '', surge.addMinor ?? '']),
  ]
}
