/** Quotes: a price for each class, stored and signed, promised until a time, and charged as promised. */
import type { Kysely, Selectable } from 'kysely'
import { type TravelModel, travel } from '../engine/eta.ts'
import { driverShareMinor, type FareLine, priceLeg } from '../engine/fare.ts'
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
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { QuoteRow } from '../io/tables/rides.ts'
import type { Tables } from '../io/tables.ts'
import type { Belongs } from '../web/reach.ts'
import { tariffsInForce } from './tariffs.ts'

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
  readonly seats: number
}

export interface QuoteDeps {
  readonly random: Random
  /** Signs the promise; the newest of the configured secrets. */
  readonly secret: string
  /** Seconds until the nearest free car of the class could be at the pickup; null when none is near. */
  readonly pickupEtaS: (
    regionId: RegionId,
    at: LatLng,
    vehicleClass: VehicleClass,
    seats: number,
  ) => number | null
}

/** Seats a car of the class takes; a request for more is not offered that class. */
export const CLASS_SEATS: Record<VehicleClass, number> = { standard: 4, accessible: 4, black: 3 }

/**
 * Price a request in every class that can take it and store the promises.
 * @returns the quotes of one set in the order of the classes; none if the region has no tariff in force
 */
export async function makeQuotes(
  unit: Work,
  deps: QuoteDeps,
  request: QuoteRequest & { readonly travelModel: TravelModel },
): Promise<LoadedQuote[]> {
  const at = new Date(unit.atMs)
  const tariffs = await tariffsInForce(unit.db, request.companyId, { regionId: request.regionId, at })
  const leg = travel(request.pickup, request.dropoff, request.travelModel)
  const setId = deps.random.uuid()
  const quotes = VEHICLE_CLASSES.flatMap((vehicleClass) => {
    const tariff = tariffs.find((candidate) => candidate.class === vehicleClass)
    if (tariff === undefined || request.seats > CLASS_SEATS[vehicleClass]) return []
    const fare = priceLeg(tariff, leg)
    const etaS = deps.pickupEtaS(request.regionId, request.pickup, vehicleClass, request.seats)
    const unsigned = {
      company_id: request.companyId,
      id: deps.random.uuid() as QuoteId,
      set_id: setId,
      region_id: request.regionId,
      rider_id: request.riderId,
      tariff_id: tariff.id,
      class: vehicleClass,
      seats: request.seats,
      pickup_lat: request.pickup.lat,
      pickup_lng: request.pickup.lng,
      pickup_label: request.pickup.label,
      dropoff_lat: request.dropoff.lat,
      dropoff_lng: request.dropoff.lng,
      dropoff_label: request.dropoff.label,
      distance_m: leg.distanceM,
      duration_s: leg.durationS,
      fare_minor: fare.totalMinor,
      driver_minor: driverShareMinor(fare, tariff.driverShareBasisPoints),
      currency: fare.currency,
      pickup_eta_s: etaS === null ? null : Math.round(etaS),
      created_at: at,
      expires_at: new Date(unit.atMs + QUOTE_HELD_MS),
    }
    return [
      { ...unsigned, lines: JSON.stringify(fare.lines), signature: sign(deps.secret, unsigned, fare.lines) },
    ]
  })
  if (quotes.length === 0) return []
  const stored = await unit.db.insertInto('quotes').values(quotes).returningAll().execute()
  return VEHICLE_CLASSES.flatMap((vehicleClass) => stored.filter((quote) => quote.class === vehicleClass))
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
    .limit(VEHICLE_CLASSES.length)
    .execute()
  return VEHICLE_CLASSES.flatMap((vehicleClass) => rows.filter((quote) => quote.class === vehicleClass))
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

export type QuoteRefusal = 'not_found' | 'expired' | 'altered'

/**
 * The promise a rider wants kept: found, theirs (or nobody's yet: then it becomes theirs), unexpired and as signed.
 * The row stays locked until the unit of work ends; that it is used only once, the ride's unique `quote_id` says.
 */
export async function claimQuote(
  unit: Work,
  secrets: readonly string[],
  { companyId, quoteId, riderId }: { companyId: CompanyId; quoteId: QuoteId; riderId: IdentityId },
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
  if (!secrets.some((secret) => sign(secret, quote, quote.lines) === quote.signature))
    return refuse('altered')
  if (unit.atMs >= quote.expires_at.getTime()) return refuse('expired')
  return ok(quote)
}

/** HMAC-SHA-256 over everything that makes the price, so that a row changed behind our back is not charged. */
function sign(
  secret: string,
  quote: Pick<
    LoadedQuote,
    | 'company_id'
    | 'id'
    | 'tariff_id'
    | 'class'
    | 'seats'
    | 'pickup_lat'
    | 'pickup_lng'
    | 'dropoff_lat'
    | 'dropoff_lng'
    | 'fare_minor'
    | 'driver_minor'
    | 'currency'
    | 'expires_at'
  >,
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
    ...lines.map((line) => `${line.code}:${line.amountMinor}`),
  ].join('|')
  return new Bun.CryptoHasher('sha256', secret).update(said).digest('base64url')
}
